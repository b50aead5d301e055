"""Compiles the kernels in a process of its own; the window's finds them in the user's cache."""

from __future__ import annotations

import gc
from typing import Any

from ...base.progress import Reporter

# A compiler makes millions of objects that it keeps: looking for garbage among them is a tenth of
# its time at Python's usual 700, and saves 20 MB.
_GARBAGE_THRESHOLD = 50_000


def compile_kernels(spec: dict[str, Any], report: Reporter) -> dict[str, Any]:
    """Compile the kernels of `spec["part"]`; return `was_compiled`: whether any were left."""
    from ...kernels.compiled import compile_once

    gc.set_threshold(_GARBAGE_THRESHOLD, 50, 50)
    return {"was_compiled": compile_once(spec["part"], report)}
