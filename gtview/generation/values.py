"""Numbers of a recipe: one for all, a range to draw from, or one for each unit, spelled apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from pydantic import GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from ..base.types import Float64Array


@dataclass(frozen=True, slots=True)
class Range:
    """Drawn evenly between two numbers; in JSON `{"range": [2, 8]}`."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Values:
    """One number for each unit (or channel); in JSON `{"values": [2.5, 3, 8]}`."""

    numbers: tuple[float, ...]


Amount: TypeAlias = float | Range | Values

_HOW = 'write {"range": [low, high]} for a range, or {"values": [...]} for a list'


def draw(amount: Amount, n: int, rng: np.random.Generator) -> Float64Array:
    """Return `n` numbers, float64, (n,).

    Raises
    ------
    ValueError
        A list of another length.
    """
    if isinstance(amount, Range):
        return rng.uniform(amount.low, amount.high, n)
    if isinstance(amount, Values):
        if len(amount.numbers) != n:
            raise ValueError(f"{len(amount.numbers)} values for {n}")
        return np.array(amount.numbers, np.float64)
    return np.full(n, float(amount))


def highest(amount: Amount) -> float:
    """Return the largest number that can be drawn."""
    if isinstance(amount, Range):
        return amount.high
    return max(amount.numbers) if isinstance(amount, Values) else float(amount)


def lowest(amount: Amount) -> float:
    """Return the smallest number that can be drawn."""
    if isinstance(amount, Range):
        return amount.low
    return min(amount.numbers) if isinstance(amount, Values) else float(amount)


def middle(amount: Amount) -> float:
    """Return the mean of what is drawn."""
    if isinstance(amount, Range):
        return (amount.low + amount.high) / 2
    return sum(amount.numbers) / len(amount.numbers) if isinstance(amount, Values) else amount


@dataclass(frozen=True, slots=True)
class Limits:
    """What a number of a recipe may be; an annotation of a pydantic field.

    The annotated type is `float`, `int`, `Range` (a range only) or `Amount`.
    """

    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    is_low_open: bool = False

    def in_words(self) -> str:
        """Return the valid numbers, such as "above 0 and at most 5 ms"."""
        unit = f" {self.unit}" if self.unit else ""
        low = f"{'above' if self.is_low_open else 'at least'} {self.low:.12g}"
        if math.isinf(self.high):
            return low + unit
        if self.is_low_open:
            return f"{low} and at most {self.high:.12g}{unit}"
        return f"between {self.low:.12g} and {self.high:.12g}{unit}"

    def refuse(self, value: Any) -> PydanticCustomError:
        """Return the error that names the valid range."""
        # The text is a format: its braces would be read as fields.
        shown = _shown(value)
        return PydanticCustomError(
            "limits", "must be {valid} (it is {value})", {"valid": self.in_words(), "value": shown}
        )

    def check(self, value: Any) -> float:
        """Return a number that is within the limits.

        Raises
        ------
        PydanticCustomError
            It is none, not finite, or outside.
        """
        number = _number(value)
        is_inside = self.low < number if self.is_low_open else self.low <= number
        if not (math.isfinite(number) and is_inside and number <= self.high):
            raise self.refuse(value)
        return number

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Return how pydantic reads and writes it."""
        readers = {float: self.check, int: self._whole, Range: self._range}
        return core_schema.no_info_plain_validator_function(
            readers.get(source, self._amount),
            serialization=core_schema.plain_serializer_function_ser_schema(to_json),
        )

    def _whole(self, value: Any) -> int:
        number = self.check(value)
        if number != int(number):
            raise PydanticCustomError(
                "whole", "must be a whole number (it is {value})", {"value": _shown(value)}
            )
        return int(value) if isinstance(value, (int, np.integer)) else int(number)

    def _range(self, value: Any) -> Range:
        amount = self._amount(value)
        if not isinstance(amount, Range):
            raise PydanticCustomError(
                "range", "must be a range, {how}", {"how": 'such as {"range": [2, 8]}'}
            )
        return amount

    def _amount(self, value: Any) -> Amount:
        value = _spelled(value)
        if isinstance(value, Range):
            low, high = self.check(value.low), self.check(value.high)
            if low > high:
                raise PydanticCustomError(
                    "reversed",
                    "must be a range from low to high (it is from {low} to {high}); {valid}",
                    {"low": low, "high": high, "valid": self.in_words()},
                )
            return Range(low, high)
        if isinstance(value, Values):
            if not value.numbers:
                raise PydanticCustomError("empty", "must hold at least one value")
            return Values(tuple(self.check(number) for number in value.numbers))
        return self.check(value)


def to_json(value: Any) -> Any:
    """Return an amount as JSON spells it."""
    if isinstance(value, Range):
        return {"range": [value.low, value.high]}
    if isinstance(value, Values):
        return {"values": list(value.numbers)}
    return value


def _spelled(value: Any) -> Any:
    """Turn the spellings of JSON, and those of Python, into ranges and lists."""
    if isinstance(value, dict) and value.keys() == {"range"}:
        return _pair(value["range"])
    if isinstance(value, dict) and value.keys() == {"values"}:
        values = value["values"]
        if isinstance(values, np.ndarray):
            values = values.reshape(-1).tolist()
        if not isinstance(values, (list, tuple)):
            raise _spelling(value)
        return Values(tuple(values))
    if isinstance(value, tuple):
        return _pair(value)
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return Values(tuple(value.tolist()))
    if isinstance(value, (list, dict)):
        # A list could mean either: JSON has no tuples.
        raise _spelling(value)
    return value


def _pair(value: Any) -> Range:
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise _spelling(value)
    return Range(value[0], value[1])


def _spelling(value: Any) -> PydanticCustomError:
    return PydanticCustomError(
        "spelling", "cannot be {value}: {how}", {"value": _shown(value), "how": _HOW}
    )


def _number(value: Any) -> float:
    is_number = isinstance(value, (int, float, np.integer, np.floating))
    if not is_number or isinstance(value, (bool, np.bool_)):
        raise PydanticCustomError(
            "number", "must be a number (it is {value})", {"value": _shown(value)}
        )
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _shown(value: Any) -> str:
    text = repr(value) if not isinstance(value, np.generic) else str(value)
    return text if len(text) <= 40 else text[:37] + "..."
