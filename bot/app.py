"""The one composition root: content, store and platforms are put together here."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncIterator, Callable
from functools import partial

import structlog

from bot.plug import Answer, Plug
from bot.settings import Settings
from bot.store.memory import MemoryStore
from content.load import load
from content.search import Index
from handlers.answer import answer
from handlers.errors import Unavailable
from handlers.ports import Desk, Store
from handlers.understand import Parser
from scheduler.clock import Clock

TIDY_EVERY = datetime.timedelta(minutes=10)
"""How often expired records are erased."""

log = structlog.get_logger()


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def make_desk(
    store: Store | None = None, now: Callable[[], datetime.datetime] = _now, *, works_council: bool = False
) -> Desk:
    """A desk over the shipped content, without a store one that forgets with the process.

    Raises content.load.Faults when the content has faults.
    """
    content = load()
    index = Index(content.matrix, content.glossary)
    return Desk(
        matrix=content.matrix,
        texts=content.texts,
        index=index,
        scales=content.scales,
        understand=Parser(content.matrix, content.words, index.lexicon),
        store=store or MemoryStore(),
        now=now,
        works_council=works_council,
    )


@contextlib.asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """A desk over the shipped content and the database of the settings.

    The database learns what this edition of the framework says.

    ValueError for an address that is none, bot.store.migrate.VersionError when the database is not of this
    version, Unavailable when it cannot be reached.
    """
    # SQLAlchemy and Alembic take a third of a second; a question from a script needs neither.
    from bot.store.sql import SqlStore

    store = SqlStore(settings.database_url.get_secret_value())
    try:
        await store.open()
        desk = make_desk(store, works_council=settings.works_council)
        await store.remember_edition(desk.matrix.edition, desk.matrix.wording(), desk.now())
        yield desk
    finally:
        await store.close()


def make_answer(desk: Desk) -> Answer:
    """The one door, with this desk behind it."""
    return partial(answer, desk=desk)


def make_clock(settings: Settings, desk: Desk) -> Clock:
    """What the process does unasked."""

    async def tidy() -> None:
        try:
            receipt = await desk.store.tidy(desk.now(), settings.retention_days)
        except Unavailable as error:
            log.warning("tidying_put_off", why=str(error))
        else:
            log.info("tidied", **receipt.counts)

    return Clock({TIDY_EVERY: tidy})


def make_plugs(settings: Settings, desk: Desk) -> tuple[Plug, ...]:
    """The platforms that are on. Their SDKs are imported only then: they cost half a second and 60 MB."""
    plugs: list[Plug] = []
    if settings.slack_on:
        from bot.slack.inbound import SlackPlug

        plugs.append(SlackPlug(settings, make_answer(desk), desk.texts))
    if settings.teams_on:
        from bot.teams.inbound import TeamsPlug

        plugs.append(TeamsPlug(settings, make_answer(desk), desk.texts))
    return tuple(plugs)
