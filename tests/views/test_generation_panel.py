"""The panel of generation: pictures of the recipe, files, libraries, and where it goes."""

from __future__ import annotations

import json

import pytest
from factories import make_phy_folder
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from gtview.base.settings import SettingsFile
from gtview.generation.library import add_to_library
from gtview.generation.presets import preset_names, read_preset
from gtview.generation.preview import make_preview
from gtview.generation.scripts import gtview_script
from gtview.jobs.sorting import SortChoice
from gtview.qt.compute import ComputePool
from gtview.qt.theme import THEMES, ThemeKeeper
from gtview.views.generation.panel import GenerationPanel, suggest_folder
from gtview.views.generation.services import PanelServices
from gtview.views.generation.special_editors import OpenDataset
from gtview.views.generation.traces_tile import spike_places


class Answers:
    """Dialogs that answer as the test wants."""

    def __init__(self):
        self.folder = self.file = self.new_file = None

    def ask_folder(self, *_args):
        return self.folder

    def ask_file(self, *_args):
        return self.file

    def ask_new_file(self, *_args):
        return self.new_file


class Panels:
    """Makes panels, and closes them."""

    def __init__(self, qtbot):
        self.qtbot, self.pool = qtbot, ComputePool()
        self.themes = ThemeKeeper("dark")
        self.settings = SettingsFile("generation", persistent=False)
        self.dialogs, self.submitted, self.asked = Answers(), [], []
        self.dataset = OpenDataset()
        self.made = []

    def make(self, recipe=None):
        services = PanelServices(
            self.pool,
            self.themes,
            self.settings,
            self.dialogs,
            lambda *args: self.submitted.append(args),
            lambda *args: self.asked.append(args),
            lambda: self.dataset,
        )
        panel = GenerationPanel(services)
        self.qtbot.addWidget(panel)
        self.made.append(panel)
        panel.resize(1400, 900)
        if recipe is not None:
            panel.load(recipe)
        return panel

    def shown(self, recipe=None):
        panel = self.make(recipe)
        panel.show()
        self.settle(panel)
        return panel

    def settle(self, panel):
        self.qtbot.waitUntil(lambda: panel.is_settled, timeout=60_000)

    def close(self):
        for panel in self.made:
            panel.stop()
        self.pool.close()


@pytest.fixture
def panels(qtbot):
    made = Panels(qtbot)
    yield made
    made.close()


def tiny():
    return read_preset("quick").changed({"duration_s": 10.0, "motion.motions.0.period_s": 8.0})


# The panel -------------------------------------------------------------------------------------


def test_that_the_pictures_are_those_of_the_recipe(panels):
    panel = panels.shown(tiny())
    expected = make_preview(tiny())
    probe = panel.preview.probe
    assert probe.contacts.places.tolist() == expected.positions_um.tolist()
    assert probe.units.places.tolist() == expected.locations_um[:, :2].tolist()
    assert "32 ch, 12 units" in probe.note.toolTip()
    assert panel.preview.rates.bars.counts.sum() == 12
    assert panel.preview.amplitudes.bars.counts.sum() == 12
    places, _ = spike_places(expected, is_drifting=True)
    assert panel.preview.drifting.rings.places.tolist() == places.tolist()
    assert len(places)
    assert all(0 <= x <= 200 for x, _ in places)
    assert "32 channels" in panel.destination.cost.toolTip()
    assert all(not tile.grab().isNull() for tile in panel.preview.tiles)


@pytest.mark.parametrize("name", preset_names())
def test_that_presets_are_shown_and_saved_as_they_are(panels, name, tmp_path):
    panel = panels.make()
    panel.load_preset(name)
    assert panel.draft.recipe == read_preset(name)
    panels.dialogs.new_file = tmp_path / "mine.json"
    panel.bar.save.click()
    panels.dialogs.file = tmp_path / "mine.json"
    other = panels.make()
    other.bar.open.click()
    assert other.draft.recipe == read_preset(name)


