"""Turns the arguments of SpikeInterface's generator into the sections of a recipe."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import numpy as np

from .plan import PlanMotion
from .problems import Problem, RecipeError

_LOCATIONS = {
    "margin_um": "margin_um",
    "minimum_distance": "minimum_distance_um",
    "max_iteration": "max_iterations",
    "distance_strict": "is_distance_strict",
    "distribution": "distribution",
    "num_modes": "n_modes",
}
_MOTION = {
    "drift_mode": "kind",
    "non_rigid_gradient": "non_rigid_gradient",
    "t_start_drift": "t_start_s",
    "t_end_drift": "t_end_s",
    "period_s": "period_s",
    "bump_interval_s": "bump_interval_s",
    "amplitude_factor": "amplitude_factor",
    "seed": "seed",
}
# Each kind of motion knows some of them only; SpikeInterface takes all for each.
_OF_KIND = {"period_s": ("zigzag",), "bump_interval_s": ("bump", "bumps")}
_TEMPLATES = ("ms_before", "ms_after", "mode", "spatial_profile", "unit_params", "dtype")
_DEFAULT_START_S = 60.0


def _refuse(name: str, message: str) -> RecipeError:
    return RecipeError([Problem(name, message)])


def _refuse_unknown(given: Any, known: Any, name: str) -> None:
    if not isinstance(given, Mapping):
        raise _refuse(name, f"must be a dictionary (it is {given!r})")
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(str(key), list(known), 1, 0.5)
            hint = f"did you mean {near[0]}" if near else f"there are {', '.join(known)}"
            raise _refuse(f"{name}.{key}", f"is no argument: {hint}")


def spelled(value: Any) -> Any:
    """Spell a value of Python as a recipe does: a tuple is a range, a list one for each."""
    if isinstance(value, tuple):
        return {"range": list(value)}
    if isinstance(value, (list, np.ndarray)):
        return {"values": np.asarray(value).tolist()}
    return value


def locations_section(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return `locations` of a recipe."""
    name = "generate_unit_locations_kwargs"
    _refuse_unknown(given, (*_LOCATIONS, "minimum_z", "maximum_z"), name)
    section = {_LOCATIONS[key]: value for key, value in given.items() if key in _LOCATIONS}
    low, high = given.get("minimum_z", 5.0), given.get("maximum_z", 45.0)
    return {**section, "z_um": {"range": [low, high]}}


def motion_section(given: Mapping[str, Any], duration_s: float) -> dict[str, Any]:
    """Return `motion` of a recipe."""
    name = "generate_displacement_vector_kwargs"
    known = (
        "displacement_sampling_frequency",
        "drift_start_um",
        "drift_stop_um",
        "drift_step_um",
        "motion_list",
    )
    _refuse_unknown(given, known, name)
    start = _point(given.get("drift_start_um", [0, 20]), f"{name}.drift_start_um")
    stop = _point(given.get("drift_stop_um", [0, -20]), f"{name}.drift_stop_um")
    direction, low, high = _line(start, stop, name)
    default = [{"drift_mode": "zigzag", "t_start_drift": _default_start(duration_s)}]
    motions = given.get("motion_list", default)
    if not isinstance(motions, (list, tuple)):
        raise _refuse(f"{name}.motion_list", "must be a list of dictionaries")
    return {
        "sampling_hz": given.get("displacement_sampling_frequency", 5.0),
        "range_um": {"range": [low, high]},
        "direction": direction.tolist(),
        "step_um": given.get("drift_step_um", 1.0),
        "motions": [_one_motion(m, f"{name}.motion_list[{i}]") for i, m in enumerate(motions)],
    }


def _default_start(duration_s: Any) -> float:
    # The library's 60 s would leave a short recording without any motion.
    if not isinstance(duration_s, (int, float)):
        return _DEFAULT_START_S
    return min(_DEFAULT_START_S, 0.1 * duration_s)


def _one_motion(given: Any, name: str) -> dict[str, Any]:
    _refuse_unknown(given, _MOTION, name)
    kind = given.get("drift_mode", "zigzag")
    section = {
        _MOTION[key]: value for key, value in given.items() if kind in _OF_KIND.get(key, (kind,))
    }
    section["kind"] = kind
    if "bump_interval_s" in section:
        section["bump_interval_s"] = _interval(section["bump_interval_s"])
    return section


def _interval(value: Any) -> Any:
    is_pair = isinstance(value, (list, tuple, np.ndarray)) and len(value) == 2
    return {"range": list(value)} if is_pair else value


def _point(value: Any, name: str) -> Any:
    try:
        point = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        point = np.empty(0)
    if point.shape != (2,) or not np.isfinite(point).all():
        raise _refuse(name, f"must be two numbers in um, x and depth (it is {value!r})")
    return point


