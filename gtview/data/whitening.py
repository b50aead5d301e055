"""From the space in which a sorter keeps its templates back to that of the raw file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..base.types import Float32Array, Float64Array, frozen
from .arrays import ArrayError, read_table
from .diagnostics import DiagnosticLog

_MEANING = "Templates are shown as the file has them."


def read_unwhitening(
    folder: Path, n_channels: int, scaling: float, log: DiagnosticLog
) -> tuple[Float32Array | None, bool]:
    """Read the matrix that undoes the whitening: a template times it is as in the raw file.

    Parameters
    ----------
    folder
        Folder of an export; `whitening_mat_inv.npy` counts, else the inverse of
        `whitening_mat.npy` is computed in memory.
    n_channels
        Rows and columns that it must have.
    scaling
        `template_scaling` of params.py: a factor for every unwhitened template.
    log
        Told about matrices that cannot be used.

    Returns
    -------
    unwhitening : float32 array, (n_channels, n_channels), or None
        None when it is the identity.
    has_whitening : bool
        Whether the export has a matrix other than the identity.
    """
    other = folder / "whitening_mat.npy"
    meaning = "The inverse of whitening_mat.npy is used." if other.exists() else _MEANING
    inverse = _read_matrix(folder / "whitening_mat_inv.npy", n_channels, meaning, log)
    if inverse is None:
        matrix = _read_matrix(other, n_channels, _MEANING, log)
        inverse = None if matrix is None else _invert(matrix, log)
    has_whitening = inverse is not None and not _is_identity(inverse)
    if inverse is None or not has_whitening:
        inverse = np.eye(n_channels)
    if not has_whitening and scaling == 1.0:
        return None, False
    return frozen((inverse * scaling).astype(np.float32)), has_whitening


def _is_identity(matrix: Float64Array) -> bool:
    return bool(np.allclose(matrix, np.eye(len(matrix)), atol=1e-6))


def _read_matrix(
    path: Path, n_channels: int, meaning: str, log: DiagnosticLog
) -> Float64Array | None:
    if not path.exists():
        return None
    try:
        matrix: Float64Array = read_table(path, np.float64)
    except ArrayError as error:
        log.warning(path.name, str(error), meaning)
        return None
    if matrix.size == n_channels * n_channels == 1:
        matrix = matrix.reshape(1, 1)
    if matrix.shape != (n_channels, n_channels):
        message = f"Its shape is {matrix.shape}, not ({n_channels}, {n_channels})."
        log.warning(path.name, message, meaning)
        return None
    if not np.isfinite(matrix).all():
        log.warning(path.name, "It holds values that are not numbers.", meaning)
        return None
    return matrix


def _invert(matrix: Float64Array, log: DiagnosticLog) -> Float64Array:
    try:
        inverse: Float64Array = np.linalg.inv(matrix).astype(np.float64)
        is_regular = bool(np.allclose(matrix @ inverse, np.eye(len(matrix)), atol=1e-3))
    except np.linalg.LinAlgError:
        is_regular = False
    if is_regular:
        return inverse
    log.warning(
        "whitening_mat.npy",
        "The matrix has no inverse.",
        "The nearest to an inverse is used: the size of templates may be wrong.",
    )
    return np.linalg.pinv(matrix).astype(np.float64)
