"""What goes out of the panel and comes into it: files of recipes, and scripts."""

from __future__ import annotations

from collections.abc import Callable

from ...base.errors import GtviewError
from ...generation.draft import RecipeDraft
from ...generation.recipe import GenerationRecipe, read_recipe, write_recipe
from .recipe_bar import RecipeBar
from .services import PanelDialogs

_RECIPES = "Recipes (*.json)"


class RecipeFiles:
    """Opens, saves and copies the recipe of a draft, and tells in the bar how that went."""

    def __init__(
        self,
        draft: RecipeDraft,
        bar: RecipeBar,
        dialogs: PanelDialogs,
        load: Callable[[GenerationRecipe], None],
    ) -> None:
        self._draft, self._bar, self._dialogs, self._load = draft, bar, dialogs, load

    def open(self) -> None:
        """Ask for a recipe, and begin again with it."""
        path = self._dialogs.ask_file("Open a recipe", "", _RECIPES)
        if path is None:
            return
        try:
            self._load(read_recipe(path))
        except GtviewError as error:
            self._bar.tell(str(error), is_problem=True)

    def save(self) -> None:
        """Ask where, and write the recipe."""
        recipe = self._draft.recipe
        if recipe is None:
            self._bar.tell("Something is wrong with the recipe: it cannot be saved so.", True)
            return
        name = f"{recipe.name or 'recipe'}.json"
        path = self._dialogs.ask_new_file("Save the recipe", name, _RECIPES)
        if path is not None:
            try:
                write_recipe(recipe, path)
            except OSError as error:
                self._bar.tell(f"{path} cannot be written: {error.strerror}.", is_problem=True)
            else:
                self._bar.tell(f"Saved as {path.name}.")

    def copy(self, kind: str) -> None:
        """Put a script that makes the same recording on the clipboard."""
        if self._draft.recipe is None:
            self._bar.tell("Something is wrong with the recipe: it cannot be copied so.", True)
            return
        try:
            self._bar.copy_script(kind, self._draft.recipe)
        except GtviewError as error:
            self._bar.tell(str(error), is_problem=True)
