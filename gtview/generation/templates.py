"""Computes the templates of model neurons, at every place that they visit, where they are seen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..base.progress import Reporter, ignore_progress
from ..base.types import BoolArray, Float32Array, Float64Array, Int32Array, Int64Array
from ..kernels.templates_model import count_seen, fill_unit, see_unit
from .bank import SEEN_FRACTION, DriftingBank, steps_of
from .plan import PlanMotion, UnitReport
from .problems import Problem, RecipeError
from .recipe_units import TemplateShapes, UnitParams
from .seeds import Seeds
from .values import draw
from .waveforms import delay_table, make_waveform

# No recording resolves less; keeps units far from the probe from being seen by all of it.
_LEAST_UV = 1e-3
# A little less than asked: the delay lowers the peak of a waveform between two samples.
_SEEN_FRACTION = 0.9 * SEEN_FRACTION
_MOST_BYTES = 16 * 2**30
PARAM_NAMES = tuple(UnitParams.model_fields)

UnitShapes = Mapping[str, Float64Array | None]


@dataclass(frozen=True, slots=True, eq=False)
class _Unit:
    """One unit while its templates are made."""

    place_um: Float64Array
    steps: Int32Array
    shifts_um: Float64Array
    shape: Float64Array
    is_seen: BoolArray

    @property
    def n_rows(self) -> int:
        return int(np.count_nonzero(self.is_seen))


def draw_unit_params(
    wish: UnitParams, n_units: int, seeds: Seeds
) -> dict[str, Float64Array | None]:
    """Draw the shape of each unit, every parameter from a stream of its own.

    Returns
    -------
    For each of the eleven names a float64 array, (n_units,), or None (no propagation).
    """
    drawn: dict[str, Float64Array | None] = {}
    for name in PARAM_NAMES:
        amount = getattr(wish, name)
        drawn[name] = None if amount is None else draw(amount, n_units, seeds.rng(name))
    return drawn


def build_templates(
    locations_um: Float32Array,
    positions_um: Float32Array,
    params: UnitShapes,
    wish: TemplateShapes,
    sample_rate_hz: float,
    motion: PlanMotion,
    step_um: float = 1.0,
    report: Reporter = ignore_progress,
) -> DriftingBank:
    """Compute the templates that SpikeInterface's `generate_templates` gives.

    Only channels that see at least 0.1 % of a unit's peak, and only the steps that the unit
    visits, and rest. As there, what a long delay moves out of the window comes in again at its
    beginning; that is visible only with the power profile on a long probe.

    Parameters
    ----------
    locations_um : float32 array, (n_units, 3)
        x, depth, distance from the plane of the probe.
    positions_um : float32 array, (n_channels, 2)
    params
        As `draw_unit_params` returns them.
    wish
        Window, mode and profile.
    sample_rate_hz
        Samples a second.
    motion
        Says which steps each unit visits.
    step_um
        Distance of two steps.
    report
        Told how far it is.

    Raises
    ------
    RecipeError
        A waveform does not fit in its window, or all together not in memory.
    """
    positions = np.ascontiguousarray(positions_um, dtype=np.float64)
    is_power = wish.spatial_profile == "power"
    shapes = _shapes(params, wish.mode)
    tables = _tables(params, wish, sample_rate_hz)
    speed = params["propagation_speed"]

    def look(u: int) -> _Unit:
        return _look(locations_um[u], positions, shapes[u], is_power, motion, u, step_um)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        units = list(pool.map(look, range(len(locations_um))))
        unit_starts = _starts([len(unit.steps) for unit in units])
        row_starts = _starts(np.concatenate([unit.is_seen.sum(axis=1) for unit in units]))
        channels = np.concatenate([np.nonzero(unit.is_seen)[1] for unit in units])
        channels = channels.astype(np.int32)
        waveforms = _room(int(row_starts[-1]), tables.shape[2])

        def fill(u: int) -> None:
            own = row_starts[unit_starts[u] : unit_starts[u + 1] + 1]
            rows = slice(own[0], own[-1])
            delay = 0.0 if speed is None else sample_rate_hz / 1000 / float(speed[u])
            unit = units[u]
            fill_unit(
                positions,
                unit.place_um,
                unit.shifts_um,
                unit.shape,
                is_power,
                delay,
                tables[u],
                channels[rows],
                own - own[0],
                waveforms[rows],
            )

        for u, _ in enumerate(pool.map(fill, range(len(units)))):
            report((u + 1) / len(units), "making templates")
    return DriftingBank(
        n_channels=len(positions),
        n_before=round(wish.ms_before * sample_rate_hz / 1000),
        step_um=step_um,
        unit_starts=unit_starts,
        steps=np.concatenate([unit.steps for unit in units]),
        row_starts=row_starts,
        channels=channels,
        waveforms=waveforms,
    )


def measure_heights(
    locations_um: Float32Array,
    positions_um: Float32Array,
    params: UnitShapes,
    wish: TemplateShapes,
) -> Float64Array:
    """Return how large each unit is on each channel, without making its templates.

    The delay to far channels is left out: it lowers peaks by some percent.

    Parameters
    ----------
    locations_um : float32 array, (n_units, 3)
    positions_um : float32 array, (n_channels, 2)
    params, wish
        As for `build_templates`.

    Returns
    -------
    float64 array, (n_units, n_channels), uV
    """
    positions = np.ascontiguousarray(positions_um, dtype=np.float64)
    places = np.ascontiguousarray(locations_um, dtype=np.float64)
    heights: Float64Array = np.empty((len(places), len(positions)))
    distances, is_power = np.empty(len(positions)), wish.spatial_profile == "power"
    for place, shape, row in zip(places, _shapes(params, wish.mode), heights, strict=True):
        see_unit(positions, place, shape, is_power, row, distances)
    return heights


def visited_steps(motion: PlanMotion, unit: int, step_um: float) -> Int32Array:
    """Return the steps that a unit visits, and 0, increasing; int32, (n_steps,)."""
    steps = steps_of(motion.displacement_um(unit), step_um)
    return np.union1d(steps, [0]).astype(np.int32)


def _look(
    place_um: Float32Array,
    positions: Float64Array,
    shape: Float64Array,
    is_power: bool,
    motion: PlanMotion,
    unit: int,
    step_um: float,
) -> _Unit:
    steps = visited_steps(motion, unit, step_um)
    shifts = np.ascontiguousarray(steps[:, None] * step_um * motion.direction)
    place = np.ascontiguousarray(place_um, dtype=np.float64)
    is_seen = np.empty((len(steps), len(positions)), np.bool_)
    limits = np.array([_SEEN_FRACTION, _LEAST_UV])
    count_seen(positions, place, shifts, shape, is_power, limits, is_seen)
    return _Unit(place, steps, shifts, shape, is_seen)


def _shapes(params: UnitShapes, mode: str) -> Float64Array:
    """Return what the kernels need of each unit, float64, (n_units, 5)."""
    names = ("alpha", "spatial_decay", "ellipse_shrink", "ellipse_angle", "spatial_power")
    columns = [np.asarray(params[name], np.float64) for name in names]
    if mode == "sphere":
        columns[2], columns[3] = np.ones_like(columns[2]), np.zeros_like(columns[3])
    return np.ascontiguousarray(np.stack(columns, axis=1))


def _tables(params: UnitShapes, wish: TemplateShapes, sample_rate_hz: float) -> Float32Array:
    """Return each unit's waveform at fractions of a sample, (n_units, n_fractions, n_samples)."""
    names = ("depolarization_ms", "repolarization_ms", "recovery_ms")
    phases = np.stack([np.asarray(params[name], np.float64) for name in names], axis=1)
    heights = np.asarray(params["positive_amplitude"], np.float64)
    widths = np.asarray(params["smooth_ms"], np.float64)
    window = (wish.ms_before, wish.ms_after)
    tables = []
    for u in range(len(phases)):
        down, up, back = (float(phase) for phase in phases[u])
        try:
            wave = make_waveform(
                window, (down, up, back), float(heights[u]), float(widths[u]), sample_rate_hz
            )
        except ValueError as error:
            message = f"do not give unit {u} a waveform: {error}"
            raise RecipeError([Problem("templates.unit_params", message)]) from error
        tables.append(delay_table(wave))
    return np.ascontiguousarray(np.stack(tables))


