"""The step of a study that scores a sorting: a task of a child process."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..base.progress import Reporter


def score_sorting(spec: dict[str, Any], report: Reporter) -> dict[str, Any]:
    """Score an export against the truth beside it.

    Parameters
    ----------
    spec
        `export`, a folder; `delta_ms`.
    report
        Gets what is being done.

    Returns
    -------
    `units`, one dictionary each, with scores, main cause and causes of spikes that were not
    found; `n_clusters`, `n_false_clusters`, `mean_accuracy`, `categories`.

    Raises
    ------
    DatasetError
        It cannot be opened, or has no truth.
    """
    from ..api import explain_dataset, scores_as_json

    report(0.0, "scoring")
    truth = explain_dataset(Path(spec["export"]), delta_ms=float(spec["delta_ms"]))
    scores = truth.scores
    return {
        "units": scores_as_json(truth)["units"],
        "n_clusters": len(scores.cluster_ids),
        "n_false_clusters": len(scores.false_cluster_ids),
        "mean_accuracy": float(scores.mean_accuracy),
        "categories": dict(scores.category_counts),
    }
