"""The report of a sorting against its ground truth, as a page: what was found, and why not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..base.html_page import HtmlPage
from ..base.table_fields import Field, table_of
from ..scoring.cause_names import CAUSE_HELP, CAUSE_NAMES, Cause
from .tables import unit_depths

if TYPE_CHECKING:
    from ..base.table import Table
    from ..scoring.causes import SpikeCauses
    from ..scoring.results import Scores
    from .spike_truth import SpikeTruth

_LOST = [cause for cause in Cause if cause]
_PARTIAL = (
    "The ground truth knows some of the neurons only: clusters without a unit may be neurons, "
    "and none is called false."
)

_MEASURED = (
    "Low amplitude: the ground truth does not tell the sizes of its spikes; they were measured in "
    "the recording, except where other true spikes are in them."
)


def score_page(
    truth: SpikeTruth,
    name: str,
    pictures: Iterable[tuple[bytes, str]] = (),
    recipe: Mapping[str, Any] | None = None,
) -> str:
    """Return the page, HTML that needs no other file.

    Parameters
    ----------
    truth
        What became of every spike.
    name
        Of the sorting.
    pictures
        PNG and caption of each.
    recipe
        Of the recording, where gtview made it.
    """
    scores, causes = truth.scores, truth.causes()
    page = HtmlPage(
        f"{name} against its ground truth", f"Spikes are the same within {scores.delta_ms:g} ms."
    )
    page.add_text(summary_sentence(scores, causes))
    page.add_text(
        f"By chance alone, units would agree up to {truth.chance().max(initial=0):.3f} with their "
        "clusters.",
        is_quiet=True,
    )
    if scores.is_partial:
        page.add_text(_PARTIAL)
    if scores.lag is not None:
        page.add_text(scores.lag.warning)
    for png, caption in pictures:
        page.add_picture(png, caption)
    page.add_heading("Units")
    page.add_table(unit_table(truth))
    page.add_heading("Why spikes were not found")
    page.add_table(cause_table(causes))
    if truth.facts.sizes is not None:
        page.add_text(_MEASURED, is_quiet=True)
    for cause, reason in causes.unknown.items():
        page.add_text(f"{CAUSE_NAMES[cause].capitalize()}: {reason}", is_quiet=True)
    page.add_heading("Clusters")
    page.add_table(cluster_table(truth))
    if recipe is not None:
        page.add_heading("Recipe of the recording")
        page.add_code(json.dumps(recipe, indent=1))
    return page.render()


def summary_sentence(scores: Scores, causes: SpikeCauses) -> str:
    """Return the result in two sentences."""
    counts = ", ".join(
        f"{n} {name.replace('_', ' ')}" for name, n in scores.category_counts.items() if n
    )
    text = (
        f"{len(scores.units)} units: {counts or 'none'}. Mean accuracy {scores.mean_accuracy:.3f}."
    )
    lost = causes.counts[:, 1:].sum(axis=0)
    n_lost, n_true = int(lost.sum()), int(causes.counts.sum())
    if n_lost:
        first = CAUSE_NAMES[_LOST[int(lost.argmax())]]
        text += (
            f" {n_lost:,} of {n_true:,} true spikes ({n_lost / n_true:.1%}) are not found in the "
            f"cluster of their unit, mostly: {first} ({lost.max() / n_lost:.0%})."
        )
    return text


def unit_table(truth: SpikeTruth) -> Table:
    """Return one row a unit, the worst first."""
    scores, causes = truth.scores, truth.causes()
    depths = unit_depths(truth.facts.truth)
    rows = sorted(range(len(scores.units)), key=lambda row: scores.units[row].accuracy)

    def main_cause(row: int) -> str | None:
        main = causes.main_cause(row)
        return None if main is None else CAUSE_NAMES[main]

    return table_of(
        rows,
        lambda row: row,
        Field("unit", lambda row: scores.units[row].unit_id, "text"),
        Field("category", lambda row: scores.units[row].category.replace("_", " "), "text"),
        Field("accuracy", lambda row: scores.units[row].accuracy, digits=3),
        Field("recall", lambda row: scores.units[row].recall, digits=3),
        Field("precision", lambda row: scores.units[row].precision, digits=3),
        Field("spikes", lambda row: scores.units[row].n_spikes, "integer"),
        Field("depth um", lambda row: depths[row], digits=0),
        Field("cluster", lambda row: scores.units[row].cluster_id, digits=0),
        Field("mostly lost by", main_cause, "text"),
        *(_cause_field(causes, c) for c in _LOST if causes.counts[:, c].any()),
    )


def _cause_field(causes: SpikeCauses, cause: Cause) -> Field:
    def number(row: int) -> int | None:
        return int(causes.counts[row, cause]) or None

    return Field(CAUSE_NAMES[cause], number, digits=0, help=CAUSE_HELP[cause])


def cause_table(causes: SpikeCauses) -> Table:
    """Return one row a cause, with what it means."""
    counts = causes.counts.sum(axis=0)
    n_lost = max(int(counts[1:].sum()), 1)
    return table_of(
        sorted(_LOST, key=lambda cause: -counts[cause]),
        lambda cause: cause,
        Field("cause", lambda cause: CAUSE_NAMES[cause], "text"),
        Field("spikes", lambda cause: counts[cause], "integer"),
        Field("% of those not found", lambda cause: 100 * counts[cause] / n_lost),
        Field("units", lambda cause: int((causes.counts[:, cause] > 0).sum()), "integer"),
        Field("meaning", lambda cause: CAUSE_HELP[cause], "text"),
    )


def cluster_table(truth: SpikeTruth) -> Table:
    """Return one row a cluster: what it is, of which unit, and how late it is."""
    scores, lags = truth.scores, truth.lags()
    per_ms = truth.facts.sample_rate_hz / 1000
    lag_ms = {
        cluster: lag / per_ms
        for cluster, lag, unit in zip(
            lags.cluster_ids, lags.samples.tolist(), lags.units.tolist(), strict=True
        )
        if unit >= 0
    }
    matches = {cluster: scores.unit_of_cluster(cluster) for cluster in scores.cluster_ids}

    def of_match(name: str) -> Any:
        return lambda c: None if matches[c] is None else getattr(matches[c], name)

    sizes = dict(zip(scores.cluster_ids, scores.cluster_sizes.tolist(), strict=True))
    return table_of(
        scores.cluster_ids,
        lambda cluster: cluster,
        Field("cluster", lambda cluster: cluster, "integer"),
        Field("is", lambda c: str(scores.category_of_cluster(c)).replace("_", " "), "text"),
        Field("spikes", lambda c: sizes[c], "integer"),
        Field("unit", of_match("unit_id"), "text"),
        Field("share of the cluster", of_match("precision"), digits=3),
        Field("share of the unit", of_match("recall"), digits=3),
        Field("lag ms", lag_ms.get, digits=2, help="Sorted minus true, where it is constant."),
    )
