"""Which units can disturb each other, and how much they look alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..base.types import BoolArray, Float32Array
    from ..data.ground_truth import GroundTruth, TrueTemplates

# A unit is on every channel on which it is at least this large, as a share of its largest.
CHANNEL_SHARE = 0.2
# Without templates: units nearer than this are taken to be on the same channels.
NEAR_UM = 100.0
# Templates are compared in pieces of so many numbers: 64 MB.
_PIECE = 1 << 24


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """What is known of pairs of units. Arrays are read-only.

    Attributes
    ----------
    is_near : bool array, (n_units, n_units), or None
        Whether two units share a channel; None: it is not known.
    similarity : float32 array, (n_units, n_units), or None
        Cosine of the true templates at the same time, -1 to 1; None: there are none.
    note
        How it is known, or why not; a sentence.
    """

    is_near: BoolArray | None
    similarity: Float32Array | None
    note: str


def find_neighbours(truth: GroundTruth) -> Neighbours:
    """Tell which units share a channel.

    With templates: both have at least 0.2 of their largest size on one channel. With places only:
    they are at most 100 um apart.
    """
    if truth.templates is not None:
        is_on = find_channels(truth.templates)
        shared = is_on.astype(np.float32) @ is_on.T.astype(np.float32)
        return _frozen(shared > 0, compute_similarity(truth.templates), "Units share a channel.")
    if truth.locations_um is not None:
        step = truth.locations_um[:, None] - truth.locations_um[None]
        is_near = np.hypot(step[..., 0], step[..., 1]) <= NEAR_UM
        note = "The ground truth has no templates: units within 100 um count as neighbours."
        return _frozen(is_near, None, note)
    note = "The ground truth has neither templates nor places: neighbours are not known."
    return Neighbours(None, None, note)


def _frozen(is_near: BoolArray, similarity: Float32Array | None, note: str) -> Neighbours:
    is_near.setflags(write=False)
    if similarity is not None:
        similarity.setflags(write=False)
    return Neighbours(is_near, similarity, note)


def find_channels(templates: TrueTemplates) -> BoolArray:
    """Tell on which channels each unit is large, bool, (n_units, n_channels)."""
    sizes = np.ptp(templates.waveforms_uv, axis=1)
    largest = sizes.max(axis=1, keepdims=True, initial=0)
    return np.asarray((sizes >= CHANNEL_SHARE * largest) & (sizes > 0))


def compute_similarity(templates: TrueTemplates) -> Float32Array:
    """Return the cosine of all pairs of templates, float32, (n_units, n_units).

    As `cosine_similarity` of SpikeInterface without shifts; 0 where a template is empty.
    """
    waveforms = templates.waveforms_uv
    n_units, n_samples = waveforms.shape[:2]
    step = max(1, _PIECE // max(n_samples * n_units, 1))
    products = np.zeros((n_units, n_units), np.float32)
    for first in range(0, waveforms.shape[2], step):
        piece = waveforms[:, :, first : first + step]
        piece = piece.reshape(n_units, n_samples * piece.shape[2])
        products += piece @ piece.T
    norms = np.sqrt(np.diag(products))
    scale = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)
    return np.asarray(products * scale[:, None] * scale[None, :], np.float32)


def largest_sizes(templates: TrueTemplates) -> Float32Array:
    """Return the peak-to-peak size of each unit where it is largest, float32, (n_units,), uV."""
    return np.asarray(np.ptp(templates.waveforms_uv, axis=1).max(axis=1, initial=0))
