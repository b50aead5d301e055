"""How the units of the ground truth and the clusters of the sorter go together, as a matrix."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .agreement_matrix import VALUES, Matrix, make_matrix
from .match_view import NO_TRUTH, MatchView, empty_text, match_actions
from .matrix_view import MATRIX_GESTURES

if TYPE_CHECKING:
    from ..scoring.scores import Scores

DOT = " \N{MIDDLE DOT} "


@dataclass(frozen=True, slots=True)
class AgreementSettings:
    """What the numbers and colours are: one of `VALUES`."""

    value: str = field(
        default=VALUES[0],
        metadata={"label": "Value", "choices": VALUES, "help": "What numbers and colours are."},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    scores: Scores
    value: str
    known: Matrix | None


class AgreementView(MatchView):
    """Units x clusters, ordered by best match; a click selects both."""

    id = "agreement"
    title = "Agreement"
    Settings = AgreementSettings
    actions_declared = (
        *match_actions(
            "agreement", "Agreement, recall, precision, or the number of matched spikes."
        ),
    )
    gestures = (
        ("Click", "select the unit and the cluster of a cell"),
        ("Pointer on a cell", "what the two share, in the title bar"),
        *MATRIX_GESTURES,
    )
    values_of = VALUES

    settings: AgreementSettings
    matrix: Matrix | None = None

    # Query, compute, draw ------------------------------------------------------------------

    def query(self) -> _Query | None:
        scores = self.session.scores
        self.empty_text = empty_text(scores)
        if self.empty_text or scores is None:
            self.matrix = None
            return None
        return _Query(scores, self.value, self.matrix)

    @staticmethod
    def compute(query: _Query) -> Matrix:
        known = query.known
        if known is not None and known.scores is query.scores and known.value == query.value:
            return known
        return make_matrix(query.scores, query.value)

    # Cells ---------------------------------------------------------------------------------

    def cell_text(self, row: int, column: int) -> str:
        """Say what a unit and a cluster share."""
        facts = self.session.truth_access.facts
        if self.matrix is None or facts is None:
            return ""
        return cell_text(self.matrix, row, column, facts.duration_samples)

    def summary(self) -> str:
        """Say in one line how well the units are found, and which value is shown."""
        if self.matrix is None:
            return ""
        text = summary(self.matrix.scores)
        is_plain = self.matrix.value == VALUES[0]
        return text if is_plain else f"{self.matrix.value}{DOT}{text}"


def summary(scores: Scores) -> str:
    """Say in one line how well the units are found."""
    n = len(scores.unit_ids)
    found = [
        f"{count:,} {name.replace('_', ' ')}"
        for name, count in scores.category_counts.items()
        if count
    ]
    text = f"{n:,} {'unit' if n == 1 else 'units'}: {DOT.join(found)}"
    n_false = len(scores.false_cluster_ids)
    if n_false:
        text += f"; {n_false:,} false {'cluster' if n_false == 1 else 'clusters'}"
    return f"{text}; mean accuracy {scores.mean_accuracy:.2f}"


def cell_text(matrix: Matrix, row: int, column: int, duration_samples: int) -> str:
    """Say what a unit and a cluster share, and what they would by chance alone."""
    from ..scoring.chance import expect_matches

    scores = matrix.scores
    i, j = int(matrix.rows[row]), int(matrix.columns[column])
    count = int(scores.counts[i, j])
    n_true, n_found = int(scores.unit_sizes[i]), int(scores.cluster_sizes[j])
    shares = {
        "agreement": float(scores.agreement[i, j]),
        "recall": count / max(n_true, 1),
        "precision": count / max(n_found, 1),
    }
    by_chance = expect_matches(
        scores.unit_sizes[i : i + 1], scores.cluster_sizes[j : j + 1], scores.delta_samples,
        duration_samples,
    )  # fmt: skip
    name = matrix.value if matrix.value in shares else "agreement"
    return (
        f"unit {matrix.unit_at(row)}{DOT}cluster {matrix.cluster_at(column)}: "
        f"{name} {shares[name]:.2f}, {count:,} matched of {n_true:,} true and {n_found:,} sorted"
        f"{DOT}{by_chance[0, 0]:.2g} by chance"
    )


__all__ = ["NO_TRUTH", "AgreementView", "cell_text", "empty_text", "summary"]
