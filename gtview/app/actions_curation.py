"""What the window does to clusters and their files: ids, texts, keys and menus."""

from __future__ import annotations

from ..qt.menus import MenuAction

_OPEN = "has_dataset"
# phy's keys: Alt for the selected clusters, Ctrl for the similar ones, both for all.
_WHICH = (
    ("best", "Alt", "selected clusters"),
    ("similar", "Ctrl", "similar clusters"),
    ("all", "Ctrl+Alt", "selected and similar clusters"),
)
_GROUPS = (("good", "G"), ("mua", "M"), ("noise", "N"), ("unsorted", "U"))


def _group_actions() -> tuple[MenuAction, ...]:
    return tuple(
        MenuAction(
            f"curate.{which}_{group}",
            f"{text[0].upper()}{text[1:]}: {group}",
            "Curate/Group",
            "curation.set_group",
            (f"{modifier}+{key}",),
            f"Put the {text} into the group {group}",
            _OPEN,
            number,
            args=(group, which),
        )
        for number, (which, modifier, text) in enumerate(_WHICH)
        for group, key in _GROUPS
    )


CURATION_ACTIONS: tuple[MenuAction, ...] = (
    MenuAction(
        "curate.undo",
        "&Undo",
        "Curate",
        "curation.undo",
        ("Ctrl+Z",),
        "Take the last action back",
        _OPEN,
    ),
    MenuAction(
        "curate.redo",
        "&Redo",
        "Curate",
        "curation.redo",
        ("Ctrl+Y", "Ctrl+Shift+Z"),
        "Do again what was taken back",
        _OPEN,
    ),
    MenuAction(
        "curate.merge",
        "&Merge",
        "Curate",
        "curation.merge",
        ("G",),
        "Merge the selected and the similar clusters",
        _OPEN,
        1,
    ),
    MenuAction(
        "curate.split",
        "S&plit",
        "Curate",
        "curation.split",
        ("K",),
        "Split off the spikes within the lasso",
        _OPEN,
        1,
    ),
    MenuAction(
        "curate.split_by_template",
        "Split by &template",
        "Curate",
        "curation.split_by_template",
        ("Ctrl+Shift+K",),
        "Split the selected clusters by the template that found each spike",
        _OPEN,
        1,
    ),
    MenuAction(
        "curate.discard",
        "&Discard these spikes",
        "Curate",
        "curation.discard",
        ("Shift+K",),
        "Put the spikes within the lasso into a new cluster of the group noise",
        _OPEN,
        1,
    ),
    MenuAction(
        "curate.label",
        "&Label…",
        "Curate",
        "curation.ask_label",
        ("L",),
        "Give the selected clusters a label: any field, any value",
        _OPEN,
        2,
    ),
    MenuAction(
        "curate.rename_field",
        "&Rename a label…",
        "Curate",
        "curation.rename_field",
        (),
        "Give a field of labels another name",
        _OPEN,
        2,
    ),
    *_group_actions(),
    MenuAction(
        "curate.save",
        "&Save",
        "Curate",
        "curation.save",
        ("Ctrl+S",),
        "Write clusters and labels into the export, as phy does; the files before are kept",
        _OPEN,
        3,
    ),
    MenuAction(
        "curate.save_elsewhere",
        "Save &elsewhere…",
        "Curate",
        "curation.save_elsewhere",
        ("Ctrl+Shift+S",),
        "Write a complete export, as it is now, into another folder",
        _OPEN,
        3,
    ),
    MenuAction(
        "curate.saves",
        "Earlier sa&ves…",
        "Curate",
        "curation.show_saves",
        (),
        "Go back to the sorter's original, or to one of the last ten saves",
        _OPEN,
        3,
    ),
    MenuAction(
        "curate.autosave",
        "&Autosave",
        "Curate",
        "curation.saving.toggle_autosave",
        (),
        "Save by itself some minutes after an action; off, unless you switch it on",
        _OPEN,
        3,
        "curation.saving.is_autosaving",
    ),
    MenuAction(
        "curate.measure",
        "How well the selected clusters stand &apart",
        "Curate/Measure",
        "curation.measure_selected",
        (),
        "Isolation distance, L-ratio, d', neighbours, silhouette: new columns of the tables",
        _OPEN,
    ),
    MenuAction(
        "curate.measure_all",
        "How well a&ll clusters stand apart",
        "Curate/Measure",
        "curation.measure_all",
        (),
        "The same of every cluster; it takes about a second for each, in the background",
        _OPEN,
    ),
    MenuAction(
        "curate.measure_stop",
        "&Stop measuring",
        "Curate/Measure",
        "curation.stop_measuring",
        (),
        "What was found so far stays",
        _OPEN,
    ),
    MenuAction(
        "curate.import",
        "&Import a curation of SpikeInterface…",
        "Curate",
        "curation.import_json",
        (),
        "Do what a curation file of SpikeInterface says; one undo takes an action of it back",
        _OPEN,
        4,
    ),
    MenuAction(
        "curate.export",
        "E&xport as a curation of SpikeInterface…",
        "Curate",
        "curation.export_json",
        (),
        "Write what was done into a JSON file that SpikeInterface can apply",
        _OPEN,
        4,
    ),
)
