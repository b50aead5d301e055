"""What scripts and the commands use: describe and score a dataset without a window."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .scoring.scores import Scores


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
    from .session.open import open_dataset

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


def describe_in_words(description: dict[str, Any]) -> str:
    """Return a description as lines for a person."""
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
    from .base.errors import DatasetError
    from .session.open import open_dataset
    from .session.scoring import score

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
    return score(opened, delta_ms)


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


def write_score_csv(scores: Scores, path: Path) -> None:
    """Write one row a unit; a field that does not exist is empty."""
    from .base.files import write_text_whole

    text = io.StringIO()
    writer = csv.DictWriter(text, UNIT_FIELDS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for unit in scores.to_json()["units"]:
        writer.writerow({k: "" if v is None else v for k, v in unit.items()})
    write_text_whole(path, text.getvalue())


def score_in_words(scores: Scores) -> str:
    """Return the scores as a table for a person."""
    rows = [("unit", "spikes", "cluster", "accuracy", "recall", "precision", "category")]
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
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ["  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    counts = ", ".join(
        f"{n} {name.replace('_', ' ')}" for name, n in scores.category_counts.items() if n
    )
    lines.append("")
    lines.append(f"{len(scores.units)} units: {counts}")
    lines.append(
        f"{len(scores.false_cluster_ids)} false clusters; "
        f"mean accuracy {scores.mean_accuracy:.3f} (within {scores.delta_ms:g} ms)"
    )
    if scores.lag is not None:
        lines.append(f"warning: {scores.lag.warning}")
    return "\n".join(lines)
