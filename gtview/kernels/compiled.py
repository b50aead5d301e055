"""Compiles the kernels, each part once an installation."""

from __future__ import annotations

from ..base.progress import Reporter, ignore_progress
from .stamp import Part, is_compiled, stamp_path
from .warmup import warm_up


def compile_once(part: Part, report: Reporter = ignore_progress) -> bool:
    """Compile every kernel of a part unless that was done before; return whether it was done now.

    Kernels that were compiled are loaded when a view first needs them. Loading all of them ahead
    would keep the interpreter busy for half a second, just when the user begins to click.
    """
    if is_compiled(part):
        return False
    warm_up(report, (part,))
    stamp = stamp_path(part)
    try:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()
    except OSError:
        # A cache folder that cannot be written keeps no kernels either.
        return True
    return True
