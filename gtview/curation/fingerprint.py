"""What a sorter found, as a few hashes: by them a journal knows the export that it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..base.errors import DatasetError
from ..base.types import Int32Array
from ..data.dataset import Dataset
from ..data.packed_ids import content_hash


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hashes of what a sorter found: a journal belongs to one of them, wherever its folder is.

    The times and templates of all spikes, and the first assignment; no names, no dates.
    """

    n_spikes: int
    spike_times: str
    spike_templates: str
    spike_clusters: str

    @classmethod
    def of(cls, dataset: Dataset, first_clusters: Int32Array) -> Fingerprint:
        """Compute it; some tenths of a second for 20 million spikes: for a thread."""
        return cls(
            dataset.n_spikes,
            content_hash(dataset.spike_samples, "<i8"),
            content_hash(dataset.spike_templates, "<i4"),
            content_hash(first_clusters, "<i4"),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Fingerprint:
        """Return what `to_json` wrote.

        Raises
        ------
        DatasetError
            It is damaged.
        """
        try:
            return cls(
                int(value["n_spikes"]),
                str(value["spike_times"]),
                str(value["spike_templates"]),
                str(value["spike_clusters"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DatasetError("The beginning of the journal is damaged.") from error

    def is_same_sorting(self, dataset: Dataset) -> bool:
        """Whether the spikes and their templates are those of a dataset."""
        return (
            self.n_spikes == dataset.n_spikes
            and self.spike_templates == content_hash(dataset.spike_templates, "<i4")
            and self.spike_times == content_hash(dataset.spike_samples, "<i8")
        )
