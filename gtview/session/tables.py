"""The tables of a session as columns: clusters, clusters similar to one, units of the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..analysis.similarity import compute_cluster_similarity
from ..base.table import Column, Table
from ..base.types import Float32Array, Float64Array, Int64Array
from .property_columns import choose_digits, id_column, property_columns
from .quality_columns import pc_columns, quality_columns

if TYPE_CHECKING:
    from ..analysis.clusters import ClusterStats
    from ..analysis.pc_metrics import PcMetrics
    from ..analysis.quality import ClusterQuality
    from ..data.dataset import Dataset
    from ..data.ground_truth import GroundTruth, UnitId
    from ..scoring.results import ClusterMatch, Scores, UnitScore

UM = "\N{MICRO SIGN}m"
# A similarity table has all clusters when there are fewer than this, else the most similar ones.
ALL_SIMILAR_BELOW = 400
MOST_SIMILAR = 100
_NO_PC: Mapping[int, PcMetrics] = {}


class HasTables(Protocol):
    """What tables are made from: a session, or a snapshot of one."""

    @property
    def dataset(self) -> Dataset:
        """The export."""

    @property
    def stats(self) -> ClusterStats:
        """Numbers of every cluster."""

    @property
    def truth(self) -> GroundTruth | None:
        """The ground truth."""

    @property
    def scores(self) -> Scores | None:
        """The scores; None until they are computed."""


@dataclass(frozen=True, slots=True, eq=False)
class TableSource:
    """A snapshot of what tables are made from; safe to hand to a thread."""

    dataset: Dataset
    stats: ClusterStats
    truth: GroundTruth | None
    scores: Scores | None
    quality: ClusterQuality | None = None
    pc: Mapping[int, PcMetrics] = field(default_factory=dict)

    @classmethod
    def of(cls, session: HasTables) -> TableSource:
        """Take a snapshot of a session."""
        labelled = getattr(session, "labelled", session.dataset)
        quality = getattr(session, "quality", None)
        pc = getattr(session, "pc", _NO_PC)
        return cls(labelled, session.stats, session.truth, session.scores, quality, pc)

    def is_same_as(self, other: TableSource) -> bool:
        """Whether tables would be made from the very same things."""
        return all(getattr(self, f.name) is getattr(other, f.name) for f in fields(self))


def cluster_table(source: HasTables) -> Table:
    """Return the table of all clusters, by id.

    With a ground truth it has the best unit of each cluster and how well the two agree; these
    do not exist until there are scores. Every column of the export's own tables follows.
    """
    ids = source.stats.cluster_ids.tolist()
    return _clusters(source, np.arange(len(ids)), ())


def similarity_table(
    source: HasTables, cluster_id: int, similar_templates: Float32Array | None
) -> Table:
    """Return the table of the clusters that are like one, the most similar first.

    All other clusters are in it when there are fewer than `ALL_SIMILAR_BELOW`, else the
    `MOST_SIMILAR` most similar ones. Equal ones are in order of id; those of unknown similarity
    come last.

    Parameters
    ----------
    source
        The session, or a snapshot of it.
    cluster_id
        The cluster to compare with; a table without rows when it is not there.
    similar_templates : float32 array, (n_templates, n_templates), or None
        None: the similarity of all is unknown.
    """
    found = np.flatnonzero(source.stats.cluster_ids == cluster_id)
    if not len(found):
        return _clusters(source, np.empty(0, np.int64), (_similarity(np.empty(0)),))
    similarity = np.full(len(source.stats.cluster_ids), np.nan)
    if similar_templates is not None:
        similarity[:] = compute_cluster_similarity(
            similar_templates, source.stats.templates, int(found[0])
        )
    rows = np.lexsort((source.stats.cluster_ids, -np.nan_to_num(similarity, nan=-np.inf)))
    rows = rows[rows != found[0]]
    if len(similarity) >= ALL_SIMILAR_BELOW:
        rows = rows[:MOST_SIMILAR]
    return _clusters(source, rows, (_similarity(similarity[rows]),))


def _similarity(values: Float64Array) -> Column:
    text = "Largest similarity of their templates: 1 for the same shape on the same channels."
    return Column("similarity", values, digits=2, help=text)


def _clusters(source: HasTables, rows: Int64Array, first: tuple[Column, ...]) -> Table:
    ids = source.stats.cluster_ids[rows].astype(np.int64)
    known = tuple(ids.tolist())
    columns = (
        Column("id", ids, "id", help="Cluster of the sorting."),
        *first,
        *_number_columns(source, rows),
        *_match_columns(source, known),
        _amplitude_column(source, rows),
        *quality_columns(getattr(source, "quality", None), known),
        *pc_columns(getattr(source, "pc", _NO_PC), known),
    )
    own_names = {column.name for column in columns}
    dataset = getattr(source, "labelled", source.dataset)
    properties = property_columns(dataset.properties, known, own_names)
    return Table(known, (*columns, *properties))


def _number_columns(source: HasTables, rows: Int64Array) -> list[Column]:
    stats = source.stats
    columns = [
        id_column(
            "ch",
            _or_missing(stats.best_channels[rows]),
            "Best channel: the one on which the cluster is largest.",
        )
    ]
    if len(np.unique(source.dataset.channels.shanks)) > 1:
        columns.append(id_column("sh", _or_missing(stats.shanks[rows]), "Shank of the probe."))
    digits = _rate_digits(stats.rate_hz)
    return [
        *columns,
        Column("depth", _numbers(stats.depths_um[rows]), "number", UM, 0, _DEPTH),
        Column("rate", _numbers(stats.rate_hz[rows]), "number", "Hz", digits, _RATE),
        Column("spikes", stats.n_spikes[rows].astype(np.int64), "integer", help=_SPIKES),
    ]


def _amplitude_column(source: HasTables, rows: Int64Array) -> Column:
    stats = source.stats
    values, digits = _numbers(stats.amplitudes[rows]), choose_digits(stats.amplitudes)
    return Column("amp", values, "number", stats.amplitude_unit, digits, _AMPLITUDE)


_DEPTH = "Position of the best channel along the probe."
_RATE = "Spikes a second, over the whole recording."
_AMPLITUDE = (
    "Amplitude: peak-to-peak size of the template on the best channel; arb. = the gain of the "
    "recording is not known."
)
_SPIKES = "Number of spikes."
_UNIT = "Unit of the ground truth that agrees best with the cluster."
_ACCURACY = "Spikes that both have, as a share of the spikes that either has: tp / (tp + fn + fp)."
_RECALL = "Share of the unit's spikes that the cluster has: tp / (tp + fn)."
_PRECISION = "Share of the cluster's spikes that are the unit's: tp / (tp + fp)."
_UNMATCHED = " 0 where no cluster reaches an agreement of 0.5."
_CATEGORY = (
    "What became of the unit: well detected, partial, merged with another, split over clusters, "
    "duplicate (found twice), or missed."
)


def _match_columns(source: HasTables, cluster_ids: Sequence[int]) -> list[Column]:
    if source.truth is None:
        return []
    scores = source.scores
    matches: list[ClusterMatch | None] = [
        None if scores is None else scores.unit_of_cluster(i) for i in cluster_ids
    ]
    unit_ids = [None if m is None else m.unit_id for m in matches]
    return [
        _unit_id_column("unit", unit_ids, source.truth.unit_ids, _UNIT),
        *(
            Column(name, _field(matches, name), "number", "", 2, text)
            for name, text in _SCORE_HELP.items()
        ),
    ]


_SCORE_HELP = {"accuracy": _ACCURACY, "recall": _RECALL, "precision": _PRECISION}


def unit_table(source: HasTables) -> Table:
    """Return the table of the units of the ground truth; without one it has no rows.

    Accuracy, recall and precision are those of the cluster that stands for the unit; best cluster
    is the one that agrees best, however little.
    """
    truth, scores = source.truth, source.scores
    if truth is None:
        return Table((), ())
    by_id: dict[UnitId, UnitScore] = {}
    if scores is not None:
        by_id = {unit.unit_id: unit for unit in scores.units}
    units = [by_id.get(unit_id) for unit_id in truth.unit_ids]
    rates = truth.unit_sizes / source.dataset.duration_s
    categories = [None if u is None else u.category.replace("_", " ") for u in units]
    columns = (
        _unit_id_column("id", list(truth.unit_ids), truth.unit_ids, "Unit of the ground truth."),
        Column("spikes", truth.unit_sizes.astype(np.int64), "integer", help=_SPIKES),
        Column("rate", rates, "number", "Hz", _rate_digits(rates), _RATE),
        Column("depth", unit_depths(truth), "number", UM, 0, "True position along the probe."),
        id_column(
            "best cluster",
            _field(units, "best_cluster_id"),
            "Cluster that agrees best with the unit, however little.",
        ),
        *(
            Column(name, _field(units, name), "number", "", 2, text + _UNMATCHED)
            for name, text in _SCORE_HELP.items()
        ),
        Column("category", _objects(categories), "text", help=_CATEGORY),
    )
    return Table(truth.unit_ids, columns)


def unit_depths(truth: GroundTruth) -> Float64Array:
    """Return the depth of each unit: as the truth tells it, else of its largest channel.

    Returns
    -------
    float64 array, (n_units,), um
        NaN where it is not known.
    """
    if truth.locations_um is not None:
        return _numbers(truth.locations_um[:, 1])
    templates = truth.templates
    if templates is None or templates.channel_positions_um is None:
        return np.full(truth.n_units, np.nan)
    largest = np.ptp(templates.waveforms_uv, axis=1).argmax(axis=1)
    return _numbers(templates.channel_positions_um[largest, 1])


def _unit_id_column(
    name: str, values: Sequence[UnitId | None], unit_ids: Sequence[UnitId], text: str
) -> Column:
    if all(isinstance(unit_id, int) for unit_id in unit_ids):
        numbers = [np.nan if value is None else float(value) for value in values]
        return id_column(name, np.array(numbers), text)
    words = [None if value is None else str(value) for value in values]
    return Column(name, _objects(words), "text", help=text)


def _objects(values: Sequence[str | None]) -> NDArray[np.object_]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _field(items: Sequence[Any], name: str) -> Float64Array:
    values = [None if item is None else getattr(item, name) for item in items]
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def _or_missing(ids: NDArray[Any]) -> Float64Array:
    return np.where(ids < 0, np.nan, ids).astype(np.float64)


def _numbers(values: NDArray[Any]) -> Float64Array:
    return np.asarray(values, dtype=np.float64)


def _rate_digits(rates: Float64Array) -> int:
    # Slow neurons would otherwise all read 0.0 or 0.1.
    return 1 if len(rates) and np.median(rates) >= 1 else 2
