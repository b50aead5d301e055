"""How alike templates are: read from the export, or computed once when somebody asks."""

from __future__ import annotations

import threading

from ..base.types import Float32Array
from ..data.dataset import Dataset


class SimilarTemplates:
    """The similarity of all pairs of templates of one dataset; safe to ask from threads.

    Parameters
    ----------
    dataset
        Its `similar_templates` count; without them, or where they are all 0 (some exports hold
        an empty matrix), they are computed from its templates.
    """

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._lock = threading.Lock()
        read = dataset.similar_templates
        self._is_read = read is not None and (dataset.templates is None or bool(read.any()))
        self._values = read if self._is_read else None

    @property
    def exists(self) -> bool:
        """Whether the dataset has what it takes."""
        return self._values is not None or self._dataset.templates is not None

    @property
    def is_known(self) -> bool:
        """Whether `values` returns at once."""
        return self._values is not None or self._dataset.templates is None

    @property
    def source(self) -> str:
        """A sentence part on where the numbers come from."""
        if self._is_read:
            return "by template similarity of the sorter"
        return "by correlation of templates" if self.exists else ""

    def values(self) -> Float32Array | None:
        """Return the similarities; they may take seconds to compute, the first time only.

        Returns
        -------
        float32 array, (n_templates, n_templates), or None
            None when the dataset has no templates.
        """
        with self._lock:
            if self._values is None and self._dataset.templates is not None:
                from ..analysis.similarity import compute_template_similarity

                self._values = compute_template_similarity(self._dataset.templates)
            return self._values
