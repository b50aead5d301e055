"""One sorting as it is on disk: arrays that never change; parts that are missing are None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base.types import Float32Array, FloatArray, Int32Array, Int64Array

if TYPE_CHECKING:
    from .diagnostics import Diagnostic
    from .features import FeatureFile
    from .recording import RawRecording
    from .tables import ClusterProperties
    from .templates import TemplateStore


@dataclass(frozen=True, slots=True, eq=False)
class Channels:
    """The channels that were sorted.

    Attributes
    ----------
    raw_channels : int32 array, (n_channels,)
        Column of the raw file of each channel (`channel_map.npy`).
    positions_um : float32 array, (n_channels, 2)
        x and depth of each channel.
    shanks : int32 array, (n_channels,)
        Shank of each channel.
    """

    raw_channels: Int32Array
    positions_um: Float32Array
    shanks: Int32Array

    @property
    def n_channels(self) -> int:
        """Number of rows of the channel map."""
        return len(self.raw_channels)


@dataclass(frozen=True, slots=True)
class Gain:
    """Microvolts per unit of the raw file, and where that number comes from.

    `source` is a sentence part such as "params.py" or "set by you".
    """

    uv_per_bit: float
    source: str


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A sorter's export, read and checked. Arrays are read-only and may be memory-mapped.

    A spike id is a row of the files, whatever the order of the times in them.

    Attributes
    ----------
    folder
        Folder of the export.
    kind
        `gtview`, `kilosort`, `kilosort4`, `spyking-circus`, `spikeinterface` or `phy`.
    sample_rate_hz
        Samples a second.
    spike_samples : int64 array, (n_spikes,)
        Sample of each spike, in file order.
    time_order : int64 array, (n_spikes,), or None
        Spike ids by increasing time; None when the file order already is (the usual case).
    spike_templates : int32 array, (n_spikes,)
        Template that found each spike: always from 0 to `n_templates` - 1 (where the files say
        otherwise, empty templates were added and told).
    spike_clusters : int32 array, (n_spikes,)
        First assignment: `spike_clusters.npy`, read into memory, or `spike_templates`. Ids are
        from 0 to one million.
    amplitudes : float32 array, (n_spikes,), or None
        The sorter's amplitude of each spike, in its own unit.
    spike_positions_um : float32 array, (n_spikes, 2), or None
        x and depth of each spike.
    spike_attributes : mapping of name to array, (n_spikes, ...)
        Every other `spike_<name>.npy` of the right length, in its own dtype, mapped.
    channels
        Channel map, positions and shanks.
    templates, similar_templates, pc_features, template_features, raw, gain
        See their classes; `similar_templates` is float32, (n_templates, n_templates).
    n_raw_channels
        Channels in the raw file (`n_channels_dat`).
    duration_s
        Length of the recording; up to the last spike when the raw file is missing.
    has_whitening
        Whether the export has a whitening matrix that is not the identity.
    is_high_passed
        Whether the raw file is already high-pass filtered (`hp_filtered`).
    template_gain : float32 array, (n_templates,), or None
        Factor from an unwhitened template to the size of its spikes in raw units (Kilosort 1 to 3
        store templates of unit size: the median amplitude of their spikes; SpikeInterface mostly
        stores microvolts: one over the gain); None: 1.
    properties
        Every column of every cluster table.
    diagnostics
        What the reader noticed.
    raw_path_asked
        What `dat_path` says, for the sentence about a missing raw file.
    """

    folder: Path
    kind: str
    sample_rate_hz: float
    spike_samples: Int64Array
    time_order: Int64Array | None
    spike_templates: Int32Array
    spike_clusters: Int32Array
    amplitudes: Float32Array | None
    spike_positions_um: Float32Array | None
    spike_attributes: Mapping[str, FloatArray]
    channels: Channels
    templates: TemplateStore | None
    similar_templates: Float32Array | None
    pc_features: FeatureFile | None
    template_features: FeatureFile | None
    raw: RawRecording | None
    gain: Gain | None
    n_raw_channels: int
    duration_s: float
    has_whitening: bool
    is_high_passed: bool
    template_gain: Float32Array | None
    properties: ClusterProperties
    diagnostics: tuple[Diagnostic, ...] = ()
    raw_path_asked: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def n_spikes(self) -> int:
        """Number of spikes."""
        return len(self.spike_samples)

    @property
    def n_templates(self) -> int:
        """Number of templates: rows of `templates.npy`, else one more than the largest id."""
        if self.templates is not None:
            return self.templates.n_templates
        return int(self.spike_templates.max()) + 1 if self.n_spikes else 0

    @property
    def amplitude_unit(self) -> str:
        """`uV` when the gain is known, else `arb.`."""
        return "arb." if self.gain is None else "\N{MICRO SIGN}V"

    @property
    def uv_per_bit(self) -> float:
        """Factor from raw units to what axes show: the gain, or 1."""
        return 1.0 if self.gain is None else self.gain.uv_per_bit
