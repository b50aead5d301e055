"""An export that can be curated, and what is known of it before the first action."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..data.dataset import Dataset
from ..data.export_stamp import ExportStamp
from ..data.journal_file import FOLDER, JournalLines
from ..data.spikes import MAX_CLUSTER_ID
from ..data.tables import ClusterProperties
from .clustering import Clustering
from .fingerprint import Fingerprint
from .history import History
from .journal import Journal
from .labels import Labels
from .replay import Replay, Saved
from .state import CurationState

# What to do when another program has changed the clusters since they were saved here.
OnChange = Literal["ask", "file", "journal"]
# Tables may name clusters that do not exist; far larger numbers are no clusters at all.
_HIGHEST_BELIEVED = MAX_CLUSTER_ID - 100_000


@dataclass(frozen=True, slots=True, eq=False)
class Started:
    """An export that can be curated.

    Attributes
    ----------
    state, history
        As the journal left them.
    journal
        Where actions are written; None: nowhere, as long as `question` is not answered, or for a
        dataset that is in no folder.
    stamp
        What was on the disk.
    store
        Folder of journal and backups; it need not exist.
    messages
        Sentences for the user.
    question
        What the user has to decide before anything can be changed; "" for nothing. The answer is
        given by opening again with `on_change`.
    known_hashes
        Assignments whose ids name what they name here.
    """

    state: CurationState
    history: History
    journal: Journal | None
    stamp: ExportStamp
    store: Path
    messages: tuple[str, ...] = ()
    question: str = ""
    known_hashes: frozenset[str] = frozenset()


CHANGED = (
    "Another program has changed the clusters of this export since they were curated here. "
    "Go on with its clusters (the history that was kept here is put aside), or with those of "
    "the history (its clusters are kept as a backup when you save)?"
)


def start_in_memory(dataset: Dataset, clustering: Clustering | None = None) -> Started:
    """Begin without a journal: nothing is read or written."""
    if clustering is None:
        clustering = Clustering(dataset.spike_clusters, dataset.time_order)
    state = CurationState(clustering, Labels(dataset.properties))
    stamp = ExportStamp("", (-1, -1, -1), {})
    return Started(state, History(state), None, stamp, dataset.folder / FOLDER)


def known_hashes_of(lines: JournalLines, fingerprint: Fingerprint) -> frozenset[str]:
    """Return the hashes of all assignments that a journal knows."""
    saved = (r.get("spike_clusters") for r in lines.records if r.get("op") in ("saved", "saving"))
    return frozenset({fingerprint.spike_clusters, *(str(h) for h in saved)})


def find_saved_position(
    done: Replay, history: History, hash_now: str, fingerprint: Fingerprint
) -> int | None:
    """Return the position that is on the disk; None when it is not on the stack, or not whole."""
    if done.saves and not done.saves[-1].is_done:
        return None
    last: Saved | None = next((s for s in reversed(done.saves) if s.is_done), None)
    if last is not None:
        is_it = last.clusters_hash == hash_now
        return history.position_of(last.number) if is_it else None
    return 0 if hash_now == fingerprint.spike_clusters else None


def free_in_tables(properties: ClusterProperties) -> int:
    """Return an id above all that tables name: a new cluster must find no label there."""
    ids = (i for name in properties.names for i in properties.values(name))
    return max((i for i in ids if i <= _HIGHEST_BELIEVED), default=-1) + 1


def read_phy_next_id(folder: Path) -> int:
    """Return the id that phy would give next, 0 where it does not say."""
    try:
        text = (folder / ".phy" / "new_cluster_id.json").read_text(encoding="utf-8")
        value = int(json.loads(text)["new_cluster_id"])
    except (OSError, ValueError, TypeError, KeyError):
        return 0
    return value if 0 <= value <= _HIGHEST_BELIEVED else 0
