"""The form of a recipe: every field can be reached and edited, and what is wrong is told."""

from __future__ import annotations

import pytest

from gtview.generation.draft import RecipeDraft
from gtview.generation.fields import walk
from gtview.generation.recipe import GenerationRecipe
from gtview.views.generation.field_row import NAME_PX
from gtview.views.generation.form import RecipeForm
from gtview.views.generation.labels import NOT_ASKED, first_value

ALL = dict(walk(GenerationRecipe))


@pytest.fixture
def form(qtbot):
    made = RecipeForm(RecipeDraft(GenerationRecipe()))
    qtbot.addWidget(made)
    made.build_all()
    return made


# Every field -----------------------------------------------------------------------------------


def reach(form, path):
    """Switch on and choose what is needed, and return the row of a field, or its part."""
    here = ""
    for piece in path.split("."):
        name, _, kind = piece.partition("(")
        here = f"{here}.{name}".removeprefix(".")
        kind = kind.rstrip(")")
        spec = ALL.get(path[: path.index(piece) + len(name)])
        if kind:
            part = form.part(here)
            part.kind_box.setCurrentIndex(part.kind_box.findData(kind))
            part.kind_box.activated.emit(part.kind_box.currentIndex())
        elif spec is not None and spec.kind == "section" and spec.is_optional and here != path:
            part = form.part(here)
            if not part.check.isChecked():
                part.check.click()
    return here


def test_that_every_field_of_a_recipe_can_be_reached(form):
    for path in ALL:
        if path in NOT_ASKED:
            continue
        here = reach(form, path)
        if ALL[path].kind == "section" and not ALL[path].is_optional:
            assert any(row.path.startswith(f"{here}.") for row in form.rows()), path
        elif ALL[path].kind in ("section", "alternatives", "list"):
            assert form.part(here) is not None
        else:
            assert form.row(here).editor is not None


def test_that_what_is_not_asked_has_one_possible_value():
    for path in NOT_ASKED:
        assert ALL[path].limits.low == ALL[path].limits.high


OPTIONAL = [p for p, s in ALL.items() if s.is_optional and s.kind not in ("section", "flag")]


def test_that_an_optional_number_begins_with_a_value_that_its_field_takes(form):
    for path in OPTIONAL:
        here = reach(form, path)
        form.draft.set(here, None)
        form.refresh()
        form.row(here).editor.check.click()
        assert form.draft.get(here) == first_value(ALL[path])
        assert form.draft.get(here) is not None, path
        wrong = form.draft.problem_at(here, with_items=True)
        # What depends on other fields may be wrong; the value alone is not.
        depends = ("at most the duration", "below the duration", "lists")
        assert not wrong or any(words in wrong for words in depends), path
        form.draft.set(here, None)


MATTERING = {
    "locations.n_modes": ("locations.distribution", "multimodal"),
    "locations.explicit_um": ("locations.distribution", "explicit"),
    "templates.unit_params.spatial_power": ("templates.spatial_profile", "power"),
    "noise.exponent": ("noise.kind", "pink"),
    "noise.band_hz": ("noise.kind", "band"),
}


@pytest.mark.parametrize("path", list(MATTERING))
def test_that_a_field_without_effect_is_hidden_until_it_has_one(form, path):
    other, value = MATTERING[path]
    assert form.row(path).isHidden()
    form.row(other).edited.emit(other, value)
    assert not form.row(path).isHidden()


# Editing ---------------------------------------------------------------------------------------


def test_that_a_number_is_edited_and_goes_back_to_its_default(form):
    row = form.row("duration_s")
    row.editor.box.setValue(42)
    assert form.draft.recipe.duration_s == 42
    assert not row.mark.isHidden()
    assert "600" in row.mark.toolTip()
    row.mark.click()
    assert form.draft.recipe == GenerationRecipe()
    assert row.mark.isHidden()


def test_that_a_range_is_edited_with_its_boxes_and_its_handles(form):
    path = "templates.unit_params.alpha"
    editor = form.row(path).editor
    editor.range.low.setValue(50)
    assert form.draft.get(path) == {"range": [50, 500]}
    editor.range.slider.setValue((80, 300))
    assert form.draft.get(path) == {"range": [80, 300]}
    assert (editor.range.low.value(), editor.range.high.value()) == (80, 300)
    editor.range.high.setValue(5000)
    assert editor.range.slider.maximum() >= 5000


