"""Reads the traces beside what is seen, in a thread of its own, while nobody waits."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..analysis.trace_blocks import TraceBlocks

_log = logging.getLogger(__name__)


class ReadAhead:
    """Prepares the windows after and before the one that is seen; the latest request counts."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._token: object = None

    def ask(self, blocks: TraceBlocks, start: int, stop: int, cutoff_hz: float | None) -> None:
        """Read what is beside an interval of samples."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="gtview-read-ahead")
        token = self._token = object()
        self._thread.submit(self._read, token, blocks, start, stop, cutoff_hz)

    def close(self) -> None:
        """Stop after the block that is being read."""
        self._token = None
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._thread = None

    def wait(self) -> None:
        """Wait until everything asked for is read."""
        if self._thread is not None:
            self._thread.submit(lambda: None).result()

    def _read(
        self, token: object, blocks: TraceBlocks, start: int, stop: int, cutoff_hz: float | None
    ) -> None:
        length = stop - start
        try:
            for first in (stop, start - length):
                blocks.read_ahead(first, first + length, cutoff_hz, lambda: self._token is token)
        except Exception as error:  # noqa: BLE001  (told when somebody looks at that place)
            _log.info("reading ahead failed: %s", error)
