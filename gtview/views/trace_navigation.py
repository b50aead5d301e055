"""Where in the recording the trace view is, and how it gets from there to elsewhere."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

from PyQt6.QtWidgets import QWidget

from ..qt.compute import single_shot
from ..qt.dialogs import Dialogs
from .base import View
from .trace_layout import LONGEST_S, SHORTEST_S, RowZoom, TimeWindow
from .trace_settings import DEFAULT_INTERVAL_S

# A step, and a jump, as shares of what is seen and of the recording.
STEP, JUMP = 0.1, 0.1
ZOOM = 1.25
_TELL_MS = 60
# A window must leave room for others in the blocks that are kept.
_MAX_WINDOW_BYTES = 128 << 20


class TraceNavigation(View):
    """Holds the window in time, moves it, and shares it with the other views.

    The window stays where it is when other clusters are selected; at the first selection it goes
    to their first spike.
    """

    time_window: TimeWindow | None

    def __init__(self, context: Any, parent: QWidget | None = None) -> None:
        self.time_window = None
        self.zoom = RowZoom()
        self._is_placed = False
        self._interval_s = DEFAULT_INTERVAL_S
        super().__init__(context, parent)
        self.dialogs = Dialogs(self)
        self._tell_soon = single_shot(self, _TELL_MS, self._tell_place)

    @property
    def duration_s(self) -> float:
        """Length of the recording, or up to the last spike where that is later."""
        return self.session.dataset.duration_s

    @property
    def longest_s(self) -> float:
        """Longest window."""
        dataset = self.session.dataset
        bytes_per_s = 4 * max(dataset.channels.n_channels, 1) * dataset.sample_rate_hz
        return min(LONGEST_S, _MAX_WINDOW_BYTES / bytes_per_s)

    def show_window(self, window: TimeWindow) -> None:
        """Go to a window, as far as the recording goes, and tell the other views."""
        self.time_window = window.within(self.duration_s)
        self._is_placed = True
        self._tell_soon.start()
        self.content.update()
        self.invalidate()

    def show_time(self, at_s: float) -> None:
        """Bring a time to the middle."""
        self.show_window(self._now().centred(at_s))

    def place(self) -> TimeWindow:
        """Return the window; the first selection chooses it if nobody did before."""
        if not self._is_placed:
            first = self._first_spike_s()
            self._is_placed = first is not None
            middle = self._interval_s / 2 if first is None else first
            half = self._interval_s / 2
            self.time_window = TimeWindow(middle - half, middle + half).within(self.duration_s)
            if first is not None:
                self._tell_soon.start()
        return self._now()

    def follow(self, place_s: tuple[float, float] | None) -> None:
        """Go where another view has asked for."""
        if place_s is None:
            return
        start, stop = place_s
        now = self._now()
        wanted = now.centred((start + stop) / 2)
        if SHORTEST_S <= stop - start <= self.longest_s:
            wanted = TimeWindow(start, stop)
        if wanted != now:
            self.show_window(wanted)

    # What keys do --------------------------------------------------------------------------

    def go_left(self) -> None:
        """Go a tenth of the window back."""
        self.scroll(-STEP)

    def go_right(self) -> None:
        """Go a tenth of the window on."""
        self.scroll(STEP)

    def jump_left(self) -> None:
        """Go a tenth of the recording back."""
        self.show_window(self._now().moved(-JUMP * self.duration_s))

    def jump_right(self) -> None:
        """Go a tenth of the recording on."""
        self.show_window(self._now().moved(JUMP * self.duration_s))

    def go_to_start(self) -> None:
        """Go to the start of the recording."""
        self.show_time(0.0)

    def go_to_end(self) -> None:
        """Go to the end of the recording."""
        self.show_time(self.duration_s)

    def ask_time(self) -> None:
        """Ask for a time, and go there."""
        at_s = self.dialogs.ask_number(
            "Go to time", "Time in seconds:", max(self._now().middle_s, 0.0), self.duration_s
        )
        if at_s is not None:
            self.show_time(at_s)

    def go_to_next_spike(self) -> None:
        """Go to the next spike of the selected clusters."""
        self._go_to_spike(1)

    def go_to_previous_spike(self) -> None:
        """Go to the previous spike of the selected clusters."""
        self._go_to_spike(-1)

    def narrow(self) -> None:
        """Show a shorter time."""
        self.zoom_time(self._now().middle_s, 1 / ZOOM)

    def widen(self) -> None:
        """Show a longer time."""
        self.zoom_time(self._now().middle_s, ZOOM)

    def scroll(self, windows: float) -> None:
        """Go on by a part of the window."""
        self.show_window(self._now().moved(windows * self._now().length_s))

    def zoom_time(self, at_s: float, factor: float) -> None:
        """Show a longer or shorter time, with one time staying where it is."""
        self.show_window(self._now().zoomed(at_s, factor, self.longest_s))

    # Behind it -----------------------------------------------------------------------------

    def keep_state(self) -> dict[str, Any]:
        window = self.time_window if self._is_placed else None
        return {} if window is None else {"window_s": [window.start_s, window.stop_s]}

    def restore_state(self, state: dict[str, Any]) -> None:
        kept = state.get("window_s")
        if isinstance(kept, list) and len(kept) == 2 and kept[1] - kept[0] >= SHORTEST_S:
            self.show_window(TimeWindow(*kept))

    def close_view(self) -> None:
        self._tell_soon.stop()
        super().close_view()

    def _now(self) -> TimeWindow:
        return self.time_window or TimeWindow(0.0, self._interval_s)

    def _tell_place(self) -> None:
        if self.time_window is not None:
            place = (self.time_window.start_s, self.time_window.stop_s)
            self.session.selection.update(trace_s=place, source=self)

    def _first_spike_s(self) -> float | None:
        dataset = self.session.dataset
        lists = [cluster.spike_ids for cluster in self.session.shown_clusters()]
        first = [int(dataset.spike_samples[ids[0]]) for ids in lists if len(ids)]
        return min(first) / dataset.sample_rate_hz if first else None

    def _go_to_spike(self, step: int) -> None:
        """Go to the nearest spike after or before the middle, of any selected cluster."""
        samples, rate = self.session.dataset.spike_samples, self.session.dataset.sample_rate_hz
        # The middle may be a spike itself, up to rounding.
        now = round(self._now().middle_s * rate)
        found = []
        for cluster in self.session.shown_clusters():
            ids = cluster.spike_ids
            if step > 0:
                k = bisect_right(ids, now, key=lambda i: int(samples[i]))
            else:
                k = bisect_left(ids, now, key=lambda i: int(samples[i])) - 1
            if 0 <= k < len(ids):
                found.append(int(samples[ids[k]]))
        if found:
            nearest = min(found) if step > 0 else max(found)
            self._show_exactly(nearest / rate)

    def _show_exactly(self, at_s: float) -> None:
        """Bring a time to the very middle, also at the ends: the next step starts from there."""
        self.time_window = self._now().centred(at_s)
        self._is_placed = True
        self._tell_soon.start()
        self.content.update()
        self.invalidate()
