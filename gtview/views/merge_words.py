"""What speaks for and against a merge, in words: pairs of a name and a sentence part."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..analysis.coincidences import CENSORED_MS, REFRACTORY_MS
from ..session.gains import signed
from .wording import percent_text

if TYPE_CHECKING:
    from ..analysis.correlograms import Correlograms
    from ..analysis.merge_likelihood import MergeLikelihood
    from ..curation.changes import Change
    from ..scoring.rescoring import ScoreChange, ScoreDelta

Row = tuple[str, str]
_ARROW = " \N{RIGHTWARDS ARROW} "
_MOST_UNITS = 4


def rows_of_merge(
    change: Change | None,
    correlograms: Correlograms,
    likelihoods: tuple[MergeLikelihood, ...],
    gain: ScoreDelta | None,
) -> list[Row]:
    """Return all that is told of a merge."""
    rows = [violation_row(correlograms)]
    for likelihood in likelihoods:
        rows += likelihood_rows(likelihood, is_only=len(likelihoods) == 1)
    if change is None:
        rows.append(("labels", "too many spikes to foretell labels and scores"))
    else:
        rows += [(clash.field, clash.sentence) for clash in change.clashes]
    return rows + ([] if gain is None else gain_rows(gain))


def violation_row(found: Correlograms) -> Row:
    """Return the violation rates of the parts, and of all of them as one."""
    parts = [
        percent_text(_share(int(n), int(size)))
        for n, size in zip(found.n_violations, found.n_spikes, strict=True)
    ]
    text = ", ".join(parts)
    merged = found.merged
    if merged is not None:
        text += f"{_ARROW}{percent_text(_share(merged.n_violations, merged.n_spikes))}"
    return f"intervals < {found.refractory_ms:g} ms", text


def _share(n_violations: int, n_spikes: int) -> float:
    return n_violations / (n_spikes - 1) if n_spikes > 1 else 0.0


def likelihood_rows(found: MergeLikelihood, *, is_only: bool) -> list[Row]:
    """Return the likelihood of two clusters and its parts; of several pairs in fewer words."""
    first, second = found.cluster_ids
    name = f"{first} and {second}"
    if math.isnan(found.value):
        return [(name, "how likely they are one neuron is not known")]
    head = (name, f"merge likelihood {found.value:.2f}: {_verdict(found)}")
    if not is_only:
        return [(name, f"merge likelihood {found.value:.2f} ({_parts_text(found)})")]
    rows = [head]
    if not math.isnan(found.shape):
        lag = f" when moved by {found.lag_ms:+.2f} ms" if found.lag_ms else ""
        rows.append(("shape", f"{found.shape:.2f}: correlation of the templates{lag}"))
    if not math.isnan(found.dip):
        rows.append(("correlogram", f"{found.dip:.2f}: {_dip_text(found)}"))
    for part, value in (("amplitude", found.amplitude), ("depth", found.depth)):
        if not math.isnan(value):
            rows.append((part, f"{value:.2f}: {_continuity_text(value)}"))
    if found.n_twice:
        pairs = f"{found.n_twice:,} pair{'' if found.n_twice == 1 else 's'}"
        rows.append(("found twice", f"{pairs} of spikes within {CENSORED_MS:g} ms"))
    return rows


def _verdict(found: MergeLikelihood) -> str:
    if found.value < 0.4:
        return "speaks against one neuron"
    is_shape_alone = (
        math.isnan(found.amplitude) and math.isnan(found.depth) and _says_little(found)
    )
    if is_shape_alone:
        return "alike, but too few spikes to tell"
    return "speaks for one neuron" if found.value >= 0.7 else "could be one neuron"


def _says_little(found: MergeLikelihood) -> bool:
    """Whether the correlogram tells nothing, as of clusters that fire at other times."""
    return math.isnan(found.dip) or (found.expected < 1.5 and found.n_coincident < 2)


def _parts_text(found: MergeLikelihood) -> str:
    parts = {
        "shape": found.shape,
        "correlogram": found.dip,
        "amplitude": found.amplitude,
        "depth": found.depth,
    }
    return ", ".join(f"{n} {value:.2f}" for n, value in parts.items() if not math.isnan(value))


def _dip_text(found: MergeLikelihood) -> str:
    pairs = f"{found.n_coincident:,} pair{'' if found.n_coincident == 1 else 's'}"
    text = f"{pairs} within {REFRACTORY_MS:g} ms, {found.expected:,.1f} expected of two neurons"
    return f"{text}; too few to tell" if _says_little(found) else text


def _continuity_text(value: float) -> str:
    if value >= 0.6:
        return "goes on from the one to the other"
    return "differs somewhat" if value >= 0.2 else "differs where they are nearest in time"


def gain_rows(gain: ScoreDelta) -> list[Row]:
    """Return what the merge would do to the units that it touches, and to the mean."""
    if not gain.units:
        return [("truth", "no unit's score would change")]
    rows = [(f"unit {unit.unit_id}", unit_text(unit)) for unit in gain.units[:_MOST_UNITS]]
    more = len(gain.units) - _MOST_UNITS
    if more > 0:
        rows.append(("", f"{more} more unit{'s' if more > 1 else ''}"))
    mean = gain.mean_accuracy
    before = mean - gain.mean_accuracy_change
    change = signed(gain.mean_accuracy_change)
    return [*rows, ("all units", f"mean accuracy {before:.3f}{_ARROW}{mean:.3f} ({change})")]


def unit_text(unit: ScoreChange) -> str:
    """Return accuracy, recall and precision of a unit before and after."""
    parts = [
        f"{name} {after - change:.2f}{_ARROW}{after:.2f}"
        for name, after, change in (
            ("accuracy", unit.accuracy, unit.accuracy_change),
            ("recall", unit.recall, unit.recall_change),
            ("precision", unit.precision, unit.precision_change),
        )
    ]
    return ", ".join(parts)
