"""The measuring process of `gtview bench`: a real window, the real event loop."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .opening import Opening, OpenRequest

if TYPE_CHECKING:
    from .main_window import MainWindow

# The layout of somebody who curates: most views at once.
LAYOUT = "curate"
# Often enough to see a stall, seldom enough not to be what is measured.
STALL_TICK_MS = 5
TIMEOUT_S = 300.0


def main() -> None:
    """Measure, and print one line of JSON."""
    spec = json.loads(os.environ["GTVIEW_BENCH"])
    truth = spec["ground_truth"]
    request = OpenRequest(
        Path(spec["path"]), Path(truth) if truth else None, spec["sorting"], use_journal=False
    )
    opening = Opening(request).start()
    print(json.dumps(measure(opening, spec["selections"], waits=spec["waits"])))  # noqa: T201  (read by the parent)
    sys.stdout.flush()
    # Nothing is saved here, and a slow exit is nobody's wait.
    os._exit(0)


def measure(opening: Opening, n_selections: int, *, waits: bool) -> dict[str, Any]:
    """Open a dataset and select clusters and pairs, one after another without a pause.

    With `waits` what is prepared in the background is waited for before the first selection.
    """
    started = float(os.environ["GTVIEW_BENCH_START"])
    from .application import make_application, make_window
    from .bench_curation import measure_curation
    from .bench_scoring import measure_scoring
    from .waiting import wait_until, wait_until_drawn

    make_application()
    import_s = time.time() - started
    window = make_window(persistent=False)
    window.settings.set("layout", LAYOUT)
    window.resize(1920, 1200)
    window.show()
    window.follow(opening)
    wait_until(window, lambda: opening.future.done() and window.is_at_rest, TIMEOUT_S)
    error = opening.future.exception()
    if error is not None:
        return {"error": str(error)}
    if not wait_until_drawn(window, TIMEOUT_S):
        return {"error": "the views were not drawn in time"}
    open_s = time.time() - started
    if waits:
        wait_until(window, lambda: not window.background.is_busy, TIMEOUT_S)
    ids = _chosen_clusters(window, n_selections)
    stalls = _StallWatch(window)
    _select(window, ())
    singles = [_select(window, (i,)) for i in ids]
    pairs = [_select(window, pair) for pair in pairwise(ids)]
    browsing_ms, browsing_mb = stalls.longest_ms, _peak_rss_mb()
    curated = measure_curation(window, list(pairwise(ids)))
    curating_ms, curating_mb = stalls.longest_ms, _peak_rss_mb()
    stalls.longest_ms = 0.0
    scored = measure_scoring(window, ids)
    if scored:
        scored["max_stall_scored_ms"] = round(stalls.longest_ms, 1)
        scored["rss_scored_mb"] = round(_peak_rss_mb(), 1)
    return {
        "import_s": round(import_s, 3),
        "open_s": round(open_s, 3),
        "select1_ms": [round(drawn.full_ms, 1) for drawn in singles],
        "select2_ms": [round(drawn.full_ms, 1) for drawn in pairs],
        "one1_ms": [round(drawn.one_ms, 1) for drawn in singles],
        "one2_ms": [round(drawn.one_ms, 1) for drawn in pairs],
        "first1_ms": [round(drawn.first_ms, 1) for drawn in singles],
        "first2_ms": [round(drawn.first_ms, 1) for drawn in pairs],
        **curated,
        **scored,
        "max_stall_ms": round(browsing_ms, 1),
        "max_stall_curated_ms": round(curating_ms, 1),
        "rss_mb": round(browsing_mb, 1),
        "rss_curated_mb": round(curating_mb, 1),
        "n_views": len(window.host.visible_views()),
    }


def _chosen_clusters(window: MainWindow, n: int) -> list[int]:
    """Return n clusters at even ranks from the largest to the median by spike count."""
    assert window.session is not None
    clustering = window.session.clustering
    ranked = sorted(clustering.cluster_ids, key=lambda i: (-clustering.n_spikes_of(i), i))
    last = max(len(ranked) // 2, min(n, len(ranked)) - 1, 0)
    ranks = [round(k * last / max(n - 1, 1)) for k in range(n)]
    return list(dict.fromkeys(ranked[min(rank, len(ranked) - 1)] for rank in ranks))


def _select(window: MainWindow, ids: tuple[int, ...]) -> Drawing:
    """Select clusters, and measure as `time_drawing` does."""
    session = window.session
    assert session is not None
    return time_drawing(window, lambda: session.select_clusters(ids))


class Drawing(NamedTuple):
    """How long it took until one view drew something, every visible view, and all in full."""

    one_ms: float
    first_ms: float
    full_ms: float


def time_drawing(window: MainWindow, act: Callable[[], object]) -> Drawing:
    """Do something, and measure until it is drawn."""
    from .waiting import wait_until_drawn

    times: dict[str, float] = {}
    views = window.host.visible_views()
    begin = time.perf_counter()
    links = [
        (view, view.drawn.connect(lambda _full, i=view.instance_id: note(i))) for view in views
    ]

    def note(instance_id: str) -> None:
        times.setdefault(instance_id, 1000 * (time.perf_counter() - begin))

    act()
    wait_until_drawn(window, TIMEOUT_S)
    full_ms = 1000 * (time.perf_counter() - begin)
    for view, link in links:
        view.drawn.disconnect(link)
    first_ms = max(times.values(), default=full_ms)
    return Drawing(min(times.values(), default=full_ms), first_ms, full_ms)


class _StallWatch:
    """The longest time that the event loop did not come round."""

    def __init__(self, window: MainWindow) -> None:
        from PyQt6.QtCore import Qt, QTimer

        self.longest_ms = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer(window)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(STALL_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest_ms = max(self.longest_ms, 1000 * (now - self._last) - STALL_TICK_MS)
        self._last = now


def _peak_rss_mb() -> float:
    try:
        import resource
    except ImportError:
        import psutil

        return float(psutil.Process().memory_info().peak_wset) / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


if __name__ == "__main__":
    main()
