"""Labels of clusters by field, and which of them the parts and the whole of a cluster get."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ..base.errors import UsageError
from ..data.tables import COLUMNS_OF_PHY, ClusterProperties, PropertyValue, read_value
from .changes import Clash, LabelDiff

GROUP = "group"
UNSORTED = "unsorted"
NOISE = "noise"

# Words that sorters and their tools write of each cluster they found: of no other cluster are
# they true.
_TEXT_OF_SORTERS = frozenset(
    {"kslabel", "si_unit_id", "si_unit_ids", "original_cluster_id", "bc_unittype", "unit_id"}
)
_FIELD = re.compile(r"[^\W\d][\w .+-]{0,59}")
_TAKEN = COLUMNS_OF_PHY | {"cluster_id", "info", "id"}


def find_metrics(properties: ClusterProperties) -> frozenset[str]:
    """Return the fields that are a sorter's measurements, not somebody's decisions.

    These are the columns of numbers, and those of words that are known to be a sorter's.
    """
    return frozenset(
        name
        for name in properties.names
        if name.lower() != GROUP
        and (name.lower() in _TEXT_OF_SORTERS or _is_numeric(properties.values(name)))
    )


def _is_numeric(values: Mapping[int, PropertyValue]) -> bool:
    return bool(values) and all(isinstance(v, int | float) for v in values.values())


def check_field(field: str) -> str:
    """Return the name of a field as a file can have it.

    Raises
    ------
    UsageError
        No table can have a column of that name.
    """
    field = field.strip()
    if not _FIELD.fullmatch(field) or field.lower() in _TAKEN:
        raise UsageError(
            f"{field!r} cannot name a label: use letters, numbers and underscores, and no name "
            "that the tables need themselves."
        )
    return field


def check_value(value: PropertyValue) -> PropertyValue:
    """Return a label as it will be read back from a file.

    Raises
    ------
    UsageError
        It is empty, too long, or cannot stand in a cell of a table.
    """
    text = str(value).strip()
    if not text or text.lower() == "nan":
        raise UsageError("A label must not be empty; clear it instead.")
    if len(text) > 1000 or any(ord(c) < 32 for c in text):
        raise UsageError("A label must be one line of at most 1000 characters.")
    return read_value(text)


class Labels:
    """Values of fields by cluster; those of clusters that are gone are kept for undoing.

    Parameters
    ----------
    properties
        What the tables of the export say.
    metrics
        Fields that are not inherited; None: see `find_metrics`.
    """

    def __init__(
        self, properties: ClusterProperties | None, metrics: Iterable[str] | None = None
    ) -> None:
        self.properties = ClusterProperties() if properties is None else properties
        self.metrics = find_metrics(self.properties) if metrics is None else frozenset(metrics)

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of all fields."""
        return self.properties.names

    def get(self, field: str, cluster_id: int) -> PropertyValue | None:
        """Return the value of a cluster; None when it has none."""
        return self.properties.get(field, cluster_id)

    def diff(self, field: str, cluster_id: int, value: PropertyValue | None) -> LabelDiff | None:
        """Return what setting a value changes; None for nothing."""
        before = self.get(field, cluster_id)
        same = before == value and type(before) is type(value)
        return None if same else LabelDiff(field, cluster_id, before, value)

    def apply(self, diffs: Sequence[LabelDiff]) -> None:
        """Set the values behind some changes; the earlier `properties` stay as they were."""
        changed: dict[str, dict[int, PropertyValue]] = {}
        for diff in diffs:
            if diff.field not in changed:
                changed[diff.field] = dict(self.properties.values(diff.field))
            if diff.after is None:
                changed[diff.field].pop(diff.cluster_id, None)
            else:
                changed[diff.field][diff.cluster_id] = diff.after
        for field, values in changed.items():
            # A field whose last value goes was made by an action, or is being renamed.
            if values:
                self.properties = self.properties.with_values(field, values)
            else:
                self.properties = self.properties.without(field)

    def inherit(
        self, parents: Mapping[int, Sequence[int]], sizes: Mapping[int, int]
    ) -> tuple[tuple[LabelDiff, ...], tuple[Clash, ...]]:
        """Return the labels of new clusters: of their parents where these agree.

        Parents without a label do not count; `unsorted` counts as none where another one has a
        group. Where parents differ, the largest labelled one decides, of equals the one of the
        lowest id, and the clash is told. Sorter's metrics are not inherited.

        Parameters
        ----------
        parents
            Clusters that each new cluster has spikes of.
        sizes
            Number of spikes of each parent.
        """
        diffs: list[LabelDiff] = []
        clashes: list[Clash] = []
        for field in self.fields:
            if field in self.metrics:
                continue
            for cluster_id, of in parents.items():
                found = self._labelled(field, of)
                if not found:
                    continue
                largest = min(found, key=lambda item: (-sizes[item[0]], item[0]))
                diffs.append(LabelDiff(field, cluster_id, None, largest[1]))
                if len({value for _, value in found}) > 1:
                    clashes.append(Clash(field, cluster_id, largest[1], largest[0], tuple(found)))
        return tuple(diffs), tuple(clashes)

    def _labelled(self, field: str, parents: Sequence[int]) -> list[tuple[int, PropertyValue]]:
        values = [(i, self.get(field, i)) for i in sorted(parents)]
        found = [(i, value) for i, value in values if value is not None]
        if field == GROUP:
            return [item for item in found if item[1] != UNSORTED] or found
        return found


__all__ = ["GROUP", "NOISE", "UNSORTED", "Labels", "check_field", "check_value", "find_metrics"]
