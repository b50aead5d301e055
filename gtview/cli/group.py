"""The group of all commands, and how a process of one ends."""

from __future__ import annotations

import sys
from typing import Any

import click

from .. import __version__


def run() -> None:
    """Run the command of this process, and end it; see `app.application.leave`."""
    try:
        main()
    except SystemExit as end:
        if "PyQt6.QtWidgets" not in sys.modules:
            raise
        from ..app.application import leave

        leave(end.code if isinstance(end.code, int) else int(end.code is not None))


class _DefaultToOpen(click.Group):
    """`gtview PATH` means `gtview open PATH`; `gtview` alone opens the window."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args:
            args = ["open"]
        elif (args[0] not in self.commands and not args[0].startswith("-")) or (
            args[0].startswith("--") and args[0] not in ("--help", "--version")
        ):
            args = ["open", *args]
        return super().parse_args(ctx, args)

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command; bad usage is told in one line, without click's lines around it."""
        extra["standalone_mode"] = False
        try:
            code = super().main(*args, **extra)
        except click.ClickException as error:
            click.echo(f"gtview: {_in_one_line(error)}", err=True)
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("gtview: stopped", err=True)
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)


def _in_one_line(error: click.ClickException) -> str:
    message = " ".join(error.format_message().split())
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    return message if ctx is None else f"{message} See {ctx.command_path} --help."


@click.group(cls=_DefaultToOpen)
@click.version_option(__version__, prog_name="gtview")
def main() -> None:
    """Look at a spike sorter's output, and see how far it is from the truth.

    PATH is a Kilosort or phy export (the folder or its params.py), a generated dataset, or a
    sorting of SpikeInterface.
    """
