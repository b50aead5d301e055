"""Writes the probe of a recipe as lines of Python that need probeinterface only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .probes import probe_shanks, recorded_contacts
from .recipe_probe import (
    FileProbe,
    LibraryProbe,
    LinearProbe,
    MultiColumnProbe,
    MultiShankProbe,
    NamedProbe,
    NeuropixelsProbe,
    TetrodeProbe,
)


def probe_code(choice: Any) -> tuple[str, str]:
    """Return the imports and the lines that make `probe`.

    Raises
    ------
    RecipeError
        The probe has not the contacts that are chosen.
    """
    imports, made = _whole_probe(choice)
    namespace: dict[str, Any] = {"np": np}
    lines = f"probe = {made}"
    if isinstance(choice, TetrodeProbe):
        return imports, lines
    needs_all = choice.shanks is None and choice.bank is None and choice.n_contacts is None
    if needs_all and choice.first_contact == 0:
        return imports, lines
    # Which contacts these are is computed here: the script needs numbers only.
    exec(f"{imports}\n{lines}", namespace)
    contacts = recorded_contacts(probe_shanks(namespace["probe"]), choice).tolist()
    return imports, f"{lines}\nprobe = probe.get_slice({_as_array(contacts)})"


def _as_array(numbers: list[int]) -> str:
    first, last = numbers[0], numbers[-1]
    if numbers == list(range(first, last + 1)):
        return f"np.arange({first}, {last + 1})"
    runs, start = [], 0
    for i in range(1, len(numbers) + 1):
        if i == len(numbers) or numbers[i] != numbers[i - 1] + 1:
            runs.append(f"np.arange({numbers[start]}, {numbers[i - 1] + 1})")
            start = i
    return f"np.concatenate([{', '.join(runs)}])" if len(runs) < 20 else f"np.array({numbers})"


def _whole_probe(choice: Any) -> tuple[str, str]:
    if isinstance(choice, NamedProbe):
        return _named_probe(choice.name)
    if isinstance(choice, NeuropixelsProbe):
        return _neuropixels(choice.part_number)
    if isinstance(choice, FileProbe):
        return _file_probe(Path(choice.path).expanduser())
    if isinstance(choice, LibraryProbe):
        made = f"get_probe({choice.manufacturer!r}, {choice.name!r})"
        return "from probeinterface import get_probe", made
    if isinstance(choice, TetrodeProbe):
        made = f"generate_tetrode(r={choice.radius_um!r})"
        return "from probeinterface import generate_tetrode", made
    if isinstance(choice, LinearProbe):
        made = f"generate_linear_probe(num_elec={choice.n_in_column}, ypitch={choice.pitch_um!r})"
        return "from probeinterface import generate_linear_probe", made
    assert isinstance(choice, MultiColumnProbe)
    return _columns_probe(choice)


def _named_probe(name: str) -> tuple[str, str]:
    known = {"Neuropixels1": "NP1000", "Neuropixels2": "NP2000"}
    maker, _, count = name.partition("-")
    if maker in known and count in ("128", "384"):
        imports, made = _neuropixels(known[maker])
        return imports, f"{made}.get_slice(np.arange({count}))"
    if name.casefold() == "tetrode":
        return "from probeinterface import generate_tetrode", "generate_tetrode(r=10)"
    if name == "Neuronexus-32":
        columns = MultiColumnProbe(
            n_columns=3,
            n_in_column=(10, 12, 10),
            x_pitch_um=30,
            y_pitch_um=30,
            y_shifts_um=(0.0, -15.0, 0.0),
        )
        return _columns_probe(columns)
    for separator in "/#":
        manufacturer, found, rest = name.partition(separator)
        if found:
            return "from probeinterface import get_probe", f"get_probe({manufacturer!r}, {rest!r})"
    return _neuropixels(name)


def _neuropixels(part_number: str) -> tuple[str, str]:
    imports = "from probeinterface.neuropixels_tools import build_neuropixels_probe"
    return imports, f"build_neuropixels_probe({part_number!r})"


def _file_probe(path: Path) -> tuple[str, str]:
    readers = {".prb": "read_prb", ".imro": "read_imro", ".meta": "read_spikeglx"}
    reader = readers.get(path.suffix.lower(), "read_probeinterface")
    has_group = reader in ("read_prb", "read_probeinterface")
    made = f"{reader}({str(path)!r})" + (".probes[0]" if has_group else "")
    return f"from probeinterface import {reader}", made


def _columns_probe(choice: MultiColumnProbe) -> tuple[str, str]:
    counts, shifts = choice.n_in_column, choice.y_shifts_um
    columns = (
        f"num_columns={choice.n_columns}, "
        f"num_contact_per_column={list(counts) if isinstance(counts, tuple) else counts}, "
        f"xpitch={choice.x_pitch_um!r}, ypitch={choice.y_pitch_um!r}, "
        f"y_shift_per_column={None if shifts is None else list(shifts)}"
    )
    if isinstance(choice, MultiShankProbe):
        made = (
            f"generate_multi_shank(num_shank={choice.n_shanks}, "
            f"shank_pitch=[{choice.shank_pitch_um!r}, 0], {columns})"
        )
        return "from probeinterface import generate_multi_shank", made
    imports = "from probeinterface import generate_multi_columns_probe"
    return imports, f"generate_multi_columns_probe({columns})"
