"""Makes a Kilosort-2-like export of any size, for measuring: seeded, fast, in bounded memory.

    python tests/performance/make_export.py OUT --spikes 2900000 --clusters 400 --channels 384

Whitened templates of unit size on 32 channels, amplitudes that scale them, features that follow
from both, heavy-tailed rates, refractory periods, and a raw file that has the spikes of its first
minute (the rest of it is a hole that takes no disk).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from make_raw import write_raw
from make_truth import make_truth

SAMPLE_RATE_HZ = 30_000.0
N_SAMPLES = 82
TROUGH = 40
N_LOCAL = 32
N_PCS = 3
REFRACTORY_SAMPLES = 66
MAX_RATE_HZ = 100.0
CHUNK_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Probe:
    """Channels and how noise is shared between them."""

    positions_um: np.ndarray
    covariance: np.ndarray
    whitening: np.ndarray


@dataclass(frozen=True, slots=True)
class Units:
    """One template each; `templates` are whitened and of unit size."""

    positions_um: np.ndarray
    templates: np.ndarray
    channels: np.ndarray
    similarity: np.ndarray
    mean_amplitudes: np.ndarray


@dataclass(frozen=True, slots=True)
class Spikes:
    """Spikes by increasing time."""

    samples: np.ndarray
    units: np.ndarray
    amplitudes: np.ndarray


def make_probe(n_channels: int) -> Probe:
    """Place channels in four staggered columns, and whiten each with its 32 neighbours."""
    rows = np.arange(n_channels) // 2
    x = np.where(rows % 2 == 0, 43.0, 59.0) - 32.0 * (np.arange(n_channels) % 2)
    positions = np.column_stack((x, 20.0 * rows)).astype(np.float32)
    distance = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    covariance = 100.0 * (0.7 * np.exp(-distance / 60.0) + 0.3 * np.eye(n_channels))
    whitening = np.zeros((n_channels, n_channels))
    for channel in range(n_channels):
        near = np.argsort(distance[channel], kind="stable")[:N_LOCAL]
        values, vectors = np.linalg.eigh(covariance[np.ix_(near, near)])
        # The nearest channel to a channel is itself: row 0.
        whitening[near, channel] = (vectors[0] / np.sqrt(values)) @ vectors.T
    return Probe(positions, covariance, whitening.astype(np.float32))


def make_units(rng: np.random.Generator, probe: Probe, n_units: int) -> Units:
    """Make spikes that spread from a place on the probe, trough first, slower further away."""
    n_channels = len(probe.positions_um)
    n_local = min(N_LOCAL, n_channels)
    top = float(probe.positions_um[:, 1].max())
    positions = np.column_stack((rng.uniform(0, 70, n_units), rng.uniform(0, top, n_units)))
    distance = np.linalg.norm(positions[:, None] - probe.positions_um[None], axis=2)
    channels = np.argsort(distance, axis=1)[:, :n_local]
    near = np.take_along_axis(distance, channels, axis=1)
    size = np.exp(-near / rng.uniform(18, 40, n_units)[:, None])
    delay = near / 40.0 - (near / 40.0).min(axis=1, keepdims=True)
    local = make_waveforms(rng, n_units, delay) * size[:, None]
    local /= np.linalg.norm(local, axis=(1, 2), keepdims=True)
    templates = np.zeros((n_units, N_SAMPLES, n_channels), np.float32)
    for unit in range(n_units):
        templates[unit][:, channels[unit]] = local[unit]
    flat = templates.reshape(n_units, -1)
    amplitudes = np.exp(rng.normal(3.2, 0.5, n_units))
    return Units(positions, templates, channels, flat @ flat.T, amplitudes)


def make_waveforms(rng: np.random.Generator, n_units: int, delay: np.ndarray) -> np.ndarray:
    """Return a trough and a slower hump, (n_units, N_SAMPLES, n_local), later where `delay` is."""
    t = np.arange(N_SAMPLES)[None, :, None] - TROUGH - delay[:, None, :]
    width = rng.uniform(2.5, 5.0, (n_units, 1, 1))
    hump = rng.uniform(0.15, 0.5, (n_units, 1, 1)) * np.exp(
        -(((t - 4 * width) / (3 * width)) ** 2)
    )
    return np.asarray((hump - np.exp(-((t / width) ** 2))).astype(np.float32))


def share_spikes(
    rng: np.random.Generator, n_spikes: int, n_units: int, duration_s: float
) -> np.ndarray:
    """Share spikes among units, log-normally, none above `MAX_RATE_HZ`; int64, (n_units,)."""
    most = int(MAX_RATE_HZ * duration_s)
    if not n_units <= n_spikes <= most * n_units // 2:
        raise SystemExit(f"{n_spikes} spikes do not fit {n_units} units in {duration_s} s.")
    share = rng.lognormal(0.0, 1.2, n_units)
    counts = np.ones(n_units, np.int64)
    while (rest := n_spikes - int(counts.sum())) > 0:
        open_share = np.where(counts < most, share, 0.0)
        counts += rng.multinomial(rest, open_share / open_share.sum())
        counts = np.minimum(counts, most)
    return counts


def make_spikes(
    rng: np.random.Generator, units: Units, n_spikes: int, duration_s: float
) -> Spikes:
    """Draw Poisson trains with a dead time, each of its exact number of spikes."""
    n_units = len(units.positions_um)
    counts = share_spikes(rng, n_spikes, n_units, duration_s)
    samples, n_total = np.empty(n_spikes, np.int64), duration_s * SAMPLE_RATE_HZ
    stops = np.cumsum(counts)
    for start, stop in zip(stops - counts, stops, strict=True):
        n = stop - start
        gaps = np.cumsum(rng.exponential(size=n + 1))
        free = n_total - 2 * N_SAMPLES - n * REFRACTORY_SAMPLES
        places = gaps[:-1] / gaps[-1] * free + np.arange(n) * REFRACTORY_SAMPLES
        samples[start:stop] = places.astype(np.int64) + N_SAMPLES
    order = np.argsort(samples, kind="stable")
    owners = np.repeat(np.arange(n_units, dtype=np.int32), counts)[order]
    amplitudes = rng.standard_normal(n_spikes, dtype=np.float32)
    amplitudes *= 0.12
    amplitudes += 1.0
    amplitudes *= units.mean_amplitudes.astype(np.float32)[owners]
    return Spikes(samples[order], owners, np.maximum(amplitudes, 1.0))


def write_rows(
    path: Path, shape: tuple[int, ...], blocks: Iterator[np.ndarray], fortran: bool
) -> None:
    """Write the rows of a float32 .npy file block by block, in C or Fortran order."""
    n_values = int(np.prod(shape[1:]))
    with path.open("wb") as file:
        header = {"descr": "<f4", "fortran_order": fortran, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        base, row = file.tell(), 0
        for block in blocks:
            if not fortran:
                file.write(block.data)
            else:
                columns = block.reshape(len(block), *shape[1:]).transpose().reshape(n_values, -1)
                for k, column in enumerate(np.ascontiguousarray(columns)):
                    file.seek(base + 4 * (k * shape[0] + row))
                    file.write(column.data)
            row += len(block)


def iterate_chunks(n_rows: int) -> Iterator[slice]:
    """Cut rows into chunks of `CHUNK_ROWS`."""
    for start in range(0, n_rows, CHUNK_ROWS):
        yield slice(start, min(start + CHUNK_ROWS, n_rows))


def make_rows(rng: np.random.Generator, spikes: Spikes, means: np.ndarray) -> Iterator[np.ndarray]:
    """Give the amplitude of each spike times its unit's mean row, plus noise of size 1."""
    flat = means.reshape(len(means), -1).astype(np.float32)
    for rows in iterate_chunks(len(spikes.samples)):
        block = rng.standard_normal((rows.stop - rows.start, flat.shape[1]), dtype=np.float32)
        block += flat[spikes.units[rows]] * spikes.amplitudes[rows, None]
        yield block


