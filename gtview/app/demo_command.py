"""`gtview demo`: in the window where there is a screen, else a table and a picture."""

from __future__ import annotations

from pathlib import Path

import click

from ..jobs.demo import demo_export, demo_folder, demo_steps, is_demo_ready, make_room
from ..jobs.logs import log_file
from ..jobs.runner import JobProcess
from .terminal_job import follow_in_terminal

PICTURE = "gtview-demo.png"


def run_demo(folder: Path | None) -> int:
    """Make the demo where it is not there yet, and open it; return the exit code."""
    from .application import has_screen, run_window

    folder = folder or demo_folder()
    if has_screen():
        return run_window(None, demo_in=folder)
    make_demo_in_terminal(folder)
    _show_without_screen(folder)
    return 0


def make_demo_in_terminal(folder: Path) -> None:
    """Make what is missing of the demo, with a progress bar in the terminal for each step.

    Raises
    ------
    GtviewError
        It could not be made, or was interrupted.
    """
    if is_demo_ready(folder):
        return
    make_room(folder)
    for step in demo_steps(folder):
        job = JobProcess(step.task, step.spec, log_file("demo"))
        follow_in_terminal(job, "making the demo", "the demo could not be made: ")


def _show_without_screen(folder: Path) -> None:
    from ..api import score_dataset, score_in_words
    from .application import use_no_screen
    from .opening import Opening, OpenRequest
    from .screenshot import Shot, take_screenshot

    export = demo_export(folder)
    opening = Opening(OpenRequest(export, use_journal=False)).start()
    click.echo(score_in_words(score_dataset(export)))
    use_no_screen()
    take_screenshot(opening, Path(PICTURE), Shot())
    click.echo(f"no screen here: the window is in {PICTURE}")
