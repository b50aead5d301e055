"""How parts are looked at beside the whole: those of a merge, and those of a split."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PartsSettings:
    """Correlograms and waveforms of each part."""

    bin_ms: float = field(default=1.0, metadata={"label": "Bin", "min": 0.1, "max": 20.0})
    window_ms: float = field(default=60.0, metadata={"label": "Window", "min": 5.0, "max": 1000.0})
    refractory_ms: float = field(
        default=2.0,
        metadata={
            "label": "Refractory period",
            "help": "Shorter intervals are violations.",
            "min": 0.1,
            "max": 20.0,
        },
    )
    n_waveforms: int = field(
        default=100,
        metadata={"label": "Raw waveforms of each part", "min": 0, "max": 1000},
    )
