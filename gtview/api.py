"""What scripts and the commands use: describe and score a dataset without a window."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from .data.dataset import Dataset
    from .scoring.causes import SpikeCauses
    from .scoring.scores import Scores
    from .session.scoring import ScoringQuery
    from .session.spike_truth import SpikeTruth, TruthFacts

MeasureSizes: TypeAlias = Literal["auto", "always", "never"]

UNSORTED_KIND = "unsorted"


def describe_dataset(
    path: Path,
    ground_truth: Path | None = None,
    sorting: str | None = None,
    *,
    use_journal: bool = False,
) -> dict[str, Any]:
    """Read a dataset and say what it holds, as JSON values; unsaved curation only if asked for.

    Raises
    ------
    DatasetError
        It cannot be opened.
    """
    from .data.discovery import find_unsorted
    from .session.open import open_dataset

    unsorted = find_unsorted(path) if sorting is None else None
    if unsorted is not None:
        return _describe_unsorted(unsorted)
    opened = open_dataset(
        path, ground_truth=ground_truth, sorting=sorting, use_journal=use_journal
    )
    dataset = opened.dataset
    return {
        "kind": dataset.kind,
        "folder": str(dataset.folder),
        "n_spikes": dataset.n_spikes,
        "n_clusters": opened.clustering.n_clusters,
        "n_templates": dataset.n_templates,
        "n_channels": dataset.channels.n_channels,
        "n_raw_channels": dataset.n_raw_channels,
        "duration_s": dataset.duration_s,
        "sample_rate_hz": float(dataset.sample_rate_hz),
        "gain_uv": None if dataset.gain is None else dataset.gain.uv_per_bit,
        "n_units": None if opened.truth is None else opened.truth.n_units,
        "has": {
            "templates": dataset.templates is not None,
            "pc_features": dataset.pc_features is not None,
            "template_features": dataset.template_features is not None,
            "similar_templates": dataset.similar_templates is not None,
            "amplitudes": dataset.amplitudes is not None,
            "spike_positions": dataset.spike_positions_um is not None,
            "whitening": dataset.has_whitening,
            "raw": dataset.raw is not None,
            "ground_truth": opened.truth is not None,
        },
        "diagnostics": [item.to_json() for item in dataset.diagnostics],
    }


def _describe_unsorted(folder: Path) -> dict[str, Any]:
    """Describe a generated dataset that was not sorted yet, from what its recipe says."""
    import json

    from .base.errors import DatasetError

    try:
        recipe = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
        made = recipe["resolved"]
        n_samples, rate_hz = int(made["n_samples"]), float(made["sample_rate_hz"])
        return {
            "kind": UNSORTED_KIND,
            "folder": str(folder),
            "name": str(recipe["asked"].get("name", "")),
            "n_units": int(made["n_units"]),
            "n_true_spikes": int(made["n_spikes"]),
            "n_clusters": 0,
            "n_spikes": 0,
            "n_channels": int(made["n_channels"]),
            "duration_s": n_samples / rate_hz,
            "sample_rate_hz": rate_hz,
            "recordings": [
                name for name in ("recording", "recording_static") if (folder / name).is_dir()
            ],
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"The recipe of {folder} cannot be read.") from error


def describe_in_words(description: dict[str, Any]) -> str:
    """Return a description as lines for a person."""
    if description["kind"] == UNSORTED_KIND:
        return _unsorted_in_words(description)
    minutes = description["duration_s"] / 60
    has = [name.replace("_", " ") for name, there in description["has"].items() if there]
    lacks = [name.replace("_", " ") for name, there in description["has"].items() if not there]
    lines = [
        f"{description['folder']}: {description['kind']} export",
        f"{description['n_spikes']:,} spikes, {description['n_clusters']:,} clusters, "
        f"{description['n_templates']:,} templates",
        f"{description['n_channels']} channels of {description['n_raw_channels']}, "
        f"{description['sample_rate_hz']:g} Hz, {minutes:.1f} min",
        f"has: {', '.join(has) or 'nothing else'}",
        f"lacks: {', '.join(lacks) or 'nothing'}",
    ]
    for item in description["diagnostics"]:
        where = f"{item['file']}: " if item["file"] else ""
        lines.append(f"{item['level']}: {where}{item['message']} {item['meaning']}".rstrip())
    return "\n".join(lines)


def _unsorted_in_words(description: dict[str, Any]) -> str:
    recordings = {"recording": "drifting", "recording_static": "static"}
    which = " and ".join(recordings[name] for name in description["recordings"])
    return "\n".join(
        [
            f"{description['folder']}: generated dataset, nothing was sorted yet",
            f"{description['n_units']:,} true units, {description['n_true_spikes']:,} true spikes",
            f"{description['n_channels']} channels, {description['sample_rate_hz']:g} Hz, "
            f"{description['duration_s'] / 60:.1f} min, {which}",
            "sort it with `gtview sort`, or open it in the window: the true units are then shown "
            "as clusters",
        ]
    )


def score_dataset(
    path: Path,
    ground_truth: Path | None = None,
    sorting: str | None = None,
    delta_ms: float = 0.4,
    *,
    use_journal: bool = False,
) -> Scores:
    """Score a sorting against its ground truth; unsaved curation only if asked for.

    Raises
    ------
    DatasetError
        It cannot be opened, or there is no ground truth.
    """
    truth = explain_dataset(
        path, ground_truth, sorting, delta_ms, use_journal=use_journal, measure_sizes="never"
    )
    return truth.scores


def explain_dataset(
    path: Path,
    ground_truth: Path | None = None,
    sorting: str | None = None,
    delta_ms: float = 0.4,
    *,
    use_journal: bool = False,
    compensate_lags: bool = False,
    measure_sizes: MeasureSizes = "auto",
) -> SpikeTruth:
    """Score a sorting; what is returned also tells what became of every spike, and why.

    With `compensate_lags` each cluster is first shifted by its constant lag. Where the ground
    truth does not tell how large its spikes are, they are measured in the raw recording:
    "always", "never", or ("auto") where that has at most 4 GB.

    Raises
    ------
    DatasetError
        It cannot be opened, or there is no ground truth.
    """
    from .base.errors import DatasetError
    from .session.open import open_dataset
    from .session.scoring import score, scoring_query
    from .session.spike_truth import SpikeTruth, TruthFacts

    opened = open_dataset(
        path, ground_truth=ground_truth, sorting=sorting, use_journal=use_journal
    )
    if opened.truth is None:
        unreadable = "; ".join(item.message for item in opened.truth_diagnostics)
        raise DatasetError(
            f"the ground truth beside {path} cannot be used: {unreadable}"
            if unreadable
            else f"no ground truth was found beside {path}; name one with --ground-truth"
        )
    query = scoring_query(opened)
    facts = TruthFacts(opened.dataset, opened.truth)
    if measure_sizes != "never":
        _measure_sizes(opened.dataset, facts, query, is_asked=measure_sizes == "always")
    truth = SpikeTruth(query, score(query, delta_ms), facts)
    return truth.without_lags() if compensate_lags else truth


def _measure_sizes(
    dataset: Dataset, facts: TruthFacts, query: ScoringQuery, *, is_asked: bool
) -> None:
    from .data.size_store import SizeStore
    from .session.true_sizes import can_measure, is_automatic, measure_sizes

    if can_measure(dataset, facts.truth) and (is_asked or is_automatic(dataset)):
        for _ in measure_sizes(facts, dataset, query.index, SizeStore.of_user()):
            pass


UNIT_FIELDS = (
    "unit_id",
    "n_spikes",
    "cluster_id",
    "tp",
    "fn",
    "fp",
    "accuracy",
    "recall",
    "precision",
    "category",
    "best_cluster_id",
    "best_agreement",
)


def write_score_csv(scores: Scores, path: Path, causes: SpikeCauses | None = None) -> None:
    """Write one row a unit; a field that does not exist is empty.

    With `causes` also the most frequent cause of spikes that are not found, and the number of
    spikes with each.
    """
    from .base.files import write_text_whole

    rows = [dict(unit) for unit in scores.to_json()["units"]]
    fields = list(UNIT_FIELDS)
    if causes is not None:
        added = _cause_fields(causes)
        fields += list(added[0]) if added else []
        for row, more in zip(rows, added, strict=True):
            row.update(more)
    text = io.StringIO()
    writer = csv.DictWriter(text, fields, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: "" if v is None else v for k, v in row.items()})
    write_text_whole(path, text.getvalue())


def _cause_fields(causes: SpikeCauses) -> list[dict[str, Any]]:
    """Return for each unit its main cause, and the spikes of each cause by a plain name."""
    from .scoring.causes import CAUSE_NAMES, Cause

    names = {cause: CAUSE_NAMES[cause].replace(" ", "_") for cause in Cause if cause}
    found: list[dict[str, Any]] = []
    for unit in range(len(causes.unit_ids)):
        main = causes.main_cause(unit)
        numbers = {f"n_{name}": int(causes.counts[unit, c]) for c, name in names.items()}
        found.append({"main_cause": None if main is None else names[main], **numbers})
    return found


def scores_as_json(truth: SpikeTruth) -> dict[str, Any]:
    """Return what `gtview score --json` prints: the scores, and the causes of each unit."""
    causes = truth.causes()
    values = truth.scores.to_json()
    chance = truth.chance().tolist()
    for unit, more, by_chance in zip(values["units"], _cause_fields(causes), chance, strict=True):
        unit["chance_agreement"] = by_chance
        main = more.pop("main_cause")
        unit["main_cause"] = main
        unit["causes"] = {name.removeprefix("n_"): n for name, n in more.items()}
    values["unknown_causes"] = {c.name.lower(): why for c, why in causes.unknown.items()}
    return values


def score_in_words(scores: Scores, causes: SpikeCauses | None = None) -> str:
    """Return the scores as a table for a person; with `causes` also why spikes are lost."""
    rows: list[tuple[str, ...]] = [
        ("unit", "spikes", "cluster", "accuracy", "recall", "precision", "category")
    ]
    rows += [
        (
            str(unit.unit_id),
            f"{unit.n_spikes:,}",
            "-" if unit.cluster_id is None else str(unit.cluster_id),
            f"{unit.accuracy:.3f}",
            f"{unit.recall:.3f}",
            f"{unit.precision:.3f}",
            unit.category.replace("_", " "),
        )
        for unit in scores.units
    ]
    if causes is not None:
        reasons = ["spikes lost", *(_main_reason(causes, k) for k in range(len(scores.units)))]
        rows = [(*row, reason) for row, reason in zip(rows, reasons, strict=True)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ["  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    counts = ", ".join(
        f"{n} {name.replace('_', ' ')}" for name, n in scores.category_counts.items() if n
    )
    lines.append("")
    lines.append(f"{len(scores.units)} units: {counts}")
    false = f"{len(scores.false_cluster_ids)} false clusters"
    if scores.is_partial:
        false = "the truth knows some neurons only: clusters without a unit are not judged"
    lines.append(
        f"{false}; mean accuracy {scores.mean_accuracy:.3f} (within {scores.delta_ms:g} ms)"
    )
    if scores.lag is not None:
        lines.append(f"warning: {scores.lag.warning}")
    return "\n".join(lines)


def _main_reason(causes: SpikeCauses, unit: int) -> str:
    """Return how many spikes of a unit are not found, and mostly why."""
    from .scoring.causes import CAUSE_NAMES

    main = causes.main_cause(unit)
    n = int(causes.counts[unit, 1:].sum())
    if main is None:
        return "0"
    share = int(causes.counts[unit, main]) / n
    return f"{n:,} ({CAUSE_NAMES[main]} {share:.0%})"