def write_features(
    rng: np.random.Generator, out: Path, units: Units, spikes: Spikes, fortran: bool
) -> None:
    """Write features on the nearest channels, and template features of the most similar units."""
    n_spikes, n_units = len(spikes.samples), len(units.channels)
    local = np.stack([units.templates[k][:, units.channels[k]] for k in range(n_units)])
    _, _, shapes = np.linalg.svd(local.transpose(0, 2, 1).reshape(-1, N_SAMPLES)[::7])
    means = np.einsum("ps,usc->upc", shapes[:N_PCS], local)
    np.save(out / "pc_feature_ind.npy", units.channels.astype(np.uint32))
    shape = (n_spikes, *means.shape[1:])
    write_rows(out / "pc_features.npy", shape, make_rows(rng, spikes, means), fortran)
    similar = np.argsort(-units.similarity, axis=1, kind="stable")[:, :N_LOCAL]
    means = np.take_along_axis(units.similarity, similar, axis=1)
    np.save(out / "template_feature_ind.npy", similar.astype(np.uint32))
    shape = (n_spikes, means.shape[1])
    write_rows(out / "template_features.npy", shape, make_rows(rng, spikes, means), fortran)


def write_small_files(
    rng: np.random.Generator, out: Path, probe: Probe, units: Units, spikes: Spikes, fortran: bool
) -> None:
    """Write everything of which one number a spike is the largest, and the templates."""
    n_channels, n_spikes = len(probe.positions_um), len(spikes.samples)
    np.save(out / "spike_times.npy", spikes.samples)
    np.save(out / "spike_templates.npy", spikes.units)
    np.save(out / "spike_clusters.npy", spikes.units)
    np.save(out / "amplitudes.npy", spikes.amplitudes.astype(np.float64))
    places = units.positions_um.astype(np.float32)
    noise = (
        places[spikes.units[rows]]
        + 6 * rng.standard_normal((rows.stop - rows.start, 2), dtype=np.float32)
        for rows in iterate_chunks(n_spikes)
    )
    write_rows(out / "spike_positions.npy", (n_spikes, 2), noise, False)
    order = "F" if fortran else "C"
    np.save(out / "templates.npy", np.asarray(units.templates, order=order))
    np.save(out / "similar_templates.npy", units.similarity)
    np.save(out / "whitening_mat.npy", probe.whitening)
    np.save(out / "whitening_mat_inv.npy", np.linalg.inv(probe.whitening))
    np.save(out / "channel_map.npy", np.arange(n_channels, dtype=np.int32))
    np.save(out / "channel_positions.npy", probe.positions_um)


