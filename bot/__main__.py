"""`python -m bot`, the commands: to answer people, to keep the clock, to look after the database, and to try it out."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import structlog
import typer

from bot import manifest
from bot.settings import Settings
from bot.start import content_faults, database_faults, end, settings_or_end
from handlers.ports import Desk
from handlers.zones import use_shipped_data
from scheduler.letters import Post

NO_PLATFORM = (
    "Nobody can be answered: no credentials of Slack or Teams are set, so only /healthz is there. Set SLACK_BOT_TOKEN "
    "and SLACK_SIGNING_SECRET, or MICROSOFT_APP_ID, MICROSOFT_APP_PASSWORD and MICROSOFT_APP_TENANT_ID (README, "
    "“Connect Slack” and “Connect Microsoft Teams”), and start again. RUNG_DEV=1 is for trying Teams out here."
)
"""What a server without a platform says at its start."""

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_typer(manifest.cli, name="manifest")


@cli.callback()
def main() -> None:
    """Rung, a career coach over a skills matrix."""
    use_shipped_data()


@cli.command()
def web() -> None:
    """Answer people in Slack and Teams. A worker beside it sends the weekly nudges and erases by age."""
    asyncio.run(_run(settings_or_end(), serving=True, clock=False))


@cli.command()
def worker() -> None:
    """Keep the clock: send weekly nudges, and erase by age what is no longer to be kept."""
    asyncio.run(_run(settings_or_end(), serving=False, clock=True))


@cli.command(name="all")
def all_() -> None:
    """Answer people and keep the clock, in one process."""
    asyncio.run(_run(settings_or_end(), serving=True, clock=True))


@cli.command()
def letters(
    person: Annotated[str | None, typer.Option(help="The trail of one person: platform/tenant/user.")] = None,
    dry_run: Annotated[
        datetime.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="What would go out on this day.")
    ] = None,
) -> None:
    """Count the letters, follow those of one person, or see what a day will bring. Nothing is written."""
    ids = person.split("/") if person else []
    if person and not (len(ids) == 3 and all(ids)):
        raise typer.BadParameter("write it as platform/tenant/user, such as slack/T0001/U0001", param_hint="--person")
    asyncio.run(_show_letters(settings_or_end(serving=False), ids, dry_run and dry_run.date()))


@cli.command()
def migrate() -> None:
    """Bring the database to this version's tables. Again does no harm."""
    from bot.store.migrate import migrate as bring_up_to_date

    settings = settings_or_end(serving=False)
    queue = None
    if not settings.embedded:
        from scheduler.fleet import scripts

        queue = scripts()
    with database_faults():
        asyncio.run(bring_up_to_date(settings.database_url.get_secret_value(), queue))
    typer.echo("The database is up to date.")


@cli.command()
def backup(file: Annotated[Path, typer.Argument(help="The new file; it must not be there yet.")]) -> None:
    """Copy the database's file as it is at this moment, while Rung goes on."""
    from bot.store.backup import NoBackupError, back_up

    try:
        size = back_up(settings_or_end(serving=False).database_url.get_secret_value(), file)
    except NoBackupError as error:
        end(1, str(error))
    typer.echo(f"{file}: {size:,} bytes, looked through and on disk.")


@cli.command()
def key() -> None:
    """Print a new key for ENCRYPTION_KEYS."""
    from bot.store.seal import make_key

    typer.echo(make_key())


@cli.command()
def doctor() -> None:
    """Look at settings, content, database, tokens, scopes and clock, and say what to do. Nothing is changed."""
    from bot.app import real_now
    from bot.doctor import examine
    from bot.finding import State

    found = asyncio.run(examine(settings_or_end(serving=False), real_now()))
    for each in found:
        typer.echo(f"{each.state:<8} {each.about}: {each.sentence}")
    raise typer.Exit(1 if any(each.state is State.FAULT for each in found) else 0)


@cli.command()
def datasheet(
    lang: Annotated[str, typer.Option(help="Language of the sheet: en or de.")] = "en",
) -> None:
    """Print the data sheet: every field, what for, who gets it and for how long, as Markdown."""
    from bot.app import make_desk
    from bot.store.datasheet import write_sheet

    settings = settings_or_end(serving=False)
    with content_faults():
        desk = make_desk()
    typer.echo(write_sheet(desk.texts.voice(lang), settings, desk.now().date()), nl=False)


