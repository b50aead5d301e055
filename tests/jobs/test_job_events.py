import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtview.jobs.events import (
    MAX_LOG_CHARACTERS,
    JobCancelled,
    JobDone,
    JobFailed,
    JobLog,
    JobPartial,
    JobProgress,
    dump_event,
    parse_event,
)

EVENTS = [
    JobProgress(0.25, "a\nb \N{MICRO SIGN}"),
    JobLog("text"),
    JobPartial("/a/b.partial"),
    JobDone({"a": [1, None, {"b": 1.5}]}),
    JobFailed("A sentence.", "trace\nback"),
    JobCancelled(),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_that_an_event_comes_back_from_its_one_line(event):
    line = dump_event(event)
    assert "\n" not in line
    assert parse_event(line + "\n") == event


@given(st.text())
def test_that_any_text_that_is_no_event_is_a_line_of_the_log(text):
    assert isinstance(parse_event(text), JobLog)


@pytest.mark.parametrize(
    "fields",
    [
        [],
        7,
        None,
        {},
        {"event": "JobDone"},
        {"event": "JobDone", "result": 3},
        {"event": "JobProgress", "fraction": "half"},
        {"event": "JobProgress", "fraction": 0.5, "message": "", "more": 1},
        {"event": "Other"},
        {"event": ["JobDone"]},
        {"event": "JobFailed", "error": None},
    ],
)
def test_that_json_that_is_no_event_is_a_line_of_the_log(fields):
    line = json.dumps(fields)
    assert parse_event(line) == JobLog(line)


def test_that_a_long_line_is_cut():
    event = parse_event("x" * 1_000_000)
    assert isinstance(event, JobLog)
    assert len(event.text) == MAX_LOG_CHARACTERS + 1


def test_that_numpy_and_paths_have_a_form_in_results():
    line = dump_event(JobDone({"n": np.int64(2), "x": np.array([1.5]), "p": Path("a")}))
    assert parse_event(line) == JobDone({"n": 2, "x": [1.5], "p": "a"})


def test_that_a_result_without_a_form_is_refused():
    with pytest.raises(TypeError, match="set"):
        dump_event(JobDone({"a": {1}}))
