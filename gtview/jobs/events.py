"""What a job tells: one JSON object a line, the same for the command line and the window."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

MAX_LOG_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How much is done, 0 to 1, and what is being done."""

    fraction: float
    message: str = ""


@dataclass(frozen=True, slots=True)
class JobLog:
    """A line that something inside of the job printed."""

    text: str


@dataclass(frozen=True, slots=True)
class JobPartial:
    """A result is being written here; it is deleted unless the job ends well."""

    path: str


@dataclass(frozen=True, slots=True)
class JobDone:
    """The job ended well; the last event."""

    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class JobFailed:
    """The job ended badly; the last event. `error` is one plain sentence."""

    error: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class JobCancelled:
    """The job was stopped; the last event."""


JobEvent: TypeAlias = JobProgress | JobLog | JobPartial | JobDone | JobFailed | JobCancelled
LAST_EVENTS = (JobDone, JobFailed, JobCancelled)

_FIELDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "JobProgress": {"fraction": (int, float), "message": str},
    "JobLog": {"text": str},
    "JobPartial": {"path": str},
    "JobDone": {"result": dict},
    "JobFailed": {"error": str, "traceback": str},
    "JobCancelled": {},
}
_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (JobProgress, JobLog, JobPartial, JobDone, JobFailed, JobCancelled)
}


def dump_event(event: JobEvent) -> str:
    """Return an event as one line of JSON, without its newline.

    Raises
    ------
    TypeError
        A result holds something that JSON has no form for (NumPy scalars and arrays, and paths,
        do have one).
    """
    return json.dumps({"event": type(event).__name__, **asdict(event)}, default=_plain)


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"a job cannot hand back a {type(value).__name__}")


def parse_event(line: str) -> JobEvent:
    """Read one line; whatever is not exactly an event is a line of the log."""
    try:
        fields = json.loads(line)
        kind = fields.pop("event")
        wanted = _FIELDS[kind]
        if all(isinstance(value, wanted[name]) for name, value in fields.items()):
            event: JobEvent = _KINDS[kind](**fields)
            return event
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    return JobLog(shortened(line))


def shortened(line: str) -> str:
    """Return a line without its end, cut where nobody reads on."""
    line = line.rstrip()
    if len(line) <= MAX_LOG_CHARACTERS:
        return line
    return line[:MAX_LOG_CHARACTERS] + "\N{HORIZONTAL ELLIPSIS}"
