"""What keys and the wheel do in the waveform view: what is shown, and how large."""

from __future__ import annotations

from .waveform_scene import available_kinds
from .waveform_split import WaveformSplit

SCALE_STEP = 1.15
_ZOOM_STEP = 1.25
_SMALLEST, _LARGEST = 0.1, 10.0


class WaveformKeys(WaveformSplit):
    """Turns through the kinds, toggles what is drawn, and sizes waveforms, boxes and probe."""

    # Units of an amplitude in the height of a box; None: as the data say.
    _per_box: float | None = None

    def show_next_kind(self) -> None:
        """Show the next of waveforms, mean and templates that there is."""
        self._turn_kind(1)

    def show_previous_kind(self) -> None:
        """Show the previous of waveforms, mean and templates that there is."""
        self._turn_kind(-1)

    def toggle_mean(self) -> None:
        """Draw the mean over the raw waveforms, or not."""
        self.change(is_mean_on_top=not self.settings.is_mean_on_top)

    def toggle_overlap(self) -> None:
        """Draw clusters over one another, or side by side."""
        self.change(is_overlap=not self.settings.is_overlap)

    def toggle_truth(self) -> None:
        """Lay the true template over the first cluster, or not."""
        self.change(has_truth=not self.settings.has_truth)

    def toggle_labels(self) -> None:
        """Show the channel numbers, or not."""
        self.change(has_labels=not self.settings.has_labels)

    def scale_up(self) -> None:
        """Draw waveforms larger."""
        self._scale(SCALE_STEP)

    def scale_down(self) -> None:
        """Draw waveforms smaller."""
        self._scale(1 / SCALE_STEP)

    def widen(self) -> None:
        """Draw waveforms wider."""
        self._multiply("box_scale", SCALE_STEP)

    def narrow(self) -> None:
        """Draw waveforms narrower."""
        self._multiply("box_scale", 1 / SCALE_STEP)

    def probe_widen(self) -> None:
        """Draw the columns of the probe further apart."""
        self._multiply("probe_scale_x", SCALE_STEP)

    def probe_narrow(self) -> None:
        """Draw the columns of the probe nearer to one another."""
        self._multiply("probe_scale_x", 1 / SCALE_STEP)

    def probe_heighten(self) -> None:
        """Draw the rows of the probe further apart."""
        self._multiply("probe_scale_y", SCALE_STEP)

    def probe_flatten(self) -> None:
        """Draw the rows of the probe nearer to one another."""
        self._multiply("probe_scale_y", 1 / SCALE_STEP)

    def zoom_in(self) -> None:
        """Zoom in at the middle."""
        self._zoom(_ZOOM_STEP)

    def zoom_out(self) -> None:
        """Zoom out at the middle."""
        self._zoom(1 / _ZOOM_STEP)

    def fit(self) -> None:
        """Show all channels, with the largest waveform as high as its box."""
        self._per_box = None
        self.canvas.go_home()
        self.change(box_scale=1.0, probe_scale_x=1.0, probe_scale_y=1.0)

    # Behind it -----------------------------------------------------------------------------

    def _turn_kind(self, step: int) -> None:
        dataset = self.session.dataset
        kinds = available_kinds(
            has_raw=dataset.raw is not None, has_templates=dataset.templates is not None
        )
        shown = self.settings.kind if self.settings.kind in kinds else kinds[0]
        self.change(kind=kinds[(kinds.index(shown) + step) % len(kinds)])

    def _scale(self, factor: float) -> None:
        if self._per_box is not None:
            self._per_box /= factor
            self.invalidate()

    def _multiply(self, setting: str, factor: float) -> None:
        value = min(max(getattr(self.settings, setting) * factor, _SMALLEST), _LARGEST)
        self.change(**{setting: value})

    def _zoom(self, factor: float) -> None:
        middle = self.canvas.rect().center()
        viewport = self.canvas.viewport.zoomed(middle.x(), middle.y(), factor, factor)
        self.canvas.set_viewport(viewport)
