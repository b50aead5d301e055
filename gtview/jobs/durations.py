"""How fast this machine was at a kind of work, beside what is expected; kept between two runs."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from ..base.files import write_text_whole
from ..base.folders import state_folder

_log = logging.getLogger(__name__)

# A machine that was busy once must not spoil every later estimate.
_WEIGHT_OF_LAST = 0.6
_LOWEST, _HIGHEST = 0.02, 50.0


def speed_ratio(key: str) -> float:
    """Return how many times longer than expected this kind of work takes here; 1 if unknown."""
    return _read().get(key, 1.0)


def remember_duration(key: str, expected_s: float, taken_s: float) -> None:
    """Note how long something took that was expected to take another time; "" notes nothing."""
    if not key or expected_s <= 0 or taken_s <= 0:
        return
    known = _read()
    before = known.get(key, 1.0)
    # What was expected had the ratio of then in it.
    ratio = before * taken_s / expected_s
    if key in known:
        ratio = _WEIGHT_OF_LAST * ratio + (1 - _WEIGHT_OF_LAST) * before
    known[key] = min(_HIGHEST, max(_LOWEST, ratio))
    try:
        write_text_whole(_path(), json.dumps(known, indent=1, sort_keys=True))
    except OSError as error:
        _log.warning("durations cannot be written: %s", error)


def _path() -> Path:
    return state_folder() / "durations.json"


def _read() -> dict[str, float]:
    try:
        values = json.loads(_path().read_text(encoding="utf-8"))
        return {str(key): float(value) for key, value in values.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