def test_that_an_amount_is_one_value_a_range_or_one_for_each(form):
    path = "spikes.rates_hz"
    editor = form.row(path).editor
    editor.use("number")
    assert form.draft.get(path) == 5.0
    editor.number.box.setValue(6)
    assert form.draft.recipe.spikes.rates_hz == 6
    editor.use("values")
    editor.list.line.setText("2, 3, 4.5")
    editor.list.line.editingFinished.emit()
    assert form.draft.get(path) == {"values": [2, 3, 4.5]}
    assert "250 units" in form.row(path).problem.text()
    form.row("n_units").editor.box.setValue(3)
    assert form.draft.recipe.spikes.rates_hz.numbers == (2, 3, 4.5)
    editor.use("range")
    assert form.draft.get(path) == {"range": [2, 4.5]}


def test_that_choices_flags_texts_lists_and_pairs_are_edited(form):
    mode = form.row("templates.mode").editor
    mode.box.setCurrentIndex(0)
    mode.box.activated.emit(0)
    form.row("output.has_static").editor.check.click()
    name = form.row("name").editor
    name.line.setText("mine")
    name.line.editingFinished.emit()
    shanks = form.row("probe.shanks").editor
    shanks.check.click()
    shanks.inner.line.setText("0")
    shanks.inner.line.editingFinished.emit()
    form.row("motion.direction").editor.boxes[0].setValue(1)
    recipe = form.draft.recipe
    assert recipe.templates.mode == "sphere"
    assert recipe.output.has_static
    assert recipe.name == "mine"
    assert recipe.probe.shanks == (0,)
    assert recipe.motion.direction == (1, 1)


def test_that_places_are_listed(form):
    form.row("locations.distribution").edited.emit("locations.distribution", "explicit")
    form.row("n_units").editor.box.setValue(2)
    assert form.row("locations.explicit_um").problem.text().startswith("Must list")
    editor = form.row("locations.explicit_um").editor
    editor.check.click()
    editor.inner.line.setText("0, 20, 10; 16, 40, 12.5")
    editor.inner.line.editingFinished.emit()
    assert form.draft.recipe.locations.explicit_um == ((0, 20, 10), (16, 40, 12.5))
    editor.inner.line.setText("0, 20; there")
    editor.inner.line.editingFinished.emit()
    assert form.draft.recipe is None
    assert form.row("locations.explicit_um").has_problem


def test_that_motions_are_added_chosen_and_removed(form):
    part = form.part("motion.motions")
    part.add("bump")
    assert [p.kind for p in read_kinds(form)] == ["zigzag", "bump"]
    form.row("motion.motions.1.bump_interval_s").editor.range.high.setValue(70)
    assert form.draft.get("motion.motions.1.bump_interval_s") == {"range": [30, 70]}
    part.remove(0)
    assert [p.kind for p in read_kinds(form)] == ["bump"]
    assert form.row("motion.motions.0.bump_interval_s").editor.range.high.value() == 70
    part.remove(0)
    assert form.draft.recipe.motion.motions == ()


def read_kinds(form):
    class Kind:
        def __init__(self, part):
            self.kind = part["kind"]

    return [Kind(part) for part in form.draft.get("motion.motions")]


def test_that_a_wheel_or_key_elsewhere_changes_nothing(form):
    # Rows that are only shown must tell nothing.
    heard = []
    form.changed.connect(lambda: heard.append(1))
    form.refresh()
    assert not heard


# What is wrong ---------------------------------------------------------------------------------


def test_that_a_wrong_value_is_told_beside_its_field_and_in_its_group(form):
    form.row("motion.motions.0.period_s").editor.box.setValue(-3)
    row = form.row("motion.motions.0.period_s")
    assert row.problem.text().startswith("Must be above 0")
    assert form.groups["Motion"].note == "1 wrong"
    row.editor.box.setValue(30)
    assert not row.has_problem
    assert form.groups["Motion"].note == "1 changed"


def test_that_labels_are_not_cut(form):
    for row in form.rows():
        needed = row.name.sizeHint().width() + row.unit.sizeHint().width() + 12 + 3 * 4
        assert needed <= NAME_PX, row.path


# Search ----------------------------------------------------------------------------------------


def visible_paths(form):
    return [row.path for row in form.rows() if row.isVisible()]


def test_that_the_search_finds_fields_by_label_path_and_explanation(form, qtbot):
    form.resize(480, 900)
    form.show()
    everything = visible_paths(form)
    form.search.setText("firing")
    assert visible_paths(form) == ["spikes.rates_hz"]
    form.search.setText("alpha")
    assert visible_paths(form) == ["templates.unit_params.alpha"]
    form.search.setText("correlation falls")
    assert visible_paths(form) == ["noise.spatial_decay_um"]
    form.search.setText("nothing of the kind")
    assert visible_paths(form) == []
    assert form.nothing.isVisible()
    form.search.clear()
    assert visible_paths(form) == everything


def test_that_the_search_finds_parts_that_are_switched_off(form):
    form.show()
    form.search.setText("jitter")
    assert form.part("spikes.synchrony").isVisible()
    assert not form.part("spikes.bursts").isVisible()
