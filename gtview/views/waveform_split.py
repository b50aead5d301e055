"""Splitting spikes by a line around their waveforms on a channel."""

from __future__ import annotations

from typing import Any, ClassVar

from ..analysis.pick_waveforms import WaveformCache, WaveformJudge
from ..analysis.picking import Judge
from ..base.types import Float64Array
from ..qt.canvas import Canvas
from ..qt.lasso import SHIFT
from .split_lasso import LassoView
from .waveform_lasso import ChannelFrame, curve_polygon, moved_to, nearest_channel
from .waveform_scene import Scene
from .waveform_status import describe_missing_raw


class WaveformSplit(LassoView):
    """A lasso over a canvas of waveforms: every spike of the clusters is read, in the pool."""

    most_clusters: ClassVar[int] = 8
    canvas: Canvas

    @property
    def scene(self) -> Scene | None:
        """What is painted."""
        raise NotImplementedError

    def add_waveform_lasso(self) -> None:
        """Let spikes be split by their waveforms."""
        self._read_before = WaveformCache()
        # Ctrl and a click choose a channel here.
        frame = ChannelFrame(self.canvas, lambda: self.scene)
        self.add_lasso(self.canvas, frame, click_keys=(SHIFT,))

    def judged_clusters(self) -> tuple[int, ...]:
        """Return the clusters that are selected and shown."""
        return self.session.selection.state.shown_ids[: self.most_clusters]

    def name_of(self, plot: Any) -> str:
        return f"channel {int(self.session.dataset.channels.raw_channels[plot])}"

    def judge_of(self, plot: Any, corners: Float64Array) -> Judge | str:
        dataset, scene = self.session.dataset, self.scene
        if dataset.raw is None:
            return f"waveforms of single spikes cannot be told: {describe_missing_raw(dataset)}"
        if scene is None:
            return "nothing is shown there"
        channel = nearest_channel(scene, plot, corners)
        corners = moved_to(scene, plot, corners, channel)
        self.lasso.move_to(channel, corners)
        cutoff_hz = self.settings.cutoff_hz or None
        polygons = [
            curve_polygon(scene, channel, k % scene.layout.n_slots, corners)
            for k in range(len(self.judged_clusters()))
        ]
        return WaveformJudge(dataset, channel, polygons, cutoff_hz, self._read_before)
