"""Copies the features of an export into the order of browsing, in a process of its own."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from ...base.progress import Reporter
from ...data.copy_store import CopyStore
from ...data.feature_copies import FeatureCopies
from ...data.phy_reader import read_export
from ..partial import announced


def copy_features(spec: dict[str, Any], report: Reporter) -> dict[str, Any]:
    """Make the compact copies of the features of an export.

    Parameters
    ----------
    spec
        `export`, its folder; `store` and `max_bytes`, where copies are kept, and how large all of
        them may be; `least_bytes`, of files that are copied.
    report
        Told how far it is.

    Returns
    -------
    dict
        `told`: why a copy could not be made, in sentences.
    """
    _yield_to_others()
    store = CopyStore(Path(spec["store"]), spec["max_bytes"])
    copies = FeatureCopies(read_export(Path(spec["export"])), store, spec["least_bytes"])
    copies.make(report, announced)
    return {"told": copies.told}


def _yield_to_others() -> None:
    process = psutil.Process()
    with suppress(psutil.Error, OSError):
        process.nice(psutil.IDLE_PRIORITY_CLASS if sys.platform == "win32" else 19)
    if sys.platform == "linux":
        with suppress(psutil.Error, OSError):
            process.ionice(psutil.IOPRIO_CLASS_IDLE)
