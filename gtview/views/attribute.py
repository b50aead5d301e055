"""What an export says of each spike in files of its own: `spike_<name>.npy` over time, or x and y.

`attribute_view` makes a view for each of them, with the id `attribute:<name>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtWidgets import QWidget

from ..analysis.pick_planes import ColumnPlane
from ..analysis.spike_values import SpikeValues
from ..base.types import Float32Array, Int32Array
from ..data.dataset import Dataset
from ..qt.theme import cluster_rgb
from ..session.session import ClusterSpikes, Session
from . import ATTRIBUTE, POSITIONS, view_title
from .part_colors import Part, Parts
from .split_lasso import Plane
from .state_colors import NO_PLACE, StateCounts
from .state_view import state_field
from .value_picture import Color, PlotState, ValueGroup, ValuePicture, make_value_picture
from .value_settings import background_field, dots_field, histograms_field, value_actions
from .value_view import MAX_CLUSTERS, ValueView, background_spikes, count_text

_NUMBERS = "biuf"
_UM = "\N{MICRO SIGN}m"


@dataclass(frozen=True, slots=True)
class AttributeSettings:
    """What the user may set."""

    has_background: bool = background_field()
    has_histograms: bool = histograms_field()
    by_state: bool = state_field()
    dot_size: float = dots_field()


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    dataset: Dataset
    values: NDArray[Any]
    clusters: tuple[ClusterSpikes, ...]
    behind: tuple[Int32Array, ...]
    grey: Color
    plot: PlotState
    parts: Parts


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    picture: ValuePicture
    shown: tuple[SpikeValues, ...]
    n_behind: int
    states: StateCounts | None = None


def attribute_values(dataset: Dataset, name: str) -> NDArray[Any] | None:
    """Return an attribute, (n_spikes, ...); None when there is none of that name."""
    if name == POSITIONS:
        return dataset.spike_positions_um
    return dataset.spike_attributes.get(name)


@cache
def attribute_view(name: str) -> type[AttributeView]:
    """Return the class of the view of one attribute."""
    view_id = f"{ATTRIBUTE}{name}"
    members = {"id": view_id, "title": view_title(view_id), "attribute": name}
    return type("AttributeViewOfOne", (AttributeView,), members)


class AttributeView(ValueView):
    """One column: over time; two columns: x and y."""

    id: ClassVar[str] = ATTRIBUTE
    title: ClassVar[str] = "Spike attribute"
    attribute: ClassVar[str] = ""
    Settings = AttributeSettings
    actions_declared = value_actions("attribute")

    settings: AttributeSettings

    @classmethod
    def missing(cls, session: Session) -> str | None:
        values = attribute_values(session.dataset, cls.attribute)
        file = f"spike_{cls.attribute}.npy"
        if values is None:
            return f"The export has no {file} with a row for each spike."
        if values.dtype.kind not in _NUMBERS:
            return f"{file} holds no numbers, so there is nothing to draw."
        return None

    def build(self) -> QWidget:
        values = attribute_values(self.session.dataset, self.attribute)
        self.x_is_time = values is None or not is_plane(values)
        plot = super().build()
        name = self.attribute.replace("_", " ")
        if self.x_is_time:
            self.plot.set_titles("time (s)", name)
        elif self.attribute == POSITIONS:
            self.plot.set_titles(f"x ({_UM})", f"depth ({_UM})")
        else:
            self.plot.set_titles(f"{name}, first column", f"{name}, second column")
        return plot

    def query(self) -> _Query | None:
        clusters = self.session.shown_clusters()[:MAX_CLUSTERS]
        values = attribute_values(self.session.dataset, self.attribute)
        if not clusters or values is None:
            return None
        has_histograms = self.settings.has_histograms
        self.plot.show_histograms(is_shown=has_histograms)
        is_background_shown = self.settings.has_background
        return _Query(
            self.session.dataset,
            values,
            clusters,
            background_spikes(self.session, clusters) if is_background_shown else (),
            self.grey(),
            self.plot.state(
                self.time_limits() if self.x_is_time else None,
                has_histograms=has_histograms,
                dot_size=self.settings.dot_size,
            ),
            Parts.of(self.session, self.theme, self.state_colors()),
        )

    @staticmethod
    def compute(query: _Query) -> _Result:
        behind = np.concatenate([np.empty(0, np.int32), *query.behind])
        grey = _read(query, behind)
        fronts = [_read(query, c.spike_ids) for c in query.clusters]
        groups = [
            found.group(query, part)
            for found, cluster in zip(fronts, query.clusters, strict=True)
            for part in query.parts.divide(found.shown.spike_ids, cluster_rgb(cluster.color_id))
        ]
        behind_group = grey.group(query, Part(slice(None), query.grey), is_background=True)
        picture = make_value_picture([behind_group, *groups], query.plot)
        shown, states = tuple(found.shown for found in fronts), query.parts.states
        counts = None if states is None else states.count((s.spike_ids for s in shown), NO_PLACE)
        return _Result(picture, shown, grey.shown.n_shown, counts)

    def draw(self, result: _Result) -> None:
        self.plot.show_picture(result.picture)
        values = attribute_values(self.session.dataset, self.attribute)
        n_columns = 1 if values is None else column_count(values)
        text = describe(result.shown, self._n_selected(), n_columns, result.n_behind)
        self.tell_with_states(text, result.states)

    def plane_of(self, plot: Any) -> Plane | str:
        dataset = self.session.dataset
        values = attribute_values(dataset, self.attribute)
        if values is None:
            return "there is nothing to judge spikes by"
        if is_plane(values):
            return ColumnPlane(dataset, values[:, 1], values[:, 0])
        return ColumnPlane(dataset, first_column(values))

    def _n_selected(self) -> int:
        return len(self.session.selection.state.shown_ids)


def is_plane(values: NDArray[Any]) -> bool:
    """Whether an attribute is drawn as x and y."""
    return values.ndim == 2 and values.shape[1] == 2


def column_count(values: NDArray[Any]) -> int:
    """Return how many numbers each spike has."""
    return int(np.prod(values.shape[1:], dtype=np.int64))


def read_columns(values: NDArray[Any], spike_ids: Int32Array) -> tuple[Float32Array, ...]:
    """Return x and y of some spikes where there are two columns, else the first column alone.

    Returns
    -------
    one or two float32 arrays, (n,)
    """
    if is_plane(values):
        rows = np.asarray(values[spike_ids], np.float32)
        return rows[:, 0], rows[:, 1]
    return (np.asarray(first_column(values)[spike_ids], np.float32),)


def first_column(values: NDArray[Any]) -> NDArray[Any]:
    """Return the first number of each spike, (n,)."""
    while values.ndim > 1:
        values = values[:, 0]
    return values


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """Spikes, and their value or both of their values."""

    shown: SpikeValues
    columns: tuple[Float32Array, ...]

    def group(self, query: _Query, part: Part, *, is_background: bool = False) -> ValueGroup:
        """Return the points of a part of the spikes."""
        columns = tuple(column[part.where] for column in self.columns)
        is_plane_shown = len(columns) == 2
        x: NDArray[Any] = columns[0]
        scale = 1.0
        if not is_plane_shown:
            x = query.dataset.spike_samples[self.shown.spike_ids[part.where]]
            scale = 1 / query.dataset.sample_rate_hz
        return ValueGroup(
            x, columns[-1], part.rgb, scale, is_background,
            is_sorted=not (is_background or is_plane_shown), is_on_top=part.is_on_top,
        )  # fmt: skip


def _read(query: _Query, spike_ids: Int32Array) -> _Found:
    columns = read_columns(query.values, spike_ids)
    is_finite = np.logical_and.reduce([np.isfinite(column) for column in columns])
    n_broken = len(spike_ids) - int(np.count_nonzero(is_finite))
    if n_broken:
        spike_ids = spike_ids[is_finite]
        columns = tuple(column[is_finite] for column in columns)
    n_asked = len(spike_ids) + n_broken
    shown = SpikeValues(spike_ids, columns[-1], n_asked, n_asked, 0, n_broken)
    return _Found(shown, columns)


def describe(
    shown: tuple[SpikeValues, ...], n_selected: int, n_columns: int, n_background: int
) -> str:
    """Return the status, such as "1,237 of 1,237 spikes, background 16,654"."""
    parts = [f"first {len(shown)} of {n_selected} clusters"] if n_selected > len(shown) else []
    parts += count_text(shown)
    if n_columns > 2:
        parts.append(f"first of {n_columns:,} columns")
    if n_background:
        parts.append(f"background {n_background:,}")
    return ", ".join(parts)
