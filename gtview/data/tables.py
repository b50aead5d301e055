"""Properties of clusters from the TSV and CSV files of an export."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from .diagnostics import DiagnosticLog

PropertyValue = int | float | str

# Columns that phy makes itself: it would show a file's values, which the next merge makes wrong,
# instead of its own, or fail.
COLUMNS_OF_PHY = frozenset(
    {"n_spikes", "ch", "sh", "depth", "fr", "amp", "similarity", "is_masked"}
)

MAX_BYTES = 64_000_000
_ID_COLUMN = "cluster_id"
# phy writes this summary and never reads it: its columns are in the other files.
_IGNORED_STEM = "cluster_info"
_DELIMITERS = "\t,;| "
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_EMPTY = frozenset({"", "nan"})


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    file: str
    values: Mapping[int, PropertyValue]

    @property
    def rank(self) -> tuple[bool, bool, str]:
        """Order of preference among columns of one name: the least wins."""
        stem, ending = Path(self.file).stem, Path(self.file).suffix.lower()
        return stem != f"cluster_{self.name}", ending != ".tsv", self.file


class ClusterProperties:
    """Values by property name and cluster id; never changes.

    A cluster without a value in a file has no value, and is not dropped. `group` is only what a
    column of that name says.
    """

    __slots__ = ("_columns",)

    def __init__(self, columns: Iterable[_Column] = ()) -> None:
        self._columns = MappingProxyType({column.name: column for column in columns})

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the properties, in order of their files, then of their columns."""
        return tuple(self._columns)

    def values(self, name: str) -> Mapping[int, PropertyValue]:
        """Return the values of a property by cluster id; empty for an unknown name."""
        column = self._columns.get(name)
        return MappingProxyType({}) if column is None else column.values

    def source(self, name: str) -> str:
        """Return the name of the file of a property; "" for an unknown name."""
        column = self._columns.get(name)
        return "" if column is None else column.file

    def get(
        self, name: str, cluster_id: int, default: PropertyValue | None = None
    ) -> PropertyValue | None:
        """Return one value."""
        return self.values(name).get(cluster_id, default)

    def with_values(
        self, name: str, values: Mapping[int, PropertyValue], file: str | None = None
    ) -> ClusterProperties:
        """Return the same properties with other values of one of them, which may be new.

        Parameters
        ----------
        name
            Name of the property.
        values
            Its value by cluster id; they are copied.
        file
            Name of its file; None: as before, or `cluster_<name>.tsv` for a new one.
        """
        file = file or self.source(name) or f"cluster_{name}.tsv"
        columns = dict(self._columns)
        columns[name] = _Column(name, file, MappingProxyType(dict(values)))
        return ClusterProperties(columns.values())

    def without(self, name: str) -> ClusterProperties:
        """Return the other properties."""
        return ClusterProperties(c for n, c in self._columns.items() if n != name)

    def renumbered(self, new_ids: Mapping[int, int]) -> ClusterProperties:
        """Return the same properties, some clusters having other ids."""
        return ClusterProperties(
            _Column(
                column.name,
                column.file,
                MappingProxyType(
                    {new_ids.get(cluster, cluster): v for cluster, v in column.values.items()}
                ),
            )
            for column in self._columns.values()
        )


def read_cluster_tables(folder: Path, log: DiagnosticLog) -> ClusterProperties:
    """Read every column of every TSV and CSV file of a folder.

    Where two files carry one name, `cluster_<name>.tsv` wins, then `cluster_<name>.csv`, then the
    first by file name. A file that cannot be read is skipped and told.

    Parameters
    ----------
    folder
        Folder of an export.
    log
        Told about files, rows and columns that are not used.
    """
    paths = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in (".tsv", ".csv")
        and path.stem != _IGNORED_STEM
        and not path.name.startswith(".")
        and path.is_file()
    )
    chosen: dict[str, _Column] = {}
    for path in paths:
        for column in _read_file(path, log):
            other = chosen.get(column.name)
            chosen[column.name] = column if other is None else _choose(column, other, log)
    return ClusterProperties(chosen.values())


def _choose(column: _Column, other: _Column, log: DiagnosticLog) -> _Column:
    winner, loser = sorted((column, other), key=lambda c: c.rank)
    if winner.values != loser.values:
        log.info(
            loser.file,
            f"Its column {loser.name} is also in {winner.file}, with other values.",
            f"{winner.file} counts.",
        )
    return winner


def _read_file(path: Path, log: DiagnosticLog) -> list[_Column]:
    try:
        if path.stat().st_size > MAX_BYTES:
            log.warning(path.name, "The file is too large for a table of clusters.", "Skipped.")
            return []
        rows = _read_rows(_decode(path.read_bytes()))
    except (OSError, csv.Error, UnicodeError) as error:
        log.warning(path.name, f"The table cannot be read: {error}.", "It was skipped.")
        return []
    header = [name.strip() for name in rows[0]] if rows else []
    lowered = [name.lower() for name in header]
    if _ID_COLUMN not in lowered:
        log.info(path.name, f"The table has no column {_ID_COLUMN}.", "It was skipped.")
        return []
    return _make_columns(path, header, lowered.index(_ID_COLUMN), rows[1:], log)


def _decode(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _read_rows(text: str) -> list[list[str]]:
    first_line = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = _sniff_delimiter(first_line)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [row for row in reader if any(cell.strip() for cell in row)]


def _sniff_delimiter(header: str) -> str:
    for delimiter in _DELIMITERS:
        names = next(csv.reader([header], delimiter=delimiter), [])
        if len(names) > 1 and _ID_COLUMN in [name.strip().lower() for name in names]:
            return delimiter
    return "\t"


def _make_columns(
    path: Path, header: list[str], id_index: int, rows: list[list[str]], log: DiagnosticLog
) -> list[_Column]:
    values: dict[str, dict[int, PropertyValue]] = {}
    # Of two columns with one name in one file, the first counts; a nameless one is a row number.
    for name in header[:id_index] + header[id_index + 1 :]:
        if name:
            values.setdefault(name, {})
    indices = {name: header.index(name) for name in values}
    n_skipped = 0
    for row in rows:
        cluster = _read_id(row[id_index]) if id_index < len(row) else None
        if cluster is None:
            n_skipped += 1
            continue
        for name, index in indices.items():
            cell = row[index].strip() if index < len(row) else ""
            if cell.lower() not in _EMPTY:
                values[name][cluster] = read_value(cell)
    if n_skipped:
        log.warning(path.name, f"{n_skipped} rows have no usable {_ID_COLUMN}.", "Skipped.")
    return [_Column(n, path.name, MappingProxyType(column)) for n, column in values.items()]


def _read_id(cell: str) -> int | None:
    value = read_value(cell.strip())
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None


def read_value(cell: str) -> PropertyValue:
    """Return the number that a cell holds, else its text."""
    # Python's own int() and float() also take "1_000", "infinity" and digits of other scripts.
    if _INTEGER.fullmatch(cell):
        return int(cell)
    if _NUMBER.fullmatch(cell) and abs(number := float(cell)) != float("inf"):
        return number
    return cell
