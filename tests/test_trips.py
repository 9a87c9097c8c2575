"""What the short way to SQLite needs of aiosqlite and SQLAlchemy, which promise none of it."""

from __future__ import annotations

import inspect
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.store import trips
from bot.store.engine import make_engine
from bot.store.migrate import migrate

INSTALLED = f"aiosqlite {version('aiosqlite')}, SQLAlchemy {version('sqlalchemy')}"
ADVICE = f"bot/store/trips.py leans on it: mend that first, then the upper bounds in pyproject.toml ({INSTALLED})"


@contextmanager
def counted_trips() -> Iterator[list[str]]:
    """What is executed in the thread of a connection, by name."""
    seen: list[str] = []
    execute = aiosqlite.Connection._execute

    async def count(self: aiosqlite.Connection, work: Callable[..., Any], *values: Any, **named: Any) -> Any:
        seen.append(getattr(work, "__name__", str(work)))
        return await execute(self, work, *values, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiosqlite.Connection, "_execute", count)
        yield seen


def test_aiosqlite_has_what_is_used_of_it() -> None:
    """The private parts are there, each of the kind that is expected."""
    parts = inspect.signature(aiosqlite.Connection).parameters
    assert {"connector", "iter_chunk_size"} <= parts.keys(), f"aiosqlite.Connection is made otherwise; {ADVICE}"
    one = trips.Connection(lambda: sqlite3.connect(":memory:"), iter_chunk_size=1)
    assert isinstance(getattr(one, "_thread", None), threading.Thread), f"`_thread` is no thread; {ADVICE}"
    for name in ("_conn", "in_transaction"):
        assert isinstance(getattr(aiosqlite.Connection, name, None), property), f"`{name}` is no property; {ADVICE}"
    for name in ("_execute", "rollback", "commit", "close"):
        found = getattr(aiosqlite.Connection, name, None)
        assert inspect.iscoroutinefunction(found), f"`{name}` cannot be awaited; {ADVICE}"


async def test_a_connection_alone() -> None:
    """Without SQLAlchemy a statement is executed in the thread and comes back with its rows, and a fault as itself."""
    connection = trips.connect(":memory:")
    assert connection._thread.daemon, f"a thread that holds up the end of the process; {ADVICE}"
    await connection
    done, rows = await connection.whole(lambda cursor: cursor.execute("SELECT 1, 'a' UNION SELECT 2, 'b'"))
    assert (list(rows), [name for name, *_ in done.description]) == ([(1, "a"), (2, "b")], ["1", "'a'"]), ADVICE
    with pytest.raises(sqlite3.OperationalError):
        await connection.whole(lambda cursor: cursor.execute("SELEC"))
    await connection.close()
    with pytest.raises(ValueError, match="closed"):
        await connection.whole(lambda cursor: cursor.execute("SELECT 1"))


async def test_one_trip_for_each_statement(tmp_path: Path) -> None:
    """Through SQLAlchemy a statement takes one trip, of whatever kind it is, and tells what it is asked for."""
    url = f"sqlite:///{tmp_path}/rung.db"
    await migrate(url)
    engine = make_engine(url)
    row = "INSERT INTO person (platform, tenant, user_id, seen_on) VALUES ('slack', 'T1', :user, '2026-11-30')"
    async with engine.execution_options(writes=True).connect() as connection, connection.begin():
        with counted_trips() as seen:
            one = await connection.execute(text(row), {"user": "U1"})
            many = await connection.execute(text(row), [{"user": f"V{number}"} for number in range(5)])
            found = await connection.execute(text("SELECT user_id FROM person ORDER BY user_id"))
            changed = await connection.execute(text("UPDATE person SET lang = 'de' WHERE user_id LIKE 'V%'"))
            with pytest.raises(IntegrityError):
                await connection.execute(text(row), {"user": "U1"})
        assert seen == ["execute"] * 5, ADVICE
        assert found.scalars().all() == ["U1", "V0", "V1", "V2", "V3", "V4"], ADVICE
        assert (one.rowcount, many.rowcount, changed.rowcount) == (1, 5, 5), ADVICE
    with counted_trips() as seen:
        async with engine.connect() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM person"))).scalar_one() == 6, ADVICE
    assert seen.count("execute") == 1, ADVICE
    assert len(seen) <= 3, f"{seen}: what a connection is taken and given back with has become dearer; {ADVICE}"
    await engine.dispose()
