"""Finds or makes the compact copies of a dataset's features, in the calling thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cached_property
from pathlib import Path

import numpy as np

from ..base.errors import CancelledError, DatasetError, GtviewError
from ..base.progress import Reporter, ignore_progress, part_of
from ..base.types import Int32Array
from .copy_store import CopyStore, NoRoomError, fingerprint, hash_numbers, remove
from .dataset import Dataset
from .feature_copy import FeatureCopy
from .feature_copy_writer import lay_out_copy, write_feature_copy
from .features import FeatureFile

_log = logging.getLogger(__name__)

# Smaller files are read fast enough from where they are.
LEAST_BYTES = 100_000_000
# Rows of one template that follow one another on average: then the file is as good as a copy.
ORDERED_RUN = 50

MESSAGE = "Copying features for faster browsing"

# Told where a copy is being written, for as long as it is.
Watch = Callable[[Path], AbstractContextManager[object]]


class FeatureCopies:
    """The copies of one dataset's features.

    Parameters
    ----------
    dataset
        Its feature files get their copies attached, and read from them from then on.
    store
        Where copies are kept; by default the user's.
    least_bytes
        Smaller files are not copied.
    """

    def __init__(
        self,
        dataset: Dataset,
        store: CopyStore | None = None,
        least_bytes: int = LEAST_BYTES,
    ) -> None:
        self._templates = dataset.spike_templates
        self._sampled = dataset.pc_features
        self._files = [f for f in (dataset.pc_features, dataset.template_features) if f]
        self.store = CopyStore.of_user() if store is None else store
        self.least_bytes = least_bytes
        self.told: list[str] = []
        """Why a copy could not be made, in plain sentences."""

    def attach_existing(self) -> bool:
        """Attach copies that were made before; return whether one that would help is missing."""
        is_missing = False
        for file in self._files:
            with suppress(GtviewError, OSError):
                is_missing |= file.copy is None and self._helps(file) and not self._attach(file)
        return is_missing

    def make(self, report: Reporter = ignore_progress, watch: Watch = nullcontext) -> None:
        """Make the copies that are missing, and attach them.

        Takes about 100 MB and 24 bytes a spike, and reads and writes each file about twice.

        Parameters
        ----------
        report
            Told the part done while something is copied.
        watch
            Entered with the path that is written to.

        Raises
        ------
        CancelledError
            `report` says so; what was half done is deleted.
        """
        total = sum(f.header.stamp.size_bytes for f in self._files) or 1
        done = 0.0
        for file in self._files:
            share = file.header.stamp.size_bytes / total
            self._provide(file, part_of(report, done, done + share), watch)
            done += share

    def _provide(self, file: FeatureFile, report: Reporter, watch: Watch) -> None:
        if file.copy is not None or not self._helps(file):
            return
        try:
            if not self._attach(file):
                file.attach(self._made(file, report, watch))
        except CancelledError:
            raise
        except (GtviewError, OSError) as error:
            sentence = str(error) if isinstance(error, NoRoomError) else _sentence(file, error)
            _log.warning("no copy of %s: %s", file.path, error)
            self.told.append(sentence)

    def _helps(self, file: FeatureFile) -> bool:
        if file.header.stamp.size_bytes < self.least_bytes or not file.has_increasing_spikes:
            return False
        has_all = file.has_all_spikes
        rows = slice(0, file.n_rows) if has_all else file.spikes_of_rows()
        return not is_ordered_by_template(self._templates[rows])

    @cached_property
    def _templates_hash(self) -> bytes:
        return hash_numbers(self._templates)

    def _attach(self, file: FeatureFile) -> bool:
        key = fingerprint(file, self._templates_hash)
        path = self.store.path_of(key)
        if not path.is_file():
            return False
        try:
            copy = FeatureCopy.open(path, key, self._templates)
        except DatasetError as error:
            _log.warning("the copy %s is made again: %s", path.name, error)
            remove(path)
            return False
        self.store.mark_used(path)
        file.attach(copy)
        return True

    def _made(self, file: FeatureFile, report: Reporter, watch: Watch) -> FeatureCopy:
        report(0.0, MESSAGE)
        key = fingerprint(file, self._templates_hash)
        layout = lay_out_copy(file, self._templates, key, has_sample=file is self._sampled)
        self.store.make_room(layout.total_bytes)
        with self.store.written(key) as partial, watch(partial):
            write_feature_copy(file, layout, self._templates, partial, _named(report))
        return FeatureCopy.open(self.store.path_of(key), key, self._templates)


def is_ordered_by_template(templates_of_rows: Int32Array) -> bool:
    """Whether a file whose rows have these templates, int32 (n_rows,), is as good as a copy."""
    n_runs = int(np.count_nonzero(templates_of_rows[1:] != templates_of_rows[:-1])) + 1
    return n_runs * ORDERED_RUN <= len(templates_of_rows)


def _sentence(file: FeatureFile, error: BaseException) -> str:
    return f"The features of {file.path.name} could not be copied for faster browsing: {error}"


def _named(report: Reporter) -> Reporter:
    return lambda fraction, message="": report(fraction, message or MESSAGE)
