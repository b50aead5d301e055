"""Small plans of recordings, made from a seed, for tests of what computes and writes them."""

from __future__ import annotations

import numpy as np

from gtview.generation.bank import bank_from_dense
from gtview.generation.plan import GenerationPlan, Injection, NoisePlan, PlanMotion


def make_probe(n_channels):
    from probeinterface import Probe

    probe = Probe(ndim=2, si_units="um")
    rows = np.arange(n_channels)
    positions = np.stack([16.0 * (rows % 2), 20.0 * (rows // 2)], axis=1)
    probe.set_contacts(positions, shapes="circle", shape_params={"radius": 5})
    probe.set_device_channel_indices(rows)
    return probe


def make_bank(rng, n_units, n_channels, steps, *, n_samples=40, n_before=12):
    shape = (len(steps), n_units, n_samples, n_channels)
    templates = rng.normal(0, 50, shape).astype(np.float32)
    # Each unit is seen by some channels only, other ones at each step.
    templates *= rng.random((len(steps), n_units, 1, n_channels)) < 0.6
    return bank_from_dense(templates, n_before=n_before, steps=steps)


def make_noise(n_channels, kind="gaussian", **changes):
    values = {
        "kind": kind,
        "levels_uv": np.linspace(5, 9, n_channels).astype(np.float32),
        "spatial_decay_um": 25.0,
        "seed": np.array([12345, 6789], np.uint64),
    }
    return NoisePlan(**values | changes)


def make_motion(rng, n_units, span_um, *, n_times=7, sampling_hz=20.0, n_motions=2):
    return PlanMotion(
        sampling_hz=sampling_hz,
        vectors_um=rng.uniform(-span_um, span_um, (n_times, n_motions)).astype(np.float32),
        unit_factors=rng.uniform(0.2, 1.0, (n_units, n_motions)).astype(np.float32),
        direction=np.array([0.0, 1.0]),
    )


def make_plan(seed=0, *, n_channels=6, n_samples=9000, n_units=4, n_spikes=300, **changes):
    """A plan with spikes all over the recording, also at its first and last samples."""
    rng = np.random.default_rng(seed)
    probe = make_probe(n_channels)
    samples = np.sort(rng.integers(0, n_samples, n_spikes))
    samples[[0, -1]] = 0, n_samples - 1
    values = {
        "sample_rate_hz": 20_000.0,
        "n_samples": n_samples,
        "channel_positions_um": probe.contact_positions.astype(np.float32),
        "n_before": 12,
        "templates": make_bank(rng, n_units, n_channels, np.arange(-3, 4)),
        "unit_locations_um": rng.uniform(0, 60, (n_units, 3)).astype(np.float32),
        "spike_samples": samples.astype(np.int64),
        "spike_units": rng.integers(0, n_units, n_spikes).astype(np.int32),
        "amplitude_factors": rng.normal(1, 0.1, n_spikes).astype(np.float32),
        "displacement": make_motion(rng, n_units, 2.5),
        "noise": make_noise(n_channels),
        "gain_uv": 0.195,
        "dtype": "int16",
        "probe": probe,
        "unit_ids": np.arange(n_units),
    }
    return GenerationPlan(**values | changes)


def make_background(seed, *, n_channels=6, n_samples=9000, n_units=3, n_spikes=200):
    rng = np.random.default_rng(seed)
    return Injection(
        templates=make_bank(rng, n_units, n_channels, [-1, 0, 1], n_samples=25, n_before=5),
        spike_samples=np.sort(rng.integers(0, n_samples, n_spikes)).astype(np.int64),
        spike_units=rng.integers(0, n_units, n_spikes).astype(np.int32),
        amplitude_factors=np.ones(n_spikes, np.float32),
        motion=make_motion(rng, n_units, 1.0),
    )