def _starts(lengths: Int64Array | list[int]) -> Int64Array:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _room(n_rows: int, n_samples: int) -> Float32Array:
    n_bytes = 4 * n_rows * n_samples
    if n_bytes > _MOST_BYTES:
        message = (
            f"would need {n_bytes / 2**30:.0f} GB of memory: use fewer units, a smaller motion, "
            "a smaller spatial_decay, or a shorter window"
        )
        raise RecipeError([Problem("templates", message)])
    return np.empty((n_rows, n_samples), np.float32)


def report_units(bank: DriftingBank, noise_uv: Float32Array) -> tuple[UnitReport, ...]:
    """Tell how large each unit is at rest, and which ones the probe does not see.

    Parameters
    ----------
    bank
        Templates in microvolts.
    noise_uv : float32 array, (n_channels,)
        Standard deviation of the noise.

    Raises
    ------
    RecipeError
        A template holds values that are not numbers.
    """
    if not np.isfinite(bank.waveforms).all():
        raise RecipeError([Problem("templates", "hold values that are not finite")])
    entries = bank.find_entries(np.arange(bank.n_units), np.zeros(bank.n_units, np.int64))
    return tuple(_report(bank, u, int(entry), noise_uv) for u, entry in enumerate(entries))


def _report(bank: DriftingBank, unit: int, entry: int, noise_uv: Float32Array) -> UnitReport:
    rows = slice(bank.row_starts[entry], bank.row_starts[entry + 1])
    heights = np.abs(bank.waveforms[rows]).max(axis=1, initial=0.0)
    if not len(heights) or not heights.max() > 0:
        return UnitReport(unit, 0.0, 0, 0.0, "no channel sees it")
    row = int(heights.argmax())
    channel, peak = int(bank.channels[rows][row]), float(heights[row])
    noise = float(noise_uv[channel])
    snr = peak / noise if noise > 0 else np.inf
    problem = "its largest peak is below the noise" if snr < 1 else ""
    return UnitReport(unit, peak, channel, snr, problem)
