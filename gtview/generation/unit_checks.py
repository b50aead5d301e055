"""Checks of what a recipe leads to: lengths of lists, places, units that nobody sees."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..base.types import Float32Array
from .plan import UnitReport
from .problems import Problem, RecipeError
from .values import Values


def checked_locations(values: Any, n_units: int) -> Float32Array:
    """Return places that are given, float32, (n_units, 3).

    Raises
    ------
    RecipeError
        They have another shape, or are not finite.
    """
    locations = np.asarray(values, dtype=np.float32)
    if locations.ndim != 2 or locations.shape[1] != 3:
        message = f"must be an array of x, depth and distance (its shape is {locations.shape})"
        raise RecipeError([Problem("unit_locations", message)])
    if len(locations) != n_units:
        refuse_length("unit_locations", len(locations), n_units)
    if not np.isfinite(locations).all():
        raise RecipeError([Problem("unit_locations", "hold values that are not finite")])
    return np.ascontiguousarray(locations)


def refuse_length(name: str, n: int, n_units: int) -> None:
    """Refuse a list that does not have one value for each unit; always raises.

    Raises
    ------
    RecipeError
        Always.
    """
    raise RecipeError([Problem(name, f"lists {n} values, but there are {n_units} units")])


def require_length(name: str, amount: Any, n_units: int) -> None:
    """Refuse an amount that lists values for another number of units.

    Raises
    ------
    RecipeError
        It does.
    """
    if isinstance(amount, Values) and len(amount.numbers) != n_units:
        refuse_length(name, len(amount.numbers), n_units)


def refuse_doubled(positions_um: Float32Array) -> None:
    """Refuse a probe with two contacts at one place: their noise could not be told apart.

    Raises
    ------
    RecipeError
        There are such contacts.
    """
    if len(np.unique(positions_um, axis=0)) < len(positions_um):
        raise RecipeError([Problem("probe", "has two contacts at one place")])
    if not np.isfinite(positions_um).all():
        raise RecipeError([Problem("probe", "has a contact without a place")])


def tell_silent(reports: tuple[UnitReport, ...]) -> tuple[str, ...]:
    """Return a sentence on the units that can hardly be found, if there are any."""
    unseen = [report.unit for report in reports if report.problem]
    if not unseen:
        return ()
    shown = ", ".join(str(unit) for unit in unseen[:10]) + (", ..." if len(unseen) > 10 else "")
    return (f"{len(unseen)} of {len(reports)} units are not larger than the noise: {shown}.",)


def refuse_silent(reports: tuple[UnitReport, ...]) -> None:
    """Refuse units that can hardly be found.

    Raises
    ------
    RecipeError
        There are such.
    """
    told = tell_silent(reports)
    if told:
        raise RecipeError([Problem("templates.unit_params", f"cannot be used: {told[0][:-1]}")])
