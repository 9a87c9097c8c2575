"""Clicks and words while the database is locked, frozen or gone, and after it is back."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
import structlog

from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from handlers.intent import SetProfile
from handlers.ports import Desk
from tests.databases import Relay
from tests.door import ME, ROLE, clauses, desk_over, every_kind, keeping, press, say
from tests.talk import text

PATIENCE = 0.15
MARK = "Wombat canaries"
AWAY = "cannot get at my memory"


@dataclass
class Trouble:
    """A store with a way to spoil its database and to mend it."""

    desk: Desk
    store: SqlStore
    spoil: Callable[[], Awaitable[None]]
    mend: Callable[[], Awaitable[None]]


@pytest_asyncio.fixture(params=["sqlite locked", "postgresql gone", "postgresql frozen", "postgresql locked"])
async def trouble(request: pytest.FixtureRequest) -> AsyncIterator[Trouble]:
    """Each way in which a database can fail a turn."""
    kind, how = request.param.split()
    url = request.getfixturevalue(f"{kind}_database")
    await migrate(url)
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        if kind == "sqlite":
            store = SqlStore(url, PATIENCE)
            other = sqlite3.connect(str(store.engine.url.database), isolation_level=None)

            async def spoil() -> None:
                other.execute("BEGIN IMMEDIATE")

            async def mend() -> None:
                other.execute("ROLLBACK")

            yield Trouble(desk_over(store), store, spoil, mend)
            await store.close()
            other.close()
            return
        line = Relay(url, Path(folder))
        await line.mend()
        store = SqlStore(line.url, PATIENCE)
        if how == "locked":
            blocker = await psycopg.AsyncConnection.connect(url)

            async def spoil() -> None:
                await blocker.execute("LOCK TABLE milestone, evidence, person IN ACCESS EXCLUSIVE MODE")

            async def mend() -> None:
                await blocker.rollback()

            yield Trouble(desk_over(store), store, spoil, mend)
            await blocker.close()
        else:

            async def freeze() -> None:
                line.freeze()

            yield Trouble(desk_over(store), store, line.cut if how == "gone" else freeze, line.mend)
        await store.close()
        await line.cut()


async def test_nothing_confirmed_is_lost(trouble: Trouble) -> None:
    """While the database fails nothing is claimed and a reference is given; then the same click works, once."""
    desk, store = trouble.desk, trouble.store
    first, second = clauses(desk)[:2]
    await press(SetProfile(role=ROLE, level="middle"), desk)
    for intent in keeping(first, MARK).values():
        assert AWAY not in text(await press(intent, desk))
    before = await store.export(ME)
    await trouble.spoil()
    with structlog.testing.capture_logs() as events:
        clicks = [intent for name, intent in keeping(second, MARK).items() if name != "still true"]
        replies = await asyncio.gather(*(press(intent, desk) for intent in clicks))
        replies.append(await say(f"done with {MARK}, see https://example.com/wombat", desk))
    await trouble.mend()
    failed = [event for event in events if event["event"] == "store_unavailable"]
    assert failed
    assert not [event for event in events if event["event"] == "answer_failed"]
    assert "ombat" not in str(events)
    references = {event["reference"] for event in failed}
    refused = [reply for reply in replies if AWAY in text(reply)]
    assert len(refused) == len(failed)
    for reply in refused:
        assert any(reference in text(reply) for reference in references)
    after = await store.export(ME)
    assert after["evidence"] == before["evidence"]
    assert after["milestone"] == before["milestone"]
    assert after["person"][0]["level"] == before["person"][0]["level"]
    for _ in range(2):
        for intent in clicks:
            assert AWAY not in text(await press(intent, desk))
    again = await store.export(ME)
    assert len(again["milestone"]) == len(before["milestone"]) + 1
    assert len(again["evidence"]) == 2 * len(before["evidence"])


async def test_everything_is_answered(trouble: Trouble) -> None:
    """Whatever is asked while the database fails gets an answer, and never the one that means a bug."""
    await press(SetProfile(role=ROLE, level="middle"), trouble.desk)
    await trouble.spoil()
    with structlog.testing.capture_logs() as events:
        replies = await asyncio.gather(*(press(intent, trouble.desk) for intent in every_kind()))
    await trouble.mend()
    assert all(reply.blocks for reply in replies)
    assert {event["event"] for event in events} == {"store_unavailable"}
    assert "Middle" in text(await say("show my profile", trouble.desk))
