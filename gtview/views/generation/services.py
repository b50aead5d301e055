"""What the window gives to the panel of generation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ...base.settings import SettingsFile
from ...generation.recipe import GenerationRecipe
from ...jobs.sorting import SortChoice
from ...qt.compute import ComputePool
from ...qt.theme import ThemeKeeper
from .special_editors import OpenDataset


class PanelDialogs(Protocol):
    """The part of `gtview.qt.dialogs.Dialogs` that the panel asks with."""

    def ask_folder(self, title: str, start: str = "") -> Path | None:
        """Ask for a folder."""

    def ask_file(self, title: str, start: str = "", pattern: str = "") -> Path | None:
        """Ask for a file."""

    def ask_new_file(self, title: str, start: str = "", pattern: str = "") -> Path | None:
        """Ask where to write a file."""


@dataclass(frozen=True, slots=True, eq=False)
class PanelServices:
    """What the window gives to a panel.

    Attributes
    ----------
    submit
        Takes a recipe, a folder, how to sort, and whether to open the result; raises GtviewError
        where that cannot be.
    ask_sort
        Asks for a sorter: what to do with the choice, whether there is a static recording, and
        what is chosen at first.
    dataset
        What is open in the window now.
    """

    pool: ComputePool
    themes: ThemeKeeper
    settings: SettingsFile
    dialogs: PanelDialogs
    submit: Callable[[GenerationRecipe, Path, tuple[SortChoice, ...], bool], None]
    ask_sort: Callable[[Callable[[SortChoice], None], bool, SortChoice | None], None]
    dataset: Callable[[], OpenDataset] = OpenDataset
