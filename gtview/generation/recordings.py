"""Lazy SpikeInterface recordings of a plan: traces are computed when they are read.

`GeneratedRecording(plan, drifting=True)` is a SpikeInterface `BaseRecording` for any of its
functions and sorters. Its class is made when it is first asked for, so that importing gtview does
not import SpikeInterface.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from .plan import GenerationPlan
from .signal import SignalMaker

if TYPE_CHECKING:
    GeneratedRecording: Any

# Recipes whose plans are kept: the static and the drifting recording of one have the same.
_MOST_PLANS = 2
_plans: OrderedDict[str, GenerationPlan] = OrderedDict()
_plans_lock = threading.Lock()


def __getattr__(name: str) -> Any:
    # SpikeInterface and pickle find the class by the name of this module and its own.
    if name == "GeneratedRecording":
        return _recording_class()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _plan_of(recipe: Mapping[str, Any]) -> GenerationPlan:
    """Return the plan of a recipe in JSON; the last ones are kept."""
    key = json.dumps(recipe, sort_keys=True)
    with _plans_lock:
        if key not in _plans:
            from .recipe import read_recipe
            from .resolution import resolve

            _plans[key] = resolve(read_recipe(dict(recipe)))
        _plans.move_to_end(key)
        while len(_plans) > _MOST_PLANS:
            _plans.popitem(last=False)
        return _plans[key]


def _keep_plan(recipe: Mapping[str, Any], plan: GenerationPlan) -> None:
    with _plans_lock:
        _plans[json.dumps(recipe, sort_keys=True)] = plan


def attach_probe(recording: Any, plan: GenerationPlan) -> None:
    """Give a SpikeInterface recording the probe, the gains and the annotations of a plan."""
    n = plan.n_channels
    gain = plan.gain_uv if plan.dtype == "int16" else 1.0
    recording.set_channel_gains(np.full(n, gain))
    recording.set_channel_offsets(np.zeros(n))
    recording.annotate(is_filtered=False)
    if plan.probe is not None:
        recording.set_probe(plan.probe)
    else:
        recording.set_dummy_probe_from_locations(plan.channel_positions_um)


@lru_cache(maxsize=1)
def _recording_class() -> type:
    from spikeinterface.core import BaseRecording, BaseRecordingSegment

    class Segment(BaseRecordingSegment):  # type: ignore[misc]
        """The one segment of a recording that is computed when it is read."""

        def __init__(self, plan: GenerationPlan, drifting: bool) -> None:
            super().__init__(sampling_frequency=plan.sample_rate_hz, t_start=None)
            self._plan, self._drifting = plan, drifting
            self._maker: SignalMaker | None = None
            self._lock = threading.Lock()

        def get_num_samples(self) -> int:
            return self._plan.n_samples

        def get_traces(
            self,
            start_frame: int | None = None,
            end_frame: int | None = None,
            channel_indices: Any = None,
        ) -> Any:
            start = 0 if start_frame is None else int(start_frame)
            stop = self._plan.n_samples if end_frame is None else int(end_frame)
            with self._lock:
                # Not before it is needed: recordings are often made to be described only.
                if self._maker is None:
                    self._maker = SignalMaker(self._plan, drifting=self._drifting)
            traces = self._maker.make(start, stop)
            return traces if channel_indices is None else traces[:, channel_indices]

        def __getstate__(self) -> dict[str, Any]:
            return {**self.__dict__, "_maker": None, "_lock": None}

        def __setstate__(self, state: dict[str, Any]) -> None:
            self.__dict__.update(state, _lock=threading.Lock())

    class GeneratedRecording(BaseRecording):  # type: ignore[misc]
        """A recording that is computed when it is read.

        Parameters
        ----------
        plan
            What it is made of; the one that `recipe` leads to where it is None.
        drifting
            Whether units move.
        recipe
            JSON of a recipe. With it, the recording can be dumped to JSON as well.
        """

        def __init__(
            self,
            plan: GenerationPlan | None = None,
            drifting: bool = True,
            recipe: Mapping[str, Any] | None = None,
        ) -> None:
            if plan is None:
                if recipe is None:
                    raise ValueError("a generated recording needs a plan or a recipe")
                plan = _plan_of(recipe)
            elif recipe is not None:
                _keep_plan(recipe, plan)
            channel_ids = np.array([str(i) for i in range(plan.n_channels)])
            super().__init__(
                sampling_frequency=plan.sample_rate_hz,
                channel_ids=channel_ids,
                dtype=plan.dtype,
            )
            self.add_recording_segment(Segment(plan, drifting))
            attach_probe(self, plan)
            source = {"plan": plan} if recipe is None else {"recipe": dict(recipe)}
            self._kwargs: dict[str, Any] = {**source, "drifting": drifting}
            self._serializability["json"] = recipe is not None

    for made in (GeneratedRecording, Segment):
        made.__module__ = __name__
    GeneratedRecording.__qualname__ = "GeneratedRecording"
    return GeneratedRecording
