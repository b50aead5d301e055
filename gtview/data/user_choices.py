"""What the user told us about an export, remembered in the user's own folder, never inside it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from ..base.errors import UsageError
from ..base.settings import SettingsFile

_FILE = "exports"
_GAIN = "uv_per_bit"
_RAW = "raw_path"
_BLIND = "blind"


def remembered_gain(folder: Path) -> float | None:
    """Return the microvolts per unit of the raw file that the user set for an export."""
    value = _choices(SettingsFile(_FILE), folder).get(_GAIN)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if _is_gain(value) else None


def remember_gain(folder: Path, uv_per_bit: float | None) -> None:
    """Remember the microvolts per unit of the raw file of an export; None forgets them.

    Raises
    ------
    UsageError
        It is not a positive number.
    """
    if uv_per_bit is not None and not _is_gain(uv_per_bit):
        raise UsageError("The gain must be a positive number of microvolts per bit.")
    _remember(folder, _GAIN, uv_per_bit)


def remembered_raw(folder: Path) -> Path | None:
    """Return the raw file that the user located for an export; it may be gone by now."""
    value = _choices(SettingsFile(_FILE), folder).get(_RAW)
    return Path(value) if isinstance(value, str) and value else None


def remember_raw(folder: Path, path: Path | None) -> None:
    """Remember where the raw file of an export is; None forgets it."""
    _remember(folder, _RAW, None if path is None else str(path.resolve()))


def is_blind(folder: Path) -> bool:
    """Tell whether the user asked that the ground truth of an export be hidden."""
    return _choices(SettingsFile(_FILE), folder).get(_BLIND) is True


def remember_blind(folder: Path, hidden: bool) -> None:
    """Remember whether the ground truth of an export is hidden."""
    _remember(folder, _BLIND, True if hidden else None)


def _is_gain(value: float) -> bool:
    return math.isfinite(value) and value > 0


def _choices(settings: SettingsFile, folder: Path) -> dict[str, Any]:
    value = settings.get(str(folder.resolve()))
    return dict(value) if isinstance(value, dict) else {}


def _remember(folder: Path, key: str, value: float | str | None) -> None:
    # Read anew each time: another window may have written meanwhile.
    settings = SettingsFile(_FILE)
    choices = _choices(settings, folder)
    choices.pop(key, None)
    if value is not None:
        choices[key] = value
    settings.set(str(folder.resolve()), choices)