def test_that_both_examples_are_presets_under_their_own_names(panels):
    menu = panels.make().bar.presets.menu()
    names = [action.text() for action in menu.actions()]
    assert {"simplest", "finer control", "quick", "tetrode", "four shanks"} <= set(names)
    assert all(action.toolTip() for action in menu.actions())


def test_that_a_file_that_is_no_recipe_is_told(panels, tmp_path):
    (tmp_path / "bad.json").write_text('{"n_unts": 3}')
    panels.dialogs.file = tmp_path / "bad.json"
    panel = panels.make()
    before = panel.draft.recipe
    panel.bar.open.click()
    assert "did you mean n_units" in panel.bar.message.text()
    assert panel.draft.recipe == before


def test_that_only_the_newest_recipe_is_shown_at_last(panels):
    panel = panels.shown(tiny())
    for n in range(3, 9):
        panel.form.row("n_units").editor.box.setValue(n)
    panels.settle(panel)
    assert panel.preview.preview.n_units == 8
    assert panel.preview.probe.units.places.shape == (8, 2)


def test_that_the_old_picture_stays_while_something_is_wrong(panels):
    panel = panels.shown(tiny())
    panel.form.row("n_units").editor.box.setValue(0)
    panels.settle(panel)
    assert panel.preview.preview.n_units == 12
    assert not panel.destination.can_generate
    assert "Units: must be between 1" in panel.destination.reason.text()
    assert "must be between 1" in panel.destination.button.toolTip()
    panel.form.row("n_units").editor.box.setValue(5)
    assert panel.destination.reason.isHidden()


def test_that_what_only_the_computation_finds_is_told_at_the_field(panels):
    panel = panels.shown(tiny())
    row = panel.form.row("probe.part_number")
    row.editor.line.setText("NP77")
    row.editor.line.editingFinished.emit()
    panels.settle(panel)
    assert "no known Neuropixels part number" in row.problem.text()
    assert not panel.destination.can_generate
    row.editor.line.setText("NP2000")
    row.editor.line.editingFinished.emit()
    panels.settle(panel)
    assert not row.has_problem
    assert panel.destination.can_generate


def test_that_a_click_on_the_reason_shows_the_field(panels):
    panel = panels.shown(tiny())
    panel.form.set_open_groups(["Recording"])
    panel.form.row("output.gain_uv").editor.box.setValue(-1)
    panel.destination.reason.click()
    assert panel.form.groups["Output"].is_open


def test_that_a_click_on_the_motion_chooses_the_time(panels):
    panel = panels.shown(tiny())
    panel.preview.motion.panel.clicked.emit(
        4.0, 0.0, Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    )
    panels.settle(panel)
    assert panel.preview.preview.traces.start_s == 4.0
    assert "at 4.0 s" in panel.preview.static.note.toolTip()


# Where it goes ---------------------------------------------------------------------------------


def name_folder(panel, path):
    panel.destination.folder.line.setText(str(path))
    panel.destination.folder.line.textEdited.emit(str(path))


def test_that_the_recipe_goes_to_the_queue_with_its_folder_and_sorter(panels, tmp_path):
    panel = panels.make(tiny())
    name_folder(panel, tmp_path / "out")
    panel.destination.sort_button.click()
    take, has_static, choice = panels.asked[0]
    assert (has_static, choice) == (False, None)
    take(SortChoice("simple"))
    assert "simple, drifting" in panel.destination.sort_button.text()
    panel.destination.opens.click()
    panel.destination.button.click()
    assert panels.submitted == [(tiny(), tmp_path / "out", (SortChoice("simple"),), False)]


def test_that_enter_in_a_number_begins_no_job(panels, qtbot, tmp_path):
    panel = panels.make(tiny())
    name_folder(panel, tmp_path / "out")
    qtbot.keyClick(panel.form.row("n_units").editor.box, Qt.Key.Key_Return)
    assert not panels.submitted


