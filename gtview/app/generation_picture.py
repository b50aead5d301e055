"""Makes docs/images/generation.png; run `python -m gtview.app.generation_picture OUT [PRESET]`."""

from __future__ import annotations

import sys
from pathlib import Path

from ..base.errors import GtviewError
from .application import make_application, make_window, use_no_screen
from .waiting import wait_until

PRESET = "finer control"
TIMEOUT_S = 120.0
# A layout after the last picture needs some turns of the event loop.
SETTLED_S = 0.3


def take_picture(out: Path, preset: str = PRESET, size: tuple[int, int] = (1600, 1000)) -> None:
    """Write a picture of the panel of generation with a preset and no settings of the user.

    Raises
    ------
    UsageError
        There is no such preset.
    GtviewError
        It took too long, or cannot be written.
    """
    make_application()
    window = make_window(persistent=False)
    try:
        window.show()
        window.generation.open()
        wait_until(window, lambda: window.generation.dialog is not None, TIMEOUT_S)
        dialog = window.generation.dialog
        if dialog is None:
            raise GtviewError("the panel could not be opened")
        dialog.resize(*size)
        dialog.panel.load_preset(preset)
        # Not where this machine keeps its files.
        dialog.panel.destination.folder.show_value(f"~/recordings/{preset.replace(' ', '_')}")
        if not wait_until(window, lambda: dialog.panel.is_settled, TIMEOUT_S):
            raise GtviewError("the pictures took too long")
        wait_until(window, lambda: False, SETTLED_S)
        if not dialog.grab().save(str(out)):
            raise GtviewError(f"{out} cannot be written")
    finally:
        window.close()


def main() -> None:
    """Write the picture that is asked for."""
    use_no_screen()
    preset = sys.argv[2] if len(sys.argv) > 2 else PRESET
    take_picture(Path(sys.argv[1]), preset)


if __name__ == "__main__":
    main()
