"""Where the files of `resources/` are, in a wheel, an editable install, or a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_ROOTS = (_PACKAGE / "_resources", _PACKAGE.parent / "resources")


def resource(*parts: str) -> Path:
    """Return the path of one file of `resources/`.

    Raises
    ------
    FileNotFoundError
        The installation lacks it.
    """
    for root in _ROOTS:
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError(f"gtview is installed without its file {'/'.join(parts)}")
