"""One file a view; no view knows another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..data.dataset import Dataset
    from ..session.session import Session
    from .base import View

# Imported when a view is first opened: what nobody looks at costs nothing.
VIEWS: dict[str, str] = {
    "clusters": "cluster_table:ClusterTableView",
    "similarity": "similarity_table:SimilarityTableView",
    "units": "unit_table:UnitTableView",
    "waveform": "waveform:WaveformView",
    "correlogram": "correlogram:CorrelogramView",
    "feature": "feature:FeatureView",
    "template_feature": "template_feature:TemplateFeatureView",
    "drift": "drift:DriftView",
    "trace": "trace:TraceView",
    "agreement": "agreement:AgreementView",
    "assignment": "assignment:AssignmentView",
    "spray": "spray:SprayView",
    "collisions": "collisions:CollisionsView",
    "truth_curves": "truth_curves:TruthCurvesView",
    "similarity_matrix": "similarity_matrix:SimilarityMatrixView",
    "isi": "isi:IsiView",
    "rate": "rate:RateView",
    "raster": "raster:RasterView",
    "probe": "probe:ProbeView",
    "templates": "templates:TemplatesView",
    "amplitude": "amplitude:AmplitudeView",
    "cluster_scatter": "cluster_scatter:ClusterScatterView",
    "merge": "merge:MergeView",
    "split": "split_preview:SplitPreview",
    "metrics": "metrics:MetricsView",
    "comparison": "comparison:ComparisonView",
    "history": "history:HistoryView",
}
# What stands on the tab of a view that was never opened: the `title` of its class.
TITLES: dict[str, str] = {
    "clusters": "Clusters",
    "similarity": "Similar",
    "units": "Units",
    "waveform": "Waveforms",
    "correlogram": "Correlograms",
    "feature": "Features",
    "template_feature": "Template features",
    "drift": "Drift",
    "trace": "Traces",
    "agreement": "Agreement",
    "assignment": "Assignment",
    "spray": "Spike spray",
    "collisions": "Collisions",
    "truth_curves": "Score curves",
    "similarity_matrix": "Similarity matrix",
    "isi": "Intervals",
    "rate": "Firing rate",
    "raster": "Raster",
    "probe": "Probe",
    "templates": "Templates",
    "amplitude": "Amplitudes",
    "cluster_scatter": "Cluster scatter",
    "merge": "Merge preview",
    "split": "Split preview",
    "metrics": "Metrics and truth",
    "comparison": "Comparison of sortings",
    "history": "History",
}
# Before the name of an attribute of the spikes: each has a view of its own.
ATTRIBUTE = "attribute:"
POSITIONS = "positions"


def view_ids(session: Session) -> list[str]:
    """Return the ids of all views of a session: those of every one, and one for each attribute."""
    return [*VIEWS, *(f"{ATTRIBUTE}{name}" for name in attribute_names(session.dataset))]


def attribute_names(dataset: Dataset) -> tuple[str, ...]:
    """Return the attributes that views can show, positions included."""
    names = tuple(dataset.spike_attributes)
    return (POSITIONS, *names) if dataset.spike_positions_um is not None else names


def view_title(view_id: str) -> str:
    """Return the title of a view, without importing it.

    Raises
    ------
    KeyError
        There is no view of that id.
    """
    if view_id.startswith(ATTRIBUTE):
        return f"Spike {view_id.removeprefix(ATTRIBUTE).replace('_', ' ')}"
    return TITLES[view_id]


def load_view(view_id: str) -> type[View]:
    """Return the class of a view.

    Raises
    ------
    KeyError
        There is no view of that id.
    """
    if view_id.startswith(ATTRIBUTE):
        from .attribute import attribute_view

        return attribute_view(view_id.removeprefix(ATTRIBUTE))
    module, _, name = VIEWS[view_id].partition(":")
    view: type[View] = getattr(import_module(f".{module}", __name__), name)
    return view


def kinds_of_views() -> Iterator[tuple[str, type[View]]]:
    """Yield every kind of view that has keys and gestures, and its id; attributes as one kind."""
    from .attribute import AttributeView

    for view_id in VIEWS:
        yield view_id, load_view(view_id)
    yield ATTRIBUTE, AttributeView


def load_views(view_ids: Iterable[str]) -> None:
    """Import the modules of views, in a thread while a dataset is read.

    In the GUI thread all of them would freeze the window for half a second. A view that cannot be
    imported says so when it is looked at.
    """
    for view_id in view_ids:
        with suppress(Exception):
            load_view(view_id)


def load_all_views() -> None:
    """Import the modules of all views, in a thread when there is time."""
    load_views(VIEWS)
    import_module(".attribute", __name__)
