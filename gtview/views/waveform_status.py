"""What the waveform view says about what it shows."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..analysis.waveforms import Waveforms
    from ..data.dataset import Dataset
    from ..data.ground_truth import UnitId
    from .waveform_compute import Picture

_BETWEEN = " \N{MIDDLE DOT} "


def describe_picture(picture: Picture, n_selected: int, *, has_truth: bool) -> str:
    """Return the status of the view, such as "100 of 946 waveforms, 300 Hz high-pass"."""
    known = picture.known
    n_shown = len(known.asked.clusters)
    parts = [f"the first {n_shown} of {n_selected} clusters" if n_selected > n_shown else ""]
    if picture.is_partial:
        parts.append("templates, reading waveforms")
    elif picture.kind == "templates":
        parts.append(describe_templates(known.asked.dataset))
    else:
        mean = "mean \N{PLUS-MINUS SIGN} s.d. of " if picture.kind == "mean" else ""
        told = describe_counts(known.data), describe_outside(known.data), known.data.note
        parts.append(mean + ", ".join(filter(None, told)))
    if has_truth:
        unit = known.asked.true_unit
        parts.append(describe_truth(known.data, None if unit is None else unit.unit_id))
    return _BETWEEN.join(filter(None, parts))


def describe_counts(data: Waveforms) -> str:
    """Return how many raw waveforms of how many are shown, such as "100 of 946 waveforms"."""
    counts = [(len(c.spike_ids), c.n_spikes) for c in data.clusters]
    if len(counts) > 3:
        read, total = np.sum(counts, axis=0).tolist()
        return f"{read:,} of {total:,} waveforms of {len(counts)} clusters"
    texts = [f"{read:,} of {total:,}" for read, total in counts]
    joined = " and ".join(filter(None, [", ".join(texts[:-1]), *texts[-1:]]))
    return f"{joined} waveforms"


def describe_outside(data: Waveforms) -> str:
    """Return how many spikes lie beyond the raw file, where more of them would be shown."""
    short = [c for c in data.clusters if len(c.spike_ids) == c.n_spikes - c.n_outside]
    n_outside = sum(c.n_outside for c in short)
    return f"{n_outside:,} beyond the file" if n_outside else ""


def describe_templates(dataset: Dataset) -> str:
    """Return that templates are shown, and why no waveforms where there cannot be any."""
    if dataset.raw is None:
        return f"templates only: {describe_missing_raw(dataset)}"
    return "templates"


def describe_missing_raw(dataset: Dataset) -> str:
    """Return why there are no raw waveforms."""
    paths = [path for path in dataset.raw_path_asked.split(", ") if path]
    if not paths:
        return "no raw file is named in params.py"
    name = PurePath(paths[0].replace("\\", "/")).name
    return f"raw file {name} not found" if len(paths) == 1 else f"raw files {name} ... not found"


def describe_truth(data: Waveforms, unit_id: UnitId | None) -> str:
    """Return what the dashed line is."""
    if data.true_template is None:
        return "" if unit_id is None else f"no true template of unit {unit_id} on these channels"
    text = f"\N{EN DASH} \N{EN DASH} true template of unit {data.true_template.unit_id}"
    note = data.true_template.scale_note
    return f"{text}, {note}" if note else text
