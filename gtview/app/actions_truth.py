"""What the window does with the ground truth: ids, texts, keys and menus."""

from __future__ import annotations

from ..qt.menus import MenuAction

TRUTH_ACTIONS: tuple[MenuAction, ...] = (
    MenuAction(
        "truth.hide",
        "&Hide the truth",
        "Truth",
        "truth.toggle",
        (),
        "Curate without seeing the ground truth; everything made from it disappears until you "
        "show it again. Remembered for this folder",
        "truth.is_there",
        0,
        "truth.is_hidden",
    ),
    MenuAction(
        "truth.next_problem",
        "&Next problem",
        "Truth",
        "truth.next_problem",
        ("Alt+Right",),
        "Select the next unit that is not well detected, with its clusters, in the order of the "
        "table of units",
        "truth.is_there",
        2,
    ),
    MenuAction(
        "truth.previous_problem",
        "&Previous problem",
        "Truth",
        "truth.previous_problem",
        ("Alt+Left",),
        "Select the unit before that is not well detected",
        "truth.is_there",
        2,
    ),
    MenuAction(
        "truth.compare",
        "&Compare with another sorting…",
        "Truth",
        "comparison.ask",
        (),
        "Put another sorting of the same recording beside this one, against the same truth",
        "comparison.can_compare",
        1,
    ),
    MenuAction(
        "truth.measure",
        "&Measure the true spikes",
        "Truth",
        "truth.toggle_measuring",
        (),
        "Read the raw recording for the size of every true spike, where the ground truth does "
        "not tell it: spikes lost for their low amplitude are named then. Files of up to 4 GB are "
        "read by themselves; again: stop",
        "truth.can_measure",
        1,
        "truth.is_measuring",
    ),
    MenuAction(
        "truth.report",
        "&Reveal the truth and report…",
        "Truth",
        "truth.reveal_and_report",
        (),
        "Show the truth, and write what each action did to the scores: a page to read and a "
        "table of values",
        "truth.is_there",
        1,
    ),
)
