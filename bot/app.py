"""The one composition root: content, store and platforms are put together here."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

import structlog

from bot.limited import limited
from bot.plug import Answer, Plug
from bot.settings import Settings
from bot.store.memory import MemoryStore
from bot.watched import watched
from content.load import load
from content.search import Index
from handlers.answer import answer, deliver, put_off
from handlers.errors import Unavailable
from handlers.lateness import NIGHT, Quiet
from handlers.ports import Desk, Rooms, Store
from handlers.team_records import MINIMUM_GROUP, Teams
from handlers.turn import Person
from handlers.understand import Parser
from handlers.zones import data_version
from scheduler.delivery import Delivery
from scheduler.letters import Post
from scheduler.pace import Pace
from scheduler.planning import fit_windows, recount
from scheduler.sending import SEND_SECONDS, Terms
from scheduler.summaries import Summaries
from scheduler.watch import Job, Watch

if TYPE_CHECKING:
    from bot.health import Health
    from bot.store.installs import SqlInstalls

TIDY_EVERY = datetime.timedelta(minutes=10)
"""How often expired records are erased."""

ROUNDS_EVERY = datetime.timedelta(seconds=2)
"""How often it is looked who is due, and where letters wait."""

ZONES_EVERY = datetime.timedelta(hours=6)
"""How often it is looked for due times of other zone data, which an older process may have written."""

WINDOWS_EVERY = datetime.timedelta(hours=1)
"""How often it is looked for windows too narrow for their workspace by now."""

SUMMARIES_EVERY = datetime.timedelta(seconds=30)
"""How often it is looked which teams' summaries are due."""

ROUNDS_STOP_SECONDS = SEND_SECONDS + 3.0
"""How long letters and summaries under way may take to end when the process stops.

As long as any letter may take, and to write it down.
"""

log = structlog.get_logger()


def real_now() -> datetime.datetime:
    """The time of this machine."""
    return datetime.datetime.now(datetime.UTC)


def make_desk(
    store: Store | None = None,
    now: Callable[[], datetime.datetime] = real_now,
    *,
    works_council: bool = False,
    quiet: Quiet = NIGHT,
    listening: bool = True,
    managers: frozenset[Person] | None = None,
    minimum_group: int = MINIMUM_GROUP,
    teams: Teams | None = None,
) -> Desk:
    """A desk over the shipped content, without a store one that forgets with the process.

    What understands words takes 25 MB and is made at once only for a process that is `listening` to people.

    Raises content.load.Faults when the content has faults.
    """
    content = load()
    index = cache(lambda: Index(content.matrix, content.glossary))
    parser = cache(lambda: Parser(content.matrix, content.words, index().lexicon))
    if listening:
        parser()
    return Desk(
        matrix=content.matrix,
        texts=content.texts,
        index=index,
        scales=content.scales,
        understand=lambda words, *, hint=None: parser()(words, hint=hint),
        store=store or MemoryStore(),
        now=now,
        works_council=works_council,
        quiet=quiet,
        managers=managers,
        minimum_group=minimum_group,
        teams=teams,
    )


@contextlib.asynccontextmanager
async def open_desk(
    settings: Settings, now: Callable[[], datetime.datetime] = real_now, *, listening: bool = True
) -> AsyncIterator[tuple[Desk, Post]]:
    """A desk over the shipped content and the database of the settings, and the letters in the same database.

    The database learns what this edition of the framework says.

    ValueError for an address that is none, bot.store.migrate.VersionError when the database is not of this
    version, Unavailable when it cannot be reached.
    """
    # SQLAlchemy and Alembic take a third of a second; a question from a script needs neither.
    from bot.store.letters import SqlPost
    from bot.store.sql import SqlStore
    from bot.store.teams import SqlTeams

    store = SqlStore(settings.database_url.get_secret_value())
    try:
        await store.open()
        desk = make_desk(
            store,
            now,
            works_council=settings.works_council,
            quiet=settings.quiet,
            listening=listening,
            managers=settings.managers,
            minimum_group=settings.minimum_group,
            teams=SqlTeams(store.database, least=settings.minimum_group),
        )
        await store.remember_edition(desk.matrix.edition, desk.matrix.wording(), desk.now())
        yield desk, SqlPost(store.database)
    finally:
        await store.close()


def make_answer(desk: Desk) -> Answer:
    """The one door, with this desk behind it."""
    return watched(partial(answer, desk=desk))


def make_health(desk: Desk, post: Post, *, keeps_clock: bool) -> Health:
    """What an opened desk's process tells of itself to whatever watches over it."""
    from bot.health import Health
    from bot.store.lags import look_at_lags
    from bot.store.sql import SqlStore

    store = desk.store
    assert isinstance(store, SqlStore)
    return Health(desk, post, lambda: look_at_lags(store.database, desk.now()), keeps_clock)


def per_second(settings: Settings) -> Mapping[str, float]:
    """How many letters a second go into one workspace, by platform."""
    return {"slack": settings.slack_per_minute / 60, "teams": float(settings.teams_per_second)}


def make_delivery(settings: Settings, desk: Desk, post: Post, plugs: Sequence[Plug]) -> Delivery:
    """What delivers letters through the platforms that are on."""
    watch = Watch(desk.now)
    return Delivery(
        post,
        {plug.name: plug.platform for plug in plugs if plug.platform},
        partial(deliver, desk=desk),
        Terms(
            datetime.timedelta(hours=settings.nudge_late_hours),
            settings.quiet,
            rather_twice=settings.nudge_in_doubt == "rather-twice",
        ),
        watch,
        Pace(per_second(settings), watch),
    )


