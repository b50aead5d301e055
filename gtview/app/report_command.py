"""`gtview report`: one page on a sorting and its truth, with pictures of the views."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QBuffer, QIODevice

from ..api import explain_dataset
from ..base.errors import DatasetError
from ..base.files import write_text_whole
from ..data.discovery import find_generated_dataset
from ..session.score_report import score_page
from .application import use_no_screen
from .opening import Opening, OpenRequest
from .screenshot import Shot, picture_of_view, window_for_picture

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QWidget

# Views in the page, with what one sees in them.
PICTURES = {
    "assignment": "Where the spikes of each unit went, and what each cluster is made of.",
    "agreement": "Agreement of units (rows) and clusters (columns), ordered by match.",
    "drift": "Depth of all spikes over time; dashed: where the true units are.",
    "truth_curves": "How well units are found, against what they are like.",
}
SHOT = Shot(1400, 900, theme="light")


def run_report(
    path: Path,
    out: Path,
    ground_truth: Path | None = None,
    sorting: str | None = None,
    *,
    use_journal: bool = False,
) -> Path:
    """Write the page; return where.

    Raises
    ------
    GtviewError
        The dataset cannot be opened or has no truth, or the page cannot be written.
    """
    truth = explain_dataset(path, ground_truth, sorting, use_journal=use_journal)
    request = OpenRequest(path, ground_truth, sorting, use_journal=use_journal)
    use_no_screen()
    opening = Opening(request).start()
    pictures = list(_pictures(opening))
    folder = opening.future.result().dataset.folder
    page = score_page(truth, _name_of(folder), pictures, _recipe_of(folder))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_text_whole(out, page)
    except OSError as error:
        raise DatasetError(f"{out} cannot be written: {error.strerror or error}.") from error
    return out


def _pictures(opening: Opening) -> Iterator[tuple[bytes, str]]:
    with window_for_picture(opening, SHOT) as window:
        for view_id, caption in PICTURES.items():
            if view_id in window.host.ids:
                widget = picture_of_view(window, view_id, SHOT)
                yield _png_of(widget), caption


def _png_of(widget: QWidget) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")
    return bytes(buffer.data().data())


def _name_of(folder: Path) -> str:
    dataset = find_generated_dataset(folder)
    if dataset is None:
        return folder.name
    return f"{folder.parent.name if folder.name == 'phy' else folder.name} of {dataset.name}"


def _recipe_of(folder: Path) -> Mapping[str, Any] | None:
    dataset = find_generated_dataset(folder)
    if dataset is None:
        return None
    try:
        recipe = json.loads((dataset / "recipe.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return recipe.get("asked", recipe) if isinstance(recipe, dict) else None
