"""Ids of many spikes as a short text, and short checks of what arrays hold."""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base.errors import DatasetError
from ..base.types import Int32Array

# Arrays are hashed in pieces, so that a mapped one of another type is never copied as a whole.
_CHUNK = 1 << 20


def pack_ids(ids: Int32Array) -> str:
    """Return increasing ids as text: differences, as few bytes each as they need, zlib, base64.

    Parameters
    ----------
    ids : int32 array, (n,)
        Strictly increasing, not negative.
    """
    steps = np.diff(ids, prepend=np.int32(0)).astype("<u4")
    largest = int(steps.max(initial=0))
    width = 1 if largest < 1 << 8 else 2 if largest < 1 << 16 else 4
    planes = np.frombuffer(steps.astype(f"<u{width}").tobytes(), np.uint8).reshape(-1, width)
    # Bytes of one weight side by side: the higher ones are nearly all 0.
    data = zlib.compress(np.ascontiguousarray(planes.T).tobytes(), 6)
    return f"{width}:{base64.b64encode(data).decode('ascii')}"


def unpack_ids(text: str) -> Int32Array:
    """Return the ids of a text of `pack_ids`, int32, (n,).

    Raises
    ------
    DatasetError
        The text is damaged.
    """
    try:
        width = int(text[0])
        data = zlib.decompress(base64.b64decode(text[2:], validate=True))
        planes = np.frombuffer(data, np.uint8).reshape(width, -1)
        steps = np.frombuffer(np.ascontiguousarray(planes.T).tobytes(), f"<u{width}")
    except (ValueError, IndexError, TypeError, zlib.error) as error:
        raise DatasetError("A list of spikes in the journal is damaged.") from error
    return np.cumsum(steps, dtype=np.int64).astype(np.int32)


def hash_ids(ids: Int32Array) -> str:
    """Return a check of 16 digits of some ids, in their order."""
    return _hash(ids, "<i4", 8)


def content_hash(values: NDArray[Any], kind: str) -> str:
    """Return a hash of the numbers of an array, whatever the type and shape in its file.

    Parameters
    ----------
    values : integer array, (n,)
    kind
        Type that the numbers are brought to, such as "<i4".
    """
    return _hash(values, kind, 16)


def _hash(values: NDArray[Any], kind: str, n_bytes: int) -> str:
    digest = hashlib.blake2b(digest_size=n_bytes)
    for start in range(0, len(values), _CHUNK):
        digest.update(np.ascontiguousarray(values[start : start + _CHUNK], dtype=kind).data)
    return digest.hexdigest()