@pytest.mark.parametrize("case", ["exists", "a file above", "relative", "nothing", "no room"])
def test_that_a_wrong_folder_is_told_beside_it(panels, tmp_path, case, monkeypatch):
    (tmp_path / "there").mkdir()
    (tmp_path / "file").write_text("x")
    panel = panels.make(tiny())
    paths = {
        "exists": tmp_path / "there",
        "a file above": tmp_path / "file" / "out",
        "relative": "out",
        "nothing": "",
        "no room": tmp_path / "out",
    }
    words = {
        "exists": "exists already",
        "a file above": "is no folder",
        "relative": "from the root",
        "nothing": "Name a folder",
        "no room": "has only",
    }
    if case == "no room":
        from gtview.generation import destination

        usage = destination.shutil.disk_usage(tmp_path)._replace(free=10**6)
        monkeypatch.setattr(destination.shutil, "disk_usage", lambda _path: usage)
    name_folder(panel, paths[case])
    assert words[case] in panel.destination.folder_problem.text()
    assert words[case] in panel.destination.button.toolTip()
    panel.generate()
    assert not panels.submitted
    assert not panel.destination.can_generate


def test_that_a_folder_that_cannot_be_written_is_told(panels, tmp_path, monkeypatch):
    from gtview.generation import destination

    monkeypatch.setattr(destination.os, "access", lambda *_: False)
    panel = panels.make(tiny())
    name_folder(panel, tmp_path / "out")
    assert "cannot be written to" in panel.destination.folder_problem.text()


def test_that_a_free_name_is_suggested(tmp_path):
    assert suggest_folder(tmp_path, "four shanks") == tmp_path / "four_shanks"
    (tmp_path / "four_shanks").mkdir()
    assert suggest_folder(tmp_path, "four shanks") == tmp_path / "four_shanks_2"
    assert suggest_folder(tmp_path, "../..") == tmp_path / "recording"


# Scripts and the seed --------------------------------------------------------------------------


def test_that_scripts_are_copied_and_what_is_left_out_is_told(panels):
    panel = panels.make(tiny().changed({"noise.kind": "pink"}))
    panel.bar.copy_asked.emit("gtview")
    assert QApplication.clipboard().text() == gtview_script(panel.draft.recipe)
    panel.bar.copy_asked.emit("spikeinterface")
    assert "generate_drifting_recording" in QApplication.clipboard().text()
    assert "noise.kind pink" in panel.bar.message.text()


def test_that_another_seed_is_drawn(panels):
    panel = panels.make(tiny())
    panel.bar.seed.click()
    assert panel.draft.recipe.seed != tiny().seed
    assert panel.draft.recipe.changed({"seed": tiny().seed}) == tiny()


# Hybrid ----------------------------------------------------------------------------------------


def test_that_templates_of_the_open_export_are_reachable(panels, tmp_path):
    panels.dataset = OpenDataset(tmp_path / "phy", tmp_path / "recording", (3, 5))
    panel = panels.make()
    panel.form.part("hybrid").check.click()
    part = panel.form.part("hybrid.templates")
    part.kind_box.setCurrentIndex(part.kind_box.findData("export"))
    part.kind_box.activated.emit(part.kind_box.currentIndex())
    buttons(panel.form.row("hybrid.templates.path").editor)["This one"].click()
    panel.form.row("hybrid.templates.clusters").editor.use_button.click()
    buttons(panel.form.row("hybrid.recording").editor)["This one"].click()
    hybrid = panel.draft.recipe.hybrid
    assert hybrid.templates.path == str(tmp_path / "phy")
    assert hybrid.templates.clusters == (3, 5)
    assert hybrid.recording == str(tmp_path / "recording")


def buttons(editor):
    from PyQt6.QtWidgets import QToolButton

    return {button.text(): button for button in editor.findChildren(QToolButton)}


