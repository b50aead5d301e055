"""Errors of commands, told in one line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click


def plain_errors(function: Callable[..., Any]) -> Callable[..., Any]:
    """Tell errors as one line on stderr: code 2 for bad usage, 1 for what cannot be opened."""

    @wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        from ..base.errors import GtviewError, UsageError

        try:
            return function(*args, **kwargs)
        except UsageError as error:
            click.echo(f"gtview: {error}", err=True)
            sys.exit(2)
        except GtviewError as error:
            click.echo(f"gtview: {error}", err=True)
            sys.exit(1)
        except OSError as error:
            click.echo(f"gtview: {error.filename or 'a file'}: {error.strerror}", err=True)
            sys.exit(1)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:  # noqa: BLE001  (told in one line, and in the log)
            _tell_fault(error)
            sys.exit(1)

    return guarded


def _tell_fault(error: Exception) -> None:
    import logging

    from ..base.failures import sentence_for
    from ..base.log import set_up_logging

    path = set_up_logging()
    logging.getLogger("gtview").error("a command failed", exc_info=error)
    where = "" if path is None else f" The details are in {path}."
    click.echo(f"gtview: {sentence_for(error)}{where}", err=True)
