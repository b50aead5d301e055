"""One file a view; no view knows another."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import View

# Imported when a view is first opened: what nobody looks at costs nothing.
VIEWS: dict[str, str] = {
    "clusters": "cluster_table:ClusterTableView",
    "similarity": "similarity_table:SimilarityTableView",
    "units": "unit_table:UnitTableView",
    "waveform": "waveform:WaveformView",
    "correlogram": "correlogram:CorrelogramView",
    "feature": "feature:FeatureView",
    "agreement": "agreement:AgreementView",
}


def load_view(view_id: str) -> type[View]:
    """Return the class of a view.

    Raises
    ------
    KeyError
        There is no view of that id.
    """
    module, _, name = VIEWS[view_id].partition(":")
    view: type[View] = getattr(import_module(f".{module}", __name__), name)
    return view
