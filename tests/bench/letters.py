"""Planning, sending and doing nothing, over a database with many people."""

from __future__ import annotations

import asyncio
import datetime
import json
import sqlite3
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import psycopg
from sqlalchemy import delete

from bot.store.letters import SqlPost
from bot.store.migrate import migrate
from bot.store.schema import person, workspace
from bot.store.sql import SqlStore
from handlers.records import Address
from handlers.reply import Reply, Text
from handlers.turn import Person, Place, Turn
from scheduler.delivery import Delivery
from scheduler.letters import Workspace
from scheduler.pace import SLOTS, Pace
from scheduler.planning import PAGE, plan
from scheduler.rounds import Rounds
from scheduler.watch import Watch
from tests.crowd import MONDAY, crowd, gather_crowd
from tests.test_delivery import TERMS

HERE = Workspace("slack", "T1")
PLANNED, SENT = 20_000, 12_000
LATENCY = 0.05
DUE = 1_000
TICKS = 300
HELLO = Reply((Text("hello"),))


@dataclass
class Sender:
    """A platform that takes everything after a while, and knows when."""

    latency: float = 0.0
    name: str = "slack"
    can_find: bool = True
    times: list[float] = field(default_factory=list)

    async def place(self, person: Person, address: Address | None) -> Place:
        """The person's own conversation."""
        return Place(person.user)

    async def is_away(self, person: Person) -> bool:
        """Nobody is."""
        return False

    async def language(self, person: Person) -> str | None:
        """It tells none."""
        return None

    async def send(self, person: Person, place: Place, address: Address | None, reply: Reply, mark: str) -> str:
        """Take it."""
        if self.latency:
            await asyncio.sleep(self.latency)
        self.times.append(time.perf_counter())
        return mark

    async def find(
        self, person: Person, place: Place, mark: str, since: datetime.datetime
    ) -> str | Literal["absent"] | None:
        """Nothing is ever in doubt."""
        return None


def _now() -> datetime.datetime:
    return MONDAY


async def _say_hello(_: Turn) -> Reply | None:
    return HELLO


@asynccontextmanager
async def _filled(url: str, people: int, due: int) -> AsyncIterator[SqlStore]:
    """A database with so many people and no letters."""
    await migrate(url)
    store = SqlStore(url, patience=60)
    await store.open()
    async with store.engine.execution_options(writes=True).begin() as connection:
        await connection.execute(delete(person))
        await connection.execute(delete(workspace))
    await gather_crowd(store, crowd(HERE, people, due))
    yield store
    await store.close()


def plan_all(url: str) -> float:
    """Letters a second."""

    async def work() -> float:
        async with _filled(url, PLANNED, PLANNED) as store:
            post = SqlPost(store.database)
            start = time.perf_counter()
            letters = [page.letters async for page in plan(post, _now)]
            took = time.perf_counter() - start
        assert sum(letters) == PLANNED
        return PLANNED / took

    return asyncio.run(work())


def plan_floor(url: str) -> float:
    """Rows a second, written by the driver alone, a page a transaction; no due time is worked out."""

    async def fill() -> None:
        async with _filled(url, PLANNED, PLANNED):
            pass

    asyncio.run(fill())
    if url.startswith("sqlite"):
        lite = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        lite.execute("PRAGMA synchronous=FULL")
        lite.execute("PRAGMA foreign_keys=ON")
        moment: Any = round(MONDAY.timestamp() * 1_000_000)
        week: Any = moment + 7 * 86_400_000_000
        return _floor(lite.cursor(), "?", "BEGIN IMMEDIATE", moment, week)
    with psycopg.connect(url, autocommit=True) as connection:
        return _floor(connection.cursor(), "%s", "BEGIN", MONDAY, MONDAY + datetime.timedelta(7))


def _floor(cursor: Any, mark: str, begin: str, now: Any, then: Any) -> float:
    """The same rows written, with any values."""
    day, next_day = MONDAY.date().isoformat(), (MONDAY.date() + datetime.timedelta(7)).isoformat()
    trail = json.dumps([[MONDAY.isoformat(), "ready", ""]])
    find = f"SELECT platform, tenant, user_id FROM nudging WHERE due <= {mark} ORDER BY due LIMIT {PAGE}"
    columns = "platform, tenant, user_id, day, kind, state, due, not_before, tries, trail, at"
    write = f"INSERT INTO letter ({columns}) VALUES ({', '.join([mark] * 11)})"
    which = f"platform = {mark} AND tenant = {mark} AND user_id = {mark}"
    move = f"UPDATE nudging SET due = {mark}, due_day = {mark}, last = {mark}, ignored = 1 WHERE {which}"
    start, count = time.perf_counter(), 0
    while True:
        cursor.execute(begin)
        rows = cursor.execute(find, (now,)).fetchall()
        cursor.executemany(write, [(*row, day, "nudge", "ready", now, now, 0, trail, now) for row in rows])
        cursor.executemany(move, [(then, next_day, day, *row) for row in rows])
        cursor.execute("COMMIT")
        count += len(rows)
        if len(rows) < PAGE:
            break
    assert count == PLANNED
    return count / (time.perf_counter() - start)


def _rounds(post: SqlPost, sender: Sender) -> tuple[Rounds, Delivery]:
    watch = Watch(_now)
    delivery = Delivery(post, {HERE.platform: sender}, _say_hello, TERMS, watch, Pace({}, watch))
    return Rounds(delivery), delivery


def send_slowly(url: str) -> float:
    """Letters a second with a sender that takes 50 ms, as a share of slots ÷ latency."""

    async def work() -> float:
        async with _filled(url, SENT, SENT) as store:
            post = SqlPost(store.database)
            async for _ in plan(post, _now):
                pass
            _, delivery = _rounds(post, Sender(LATENCY))
            start = time.perf_counter()
            tally = await delivery.drain(HERE)
            took = time.perf_counter() - start
        assert tally.states.total() == SENT, tally.states
        return SENT / took / (SLOTS / LATENCY)

    return asyncio.run(work())


@dataclass(frozen=True)
class Burst:
    """Seconds from the round in which people are due to half of the letters, to the last, and until all is settled."""

    half: float
    last: float
    settled: float
    idle: float
    """Milliseconds of a round in which there is nothing to do."""


def burst(url: str, people: int) -> Burst:
    """Of many people a thousand are due; planned, claimed, sent by a sender that takes no time, and settled."""

    async def work() -> Burst:
        async with _filled(url, people - DUE, 0) as store:
            post, sender = SqlPost(store.database), Sender()
            rounds, _ = _rounds(post, sender)

            async def go() -> None:
                await rounds.go()
                while rounds._drains:
                    await asyncio.gather(*rounds._drains.values())

            # A process has been at work before: its statements are compiled.
            await gather_crowd(store, crowd(Workspace(HERE.platform, "T0"), 1, 1))
            await go()
            sender.times.clear()
            users = (Person(HERE.platform, HERE.tenant, f"D{number}") for number in range(DUE))
            await gather_crowd(store, ((user, MONDAY) for user in users))
            start = time.perf_counter()
            await go()
            settled = time.perf_counter() - start
            assert len(sender.times) == DUE
            idle = []
            for _ in range(TICKS):
                begun = time.perf_counter()
                await rounds.go()
                idle.append(1000 * (time.perf_counter() - begun))
        times = [at - start for at in sender.times]
        return Burst(statistics.median(times), max(times), settled, statistics.median(idle))

    return asyncio.run(work())
