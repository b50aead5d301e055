"""What the feature view says about what it shows."""

from __future__ import annotations

from .feature_query import Known


def describe_features(known: Known, n_selected: int) -> str:
    """Return the status, such as "1,237 spikes, 12 without features, background 10,000 of ..."."""
    data = known.data
    n_shown = len(known.asked.spike_ids)
    n_spikes = sum(len(spikes) for spikes in known.asked.spike_ids)
    n_read = sum(c.n_asked for c in data.clusters)
    count = f"{n_spikes:,} {'spike' if n_spikes == 1 else 'spikes'}"
    parts = [
        f"first {n_shown} of {n_selected} clusters" if n_selected > n_shown else "",
        count if n_read == n_spikes else f"{n_read:,} of {count}, reading",
        _counted(sum(c.n_without for c in data.clusters), "without features"),
        _counted(sum(c.n_off_channels for c in data.clusters), "not on these channels"),
        _counted(sum(c.n_not_finite for c in data.clusters), "not finite"),
    ]
    if data.background is not None:
        behind = data.background
        n_grey = behind.features.n_asked
        parts.append(
            f"background all {n_grey:,}"
            if n_grey == behind.n_all
            else f"background {n_grey:,} of {behind.n_all:,}"
        )
    return ", ".join(filter(None, parts))


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}" if n else ""
