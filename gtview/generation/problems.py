"""Says what is wrong with a recipe: the name of the field, and a sentence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from ..base.errors import UsageError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes
    ----------
    field
        Path of the field, such as "templates.unit_params.alpha"; empty for the whole recipe.
    message
        What it must be, without the name.
    """

    field: str
    message: str

    def __str__(self) -> str:
        """Return it as a sentence."""
        return f"{self.field} {self.message}." if self.field else f"{self.message}."


class RecipeError(UsageError):
    """A recipe that cannot be used; tells everything that is wrong with it.

    Attributes
    ----------
    problems
        At least one.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        shown = " ".join(str(problem) for problem in self.problems[:5])
        more = len(self.problems) - 5
        super().__init__(shown + (f" (And {more} more.)" if more > 0 else ""))


class Section(BaseModel):
    """A part of a recipe: frozen, and without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            for key in data:
                if key not in cls.model_fields:
                    raise _unknown(str(key), tuple(cls.model_fields))
        return data


def _unknown(key: str, known: tuple[str, ...]) -> PydanticCustomError:
    near = difflib.get_close_matches(key, known, 1, 0.5)
    hint = f"did you mean {near[0]}" if near else f"there are {', '.join(known)}"
    return PydanticCustomError(
        "unknown_key", "is no field of a recipe: {hint}", {"key": key, "hint": hint}
    )


def explain(error: ValidationError, data: Any) -> RecipeError:
    """Return pydantic's findings as problems, in plain words.

    Parameters
    ----------
    error
        What pydantic raised.
    data
        What it was given, to tell names of fields from names of alternatives.
    """
    return RecipeError(
        Problem(_path(item["loc"], data, item.get("ctx", {})), _message(item))
        for item in error.errors(include_url=False)
    )


def _path(location: tuple[int | str, ...], data: Any, context: Mapping[str, Any]) -> str:
    names: list[str] = []
    here = data
    for i, part in enumerate(location):
        is_last = i == len(location) - 1
        if _holds(here, part):
            here = here[part]
        elif not is_last or (isinstance(here, Mapping) and here.get("kind") == part):
            # The name of an alternative, which pydantic puts between.
            continue
        names.append(f"[{part}]" if isinstance(part, int) else f".{part}")
    names += [f".{context['key']}"] if "key" in context else []
    return "".join(names).removeprefix(".")


def _holds(here: Any, part: int | str) -> bool:
    if isinstance(here, (list, tuple)):
        return isinstance(part, int) and part < len(here)
    return isinstance(here, Mapping) and part in here


def _message(item: Any) -> str:
    kind, context = item["type"], item.get("ctx", {})
    if kind == "literal_error":
        return f"must be one of {context['expected']} (it is {item['input']!r})"
    if kind == "union_tag_invalid":
        return f"has no kind {context['tag']!r}: it is one of {context['expected_tags']}"
    if kind == "union_tag_not_found":
        return "must say its kind"
    if kind == "missing":
        return "is missing"
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"must be an object with named fields (it is {item['input']!r})"
    if kind in ("list_type", "tuple_type"):
        return f"must be a list (it is {item['input']!r})"
    if kind in ("bool_type", "bool_parsing"):
        return f"must be true or false (it is {item['input']!r})"
    if kind in ("string_type", "path_type"):
        return f"must be text (it is {item['input']!r})"
    message: str = item["msg"]
    return message.removeprefix("Value error, ").removesuffix(".")
