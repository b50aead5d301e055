"""Keeps the measured sizes of true spikes in the user's cache: one file a recording and truth."""

from __future__ import annotations

import hashlib
import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..base.files import written_whole
from ..base.folders import cache_folder
from ..base.types import Float32Array, frozen
from .dataset import Dataset
from .ground_truth import GroundTruth

_log = logging.getLogger(__name__)

# All files together; the ones not used for longest go first.
MAX_BYTES = 500_000_000
# Part of every name: sizes measured in another way are other sizes.
_VERSION = "1"


@dataclass(frozen=True, slots=True)
class SizeStore:
    """Where sizes are kept; whatever goes wrong there, they are measured again.

    Attributes
    ----------
    folder
        Holds sizes and nothing else.
    max_bytes
        All files together are at most so large.
    """

    folder: Path
    max_bytes: int = MAX_BYTES

    @classmethod
    def of_user(cls) -> SizeStore:
        """Return the one in the user's cache folder."""
        return cls(cache_folder() / "true_sizes")

    def read(self, key: str, n_spikes: int) -> Float32Array | None:
        """Return what is kept under a name, float32, (n_spikes,), read-only; None: nothing."""
        path = self._path(key)
        try:
            sizes = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        if sizes.shape != (n_spikes,) or sizes.dtype != np.float32:
            return None
        with suppress(OSError):
            os.utime(path)
        return frozen(sizes)

    def write(self, key: str, sizes: Float32Array) -> None:
        """Keep sizes, float32, (n_spikes,); where there is no room, nothing is kept."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with written_whole(self._path(key)) as draft, draft.open("wb") as file:
                np.save(file, sizes)
            self._shrink()
        except OSError as error:
            _log.warning("sizes of true spikes are not kept: %s", error)

    def clear(self) -> None:
        """Delete all of them."""
        for path in self.folder.glob("*.npy"):
            with suppress(OSError):
                path.unlink()

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.npy"

    def _shrink(self) -> None:
        entries = [(path.stat().st_mtime, path) for path in self.folder.glob("*.npy")]
        left = self.max_bytes
        for _, path in sorted(entries, reverse=True):
            left -= path.stat().st_size
            if left < 0:
                path.unlink(missing_ok=True)


def sizes_key(dataset: Dataset, truth: GroundTruth) -> str:
    """Return a name for exactly this recording and this truth.

    From places, sizes and times of change of the raw files, how they are read, the channels, and
    all of the truth that a size depends on.

    Parameters
    ----------
    dataset
        With a raw file.
    truth
        Whose spikes are measured.

    Raises
    ------
    OSError
        A raw file cannot be looked at.
    """
    raw = dataset.raw
    assert raw is not None
    hashed = hashlib.blake2b(digest_size=16)
    files = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in raw.paths]
    how = raw.dtype.str, raw.n_channels, raw.n_samples, dataset.sample_rate_hz
    more = dataset.uv_per_bit, dataset.gain is None, dataset.is_high_passed
    hashed.update(repr((_VERSION, files, how, more)).encode())
    arrays: list[np.ndarray[Any, Any]] = [
        dataset.channels.raw_channels,
        dataset.channels.positions_um,
    ]
    arrays += [truth.spike_samples, truth.offsets]
    if truth.templates is not None:
        arrays += [truth.templates.waveforms_uv, np.array([truth.templates.n_before])]
        if truth.templates.channel_positions_um is not None:
            arrays.append(truth.templates.channel_positions_um)
    if truth.motion is not None:
        motion = truth.motion
        arrays += [motion.times_s, motion.depths_um, motion.displacement_um]
        arrays += [] if truth.locations_um is None else [truth.locations_um]
    for array in arrays:
        hashed.update(f"{array.dtype.str}{array.shape}".encode())
        hashed.update(np.ascontiguousarray(array).data)
    return hashed.hexdigest()
