"""What `params.py` says of the recording, checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.errors import DatasetError
from .diagnostics import DiagnosticLog

_FILE = "params.py"


@dataclass(frozen=True, slots=True)
class RecordingParams:
    """The raw file as `params.py` describes it.

    `raw_names` is what `dat_path` says, empty where it names nothing. `n_raw_channels` and `dtype`
    are None where they are missing or make no sense: the raw file is then not read.
    """

    sample_rate_hz: float
    n_raw_channels: int | None
    dtype: np.dtype[Any] | None
    offset_bytes: int
    is_high_passed: bool
    raw_names: tuple[str, ...]
    raw_folder: str
    template_scaling: float


def check_params(params: Mapping[str, Any], log: DiagnosticLog) -> RecordingParams:
    """Check the values of `params.py` that the reader uses.

    Raises
    ------
    DatasetError
        The sampling rate is missing or makes no sense: no spike has a time then.
    """
    return RecordingParams(
        sample_rate_hz=_find_sample_rate(params),
        n_raw_channels=_find_channel_count(params, log),
        dtype=_find_dtype(params, log),
        offset_bytes=_find_offset(params, log),
        is_high_passed=str(params.get("hp_filtered", False)).strip().lower() in ("true", "1"),
        raw_names=_find_raw_names(params.get("dat_path")),
        raw_folder=str(params.get("dir_path") or ""),
        template_scaling=_find_scaling(params, log),
    )


def _as_number(value: Any) -> float | None:
    """Return a finite number, also where it is written as text."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _find_sample_rate(params: Mapping[str, Any]) -> float:
    if "sample_rate" not in params:
        raise DatasetError("params.py does not give sample_rate, the samples a second.")
    rate = _as_number(params["sample_rate"])
    if rate is None or rate <= 0:
        raise DatasetError(f"sample_rate in params.py is {params['sample_rate']!r}, not a rate.")
    return rate


def _find_channel_count(params: Mapping[str, Any], log: DiagnosticLog) -> int | None:
    value = params.get("n_channels_dat")
    number = _as_number(value)
    if number is not None and number >= 1 and number == int(number):
        return int(number)
    found = "is missing" if value is None else f"is {value!r}"
    log.warning(
        _FILE,
        f"n_channels_dat {found}.",
        "The raw file is not read: its number of channels is not known.",
    )
    return None


def _find_dtype(params: Mapping[str, Any], log: DiagnosticLog) -> np.dtype[Any] | None:
    value = params.get("dtype")
    if value is None:
        log.warning(_FILE, "dtype is missing.", "The raw file is taken to hold int16.")
        return np.dtype(np.int16)
    try:
        dtype = np.dtype(str(value).removeprefix("np.").removeprefix("numpy."))
    except (TypeError, ValueError, SyntaxError):
        dtype = np.dtype(object)
    if dtype.kind in "iuf":
        return dtype
    log.error(_FILE, f"dtype is {value!r}, no type of numbers.", "The raw file is not read.")
    return None


def _find_offset(params: Mapping[str, Any], log: DiagnosticLog) -> int:
    value = params.get("offset", 0)
    number = _as_number(value)
    if number is not None and number >= 0 and number == int(number):
        return int(number)
    log.warning(_FILE, f"offset is {value!r}, no number of bytes.", "0 is used.")
    return 0


def _find_scaling(params: Mapping[str, Any], log: DiagnosticLog) -> float:
    value = params.get("template_scaling", 1.0)
    number = _as_number(value)
    if number is not None and number != 0:
        return number
    log.warning(_FILE, f"template_scaling is {value!r}, no factor.", "1 is used.")
    return 1.0


def _find_raw_names(value: Any) -> tuple[str, ...]:
    names = value if isinstance(value, list) else [value]
    stripped = [name.strip() for name in names if isinstance(name, str)]
    # SpikeInterface writes the text 'None' when it did not copy the recording.
    return tuple(name for name in stripped if name and name != "None")
