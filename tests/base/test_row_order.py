"""Tables: how values read, and in which order rows stand."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gtview.base.row_order import keep_order, sort_rows
from gtview.base.table import Column, Table

NAN = math.nan
DASH = "\N{EN DASH}"


def texts(*values: str | None) -> Column:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return Column("text", array, "text")


def sorted_ids(column: Column, *, descending: bool = False) -> list[int]:
    return sort_rows(column, np.arange(len(column.values)), descending=descending).tolist()


def test_that_values_read_as_in_a_paper():
    column = Column("x", np.array([0.786, 1204.04, -0.004, NAN, np.inf]), digits=2)
    assert [column.text(i) for i in range(5)] == ["0.79", "1,204.04", "0.00", DASH, DASH]
    assert Column("n", np.array([1204]), "integer").text(0) == "1,204"
    assert Column("id", np.array([1204]), "id").text(0) == "1204"
    assert Column("unit", np.array([1204.0, NAN]), "id").text(0) == "1204"
    assert Column("unit", np.array([1204.0, NAN]), "id").text(1) == DASH
    assert texts("good", None).text(1) == DASH


def test_that_texts_are_sorted_as_people_count():
    column = texts("unit 10", "unit 9", None, "Unit 1", "")
    assert sorted_ids(column) == [4, 3, 1, 0, 2]
    assert sorted_ids(column, descending=True) == [0, 1, 3, 4, 2]


@given(st.lists(st.one_of(st.just(NAN), st.integers(-3, 3).map(float))), st.booleans())
def test_that_numbers_are_sorted_stably_with_missing_ones_last(values, descending):
    column = Column("x", np.array(values, dtype=float))
    rows = list(reversed(range(len(values))))  # how they stand before
    known = [r for r in rows if not math.isnan(values[r])]
    sign = -1 if descending else 1
    expected = sorted(known, key=lambda r: sign * values[r])
    expected += [r for r in rows if math.isnan(values[r])]
    found = sort_rows(column, np.array(rows, dtype=np.int64), descending=descending)
    assert found.tolist() == expected


def table_of(ids: list[int]) -> Table:
    return Table(tuple(ids), (Column("id", np.array(ids, dtype=np.int64), "id"),))


ID_LISTS = st.lists(st.integers(0, 12), unique=True)


@given(ID_LISTS, ID_LISTS, st.randoms())
def test_that_new_data_move_no_row_that_stays(before_ids, after_ids, random):
    order = list(range(len(before_ids)))
    random.shuffle(order)
    before, after = table_of(before_ids), table_of(after_ids)
    by_id = np.argsort(after_ids).astype(np.int64)
    found = keep_order(before, np.array(order, dtype=np.int64), after, by_id)
    stood = [after_ids[r] for r in found.tolist()]
    assert sorted(stood) == sorted(after_ids)
    kept = [before_ids[r] for r in order if before_ids[r] in after_ids]
    assert [i for i in stood if i in before_ids] == kept
    in_order = sorted(after_ids)
    for new in set(after_ids) - set(before_ids):  # behind the one that comes before it when sorted
        place = in_order.index(new)
        expected = in_order[place - 1] if place else None
        at = stood.index(new)
        assert (stood[at - 1] if at else None) == expected
