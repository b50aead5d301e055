"""What a split would be, before it is done: which spikes, of which clusters, and what stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..base.errors import UsageError
from ..base.types import Int32Array, frozen
from ..kernels.grouping import group_by_value
from .events import ClusteringChanged, SelectionChanged, SplitProposed
from .proposals import LeftOut, Proposal, Touched

if TYPE_CHECKING:
    from ..curation.changes import Change
    from .session import Session

NOTHING_PROPOSED = (
    "Nothing is proposed: draw around spikes with Shift held, or ask for a suggestion (Ctrl+K)."
)


class Splitting:
    """Holds the split that is proposed, at most one; another selection forgets it.

    Parameters
    ----------
    session
        Whose clusters would be split.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.proposal: Proposal | None = None
        session.bus.subscribe(ClusteringChanged, self._on_clusters)
        session.bus.subscribe(SelectionChanged, self._on_selection)

    @property
    def sentence(self) -> str:
        """What would happen; "" when nothing is proposed."""
        return "" if self.proposal is None else self.proposal.sentence

    def propose(
        self,
        groups: Int32Array | Sequence[Int32Array],
        source_text: str,
        *,
        left_out: LeftOut | None = None,
        source: object = None,
    ) -> Proposal | None:
        """Propose to give sets of spikes clusters of their own; nothing is changed yet.

        Parameters
        ----------
        groups : int32 array, or several, (n,)
            Spikes of each new cluster, in any order; empty sets are left out.
        source_text
            How it was made: "lasso in Features".
        left_out
            Spikes that could not be judged.
        source
            Whoever proposes it.

        Returns
        -------
        Proposal or None
            None when there are no spikes: what was proposed before is forgotten then.
        """
        made = self._make(groups, source_text, left_out or LeftOut(), source)
        self._set(made)
        return made

    def cut_out(
        self,
        spike_ids: Int32Array,
        source_text: str,
        *,
        left_out: LeftOut | None = None,
        source: object = None,
    ) -> Proposal | None:
        """Propose to split off one set of spikes; out of a suggestion of several parts, if any.

        Of such a suggestion the spikes become a part of their own. Parameters as for `propose`.
        """
        base = self._suggestion()
        if base is None or not len(spike_ids):
            return self.propose(spike_ids, source_text, left_out=left_out, source=source)
        chosen = np.sort(np.asarray(spike_ids, np.int32))
        rests = [np.setdiff1d(part, chosen, assume_unique=True) for part in base.parts]
        text = f"{base.source_text}, {source_text}"
        made = self._make([*rests, chosen], text, left_out or LeftOut(), source, base)
        self._set(made)
        return made

    def clear(self, source: object = None) -> None:
        """Forget what is proposed; with a source, only if it was proposed by that one."""
        if self.proposal is not None and source in (None, self.proposal.source):
            self._set(None)

    def accept(self) -> Change:
        """Split as it is proposed; all parts are selected.

        Raises
        ------
        UsageError
            Nothing is proposed, or it cannot be done.
        """
        if self.proposal is None:
            raise UsageError(NOTHING_PROPOSED)
        return self._session.curation.split(self.proposal.parts)

    # Behind it -------------------------------------------------------------------------------

    def _suggestion(self) -> Proposal | None:
        now = self.proposal
        if now is None:
            return None
        return now.base or (now if len(now.parts) > 1 else None)

    def _make(
        self,
        groups: Int32Array | Sequence[Int32Array],
        source_text: str,
        left_out: LeftOut,
        source: object,
        base: Proposal | None = None,
    ) -> Proposal | None:
        arrays = [groups] if isinstance(groups, np.ndarray) and groups.ndim == 1 else list(groups)
        parts = tuple(frozen(np.sort(np.asarray(a, np.int32))) for a in arrays if len(a))
        if not parts:
            return None
        state = self._session.selection.state
        return Proposal(
            parts,
            tuple(self._touched(parts, left_out.counts)),
            free_colors(state.color_ids, len(parts)),
            source,
            source_text,
            left_out.why,
            state.time_window_s,
            base,
        )

    def _touched(
        self, parts: Sequence[Int32Array], left_out: Mapping[int, int]
    ) -> Iterator[Touched]:
        clustering = self._session.clustering
        counts: dict[int, list[int]] = {}
        for k, part in enumerate(parts):
            found, offsets, _ = group_by_value(clustering.clusters_of(part))
            for cluster_id, n in zip(found.tolist(), np.diff(offsets).tolist(), strict=True):
                counts.setdefault(cluster_id, [0] * len(parts))[k] = n
        for cluster_id in sorted(counts):
            yield Touched(
                cluster_id,
                clustering.n_spikes_of(cluster_id),
                tuple(counts[cluster_id]),
                left_out.get(cluster_id, 0),
            )

    def _set(self, proposal: Proposal | None) -> None:
        if proposal is not self.proposal:
            self.proposal = proposal
            self._session.bus.publish(SplitProposed())

    def _on_clusters(self, _event: ClusteringChanged) -> None:
        self.clear()

    def _on_selection(self, event: SelectionChanged) -> None:
        if event.touches("cluster_ids", "similar_ids"):
            self.clear()


def free_colors(taken: Iterable[int], n: int) -> tuple[int, ...]:
    """Return the first places in the colour list that are not taken."""
    used = {*taken}
    return tuple([k for k in range(len(used) + n) if k not in used][:n])


__all__ = ["NOTHING_PROPOSED", "LeftOut", "Proposal", "Splitting", "Touched", "free_colors"]
