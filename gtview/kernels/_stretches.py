"""Stretches of time: of spikes that hang together, and of so many that they stay at hand."""

from __future__ import annotations

from typing import Any

from ._jit import kernel

# About as many spikes of all trains in one block of time: what belongs to them stays in a cache.
_BLOCK = 1 << 16


@kernel
def next_stretch(
    first: Any, i: int, i_end: int, second: Any, j: int, j_end: int, delta: int
) -> tuple[int, int, int, int]:
    """Return where the next stretch begins and stops in either sequence; empty: there is none."""
    while i < i_end and j < j_end:
        if second[j] < first[i] - delta:
            j += 1
            continue
        if second[j] > first[i] + delta:
            i += 1
            continue
        # As long as the next spike of either sequence is near the last of the other.
        i_stop, j_stop = i + 1, j + 1
        grows = True
        while grows:
            grows = False
            while i_stop < i_end and first[i_stop] <= second[j_stop - 1] + delta:
                i_stop += 1
                grows = True
            while j_stop < j_end and second[j_stop] <= first[i_stop - 1] + delta:
                j_stop += 1
                grows = True
        return i, i_stop, j, j_stop
    return i_end, i_end, j_end, j_end


@kernel
def first_block(samples: Any, offsets: Any) -> tuple[int, int]:
    """Return where the first block of time ends, and how long each is, for some of the trains."""
    is_any, first, last = False, 0, 0
    for train in range(len(offsets) - 1):
        if offsets[train + 1] > offsets[train]:
            begin, end = samples[offsets[train]], samples[offsets[train + 1] - 1]
            first = min(first, begin) if is_any else begin
            last = max(last, end) if is_any else end
            is_any = True
    width = (last - first) // (len(samples) // _BLOCK + 1) + 1
    return first + width, width
