"""What can be asked in a recipe, field by field, read from its model; a form is made from it."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from .problems import Section
from .values import Limits, Range, Values, to_json

Kind: TypeAlias = Literal[
    "number",
    "whole",
    "range",
    "amount",
    "flag",
    "choice",
    "text",
    "numbers",
    "words",
    "places",
    "pair",
    "section",
    "alternatives",
    "list",
]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a recipe.

    Attributes
    ----------
    name
        In its section.
    kind
        What is edited: a number, a "range", an "amount" (one number, a range, or one number for
        each unit), "numbers" (a list), "places" (rows of three numbers), "pair" (two numbers),
        a "section" with fields of its own, "alternatives" (sections, told apart by `kind`), or a
        "list" of such alternatives.
    default
        As JSON spells it; None for a part that is switched off, and for what has no default.
    is_optional
        Whether it can be null.
    limits
        Of numbers.
    choices
        Of "choice".
    models
        Sections by the name of their kind; for "section" one, under "".
    help
        A sentence, or "".
    """

    name: str
    kind: Kind
    default: Any = None
    is_optional: bool = False
    is_required: bool = False
    limits: Limits = field(default_factory=Limits)
    choices: tuple[Any, ...] = ()
    models: dict[str, type[Section]] = field(default_factory=dict, compare=False)
    help: str = ""


def fields_of(model: type[BaseModel]) -> tuple[FieldSpec, ...]:
    """Return the fields of a section in their order, without the name of its kind.

    Raises
    ------
    TypeError
        A field has a type that no form knows: it has to be added here.
    """
    return tuple(
        _describe(name, info)
        for name, info in model.model_fields.items()
        if name != "kind" or not _is_tag(info)
    )


def defaults_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the defaults of a section as JSON; what has none is empty."""
    made: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        value = info.get_default(call_default_factory=True)
        made[name] = _empty(info) if value is PydanticUndefined else _as_json(value)
    return made


def walk(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, FieldSpec]]:
    """Yield every field that a recipe can have with its path, and those in its parts.

    The fields of alternatives are at "path(kind).name", those of a list at "path.0(kind).name".
    """
    for spec in fields_of(model):
        here = f"{path}.{spec.name}".removeprefix(".")
        yield here, spec
        for kind, part in spec.models.items():
            middle = {"section": "", "alternatives": f"({kind})", "list": f".0({kind})"}
            yield from walk(part, here + middle[spec.kind])


def _is_tag(info: FieldInfo) -> bool:
    return get_origin(info.annotation) is Literal and len(get_args(info.annotation)) == 1


def _describe(name: str, info: FieldInfo) -> FieldSpec:
    value = info.get_default(call_default_factory=True)
    is_required = value is PydanticUndefined
    default = None if is_required else _as_json(value)
    inner, limits, is_optional = _unwrap(info.annotation, tuple(info.metadata))
    known: dict[str, Any] = {
        "default": default,
        "is_optional": is_optional,
        "is_required": is_required,
        "limits": limits,
        "help": info.description or "",
    }
    return FieldSpec(name, **known, **_kind(inner))


def _as_json(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple):
        return [_as_json(item) for item in value]
    return to_json(value)


def _empty(info: FieldInfo) -> Any:
    return [] if get_origin(info.annotation) is tuple else ""


def _unwrap(annotation: Any, metadata: tuple[Any, ...]) -> tuple[Any, Limits, bool]:
    """Return a type without its annotations, its limits, and whether it may be null."""
    is_optional = False
    while True:
        if get_origin(annotation) is Annotated:
            inner, *more = get_args(annotation)
            annotation, metadata = inner, (*metadata, *more)
        elif _is_union(annotation) and type(None) in get_args(annotation):
            is_optional = True
            rest = tuple(part for part in get_args(annotation) if part is not type(None))
            annotation = rest[0] if len(rest) == 1 else Union[rest]  # noqa: UP007
        else:
            break
    limits = next((item for item in metadata if isinstance(item, Limits)), None)
    return annotation, limits or _limits_within(annotation), is_optional


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType)


def _limits_within(annotation: Any) -> Limits:
    """Return the limits of the items of a list."""
    for part in get_args(annotation):
        inner, *metadata = get_args(part) if get_origin(part) is Annotated else (part,)
        for item in metadata:
            if isinstance(item, Limits):
                return item
        if get_args(inner):
            return _limits_within(inner)
    return Limits()


def _kind(annotation: Any) -> dict[str, Any]:
    simple = {float: "number", int: "whole", bool: "flag", str: "text", Range: "range"}
    if annotation in simple:
        return {"kind": simple[annotation]}
    if get_origin(annotation) is Literal:
        return {"kind": "choice", "choices": get_args(annotation)}
    if get_origin(annotation) is tuple:
        return _tuple_kind(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return {"kind": "section", "models": {"": annotation}}
    if _is_union(annotation):
        return _union_kind(get_args(annotation))
    raise TypeError(f"no form knows {annotation!r}")


def _tuple_kind(items: tuple[Any, ...]) -> dict[str, Any]:
    first = _unwrap(items[0], ())[0]
    if get_origin(first) is tuple:
        return {"kind": "places"}
    if first is str:
        return {"kind": "words"}
    if first in (float, int):
        is_list = len(items) == 2 and items[1] is Ellipsis
        return {"kind": "numbers" if is_list else "pair"}
    return {**_kind(first), "kind": "list"}


def _union_kind(parts: tuple[Any, ...]) -> dict[str, Any]:
    plain = [_unwrap(part, ())[0] for part in parts]
    if set(plain) == {float, Range, Values}:
        return {"kind": "amount"}
    if all(isinstance(part, type) and issubclass(part, Section) for part in plain):
        return {"kind": "alternatives", "models": {_tag(part): part for part in plain}}
    if plain[0] is int and get_origin(plain[1]) is tuple:
        # One number for all columns of a probe, or one for each.
        return {"kind": "numbers"}
    raise TypeError(f"no form knows {parts!r}")


def _tag(model: type[Section]) -> str:
    return str(model.model_fields["kind"].default)
