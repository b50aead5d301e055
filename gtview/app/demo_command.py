"""`gtview demo`: in the window where there is a screen, else a table and a picture."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..base.errors import CancelledError, GtviewError
from ..jobs.demo import demo_folder, is_demo_ready, start_demo
from ..jobs.events import JobCancelled, JobFailed, JobProgress

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
    """Make the demo with a progress bar in the terminal.

    Raises
    ------
    GtviewError
        It could not be made, or was interrupted.
    """
    if is_demo_ready(folder):
        return
    job = start_demo(folder)
    try:
        with click.progressbar(length=100, label="making the demo", file=sys.stderr) as bar:
            for event in job.events():
                if isinstance(event, JobProgress):
                    bar.label = event.message or bar.label
                    bar.update(max(0, round(100 * event.fraction) - bar.pos))
                elif isinstance(event, JobFailed):
                    raise GtviewError(f"the demo could not be made: {event.error}")
                elif isinstance(event, JobCancelled):
                    raise CancelledError("the demo was cancelled")
    except KeyboardInterrupt:
        job.cancel()
        raise CancelledError("the demo was cancelled") from None


def _show_without_screen(folder: Path) -> None:
    from ..api import score_dataset, score_in_words
    from .application import use_no_screen
    from .opening import Opening, OpenRequest
    from .screenshot import Shot, take_screenshot

    opening = Opening(OpenRequest(folder)).start()
    click.echo(score_in_words(score_dataset(folder)))
    use_no_screen()
    take_screenshot(opening, Path(PICTURE), Shot())
    click.echo(f"no screen here: the window is in {PICTURE}")
