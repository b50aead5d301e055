"""Finds out how many microvolts one unit of a raw file is; gives no number rather than a guess."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .dataset import Gain
from .spikeglx import read_spikeglx_gains_uv

# Keys of params.py that say what they mean: any positive number counts.
GAIN_KEYS = (
    "gain_to_uv",
    "uv_per_bit",
    "gain_uv",
    "microvolts_per_bit",
    "uv_per_lsb",
    "bit_volts_uv",
)

# A plain `gain` is often the gain of the amplifier (50 to 1000) or in volts (2e-7).
_PLAIN_GAIN_RANGE_UV = (1e-3, 20.0)

# Gains of channels that differ by no more than this count as one.
_TOLERANCE = 1e-3


def find_gain(
    params: Mapping[str, Any], raw_paths: Sequence[Path], recording_folder: Path | None
) -> Gain | None:
    """Look for the microvolts per unit of the raw file; the first place that knows it wins.

    1. params.py: `gain_to_uv`, `uv_per_bit`, `gain_uv`, `microvolts_per_bit`, `uv_per_lsb` or
       `bit_volts_uv`, a positive number or a list of equal ones. A plain `gain` only between
       0.001 and 20, where it can hardly be something else; `scale`, `template_scaling` and the
       like are not about microvolts and never used.
    2. The SpikeInterface binary folder of the dataset, or the one that the raw file is in.
    3. The SpikeGLX .meta file with the name of the raw file.
    4. The Open Ephys structure.oebin above a `continuous.dat`.

    Channels of several gains have no common number, and count as unknown.

    Parameters
    ----------
    params
        Values of params.py by lower-case name.
    raw_paths
        Files of the recording; they need not exist.
    recording_folder
        SpikeInterface binary folder of the dataset, or None.

    Returns
    -------
    gain
        None where nothing, or nothing readable, knows it. Never raises because of a file.
    """
    uv_per_bit = _from_params(params)
    if uv_per_bit is not None:
        return Gain(uv_per_bit, "params.py")
    for source, gains in _candidates(list(raw_paths), recording_folder):
        uv_per_bit = _common_gain(gains)
        if uv_per_bit is not None:
            return Gain(uv_per_bit, source)
    return None


def _candidates(
    raw_paths: list[Path], recording_folder: Path | None
) -> Iterator[tuple[str, list[float] | None]]:
    if recording_folder is not None:
        yield "the recording's folder", _read_binary_folder(recording_folder)
    for path in raw_paths:
        if path.name.startswith("traces_cached"):
            yield "the recording's folder", _read_binary_folder(path.parent)
        meta = path.with_suffix(".meta")
        yield meta.name, read_spikeglx_gains_uv(meta)
        yield "structure.oebin", _read_open_ephys(path)


def _from_params(params: Mapping[str, Any]) -> float | None:
    lowered = {str(key).lower(): value for key, value in params.items()}
    for key in GAIN_KEYS:
        uv_per_bit = _common_gain(_numbers(lowered.get(key)))
        if uv_per_bit is not None:
            return uv_per_bit
    low, high = _PLAIN_GAIN_RANGE_UV
    plain = _common_gain(_numbers(lowered.get("gain")))
    return plain if plain is not None and low <= plain <= high else None


def _numbers(value: object) -> list[float] | None:
    """Return a number or a list of numbers as a list; None for everything else."""
    values: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return [float(v) for v in values]
    return None


def _common_gain(gains: Sequence[float] | None) -> float | None:
    """Return the gain that all channels share; None without any, or when they differ."""
    if not gains or not all(math.isfinite(gain) and gain > 0 for gain in gains):
        return None
    low, high = min(gains), max(gains)
    return gains[0] if high - low <= _TOLERANCE * high else None


def _read_json(path: Path) -> dict[str, Any]:
    """Return the object of a JSON file; an empty one when it is missing or damaged."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _read_binary_folder(folder: Path) -> list[float] | None:
    """Read `gain_to_uV` of a SpikeInterface binary folder, of every version that wrote one."""
    for name, section in (
        ("binary.json", "kwargs"),
        ("si_folder.json", "properties"),
        ("si_folder.json", "kwargs"),
        ("cached.json", "properties"),
    ):
        values = _read_json(folder / name).get(section)
        gains = _numbers(values.get("gain_to_uV")) if isinstance(values, dict) else None
        if gains:
            return gains
    try:
        stored = np.load(folder / "properties" / "gain_to_uV.npy", allow_pickle=False)
        return [float(gain) for gain in np.atleast_1d(stored)]
    except (OSError, ValueError, TypeError, EOFError):
        return None


def _read_open_ephys(raw_path: Path) -> list[float] | None:
    """Read the `bit_volts` of the electrodes of the stream that a `continuous.dat` belongs to.

    Only of that file: others in its folder (such as the whitened one that Kilosort leaves there)
    have another scale.
    """
    if raw_path.stem != "continuous":
        return None
    for folder in list(raw_path.parents)[:4]:
        structure = _read_json(folder / "structure.oebin")
        if structure:
            return _bit_volts(structure, raw_path.parent.name)
    return None


def _bit_volts(structure: dict[str, Any], stream_folder: str) -> list[float] | None:
    streams = structure.get("continuous")
    streams = [s for s in streams if isinstance(s, dict)] if isinstance(streams, list) else []
    named = [s for s in streams if str(s.get("folder_name", "")).strip("/\\") == stream_folder]
    # A copied file lies in a folder of another name: clear only when there is one stream.
    chosen = named if named else streams
    if len(chosen) != 1:
        return None
    channels = chosen[0].get("channels")
    channels = channels if isinstance(channels, list) else []
    return _numbers([c.get("bit_volts") for c in channels if _is_electrode(c)])


def _is_electrode(channel: object) -> bool:
    """Tell electrodes, in microvolts, from auxiliary and analogue inputs, in volts."""
    if not isinstance(channel, dict):
        return False
    name = str(channel.get("channel_name", "")).upper()
    unit = str(channel.get("units", "")).strip().lower()
    is_other_input = any(word in name for word in ("ADC", "AUX", "SYNC"))
    return (
        unit in ("", "uv", "\N{MICRO SIGN}v", "\N{GREEK SMALL LETTER MU}v") and not is_other_input
    )
