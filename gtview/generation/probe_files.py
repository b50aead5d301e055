"""Reads probes from files, and from the probeinterface library."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from .problems import Problem, RecipeError

# A probe file is small; a recording that was named by mistake is not.
_MAX_BYTES = 50_000_000


def read_probe_file(path: Path | str) -> Any:
    """Read the first probe of a file: probeinterface JSON, PRB, IMRO, or SpikeGLX meta.

    Raises
    ------
    RecipeError
        It is missing, damaged, or of another kind.
    """
    path = Path(path).expanduser()
    readers = {".json": _read_json, ".prb": _read_prb, ".imro": _read_imro, ".meta": _read_meta}
    reader = readers.get(path.suffix.casefold())
    if reader is None:
        raise _refuse(f"must be a .json, .prb, .imro or .meta file (it is {path.name!r})")
    if not path.is_file():
        raise _refuse(f"names no file ({path})")
    if path.stat().st_size > _MAX_BYTES:
        raise _refuse(f"names a file that is too large for a probe ({path.name})")
    try:
        probe = reader(path)
        n_contacts = int(probe.get_contact_count())
    except RecipeError:
        raise
    except Exception as error:
        # The readers of probeinterface raise nearly anything.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise _refuse(f"names a probe file that cannot be read ({path.name}: {reason})") from error
    if n_contacts < 1:
        raise _refuse(f"names a probe without contacts ({path.name})")
    return probe


def _refuse(message: str) -> RecipeError:
    return RecipeError([Problem("probe.path", message)])


def _first(group: Any) -> Any:
    if not group.probes:
        raise _refuse("names a file without a probe")
    return group.probes[0]


def _read_json(path: Path) -> Any:
    from probeinterface import read_probeinterface

    return _first(read_probeinterface(path))


def _read_prb(path: Path) -> Any:
    import ast

    # probeinterface would run the file: it is Python. A probe is one assignment of literals.
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for statement in tree.body:
        if not isinstance(statement, (ast.Assign, ast.Expr)):
            raise _refuse(f"names a PRB file that is a program, which is not run ({path.name})")
    found = {
        target.id: ast.literal_eval(statement.value)
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    return _from_groups(found["channel_groups"])


def _from_groups(groups: Any) -> Any:
    """Return one probe of the channel groups of a PRB file; each group is a shank."""
    import numpy as np
    from probeinterface import Probe

    positions, shanks = [], []
    for name, group in groups.items():
        geometry = group["geometry"]
        items = geometry.items() if isinstance(geometry, dict) else enumerate(geometry)
        places = dict(items)
        for channel in group.get("channels", tuple(places)):
            positions.append(places[channel])
            shanks.append(str(name))
    probe = Probe(ndim=2, si_units="um")
    probe.set_contacts(
        positions=np.array(positions, float).reshape(-1, 2),
        shapes="circle",
        shape_params={"radius": 6},
        shank_ids=shanks if len(groups) > 1 else None,
    )
    return probe


def _read_imro(path: Path) -> Any:
    from probeinterface import read_imro

    return read_imro(path)


def _read_meta(path: Path) -> Any:
    from probeinterface import read_spikeglx

    return read_spikeglx(path)


def read_library_probe(manufacturer: str, name: str) -> Any:
    """Read a probe of the probeinterface library; kept in the user's cache.

    Raises
    ------
    RecipeError
        There is no such probe, or no network.
    """
    from urllib.error import HTTPError

    from probeinterface import get_probe

    field = "probe.name"
    if not all(_is_plain(part) for part in (manufacturer, name)):
        raise RecipeError([Problem(field, f"is no name of a probe ({manufacturer}/{name})")])
    try:
        return get_probe(manufacturer, name)
    except HTTPError as error:
        message = f"is not in the probeinterface library ({manufacturer}/{name})"
        raise RecipeError([Problem(field, message)]) from error
    except OSError as error:
        message = (
            f"is a probe of the probeinterface library ({manufacturer}/{name}), which cannot be "
            "reached now: check the network, or save the probe as a file and use that"
        )
        raise RecipeError([Problem(field, message)]) from error
    except ValueError as error:
        # A download that broke off leaves an empty file, which would be found for ever.
        _forget(manufacturer, name)
        message = f"was not received whole ({manufacturer}/{name}): try again"
        raise RecipeError([Problem(field, message)]) from error


def _is_plain(part: str) -> bool:
    return bool(part) and all(c.isalnum() or c in "-_. " for c in part) and ".." not in part


def _forget(manufacturer: str, name: str) -> None:
    with suppress(ImportError, AttributeError, OSError, TypeError):
        from probeinterface.library import get_cache_folder

        for file in Path(get_cache_folder()).glob(f"**/{manufacturer}/{name}.json"):
            file.unlink()
