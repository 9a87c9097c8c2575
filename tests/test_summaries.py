"""The clock posts summaries that are due, on its own or as one of many, whatever fails on the way."""

from __future__ import annotations

import asyncio
import datetime
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from bot import app
from bot.settings import Settings
from bot.store.migrate import migrate
from handlers.errors import TryLater, Unavailable
from handlers.intent import PlanPosts
from handlers.ports import Desk
from handlers.records import AddressSet
from handlers.reply import Reply
from handlers.team_records import Schedule, Team
from handlers.turn import Person
from scheduler import summaries
from scheduler.fleet import scripts
from scheduler.summaries import Summaries
from tests.rooms import FakeRooms
from tests.talk import Talk

SAM = Person("test", "acme", "sam")
FRIDAY = datetime.datetime(2026, 4, 3, 7, 0, tzinfo=datetime.UTC)
LATE = datetime.timedelta(hours=12)
WEEKLY = {"every": "week", "weekday": 4, "minute": 9 * 60, "zone": "Europe/Berlin"}
CHANNELS = ("data", "general", "channel")


async def planned() -> Talk:
    """Three teams whose summaries are due, each in a channel of its own."""
    talk = Talk(lang="en")
    for channel in CHANNELS:
        team = await talk.teams.create(SAM, f"Team {channel}", talk.clock.now)
        assert team
        await talk.asks(PlanPosts.model_validate({"team": team.id, "channel": channel, **WEEKLY}))
    talk.clock.now = FRIDAY
    return talk


async def test_all_that_is_due_is_posted(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many are due and however few are taken at once, each is posted once."""
    monkeypatch.setattr(summaries, "AT_ONCE", 2)
    talk = await planned()
    clock = Summaries(talk.desk, LATE)
    for _ in range(2):
        await clock.post_summaries()
    assert {channel: len(posts) for channel, posts in talk.rooms.posts.items()} == dict.fromkeys(CHANNELS, 1)
    await clock.stop(1)
    talk.clock.wait(60 * 24 * 7)
    await clock.post_summaries()
    assert all(len(posts) == 1 for posts in talk.rooms.posts.values())


async def test_one_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in one summary, or a platform or database that is away for a moment, takes nothing from anybody else."""
    talk, errors = await planned(), {"data": [ValueError()], "general": [TryLater(1), Unavailable("away")]}
    real = summaries.post_due

    async def post_due(team: Team, desk: Desk, late: datetime.timedelta) -> Any:
        if left := errors.get(team.channel or ""):
            raise left.pop(0)
        return await real(team, desk, late)

    monkeypatch.setattr(summaries, "post_due", post_due)
    monkeypatch.setattr(summaries, "RETRY_SECONDS", 0.0)
    await Summaries(talk.desk, LATE).post_summaries()
    assert set(talk.rooms.posts) == {"general", "channel"}


async def test_nothing_is_taken_without_platforms() -> None:
    """A process without platforms leaves what is due to others; one whose database is away tries again later."""
    talk = await planned()
    await Summaries(replace(talk.desk, rooms={}), LATE).post_summaries()
    await Summaries(replace(talk.desk, teams=None), LATE).post_summaries()
    due = talk.teams.due

    async def away(now: datetime.datetime, most: int) -> list[Team]:
        raise Unavailable("away")

    talk.teams.due = away  # type: ignore[method-assign]
    await Summaries(talk.desk, LATE).post_summaries()
    talk.teams.due = due  # type: ignore[method-assign]
    await Summaries(talk.desk, LATE).post_summaries()
    assert len(talk.rooms.posts) == 3


class SlowRooms(FakeRooms):
    """A platform that takes its time."""

    async def post(self, *args: Any) -> str:
        """Take it in the end."""
        await asyncio.sleep(0.3)
        return await super().post(*args)


async def test_what_is_under_way_is_finished() -> None:
    """A clock that is stopped while summaries are under way finishes them, and writes down what became of them."""
    talk = await planned()
    rooms = SlowRooms()
    clock = Summaries(replace(talk.desk, rooms={"test": rooms}), LATE)
    job = asyncio.create_task(clock.post_summaries())
    await asyncio.sleep(0.1)
    job.cancel()
    await clock.stop(5)
    assert len(rooms.posts) == 3
    for one in await talk.teams.mine(SAM):
        reading = await talk.teams.posted(one.team)
        assert reading
        assert reading.state == "posted"


class OneRoom(FakeRooms):
    """A platform that tells when something was posted."""

    def __init__(self) -> None:
        super().__init__()
        self.posted = asyncio.Event()

    async def post(self, asker: Person, address: Any, channel: str, reply: Reply, mark: str) -> str:
        """Take it and tell."""
        self.posted.set()
        return await super().post(asker, address, channel, reply, mark)


@pytest.fixture
async def settings(database: str) -> Settings:
    """The settings of a process over each kind of database."""
    given = Settings(database_url=SecretStr(database), minimum_group=3)
    await migrate(database, None if given.embedded else scripts())
    return given


async def test_both_clocks(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of one process and that of many post what is due, and move it on by a week."""
    monkeypatch.setattr(app, "SUMMARIES_EVERY", datetime.timedelta(seconds=1))
    async with app.open_desk(settings) as (opened, post):
        rooms = OneRoom()
        desk = replace(opened, rooms={"test": rooms})
        assert desk.teams
        now = desk.now()
        await desk.store.record(SAM, [AddressSet({"chat": "sam"})], now)
        team = await desk.teams.create(SAM, "Search", now)
        assert team
        schedule = Schedule("week", now.weekday(), now.hour * 60 + now.minute, "UTC")
        await desk.teams.plan(team, schedule, "data", "en", now, SAM, now)
        async with app.keep_clock(settings, desk, app.make_delivery(settings, desk, post, ())):
            await asyncio.wait_for(rooms.posted.wait(), 20)
        reading = await desk.teams.posted(team)
        assert reading
        assert (reading.state, reading.key[:4]) == ("posted", "due:")
        assert len(rooms.posts["data"]) == 1
        assert await desk.teams.due(now + datetime.timedelta(days=8), 9)
