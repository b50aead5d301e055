"""Reads a dataset from a path into what a session needs; runs in a thread, knows no Qt."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..analysis.channels import ChannelFinder
from ..analysis.clusters import ClusterStats, compute_cluster_stats
from ..base.errors import DatasetError
from ..base.progress import Reporter, ignore_progress
from ..curation.clustering import Clustering
from ..curation.opening import OnChange, Started, start_curation, start_replay
from ..data.dataset import Dataset, Gain
from ..data.diagnostics import Diagnostic, DiagnosticLog
from ..data.discovery import FoundDataset, find_dataset
from ..data.feature_copies import FeatureCopies
from ..data.ground_truth import GroundTruth
from ..data.gt_reader import read_ground_truth
from ..data.phy_writer import SaveReport
from ..data.user_choices import remember_gain, remember_raw
from .reading import ReadFiles, read_files, read_with_choices
from .saving import run_save
from .session import Opened, Session


def open_dataset(
    path: Path,
    *,
    ground_truth: Path | None = None,
    sorting: str | None = None,
    report: Reporter = ignore_progress,
    gain: Gain | None = None,
    raw_path: Path | None = None,
    use_journal: bool = True,
    on_change: OnChange = "ask",
) -> Opened:
    """Open an export, with the ground truth that is given or stands beside it.

    Parameters
    ----------
    path
        Folder of an export, its params.py, or a generated dataset's folder.
    ground_truth
        The truth to compare with. None: the one that is found beside the export, if any; when
        that one cannot be read, the dataset opens without it, and a diagnostic says why.
    sorting
        Which of several sortings of a generated dataset.
    report
        Told how far it is; raises `CancelledError` to stop it.
    gain, raw_path
        Microvolts per unit of the raw file, and the raw file. None: what the user once said of
        this export, else what is found.
    use_journal
        Go on where curation ended, saved or not; False: only what is saved.
    on_change
        Answer to `Opened.curation.question`, when there was one.

    Raises
    ------
    DatasetError
        The dataset, or the ground truth that was given, cannot be opened.
    CancelledError
        `report` says so.
    """
    return open_files(
        read_files(path, sorting, report=report, gain=gain, raw_path=raw_path),
        ground_truth=ground_truth,
        report=report,
        use_journal=use_journal,
        on_change=on_change,
    )


def open_files(
    read: ReadFiles,
    *,
    ground_truth: Path | None = None,
    report: Reporter = ignore_progress,
    use_journal: bool = True,
    on_change: OnChange = "ask",
) -> Opened:
    """Do as `open_dataset` with an export whose files have been read.

    Raises
    ------
    DatasetError
        The ground truth that was given, or the journal, cannot be read.
    CancelledError
        `report` says so.
    """
    found, dataset = read.found, read.dataset
    copies = threading.Thread(target=FeatureCopies(dataset).attach_existing, daemon=True)
    copies.start()
    report(0.6, "Reading the ground truth")
    truth, told = _read_truth(found, ground_truth, dataset.sample_rate_hz)
    dataset = replace(dataset, diagnostics=(*dataset.diagnostics, *told))
    report(0.75, "Grouping spikes by cluster")
    curation = _start(dataset, on_change, use_journal=use_journal)
    clustering = curation.state.clustering
    report(0.85, "Measuring clusters")
    channels = ChannelFinder(dataset)
    stats = _measure(dataset, clustering, channels)
    copies.join()
    report(1.0, "Opened")
    return Opened(dataset, truth, clustering, channels, stats, told, curation)


def replay_journal(
    journal: Path, export: Path, out: Path, report: Reporter = ignore_progress
) -> SaveReport:
    """Do again on an export what a journal says, and write the result as a new export.

    Parameters
    ----------
    journal
        A `journal.jsonl`, of this export or of a copy of it.
    export
        The export as the sorter made it, or saved since.
    out
        New or empty folder.
    report
        Told how far it is.

    Raises
    ------
    DatasetError
        The journal belongs to another sorting or is damaged, or the folder cannot be written.
    """
    dataset = read_with_choices(find_dataset(export).export_folder, None, None)
    started = start_replay(dataset, journal)
    channels = ChannelFinder(dataset)
    clustering = started.state.clustering
    stats = _measure(dataset, clustering, channels)
    session = Session(Opened(dataset, None, clustering, channels, stats, (), started))
    job = session.curation.saving.start(out)
    return run_save(job, report)


def reopen_with(
    opened: Opened, *, gain: Gain | None = None, raw_path: Path | None = None
) -> Opened:
    """Return the same dataset with a gain or a raw file that the user has given, and remember it.

    Clustering, truth and everything that is not about the raw file stay the same objects.

    Parameters
    ----------
    opened
        What was opened.
    gain
        Microvolts per unit of the raw file; None: as before.
    raw_path
        The raw file; None: as before.

    Raises
    ------
    DatasetError
        The raw file cannot be opened; nothing is remembered then.
    UsageError
        The gain is no positive number.
    """
    folder = opened.dataset.folder
    fresh = read_with_choices(folder, gain, raw_path)
    if raw_path is not None and (fresh.raw is None or not fresh.raw.n_samples):
        raise DatasetError(_why_not_raw(fresh, raw_path))
    if gain is not None:
        remember_gain(folder, gain.uv_per_bit)
    if raw_path is not None:
        remember_raw(folder, raw_path)
    dataset = replace(
        opened.dataset,
        raw=fresh.raw,
        gain=fresh.gain,
        template_gain=fresh.template_gain,
        duration_s=fresh.duration_s,
        diagnostics=(*fresh.diagnostics, *opened.truth_diagnostics),
    )
    channels = ChannelFinder(dataset)
    stats = _measure(dataset, opened.clustering, channels)
    return replace(opened, dataset=dataset, channels=channels, stats=stats)


def _start(dataset: Dataset, on_change: OnChange, *, use_journal: bool) -> Started:
    try:
        return start_curation(dataset, on_change, use_journal=use_journal)
    except OSError as error:
        raise DatasetError(
            f"{error.filename or dataset.folder}: {error.strerror or error}."
        ) from error


def _read_truth(
    found: FoundDataset, given: Path | None, sample_rate_hz: float
) -> tuple[GroundTruth | None, tuple[Diagnostic, ...]]:
    log = DiagnosticLog()
    path = found.ground_truth_path if given is None else given
    if path is None:
        return None, ()
    try:
        truth = read_ground_truth(path, sample_rate_hz=sample_rate_hz, log=log)
    except DatasetError as error:
        if given is not None:
            raise
        log.warning(path.name, str(error), "The dataset was opened without a ground truth.")
        return None, tuple(log.items)
    if found.is_static and given is None:
        # The motion is that of the drifting recording of the same units.
        truth = replace(truth, motion=None)
    return truth, tuple(log.items)


def _measure(dataset: Dataset, clustering: Clustering, channels: ChannelFinder) -> ClusterStats:
    cluster_ids = np.array(clustering.cluster_ids, dtype=np.int32)
    order, offsets = clustering.concatenated(cluster_ids.tolist())
    return compute_cluster_stats(dataset, cluster_ids, order, offsets, channels.find)


def _why_not_raw(dataset: Dataset, raw_path: Path) -> str:
    told = [d for d in dataset.diagnostics if d.file == raw_path.name and d.level != "info"]
    reason = f": {told[0].message}" if told else "."
    return f"{raw_path.name} cannot be used as the raw file{reason}"
