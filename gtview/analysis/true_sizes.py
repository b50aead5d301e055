"""How large each true spike is in the raw recording, beside the template of its unit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..base.types import BoolArray, Float32Array, Int32Array, frozen
from ..data.dataset import Dataset
from ..data.ground_truth import GroundTruth, TrueTemplates
from ..kernels.projections import fit_sizes
from .sampling import sample_evenly
from .snippets import DEFAULT_CUTOFF_HZ, Alignment, read_at_samples
from .template_sums import filter_alone
from .trace_blocks import BLOCK_SAMPLES, TraceBlocks
from .trace_spikes import TrueSpikes, find_true_spikes
from .true_signal import TrueSignal

# Waveforms on the largest channels tell the size; those far away add noise.
N_CHANNELS = 6
# A template that the truth does not tell is the mean of so many waveforms.
N_AVERAGED = 60
_MAX_SHAPES = 4096


class SizeMeter:
    """Measures how large true spikes are, piece after piece of the raw file.

    The size of a spike is the factor that brings the template of its unit closest to the
    recording (least squares) on the template's 6 largest channels, both high-passed as in all
    views. A template moves with the tissue where the truth tells how that moved: a spike is not
    small because its unit is elsewhere. The noise of the recording is part of what is measured.

    Parameters
    ----------
    dataset
        With a raw file.
    truth
        With templates, see `average_templates`.
    is_alone : bool array, (n_spikes,)
        Spikes that are measured: those with others in them would seem larger or smaller.
    is_filtered
        Whether the templates are high-passed already.

    Attributes
    ----------
    sizes : float32 array, (n_spikes,)
        In the order of the truth; NaN where a spike was not measured (yet).
    """

    def __init__(
        self,
        dataset: Dataset,
        truth: GroundTruth,
        is_alone: BoolArray,
        *,
        is_filtered: bool = False,
    ) -> None:
        assert truth.templates is not None
        self._dataset = dataset
        self._truth = truth
        self._is_alone = is_alone
        self._signal = TrueSignal(dataset, truth)
        # A piece and its margins lie in three blocks.
        n_channels = dataset.channels.n_channels
        self._blocks = TraceBlocks(dataset, 4 * 4 * BLOCK_SAMPLES * n_channels)
        self._every = np.arange(n_channels, dtype=np.int32)
        self._cutoff_hz = None if dataset.is_high_passed else DEFAULT_CUTOFF_HZ
        self._is_filtered = is_filtered or self._cutoff_hz is None
        self._n_before = truth.templates.n_before
        self._length = truth.templates.waveforms_uv.shape[1]
        self._shapes: dict[tuple[int, int], tuple[Int32Array, Float32Array]] = {}
        self._at = 0
        self.sizes: Float32Array = np.full(len(truth.spike_samples), np.nan, np.float32)

    @property
    def fraction(self) -> float:
        """How much of the recording is done, 0 to 1."""
        return min(self._at / max(self._blocks.n_samples, 1), 1.0)

    @property
    def is_done(self) -> bool:
        """Whether all of it is done."""
        return self._at >= self._blocks.n_samples

    def advance(self) -> None:
        """Measure the spikes of the next piece, some 0.1 s of the recording.

        Raises
        ------
        DatasetError
            The raw file cannot be read.
        """
        start, self._at = self._at, self._at + BLOCK_SAMPLES
        spikes = find_true_spikes(self._truth, start, self._at)
        begins = spikes.samples - self._n_before
        is_whole = (begins >= 0) & (begins + self._length <= self._blocks.n_samples)
        chosen = is_whole & self._is_alone[spikes.positions]
        spikes = TrueSpikes(spikes.positions[chosen], spikes.samples[chosen], spikes.units[chosen])
        if not len(spikes.samples):
            return
        first = int(spikes.samples[0]) - self._n_before
        last = int(spikes.samples[-1]) - self._n_before + self._length
        traces = self._blocks.read(first, last, self._every, self._cutoff_hz)
        which = np.stack([spikes.units, self._signal.steps_of(spikes)])
        found, labels = np.unique(which, axis=1, return_inverse=True)
        shapes = [self._shape(unit, step) for unit, step in found.T.tolist()]
        self.sizes[spikes.positions] = fit_sizes(
            traces,
            spikes.samples - self._n_before - first,
            labels.ravel().astype(np.int32),
            np.stack([channel_ids for channel_ids, _ in shapes]),
            np.stack([template for _, template in shapes]),
        )

    def relative(self) -> Float32Array:
        """Return the sizes, read-only; without a gain they are those beside the unit's median."""
        sizes = self.sizes.copy()
        if self._dataset.gain is None:
            for unit in range(self._truth.n_units):
                own = sizes[self._truth.offsets[unit] : self._truth.offsets[unit + 1]]
                known = own[np.isfinite(own)]
                middle = float(np.median(known)) if len(known) else np.nan
                own /= np.float32(middle if middle > 0 else np.nan)
        return frozen(sizes)

    def _shape(self, unit: int, step: int) -> tuple[Int32Array, Float32Array]:
        known = self._shapes.get((unit, step))
        if known is None:
            whole = self._signal.on_channels(unit, self._every, step)
            largest = np.argsort(-np.ptp(whole, axis=0), kind="stable")[:N_CHANNELS]
            channel_ids = np.sort(largest).astype(np.int32)
            template = np.ascontiguousarray(whole[:, channel_ids])
            if not self._is_filtered and self._cutoff_hz is not None:
                rate = self._dataset.sample_rate_hz
                template = filter_alone(template, self._cutoff_hz, rate)
            if len(self._shapes) >= _MAX_SHAPES:
                self._shapes.clear()
            known = self._shapes[unit, step] = channel_ids, template
        return known


def average_templates(dataset: Dataset, truth: GroundTruth, unit: int) -> Float32Array:
    """Return the mean of some raw waveforms of a true unit, high-passed as in all views.

    Parameters
    ----------
    dataset
        With a raw file.
    truth
        Whose trains are used.
    unit
        Position of the unit.

    Returns
    -------
    float32 array, (n_samples, n_channels), microvolts or arb.
        On the rows of the channel map; 0 for a unit without spikes.

    Raises
    ------
    DatasetError
        The raw file cannot be read.
    """
    alignment = Alignment.of(replace(dataset, templates=None))
    every = np.arange(dataset.channels.n_channels, dtype=np.int32)
    cutoff_hz = None if dataset.is_high_passed else DEFAULT_CUTOFF_HZ
    train = truth.train(unit)
    places = sample_evenly(np.arange(len(train), dtype=np.int32), N_AVERAGED)
    _, values, _ = read_at_samples(dataset, train[places], every, alignment, N_AVERAGED, cutoff_hz)
    if not len(values):
        return np.zeros((alignment.n_samples, len(every)), np.float32)
    return np.asarray(values.mean(axis=0), np.float32)


def with_templates(dataset: Dataset, truth: GroundTruth, waveforms: Float32Array) -> GroundTruth:
    """Return the truth with averaged templates, float32, (n_units, n_samples, n_channels).

    They do not move: what they were averaged of lay wherever the tissue was.
    """
    n_before = Alignment.of(replace(dataset, templates=None)).n_before
    positions = dataset.channels.positions_um
    return replace(truth, templates=TrueTemplates(waveforms, n_before, positions), motion=None)
