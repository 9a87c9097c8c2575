"""The real worker is told to stop while Slack is slow: what is on its way is finished, and nothing else begins."""

from __future__ import annotations

import asyncio
import datetime

from bot.store.letters import SqlPost
from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from handlers.records import AddressSet, Nudging, NudgingSet, Profile, ProfileSet
from handlers.reply import Reply
from handlers.rhythm import Rhythm
from handlers.turn import Person, Turn
from scheduler.fleet import scripts
from scheduler.letters import State, Workspace
from tests.slack import SECRET, running
from tests.test_process import running as process_running

HERE = Workspace("slack", "T0TEAM001")
SLOW = 3.5
"""Longer than a process that waits for nothing takes to end."""


async def nobody(turn: Turn) -> Reply:
    raise AssertionError(turn)


async def prepare(url: str, now: datetime.datetime) -> None:
    """A database with five people who are due."""
    await migrate(url, None if url.startswith("sqlite") else scripts())
    rhythm = Rhythm(now.weekday(), now.hour * 60 + now.minute, "UTC", now.date())
    nudging = Nudging(rhythm=rhythm, due=now, due_day=now.date())
    store = SqlStore(url)
    for number in range(5):
        facts = [
            ProfileSet(Profile("mlops-engineer", "middle")),
            NudgingSet(nudging),
            AddressSet({"channel": f"D{number}"}),
        ]
        await store.record(Person(HERE.platform, HERE.tenant, f"U{number}"), facts, now)
    await store.close()


async def states(url: str) -> dict[State, int]:
    """How many letters are in each state."""
    store = SqlStore(url)
    counts = await SqlPost(store.database).counts(datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1))
    await store.close()
    return {state: count for (_, state), count in counts.items()}


async def test_a_letter_on_its_way_is_finished(database: str) -> None:
    """A post that Slack takes seconds to answer is sent and settled, and none is begun after the signal."""
    await prepare(database, datetime.datetime.now(datetime.UTC))
    async with running(nobody) as slack:
        slack.slow = SLOW
        settings = {
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_API_URL": f"{slack.url}/api/",
            "QUIET_HOURS": "0-0",
        }
        with process_running("worker", DATABASE_URL=database, **settings) as (process, _):
            async with asyncio.timeout(30), slack.changed:
                await slack.changed.wait_for(lambda: slack.of("chat.postMessage"))
            process.terminate()
            begun = asyncio.get_running_loop().time()
            assert await asyncio.to_thread(process.wait, 20) == 0
            took = asyncio.get_running_loop().time() - begun
        posted = len(slack.of("chat.postMessage"))
    assert SLOW - 1 < took < SLOW + 4
    assert 1 <= posted < 5
    assert await states(database) == {State.SENT: posted, State.READY: 5 - posted}
