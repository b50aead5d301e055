"""The commands that can be typed, as phy has them: names, parameters, help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind = Literal["clusters", "word", "number", "text"]
Value: TypeAlias = str | float | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What follows the name of a snippet.

    `clusters` are numbers and ranges (3 5-9 12,13), up to the end of the line; `text` is the rest
    of the line as it is typed; `word` and `number` are one word each. `choices` are the words
    that are allowed, () for any.
    """

    name: str
    kind: Kind
    is_optional: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snippet:
    """A command that can be typed.

    Attributes
    ----------
    names
        The short one first.
    slot
        Name of the method of `WindowSnippets` that does it; it gets the values by name.
    given
        Values that the name itself says, as in `:sde`.
    """

    names: tuple[str, ...]
    slot: str
    help: str
    parameters: tuple[Parameter, ...] = ()
    given: tuple[tuple[str, Value], ...] = ()
    example: str = ""

    @property
    def usage(self) -> str:
        """How it is typed: ":move GROUP [CLUSTERS]"."""
        words = ["|".join(p.choices) or p.name.upper() for p in self.parameters]
        optional = [p.is_optional for p in self.parameters]
        parts = [f"[{w}]" if o else w for w, o in zip(words, optional, strict=True)]
        return " ".join([f":{self.names[0]}", *parts])


_CLUSTERS = Parameter("clusters", "clusters")
_SOME_CLUSTERS = Parameter("clusters", "clusters", is_optional=True)
_COLUMN = Parameter("column", "word")
_DIRECTION = Parameter("direction", "word", is_optional=True, choices=("asc", "desc"))
GROUP_WORDS = ("good", "mua", "noise", "unsorted")
WHICH = ("best", "similar", "all")


def _sort_by(name: str, column: str) -> Snippet:
    given = (("column", column),)
    return Snippet((name,), "sort", f"Sort the clusters by {column}", (_DIRECTION,), given)


SNIPPETS: tuple[Snippet, ...] = (
    Snippet(("c", "select"), "select", "Select clusters", (_CLUSTERS,), example=":c 3 5-9"),
    Snippet(
        ("g", "merge"),
        "merge",
        "Merge the selected and the similar clusters, or those that are named",
        (_SOME_CLUSTERS,),
        example=":g 12,15",
    ),
    Snippet(("k", "split"), "split", "Split off the spikes within the lasso"),
    Snippet(
        ("ki", "split_init"),
        "split_by_template",
        "Split the selected clusters by the template that found each spike",
    ),
    Snippet(
        ("move",),
        "move",
        "Put the selected clusters into a group; or the similar ones, all, or those named",
        (
            Parameter("group", "word"),
            Parameter("which", "text", is_optional=True),
        ),
        example=":move good 47,48",
    ),
    Snippet(
        ("l", "label"),
        "label",
        'Give the selected clusters a label: any field, any value; "" takes it away',
        (Parameter("field", "word"), Parameter("value", "text")),
        example=":l quality in-progress",
    ),
    Snippet(
        ("f", "filter"),
        "filter",
        "Show some clusters only; without a text all of them",
        (Parameter("filter", "text", is_optional=True),),
        example=":f rate > 2 and depth < -5",
    ),
    Snippet(
        ("s", "sort"),
        "sort",
        "Sort the clusters by a column",
        (_COLUMN, _DIRECTION),
        example=":s depth asc",
    ),
    _sort_by("sid", "id"),
    _sort_by("sch", "ch"),
    _sort_by("ssh", "sh"),
    _sort_by("sde", "depth"),
    _sort_by("sfr", "rate"),
    _sort_by("sam", "amp"),
    _sort_by("sns", "spikes"),
    Snippet(("next_best",), "next_best", "Select the next cluster"),
    Snippet(("previous_best",), "previous_best", "Select the cluster before this one"),
    Snippet(("next", "next_similar"), "next_similar", "Show the next similar cluster"),
    Snippet(
        ("previous", "previous_similar"), "previous_similar", "Show the similar cluster before"
    ),
    Snippet(("first",), "first", "Select the first cluster"),
    Snippet(("last",), "last", "Select the last cluster"),
    Snippet(("reset_wizard",), "first", "Begin again with the first cluster"),
    Snippet(("unselect_similar",), "drop_similar", "Show the selected clusters alone"),
    Snippet(("undo",), "undo", "Take the last action back"),
    Snippet(("redo",), "redo", "Do again what was taken back"),
    Snippet(("save",), "save", "Write clusters and labels into the export"),
    Snippet(
        ("tg", "go_to"),
        "go_to_time",
        "Show the traces around a time in seconds",
        (Parameter("seconds", "number"),),
        example=":tg 12.5",
    ),
    Snippet(
        ("ts", "shift"),
        "shift_time",
        "Show the traces so many seconds later; below 0: earlier",
        (Parameter("seconds", "number"),),
        example=":ts -1",
    ),
    Snippet(("h", "help"), "help", "List keys, gestures and commands"),
)

BY_NAME = {name: snippet for snippet in SNIPPETS for name in snippet.names}
