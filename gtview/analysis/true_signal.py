"""What is true of a recording as a signal: the sum of the units' templates, each where it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..base.types import Float32Array, Float64Array, Int32Array
from ..data.dataset import Dataset
from ..data.ground_truth import GroundTruth
from .drift import displacement_at
from .moved_templates import STEP_UM, ChannelMover
from .snippets import Alignment, read_snippets
from .template_sums import add_waveform, filter_alone, filter_margin, filter_sum, fit_median
from .trace_spikes import TrueSpikes, find_true_spikes
from .true_waveforms import join_channels

_FITTED_UNITS = 8
_FITTED_SPIKES = 24


class TrueSignal:
    """Sums up the true templates of all units at their places; safe to use from threads.

    Each spike has the size that the truth tells of it. Where the truth tells how the tissue moved,
    templates move with their unit (see `ChannelMover`).

    Without a gain the traces are not in microvolts: the truth is then brought to them by one
    factor for the whole recording, fitted to raw waveforms of the units with the largest
    templates.

    Parameters
    ----------
    dataset
        With a raw file.
    truth
        With templates.
    """

    def __init__(self, dataset: Dataset, truth: GroundTruth) -> None:
        if truth.templates is None or dataset.raw is None:
            raise ValueError("a true signal needs true templates and a raw file")
        self._dataset = dataset
        self._truth = truth
        self._waveforms = truth.templates.waveforms_uv
        self._n_before = truth.templates.n_before
        self._columns = join_channels(dataset, truth.templates)
        self._scales: dict[float | None, float] = {}
        self._mover = _make_mover(truth)

    def best_channel(self, unit: int) -> int | None:
        """Return the channel on which a unit is largest; None when it is on none of ours."""
        known = np.flatnonzero(self._columns >= 0)
        sizes = np.ptp(self._waveforms[unit][:, self._columns[known]], axis=0)
        return int(known[sizes.argmax()]) if sizes.size and sizes.max() > 0 else None

    def scale(self, cutoff_hz: float | None) -> float:
        """Return the factor from microvolts to the unit of the traces; 1 where that is known.

        Raises
        ------
        DatasetError
            The raw file cannot be read.
        """
        if self._dataset.gain is not None:
            return 1.0
        if cutoff_hz not in self._scales:
            self._scales[cutoff_hz] = self._fit(cutoff_hz)
        return self._scales[cutoff_hz]

    def sum_up(
        self, start: int, stop: int, channel_ids: Int32Array, cutoff_hz: float | None
    ) -> Float32Array:
        """Sum up the true templates, and filter the sum as the traces are.

        Parameters and result as of `Predictor.predict`; 0 on channels that the truth lacks.
        """
        margin = filter_margin(cutoff_hz, self._dataset.sample_rate_hz)
        total = np.zeros((stop - start + 2 * margin, len(channel_ids)), np.float32)
        n_after = self._waveforms.shape[1] - self._n_before
        first = start - margin
        spikes = find_true_spikes(self._truth, first - n_after + 1, stop + margin + self._n_before)
        scale = self.scale(cutoff_hz)
        factors = scale * self._factors(spikes)
        places = spikes.samples - first - self._n_before
        steps = self.steps_of(spikes)
        for unit, step in np.unique(np.stack([spikes.units, steps]), axis=1).T.tolist():
            chosen = (spikes.units == unit) & (steps == step)
            waveform = self.on_channels(unit, channel_ids, step)
            add_waveform(total, waveform, places[chosen], factors[chosen])
        return filter_sum(total, margin, cutoff_hz, self._dataset.sample_rate_hz)

    def _factors(self, spikes: TrueSpikes) -> Float64Array:
        """Return the size of each spike relative to its unit's template."""
        factors = self._truth.amplitude_factors
        if factors is None:
            return np.ones(len(spikes.positions))
        return np.nan_to_num(factors[spikes.positions].astype(np.float64), nan=1.0)

    def steps_of(self, spikes: TrueSpikes) -> Int32Array:
        """Return how far the unit of each spike is from its rest, in `STEP_UM`, int32, (n,)."""
        steps = np.zeros(len(spikes.units), np.int32)
        motion, places = self._truth.motion, self._truth.locations_um
        if self._mover is None or motion is None or places is None:
            return steps
        times_s = spikes.samples / self._dataset.sample_rate_hz
        for unit in np.unique(spikes.units).tolist():
            own = spikes.units == unit
            moved_um = displacement_at(motion, times_s[own], float(places[unit, 1]))
            steps[own] = np.rint(np.nan_to_num(moved_um) / STEP_UM)
        return steps

    def on_channels(self, unit: int, channel_ids: Int32Array, step: int = 0) -> Float32Array:
        """Return a template that is so many steps from its rest, on rows of the channel map.

        Returns
        -------
        float32 array, (n_samples, n_channels), microvolts
            Not filtered; 0 on channels that the truth lacks.
        """
        columns = self._columns[channel_ids]
        whole = self._waveforms[unit]
        if step and self._mover is not None:
            whole = self._mover.move(whole.astype(np.float32), step * STEP_UM)
        waveform: Float32Array = whole[:, columns].astype(np.float32)
        waveform[:, columns < 0] = 0
        return waveform

    def _fit(self, cutoff_hz: float | None) -> float:
        sizes = np.ptp(self._waveforms, axis=1).max(axis=1, initial=0)
        alignment = Alignment(self._n_before, self._waveforms.shape[1] - self._n_before)
        # The reader of waveforms asks for spikes of a dataset: here those of the truth.
        as_dataset = replace(
            self._dataset, spike_samples=self._truth.spike_samples, time_order=None
        )
        ratios = []
        for unit in np.argsort(-sizes, kind="stable")[:_FITTED_UNITS].tolist():
            channel = self.best_channel(unit)
            if channel is None:
                continue
            ids = np.arange(*self._truth.offsets[unit : unit + 2], dtype=np.int32)
            channel_ids = np.array([channel], np.int32)
            read = read_snippets(
                as_dataset, ids, channel_ids, alignment, _FITTED_SPIKES, cutoff_hz
            )
            template = self.on_channels(unit, channel_ids)
            if cutoff_hz is not None:
                template = filter_alone(template, cutoff_hz, self._dataset.sample_rate_hz)
            if len(read.values):
                ratios.append(fit_median(read.values, template, np.ones(len(read.values))))
        return float(np.median(ratios)) if ratios else 1.0


def _make_mover(truth: GroundTruth) -> ChannelMover | None:
    templates = truth.templates
    is_known = truth.motion is not None and truth.locations_um is not None
    if not is_known or templates is None or templates.channel_positions_um is None:
        return None
    return ChannelMover(templates.channel_positions_um)
