"""Names of views: "waveform" is the first of its kind, "waveform#2" another one."""

from __future__ import annotations

from collections.abc import Collection

_MARK = "#"


def kind_of(instance_id: str) -> str:
    """Return the id of the view that an instance is of."""
    return instance_id.partition(_MARK)[0]


def number_of(instance_id: str) -> int:
    """Return which of its kind it is; the first is 1."""
    number = instance_id.partition(_MARK)[2]
    return int(number) if number.isdecimal() else 1


def is_copy(instance_id: str) -> bool:
    """Whether it is not the first of its kind."""
    return _MARK in instance_id


def next_instance(kind: str, taken: Collection[str]) -> str:
    """Return the name of one more view of a kind."""
    number = 2
    while f"{kind}{_MARK}{number}" in taken:
        number += 1
    return f"{kind}{_MARK}{number}"


def title_of(title: str, instance_id: str) -> str:
    """Return the title of an instance: "Waveforms", "Waveforms (2)"."""
    return f"{title} ({number_of(instance_id)})" if is_copy(instance_id) else title
