"""What the program remembers between two runs, as one JSON file per subject."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from .files import write_text_whole
from .folders import config_folder

_log = logging.getLogger(__name__)


class SettingsFile:
    """A JSON object on disk; a damaged file counts as empty, and is kept aside.

    Parameters
    ----------
    name
        Name of the file in the user's configuration folder, without its ending.
    persistent
        False: neither read nor written, so that pictures and tests start from defaults.
    """

    def __init__(self, name: str, *, persistent: bool = True) -> None:
        self.path: Path = config_folder() / f"{name}.json"
        self._persistent = persistent
        self._values: dict[str, Any] = self._read() if persistent else {}

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key."""
        return self._values.get(key, default)

    def set(self, key: str, value: Any) -> None:
        """Change one value, and write the file when it is really another one."""
        if key in self._values and self._values[key] == value:
            return
        self._values[key] = value
        if self._persistent:
            self._write()

    def _read(self) -> dict[str, Any]:
        try:
            values = json.loads(self.path.read_text(encoding="utf-8"))
            if not isinstance(values, dict):
                raise ValueError("it holds no JSON object")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            _log.warning("settings %s cannot be read: %s", self.path, error)
            self._set_aside()
            return {}
        return values

    def _set_aside(self) -> None:
        try:
            self.path.replace(self.path.with_suffix(".damaged.json"))
        except OSError as error:
            _log.warning("settings %s cannot be set aside: %s", self.path, error)

    def _write(self) -> None:
        try:
            write_text_whole(self.path, json.dumps(self._values, indent=1, sort_keys=True))
        except (OSError, TypeError, ValueError) as error:
            # Losing a preference must never stop somebody's work.
            _log.warning("settings %s cannot be written: %s", self.path, error)
