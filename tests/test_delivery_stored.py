"""Deliveries over the databases themselves: nothing lost, nothing doubled, and the trails tell why."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import random
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.store.letters import SqlPost
from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from handlers.records import Nudging, NudgingSet
from handlers.turn import Person
from scheduler.letters import OPEN, State, Workspace
from tests.stub_platform import Act, StubPlatform
from tests.test_delivery import ACME, BETA, LIMIT, RHYTHM, Process
from tests.virtual import START, Counting, VirtualLoop, run

ACTS: tuple[Act, ...] = ("busy", "refuse", "cut", "cut-before", "late", "hang", "slow", "gone", "never", "broken")


@contextlib.asynccontextmanager
async def standing_still() -> AsyncIterator[None]:
    """Time stands still meanwhile."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.busy += 1
    try:
        yield
    finally:
        loop.busy -= 1


@contextlib.asynccontextmanager
async def opened(url: str) -> AsyncIterator[Any]:
    """The post in a database."""
    store = SqlStore(url)
    async with standing_still():
        await store.open()
    try:
        yield Counting(SqlPost(store.database))
    finally:
        async with standing_still():
            await store.close()


async def populate(url: str, workspace: Workspace, count: int) -> list[Person]:
    """So many people who are due."""
    store = SqlStore(url)
    await store.open()
    people = [Person(workspace.platform, workspace.tenant, f"U{number}") for number in range(count)]
    nudging = Nudging(rhythm=RHYTHM, due=START, due_day=START.date())
    for person in people:
        await store.record(person, [NudgingSet(nudging)], START)
    await store.close()
    return people


async def prepare(url: str) -> list[Person]:
    """A database with people of two workspaces."""
    await migrate(url)
    return [*await populate(url, ACME, 40), *await populate(url, BETA, 15)]


def test_kills_and_failures_of_every_kind(database: str):
    """Letters are planned, killed in the middle, refused, cut and delayed; each arrives once or says why not."""
    people = asyncio.run(prepare(database))

    async def work() -> None:
        chance = random.Random(4)
        platform = StubPlatform(lambda mark, nth: chance.choice(ACTS) if nth < 2 and chance.random() < 0.4 else "take")
        async with opened(database) as post:
            process = Process(post, platform)
            for _ in range(4):
                await asyncio.sleep(chance.uniform(2, 8))
                async with standing_still():
                    await process.kill()
                process = Process(post, platform)
            counts: Counter[State] = Counter({State.READY: 1})
            async with asyncio.timeout(13 * 3600):
                while counts.keys() & OPEN:
                    await asyncio.sleep(10)
                    found = await post.counts(START - datetime.timedelta(days=1))
                    counts = Counter()
                    for (_, state), count in found.items():
                        counts[state] += count
            assert counts.total() == len(people)
            assert set(counts) <= {State.SENT, State.GONE, State.REFUSED}
            assert len(platform.taken) == counts[State.SENT]
            assert {len(times) for times in platform.taken.values()} == {1}
            assert platform.most_in_a_second(ACME) <= LIMIT
            assert platform.most_in_a_second(BETA) <= LIMIT
            for person in people:
                (letter,) = await post.trail(person, 5)
                states = [state for _, state, _ in letter["trail"]]
                assert states[0] == "ready"
                assert states[-1] == letter["state"]
                assert letter["day"] == START.date()
            async with standing_still():
                await process.rounds.stop(1)
                await process.kill()

    run(work)


@pytest.mark.parametrize("acts", [["cut"], ["busy", "cut-before"]])
def test_a_trail_tells_what_happened(sqlite_database: str, acts: list[Act]):
    """An operator can read from the trail of a letter how it went."""

    async def before() -> list[Person]:
        await migrate(sqlite_database)
        return await populate(sqlite_database, ACME, 1)

    (person,) = asyncio.run(before())

    async def work() -> list[tuple[str, str]]:
        platform = StubPlatform(lambda mark, nth: acts[nth] if nth < len(acts) else "take")
        async with opened(sqlite_database) as post:
            process = Process(post, platform)
            await asyncio.sleep(180)
            async with standing_still():
                await process.kill()
            (letter,) = await post.trail(person, 5)
            return [(state, why) for _, state, why in letter["trail"]]

    trail = run(work)
    assert trail[:2] == [("ready", ""), ("sending", "")]
    if acts == ["cut"]:
        assert trail[2:] == [("doubt", "InDoubt"), ("sent", "found")]
    else:
        doubt = [("doubt", "InDoubt"), ("ready", "absent"), ("sending", ""), ("sent", "")]
        assert trail[2:] == [("ready", "busy"), ("sending", ""), *doubt]