async def check_fleet(settings: Settings) -> None:
    """See whether a server has the tables for several processes.

    bot.store.migrate.VersionError when it has not, Unavailable when it cannot be reached.
    """
    if settings.embedded:
        return
    from bot.store.migrate import bring_up_to_date
    from scheduler.fleet import scripts

    await bring_up_to_date(settings.database_url.get_secret_value(), upgrade=False, queue=scripts())


@contextlib.asynccontextmanager
async def keep_clock(settings: Settings, desk: Desk, delivery: Delivery) -> AsyncIterator[None]:
    """What this process does unasked while the context is open: alone over a file, as one of many over a server."""

    installs = make_installs(settings, desk) if settings.slack_on else None

    async def tidy() -> None:
        try:
            erased = await erase_uninstalled(settings, installs) if installs else 0
            receipt = await desk.store.tidy(desk.now(), settings.retention_days)
        except Unavailable as error:
            log.warning("tidying_put_off", why=str(error))
        else:
            log.info("tidied", **receipt.counts, **({"of_uninstalled": erased} if erased else {}))

    async def follow_zones() -> None:
        try:
            await recount(delivery.post, data_version(), desk.now)
        except Unavailable as error:
            log.warning("recounting_put_off", why=str(error))

    async def widen() -> None:
        try:
            await fit_windows(delivery.post, per_second(settings), desk.now)
        except Unavailable as error:
            log.warning("fitting_put_off", why=str(error))

    if installs:
        await _seal_anew(installs)
    await follow_zones()
    summaries = Summaries(desk, delivery.terms.late)
    jobs = (
        (TIDY_EVERY, tidy),
        (ZONES_EVERY, follow_zones),
        (WINDOWS_EVERY, widen),
        (SUMMARIES_EVERY, summaries.post_summaries),
    )
    try:
        async with _keep_alone(delivery, jobs) if settings.embedded else _keep_together(settings, delivery, jobs):
            yield
    finally:
        await summaries.stop(ROUNDS_STOP_SECONDS)


async def erase_uninstalled(settings: Settings, installs: SqlInstalls) -> int:
    """Erase what is left of workspaces that the app left long ago, and nothing of one whose token is good.

    How many people were there. Unavailable.
    """
    if settings.slack_bot_token and await installs.overdue(settings.uninstall_days):
        from bot.slack.oauth import bring_back

        if not await bring_back(settings, installs):
            return 0
    return await installs.tidy(settings.uninstall_days)


async def _seal_anew(installs: SqlInstalls) -> None:
    """Put tokens under the first key of the settings, so that an older one can go."""
    try:
        sealed = await installs.seal_anew()
    except Unavailable as error:
        log.warning("sealing_put_off", why=str(error))
    else:
        if sealed:
            log.info("tokens_sealed_anew", count=sealed)


@contextlib.asynccontextmanager
async def _keep_alone(delivery: Delivery, jobs: Sequence[tuple[datetime.timedelta, Job]]) -> AsyncIterator[None]:
    from scheduler.clock import Clock
    from scheduler.rounds import Rounds

    rounds = Rounds(delivery)
    try:
        # Its jobs go by the desk's time, but when they run by the machine's, as APScheduler itself does.
        async with Clock([(ROUNDS_EVERY, rounds.go), *jobs], Watch(real_now)):
            yield
    finally:
        await rounds.stop(ROUNDS_STOP_SECONDS)


@contextlib.asynccontextmanager
async def _keep_together(
    settings: Settings, delivery: Delivery, jobs: Sequence[tuple[datetime.timedelta, Job]]
) -> AsyncIterator[None]:
    from bot.store.engine import connect_args
    from scheduler.fleet import Fleet

    connection = connect_args(settings.database_url.get_secret_value())
    async with Fleet(connection, delivery, ROUNDS_EVERY, jobs, ROUNDS_STOP_SECONDS):
        yield


def make_installs(settings: Settings, desk: Desk) -> SqlInstalls | None:
    """What is kept of the app's installations in a database; without one nothing is."""
    from bot.store.installs import SqlInstalls
    from bot.store.sql import SqlStore

    if not isinstance(desk.store, SqlStore):
        return None
    seal = None
    if settings.slack_many:
        from bot.store.seal import Seal  # which takes 5 MB

        seal = Seal([key.get_secret_value() for key in settings.encryption_keys])
    return SqlInstalls(desk.store.database, seal, desk.now)


def make_plugs(settings: Settings, desk: Desk) -> tuple[Desk, tuple[Plug, ...]]:
    """The platforms that are on, and the desk with their rooms, at which all that they are asked is answered.

    Their SDKs are imported only then: they cost half a second and 60 MB.
    """
    plugs: list[Plug] = []
    rooms: dict[str, Rooms] = {}
    desk = replace(desk, rooms=rooms)
    door = limited(make_answer(desk), partial(put_off, desk=desk), settings.person_per_minute)
    if settings.slack_on:
        from bot.slack.inbound import SlackPlug

        plugs.append(SlackPlug(settings, door, desk.texts, make_installs(settings, desk)))
    if settings.teams_on:
        from bot.teams.inbound import TeamsPlug

        plugs.append(TeamsPlug(settings, door, desk.texts))
    rooms |= {plug.name: plug.rooms for plug in plugs if plug.rooms}
    return desk, tuple(plugs)
