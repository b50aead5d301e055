"""Builds the probe of a recipe: contacts with places, shanks, and a wire each."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ..base.types import Float32Array, Int32Array, Int64Array
from .probe_files import read_library_probe, read_probe_file
from .problems import Problem, RecipeError
from .recipe_probe import (
    FileProbe,
    LibraryProbe,
    LinearProbe,
    MultiColumnProbe,
    MultiShankProbe,
    NamedProbe,
    NeuropixelsProbe,
    ProbeChoice,
    TetrodeProbe,
)

_log = logging.getLogger(__name__)
_BANK = 384
# Names of SpikeInterface, and the part of the probe that they mean.
_NEUROPIXELS_NAMES = {
    "Neuropixels1-384": ("NP1000", 384),
    "Neuropixels1-128": ("NP1000", 128),
    "Neuropixels2-384": ("NP2000", 384),
    "Neuropixels2-128": ("NP2000", 128),
}
PROBE_NAMES = (*_NEUROPIXELS_NAMES, "Neuronexus-32", "tetrode")


def build_probe(choice: ProbeChoice) -> Any:
    """Build a probe, with the contacts that are recorded only, and wire them in order.

    Returns
    -------
    A two-dimensional probeinterface `Probe`; `device_channel_indices` is 0 to n - 1.

    Raises
    ------
    RecipeError
        There is no such probe, or it has not these contacts.
    """
    build: Callable[[Any], Any] = _BUILDERS[type(choice)]
    probe = build(choice)
    if getattr(probe, "ndim", 2) != 2:
        raise RecipeError([Problem("probe", "has contacts in three dimensions, not in a plane")])
    if not isinstance(choice, TetrodeProbe):
        probe = _recorded(probe, choice)
    probe.set_device_channel_indices(np.arange(probe.get_contact_count()))
    return probe


def probe_positions_um(probe: Any) -> Float32Array:
    """Return x and depth of each contact, float32, (n_channels, 2)."""
    return np.ascontiguousarray(probe.contact_positions, dtype=np.float32)


def probe_shanks(probe: Any) -> Int32Array:
    """Return the shank of each contact, counted from 0, int32, (n_channels,)."""
    n = probe.get_contact_count()
    if probe.shank_ids is None:
        return np.zeros(n, np.int32)
    _, shanks = np.unique(np.asarray(probe.shank_ids), return_inverse=True)
    return shanks.reshape(n).astype(np.int32)


@lru_cache(maxsize=1)
def neuropixels_part_numbers() -> tuple[str, ...]:
    """Return the part numbers that can be built, sorted; needs no network."""
    from probeinterface import neuropixels_tools

    return tuple(sorted(neuropixels_tools._load_np_probe_features()["neuropixels_probes"]))


def _neuropixels(part_number: str, field: str) -> Any:
    from probeinterface.neuropixels_tools import build_neuropixels_probe

    # The library would make a bare KeyError of an unknown one.
    known = neuropixels_part_numbers()
    if part_number not in known:
        message = f"is no known Neuropixels part number (it is {part_number!r}): {_some(known)}"
        raise RecipeError([Problem(field, message)])
    return build_neuropixels_probe(part_number)


def _some(names: tuple[str, ...]) -> str:
    return f"one of {', '.join(names[:6])}, ... {names[-1]} ({len(names)} in all)"


def _named(choice: NamedProbe) -> Any:
    name = choice.name
    if name in _NEUROPIXELS_NAMES:
        part, n = _NEUROPIXELS_NAMES[name]
        return _neuropixels(part, "probe.name").get_slice(np.arange(n))
    if name.casefold() == "tetrode":
        return _tetrode(TetrodeProbe())
    if name == "Neuronexus-32":
        return _neuronexus()
    if name in neuropixels_part_numbers():
        return _neuropixels(name, "probe.name")
    for separator in "/#":
        manufacturer, found, rest = name.partition(separator)
        if found:
            return read_library_probe(manufacturer, rest)
    raise RecipeError(
        [
            Problem(
                "probe.name",
                f"is no known probe (it is {name!r}): one of {', '.join(PROBE_NAMES)}, a "
                "Neuropixels part number, or manufacturer/name of the probeinterface library",
            )
        ]
    )


def _neuronexus() -> Any:
    # SpikeInterface's generic 32 channels in three columns; no probe of that name is sold.
    from probeinterface import generate_multi_columns_probe

    return generate_multi_columns_probe(
        num_columns=3,
        num_contact_per_column=[10, 12, 10],
        xpitch=30,
        ypitch=30,
        y_shift_per_column=[0, -15, 0],
        contact_shapes="circle",
        contact_shape_params={"radius": 8},
    )


def _tetrode(choice: TetrodeProbe) -> Any:
    from probeinterface import generate_tetrode

    return generate_tetrode(r=choice.radius_um)


def _linear(choice: LinearProbe) -> Any:
    from probeinterface import generate_linear_probe

    radius = {"radius": choice.pitch_um / 4}
    return generate_linear_probe(choice.n_in_column, choice.pitch_um, "circle", radius)


def _columns(choice: MultiColumnProbe) -> dict[str, Any]:
    counts, shifts = choice.n_in_column, choice.y_shifts_um
    for field, values in (("n_in_column", counts), ("y_shifts_um", shifts)):
        if isinstance(values, tuple) and len(values) != choice.n_columns:
            message = f"lists {len(values)} values, but there are {choice.n_columns} columns"
            raise RecipeError([Problem(f"probe.{field}", message)])
    return {
        "num_columns": choice.n_columns,
        "num_contact_per_column": list(counts) if isinstance(counts, tuple) else counts,
        "xpitch": choice.x_pitch_um,
        "ypitch": choice.y_pitch_um,
        "y_shift_per_column": None if shifts is None else list(shifts),
        "contact_shapes": "circle",
        "contact_shape_params": {"radius": min(choice.x_pitch_um, choice.y_pitch_um) / 4},
    }


def _multi_column(choice: MultiColumnProbe) -> Any:
    from probeinterface import generate_multi_columns_probe

    return generate_multi_columns_probe(**_columns(choice))


def _multi_shank(choice: MultiShankProbe) -> Any:
    from probeinterface import generate_multi_shank

    pitch = [choice.shank_pitch_um, 0]
    return generate_multi_shank(num_shank=choice.n_shanks, shank_pitch=pitch, **_columns(choice))


_BUILDERS: dict[type, Callable[[Any], Any]] = {
    NamedProbe: _named,
    NeuropixelsProbe: lambda choice: _neuropixels(choice.part_number, "probe.part_number"),
    TetrodeProbe: _tetrode,
    LinearProbe: _linear,
    MultiColumnProbe: _multi_column,
    MultiShankProbe: _multi_shank,
    FileProbe: lambda choice: read_probe_file(choice.path),
    LibraryProbe: lambda choice: read_library_probe(choice.manufacturer, choice.name),
}


def _recorded(probe: Any, choice: Any) -> Any:
    """Return the probe with the contacts that are recorded."""
    contacts = recorded_contacts(probe_shanks(probe), choice)
    if len(contacts) == probe.get_contact_count():
        return probe
    return probe.get_slice(contacts)


def recorded_contacts(shanks: Int32Array, choice: Any) -> Int64Array:
    """Return the contacts of a probe that a recipe chooses, int64.

    Raises
    ------
    RecipeError
        The probe has not these contacts.
    """
    n_shanks = int(shanks.max()) + 1
    wanted = tuple(range(n_shanks)) if choice.shanks is None else choice.shanks
    if not wanted or max(wanted) >= n_shanks or len(set(wanted)) < len(wanted):
        message = f"must be different shanks of 0 to {n_shanks - 1} (it is {list(wanted)})"
        raise RecipeError([Problem("probe.shanks", message)])
    groups = [np.flatnonzero(shanks == shank) for shank in wanted]
    if choice.bank is not None:
        groups = [_bank(group, choice.bank) for group in groups]
    if not choice.is_per_shank:
        groups = [np.sort(np.concatenate(groups))]
    return np.concatenate([_contiguous(group, choice) for group in groups])


def _bank(group: Int64Array, bank: int) -> Int64Array:
    n_banks = -(-len(group) // _BANK)
    if bank >= n_banks:
        raise RecipeError([Problem("probe.bank", f"must be 0 to {n_banks - 1} (it is {bank})")])
    return group[bank * _BANK : (bank + 1) * _BANK]


def _contiguous(group: Int64Array, choice: Any) -> Int64Array:
    first, count = choice.first_contact, choice.n_contacts
    if first >= len(group):
        message = f"must be below {len(group)}, the number of contacts (it is {first})"
        raise RecipeError([Problem("probe.first_contact", message)])
    if count is not None and first + count > len(group):
        message = f"must be at most {len(group) - first}, the contacts from there on"
        raise RecipeError([Problem("probe.n_contacts", f"{message} (it is {count})")])
    return group[first : None if count is None else first + count]
