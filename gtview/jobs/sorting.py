"""The sorters that SpikeInterface knows, and the job that runs one and exports what it found."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..base.errors import GtviewError
from ..base.files import write_text_whole
from ..base.folders import cache_folder
from .durations import speed_ratio
from .queued import JobSpec

_log = logging.getLogger(__name__)

SORT_TASK = "gtview.jobs.tasks.sort:sort_recording"
LIST_TASK = "gtview.jobs.tasks.sorters:list_sorters"
# Seconds to begin, and seconds for a second of one channel: measured on one core with 32 channels
# of half a minute. Others are taken to be as slow as the slowest; from the second time on, what
# they took here counts.
_BEGIN_S = 6.0
_S_PER_CHANNEL_S = {"simple": 0.005, "spykingcircus2": 0.02, "tridesclous2": 0.04}
_STATIC = "recording_static"


@dataclass(frozen=True, slots=True)
class SorterInfo:
    """A sorter as SpikeInterface describes it.

    Attributes
    ----------
    name
        Its name in SpikeInterface.
    is_installed
        Whether it can be run here.
    how_to_get
        One sentence, where it is not.
    description
        What it is; may be empty.
    parameters
        Default of each parameter; JSON values, some of them dictionaries.
    helps
        What parameters mean, as far as it is told.
    """

    name: str
    is_installed: bool
    how_to_get: str = ""
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    helps: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SortChoice:
    """How a dataset should be sorted.

    Attributes
    ----------
    sorter
        Name of a sorter that is installed.
    params
        Parameters that are not at their defaults; those inside of dictionaries stand in these.
    of_drifting, of_static
        Which of the recordings of a generated dataset.
    """

    sorter: str
    params: Mapping[str, Any] = field(default_factory=dict)
    of_drifting: bool = True
    of_static: bool = False


def known_sorters() -> tuple[SorterInfo, ...]:
    """Return what was found out last time, at once; () before the first time."""
    try:
        entries = json.loads(_cache_path().read_text(encoding="utf-8"))
        return _in_order(SorterInfo(**entry) for entry in entries)
    except (OSError, ValueError, TypeError):
        return ()


def find_sorters() -> tuple[SorterInfo, ...]:
    """Ask SpikeInterface in a child process, which takes seconds; installed ones come first.

    Raises
    ------
    GtviewError
        SpikeInterface cannot be asked.
    """
    from .events import JobDone, JobFailed
    from .runner import JobProcess

    *_, last = JobProcess(LIST_TASK, {}).events()
    if not isinstance(last, JobDone):
        raise GtviewError(last.error if isinstance(last, JobFailed) else "Listing was stopped.")
    found = _in_order(SorterInfo(**entry) for entry in last.result["sorters"])
    try:
        text = json.dumps([asdict(info) for info in found], indent=1)
        write_text_whole(_cache_path(), text)
    except OSError as error:
        _log.warning("the list of sorters cannot be kept: %s", error)
    return found


def sorting_job(
    recording: Path,
    folder: Path,
    sorter: str,
    params: Mapping[str, Any] | None = None,
    *,
    channel_seconds: float = 32 * 60.0,
) -> JobSpec:
    """Return the step that sorts a recording and exports what was found.

    Parameters
    ----------
    recording
        What SpikeInterface opens.
    folder
        Gets `spec.json`, `log.json` and the export `phy`; must not exist.
    sorter
        Name in SpikeInterface.
    params
        Parameters that are not at their defaults.
    channel_seconds
        Channels times seconds of the recording, for the time that it is expected to take.
    """
    spec = {
        "recording": str(recording.absolute()),
        "folder": str(folder.absolute()),
        "sorter": sorter,
        "params": dict(params or {}),
    }
    slowest = max(_S_PER_CHANNEL_S.values())
    expected_s = _BEGIN_S + channel_seconds * _S_PER_CHANNEL_S.get(sorter, slowest)
    key = f"sort {sorter}"
    return JobSpec(
        SORT_TASK,
        spec,
        f"Sort with {sorter}" + (" (static)" if recording.name == _STATIC else ""),
        folder / "phy",
        expected_s * speed_ratio(key),
        key,
        is_timed=True,
    )


def sorting_steps(
    dataset: Path, choice: SortChoice, channel_seconds: float = 32 * 60.0
) -> tuple[JobSpec, ...]:
    """Return the steps that sort a generated dataset, the drifting recording first."""
    wanted = [name for name, is_wanted in (
        ("recording", choice.of_drifting), (_STATIC, choice.of_static)
    ) if is_wanted]  # fmt: skip
    return tuple(
        sorting_job(
            dataset / name,
            _free_folder(dataset, choice.sorter + ("_static" if name == _STATIC else "")),
            choice.sorter,
            choice.params,
            channel_seconds=channel_seconds,
        )
        for name in wanted
    )


def _free_folder(dataset: Path, name: str) -> Path:
    """Return a folder for a sorting of that name: another number where there is one already."""
    folder, n = dataset / "sortings" / name, 1
    while folder.exists():
        n += 1
        folder = dataset / "sortings" / f"{name}_{n}"
    return folder


def _in_order(infos: Any) -> tuple[SorterInfo, ...]:
    return tuple(sorted(infos, key=lambda info: (not info.is_installed, info.name)))


@lru_cache(maxsize=1)
def _spikeinterface_version() -> str:
    from importlib.metadata import version

    return re.sub(r"[^0-9A-Za-z.]", "_", version("spikeinterface"))


def _cache_path() -> Path:
    return cache_folder() / f"sorters-{_spikeinterface_version()}.json"
