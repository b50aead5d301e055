"""What the sorter says that a recording is: the sum of its templates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ..base.types import Float32Array, Float64Array, Int32Array, Int64Array
from ..data.dataset import Dataset
from ..data.dialects import compute_median_amplitudes
from .channels import template_factor
from .snippets import Alignment, read_snippets
from .template_sums import add_waveform, filter_alone, filter_margin, filter_sum, fit_median
from .trace_spikes import find_spikes

# In these exports a spike is its template times its amplitude; in the others the amplitude is
# something else (a projection in whitened space, a peak), and only its ratio to the template's
# median tells how large the spike is.
PLAIN_KINDS = ("kilosort", "spyking-circus")

_FITTED_SPIKES = 24
_FITTED_CHANNELS = 6
_SAMPLED_SPIKES = 200_000
_MAX_TEMPLATE_BYTES = 64 << 20


class Predictor:
    """Sums up the templates of all spikes; safe to use from threads.

    Parameters
    ----------
    dataset
        With templates and a raw file.
    """

    def __init__(self, dataset: Dataset) -> None:
        if dataset.templates is None or dataset.raw is None:
            raise ValueError("a prediction needs templates and a raw file")
        self._dataset = dataset
        self._templates = dataset.templates
        self._alignment = Alignment.of(dataset)
        self._medians: Float32Array | None = None
        self._scales: dict[tuple[int, float | None], float] = {}
        # Templates on the channels that were asked for last.
        self._known: tuple[bytes, dict[int, Float32Array]] = b"", {}

    @property
    def is_fitted(self) -> bool:
        """Whether the size of templates is measured in the raw file, and not told by the files."""
        return self._dataset.kind not in PLAIN_KINDS or self._dataset.amplitudes is None

    def templates_in(self, start: int, stop: int, channel_ids: Int32Array) -> list[int]:
        """Return the templates of the spikes in an interval that are seen on some channels."""
        used = np.unique(self._dataset.spike_templates[self._spikes_in(start, stop)])
        sizes = self._templates.peak_to_peak()[used]
        is_seen = sizes[:, channel_ids].max(axis=1, initial=0) > 0.05 * sizes.max(axis=1)
        return [int(i) for i in used[is_seen]]

    def not_fitted(self, template_ids: Iterable[int], cutoff_hz: float | None) -> list[int]:
        """Return which of some templates have a size that is not measured yet."""
        if not self.is_fitted:
            return []
        return [i for i in template_ids if (i, cutoff_hz) not in self._scales]

    def fit(self, template_id: int, cutoff_hz: float | None) -> float:
        """Measure a template's size in raw waveforms of its spikes, and remember it.

        For each of at most 24 spikes the factor that brings the template closest to the waveform
        (least squares, on the template's largest channels, both filtered); the median of them,
        as other spikes lie in some. 1 where nothing can be read.

        Raises
        ------
        DatasetError
            The raw file cannot be read.
        """
        spike_ids = self._some_spikes(template_id)
        sizes = self._templates.peak_to_peak()[template_id]
        channel_ids = np.argsort(-sizes, kind="stable")[:_FITTED_CHANNELS].astype(np.int32)
        snippets = read_snippets(
            self._dataset, spike_ids, channel_ids, self._alignment, _FITTED_SPIKES, cutoff_hz
        )
        template = self._templates.waveform(template_id, channel_ids)
        if cutoff_hz is not None:
            template = filter_alone(template, cutoff_hz, self._dataset.sample_rate_hz)
        elif len(snippets.values):
            template = template - np.median(template, axis=0).astype(np.float32)
        factors = self._shares(snippets.spike_ids) * template_factor(self._dataset, template_id)
        scale = fit_median(snippets.values, template, factors)
        self._scales[template_id, cutoff_hz] = scale
        return scale

    def factors(self, spike_ids: Int64Array, cutoff_hz: float | None) -> Float64Array:
        """Return what the template of each spike is multiplied with, float64, (n,)."""
        factors = self._shares(spike_ids)
        templates = self._dataset.spike_templates[spike_ids]
        for template_id in np.unique(templates).tolist():
            scale = self._scales.get((template_id, cutoff_hz), 1.0)
            factors[templates == template_id] *= scale * template_factor(
                self._dataset, template_id
            )
        return factors

    def predict(
        self, start: int, stop: int, channel_ids: Int32Array, cutoff_hz: float | None
    ) -> Float32Array:
        """Sum up template times factor over the spikes, and filter the sum as the traces are.

        Parameters
        ----------
        start, stop
            First sample, and the one after the last.
        channel_ids : int32 array, (n_channels,)
            Rows of the channel map.
        cutoff_hz
            See `TraceBlocks.read`.

        Returns
        -------
        float32 array, (stop - start, n_channels), microvolts or arb.
        """
        margin = filter_margin(cutoff_hz, self._dataset.sample_rate_hz)
        total = np.zeros((stop - start + 2 * margin, len(channel_ids)), np.float32)
        spike_ids = self._spikes_in(start - margin, stop + margin)
        factors = self.factors(spike_ids, cutoff_hz)
        places = self._dataset.spike_samples[spike_ids] - (start - margin)
        places = places - self._alignment.n_before
        templates = self._dataset.spike_templates[spike_ids]
        for template_id in np.unique(templates).tolist():
            waveform = self._waveform(template_id, channel_ids)
            mine = templates == template_id
            add_waveform(total, waveform, places[mine], factors[mine])
        return filter_sum(total, margin, cutoff_hz, self._dataset.sample_rate_hz)

    def _spikes_in(self, start: int, stop: int) -> Int64Array:
        """Return the spikes whose template reaches into an interval."""
        before, after = self._alignment.n_before, self._alignment.n_after
        return find_spikes(self._dataset, start - after + 1, stop + before)

    def _shares(self, spike_ids: Int64Array | Int32Array) -> Float64Array:
        """Return the amplitude of each spike over the median of its template's, float64."""
        amplitudes = self._dataset.amplitudes
        if amplitudes is None:
            return np.ones(len(spike_ids))
        if self._medians is None:
            self._medians = compute_median_amplitudes(
                amplitudes, self._dataset.spike_templates, self._dataset.n_templates
            )
        medians = self._medians[self._dataset.spike_templates[spike_ids]].astype(np.float64)
        own = np.asarray(amplitudes[spike_ids], np.float64)
        shares: Float64Array = np.divide(own, medians, out=np.ones(len(own)), where=medians > 0)
        shares[~np.isfinite(shares)] = 1.0
        return shares

    def _some_spikes(self, template_id: int) -> Int32Array:
        """Return some spikes of a template by increasing time; never looks at all for long."""
        templates = self._dataset.spike_templates
        step = max(1, -(-len(templates) // _SAMPLED_SPIKES))
        found = np.flatnonzero(templates[::step] == template_id) * step
        if len(found) < _FITTED_SPIKES and step > 1:
            found = np.flatnonzero(templates == template_id)
        order = np.argsort(self._dataset.spike_samples[found], kind="stable")
        return found[order].astype(np.int32)

    def _waveform(self, template_id: int, channel_ids: Int32Array) -> Float32Array:
        """Return a template on some channels, (n_samples, n_channels)."""
        key, waveforms = self._known
        if key != channel_ids.tobytes():
            # Replaced as a whole: another thread may go on with the old ones.
            self._known = channel_ids.tobytes(), {}
            waveforms = self._known[1]
        waveform = waveforms.get(template_id)
        if waveform is None:
            waveform = self._templates.waveform(template_id, channel_ids)
            if (len(waveforms) + 1) * waveform.nbytes > _MAX_TEMPLATE_BYTES:
                waveforms.clear()
            waveforms[template_id] = waveform
        return waveform


def predict_in_steps(
    predictor: Predictor, start: int, stop: int, channel_ids: Int32Array, cutoff_hz: float | None
) -> Iterator[int]:
    """Measure the templates in an interval one after another; give how many are left."""
    waiting = predictor.not_fitted(predictor.templates_in(start, stop, channel_ids), cutoff_hz)
    yield len(waiting)
    for n_done, template_id in enumerate(waiting, 1):
        predictor.fit(template_id, cutoff_hz)
        yield len(waiting) - n_done
