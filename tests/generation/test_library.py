from __future__ import annotations

import numpy as np
import pytest
from factories import make_phy_folder

from gtview.base.errors import DatasetError, UsageError
from gtview.generation.library import add_to_library
from gtview.generation.recipe import read_recipe
from gtview.generation.recipe_hybrid import ClusterTemplates, LibraryTemplates
from gtview.generation.template_sources import find_templates, read_table


@pytest.fixture
def export(tmp_path):
    made = make_phy_folder(tmp_path / "sorted" / "export", n_spikes=400, dialect="kilosort4")
    with (made.path / "params.py").open("a", encoding="utf-8") as file:
        file.write("gain_to_uv = 0.195\n")
    return made


def largest(templates):
    return np.sort([np.ptp(template.waveforms_uv, axis=0).max() for template in templates])


def test_that_a_library_gives_back_the_templates_of_an_export(export, tmp_path):
    folder = tmp_path / "library"
    assert add_to_library(export.path, folder, brain_area="CA1") == 8
    rows = read_table(folder)
    assert len(rows) == 8
    assert {row["brain_area"] for row in rows} == {"CA1"}
    wish = LibraryTemplates(folder=str(folder))
    found = find_templates(wish, 8, np.random.default_rng(0))
    expected = np.sort(np.ptp(export.templates_raw, axis=1).max(axis=1)) * 0.195
    np.testing.assert_allclose(largest(found), expected, rtol=0.15)
    np.testing.assert_allclose(found[0].positions_um, export.positions_um)
    assert found[0].n_before == export.n_before
    amplitudes = np.sort([float(row["amplitude_uv"]) for row in rows])
    np.testing.assert_allclose(largest(found), amplitudes, rtol=1e-4)


def test_that_datasets_are_added_one_after_the_other(export, tmp_path):
    folder = tmp_path / "library"
    add_to_library(export.path, folder, "first")
    add_to_library(export.path, folder, "second")
    assert {row["dataset"] for row in read_table(folder)} == {"first.zarr", "second.zarr"}
    with pytest.raises(UsageError, match="already"):
        add_to_library(export.path, folder, "second")
    found = find_templates(
        LibraryTemplates(folder=str(folder), datasets=("second.zarr",)),
        8,
        np.random.default_rng(0),
    )
    assert all(template.name.startswith("second") for template in found)
    assert not list(folder.glob("*.partial*"))


def test_that_an_export_without_gain_or_templates_is_refused(tmp_path):
    made = make_phy_folder(tmp_path / "a", n_spikes=200)
    with pytest.raises(UsageError, match="microvolts"):
        add_to_library(made.path, tmp_path / "library")
    bare = make_phy_folder(tmp_path / "b", n_spikes=200, with_templates=False)
    with pytest.raises(UsageError, match="no templates"):
        add_to_library(bare.path, tmp_path / "library")
    with pytest.raises(DatasetError):
        add_to_library(tmp_path, tmp_path / "library")
    assert not (tmp_path / "library").exists()


def test_that_templates_of_an_export_are_used_directly(export):
    wish = ClusterTemplates(path=str(export.path), clusters=(1, 3))
    found = find_templates(wish, 2, np.random.default_rng(0))
    assert {template.name for template in found} == {"template 1", "template 3"}
    recipe = read_recipe({"hybrid": {"recording": "x", "templates": wish.model_dump()}})
    assert recipe.hybrid.templates == wish


def test_that_a_library_never_reads_outside_of_its_folder(export, tmp_path):
    folder = tmp_path / "library"
    add_to_library(export.path, folder)
    table = folder / "templates.csv"
    text = table.read_text(encoding="utf-8").replace("sorted_export.zarr", "../elsewhere")
    table.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="outside"):
        find_templates(LibraryTemplates(folder=str(folder)), 1, np.random.default_rng(0))
