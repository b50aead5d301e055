"""`gtview bench`: prepares the page cache, and measures in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ..base.errors import GtviewError

_BLOCK = 1 << 24


def run_bench(
    path: Path,
    ground_truth: Path | None,
    sorting: str | None,
    selections: int,
    *,
    cold: bool = False,
    waits: bool = False,
) -> dict[str, Any]:
    """Measure opening and selecting; see `docs/benchmarks.md` for what each number is.

    Raises
    ------
    GtviewError
        The measuring process failed.
    """
    _prepare_page_cache(path, cold=cold)
    spec = {
        "path": str(path),
        "ground_truth": None if ground_truth is None else str(ground_truth),
        "sorting": sorting,
        "selections": selections,
        "waits": waits,
    }
    env = os.environ | {"GTVIEW_BENCH": json.dumps(spec), "GTVIEW_BENCH_START": repr(time.time())}
    if not env.get("DISPLAY") and not env.get("WAYLAND_DISPLAY"):
        env.setdefault("QT_QPA_PLATFORM", "offscreen")
    command = [sys.executable, "-m", "gtview.app.bench"]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        raise GtviewError("the measurement failed; its messages are above")
    result: dict[str, Any] = json.loads(lines[-1])
    if "error" in result:
        raise GtviewError(result["error"])
    return result | {"cache": "cold" if cold else "warm", "waited_for_background": waits}


def _prepare_page_cache(path: Path, *, cold: bool) -> None:
    """Read every file of the export once, or ask the system to forget them."""
    folder = path if path.is_dir() else path.parent
    for file in sorted(folder.rglob("*.npy")):
        with file.open("rb") as stream:
            if cold and hasattr(os, "posix_fadvise"):
                os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            elif not cold:
                while stream.read(_BLOCK):
                    pass
