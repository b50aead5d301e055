"""Writes a recording of a plan to a folder that SpikeInterface loads, chunk by chunk."""

from __future__ import annotations

import errno
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..base.errors import GtviewError, UsageError
from ..base.progress import Reporter, ignore_progress
from .plan import GenerationPlan
from .signal import SignalMaker

TRACES_NAME = "traces_cached_seg0.raw"
# Left free: a full disk stops more than this program.
SPARE_BYTES = 100_000_000
# How often a worker that is busy lets the caller be asked whether to go on.
_ASK_S = 0.2


def write_recording(
    plan: GenerationPlan,
    folder: Path,
    *,
    drifting: bool,
    n_workers: int = 1,
    chunk_s: float = 0.5,
    report: Reporter = ignore_progress,
) -> None:
    """Write a recording as a SpikeInterface binary folder, which `spikeinterface.load` opens.

    The bytes do not depend on the number of workers or the length of chunks. Until it is whole,
    the folder is called `<name>.partial`; on an error, or when it is cancelled, nothing is left.

    Parameters
    ----------
    plan
        What the recording is made of.
    folder
        Must not exist.
    drifting
        Whether units move.
    n_workers
        Threads.
    chunk_s
        Seconds that each computes at a time.
    report
        Told the part done, in the thread of the caller; what it raises ends the writing.

    Raises
    ------
    UsageError
        The folder exists, or the disk has no room.
    GtviewError
        The disk became full.
    OSError
        The folder cannot be written.
    CancelledError
        `report` raised it.
    """
    n_bytes = plan.n_samples * plan.n_channels * np.dtype(plan.dtype).itemsize
    folder = folder.absolute()
    with _whole_folder(folder) as unfinished:
        refuse_small_disk(unfinished, n_bytes)
        maker = SignalMaker(plan, drifting=drifting)
        n_chunk = max(1, round(chunk_s * plan.sample_rate_hz))
        with _plain_disk_errors(folder):
            write_traces(maker, unfinished / TRACES_NAME, n_workers, n_chunk, report)
            _write_description(plan, unfinished)


def refuse_small_disk(folder: Path, n_bytes: int) -> None:
    """Refuse to begin what the disk has no room for.

    Raises
    ------
    UsageError
        It would not fit.
    """
    free = shutil.disk_usage(folder).free
    if n_bytes + SPARE_BYTES > free:
        raise UsageError(
            f"The recording needs {n_bytes / 1e9:.2f} GB, but the disk of {folder.parent} has "
            f"only {free / 1e9:.2f} GB left."
        )


def write_traces(
    maker: SignalMaker, path: Path, n_workers: int, n_chunk: int, report: Reporter
) -> None:
    """Write all samples to a new file, in chunks that workers compute side by side.

    Raises
    ------
    OSError
        The file cannot be written.
    CancelledError
        `report` raised it.
    """
    path.touch(exist_ok=False)
    writer = _ChunkWriter(maker, path, n_chunk)
    starts = range(0, maker.n_samples, n_chunk)
    with writer, ThreadPoolExecutor(n_workers) as pool:
        waiting: set[Future[None]] = set()
        try:
            for n_begun, start in enumerate(starts, 1):
                waiting.add(pool.submit(writer.write, start))
                # A few ahead: no worker waits, and little is left to do when it is cancelled.
                n_ahead = 2 * n_workers - 1 if n_begun < len(starts) else 0
                tell = partial(_tell, report, n_begun, len(starts))
                waiting = _wait(waiting, n_ahead, tell)
        except BaseException:
            for future in waiting:
                future.cancel()
            raise


def _tell(report: Reporter, n_begun: int, n_chunks: int, n_waiting: int) -> None:
    report((n_begun - n_waiting) / n_chunks, "writing samples")


def _wait(waiting: set[Future[None]], most: int, tell: Callable[[int], None]) -> set[Future[None]]:
    """Wait until at most so many are not done; tell how many are left; raise what they raised."""
    tell(len(waiting))
    while len(waiting) > most:
        done, waiting = wait(waiting, _ASK_S, FIRST_COMPLETED)
        for future in done:
            future.result()
        tell(len(waiting))
    return waiting


class _ChunkWriter:
    """Computes chunks and writes each to its place in a file, from several threads."""

    def __init__(self, maker: SignalMaker, path: Path, n_chunk: int) -> None:
        self._maker, self._path, self._n_chunk = maker, path, n_chunk
        self._local = threading.local()
        self._files: list[BinaryIO] = []

    def __enter__(self) -> _ChunkWriter:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files:
            file.close()

    def write(self, start: int) -> None:
        stop = min(start + self._n_chunk, self._maker.n_samples)
        buffer, file = self._own()
        chunk = self._maker.make(start, stop, out=buffer[: stop - start])
        if shutil.disk_usage(self._path.parent).free < SPARE_BYTES // 2 + chunk.nbytes:
            raise OSError(errno.ENOSPC, "No space left on device", str(self._path))
        file.seek(start * chunk.strides[0])
        file.write(chunk.data)

    def _own(self) -> tuple[NDArray[Any], BinaryIO]:
        """Return what this thread computes into, and its own handle of the file."""
        if not hasattr(self._local, "file"):
            shape = (self._n_chunk, self._maker.n_channels)
            self._local.buffer = np.empty(shape, self._maker.dtype)
            self._local.file = self._path.open("r+b")
            self._files.append(self._local.file)
        return self._local.buffer, self._local.file


@contextmanager
def _whole_folder(folder: Path) -> Iterator[Path]:
    """Give a folder beside another, renamed to it when the block ends well, else deleted."""
    if folder.exists():
        raise UsageError(f"{folder} exists already.")
    unfinished = folder.with_name(folder.name + ".partial")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


@contextmanager
def _plain_disk_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise GtviewError(
            f"The disk of {folder.parent} became full; the recording was not written, and what "
            "was written of it is deleted."
        ) from error


def _write_description(plan: GenerationPlan, folder: Path) -> None:
    """Write what SpikeInterface reads beside the samples, as its own `save` does."""
    from probeinterface import write_probeinterface
    from spikeinterface.core import BinaryFolderRecording, BinaryRecordingExtractor
    from spikeinterface.core.core_tools import (
        save_annotations_to_folder,
        save_properties_to_folder,
    )

    from .recordings import attach_probe

    gain = plan.gain_uv if plan.dtype == "int16" else 1.0
    recording = BinaryRecordingExtractor(
        file_paths=[folder / TRACES_NAME],
        sampling_frequency=plan.sample_rate_hz,
        num_channels=plan.n_channels,
        dtype=plan.dtype,
        channel_ids=[str(i) for i in range(plan.n_channels)],
        time_axis=0,
        file_offset=0,
        is_filtered=False,
        gain_to_uV=np.full(plan.n_channels, gain),
        offset_to_uV=np.zeros(plan.n_channels),
    )
    recording.dump(folder / "binary.json", relative_to=folder)
    attach_probe(recording, plan)
    save_properties_to_folder(folder / "properties", recording)
    save_annotations_to_folder(folder, recording)
    write_probeinterface(folder / "probegroup.json", recording.get_probegroup())
    BinaryFolderRecording(folder_path=folder).dump_to_json(
        file_path=folder / "si_folder.json",
        relative_to=folder,
        include_properties=False,
        include_annotations=False,
        include_extra_metadata=False,
    )
