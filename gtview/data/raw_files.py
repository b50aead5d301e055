"""Finds and opens the raw file that an export was made from."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

from ..base.errors import DatasetError
from .diagnostics import DiagnosticLog
from .recording import RawRecording
from .recording_params import RecordingParams

_NO_RAW = "Waveforms and traces of the recording cannot be shown until you locate it."
_UNREADABLE = {
    ".cbin": "it is compressed (mtscomp); decompress it first",
    ".mda": "files of this kind have a header that is not read yet",
    ".npy": "only plain binary files are read",
}


def find_raw_files(folder: Path, params: RecordingParams, log: DiagnosticLog) -> list[Path]:
    """Find the files that `dat_path` names: as it says, or by name in the folder or above it.

    Parameters
    ----------
    folder
        Folder of the export.
    params
        Checked params.py.
    log
        Told when files are missing, or were found elsewhere.

    Returns
    -------
    list of paths
        Parts of one recording, in order; empty unless all of them exist.
    """
    if not params.raw_names:
        log.info("params.py", "dat_path names no raw file.", _NO_RAW)
        return []
    found = [_find_one(folder, params.raw_folder, name, log) for name in params.raw_names]
    missing = [name for name, path in zip(params.raw_names, found, strict=True) if path is None]
    if missing:
        message = f"The raw file {', '.join(missing)} was not found."
        log.warning("params.py", message, _NO_RAW)
        return []
    return [path for path in found if path is not None]


def _find_one(folder: Path, raw_folder: str, name: str, log: DiagnosticLog) -> Path | None:
    asked = folder / raw_folder / name
    if _is_file(asked):
        return asked
    # Paths written on Windows are looked up by their last part everywhere.
    last = PureWindowsPath(name).name
    for place in (folder, folder.parent):
        if last and _is_file(place / last):
            log.info("params.py", f"dat_path says {name}; {place / last} was found and is used.")
            return place / last
    return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or holds a NUL
        return False


def open_raw(
    paths: list[Path], params: RecordingParams, n_spikes_end: int, log: DiagnosticLog
) -> RawRecording | None:
    """Open the raw file; None and told where it cannot be read.

    Parameters
    ----------
    paths
        Parts of one recording, in order.
    params
        Checked params.py.
    n_spikes_end
        One more than the sample of the last spike.
    log
        Told about a file that is cut off, or ends before the last spike.
    """
    if not paths or params.n_raw_channels is None or params.dtype is None:
        return None
    name = paths[0].name
    reason = _UNREADABLE.get(paths[0].suffix.lower())
    if reason is not None:
        log.warning(name, f"The raw file is not read: {reason}.", _NO_RAW)
        return None
    try:
        raw = RawRecording.open(
            paths, params.dtype, params.n_raw_channels, params.offset_bytes, params.sample_rate_hz
        )
    except DatasetError as error:
        log.error(name, str(error), _NO_RAW)
        return None
    if raw.is_truncated:
        log.warning(
            name,
            f"Its size is not a whole number of samples of {params.n_raw_channels} channels.",
            "It may be cut off, or dtype, offset or n_channels_dat in params.py are wrong.",
        )
    if raw.n_samples < n_spikes_end:
        log.warning(
            name,
            f"It ends at {raw.duration_s:.1f} s; the last spike is at "
            f"{n_spikes_end / params.sample_rate_hz:.1f} s.",
            "Spikes after its end have no waveform; it may be another file, or cut off.",
        )
    return raw
