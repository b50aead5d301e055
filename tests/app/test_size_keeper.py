"""True spikes are measured in the background; whoever looks at causes sees them then."""

from __future__ import annotations

import numpy as np
import pytest
from factories import make_phy_folder
from opening_in_tests import open_in

from gtview.app.waiting import wait_until, wait_until_drawn
from gtview.session import true_sizes
from gtview.session.events import SizesMeasured


@pytest.fixture
def export(tmp_path):
    """An export with its recording, and a truth of spikes and nothing else."""
    made = make_phy_folder(
        tmp_path / "phy", n_spikes=1200, n_clusters=4, n_channels=8, dialect="kilosort4",
        duration_s=6.0, with_raw=True,
    )  # fmt: skip
    truth = tmp_path / "ground_truth"
    truth.mkdir()
    np.save(truth / "spike_times.npy", made.spike_samples)
    np.save(truth / "spike_units.npy", made.spike_templates)
    return made.path


def open_and_wait(window, export):
    open_in(window, export)
    heard = []
    window.session.bus.subscribe(SizesMeasured, heard.append)
    assert wait_until_drawn(window, 60)
    return heard


def test_that_true_spikes_are_measured_by_themselves(window, export):
    heard = open_and_wait(window, export)
    facts = window.session.truth_access.facts
    assert wait_until(window, lambda: facts.sizes is not None and bool(heard), 60)
    assert wait_until(window, lambda: not window.background.sizes.is_busy, 60)
    assert len(heard) == 1
    assert np.isfinite(facts.sizes).mean() > 0.5
    assert not window.truth.can_measure
    assert "Measuring the true" not in window.status.work_text.text()
    current = window.session.truth_access.current
    assert not any("sizes" in why for why in current.causes().unknown.values())


def test_that_a_large_recording_is_read_when_somebody_asks(window, export, monkeypatch):
    monkeypatch.setattr(true_sizes, "AUTOMATIC_BYTES", 1000)
    open_and_wait(window, export)
    keeper = window.background.sizes
    assert wait_until(window, lambda: window.session.states is not None, 60)
    assert not keeper.is_busy
    assert window.truth.can_measure
    assert not window.truth.is_measuring
    window.truth.toggle_measuring()
    assert window.truth.is_measuring
    assert "Measuring the true spikes in the recording, 0 %" in window.status.work_text.text()
    # Once more: stop.
    window.truth.toggle_measuring()
    assert not window.truth.is_measuring
    assert "Measuring the true" not in window.status.work_text.text()
    facts = window.session.truth_access.facts
    assert facts.sizes is None
    window.truth.toggle_measuring()
    assert wait_until(window, lambda: facts.sizes is not None and not keeper.is_busy, 60)


def test_that_a_recording_that_is_gone_is_no_fault_of_the_window(window, export):
    (export.parent / "raw.bin").write_bytes(b"")
    open_and_wait(window, export)
    assert wait_until(window, lambda: window.session.states is not None, 60)
    assert wait_until(window, lambda: not window.background.sizes.is_busy, 60)
    assert window.session.truth_access.facts.sizes is None
