"""`python -m bot`: web, worker, all, chat and ask."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Annotated

import structlog
import typer

from bot.logs import set_up_logs
from bot.settings import Settings, read_settings
from handlers.ports import Desk

cli = typer.Typer(
    help="Rung, a career coach over a skills matrix.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@cli.command()
def web() -> None:
    """Answer people in Slack and Teams."""
    asyncio.run(_run(_settings(), serving=True, clock=False))


@cli.command()
def worker() -> None:
    """Keep the clock: what the coach does unasked."""
    asyncio.run(_run(_settings(), serving=False, clock=True))


@cli.command(name="all")
def all_() -> None:
    """Answer people and keep the clock, in one process."""
    asyncio.run(_run(_settings(), serving=True, clock=True))


@cli.command()
def chat(
    lang: Annotated[str, typer.Option(help="Language to begin in: en or de.")] = "en",
) -> None:
    """Talk to the coach in this terminal."""
    from bot.console.chat import talk

    with asyncio.Runner() as runner:
        talk(_desk(), lang, runner)


@cli.command()
def ask(
    words: Annotated[list[str] | None, typer.Argument(help="What to ask, such as: senior mle")] = None,
    lang: Annotated[str | None, typer.Option(help="Language of the answer: en or de; found from the words.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Read questions and write answers as JSON lines.")] = False,
) -> None:
    """Ask one question, or many as JSON lines, and print the plain text of the answers."""
    from bot.console.ask import answer_lines, answer_once

    if jsonl:
        asyncio.run(answer_lines(_desk(), sys.stdin, sys.stdout))
    elif words:
        typer.echo(asyncio.run(answer_once(_desk(), " ".join(words), lang)))
    else:
        raise typer.BadParameter("say what to ask, or use --jsonl")


def _settings() -> Settings:
    """The settings, or an end with every fault named at once."""
    try:
        settings = read_settings()
    except ValueError as error:
        typer.echo(f"Rung cannot start yet:\n{error}\n(README, “Settings”, explains each of them.)", err=True)
        raise typer.Exit(2) from None
    set_up_logs()
    log = structlog.get_logger()
    if settings.database_url:
        log.warning("database_not_used", why="this version keeps profiles in memory until it is restarted")
    if not (settings.slack_on or settings.teams_on):
        log.warning("no_platform", why="no credentials of Slack or Teams are set; README, “Settings”")
    return settings


def _desk() -> Desk:
    """A desk, or an end with every fault of the content named at once."""
    from bot.app import make_desk
    from content.faults import Faults

    try:
        return make_desk()
    except Faults as faults:
        typer.echo(f"Rung cannot start: its content has faults.\n{faults}", err=True)
        raise typer.Exit(2) from None


async def _run(settings: Settings, *, serving: bool, clock: bool) -> None:
    from bot.app import make_clock, make_plugs
    from bot.server import serve, wait_for_stop

    desk = _desk()
    async with make_clock(desk) if clock else contextlib.nullcontext():
        try:
            if serving:
                await serve(make_plugs(settings, desk), settings.host, settings.port)
            else:
                await wait_for_stop()
        except OSError as error:
            typer.echo(f"Rung cannot listen on {settings.host}:{settings.port}: {error.strerror}.", err=True)
            raise typer.Exit(1) from None


if __name__ == "__main__":
    cli()