def write_tables(rng: np.random.Generator, out: Path, units: Units) -> None:
    """Write a label for every cluster, and a group for every third."""
    labels = np.where(rng.random(len(units.channels)) < 0.4, "good", "mua")
    contamination = rng.exponential(10.0, len(labels))
    columns = {
        "KSLabel": labels,
        "Amplitude": [f"{amplitude:.1f}" for amplitude in units.mean_amplitudes],
        "ContamPct": [f"{percent:.1f}" for percent in contamination],
        "group": labels[::3],
    }
    for name, values in columns.items():
        step = 3 if name == "group" else 1
        lines = [f"{step * k}\t{value}" for k, value in enumerate(values)]
        text = "\n".join([f"cluster_id\t{name}", *lines, ""])
        (out / f"cluster_{name}.tsv").write_text(text)


def write_params(out: Path, n_channels: int) -> None:
    """Write params.py as Kilosort does."""
    (out / "params.py").write_text(
        f"dat_path = 'raw.dat'\nn_channels_dat = {n_channels}\ndtype = 'int16'\noffset = 0\n"
        f"sample_rate = {SAMPLE_RATE_HZ:.0f}.\nhp_filtered = False\n"
    )


def make_export(out: Path, options: argparse.Namespace) -> None:
    """Make a whole export in a folder."""
    rng = np.random.default_rng(options.seed)
    out.mkdir(parents=True, exist_ok=True)
    probe = make_probe(options.channels)
    units = make_units(rng, probe, options.clusters)
    spikes = make_spikes(rng, units, options.spikes, options.duration_s)
    write_params(out, options.channels)
    write_small_files(rng, out, probe, units, spikes, options.fortran)
    write_tables(rng, out, units)
    if options.features:
        write_features(rng, out, units, spikes, options.fortran)
    unwhitened = units.templates @ np.linalg.inv(probe.whitening)
    noise_s = min(60.0, options.duration_s) if options.raw_s is None else options.raw_s
    length_s = options.duration_s if options.raw_s is None else options.raw_s
    n_noise, n_total = (int(s * SAMPLE_RATE_HZ) for s in (noise_s, length_s))
    starts = spikes.samples - TROUGH
    last = int(np.searchsorted(starts, n_noise))
    shown = (starts[:last], spikes.units[:last], spikes.amplitudes[:last])
    write_raw(rng, out / "raw.dat", probe.covariance, unwhitened, shown, (n_noise, n_total))
    if options.truth is not None:
        make_truth(out, options.truth, options.seed)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, help="folder to write, made where it is missing")
    parser.add_argument("--spikes", type=int, default=2_900_000)
    parser.add_argument("--clusters", type=int, default=400)
    parser.add_argument("--channels", type=int, default=384)
    parser.add_argument("--duration-s", type=float, default=3600.0)
    parser.add_argument("--raw-s", type=float, help="length of the raw file, all of it filled")
    parser.add_argument("--no-features", dest="features", action="store_false")
    parser.add_argument(
        "--fortran", action="store_true", help="large arrays as MATLAB writes them"
    )
    parser.add_argument("--truth", type=Path, help="folder for a ground truth; see make_truth.py")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    chosen = parse()
    began = time.perf_counter()
    make_export(chosen.out, chosen)
    print(f"{chosen.out}: {time.perf_counter() - began:.0f} s")
