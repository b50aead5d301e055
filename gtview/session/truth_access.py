"""The truth at the spike for a session: states, matrix and causes of the clusters as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scoring.thresholds import Thresholds
from .events import DeltaChanged, SizesMeasured, StatesChanged, ThresholdsChanged
from .scoring import DELTA_MS, scoring_query
from .spike_truth import SpikeTruth, TruthFacts

if TYPE_CHECKING:
    from ..scoring.causes import SpikeCauses
    from ..scoring.scores import Scores
    from ..scoring.spike_matrix import SpikeMatrix
    from ..scoring.states import SpikeStates
    from .session import Session


class TruthAccess:
    """Hands out what became of each spike, and owns the numbers by which it is judged.

    A view takes `current` in its query and calls `current.states()`, `.matrix()` or `.causes()`
    in its compute. Nobody computes the same twice. Until the new ones are there, `states`,
    `spike_matrix` and `causes` are those of the scores before.

    Parameters
    ----------
    session
        Whose truth it is.

    Attributes
    ----------
    thresholds
        Where the categories begin; see `set_thresholds`.
    delta_ms
        Largest distance of a match; see `set_delta_ms`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._facts: TruthFacts | None = None
        self._current: SpikeTruth | None = None
        self._before: SpikeTruth | None = None
        self.thresholds = Thresholds()
        self.delta_ms = DELTA_MS

    @property
    def facts(self) -> TruthFacts | None:
        """What never changes of the recording and its truth; None without a truth."""
        session = self._session
        if session.truth is None:
            return None
        if self._facts is None or self._facts.truth is not session.truth:
            self._facts = TruthFacts(session.dataset, session.truth)
        return self._facts

    @property
    def current(self) -> SpikeTruth | None:
        """What can be asked about the spikes; None until there are scores."""
        scores, facts = self._session.scores, self.facts
        if scores is None or facts is None:
            self._current = self._before = None
            return None
        if self._current is None or self._current.scores is not scores:
            before = self._current
            if before is not None and before.known_states is not None:
                self._before = before
            self._current = SpikeTruth(scoring_query(self._session), scores, facts, self._before)
        return self._current

    @property
    def states(self) -> SpikeStates | None:
        """State and partner of every spike, as far as known; else those before the last change."""
        current = self.current
        if current is None:
            return None
        older = None if self._before is None else self._before.known_states
        return current.known_states or older

    @property
    def spike_matrix(self) -> SpikeMatrix | None:
        """Where the spikes went, as far as known; else before the last change."""
        current = self.current
        if current is None:
            return None
        older = None if self._before is None else self._before.known_matrix
        return current.known_matrix or older

    @property
    def causes(self) -> SpikeCauses | None:
        """Why true spikes are not found, as far as known; else before the last change."""
        current = self.current
        if current is None:
            return None
        older = None if self._before is None else self._before.known_causes
        return current.known_causes or older

    def adjusted(self, scores: Scores) -> Scores:
        """Return new scores with the thresholds as they are now."""
        from ..scoring.scores import recategorize

        is_same = scores.thresholds == self.thresholds
        return scores if is_same else recategorize(scores, self.thresholds)

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Judge by other thresholds, at once: no spike is matched again; and tell it.

        States and the matrix stay as they are; causes are told anew.
        """
        if thresholds == self.thresholds:
            return
        self.thresholds = thresholds
        session = self._session
        with session.bus.hold():
            if session.scores is not None:
                known = self.current
                session.replace_scores(self.adjusted(session.scores))
                now = self.current
                if known is not None and now is not None:
                    now.take_states(known)
            session.bus.publish(ThresholdsChanged(thresholds))

    def set_delta_ms(self, delta_ms: float) -> None:
        """Ask for another largest distance of a match; the scores as they are stay until then."""
        if delta_ms != self.delta_ms:
            self.delta_ms = delta_ms
            self._session.bus.publish(DeltaChanged(delta_ms))

    def tell_sizes(self) -> None:
        """Tell that the sizes of the true spikes are known; in the GUI thread."""
        for known in (self._current, self._before):
            if known is not None:
                known.forget_causes()
        self._session.bus.publish(SizesMeasured())

    def tell_states(self) -> None:
        """Tell that the states of the current scores are known; in the GUI thread."""
        if self._before is not None and self._before.known_causes is None:
            self._before = None  # nothing of it is shown any more
        self._session.bus.publish(StatesChanged())
