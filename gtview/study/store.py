"""Where a study keeps what is done: one file of JSON a cell, so that any run can go on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.errors import UsageError
from ..base.files import write_text_whole

if TYPE_CHECKING:
    from .cells import DatasetCell, SortCell

STUDY_FILE = "study.toml"
MARK_FILE = "study.json"
KIND = "gtview study"


@dataclass(frozen=True, slots=True)
class StudyFolder:
    """The folder of a study's results.

    `study.toml` is what was asked, `study.json` marks the folder, `datasets/` holds recordings
    and sortings, `cells/` the results, `logs/` what the steps printed.
    """

    path: Path

    @classmethod
    def begin(cls, path: Path, study_file: Path, name: str) -> StudyFolder:
        """Make the folder, or go on in one of an earlier run.

        Raises
        ------
        UsageError
            It is a folder of something else.
        OSError
            It cannot be written.
        """
        path = path.absolute()
        if path.exists() and not is_study(path) and (not path.is_dir() or any(path.iterdir())):
            raise UsageError(f"{path} exists and is no folder of a study.")
        for part in ("datasets", "cells", "logs"):
            (path / part).mkdir(parents=True, exist_ok=True)
        if study_file.resolve() != (path / STUDY_FILE).resolve():
            shutil.copyfile(study_file, path / STUDY_FILE)
        mark = {"kind": KIND, "schema_version": 1, "name": name}
        write_text_whole(path / MARK_FILE, json.dumps(mark, indent=1) + "\n")
        return cls(path)

    def dataset(self, cell: DatasetCell) -> Path:
        """Return where a dataset is."""
        return self.path / "datasets" / cell.id

    def sorting(self, cell: SortCell) -> Path:
        """Return where a sorting is."""
        return self.dataset(cell.dataset) / "sortings" / cell.folder_name

    def log(self, cell_id: str) -> Path:
        """Return where what a cell's steps printed is written."""
        return self.path / "logs" / f"{cell_id}.log"

    def read(self, cell_id: str) -> dict[str, Any] | None:
        """Return what is known of a cell; None: nothing, or its file is damaged."""
        try:
            value = json.loads(self._cell_path(cell_id).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return value if isinstance(value, dict) and "state" in value else None

    def write(self, cell: SortCell, told: Mapping[str, Any]) -> dict[str, Any]:
        """Keep what became of a cell; return it with what the cell is.

        Raises
        ------
        OSError
            It cannot be written.
        """
        entry = {
            "cell": cell.id,
            "recipe_name": cell.dataset.recipe_name,
            "seed": cell.dataset.seed,
            "values": dict(cell.dataset.values),
            "recipe": dict(cell.dataset.recipe),
            "sorter_name": cell.sorter_name,
            "sorter": cell.sorter,
            "params": dict(cell.params),
            "recording": cell.recording,
            "delta_ms": cell.delta_ms,
            "export": str((self.sorting(cell) / "phy").relative_to(self.path)),
            "log": str(self._log_of(cell).relative_to(self.path)),
            **told,
        }
        write_text_whole(self._cell_path(cell.id), json.dumps(entry, indent=1) + "\n")
        return entry

    def _log_of(self, cell: SortCell) -> Path:
        """Return the log of the last step of a cell: without a dataset nothing was sorted."""
        own, of_dataset = self.log(cell.id), self.log(cell.dataset.id)
        return of_dataset if of_dataset.exists() and not own.exists() else own

    def _cell_path(self, cell_id: str) -> Path:
        return self.path / "cells" / f"{cell_id}.json"


def is_study(path: Path) -> bool:
    """Tell whether a folder holds the results of a study."""
    try:
        mark = json.loads((path / MARK_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(mark, dict) and mark.get("kind") == KIND
