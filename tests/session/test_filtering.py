"""Filters of tables: what they find, what they refuse, and that nothing is ever evaluated."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtview.base.table import Column, Table
from gtview.session.filtering import FilterError, RowFilter

NAN = math.nan
ROWS = [
    # id, rate, depth, accuracy, group, KSLabel, note
    (1, 12.4, 1204.0, 0.9, "good", "good", "Clean unit"),
    (2, 0.5, -20.0, NAN, "mua", "mua", None),
    (3, 2.0, 40.0, 0.1, "good", "mua", "in-progress"),
    (10, 5.5, NAN, NAN, "unsorted", "good", "#12"),
    (12, 0.0, 0.0, 1.0, "noise", None, "drifts"),
]
IDS = [row[0] for row in ROWS]


def make_table(rows=ROWS) -> Table:
    ids, rate, depth, accuracy, group, label, note = zip(*rows, strict=True)
    texts = {
        "group": group,
        "KSLabel": label,
        "my note": note,
    }
    return Table(
        ids,
        (
            Column("id", np.array(ids), "id"),
            Column("rate", np.array(rate, dtype=float), unit="Hz"),
            Column("depth", np.array(depth, dtype=float), unit="um", digits=0),
            Column("accuracy", np.array(accuracy, dtype=float), digits=2),
            *(Column(n, np.array(v, dtype=object), "text") for n, v in texts.items()),
        ),
    )


def found(text: str) -> list[int]:
    return [i for i, keep in zip(IDS, RowFilter(make_table()).rows(text), strict=True) if keep]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rate > 2 and group == 'good'", [1]),
        ("rate >= 2 and group == 'good'", [1, 3]),
        ("depth > -5", [1, 3, 12]),
        ("rate+1>3", [1, 10]),
        ("id in (1,2)", [1, 2]),
        ("id in [1, 2.0, 99]", [1, 2]),
        ("id in (3)", [3]),
        ("id in 3", [3]),
        ("id not in (1, 2)", [3, 10, 12]),
        ("!(id==1)", [2, 3, 10, 12]),
        ("not id == 1", [2, 3, 10, 12]),
        ("1 < rate < 6", [3, 10]),
        ("1 < rate < 6 != 2", [3, 10]),
        ("rate * 2 - 1 >= 3 * 1", [1, 3, 10]),
        ("-rate < -5", [1, 10]),
        ("rate ** 2 > 100", [1]),
        ("id % 2 == 0", [2, 10, 12]),
        ("1 / rate > 0.4", [2, 3]),
        ("accuracy is null", [2, 10]),
        ("accuracy is not null", [1, 3, 12]),
        ("accuracy == null", [2, 10]),
        ("accuracy IS NOT NULL AND rate > 1", [1, 3]),
        ("KSLabel is none", [12]),
        ("accuracy > 0.5", [1, 12]),
        ("not accuracy > 0.5", [3]),
        ("accuracy != 1", [1, 3]),
        ("not (accuracy == 1)", [1, 3]),
        ("accuracy < 0.5 or accuracy >= 0.5", [1, 3, 12]),
        ("accuracy > 0.5 or rate > 5", [1, 10, 12]),
        ("KSLabel != 'good'", [2, 3]),
        ("group == 'GOOD'", [1, 3]),
        ("group == KSLabel", [1, 2]),
        ("group in ('good', 'mua')", [1, 2, 3]),
        ("group in ('good')", [1, 3]),
        ("'oo' in group", [1, 3]),
        ("'in-progress' in my_note", [3]),
        ("`my note` == 'Clean Unit'", [1]),
        ("My_Note is null", [2]),
        ("kslabel == 'mua'", [2, 3]),
        ("rate_hz > 5", [1, 10]),
        ("group = 'good'", [1, 3]),
        ("group <> 'good'", [2, 10, 12]),
        ("rate > 1 && group == 'good' || id == 12", [1, 3, 12]),
        ("(rate > 1) & (group == 'good') | (id == 12)", [1, 3, 12]),
        ("rate ≥ 2 and group ≠ “good”", [10]),
        ("'good' and rate > 3", [1, 10]),
        ("'clean unit'", [1]),
        ("rate > 1e1", [1]),
        ("rate > .4 and rate < 2.", [2]),
        ("id == 007 - 4", [3]),
    ],
)
def test_that_an_expression_finds_its_rows(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", IDS),
        ("   ", IDS),
        ("good", [1, 3, 10]),
        ("GOOD", [1, 3, 10]),
        ("good mua", [3]),
        ("good and mua", [3]),
        ("noise or unsorted", [10, 12]),
        ("not good", [2, 12]),
        ("good not mua or drifts", [1, 10, 12]),
        ("in-progress", [3]),
        ("1,204", [1]),
        ("1204", [1]),
        ("12.4", [1]),
        ("#12", [10]),
        ("(rate)", []),
        ("nothing like it", []),
        ("–", []),
    ],
)
def test_that_words_are_looked_for_in_every_cell(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("rate >", "Not complete"),
        ("rate > 2 and", "Not complete"),
        ("rat > 2", "did you mean rate"),
        ("group == good", "needs quotes: 'good'"),
        ("group == 'good", "quote"),
        ("(rate > 2", "not closed"),
        ("rate > 2)", "too many"),
        ("rate > 'fast'", "text"),
        ("group > 2", "text"),
        ("group < 'good'", "text"),
        ("group + 1 > 2", "arithmetic needs numbers"),
        ("-group == 'good'", "minus needs numbers"),
        ("abs(rate) > 2", "Functions"),
        ("rate > 2 and depth", "depth is not compared"),
        ("rate > 1,204", "comma"),
        ("rate in ()", "empty"),
        ("rate in group", "list"),
        ("rate is 3", "null"),
        ("null > 3", "null"),
        ("rate > null", "null"),
        ("(rate > 2) + 1 > 2", "comparison"),
        ("__import__('os').system('true') == 0", "sign ."),
        ("rate.real > 2", "sign ."),
        ("[i for i in rate] > 2", "Not complete"),
        ("lambda: rate > 2", "sign :"),
        ("rate > 2 if id > 1 else 3", ""),
        ("rate[0] > 2", ""),
        ("rate > 1e999", "too large"),
        ("rate > " + "9" * 400, "too large"),
        ("rate > 2 # all", "sign #"),
        ("rate > 2; id", "sign ;"),
        ("rate := 2", "sign :"),
        ("rate > " + "(" * 300 + "1" + ")" * 300, ""),
        ("not " * 400 + "rate > 1" + " " * 1000, "characters"),
        ("> 2", "Not complete"),
        ("= =", "Not complete"),
    ],
)
def test_that_what_is_not_understood_is_told(text, reason):
    with pytest.raises(FilterError) as caught:
        found(text)
    assert reason in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


SIGNS = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
NUMBERS = st.one_of(st.just(NAN), st.integers(-3, 3).map(float))


@st.composite
def expressions(draw, depth=3):
    """An expression, and what it says of one row: True, False, or None where unknown."""
    kind = draw(st.sampled_from(["compare", "null", "not", "and", "or"] if depth else ["compare"]))
    if kind == "compare":
        name, sign = draw(st.sampled_from("ab")), draw(st.sampled_from(list(SIGNS)))
        value = draw(st.integers(-3, 3))
        return (
            f"{name} {sign} {value}",
            lambda row: None if math.isnan(row[name]) else SIGNS[sign](row[name], value),
        )
    if kind == "null":
        name = draw(st.sampled_from("ab"))
        return f"{name} is null", lambda row: math.isnan(row[name])
    text, holds = draw(expressions(depth=depth - 1))
    if kind == "not":
        return f"not ({text})", lambda row: None if holds(row) is None else not holds(row)
    other_text, other_holds = draw(expressions(depth=depth - 1))
    decisive = kind == "or"

    def join(row):
        both = holds(row), other_holds(row)
        if decisive in both:
            return decisive
        return None if None in both else not decisive

    return f"({text}) {kind} ({other_text})", join


@given(expressions(), st.lists(st.tuples(NUMBERS, NUMBERS), max_size=8))
def test_that_expressions_agree_with_row_by_row_logic(expression, rows):
    text, holds = expression
    values = np.array(rows, dtype=float).reshape(-1, 2)
    table = Table(tuple(range(len(rows))), (Column("a", values[:, 0]), Column("b", values[:, 1])))
    expected = [holds({"a": a, "b": b}) is True for a, b in rows]
    assert RowFilter(table).rows(text).tolist() == expected


def rows_or_reason(text: str) -> np.ndarray | str:
    try:
        return RowFilter(make_table()).rows(text)
    except FilterError as error:
        return str(error)


def is_proper(answer: np.ndarray | str) -> bool:
    if isinstance(answer, str):
        return answer.endswith((".", "?")) and len(answer.splitlines()) == 1
    return answer.shape == (len(ROWS),) and answer.dtype == bool


@given(st.text(max_size=40).filter(lambda text: len(text.splitlines()) < 2))
def test_that_any_text_gives_rows_or_one_sentence(text):
    assert is_proper(rows_or_reason(text))


@given(st.text(alphabet="rate()<>=!&|'` 12.+-*/,[]{}iniandnotorsull", max_size=30))
def test_that_any_mix_of_signs_gives_rows_or_one_sentence(text):
    assert is_proper(rows_or_reason(text))


@pytest.mark.parametrize(
    "text", ["rate > " + "-" * 900 + "1", "not " * 240 + "rate > 1", "-" * 990 + "1 > 0"]
)
def test_that_deep_nesting_is_found_or_refused_in_a_sentence(text):
    assert is_proper(rows_or_reason(text))


def test_that_ids_that_may_be_missing_can_be_compared():
    table = Table((0, 1), (Column("unit", np.array([7, NAN]), "id"),))
    assert RowFilter(table).rows("unit == 7").tolist() == [True, False]
    assert RowFilter(table).rows("unit is null").tolist() == [False, True]


def test_that_an_empty_table_can_be_filtered():
    table = Table((), (Column("rate", np.empty(0)), Column("group", np.empty(0, object), "text")))
    for text in ("", "good", "rate > 2", "group == 'good'", "'a' in group"):
        assert len(RowFilter(table).rows(text)) == 0
