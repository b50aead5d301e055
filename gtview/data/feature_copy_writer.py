"""Writes the compact copy of a feature file, in bounded memory; it knows no cache folder.

Rows are read once, in the order of the file, and each block of them goes to the segments of its
templates; then each segment is turned so that its columns are runs. At any time it holds three
blocks of `BLOCK_BYTES`, whatever the size of the file, the sample, and 24 bytes a spike.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..base.progress import Reporter, part_of
from ..base.types import Int32Array, Int64Array
from .feature_copy_layout import CopyLabel, CopyLayout, Segments, spike_keys
from .feature_sample import sample_step
from .features import FeatureFile

BLOCK_BYTES = 1 << 24
# Half a megabyte a run: large enough for any disk, small enough for a part of a template.
MAX_SEGMENT_ROWS = 1 << 17


def lay_out_copy(
    file: FeatureFile, spike_templates: Int32Array, key: str, *, has_sample: bool = False
) -> CopyLayout:
    """Decide how the rows of a feature file are cut into segments.

    Parameters
    ----------
    file
        Features whose spikes increase with the row, each at most once (`has_increasing_spikes`).
    spike_templates : int32 array, (n_spikes,)
    key
        Fingerprint of the file.
    has_sample
        Whether every n-th row is kept once more, one after the other.
    """
    n_columns = file.n_local * file.n_pcs
    step = sample_step(file.n_rows, n_columns) if has_sample else 0
    spikes = file.spikes_of_rows()
    templates = spike_templates[spikes]
    order = _stable_order(templates)
    counts = np.bincount(templates) if len(templates) else np.zeros(0, np.int64)
    limit = int(min(MAX_SEGMENT_ROWS, max(1, BLOCK_BYTES // (4 * (1 + n_columns)))))
    starts, owners, sizes = [], [], []
    for template_id, (count, first) in enumerate(
        zip(counts.tolist(), (np.cumsum(counts) - counts).tolist(), strict=True)
    ):
        for start in range(0, count, limit):
            starts.append(first + start)
            owners.append(template_id)
            sizes.append(min(limit, count - start))
    firsts = spikes[order[np.array(starts, np.int64)]].astype(np.int64)
    segments = Segments(np.array(owners, np.int64), np.array(sizes, np.int64), firsts)
    return CopyLayout(CopyLabel(key, str(file.path), n_columns, step), segments)


def write_feature_copy(
    file: FeatureFile,
    layout: CopyLayout,
    spike_templates: Int32Array,
    path: Path,
    report: Reporter,
) -> None:
    """Write the copy of a feature file.

    Parameters
    ----------
    file
        What is copied.
    layout
        Made by `lay_out_copy`.
    spike_templates : int32 array, (n_spikes,)
    path
        Written in place: whoever calls renames it when it is complete.
    report
        Told how far it is; may raise `CancelledError`.

    Raises
    ------
    DatasetError
        The features cannot be read.
    OSError
        The copy cannot be written.
    CancelledError
        `report` says so.
    """
    with path.open("wb+") as out:
        out.truncate(layout.total_bytes)
        sample = _scatter_rows(file, layout, spike_templates, out, part_of(report, 0.0, 0.6))
        checksums = _turn_segments(layout, out, part_of(report, 0.6, 1.0))
        out.seek(layout.sample_offset)
        out.write(sample.data)
        out.seek(0)
        out.write(layout.pack(checksums, np.array([zlib.crc32(c.data) for c in sample])))


def _stable_order(labels: Int32Array) -> Int64Array:
    # Up to 16 bits NumPy sorts by radix, many times faster.
    is_small = not len(labels) or (labels.min() >= 0 and labels.max() < 1 << 16)
    return np.argsort(labels.astype(np.uint16) if is_small else labels, kind="stable")


def _scatter_rows(
    file: FeatureFile,
    layout: CopyLayout,
    spike_templates: Int32Array,
    out: BinaryIO,
    report: Reporter,
) -> np.ndarray:
    """Put every row, with its spike id before it, at its place within its segment.

    Return the sample, float32, (n_columns, n_sampled).
    """
    row_bytes = layout.n_runs * 4
    offsets, keys = layout.offsets(), layout.segments.keys()
    n_written = np.zeros(len(keys), np.int64)
    spikes = file.spikes_of_rows()
    n_block = max(1, BLOCK_BYTES // row_bytes)
    sample = np.empty((layout.label.n_columns, layout.n_sampled), "<f4")
    for start in range(0, len(spikes), n_block):
        report(start / len(spikes))
        some = spikes[start : start + n_block].astype(np.int64)
        templates = spike_templates[some]
        owners = np.searchsorted(keys, spike_keys(templates, some), "right") - 1
        order = _stable_order(owners.astype(np.int32))
        rows = np.empty((len(some), layout.n_runs), "<f4")
        rows[:, 0].view("<i4")[:] = some[order]
        values = file.read_rows(start, start + len(some)).reshape(len(some), -1)
        rows[:, 1:] = values[order]
        _put_sample(sample, values, start, layout.label.sample_step)
        counts = np.bincount(owners, minlength=len(keys))
        at = 0
        for segment in np.flatnonzero(counts).tolist():
            n = int(counts[segment])
            out.seek(int(offsets[segment] + n_written[segment] * row_bytes))
            out.write(rows[at : at + n].data)
            n_written[segment] += n
            at += n
    return sample


def _put_sample(sample: np.ndarray, values: np.ndarray, start: int, step: int) -> None:
    if step:
        taken = values[-start % step :: step]
        first = -(-start // step)
        sample[:, first : first + len(taken)] = taken.T


def _turn_segments(layout: CopyLayout, out: BinaryIO, report: Reporter) -> np.ndarray:
    """Turn each segment from rows to runs, in place; return the checksums of the runs."""
    checksums = np.zeros((len(layout.segments), layout.n_runs), np.uint32)
    parts = zip(layout.offsets().tolist(), layout.segments.n_rows.tolist(), strict=True)
    for segment, (offset, n_rows) in enumerate(parts):
        report(segment / len(checksums))
        rows = np.empty((n_rows, layout.n_runs), "<u4")
        out.seek(offset)
        if out.readinto(rows.view(np.uint8).reshape(-1).data) != rows.nbytes:  # type: ignore[attr-defined]
            raise OSError("the copy of the features cannot be read back")
        runs = np.ascontiguousarray(rows.T)
        checksums[segment] = [zlib.crc32(run.data) for run in runs]
        out.seek(offset)
        out.write(runs.data)
    return checksums
