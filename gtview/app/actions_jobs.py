"""What the window can do with jobs: see them, and sort what was generated."""

from __future__ import annotations

from ..qt.menus import MenuAction

JOB_ACTIONS: tuple[MenuAction, ...] = (
    MenuAction(
        "generate.sort",
        "&Sort this dataset…",
        "Generate",
        "sorting.ask",
        (),
        "Run a sorter on the recording of this generated dataset, and open what it finds",
        enabled="sorting.can_sort",
        group=5,
    ),
    MenuAction(
        "generate.jobs",
        "&Jobs",
        "Generate",
        "jobs.toggle",
        ("Ctrl+Shift+J",),
        "What is being generated and sorted, how far it is, and what is done",
        group=6,
        checked="jobs.is_shown",
    ),
)
