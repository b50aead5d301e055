"""What the form calls the fields of a recipe, in which groups they are, and when they matter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...generation.draft import RecipeDraft
from ...generation.fields import FieldSpec
from ...qt.form import name_of

# Titles of groups, and the parts of a recipe in them.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Recording", ("name", "description", "duration_s", "sample_rate_hz", "seed")),
    ("Probe", ("probe",)),
    ("Units", ("n_units", "locations")),
    ("Templates", ("templates",)),
    ("Motion", ("motion",)),
    ("Spikes", ("spikes", "amplitudes")),
    ("Noise", ("noise",)),
    ("Hybrid", ("hybrid",)),
    ("Output", ("output",)),
)
# It has one possible value, and is written by the program.
NOT_ASKED = ("schema_version",)

_LABELS = {
    "alpha": "Amplitude at unit",
    "amplitude_factor": "Part of the range",
    "amplitude_uv": "Amplitude",
    "bursts": "Bursts",
    "depth_um": "Depth",
    "dtype": "Numbers",
    "ellipse_angle": "Angle of ellipse",
    "ellipse_shrink": "Short over long axis",
    "explicit_um": "Places",
    "fading": "Slow fading",
    "far_units": "Far units",
    "given": "Trains of a folder",
    "has_static": "Static recording too",
    "hybrid": "Into a real recording",
    "interval_ms": "Interval",
    "is_common": "All units together",
    "is_distance_strict": "Refuse nearer units",
    "is_per_shank": "Count on each shank",
    "is_relocated": "Move along the probe",
    "is_silent_unit_refused": "Refuse hidden units",
    "jitter_ms": "Jitter",
    "levels_uv": "Level",
    "margin_um": "Margin",
    "max_iterations": "Tries to keep apart",
    "min_snr": "Smallest SNR",
    "mode": "Shape in space",
    "modulation": "Rates that change",
    "motion_path": "Follow a motion",
    "motions": "Motions",
    "ms_after": "Window after",
    "ms_before": "Window before",
    "n_in_column": "Contacts in a column",
    "non_rigid_gradient": "Gradient",
    "propagation_speed": "Propagation",
    "per_shank": "Near each shank only",
    "positive_amplitude": "Positive peak",
    "rates_hz": "Firing rates",
    "ratio": "Spikes added",
    "real": "Noise of a recording",
    "refractory_ms": "Refractory period",
    "sampling_hz": "Positions a second",
    "scale_range": "Scaled size",
    "shanks": "Shanks",
    "size": "Units of an event",
    "spatial_decay": "Decay in space",
    "spatial_decay_um": "Correlated over",
    "spatial_power": "Exponent in space",
    "spatial_profile": "Profile in space",
    "std": "Spread of sizes",
    "step_um": "Step of templates",
    "synchrony": "Synchrony",
    "t_end_s": "Ends",
    "t_start_s": "Begins",
    "templates": "Templates",
    "values_hz": "Values a second",
    "values_um": "Displacements",
    "x_pitch_um": "Distance of columns",
    "y_pitch_um": "Distance in a column",
    "y_shifts_um": "Shift of each column",
    "z_um": "Distance to probe",
}
_CHOICES = {
    "named": "By name",
    "neuropixels": "Neuropixels part number",
    "multi_column": "Several columns",
    "multi_shank": "Several shanks",
    "linear": "One column",
    "tetrode": "Tetrode",
    "file": "From a file",
    "zigzag": "Zigzag",
    "bump": "Bumps",
    "random_walk": "Random walk",
    "explicit": "Listed",
    "multimodal": "By layer",
    "uniform": "Everywhere",
    "export": "Clusters of an export",
    "synthetic": "Made by the model",
    "as is": "As they are",
    "snr": "An SNR",
    "uv": "Microvolts",
    "int16": "int16, with a gain",
    "float32": "float32, microvolts",
}
_CHOICES_OF = {("probe", "library"): "Probeinterface library", ("templates", "library"): "Library"}
# What is said in place of a number that is switched off.
_OFF = {
    "propagation_speed": "at once",
    "minimum_distance_um": "any",
    "non_rigid_gradient": "rigid: the same everywhere",
    "t_start_s": "with the recording",
    "t_end_s": "with the recording",
    "seed": "from the seed above",
    "bank": "all",
    "n_contacts": "all that are left",
    "shanks": "all",
    "y_shifts_um": "none",
    "spatial_decay_um": "channels are independent",
    "duration_s": "to its end",
    "band_hz": "not limited",
    "folder": "public database (network)",
    "motion_path": "units stay where they are",
    "given": "drawn from the rates",
    "explicit_um": "not listed",
}
# Where a number begins that was switched off.
_FIRST = {
    "propagation_speed": {"range": [250.0, 350.0]},
    "minimum_distance_um": 18.0,
    "non_rigid_gradient": 0.5,
    "t_start_s": 60.0,
    "t_end_s": 300.0,
    "seed": 1,
    "bank": 0,
    "n_contacts": 64,
    "shanks": [0],
    "y_shifts_um": [0.0, 10.0, 0.0],
    "spatial_decay_um": 25.0,
    "duration_s": 10.0,
    "band_hz": {"range": [300.0, 6000.0]},
    "amplitude_uv": {"range": [50.0, 500.0]},
    "depth_um": {"range": [0.0, 4000.0]},
    "min_snr": 5.0,
    "folder": "",
    "motion_path": "",
    "given": "",
    "explicit_um": [[0.0, 100.0, 20.0]],
}


def label_of(spec: FieldSpec) -> str:
    """Return what a field is called."""
    return _LABELS.get(spec.name) or name_of(spec.name)[0]


def unit_text(unit: str) -> str:
    """Return a unit as it is written: "um" with its Greek letter."""
    return unit.replace("um", "\N{MICRO SIGN}m").replace("uV", "\N{MICRO SIGN}V")


def choice_text(field: str, value: Any) -> str:
    """Return what a choice is called."""
    text = str(value)
    return _CHOICES_OF.get((field, text)) or _CHOICES.get(text) or text.capitalize()


def off_text(spec: FieldSpec) -> str:
    """Return what is said while a field is null."""
    return _OFF.get(spec.name, "any")


def first_value(spec: FieldSpec) -> Any:
    """Return where a field begins when it is no longer null."""
    return _FIRST.get(spec.name) if spec.default is None else spec.default


def unit_of(path: str, spec: FieldSpec, draft: RecipeDraft) -> str:
    """Return the unit of a field now; that of some depends on another field."""
    if path == "hybrid.scale_range":
        return {"uv": unit_text("uV"), "snr": "SNR"}.get(str(draft.get("hybrid.scale_to")), "")
    return unit_text(spec.limits.unit)


def _is(path: str, *values: Any) -> Callable[[RecipeDraft], bool]:
    return lambda draft: draft.get(path) in values


_MATTERS: dict[str, Callable[[RecipeDraft], bool]] = {
    "locations.n_modes": _is("locations.distribution", "multimodal"),
    "locations.explicit_um": _is("locations.distribution", "explicit"),
    "templates.unit_params.ellipse_shrink": _is("templates.mode", "ellipsoid"),
    "templates.unit_params.ellipse_angle": _is("templates.mode", "ellipsoid"),
    "templates.unit_params.spatial_power": _is("templates.spatial_profile", "power"),
    "noise.exponent": _is("noise.kind", "pink"),
    "noise.band_hz": _is("noise.kind", "band", "pink"),
    "noise.levels_uv": _is("noise.kind", "gaussian", "pink", "band"),
    "noise.spatial_decay_um": _is("noise.kind", "gaussian", "pink", "band"),
    "hybrid.scale_range": _is("hybrid.scale_to", "snr", "uv"),
    "output.gain_uv": _is("output.dtype", "int16"),
}


def matters(path: str, draft: RecipeDraft) -> bool:
    """Whether a field changes anything, as the others are now."""
    rule = _MATTERS.get(path)
    return rule is None or rule(draft)
