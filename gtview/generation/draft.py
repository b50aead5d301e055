"""A recipe while it is being written: any values, and what is wrong with them, by field."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..base.errors import UsageError
from .fields import FieldSpec, defaults_of, fields_of
from .problems import Problem, RecipeError
from .recipe import GenerationRecipe, read_recipe


class RecipeDraft:
    """Values by their dotted paths, such as "motion.motions.0.period_s".

    Parameters
    ----------
    recipe
        What to begin with.

    Attributes
    ----------
    data
        The values as JSON spells them; may be impossible.
    recipe
        What they are as a recipe; None while something is wrong.
    """

    def __init__(self, recipe: GenerationRecipe | None = None) -> None:
        self.data: dict[str, Any] = {}
        self.recipe: GenerationRecipe | None = None
        self._problems: tuple[Problem, ...] = ()
        self._found_later: tuple[Problem, ...] = ()
        # Parts that were switched off or replaced, to come back as they were.
        self._kept: dict[str, Any] = {}
        self.load((recipe or GenerationRecipe()).to_json())

    def load(self, data: Mapping[str, Any]) -> None:
        """Begin again with other values."""
        self.data = copy.deepcopy(dict(data))
        self._kept = {}
        self._check()
        if self.recipe is not None:
            # What was left out is there then, as its default.
            self.data = self.recipe.to_json()

    def get(self, path: str) -> Any:
        """Return the value at a path; None where a part of it is switched off or missing."""
        here: Any = self.data
        for part in path.split("."):
            here = _step(here, part)
            if here is None:
                return None
        return here

    def set(self, path: str, value: Any) -> None:
        """Change one value."""
        parent, _, last = path.rpartition(".")
        holder = self.get(parent) if parent else self.data
        if isinstance(holder, list):
            holder[int(last)] = value
        elif isinstance(holder, dict):
            holder[last] = value
        self._check()

    def switch(self, path: str, spec: FieldSpec, *, is_on: bool) -> None:
        """Switch an optional part on, as it was before or with its defaults, or off."""
        if is_on:
            self.set(path, self._kept.pop(path, None) or defaults_of(spec.models[""]))
        else:
            self._kept[path] = self.get(path)
            self.set(path, None)

    def choose(self, path: str, spec: FieldSpec, kind: str) -> None:
        """Put another alternative in the place of one; what both have keeps its value."""
        old = self.get(path) or {}
        self._kept[f"{path}({old.get('kind')})"] = old
        kept = self._kept.pop(f"{path}({kind})", None)
        self.set(path, kept or _begun(spec, kind, old))

    def add(self, path: str, spec: FieldSpec, kind: str) -> None:
        """Add a part to a list."""
        self.set(path, [*(self.get(path) or []), _begun(spec, kind, {})])

    def remove(self, path: str, index: int) -> None:
        """Take a part out of a list."""
        items = list(self.get(path) or [])
        del items[index]
        self.set(path, items)

    # What is wrong -------------------------------------------------------------------------

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong, first what is known at once; fields as paths of this draft."""
        return self._problems or self._found_later

    def tell_later(self, problems: Iterable[Problem]) -> None:
        """Take what was found only when the recipe was used; the next change forgets it."""
        self._found_later = tuple(map(_with_dots, problems))

    def problem_at(self, path: str, *, with_items: bool = False) -> str:
        """Return what is wrong with a field, as words without its name; "" for nothing.

        Parameters
        ----------
        path
            Of the field.
        with_items
            Whether what is wrong with items of its list counts too.
        """
        found = [p for p in self.problems if p.field == path]
        if with_items:
            found += [p for p in self.problems if p.field.startswith(f"{path}.")]
        return "; ".join(p.message for p in found)

    def _check(self) -> None:
        self._found_later = ()
        try:
            self.recipe = read_recipe(self.data)
            self._problems = ()
        except RecipeError as error:
            self.recipe = None
            self._problems = tuple(map(_with_dots, error.problems))
        except UsageError as error:
            self.recipe = None
            self._problems = (Problem("", str(error).rstrip(".")),)


def _begun(spec: FieldSpec, kind: str, old: Mapping[str, Any]) -> dict[str, Any]:
    model = spec.models[kind]
    kinds = {field.name: field.kind for field in fields_of(model)}
    same = {
        other.name: old[other.name]
        for name, before in spec.models.items()
        if name == old.get("kind")
        for other in fields_of(before)
        # A path of a probe file is no name of a probe.
        if kinds.get(other.name) == other.kind != "text" and other.name in old
    }
    return {**defaults_of(model), **same, "kind": kind}


def _step(here: Any, part: str) -> Any:
    if isinstance(here, list):
        return here[int(part)] if part.isdigit() and int(part) < len(here) else None
    return here.get(part) if isinstance(here, Mapping) else None


def _with_dots(problem: Problem) -> Problem:
    # Items of a value itself belong to the field that holds them.
    field = re.sub(r"\[(\d+)\]", r".\1", problem.field)
    field = re.sub(r"\.(range|values)(\.\d+)?$", "", field)
    return Problem(field, problem.message)
