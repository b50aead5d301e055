"""The text of the cluster tables as phy writes them, and which of them have to be written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .export_stamp import INFO
from .tables import ClusterProperties, PropertyValue

Rows = Mapping[int, PropertyValue]


@dataclass(frozen=True, slots=True)
class TablePlan:
    """Which tables saving writes.

    Attributes
    ----------
    texts
        New text of each file by its name.
    removed
        Files whose only property is gone.
    notes
        Sentences about what other programs may read differently.
    """

    texts: Mapping[str, str]
    removed: tuple[str, ...]
    notes: tuple[str, ...]


def plan_tables(
    wanted: ClusterProperties, on_disk: ClusterProperties, cluster_ids: Iterable[int]
) -> TablePlan:
    """Return what has to be written so that the files say what is wanted, and no more.

    A property whose values for the clusters that exist are on the disk already is left alone,
    with its rows of clusters that are gone. A file that is written has one property: any other
    one that was only there gets a file of its own.

    Parameters
    ----------
    wanted
        Properties of the clusters as they are now.
    on_disk
        What the files say.
    cluster_ids
        The clusters that exist.
    """
    exists = set(cluster_ids)
    planned: dict[str, Rows] = {}
    waiting = [n for n in wanted.names if _rows(wanted, n, exists) != _rows(on_disk, n, exists)]
    gone = [n for n in on_disk.names if n not in wanted.names and _rows(on_disk, n, exists)]
    while waiting:
        name = waiting.pop()
        planned[name] = _rows(wanted, name, exists)
        waiting += [
            other
            for other in _columns_in(on_disk, file_of(name))
            if other not in planned and other not in waiting and other in wanted.names
        ]
    texts = {file_of(name): table_text(name, rows) for name, rows in planned.items()}
    removed = []
    for name in gone:
        if on_disk.source(name) == file_of(name) and file_of(name) not in texts:
            others = [n for n in _columns_in(on_disk, file_of(name)) if n != name]
            for other in others:
                texts[file_of(other)] = table_text(other, _rows(wanted, other, exists))
            removed.append(file_of(name))
        elif file_of(name) not in texts:
            texts[file_of(name)] = table_text(name, {})
    return TablePlan(texts, tuple(removed), _rivals(planned, on_disk, texts))


def _rivals(
    planned: Iterable[str], on_disk: ClusterProperties, texts: Mapping[str, str]
) -> tuple[str, ...]:
    notes = []
    for name in planned:
        source = on_disk.source(name)
        if source.lower().endswith(".tsv") and source not in texts:
            notes.append(
                f"{source} also has a column {name}, with older values: phy may read either."
            )
    return tuple(notes)


def _rows(properties: ClusterProperties, name: str, exists: set[int]) -> dict[int, PropertyValue]:
    values = properties.values(name)
    return {i: values[i] for i in sorted(exists & values.keys())}


def _columns_in(properties: ClusterProperties, file: str) -> list[str]:
    return [name for name in properties.names if properties.source(name) == file]


def file_of(name: str) -> str:
    """Return the file in which phy looks for a property."""
    return f"cluster_{name}.tsv"


def table_text(name: str, rows: Rows) -> str:
    """Return a table of one property as phylib writes it: by id, tabs, line ends of DOS."""
    return _text([("cluster_id", name), *((i, rows[i]) for i in sorted(rows))])


def info_text(cluster_ids: Iterable[int], columns: Mapping[str, Rows]) -> str:
    """Return `cluster_info.tsv`: every cluster, the columns by name, numbers with 8 decimals."""
    names = sorted(columns)
    lines: list[tuple[object, ...]] = [("cluster_id", *names)]
    lines += [(i, *(_info_cell(columns[n].get(i)) for n in names)) for i in cluster_ids]
    return _text(lines)


def _info_cell(value: PropertyValue | None) -> object:
    if isinstance(value, float):
        return "" if value != value else f"{value:.8f}"
    return "" if value is None else value


def _text(lines: Iterable[tuple[object, ...]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter="\t").writerows(lines)
    return out.getvalue()


__all__ = ["INFO", "TablePlan", "file_of", "info_text", "plan_tables", "table_text"]
