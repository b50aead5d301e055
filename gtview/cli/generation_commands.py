"""Commands that make recordings, and what is needed for it."""

from __future__ import annotations

from pathlib import Path

import click

from .errors import plain_errors
from .group import main
from .options import PATH, json_option, print_figures


@main.command()
@click.argument("recipe")
@click.argument("out", type=PATH)
@click.option("--set", "settings", multiple=True, help="Another value, such as duration_s=60.")
@click.option("--workers", type=click.IntRange(1, 256), help="Default: one for each core.")
@plain_errors
def generate(recipe: str, out: Path, settings: tuple[str, ...], workers: int | None) -> None:
    """Make a recording with known truth in the folder OUT.

    RECIPE is a file of JSON (see `gtview recipe`), the name of a preset, or a generated dataset,
    which is then made again.
    """
    from ..app.generate_command import run_generate

    run_generate(recipe, out, settings, workers)


@main.command()
@click.argument("path", type=PATH, default=".")
@click.option("--sorter", default="simple", show_default=True, help="Name in SpikeInterface.")
@click.option("--set", "settings", multiple=True, help="A parameter, such as detect_threshold=6.")
@click.option("--static", is_flag=True, help="The static recording instead of the drifting one.")
@click.option("--out", type=PATH, help="Folder of the result; default: sortings/ of the dataset.")
@click.option("--list", "is_list", is_flag=True, help="List the sorters. PATH is not looked at.")
@plain_errors
def sort(
    path: Path,
    sorter: str,
    settings: tuple[str, ...],
    static: bool,
    out: Path | None,
    is_list: bool,
) -> None:
    """Sort a generated dataset, or a recording of SpikeInterface, and export the result."""
    from ..app.sort_command import list_sorters, run_sort

    if is_list:
        click.echo(list_sorters())
    else:
        run_sort(path, sorter, settings, is_static=static, out=out)


@main.command()
@click.option("--preset", default="quick", show_default=True, help="The recipe to begin with.")
@click.option("--set", "settings", multiple=True, help="Another value, such as duration_s=60.")
@click.option("--list", "is_list", is_flag=True, help="List the presets.")
@plain_errors
def recipe(preset: str, settings: tuple[str, ...], is_list: bool) -> None:
    """Print a recipe for `gtview generate`, to keep and to change."""
    from ..app.generate_command import list_presets, print_recipe

    click.echo(list_presets() if is_list else print_recipe(preset, settings))


@main.group()
def library() -> None:
    """Keep real templates, to put them into other recordings."""


@library.command("build")
@click.argument("export", type=PATH)
@click.argument("folder", type=PATH)
@click.option("--name", default="", help="Of the dataset; default: the name of its folder.")
@click.option("--brain-area", default="", help="Written into the table.")
@plain_errors
def library_build(export: Path, folder: Path, name: str, brain_area: str) -> None:
    """Add the templates of the sorted dataset EXPORT to the library in FOLDER."""
    from ..generation.library import add_to_library

    n = add_to_library(export, folder, name, brain_area)
    click.echo(f"{n} templates were added to {folder}")


@main.command("bench-generation")
@click.option("--seconds", type=click.FloatRange(1, 600), default=10, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--folder", type=PATH, help="Where to write for a moment; default: temporary files.")
@json_option
@plain_errors
def bench_generation(seconds: float, workers: int, folder: Path | None, as_json: bool) -> None:
    """Measure how fast recordings are made, beside SpikeInterface."""
    from ..base.threads import limit_algebra_threads

    limit_algebra_threads()
    from ..generation.bench import run_bench

    result = run_bench(seconds, workers, folder=folder)
    print_figures(result, as_json=as_json)
