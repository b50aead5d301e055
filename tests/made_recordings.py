"""Small recordings with known spikes, in arrays and as SpikeInterface's objects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RATE_HZ = 30_000.0
GAIN_UV = 0.195


@dataclass(frozen=True)
class Made:
    """`traces` is int16, (n_samples, n_channels), with `GAIN_UV`; samples increase."""

    traces: np.ndarray
    positions_um: np.ndarray
    shanks: np.ndarray
    samples: np.ndarray
    units: np.ndarray
    best: np.ndarray


def make_recording(
    seed=0, n_channels=8, n_units=4, n_shanks=1, duration_s=4.0, noise_uv=5.0, borders=True
) -> Made:
    """Units of 60 to 200 uV that never fire together, on an offset that no filter passes."""
    rng = np.random.default_rng(seed)
    n = int(duration_s * RATE_HZ)
    per_shank = n_channels // n_shanks
    shanks = np.repeat(np.arange(n_shanks), per_shank)
    positions = np.stack(
        [250.0 * shanks, 20.0 * (np.arange(n_channels) % per_shank)], axis=1
    ).astype(np.float32)
    best = np.linspace(0, n_channels - 1, n_units).round().astype(int)
    traces = rng.normal(0, noise_uv, (n, n_channels)) + rng.uniform(-50, 50, n_channels)
    times, units = [], []
    shape = -np.exp(-((np.arange(-20, 40) / 5.0) ** 2))
    shape += 0.35 * np.exp(-(((np.arange(-20, 40) - 14) / 9.0) ** 2))
    for unit in range(n_units):
        own = np.sort(rng.choice(np.arange(150 + 100 * unit, n - 150, 100 * n_units), 60, False))
        if borders and unit == 0:
            own = np.r_[3, own, n - 2]
        distance = np.hypot(*(positions - positions[best[unit]]).T)
        size = (60 + 140 * unit / max(1, n_units - 1)) * np.exp(-distance / 25.0)
        for t in own:
            first, last = max(0, t - 20), min(n, t + 40)
            piece = shape[first - t + 20 : last - t + 20]
            traces[first:last] += rng.normal(1.0, 0.05) * piece[:, None] * size
        times.append(own)
        units.append(np.full(len(own), unit))
    times, units = np.concatenate(times), np.concatenate(units)
    order = np.lexsort((units, times))
    return Made(
        np.rint(traces / GAIN_UV).astype(np.int16),
        positions,
        shanks,
        times[order].astype(np.int64),
        units[order].astype(np.int32),
        best,
    )


def filtered_uv(made: Made) -> np.ndarray:
    """The whole recording in one piece, high-passed by scipy."""
    from scipy.signal import butter, sosfiltfilt

    sections = butter(3, 300.0, "highpass", fs=RATE_HZ, output="sos")
    return sosfiltfilt(sections, made.traces * GAIN_UV, axis=0)


def windows_of(traces: np.ndarray, samples: np.ndarray, n_before: int) -> np.ndarray:
    """Cut (n_spikes, 2 * n_before, n_channels); 0 outside of the recording."""
    padded = np.pad(traces, ((n_before, n_before), (0, 0)))
    return np.stack([padded[t : t + 2 * n_before] for t in samples])


def as_recording(made: Made, traces=None, gain=GAIN_UV):
    """SpikeInterface's recording in memory, with a probe of several shanks."""
    import probeinterface
    import spikeinterface.core as si

    recording = si.NumpyRecording([made.traces if traces is None else traces], RATE_HZ)
    probe = probeinterface.Probe(ndim=2, si_units="um")
    probe.set_contacts(made.positions_um, shapes="circle", shape_params={"radius": 5},
                       shank_ids=made.shanks.astype(str))  # fmt: skip
    probe.set_device_channel_indices(np.arange(len(made.positions_um)))
    recording.set_probe(probe)
    if gain is not None:
        recording.set_channel_gains(gain)
        recording.set_channel_offsets(0.0)
    return recording


def as_sorting(made: Made, unit_ids=None, samples=None, units=None):
    """SpikeInterface's sorting; `unit_ids` may name more units than there are spikes of."""
    import spikeinterface.core as si

    samples = made.samples if samples is None else samples
    units = made.units if units is None else units
    ids = np.arange(units.max() + 1) if unit_ids is None else np.asarray(unit_ids)
    dtype = [("sample_index", "int64"), ("unit_index", "int64"), ("segment_index", "int64")]
    spikes = np.zeros(len(samples), dtype)
    spikes["sample_index"], spikes["unit_index"] = samples, units
    return si.NumpySorting(spikes, RATE_HZ, ids)
