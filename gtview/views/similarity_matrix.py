"""How alike all clusters are, as a matrix; a click selects a pair."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..qt.matrix import Frame
from ..qt.theme import cluster_color
from ..session.events import ClusteringChanged, DatasetChanged, SelectionChanged
from .base import ViewAction
from .matrix_view import MATRIX_GESTURES, MatrixView, matrix_actions
from .similarity_cells import ORDERS, SimilarityCells, make_cells

if TYPE_CHECKING:
    from ..analysis.clusters import ClusterStats
    from ..session.selection import SelectionState
    from ..session.session import Session
    from ..session.similarity import SimilarTemplates

NOTHING_TO_COMPARE = (
    "Nothing tells how alike clusters are: "
    "the export has neither similar_templates.npy nor templates.npy."
)
DOT = " \N{MIDDLE DOT} "


@dataclass(frozen=True, slots=True)
class SimilarityMatrixSettings:
    """In which order clusters stand: one of `ORDERS`."""

    order: str = field(
        default=ORDERS[0],
        metadata={"label": "Order of clusters", "choices": ORDERS, "help": "Rows and columns."},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    stats: ClusterStats
    similar: SimilarTemplates
    order: str
    known: SimilarityCells | None


class SimilarityMatrixView(MatrixView):
    """Clusters x clusters; a cell is the largest similarity of their templates."""

    id = "similarity_matrix"
    title = "Similarity matrix"
    Settings = SimilarityMatrixSettings
    listens_to = (SelectionChanged, ClusteringChanged, DatasetChanged)
    actions_declared = (
        ViewAction(
            "similarity_matrix.order",
            "Next order",
            ("O",),
            "show_next_order",
            "Clusters by depth, by similarity (those that are alike side by side), or by id.",
        ),
        *matrix_actions("similarity_matrix", "Cluster", "Similar cluster"),
    )
    gestures = (
        ("Click", "select the two clusters of a cell"),
        ("Pointer on a cell", "how alike the two are, in the title bar"),
        *MATRIX_GESTURES,
    )
    row_title = "cluster"
    column_title = "similar cluster"

    settings: SimilarityMatrixSettings
    matrix: SimilarityCells | None = None

    @classmethod
    def missing(cls, session: Session) -> str | None:
        return None if session.similar_templates.exists else NOTHING_TO_COMPARE

    # Query, compute, draw ------------------------------------------------------------------

    def query(self) -> _Query | None:
        stats = self.session.stats
        if not len(stats.cluster_ids):
            self.empty_text = "The sorting has no clusters."
            self.matrix = None
            return None
        return _Query(stats, self.session.similar_templates, self._order, self.matrix)

    @staticmethod
    def compute(query: _Query) -> SimilarityCells:
        known = query.known
        if known is not None and known.stats is query.stats and known.order == query.order:
            return known
        return make_cells(query.stats, query.similar.values(), query.order)

    def names(self, matrix: SimilarityCells) -> tuple[list[str], list[str]]:
        names = [str(i) for i in matrix.cluster_ids.tolist()]
        return names, names

    def mark_selection(self, matrix: SimilarityCells, state: SelectionState) -> None:
        n = len(matrix.cluster_ids)
        colors: dict[int, Any] = {}
        frames = []
        for cluster_id, color_id in zip(state.shown_ids, state.color_ids, strict=True):
            place = matrix.place_of(cluster_id)
            if place is not None:
                colors[place] = cluster_color(color_id)
                frames.append(Frame(0, place, n, 1, colors[place]))
                frames.append(Frame(place, 0, 1, n, colors[place]))
        self.item.set_frames(tuple(frames))
        self.mark_names(colors, colors)

    # Cells ---------------------------------------------------------------------------------

    def select_cell(self, row: int, column: int, *, is_added: bool = False) -> None:
        """Select a cluster and one that is like it, or add both."""
        if self.matrix is None:
            return
        ids = self.matrix.cluster_ids
        state = self.session.selection.state
        chosen: tuple[int, ...] = (int(ids[row]),)
        similar: tuple[int, ...] = (int(ids[column]),)
        if is_added and state.cluster_ids:
            added = (*state.similar_ids, *chosen, *similar)
            chosen = state.cluster_ids
            similar = tuple(i for i in added if i not in chosen)
        self.session.select_clusters(chosen, similar, source=self)

    def chosen_cell(self) -> tuple[int | None, int | None]:
        """Return the row of the first selected cluster and the column of the last."""
        shown = self.session.selection.state.shown_ids
        if self.matrix is None or not shown:
            return None, None
        return self.matrix.place_of(shown[0]), self.matrix.place_of(shown[-1])

    def cell_text(self, row: int, column: int) -> str:
        """Say how alike two clusters are."""
        if self.matrix is None:
            return ""
        ids, value = self.matrix.cluster_ids, float(self.matrix.values[row, column])
        if row == column:
            return f"cluster {ids[row]}"
        return f"cluster {ids[row]}{DOT}cluster {ids[column]}: similarity {value:.2f}"

    def summary(self) -> str:
        """Say how many clusters there are, their order, and where the numbers come from."""
        if self.matrix is None:
            return ""
        n = len(self.matrix.cluster_ids)
        name = "cluster" if n == 1 else "clusters"
        source = self.session.similar_templates.source
        return f"{n:,} {name} ordered by {self.matrix.order}{DOT}{source}"

    # Keys ----------------------------------------------------------------------------------

    def show_next_order(self) -> None:
        """Order clusters by depth, by similarity, or by id."""
        self.turn("order", ORDERS)

    @property
    def _order(self) -> str:
        return self.settings.order if self.settings.order in ORDERS else ORDERS[0]
