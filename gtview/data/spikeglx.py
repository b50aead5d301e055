"""Reads the gain of the channels from a SpikeGLX .meta file; knows no recording."""

from __future__ import annotations

from pathlib import Path

# Largest integer and amplifier gain of probes whose files do not say so.
_MAX_INT_NP1 = 512
_MAX_INT_NP2 = 8192
_MAX_INT_NI = 32768
_FIXED_GAINS = {
    **dict.fromkeys((21, 24, 2000, 2010), 80.0),
    **dict.fromkeys((2003, 2004, 2005, 2006, 2013, 2014, 2020, 2021, 2022), 100.0),
}

# The probe of kind 1.0 whose gains stand in the head of its table.
_GAINS_IN_HEAD = 1110

# Kinds from here on have no gains in their table.
_FIRST_NP2 = 2000


def read_spikeglx_gains_uv(path: Path) -> list[float] | None:
    """Read the microvolts per unit of the neural channels of a SpikeGLX file.

    Volts = integer * range / largest integer / gain, as the metadata guides of SpikeGLX define it
    (https://billkarsh.github.io/SpikeGLX). The gain is `imChan0apGain` where that exists; else
    for probes of kind 1.0 the one of each channel in `imroTbl`, for 2.0 the fixed 80 or 100.

    Parameters
    ----------
    path
        The .meta file; `.lf.meta` means the low-frequency band.

    Returns
    -------
    gains
        One for each channel that has a gain of its own, else one for all; None when the file is
        missing, damaged, or of an unknown probe.
    """
    try:
        meta = _parse(path.read_text(encoding="utf-8", errors="replace"))
        kind = meta.get("typeThis", "imec" if "imAiRangeMax" in meta else "")
        if kind == "imec":
            return _imec_gains(meta, is_lfp=path.name.lower().endswith(".lf.meta"))
        if kind == "nidq":
            return _nidq_gains(meta)
        if kind == "obx":
            return [1e6 * float(meta["obAiRangeMax"]) / int(meta["obMaxInt"])]
    except (OSError, ValueError, LookupError, ArithmeticError):
        # A damaged file is no reason not to open the dataset: axes then say "arb.".
        return None
    return None


def _parse(text: str) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {key.strip().lstrip("~"): value.strip() for key, value in pairs}


def _imec_gains(meta: dict[str, str], *, is_lfp: bool) -> list[float] | None:
    probe_type = int(meta.get("imDatPrb_type", 0))
    gains = _imec_amplifier_gains(meta, probe_type, is_lfp=is_lfp)
    if not gains:
        return None
    default = _MAX_INT_NP2 if probe_type in _FIXED_GAINS else _MAX_INT_NP1
    step_uv = 1e6 * float(meta["imAiRangeMax"]) / int(meta.get("imMaxInt", default))
    return [step_uv / gain for gain in gains]


def _imec_amplifier_gains(
    meta: dict[str, str], probe_type: int, *, is_lfp: bool
) -> list[float] | None:
    if probe_type in _FIXED_GAINS:
        # One band: a low-frequency file, made by CatGT, has the same gain.
        return [float(meta.get("imChan0apGain", _FIXED_GAINS[probe_type]))]
    key = "imChan0lfGain" if is_lfp else "imChan0apGain"
    if probe_type >= _FIRST_NP2:
        return [float(meta[key])] if key in meta and "imMaxInt" in meta else None
    entries = [entry.strip("() ") for entry in meta.get("imroTbl", "").split(")(")]
    head, channels = entries[0].split(","), [entry.split() for entry in entries[1:]]
    if probe_type == _GAINS_IN_HEAD:
        return [float(head[4 if is_lfp else 3])]
    column = 4 if is_lfp else 3
    if channels and all(len(fields) > column for fields in channels):
        # Phase 3A and 1.0: channel, bank, reference, AP gain, LF gain, and a filter later on.
        return [float(fields[column]) for fields in channels]
    return [float(meta[key])] if key in meta else None


def _nidq_gains(meta: dict[str, str]) -> list[float]:
    """Return the gain of the kind of analogue channels that the file has first."""
    n_mn, n_ma, _n_xa, _n_digital = (int(n) for n in meta["snsMnMaXaDw"].split(","))
    gain = 1.0
    if n_mn:
        gain = float(meta["niMNGain"])
    elif n_ma:
        gain = float(meta["niMAGain"])
    max_int = int(meta.get("niMaxInt", _MAX_INT_NI))
    return [1e6 * float(meta["niAiRangeMax"]) / max_int / gain]
