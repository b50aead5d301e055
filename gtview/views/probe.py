"""The probe as it is, with clusters and true units where they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from ..base.events import Event
from ..qt.equal_scale import EqualScale
from ..qt.plot import GESTURES, PlotWidget
from ..qt.theme import Theme
from ..session.events import ClusteringChanged, DatasetChanged, SelectionChanged
from ..session.selection import with_channel
from .base import View, ViewAction
from .probe_compute import ProbePicture, ProbeQuery, ProbeSettings, compute_probe
from .probe_paint import ProbeItem
from .wording import count_text

UM = "\N{MICRO SIGN}m"
DOT = " \N{MIDDLE DOT} "
SHOWN_FIELDS = ("cluster_ids", "similar_ids", "color_ids", "unit_id", "channel_ids")
_CTRL = Qt.KeyboardModifier.ControlModifier
_NO_KEY = Qt.KeyboardModifier.NoModifier


class ProbeView(View):
    """Contacts filled by the amplitude of the first selected cluster; marks sized by rate."""

    id = "probe"
    title = "Probe"
    Settings = ProbeSettings
    listens_to = (SelectionChanged, ClusteringChanged, DatasetChanged)
    actions_declared = (
        ViewAction(
            "probe.labels",
            "Labels",
            ("Shift+L",),
            "toggle_labels",
            "Clusters, true units and channels, as many as have room.",
            is_checkable=True,
            setting="has_labels",
        ),
        ViewAction(
            "probe.stretch",
            "Stretch across",
            ("X",),
            "toggle_stretch",
            "A long probe fills the width; otherwise both directions have one scale.",
            is_checkable=True,
            setting="is_stretched",
        ),
        ViewAction(
            "probe.truth",
            "True units",
            ("Y",),
            "toggle_truth",
            is_checkable=True,
            setting="has_truth",
        ),
        ViewAction("probe.fit", "Show the whole probe", ("R",), "fit"),
    )
    gestures = (
        ("Click on a cluster or a ring", "select the cluster, or the true unit"),
        ("Ctrl+click on a cluster", "add it to the selection, or take it out"),
        ("Click or Ctrl+click on a contact", "first channel of the features"),
        ("Ctrl+right click on a contact", "second channel of the features"),
        *GESTURES,
    )

    settings: ProbeSettings
    _shown: ProbePicture | None = None

    def build(self) -> QWidget:
        self.plot = PlotWidget()
        self.panel = self.plot.add_panel(0, 0, f"x ({UM})", f"depth ({UM})")
        self.scale = EqualScale(self.panel)
        self.item = ProbeItem(self.theme)
        self.panel.add(self.item)
        self.panel.clicked.connect(self._on_click)
        self.panel.hovered.connect(self._on_hover)
        self.panel.left.connect(self._on_leave)
        self.plot.apply_theme(self.theme)
        return self.plot

    def on_event(self, event: Event) -> None:
        if not isinstance(event, SelectionChanged) or event.touches(*SHOWN_FIELDS):
            self.invalidate()

    def apply_theme(self, theme: Theme) -> None:
        self.item.theme = theme
        self.plot.apply_theme(theme)

    # Query, compute, draw ------------------------------------------------------------------

    def query(self) -> ProbeQuery:
        session = self.session
        shown = session.selection.state.shown_ids
        first = session.clustering.spikes_of(shown[0]) if shown else None
        truth = session.truth if self.settings.has_truth else None
        return ProbeQuery(
            self._key(truth),
            session.dataset,
            truth,
            session.stats,
            session.clustering.assignment(),
            session.channels,
            first,
            self.settings,
            session.selection.state,
            None if self._shown is None else self._shown.places,
        )

    def _key(self, truth: Any) -> tuple[Any, ...]:
        """Return what the places of all marks depend on."""
        session = self.session
        version = session.clustering.version
        return session.dataset, session.stats, truth, version, self.settings.contact_um

    compute = staticmethod(compute_probe)

    def draw(self, result: ProbePicture) -> None:
        self._shown = result
        places = result.places
        bounds = places.probe.bounds(places.clusters_um, places.units_um)
        self.scale.set_bounds(*bounds, is_equal=not self.settings.is_stretched)
        self.item.set_scene(result.scene)
        self._tell_summary()

    # Mouse ---------------------------------------------------------------------------------

    def _on_click(self, x: float, y: float, modifiers: Any, button: Any) -> None:
        found = self.item.find(self.panel, x, y)
        if found is None or self._shown is None or modifiers not in (_NO_KEY, _CTRL):
            return
        name, k = found
        scene, is_left = self._shown.scene, button == Qt.MouseButton.LeftButton
        if name == "channel":
            if is_left or modifiers == _CTRL:
                self._choose_channel(k, 0 if is_left else 1)
        elif not is_left:
            return
        elif name == "unit":
            self.session.select_unit(scene.unit_ids[k], source=self)
        else:
            cluster_id = int(scene.cluster_ids[k])
            self.session.pick_cluster(cluster_id, is_added=modifiers == _CTRL, source=self)

    def _choose_channel(self, channel_id: int, place: int) -> None:
        state = self.session.selection.state
        first = None
        if self._shown is not None and self._shown.scene.amplitudes.any():
            first = int(self._shown.scene.amplitudes.argmax())
        chosen = with_channel(state.channel_ids, channel_id, place, first)
        self.session.selection.update(channel_ids=chosen, source=self)

    def _on_hover(self, x: float, y: float) -> None:
        found = self.item.find(self.panel, x, y)
        self.item.set_under(found)
        if found is None or self._shown is None:
            self._tell_summary()
        else:
            self.set_status(self._text_of(self._shown, *found))

    def _on_leave(self) -> None:
        self.item.set_under(None)
        self._tell_summary()

    def _text_of(self, shown: ProbePicture, name: str, k: int) -> str:
        scene, channels = shown.scene, self.session.dataset.channels
        if name == "cluster":
            stats, place = self.session.stats, scene.clusters_um[k]
            rate = f"{stats.rate_hz[k]:.3g} Hz"
            return f"cluster {scene.cluster_ids[k]}{DOT}{rate}{DOT}depth {place[1]:,.0f} {UM}"
        if name == "unit":
            place = scene.units_um[k]
            return f"true unit {scene.unit_ids[k]}{DOT}depth {place[1]:,.0f} {UM}"
        x, y = channels.positions_um[k].tolist()
        text = f"channel {channels.raw_channels[k]}{DOT}x {x:,.4g}, depth {y:,.5g} {UM}"
        if shown.places.probe.n_shanks > 1:
            text += f"{DOT}shank {channels.shanks[k]}"
        if scene.amplitudes[k] > 0:
            text += f"{DOT}{100 * scene.amplitudes[k]:.0f} % of the largest amplitude"
        return text

    # Keys ----------------------------------------------------------------------------------

    def toggle_labels(self) -> None:
        """Write ids, or not."""
        self.change(has_labels=not self.settings.has_labels)

    def toggle_stretch(self) -> None:
        """Let the probe fill the width, or give both directions one scale."""
        self.change(is_stretched=not self.settings.is_stretched)

    def toggle_truth(self) -> None:
        """Show where true units are, or not."""
        self.change(has_truth=not self.settings.has_truth)

    def fit(self) -> None:
        """Show the whole probe."""
        self.panel.fit()

    def _tell_summary(self) -> None:
        if self._shown is None:
            return
        scene = self._shown.scene
        parts = [
            count_text(scene.probe.channels.n_channels, "channel"),
            count_text(scene.probe.n_shanks, "shank"),
            count_text(len(scene.cluster_ids), "cluster"),
        ]
        if self.session.truth is not None and self.settings.has_truth:
            parts.append(count_text(len(scene.unit_ids), "unit"))
        n_lost = int(np.count_nonzero(~np.isfinite(scene.clusters_um).all(axis=1)))
        text = ", ".join(parts)
        self.set_status(f"{text}{DOT}{n_lost:,} without a position" if n_lost else text)