def test_that_a_library_is_listed_and_filtered(panels, tmp_path, qtbot):
    made = make_phy_folder(tmp_path / "phy", n_spikes=500, dialect="kilosort4")
    with (made.path / "params.py").open("a", encoding="utf-8") as file:
        file.write("gain_to_uv = 0.195\n")
    n = add_to_library(made.path, tmp_path / "library", brain_area="CA1")
    panel = panels.make(tiny())
    panel.form.part("hybrid").check.click()
    part = panel.form.part("hybrid.templates")
    part.kind_box.setCurrentIndex(part.kind_box.findData("library"))
    part.kind_box.activated.emit(part.kind_box.currentIndex())
    folder = panel.form.row("hybrid.templates.folder")
    folder.editor.check.click()
    panels.dialogs.folder = tmp_path / "library"
    buttons(folder.editor)["Choose…"].click()
    assert panel.draft.get("hybrid.templates.folder") == str(tmp_path / "library")
    table = panel._library
    table.read_button.click()
    qtbot.waitUntil(lambda: bool(table.rows), timeout=20_000)
    assert table.table.rowCount() == n
    sizes = sorted(float(row["amplitude_uv"]) for row in table.rows)
    path = "hybrid.templates.amplitude_uv"
    panel.form.row(path).edited.emit(path, {"range": [sizes[-1] - 0.5, sizes[-1] + 0.5]})
    assert table.table.rowCount() == 1
    assert f"1 of {n} templates suit" in table.message.text()


def test_that_a_hybrid_without_a_recording_is_told(panels):
    panel = panels.shown(tiny())
    panel.form.part("hybrid").check.click()
    panels.settle(panel)
    assert "must name a recording" in panel.form.row("hybrid.recording").problem.text().lower()


def test_that_a_hybrid_is_shown(panels, tmp_path):
    from gtview.generation.dataset import generate

    recording = generate(tiny().changed({"duration_s": 6.0, "motion.motions": []})).recording
    recording.save(folder=tmp_path / "recording", verbose=False)
    panel = panels.shown(tiny())
    panel.form.part("hybrid").check.click()
    panel.form.row("hybrid.recording").edited.emit("hybrid.recording", str(tmp_path / "recording"))
    panels.settle(panel)
    preview = panel.preview.preview
    assert preview.recipe.duration_s == 6.0
    assert preview.n_units == 12
    assert panel.destination.reason.isHidden()


# What is remembered ----------------------------------------------------------------------------


def test_that_the_last_recipe_and_how_it_looked_are_remembered(panels):
    panel = panels.shown(tiny())
    panel.form.row("n_units").editor.box.setValue(7)
    panel.form.groups["Noise"]._button.click()
    panel.destination.show_sort(SortChoice("simple", {"a": 1}, of_static=True))
    panel._splitter.setSizes([600, 800])
    sizes = panel._splitter.sizes()
    panel.stop()
    json.dumps([panels.settings.get(f"generation.{k}") for k in ("recipe", "groups", "sort")])
    again = panels.make()
    again.resize(1400, 900)
    again.show()
    assert again.draft.recipe.n_units == 7
    assert not again.form.groups["Noise"].is_open
    assert again.destination.sort == SortChoice("simple", {"a": 1}, of_static=True)
    assert abs(again._splitter.sizes()[0] - sizes[0]) < 30


@pytest.mark.parametrize("kept", [{"n_units": "many"}, {"probe": 3}, {"odd": 1}, [1], "x"])
def test_that_a_damaged_memory_is_no_obstacle(panels, kept):
    panels.settings.set("generation.recipe", kept)
    panels.settings.set("generation.splitter", ["a"])
    panels.settings.set("generation.groups", 5)
    panels.settings.set("generation.sort", {"no": 1})
    assert panels.make().draft.recipe is not None


@pytest.mark.parametrize("theme", THEMES)
def test_that_the_pictures_follow_the_theme(panels, theme):
    panel = panels.shown(tiny())
    panels.themes.use(theme)
    panels.settle(panel)
    ground = panel.preview.templates.cells.grab().toImage().pixelColor(2, 2)
    assert ground == panels.themes.theme.color("plot")
