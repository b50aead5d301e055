"""How large the copies of features may be, and their end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..data.copy_store import DEFAULT_MAX_BYTES, CopyStore
from ..data.size_store import SizeStore

if TYPE_CHECKING:
    from .main_window import MainWindow

SETTING = "cache.features_gb"
LARGEST_GB = 10_000.0
_GB = 1e9


class WindowCache:
    """The actions about the copies of features that are kept on disk."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._use(self._size_gb())

    def ask_size(self) -> None:
        """Ask how large all copies together may be; 0: none are made."""
        size_gb = self._window.dialogs.ask_number(
            "Size of the cache",
            f"{self._sentence()} All together may take, in GB (0: none are made):",
            self._size_gb(),
            LARGEST_GB,
        )
        if size_gb is not None:
            self._window.settings.set(SETTING, size_gb)
            self._use(size_gb)
            CopyStore.of_user(self._window.background.copies_max_bytes).shrink()

    def clear(self) -> None:
        """Delete all copies, when the user agrees."""
        if self._window.dialogs.confirm("Clear the cache", f"{self._sentence()} Delete them?"):
            self._window.background.stop_copying()
            CopyStore.of_user().clear()
            SizeStore.of_user().clear()

    def _size_gb(self) -> float:
        size_gb = self._window.settings.get(SETTING)
        is_number = isinstance(size_gb, int | float) and 0 <= size_gb <= LARGEST_GB
        return float(size_gb) if is_number else DEFAULT_MAX_BYTES / _GB

    def _use(self, size_gb: float) -> None:
        self._window.background.copies_max_bytes = round(size_gb * _GB)

    def _sentence(self) -> str:
        taken = CopyStore.of_user().size_bytes() / _GB
        return f"Copies of features for faster browsing take {taken:,.1f} GB on the disk."