def _line(start: Any, stop: Any, name: str) -> tuple[Any, float, float]:
    """Return the direction from start to stop, and how far both are along it."""
    difference = stop - start
    length = float(np.hypot(*difference))
    direction = np.array([0.0, 1.0]) if length == 0 else difference / length
    low, high = float(start @ direction), float(stop @ direction)
    beside = float(np.hypot(*(start - low * direction)))
    if beside > 1e-6:
        message = "and drift_stop_um must be on one line with [0, 0], where the tissue is at rest"
        raise _refuse(f"{name}.drift_start_um", message)
    return direction, low, high


def templates_section(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return `templates` of a recipe."""
    name = "generate_templates_kwargs"
    _refuse_unknown(given, _TEMPLATES, name)
    if np.dtype(given.get("dtype", "float32")) not in (np.float32, np.float64):
        message = "must be float32: templates are in microvolts"
        raise _refuse(f"{name}.dtype", f"{message} (it is {given['dtype']!r})")
    section = {key: value for key, value in given.items() if key not in ("unit_params", "dtype")}
    params = given.get("unit_params", {})
    if not isinstance(params, Mapping):
        raise _refuse(f"{name}.unit_params", f"must be a dictionary (it is {params!r})")
    return {**section, "unit_params": {key: spelled(value) for key, value in params.items()}}


def spikes_section(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return `spikes` of a recipe."""
    _refuse_unknown(given, ("firing_rates", "refractory_period_ms"), "generate_sorting_kwargs")
    section: dict[str, Any] = {}
    if "firing_rates" in given:
        section["rates_hz"] = spelled(given["firing_rates"])
    if "refractory_period_ms" in given:
        section["refractory_ms"] = given["refractory_period_ms"]
    return section


def noise_section(given: Mapping[str, Any], *, is_needed: bool) -> dict[str, Any]:
    """Return `noise` of a recipe; none where a recording is given in its place."""
    _refuse_unknown(given, ("noise_levels", "spatial_decay", "dtype"), "generate_noise_kwargs")
    if not is_needed:
        return {"kind": "none"}
    section: dict[str, Any] = {}
    if "noise_levels" in given:
        section["levels_uv"] = spelled(given["noise_levels"])
    if "spatial_decay" in given:
        section["spatial_decay_um"] = given["spatial_decay"]
    return section


def probe_from_columns(given: Mapping[str, Any]) -> Any:
    """Build the probe that `generate_probe_kwargs` describe.

    Raises
    ------
    RecipeError
        An argument is unknown or impossible.
    """
    from probeinterface import generate_multi_columns_probe

    try:
        return generate_multi_columns_probe(**given)
    except Exception as error:
        # The library asserts what it needs, mostly without words.
        reason = str(error) or "they do not suit each other"
        raise _refuse("generate_probe_kwargs", f"make no probe: {reason}") from error


def motion_from_arrays(data: tuple[Any, ...]) -> PlanMotion:
    """Take the five results of SpikeInterface's `generate_displacement_vector`.

    Raises
    ------
    RecipeError
        They are others, or the motion is not along one line.
    """
    try:
        _, vectors, factors, rate, _ = data
        vectors = np.asarray(vectors, np.float64)
        factors = np.asarray(factors, np.float64)
        rate = float(rate)
        is_right = vectors.ndim == 3 and vectors.shape[1] == 2 and rate > 0
        is_right = is_right and factors.ndim == 2 and factors.shape[1] == vectors.shape[2]
    except (TypeError, ValueError):
        is_right = False
    if not is_right or not (np.isfinite(vectors).all() and np.isfinite(factors).all()):
        message = "must be what generate_displacement_vector returns: five finite arrays"
        raise _refuse("displacement_data", message)
    points = np.moveaxis(vectors, 1, 2).reshape(-1, 2)
    direction = _main_direction(points)
    along = vectors[:, 0] * direction[0] + vectors[:, 1] * direction[1]
    beside = points - (points @ direction)[:, None] * direction
    if np.abs(beside).max(initial=0) > 1e-3:
        raise _refuse("displacement_data", "must move everything along one line")
    return PlanMotion(
        sampling_hz=rate,
        vectors_um=np.ascontiguousarray(along, np.float32),
        unit_factors=np.ascontiguousarray(factors, np.float32),
        direction=direction,
    )


def _main_direction(points: Any) -> Any:
    lengths = np.hypot(points[:, 0], points[:, 1])
    if not lengths.max(initial=0) > 0:
        return np.array([0.0, 1.0])
    farthest = points[lengths.argmax()]
    direction = farthest / np.hypot(*farthest)
    # Up is positive, and to the right where nothing goes up.
    is_down = direction[1] < 0 or (direction[1] == 0 and direction[0] < 0)
    return -direction if is_down else direction
