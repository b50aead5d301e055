"""Small seeded exports as sorters write them, for tests; NumPy only."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DIALECTS = ("kilosort1", "kilosort2", "kilosort4", "spikeinterface")
_SHAPES = {  # n_samples, trough sample
    "kilosort1": (82, 41),
    "kilosort2": (82, 41),
    "kilosort4": (61, 20),
    "spikeinterface": (75, 25),
}


@dataclass(frozen=True)
class PhyFolder:
    """An export, and what was put into it.

    `templates_raw` is float32, (n_templates, n_samples, n_channels), in units of the raw file:
    what an unwhitened, scaled template should be. `raw` is int16, (n_samples, n_raw_channels).
    """

    path: Path
    dialect: str
    sample_rate_hz: float
    duration_s: float
    spike_samples: np.ndarray
    spike_templates: np.ndarray
    spike_clusters: np.ndarray
    spike_factors: np.ndarray
    templates_raw: np.ndarray
    n_before: int
    positions_um: np.ndarray
    raw_channels: np.ndarray
    shanks: np.ndarray
    unwhitening: np.ndarray | None
    raw_path: Path | None
    raw: np.ndarray | None


def make_phy_folder(
    path: Path,
    *,
    n_spikes: int = 2000,
    n_clusters: int = 8,
    n_channels: int = 16,
    dialect: str = "kilosort2",
    seed: int = 0,
    sample_rate_hz: float = 30_000.0,
    duration_s: float | None = None,
    n_raw_channels: int | None = None,
    n_shanks: int = 1,
    n_local: int | None = None,
    whitening: str | None = "default",
    with_raw: bool = False,
    with_templates: bool = True,
    with_features: bool = True,
    feature_spike_ids: np.ndarray | None = None,
    with_spike_clusters: bool = True,
    with_tables: bool = True,
    noise_raw: float = 8.0,
    gain_uv: float = 0.195,
) -> PhyFolder:
    """Write a seeded export into a new folder, as one sorter does it.

    Parameters
    ----------
    path
        Folder to make (emptied when it exists). The raw file is `raw.bin` beside it.
    dialect
        One of `DIALECTS`. `kilosort1`: (n, 1) unsigned, `template_ind.npy`; `kilosort2`: (n, 1)
        unsigned, dense, `templates_ind.npy`, template features; `kilosort4`: (n,) signed, trough
        at 20 of 61, positions, `kept_spikes.npy`; `spikeinterface`: (n, 1), sparse, -1 padding,
        `channel_groups.npy`, no whitening, templates in raw units (as `return_in_uV=False`).
    n_spikes, n_clusters, n_channels, n_shanks, n_raw_channels
        Sizes; as many raw channels as channels, or more.
    duration_s
        By default such that there are 400 spikes a second.
    n_local
        Channels of a sparse template or of the features; all channels for the templates of
        `kilosort1` and 8 otherwise.
    whitening
        `real`, `scaled` (identity times a number), `identity`, None; `default` is `real` but for
        `spikeinterface`, where it is None.
    with_raw
        Write an int16 recording in which every spike is its template times its factor, plus noise
        of `noise_raw`; features are then those of the recording.
    feature_spike_ids
        int array: only these spikes have features.
    gain_uv
        Not written: units of the raw file in microvolts, for whoever wants to compare.
    """
    if dialect not in DIALECTS:
        raise ValueError(dialect)
    rng = np.random.default_rng(seed)
    _make_empty(path)
    n_samples, n_before = _SHAPES[dialect]
    duration_s = duration_s or max(1.0, n_spikes / 400)
    n_raw_channels = n_raw_channels or n_channels
    positions, shanks = make_positions(n_channels, n_shanks)
    raw_channels = rng.permutation(n_raw_channels)[:n_channels].astype(np.int32)
    templates_raw = make_templates(rng, n_clusters, n_samples, n_before, positions)
    samples, units, factors = _make_spikes(
        rng, n_spikes, n_clusters, int(duration_s * sample_rate_hz), n_samples
    )
    raw_path, raw = None, None
    if with_raw:
        raw_path = path.parent / "raw.bin"
        raw = _make_raw(
            rng,
            int(duration_s * sample_rate_hz),
            (n_raw_channels, raw_channels, noise_raw),
            (samples, units, factors),
            (templates_raw, n_before),
        )
        raw.tofile(raw_path)
    if whitening == "default":
        whitening = None if dialect == "spikeinterface" else "real"
    matrix = make_whitening(whitening, positions)
    made = PhyFolder(
        path,
        dialect,
        sample_rate_hz,
        duration_s,
        samples,
        units,
        units.copy(),
        factors,
        templates_raw,
        n_before,
        positions,
        raw_channels,
        shanks,
        None if matrix is None else np.linalg.inv(matrix),
        raw_path,
        raw,
    )
    _write_params(made, n_raw_channels)
    _write_spikes(made, matrix, with_spike_clusters)
    _write_channels(made)
    if matrix is not None:
        _write_whitening(made, matrix)
    if with_templates:
        _write_templates(made, matrix, n_local)
    if with_features:
        _write_features(made, rng, n_local or 8, feature_spike_ids)
    if with_tables:
        _write_tables(made)
    return made


def _make_empty(path: Path) -> None:
    if path.exists():
        shutil.rmtree(path)
    path.mkdir(parents=True)


def make_positions(n_channels: int, n_shanks: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Two staggered columns a shank: float32 (n_channels, 2) in um, and int32 shanks."""
    shanks = np.arange(n_channels) * n_shanks // n_channels
    first = np.searchsorted(shanks, np.arange(n_shanks))
    row = np.arange(n_channels) - first[shanks]
    x = np.where(row % 2 == 0, 0.0, 32.0) + 16.0 * (row // 2 % 2) + 250.0 * shanks
    positions = np.c_[x, 20.0 * (row // 2)].astype(np.float32)
    return positions, shanks.astype(np.int32)


def make_templates(
    rng: np.random.Generator, n: int, n_samples: int, n_before: int, positions: np.ndarray
) -> np.ndarray:
    """Templates of 60 to 400 raw units at random places; float32 (n, n_samples, n_channels)."""
    t = np.arange(n_samples) - n_before
    width = rng.uniform(3, 5, (n, 1))
    shape = -np.exp(-((t / width) ** 2)) + rng.uniform(0.1, 0.3, (n, 1)) * np.exp(
        -(((t - 14) / 8.0) ** 2)
    )
    places = positions[rng.integers(len(positions), size=n)] + rng.uniform(-12, 12, (n, 2))
    distance = np.linalg.norm(places[:, None] - positions[None], axis=2)
    peak = np.exp(rng.uniform(np.log(60), np.log(400), (n, 1))) * np.exp(-distance / 25.0)
    return (shape[:, :, None] * peak[:, None, :]).astype(np.float32)


def _make_spikes(
    rng: np.random.Generator, n_spikes: int, n_units: int, n_total: int, margin: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    weights = 1 / np.sqrt(1 + np.arange(n_units))
    units = rng.choice(n_units, n_spikes, p=weights / weights.sum()).astype(np.int32)
    units[: min(n_units, n_spikes)] = np.arange(min(n_units, n_spikes))
    samples = np.sort(rng.integers(margin, n_total - margin, n_spikes)).astype(np.int64)
    return samples, rng.permutation(units), rng.normal(1, 0.05, n_spikes).clip(0.5)


def _make_raw(
    rng: np.random.Generator,
    n_total: int,
    recording: tuple[int, np.ndarray, float],
    spikes: tuple[np.ndarray, np.ndarray, np.ndarray],
    shapes: tuple[np.ndarray, int],
) -> np.ndarray:
    n_raw_channels, raw_channels, noise = recording
    templates, n_before = shapes
    raw = noise * rng.standard_normal((n_total, n_raw_channels), np.float32)
    for sample, unit, factor in zip(*spikes, strict=True):
        start = sample - n_before
        raw[start : start + templates.shape[1], raw_channels] += factor * templates[unit]
    return raw.round().clip(-32768, 32767).astype(np.int16)


def make_whitening(kind: str | None, positions: np.ndarray) -> np.ndarray | None:
    """Return a matrix W such that a row of samples times W is whitened; float64 (n, n)."""
    n = len(positions)
    if kind is None:
        return None
    if kind == "identity":
        return np.eye(n)
    if kind == "scaled":
        return np.eye(n) / 200.0
    distance = np.linalg.norm(positions[:, None] - positions[None], axis=2)
    return (1.2 * np.eye(n) - 0.2 * np.exp(-distance / 30.0)) / 200.0


def _write_params(made: PhyFolder, n_raw_channels: int) -> None:
    dat_path = "''" if made.raw_path is None else "'../raw.bin'"
    if made.dialect == "spikeinterface" and made.raw_path is None:
        dat_path = "r'None'"
    if made.dialect == "kilosort4" and made.raw_path is not None:
        dat_path = "['../raw.bin']"
    (made.path / "params.py").write_text(
        f"dat_path = {dat_path}\n"
        f"n_channels_dat = {n_raw_channels}\n"
        "dtype = 'int16'\n"
        "offset = 0\n"
        f"sample_rate = {made.sample_rate_hz}\n"
        "hp_filtered = False\n",
        encoding="utf-8",
    )


def _stored_templates(made: PhyFolder, matrix: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Templates as the sorter keeps them, and the amplitude of each that undoes its scale."""
    stored = made.templates_raw if matrix is None else made.templates_raw @ matrix
    norms = np.sqrt((stored.astype(float) ** 2).sum((1, 2)))
    if made.dialect in ("kilosort1", "kilosort2"):
        return (stored / norms[:, None, None]).astype(np.float32), norms
    return stored.astype(np.float32), norms


def _write_spikes(made: PhyFolder, matrix: np.ndarray | None, with_clusters: bool) -> None:
    is_old = made.dialect in ("kilosort1", "kilosort2")
    shape = (-1,) if made.dialect == "kilosort4" else (-1, 1)
    norms = _stored_templates(made, matrix)[1]
    amplitudes = made.spike_factors * norms[made.spike_templates]
    index = np.uint32 if is_old else np.int32
    save = _saver(made.path)
    save("spike_times", made.spike_samples.astype(np.uint64 if is_old else np.int64), shape)
    save("spike_templates", made.spike_templates.astype(index), shape)
    if with_clusters:
        save("spike_clusters", made.spike_clusters.astype(index), shape)
    save("amplitudes", amplitudes.astype(np.float64 if is_old else np.float32), shape)
    if made.dialect == "kilosort4":
        places = _centres(made)[made.spike_templates]
        save("spike_positions", places.astype(np.float32))
        save("spike_detection_templates", made.spike_templates)
        save("kept_spikes", np.r_[np.ones(len(places), bool), np.zeros(5, bool)])


def _saver(folder: Path):  # type: ignore[no-untyped-def]
    def save(name: str, array: np.ndarray, shape: tuple[int, ...] | None = None) -> None:
        np.save(folder / f"{name}.npy", array if shape is None else array.reshape(shape))

    return save


def _centres(made: PhyFolder) -> np.ndarray:
    weights = np.ptp(made.templates_raw, axis=1) ** 2
    return weights @ made.positions_um / weights.sum(1, keepdims=True)


def _write_channels(made: PhyFolder) -> None:
    is_old = made.dialect in ("kilosort1", "kilosort2")
    save = _saver(made.path)
    save("channel_map", made.raw_channels, (-1, 1) if is_old else (-1,))
    save("channel_positions", made.positions_um.astype(np.float64))
    if made.dialect == "spikeinterface":
        save("channel_groups", made.shanks.astype(np.int64))
    elif made.dialect == "kilosort4":
        save("channel_shanks", made.shanks.astype(np.float64))
    else:
        save("channel_shanks", made.shanks, (-1, 1))


def _write_whitening(made: PhyFolder, matrix: np.ndarray) -> None:
    save = _saver(made.path)
    save("whitening_mat", matrix)
    save("whitening_mat_inv", np.linalg.inv(matrix))
    if made.dialect == "kilosort4":
        save("whitening_mat_dat", matrix)


def nearest_channels(made: PhyFolder, n_local: int) -> np.ndarray:
    """Channels of each template by decreasing peak-to-peak, int32 (n_templates, n_local)."""
    order = np.argsort(-np.ptp(made.templates_raw, axis=1), axis=1, kind="stable")
    return order[:, :n_local].astype(np.int32)


def _write_templates(made: PhyFolder, matrix: np.ndarray | None, n_local: int | None) -> None:
    stored, _ = _stored_templates(made, matrix)
    n, _, n_channels = stored.shape
    save = _saver(made.path)
    flat = stored.reshape(n, -1)
    norms = np.linalg.norm(flat, axis=1)
    save("similar_templates", (flat @ flat.T / np.outer(norms, norms)).astype(np.float32))
    if made.dialect in ("kilosort2", "kilosort4"):
        is_old = made.dialect == "kilosort2"
        save("templates", np.asfortranarray(stored) if is_old else stored)
        ids = np.tile(np.arange(n_channels), (n, 1))
        save("templates_ind", ids.astype(np.float64 if is_old else np.int64))
        return
    is_si = made.dialect == "spikeinterface"
    ids = nearest_channels(made, n_local or (8 if is_si else n_channels))
    local = np.take_along_axis(stored, ids[:, None, :], axis=2)
    if is_si and ids.shape[1] > 2:  # the last two of the even templates are not used
        ids[::2, -2:] = -1
        local[::2, :, -2:] = 0
    save("templates", local if is_si else np.asfortranarray(local))
    save("template_ind", ids.astype(np.int64))


def _write_features(
    made: PhyFolder, rng: np.random.Generator, n_local: int, spike_ids: np.ndarray | None
) -> None:
    n_pcs = {"kilosort4": 6, "spikeinterface": 5}.get(made.dialect, 3)
    ids = nearest_channels(made, n_local)
    rows = np.arange(len(made.spike_samples)) if spike_ids is None else np.asarray(spike_ids)
    shapes = np.moveaxis(made.templates_raw, 2, 1).reshape(-1, made.templates_raw.shape[1])
    basis = np.linalg.eigh(shapes.T @ shapes)[1].T[::-1][:n_pcs]
    features = np.empty((len(rows), len(basis), ids.shape[1]), np.float32)
    for start in range(0, len(rows), 1000):
        spikes = rows[start : start + 1000]
        snippets = _cut_snippets(made, rng, spikes, ids[made.spike_templates[spikes]])
        features[start : start + 1000] = np.einsum("ps,nsc->npc", basis, snippets, optimize=True)
    save = _saver(made.path)
    save("pc_features", features)
    save("pc_feature_ind", ids.astype(np.uint32))
    if spike_ids is not None:
        save("pc_feature_spike_ids", rows.astype(np.int64))
    if made.dialect in ("kilosort1", "kilosort2"):
        _write_template_features(made, rng, rows, spike_ids)


def _cut_snippets(
    made: PhyFolder, rng: np.random.Generator, spikes: np.ndarray, channels: np.ndarray
) -> np.ndarray:
    """Waveforms of some spikes on channels of their own, (n, n_samples, n_local)."""
    if made.raw is not None:
        window = np.arange(made.templates_raw.shape[1]) - made.n_before
        samples = made.spike_samples[spikes, None] + window
        columns = made.raw_channels[channels]
        return made.raw[samples[:, :, None], columns[:, None, :]].astype(np.float32)
    templates = made.templates_raw[made.spike_templates[spikes]]
    local = np.take_along_axis(templates, channels[:, None, :], axis=2)
    noise = 8 * rng.standard_normal(local.shape, np.float32)
    return (made.spike_factors[spikes, None, None] * local + noise).astype(np.float32)


def _write_template_features(
    made: PhyFolder, rng: np.random.Generator, rows: np.ndarray, spike_ids: np.ndarray | None
) -> None:
    flat = made.templates_raw.reshape(len(made.templates_raw), -1)
    products = flat @ flat.T / np.linalg.norm(flat, axis=1)
    n_local = min(16, len(flat))
    ids = np.argsort(-products, axis=1, kind="stable")[:, :n_local]
    templates = made.spike_templates[rows]
    values = made.spike_factors[rows, None] * products[templates[:, None], ids[templates]]
    save = _saver(made.path)
    save("template_features", (values + rng.normal(0, 8, values.shape)).astype(np.float32))
    save("template_feature_ind", ids.astype(np.float64))
    if spike_ids is not None:
        save("template_feature_spike_ids", rows.astype(np.int64))


def _write_tables(made: PhyFolder) -> None:
    clusters = np.unique(made.spike_clusters)
    label = {int(c): ("good" if c % 2 == 0 else "mua") for c in clusters}
    percent = {int(c): round(1.5 * float(c), 1) for c in clusters}
    if made.dialect == "kilosort1":
        write_table(made.path / "cluster_group.tsv", {"group": {min(label): "good"}})
        return
    if made.dialect == "spikeinterface":
        write_table(made.path / "cluster_group.tsv", {"group": dict.fromkeys(label, "unsorted")})
        names = {c: f"#{c}" for c in label}
        write_table(made.path / "cluster_si_unit_ids.tsv", {"si_unit_id": names})
        return
    write_table(made.path / "cluster_KSLabel.tsv", {"KSLabel": label})
    write_table(made.path / "cluster_ContamPct.tsv", {"ContamPct": percent})
    write_table(made.path / "cluster_group.tsv", {"KSLabel": label})


def write_table(path: Path, columns: dict[str, dict[int, object]]) -> None:
    """Write a table of cluster properties; clusters without a value get an empty cell."""
    ids = sorted({cluster for column in columns.values() for cluster in column})
    lines = ["\t".join(["cluster_id", *columns])]
    for cluster in ids:
        cells = [str(column.get(cluster, "")) for column in columns.values()]
        lines.append("\t".join([str(cluster), *cells]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
