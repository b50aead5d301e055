"""What an export says of each spike in files of its own: `spike_<name>.npy` over time, or x and y.

`attribute_view` makes a view for each of them, with the id `attribute:<name>`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtWidgets import QWidget

from ..analysis.spike_values import SpikeValues
from ..base.types import Float32Array, Int32Array
from ..data.dataset import Dataset
from ..qt.theme import cluster_rgb
from ..session.session import ClusterSpikes, Session
from . import ATTRIBUTE
from .base import ViewAction
from .value_picture import Color, PlotState, ValueGroup, ValuePicture, make_value_picture
from .value_view import MAX_CLUSTERS, ValueView, background_spikes, count_text

POSITIONS = "positions"
_NUMBERS = "biuf"
_UM = "\N{MICRO SIGN}m"


@dataclass(frozen=True, slots=True)
class AttributeSettings:
    """What the user may set."""

    has_background: bool = field(
        default=True,
        metadata={
            "label": "Other spikes in grey",
            "help": "Spikes of the other clusters that are largest on the same channel.",
        },
    )
    has_histograms: bool = field(
        default=True,
        metadata={"label": "Histograms", "help": "Distributions at the right side."},
    )
    dot_size: float = field(
        default=3.0,
        metadata={"label": "Size of dots", "help": "Diameter in pixels.", "min": 1.0, "max": 12.0},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Query:
    dataset: Dataset
    values: NDArray[Any]
    clusters: tuple[ClusterSpikes, ...]
    behind: tuple[Int32Array, ...]
    grey: Color
    plot: PlotState


@dataclass(frozen=True, slots=True, eq=False)
class _Result:
    picture: ValuePicture
    shown: tuple[SpikeValues, ...]
    n_behind: int


def attribute_names(dataset: Dataset) -> tuple[str, ...]:
    """Return the attributes that views can show, positions included."""
    names = tuple(dataset.spike_attributes)
    return (POSITIONS, *names) if dataset.spike_positions_um is not None else names


def attribute_values(dataset: Dataset, name: str) -> NDArray[Any] | None:
    """Return an attribute, (n_spikes, ...); None when there is none of that name."""
    if name == POSITIONS:
        return dataset.spike_positions_um
    return dataset.spike_attributes.get(name)


@cache
def attribute_view(name: str) -> type[AttributeView]:
    """Return the class of the view of one attribute."""
    members = {
        "id": f"{ATTRIBUTE}{name}",
        "title": f"Spike {name.replace('_', ' ')}",
        "attribute": name,
    }
    return type("AttributeViewOfOne", (AttributeView,), members)


class AttributeView(ValueView):
    """One column: over time; two columns: x and y."""

    id: ClassVar[str] = ATTRIBUTE
    title: ClassVar[str] = "Spike attribute"
    attribute: ClassVar[str] = ""
    Settings = AttributeSettings
    actions_declared = (
        ViewAction(
            "attribute.background", "Other spikes in grey", ("B",), "toggle_background",
            "Spikes of the other clusters that are largest on the same channel.",
            is_checkable=True, setting="has_background",
        ),
        ViewAction(
            "attribute.histograms", "Histograms", ("H",), "toggle_histograms",
            "Distributions at the right side.", is_checkable=True, setting="has_histograms",
        ),
        ViewAction("attribute.fit", "Show everything", ("R",), "fit"),
    )  # fmt: skip

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
        )

    @staticmethod
    def compute(query: _Query) -> _Result:
        behind = np.concatenate([np.empty(0, np.int32), *query.behind])
        grey = _read(query, behind, query.grey, is_background=True)
        fronts = [_read(query, c.spike_ids, cluster_rgb(c.color_id)) for c in query.clusters]
        picture = make_value_picture([grey[0], *(group for group, _ in fronts)], query.plot)
        return _Result(picture, tuple(shown for _, shown in fronts), grey[1].n_shown)

    def draw(self, result: _Result) -> None:
        self.plot.show_picture(result.picture)
        values = attribute_values(self.session.dataset, self.attribute)
        n_columns = 1 if values is None else column_count(values)
        self.tell(describe(result.shown, self._n_selected(), n_columns, result.n_behind))

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
    while values.ndim > 1:
        values = values[:, 0]
    return (np.asarray(values[spike_ids], np.float32),)


def _read(
    query: _Query, spike_ids: Int32Array, rgb: Color, *, is_background: bool = False
) -> tuple[ValueGroup, SpikeValues]:
    columns = read_columns(query.values, spike_ids)
    is_finite = np.logical_and.reduce([np.isfinite(column) for column in columns])
    n_broken = len(spike_ids) - int(np.count_nonzero(is_finite))
    if n_broken:
        spike_ids = spike_ids[is_finite]
        columns = tuple(column[is_finite] for column in columns)
    n_asked = len(spike_ids) + n_broken
    shown = SpikeValues(spike_ids, columns[-1], n_asked, n_asked, 0, n_broken)
    if len(columns) == 2:
        return ValueGroup(*columns, rgb, is_background=is_background), shown
    samples = query.dataset.spike_samples[spike_ids]
    scale = 1 / query.dataset.sample_rate_hz
    is_sorted = not is_background
    return ValueGroup(samples, columns[0], rgb, scale, is_background, is_sorted), shown


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
