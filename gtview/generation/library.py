"""Makes a library of real templates from sorted datasets, for hybrid recordings."""

from __future__ import annotations

import csv
import io
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import UsageError
from ..base.files import write_text_whole
from ..base.types import Float32Array
from ..data.dataset import Dataset
from ..data.phy_reader import read_export
from .template_sources import TABLE_NAME, read_table

COLUMNS = (
    "dataset",
    "template_index",
    "probe",
    "brain_area",
    "depth_along_probe",
    "amplitude_uv",
    "noise_level_uv",
    "signal_to_noise_ratio",
    "best_channel_index",
    "spikes_per_unit",
    "cluster_id",
)


def add_to_library(export: Path, folder: Path, name: str = "", brain_area: str = "") -> int:
    """Add the templates of a sorter's export to a library folder, which is made where missing.

    Parameters
    ----------
    export
        A Kilosort or phy export whose gain is known.
    folder
        Holds `templates.csv`, and one SpikeInterface `Templates` archive for each dataset.
    name
        Of the dataset; default: the name of the export's folder.
    brain_area
        Written into the table.

    Returns
    -------
    How many templates were added.

    Raises
    ------
    DatasetError
        The export cannot be read.
    UsageError
        It has no templates or no gain, or the library has a dataset of that name.
    OSError
        The folder cannot be written.
    """
    dataset = read_export(export.expanduser())
    archive = f"{_plain(name or _name_of(dataset.folder))}.zarr"
    rows = read_table(folder) if (folder / TABLE_NAME).exists() else []
    if any(row["dataset"] == archive for row in rows) or (folder / archive).exists():
        raise UsageError(f"The library has a dataset {archive} already; give another name.")
    templates, waveforms = _used_templates(dataset)
    folder.mkdir(parents=True, exist_ok=True)
    _write_archive(dataset, waveforms, templates, folder / archive)
    for index, template in enumerate(templates):
        facts = _describe(dataset, waveforms[index], int(template))
        rows.append({"dataset": archive, "template_index": str(index), **facts})
        rows[-1]["brain_area"] = brain_area
    _write_table(rows, folder / TABLE_NAME)
    return len(templates)


def _name_of(folder: Path) -> str:
    # Exports are often called alike: what they lie in tells them apart.
    return f"{folder.parent.name}_{folder.name}"


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name).strip("._") or "dataset"


def _used_templates(dataset: Dataset) -> tuple[Any, Float32Array]:
    """Return the templates that have spikes, and their waveforms in microvolts."""
    store, gain = dataset.templates, dataset.gain
    if store is None:
        raise UsageError(f"{dataset.folder} has no templates.")
    if gain is None:
        raise UsageError(
            f"{dataset.folder} does not say how many microvolts a unit is: set its gain first."
        )
    used = np.unique(dataset.spike_templates)
    own = np.ones(store.n_templates) if dataset.template_gain is None else dataset.template_gain
    waveforms = [store.waveform(int(t)) * float(own[t]) * gain.uv_per_bit for t in used]
    stack = np.stack(waveforms).astype(np.float32)
    is_whole = np.isfinite(stack).all(axis=(1, 2)) & (np.ptp(stack, axis=1).max(axis=1) > 0)
    if not is_whole.any():
        raise UsageError(f"{dataset.folder} has no template that holds anything.")
    return used[is_whole], stack[is_whole]


def _write_archive(dataset: Dataset, waveforms: Float32Array, ids: Any, path: Path) -> None:
    from probeinterface import Probe
    from spikeinterface.core import Templates

    probe = Probe(ndim=2, si_units="um")
    positions = np.asarray(dataset.channels.positions_um, np.float64)
    probe.set_contacts(positions=positions, shapes="circle", shape_params={"radius": 6})
    probe.set_device_channel_indices(np.arange(len(positions)))
    assert dataset.templates is not None
    made = Templates(
        waveforms,
        float(dataset.sample_rate_hz),
        dataset.templates.trough_sample,
        unit_ids=np.asarray(ids),
        probe=probe,
        is_in_uV=True,
    )
    # The suffix tells SpikeInterface what it is: the rest of the name tells that it is not whole.
    partial = path.with_name(f"{path.stem}.partial.zarr")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        made.to_zarr(str(partial))
        partial.rename(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _describe(dataset: Dataset, waveform: Float32Array, template: int) -> dict[str, str]:
    sizes = np.ptp(waveform, axis=0)
    best = int(sizes.argmax())
    return {
        "depth_along_probe": f"{dataset.channels.positions_um[best, 1]:g}",
        "amplitude_uv": f"{sizes[best]:.6g}",
        "best_channel_index": str(best),
        "spikes_per_unit": str(int((dataset.spike_templates == template).sum())),
        "cluster_id": str(template),
    }


def _write_table(rows: list[dict[str, str]], path: Path) -> None:
    text = io.StringIO()
    columns = list(dict.fromkeys((*COLUMNS, *(key for row in rows for key in row))))
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text_whole(path, text.getvalue())
