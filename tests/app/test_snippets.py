"""Typed commands are read, and told what is wrong with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtview.app.snippet_table import BY_NAME, SNIPPETS
from gtview.app.snippets import SnippetError, find_snippet, parse, read_clusters
from gtview.app.window_snippets import WindowSnippets


def values(line):
    return dict(parse(line).values)


@pytest.mark.parametrize(
    ("line", "slot", "expected"),
    [
        (":c 3 5-9", "select", {"clusters": (3, 5, 6, 7, 8, 9)}),
        ("c 3,5-6, 9", "select", {"clusters": (3, 5, 6, 9)}),
        (":select 4", "select", {"clusters": (4,)}),
        (":g", "merge", {}),
        (":g 1,2", "merge", {"clusters": (1, 2)}),
        (":merge 1 2", "merge", {"clusters": (1, 2)}),
        (":k", "split", {}),
        (":split_init", "split_by_template", {}),
        (":move good 47,48", "move", {"group": "good", "which": "47,48"}),
        (":move noise similar", "move", {"group": "noise", "which": "similar"}),
        (":move mua", "move", {"group": "mua"}),
        (":l note in-progress", "label", {"field": "note", "value": "in-progress"}),
        (":l qc 1e-3", "label", {"field": "qc", "value": "1e-3"}),
        (":l qc -1.5", "label", {"field": "qc", "value": "-1.5"}),
        (':l note "two words"', "label", {"field": "note", "value": "two words"}),
        (":l note two words", "label", {"field": "note", "value": "two words"}),
        (":l 'my field' x", "label", {"field": "my field", "value": "x"}),
        (":l note it's", "label", {"field": "note", "value": "it's"}),
        (':l note ""', "label", {"field": "note", "value": ""}),
        (":f rate > 2 and depth < -5", "filter", {"filter": "rate > 2 and depth < -5"}),
        (":f group == 'good'", "filter", {"filter": "group == 'good'"}),
        (":f 'no' in group and x == 'a'", "filter", {"filter": "'no' in group and x == 'a'"}),
        (":f", "filter", {}),
        (":s depth", "sort", {"column": "depth"}),
        (":s depth asc", "sort", {"column": "depth", "direction": "asc"}),
        (":sde", "sort", {"column": "depth"}),
        (":sfr desc", "sort", {"column": "rate", "direction": "desc"}),
        (":ts -1", "shift_time", {"seconds": -1.0}),
        (":ts -.5", "shift_time", {"seconds": -0.5}),
        (":tg 1e2", "go_to_time", {"seconds": 100.0}),
        ("  :  undo ", "undo", {}),
        (":c\t3", "select", {"clusters": (3,)}),
    ],
)
def test_that_a_line_is_read(line, slot, expected):
    command = parse(line)
    assert command.snippet.slot == slot
    assert dict(command.values) == expected


@pytest.mark.parametrize(
    ("line", "words", "is_unfinished"),
    [
        ("", "Type a command", True),
        (":", "Type a command", True),
        (":c", "clusters is missing", True),
        (":c 5-", "5- is no cluster", True),
        (":c -3", "-3 is no cluster", False),
        (":c good", "good is no cluster", False),
        (":c 9-5", "ends before it begins", True),
        (":c ³", "is no cluster", False),
        (":c 0-999999999", "too many clusters", False),
        (":mov", "no command :mov. Did you mean :move?", True),
        (":quark", "no command :quark", False),
        (":l", "field is missing", True),
        (":l note", "value is missing: :l FIELD VALUE, as in :l quality in-progress", True),
        (":l 'note", "quote ' is not closed", True),
        (':l note "two', 'quote " is not closed', True),
        (':l "" x', "field must not be empty", False),
        (":s depth up", "up is none of asc, desc", False),
        (":s depth d", "d is none of asc, desc", True),
        (":s depth asc now", "now is too much", False),
        (":ts -", "- is no number", True),
        (":ts soon", "soon is no number", False),
        (":ts inf", "no number that can be used", False),
        (":ts nan", "no number that can be used", False),
        (":k 3", "3 is too much", False),
    ],
)
def test_that_what_is_wrong_is_told_in_a_sentence(line, words, is_unfinished):
    with pytest.raises(SnippetError) as caught:
        parse(line)
    assert words in str(caught.value)
    assert caught.value.is_unfinished == is_unfinished


def test_that_every_command_is_done_by_a_method_with_its_parameters():
    import inspect

    for snippet in SNIPPETS:
        method = getattr(WindowSnippets, snippet.slot)
        known = list(inspect.signature(method).parameters)[1:]
        asked = [p.name for p in snippet.parameters] + [name for name, _ in snippet.given]
        assert set(asked) <= set(known), snippet.names
        needed = {
            name
            for name, p in inspect.signature(method).parameters.items()
            if p.default is p.empty and name != "self"
        }
        given_always = {p.name for p in snippet.parameters if not p.is_optional}
        assert needed <= given_always | dict(snippet.given).keys(), snippet.names


def test_that_names_are_unique_and_examples_are_understood():
    names = [name for snippet in SNIPPETS for name in snippet.names]
    assert len(names) == len(set(names)) == len(BY_NAME)
    for snippet in SNIPPETS:
        if snippet.example:
            assert parse(snippet.example).snippet is snippet
        assert find_snippet(f":{snippet.names[0]} something") is snippet


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters="\"'"))


@given(st.one_of(st.text(), st.sampled_from(sorted(BY_NAME)).flatmap(
    lambda name: st.text().map(lambda rest: f":{name} {rest}")
)))  # fmt: skip
def test_that_any_line_is_read_or_refused_in_one_sentence(line):
    problem = ""
    try:
        command = parse(line)
    except SnippetError as error:
        problem = str(error)
    if problem:
        assert problem.strip() == problem
        return
    assert command.snippet in SNIPPETS
    required = {p.name for p in command.snippet.parameters if not p.is_optional}
    assert required <= dict(command.values).keys()


@given(st.lists(st.one_of(
    st.integers(0, 500).map(lambda i: (str(i), [i])),
    st.tuples(st.integers(0, 500), st.integers(0, 20)).map(
        lambda r: (f"{r[0]}-{r[0] + r[1]}", list(range(r[0], r[0] + r[1] + 1)))
    ),
), min_size=1, max_size=20), st.sampled_from([" ", ",", ", ", "  "]))  # fmt: skip
def test_that_clusters_are_named_once_in_their_order(parts, between):
    text = between.join(word for word, _ in parts)
    expected = list(dict.fromkeys(i for _, ids in parts for i in ids))
    assert list(read_clusters(text)) == expected


@given(words.filter(bool), st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_that_any_text_between_quotes_is_a_value(field, value):
    text = value.replace('"', "")
    assert values(f':l {field} "{text}"') == {"field": field, "value": text}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_that_every_number_can_be_given(number):
    assert values(f":ts {number!r}") == {"seconds": number}


@pytest.mark.parametrize("name", ["undo", "split_init", "next_best"])
def test_that_a_begun_command_is_told_to_be_unfinished(name):
    for n in range(1, len(name)):
        if name[:n] not in BY_NAME:
            with pytest.raises(SnippetError) as caught:
                parse(name[:n])
            assert caught.value.is_unfinished
