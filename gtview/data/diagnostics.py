"""What a reader noticed: told to the user instead of an assertion or a traceback."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that a reader noticed in a dataset.

    Attributes
    ----------
    level
        `info`: nothing to do; `warning`: something was repaired in memory or left out; `error`:
        a part of the dataset cannot be used.
    file
        Name of the file it is about, relative to the dataset; "" for the dataset as a whole.
    message
        What was found.
    meaning
        What it means for the user.
    """

    level: Level
    file: str
    message: str
    meaning: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the fields as a JSON object."""
        return asdict(self)


class DiagnosticLog:
    """Collects diagnostics while a dataset is read."""

    def __init__(self) -> None:
        self.items: list[Diagnostic] = []

    def info(self, file: str, message: str, meaning: str = "") -> None:
        """Note something that needs no attention."""
        self.items.append(Diagnostic("info", file, message, meaning))

    def warning(self, file: str, message: str, meaning: str = "") -> None:
        """Note something that was repaired in memory or left out."""
        self.items.append(Diagnostic("warning", file, message, meaning))

    def error(self, file: str, message: str, meaning: str = "") -> None:
        """Note a part that cannot be used."""
        self.items.append(Diagnostic("error", file, message, meaning))