@cli.command()
def playground(
    database: Annotated[
        str | None, typer.Option(help="A database file to go on with; without one everything is forgotten in the end.")
    ] = None,
) -> None:
    """Play with the whole bot in a web page, Slack beside Teams, without any account. On this machine only."""
    from bot.playground.play import play

    settings = settings_or_end(serving=False)
    try:
        with content_faults(), database_faults():
            asyncio.run(play(settings, database))
    except OSError as error:
        end(1, f"Rung cannot listen on 127.0.0.1:{settings.port}: {error.strerror}. Another one may run; set PORT.")


@cli.command()
def chat(
    lang: Annotated[str, typer.Option(help="Language to begin in: en or de.")] = "en",
) -> None:
    """Talk to the coach in this terminal."""
    from bot.console.chat import talk

    settings = settings_or_end(serving=False)
    with asyncio.Runner() as runner:
        stack = contextlib.AsyncExitStack()
        desk, _ = runner.run(stack.enter_async_context(_open_desk(settings)))
        try:
            talk(desk, lang, runner)
        finally:
            runner.run(stack.aclose())


@cli.command()
def ask(
    words: Annotated[list[str] | None, typer.Argument(help="What to ask, such as: senior mle")] = None,
    lang: Annotated[str | None, typer.Option(help="Language of the answer: en or de; found from the words.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Read questions and write answers as JSON lines.")] = False,
) -> None:
    """Ask one question, or many as JSON lines, and print the plain text of the answers. Nothing is kept."""
    from bot.app import make_desk
    from bot.console.ask import answer_lines, answer_once

    if not (jsonl or words):
        raise typer.BadParameter("say what to ask, or use --jsonl")
    with content_faults():
        desk = make_desk(works_council=settings_or_end(serving=False).works_council)
    if jsonl:
        asyncio.run(answer_lines(desk, sys.stdin, sys.stdout))
    else:
        typer.echo(asyncio.run(answer_once(desk, " ".join(words or ()), lang)))


@contextlib.asynccontextmanager
async def _open_desk(settings: Settings, *, listening: bool = True) -> AsyncIterator[tuple[Desk, Post]]:
    """A desk with the database of the settings, and the letters in it."""
    from bot.app import open_desk

    async with contextlib.AsyncExitStack() as stack:
        with content_faults(), database_faults():
            opened = await stack.enter_async_context(open_desk(settings, listening=listening))
        yield opened


async def _show_letters(settings: Settings, ids: list[str], day: datetime.date | None) -> None:
    from rich.console import Console

    from bot.app import per_second
    from bot.console.letters import WORKS_COUNCIL, make_console, show_counts, show_day, show_trail
    from handlers.turn import Person

    console = make_console()
    if day and settings.works_council:
        console.print(WORKS_COUNCIL)
        return
    async with _open_desk(settings, listening=False) as (desk, post):
        if ids:
            await show_trail(post, Person(*ids), console)
        elif day:
            await show_day(post, day, per_second(settings), console, Console(stderr=True))
        else:
            await show_counts(post, desk.now(), console)


async def _run(settings: Settings, *, serving: bool, clock: bool) -> None:
    from bot.app import check_fleet, keep_clock, make_delivery, make_health, make_plugs
    from bot.server import serve, stay
    from bot.traces import tracing

    if serving and not (settings.slack_on or settings.teams_on):
        structlog.get_logger().warning("no_platform", why=NO_PLATFORM)
    async with _open_desk(settings, listening=serving) as (opened, post):
        if clock:
            with database_faults():
                await check_fleet(settings)
        desk, plugs = make_plugs(settings, opened)
        delivery = make_delivery(settings, desk, post, plugs)
        meanwhile = keep_clock(settings, desk, delivery) if clock else contextlib.nullcontext()
        pages = make_health(desk, post, keeps_clock=clock).routes()
        port = settings.port if serving else settings.worker_port
        try:
            with tracing(settings.otel_exporter_otlp_endpoint):
                if serving:
                    await serve(plugs, settings.host, settings.port, meanwhile, pages)
                else:
                    await stay(plugs, meanwhile, settings.host, settings.worker_port, pages)
        except OSError as error:
            end(1, f"Rung cannot listen on {settings.host}:{port}: {error.strerror}.")


if __name__ == "__main__":
    cli()
