"""Compiles the kernels in a process of its own; the window's finds them in the user's cache."""

from __future__ import annotations

from typing import Any

from ...base.progress import Reporter


def compile_kernels(_spec: dict[str, Any], report: Reporter) -> dict[str, Any]:
    """Compile every kernel that was not; return `was_compiled`: whether there was any."""
    from ...kernels.compiled import compile_once

    return {"was_compiled": compile_once(report)}
