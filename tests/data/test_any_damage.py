"""Whatever one file of an export becomes: it opens, or is refused in one sentence."""

from __future__ import annotations

import numpy as np
import pytest
from factories import DIALECTS, make_phy_folder

from gtview.base.errors import DatasetError
from gtview.data.phy_reader import read_export

_ARRAYS = {
    "nothing": np.empty(0),
    "one number": np.array(3.0),
    "three numbers": np.array([1, 2, 3]),
    "a table": np.arange(12, dtype=np.uint8).reshape(3, 4),
    "a cube": np.ones((3, 4, 5)),
    "four axes": np.zeros((2, 2, 2, 2)),
    "no columns": np.empty((5, 0)),
    "text": np.array(["a", "b"]),
    "NaN": np.full((40, 3), np.nan),
    "NaN vector": np.full(300, np.nan, np.float16),
    "negative": np.full((300, 1), -7),
    "huge": np.full(300, 2**63, np.uint64),
    "truth": np.ones(300, bool),
    "objects": np.array([None] * 300, object),
}
_BYTES = {"empty": b"", "garbage": bytes(range(256)) * 4, "a page": b"<html>404</html>\n" * 9}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_that_no_damage_of_one_file_is_a_traceback(tmp_path, dialect):
    made = make_phy_folder(
        tmp_path / "phy", dialect=dialect, n_spikes=300, n_clusters=4, with_raw=True
    )
    names = sorted(path.name for path in made.path.iterdir())
    assert len(names) > 12
    for name in names:
        path = made.path / name
        content = path.read_bytes()
        for _ in _damage(path, content):
            try:
                dataset = read_export(made.path)
            except DatasetError as error:
                assert str(error).endswith(".")  # noqa: PT017
                assert "\n" not in str(error)  # noqa: PT017
            else:
                _check_promises(dataset)
        path.write_bytes(content)


def _damage(path, content):
    path.unlink()
    yield "missing"
    for label, data in {**_BYTES, "half": content[: len(content) // 2]}.items():
        path.write_bytes(data)
        yield label
    if path.suffix == ".npy":
        for label, array in _ARRAYS.items():
            np.save(path, array, allow_pickle=True)
            yield label
    path.unlink()
    path.mkdir()
    yield "a folder"
    path.rmdir()


def _check_promises(dataset):
    """Kernels index without checks: these ids must be where they are promised to be."""
    n = dataset.n_spikes
    assert n > 0
    assert dataset.spike_samples.shape == (n,)
    assert dataset.spike_samples.min() >= 0
    for ids in (dataset.spike_clusters, dataset.spike_templates):
        assert ids.dtype == np.int32
        assert ids.shape == (n,)
        assert ids.min() >= 0
    assert dataset.spike_templates.max() < dataset.n_templates
    channels = dataset.channels
    assert channels.positions_um.shape == (channels.n_channels, 2)
    assert np.isfinite(channels.positions_um).all()
    assert channels.shanks.shape == (channels.n_channels,)
    if dataset.raw is not None:
        assert channels.raw_channels.min() >= 0
        assert channels.raw_channels.max() < dataset.raw.n_channels
    if dataset.templates is not None:
        assert np.isfinite(dataset.templates.peak_to_peak()).all()
    if dataset.similar_templates is not None:
        assert dataset.similar_templates.shape == (dataset.n_templates,) * 2
    if dataset.pc_features is not None:
        dataset.pc_features.read(np.arange(n))
        if dataset.pc_features.channel_ids is not None:
            assert len(dataset.pc_features.channel_ids) >= dataset.n_templates
    assert np.isfinite(dataset.duration_s)
    assert dataset.duration_s > 0
