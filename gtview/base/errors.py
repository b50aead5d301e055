"""Errors whose message is one plain sentence, meant for the person at the screen."""

from __future__ import annotations


class GtviewError(Exception):
    """Base class: `str(error)` is shown to the user as it is."""


class DatasetError(GtviewError):
    """A dataset that cannot be opened, or a part of it that cannot be read."""


class UsageError(GtviewError):
    """A request that makes no sense as it was asked."""


class CancelledError(GtviewError):
    """Work that stopped because it was told to."""
