from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gtview.cli import main


@pytest.mark.slow
def test_that_the_bench_measures_both_sides(tmp_path):
    done = CliRunner().invoke(
        main, ["bench-generation", "--json", "--seconds", "2", "--folder", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["speedup"] == pytest.approx(
        found["spikeinterface_s_per_s"] / found["s_per_s"], rel=0.02
    )
    assert found["realtime_factor"] == pytest.approx(1 / found["s_per_s"], rel=0.02)
    for name in ("peak_rss_mb", "templates_s", "templates_mb", "look_50ms_ms", "seconds"):
        assert found[name] > 0
    assert "load" in found
    assert list(tmp_path.iterdir()) == []
