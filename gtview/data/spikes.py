"""When each spike of an export is, which template found it, and in which cluster it starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..base.errors import DatasetError
from ..base.types import Int32Array, Int64Array, frozen
from .arrays import ArrayError, Extent, measure, measure_range, read_integers, read_vector
from .diagnostics import DiagnosticLog

# Kernels count per id: an id above this is damage, not a cluster.
MAX_CLUSTER_ID = 1_000_000
_MAX_RENUMBERED = 100_000
# Templates without a waveform are added up to this number; more is damage.
_MAX_ADDED_TEMPLATES = 10_000
_INT32 = np.iinfo(np.int32)
AnyInts = Int32Array | Int64Array
# 290 years at 30 kHz.
_MAX_SAMPLE = 1 << 48


@dataclass(frozen=True, slots=True, eq=False)
class SpikeTimes:
    """Samples of all spikes in file order, and their order in time where it is another one."""

    samples: Int64Array
    time_order: Int64Array | None
    last_sample: int


def read_spike_times(folder: Path, log: DiagnosticLog) -> SpikeTimes:
    """Read `spike_times.npy`, in samples; spike ids stay rows of the file.

    Raises
    ------
    DatasetError
        The file is missing, empty, damaged, or holds no samples.
    """
    path = folder / "spike_times.npy"
    try:
        samples = read_integers(path, np.int64, log)
    except ArrayError as error:
        hint = ""
        if "fractions" in error.reason:
            hint = " Spike times must be in samples; these may be in seconds."
        raise DatasetError(f"{error}{hint}") from error
    if not len(samples):
        raise DatasetError(f"{path.name} holds no spike: there is nothing to show.")
    extent = measure(samples)
    if extent.high > _MAX_SAMPLE:
        raise DatasetError(f"{path.name} holds {extent.high}, which is no sample of a recording.")
    samples = _clip_negative(samples, extent, log)
    return SpikeTimes(samples, _order_in_time(samples, extent, log), max(extent.high, 0))


def _clip_negative(samples: Int64Array, extent: Extent, log: DiagnosticLog) -> Int64Array:
    if extent.low >= 0:
        return samples
    log.warning(
        "spike_times.npy",
        f"{int((samples < 0).sum()):,} spikes come before the recording starts.",
        "They count as spikes of its first sample.",
    )
    return frozen(np.maximum(samples, 0))


def _order_in_time(samples: Int64Array, extent: Extent, log: DiagnosticLog) -> Int64Array | None:
    if extent.is_sorted:
        return None
    log.warning(
        "spike_times.npy",
        "The spikes are not in order of time.",
        "They were put in order in memory; spike ids stay the rows of the file.",
    )
    return frozen(np.argsort(samples, kind="stable"))


def _read_assignment(
    path: Path, n_spikes: int, log: DiagnosticLog, dtype: type[np.signedinteger] = np.int32
) -> Any:
    ids = read_integers(path, dtype, log)
    if len(ids) != n_spikes:
        raise DatasetError(
            f"{path.name} has {len(ids):,} values, and spike_times.npy has {n_spikes:,}: these "
            "files are not of one sorting."
        )
    return ids


def _read_cluster_ids(path: Path, n_spikes: int, log: DiagnosticLog) -> AnyInts:
    """Read ids as int32, or as int64 where some do not fit: clipped, clusters would be joined."""
    stored = read_vector(path)
    is_small = np.can_cast(stored.dtype, np.int32)
    if not is_small and stored.dtype.kind in "iu" and len(stored):
        low, high = measure_range(stored)
        is_small = _INT32.min <= low and high <= _INT32.max
    ids: AnyInts = _read_assignment(path, n_spikes, log, np.int32 if is_small else np.int64)
    return ids


def read_assignments(
    folder: Path, n_spikes: int, log: DiagnosticLog
) -> tuple[Int32Array, Int32Array, dict[int, int]]:
    """Read `spike_templates.npy` and `spike_clusters.npy`; one may stand in for the other.

    The clusters are read into memory: other programs rewrite that file while it is open here.

    Returns
    -------
    spike_templates : int32 array, (n_spikes,)
        As in the file: not checked against the templates.
    spike_clusters : int32 array, (n_spikes,)
        From 0 to `MAX_CLUSTER_ID`.
    new_ids : dict
        Clusters of the file that have another id here.

    Raises
    ------
    DatasetError
        Both are missing, or one has another length than `spike_times.npy`.
    """
    templates = _read_or_tell(_read_assignment, folder / "spike_templates.npy", n_spikes, log)
    clusters = _read_or_tell(_read_cluster_ids, folder / "spike_clusters.npy", n_spikes, log)
    if templates is None and clusters is None:
        raise DatasetError(
            f"{folder} holds neither a spike_templates.npy nor a spike_clusters.npy that can be "
            "read: it does not say which spike is whose."
        )
    if templates is None:
        assert clusters is not None
        log.warning(
            "spike_templates.npy",
            "The file is missing or cannot be read.",
            "The clusters stand in for the templates; merged clusters may lack a waveform.",
        )
        templates = clusters
    if clusters is None:
        # No copy: both are read-only, and the file is only written by saving.
        clusters = templates
    elif not clusters.flags.owndata:
        clusters = frozen(clusters.copy())
    clusters, new_ids = _renumber_clusters(clusters, log)
    return templates, clusters, new_ids


def read_clusters(path: Path, n_spikes: int, log: DiagnosticLog) -> Int32Array:
    """Read one assignment of spikes to clusters, numbered as `read_assignments` does it.

    Returns
    -------
    int32 array, (n_spikes,)
        In memory, read-only.

    Raises
    ------
    DatasetError
        The file is missing, damaged, or of another sorting.
    """
    clusters, _ = _renumber_clusters(_read_cluster_ids(path, n_spikes, log), log)
    return clusters if clusters.flags.owndata else frozen(clusters.copy())


def _read_or_tell(
    read: Callable[[Path, int, DiagnosticLog], Any],
    path: Path,
    n_spikes: int,
    log: DiagnosticLog,
) -> Any:
    if not path.exists():
        return None
    try:
        return read(path, n_spikes, log)
    except ArrayError as error:
        log.error(
            path.name,
            f"The file cannot be used: {error.reason}.",
            "The other of spike_templates.npy and spike_clusters.npy stands in for it.",
        )
        return None


def _renumber_clusters(clusters: AnyInts, log: DiagnosticLog) -> tuple[Int32Array, dict[int, int]]:
    low, high = measure_range(clusters)
    if low >= 0 and high <= MAX_CLUSTER_ID:
        return frozen(clusters.astype(np.int32, copy=False)), {}
    is_bad = (clusters < 0) | (clusters > MAX_CLUSTER_ID)
    bad, rows = np.unique(clusters[is_bad], return_inverse=True)
    if len(bad) > _MAX_RENUMBERED:
        raise DatasetError(f"spike_clusters.npy holds {len(bad):,} ids that are no cluster's.")
    first = int(clusters[~is_bad].max(initial=-1)) + 1
    clusters = clusters.copy()
    clusters[is_bad] = first + rows
    new_ids = {int(old): first + k for k, old in enumerate(bad)}
    last = first + len(bad) - 1
    log.warning(
        "spike_clusters.npy",
        f"Negative or very large cluster ids: {_list(bad)}.",
        f"Here it is cluster {first}."
        if first == last
        else f"Here they are clusters {first} to {last}, in this order.",
    )
    return frozen(clusters.astype(np.int32, copy=False)), new_ids


def _list(ids: Any) -> str:
    shown = ", ".join(str(int(i)) for i in ids[:8])
    return shown if len(ids) <= 8 else f"{shown} and {len(ids) - 8:,} more"


def fit_to_templates(
    spike_templates: Int32Array, n_templates: int | None, log: DiagnosticLog
) -> tuple[Int32Array, int]:
    """Make every template of a spike one that exists, if need be an empty one that is added.

    Parameters
    ----------
    spike_templates : int32 array, (n_spikes,)
        n_spikes > 0.
    n_templates
        Rows of `templates.npy`; None when there is none.

    Returns
    -------
    spike_templates : int32 array, (n_spikes,)
        From 0 to n - 1.
    n : int
        Number of templates, those that were added included.

    Raises
    ------
    DatasetError
        The ids are far from any template.
    """
    low, high = measure_range(spike_templates)
    n_rows = 0 if n_templates is None else n_templates
    limit = MAX_CLUSTER_ID if n_templates is None else n_rows + _MAX_ADDED_TEMPLATES
    if high >= limit:
        raise DatasetError(
            f"spike_templates.npy holds {high}, which is no template of this export."
        )
    n = max(n_rows, high + 1)
    if n_templates is not None and high >= n_rows:
        log.error(
            "spike_templates.npy",
            f"Spikes of templates up to {high}, but templates.npy ends at {n_rows - 1}.",
            "The templates that are missing are shown as flat lines; the files may not belong "
            "together.",
        )
    if low < 0:
        is_negative = spike_templates < 0
        spike_templates = frozen(np.where(is_negative, np.int32(n), spike_templates))
        log.warning(
            "spike_templates.npy",
            f"{int(is_negative.sum()):,} spikes have a negative template.",
            f"They were given an empty template, {n}.",
        )
        n += 1
    return spike_templates, n
