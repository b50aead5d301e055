"""What the feature view asks, what is known of it, and what is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..analysis.channels import ChannelFinder
from ..analysis.features import BackgroundCache, ClusterFeatures
from ..analysis.limits import Limits
from ..base.types import Int32Array
from ..data.dataset import Dataset
from ..qt.scatter import AxisKey, Scatter
from ..qt.scatter_layout import Surface
from .part_colors import NO_PARTS, Parts
from .state_colors import StateCounts

TIME = "time"

Color = tuple[int, int, int]
# Which of the channels, and which component.
Dimension = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """Which features of which spikes; `key` is equal for equal questions."""

    key: tuple[object, ...]
    dataset: Dataset
    finder: ChannelFinder
    spike_ids: tuple[Int32Array, ...]
    first_cluster: Int32Array
    chosen: tuple[int, ...]
    n_channels: int
    n_pcs: int
    time_window_s: tuple[float, float] | None
    backgrounds: BackgroundCache
    n_background: int


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """The answer to `asked`, or a first part of it."""

    asked: Asked
    channel_ids: tuple[int, ...]
    data: ClusterFeatures


@dataclass(frozen=True, slots=True)
class AxisState:
    """Limits of before.

    Attributes
    ----------
    by_pc
        Those that were chosen automatically, the same for all channels.
    own
        Those that the user has chosen, by axis.
    """

    by_pc: Mapping[int, Limits] = field(default_factory=dict)
    own: Mapping[AxisKey, Limits] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """Colours and sizes; spikes that would be split off have colours of their own."""

    colors: tuple[Color, ...]
    background: Color
    marker_size: float
    feature: tuple[int, int] | None
    parts: Parts = NO_PARTS


@dataclass(frozen=True, slots=True, eq=False)
class FeatureViewQuery:
    """A snapshot of all that the view needs."""

    asked: Asked
    known: Known | None
    axes: AxisState
    surface: Surface
    look: Look


@dataclass(frozen=True, slots=True, eq=False)
class FeaturePicture:
    """What is drawn, and what it was made from."""

    known: Known
    axes: AxisState
    dimensions: tuple[Dimension, ...]
    scatter: Scatter
    states: StateCounts | None = None
