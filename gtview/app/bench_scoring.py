"""Measures comparing with the ground truth: anew, with other numbers, and coloured by state."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..session.session import Session
    from .main_window import MainWindow

N_SCORINGS = 2
# Away from the usual ones and back again, so that nothing else is measured with others.
DELTAS_MS = (0.5, 0.4)
TOLERANCES = (0.3, 0.2)
UNITS = "units"
TIMEOUT_S = 300.0


def measure_scoring(window: MainWindow, ids: Iterable[int]) -> dict[str, Any]:
    """Score, change the numbers behind it, and select some clusters coloured by state.

    See `docs/benchmarks.md` for what each number is; empty where there is no ground truth.
    """
    session = window.session
    if session is None or session.truth is None:
        return {}
    found = {"select_states_ms": _select_by_state(window, session, ids)}
    found["score_ms"] = [_time_scoring(window, session) for _ in range(N_SCORINGS)]
    window.host.open_view(UNITS)
    found["delta_ms"] = _time_deltas(window, session)
    found["threshold_ms"] = _time_thresholds(window, session)
    return found


def _select_by_state(window: MainWindow, session: Session, ids: Iterable[int]) -> list[float]:
    """Select clusters, one after another, while every view that can colours by state."""
    from ..views.state_view import StateColored
    from .bench import time_drawing

    views = [v for v in window.host.visible_views() if isinstance(v, StateColored)]
    _change_colours(window, views, by_state=True)
    times = [time_drawing(window, partial(session.select_clusters, (i,))) for i in ids]
    _change_colours(window, views, by_state=False)
    return [round(drawn.full_ms, 1) for drawn in times]


def _change_colours(window: MainWindow, views: Iterable[Any], *, by_state: bool) -> None:
    from .bench import time_drawing

    def change() -> None:
        for view in views:
            view.change(by_state=by_state)

    time_drawing(window, change)


def _time_scoring(window: MainWindow, session: Session) -> float:
    """Score everything anew in the pool, as the window does; return the ms until it knows."""
    from ..session.scoring import score, scoring_query
    from .waiting import wait_until

    query = replace(scoring_query(session), known=None)
    taken: list[float] = []
    errors: list[BaseException] = []
    begin = time.perf_counter()
    window.pool.run(
        lambda: score(query, session.truth_access.delta_ms),
        lambda _scores: taken.append(1000 * (time.perf_counter() - begin)),
        errors.append,
    )
    wait_until(window, lambda: bool(taken or errors), TIMEOUT_S)
    if errors:
        raise errors[0]
    return round(taken[0], 1) if taken else float("nan")


def _time_deltas(window: MainWindow, session: Session) -> list[float]:
    times = []
    for delta_ms in DELTAS_MS:
        act = partial(session.truth_access.set_delta_ms, delta_ms)
        times.append(_time_units(window, session, act, partial(_has_delta, session, delta_ms)))
    return times


def _time_thresholds(window: MainWindow, session: Session) -> list[float]:
    from ..scoring.thresholds import Thresholds

    times = []
    for share in TOLERANCES:
        wanted = Thresholds.tolerating(share)
        act = partial(session.truth_access.set_thresholds, wanted)
        is_there = partial(_has_thresholds, session, wanted)
        times.append(_time_units(window, session, act, is_there))
    return times


def _has_delta(session: Session, delta_ms: float) -> bool:
    return session.scores is not None and session.scores.delta_ms == delta_ms


def _has_thresholds(session: Session, wanted: object) -> bool:
    return session.scores is not None and session.scores.thresholds == wanted


def _knows_states(session: Session) -> bool:
    current = session.truth_access.current
    return current is not None and current.known_states is not None


def _time_units(
    window: MainWindow,
    session: Session,
    act: Callable[[], object],
    is_there: Callable[[], bool],
) -> float:
    """Do something, and measure until the table of units shows the scores that it leads to."""
    from .waiting import wait_until, wait_until_drawn

    wait_until_drawn(window, TIMEOUT_S)
    wait_until(window, partial(_knows_states, session), TIMEOUT_S)
    shown: list[float] = []
    begin = time.perf_counter()

    def note(_is_full: bool) -> None:
        # The numbers come first, then the pictures of why spikes are lost.
        if is_there():
            shown.append(1000 * (time.perf_counter() - begin))

    view = window.host.view(UNITS)
    link = view.drawn.connect(note)
    act()
    wait_until(window, lambda: bool(shown), TIMEOUT_S)
    view.drawn.disconnect(link)
    return round(shown[0], 1) if shown else float("nan")
