"""A program that is killed at any moment loses no action that was told to be safe."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time

import numpy as np
import pytest
from curating import clusters_of, labels_of, make_export, open_session, random_action

from gtview.data.journal_file import read_journal

# 200 for a thorough run.
N_KILLS = int(os.environ.get("GTVIEW_TEST_KILLS", "20"))

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def digest(session):
    labels = sorted((f, sorted(v.items())) for f, v in labels_of(session).items())
    return hashlib.sha1(clusters_of(session).tobytes() + repr(labels).encode()).hexdigest()


def curate(folder, seed, out):
    """Curate until killed; tell "did <lines> <digest>" at once and "safe <lines>" when it is."""
    session = open_session(folder)
    rng = np.random.default_rng(seed)
    writer = session.curation.keeping._journal.writer

    def tell(text):
        os.write(out, f"{text}\n".encode())

    writer.on_written = lambda ticket: tell(f"safe {ticket}")
    before = 0
    for k in range(100_000):
        random_action(rng, session)
        if writer._asked > before:
            before = writer._asked
            tell(f"did {before} {digest(session)}")
        if k % 7 == 6:
            tell("saving")
            session.curation.saving.save()
            tell("saved")
            before = writer._asked
            tell(f"did {before} {digest(session)}")


def run_and_kill(folder, seed):
    """Return what the child told until it was killed: at any moment, or (odd seeds) in a save."""
    source, out = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(source)
            curate(folder, seed, out)
        finally:
            os._exit(1)
    os.close(out)
    with os.fdopen(source, "rb") as pipe:
        first = pipe.readline()
        if seed % 2:
            while not first.endswith(b"saving\n"):
                first += pipe.readline()
        time.sleep(random.Random(seed).uniform(0, 0.05 if seed % 2 else 0.35))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        told = first + pipe.read()
    return [line.split() for line in told.decode().splitlines()]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_that_killing_loses_nothing_that_was_told_to_be_safe(tmp_path):
    open_session(make_export(tmp_path / "warm", n_spikes=60)).curation.keeping.close()
    n_saves = n_inside = 0
    for seed in range(N_KILLS):
        folder = make_export(tmp_path / f"export{seed}", n_spikes=120, seed=seed)
        told = run_and_kill(folder, seed)
        n_inside += [w[0] for w in told if w[0] in ("saving", "saved")][-1:] == ["saving"]
        safe = max((int(w[1]) for w in told if w[0] == "safe"), default=0)
        digests = {int(w[1]): w[2] for w in told if w[0] == "did" and len(w) == 3}

        lines = read_journal(folder / ".gtview/journal.jsonl")
        n_lines = 0 if lines is None else len(lines.records)
        assert n_lines >= safe, f"seed {seed}: {safe} lines were told to be safe"
        again = open_session(folder)
        assert again.curation.question == "", f"seed {seed}"
        assert not any("damaged" in m for m in again.curation.messages), f"seed {seed}"
        # Lines about saves change nothing: the state is that of the last action before them.
        known = [k for k in digests if k <= n_lines]
        if known and n_lines in digests:
            assert digest(again) == digests[n_lines], f"seed {seed}"
        again.curation.go_to(0)
        np.testing.assert_array_equal(clusters_of(again), np.load(folder / "spike_templates.npy"))
        again.curation.saving.save(overwrite=False)
        assert again.curation.keeping.close()
        n_saves += sum(r.get("op") == "saving" for r in lines.records) if lines else 0
    assert n_saves > 0, "no save was ever begun: the test would show nothing"
    assert n_inside > 0, "no save was ever cut short: the test would show nothing"
