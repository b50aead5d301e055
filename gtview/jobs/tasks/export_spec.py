"""What can be asked of an export, and which folders it may take."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ...base.errors import UsageError


class ExportOptions(BaseModel):
    """How an export is made.

    `copy_recording`: `auto` copies a recording that is not a flat file already, `always` and
    `never` say so. `templates`: `auto` writes them dense unless they would be large.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    copy_recording: Literal["auto", "always", "never"] = "auto"
    templates: Literal["auto", "dense", "sparse"] = "auto"


class ExportSpec(ExportOptions):
    """What the task is asked; `recording` may be left out for a SortingAnalyzer that has one."""

    sorting: Path
    folder: Path
    recording: Path | None = None
    replace: bool = False


def read_spec(spec: dict[str, Any]) -> ExportSpec:
    """Check what is asked.

    Raises
    ------
    UsageError
        A field is missing, unknown or impossible; it is named.
    """
    try:
        return ExportSpec.model_validate(spec)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"Nothing can be exported: {field}: {first['msg']}.") from error


def refuse_to_replace(folder: Path, *, replace: bool) -> None:
    """Refuse a folder that exists, unless it is an export that may be replaced.

    Raises
    ------
    UsageError
        It may not.
    """
    if not replace:
        raise UsageError(f"{folder} exists already.")
    if (folder / ".gtview").exists():
        raise UsageError(f"{folder} was curated; move it away before it is exported again.")
    if folder.is_symlink() or not (folder / "params.py").is_file():
        raise UsageError(f"{folder} is no export, and is not replaced.")
