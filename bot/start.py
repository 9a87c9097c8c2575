"""What every command begins with: the settings, and an end with a sentence where it cannot go on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NoReturn

import typer

from bot.logs import set_up_logs
from bot.settings import Settings, read_settings


def settings_or_end(*, serving: bool = True) -> Settings:
    """The settings, or an end with every fault named at once."""
    try:
        settings = read_settings(serving=serving)
    except ValueError as error:
        end(2, f"Rung cannot start yet:\n{error}\n(README, “Settings”, explains each of them.)")
    set_up_logs()
    return settings


def end(code: int, sentence: str) -> NoReturn:
    """End the process with a sentence to the operator."""
    typer.echo(sentence, err=True)
    raise typer.Exit(code) from None


@contextlib.contextmanager
def content_faults() -> Iterator[None]:
    """An end with every fault of the content named at once."""
    from content.faults import Faults

    try:
        yield
    except Faults as faults:
        end(2, f"Rung cannot start: its content has faults.\n{faults}")


@contextlib.contextmanager
def database_faults() -> Iterator[None]:
    """An end with a sentence where the database is not fit to work with; its address may hold a password."""
    from bot.store.migrate import VersionError
    from handlers.errors import Unavailable

    try:
        yield
    except VersionError as error:
        end(1, str(error))
    except Unavailable as error:
        end(1, f"Rung cannot start: {error}. Is it running, and is DATABASE_URL right? (README, “Settings”)")
