"""A database that is busy, frozen or gone, and what errors say of it."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import make_url
from structlog.testing import capture_logs

from bot.store.database import RefusedError
from bot.store.engine import database_url
from bot.store.migrate import VersionError, migrate
from bot.store.sql import SqlStore
from handlers.errors import Unavailable
from handlers.records import EvidenceAdded, MilestoneSet, State
from tests.databases import Relay
from tests.test_store import EVERYTHING, HERE, ME, NOON, SERVING, known

PATIENCE = 0.3
DONE = [MilestoneSet(SERVING, State.DONE)]


@pytest_asyncio.fixture
async def relay(postgresql_database: str) -> AsyncIterator[Relay]:
    """A line to PostgreSQL that carries."""
    await migrate(postgresql_database)
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        line = Relay(postgresql_database, Path(folder))
        await line.mend()
        yield line
        await line.cut()


@pytest_asyncio.fixture
async def remote(relay: Relay) -> AsyncIterator[SqlStore]:
    """A store at the end of that line."""
    store = SqlStore(relay.url, PATIENCE)
    yield store
    await store.close()


@pytest_asyncio.fixture
async def embedded(sqlite_database: str) -> AsyncIterator[SqlStore]:
    """A store in a file."""
    store = SqlStore(sqlite_database, PATIENCE)
    await store.open()
    yield store
    await store.close()


async def test_sqlite_locked(embedded: SqlStore) -> None:
    """While another process holds the file's lock a turn can read but not write; afterwards it can again."""
    await embedded.record(ME, EVERYTHING, NOON)
    other = sqlite3.connect(str(embedded.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await embedded.record(ME, DONE, NOON)
    assert time.monotonic() - began < 4 * PATIENCE
    assert (await known(embedded)).profile.level == "senior"
    other.execute("ROLLBACK")
    other.close()
    await embedded.record(ME, [EvidenceAdded("after")], NOON)
    assert len(await embedded.evidence(ME)) == 3


async def test_sqlite_gone(tmp_path: Path) -> None:
    """A folder that cannot be had is said to be unavailable, at the start and in a turn."""
    (tmp_path / "file").write_text("in the way")
    store = SqlStore(f"sqlite:///{tmp_path / 'file' / 'rung.db'}", PATIENCE)
    with pytest.raises(Unavailable):
        await store.open()
    with pytest.raises(Unavailable):
        await store.check()
    await store.close()


async def test_sqlite_moved(embedded: SqlStore) -> None:
    """While the file is away nothing is read or confirmed; once it is back, all that was confirmed is there."""
    file = str(embedded.engine.url.database)
    await embedded.record(ME, EVERYTHING, NOON)
    shutil.move(file, f"{file}-away")
    for _ in range(3):
        with pytest.raises(Unavailable):
            await embedded.recall(ME, HERE, NOON)
        with pytest.raises(Unavailable):
            await embedded.record(ME, DONE, NOON)
    assert size(file) is None
    shutil.move(f"{file}-away", file)
    assert len((await known(embedded)).milestones) == 2
    await embedded.record(ME, [EvidenceAdded("after")], NOON)
    assert len(await embedded.evidence(ME)) == 3


async def test_sqlite_replaced(embedded: SqlStore) -> None:
    """Another file in the place of the one that was opened is left alone, until the right one is back."""
    file = str(embedded.engine.url.database)
    await embedded.record(ME, EVERYTHING, NOON)
    shutil.move(file, f"{file}-away")
    write(file)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await embedded.record(ME, DONE, NOON)
    assert size(file) == 0
    shutil.move(f"{file}-away", file)
    assert len((await known(embedded)).milestones) == 2


async def test_sqlite_without_its_journal(embedded: SqlStore, sqlite_database: str) -> None:
    """What is confirmed after the journal was removed is found by whoever opens the file next."""
    await embedded.record(ME, EVERYTHING, NOON)
    shutil.move(f"{embedded.engine.url.database}-wal", f"{embedded.engine.url.database}-away")
    await embedded.record(ME, [EvidenceAdded("after")], NOON)
    other = SqlStore(sqlite_database)
    assert "after" in {item.text for item in await other.evidence(ME)}
    await other.close()


async def test_sqlite_journal_alone(sqlite_database: str) -> None:
    """No new file is made beside the journal of one that is gone: the start ends with a sentence."""
    file = str(database_url(sqlite_database).database)
    write(f"{file}-wal")
    store = SqlStore(sqlite_database, PATIENCE)
    with pytest.raises(VersionError, match="journal"):
        await store.open()
    assert size(file) is None
    shutil.move(f"{file}-wal", f"{file}-away")
    await store.open()
    await store.close()


def write(file: str, said: bytes = b"") -> None:
    """Make a file."""
    Path(file).write_bytes(said)


def size(file: str) -> int | None:
    """How long a file is; None where there is none."""
    return Path(file).stat().st_size if Path(file).exists() else None


async def test_sqlite_damaged(sqlite_database: str) -> None:
    """A file that is no database ends the start with a sentence, and is left as it is."""
    file = str(database_url(sqlite_database).database)
    write(file, b"Dear diary, " * 1000)
    store = SqlStore(sqlite_database, PATIENCE)
    with pytest.raises(VersionError, match="damaged"):
        await store.open()
    await store.close()
    assert size(file) == 12_000


async def test_sqlite_rights(embedded: SqlStore) -> None:
    """Only the bot's own user may read the file and its journal."""
    await embedded.record(ME, EVERYTHING, NOON)
    folder = Path(str(embedded.engine.url.database)).parent
    assert {file.stat().st_mode & 0o777 for file in folder.glob("rung.db*")} == {0o600}


async def test_postgresql_restarted(remote: SqlStore, relay: Relay) -> None:
    """Connections that died between two turns are not noticed by anyone."""
    await remote.record(ME, EVERYTHING, NOON)
    await relay.cut()
    await relay.mend()
    await remote.record(ME, [EvidenceAdded("after")], NOON)
    await relay.cut()
    await relay.mend()
    assert (await known(remote)).profile.level == "senior"
    assert len(await remote.evidence(ME)) == 3


async def test_postgresql_gone(remote: SqlStore, relay: Relay) -> None:
    """A vanished server makes the store unavailable until it is back; what was confirmed is still there."""
    await remote.record(ME, EVERYTHING, NOON)
    await relay.cut()
    with pytest.raises(Unavailable):
        await remote.record(ME, DONE, NOON)
    with pytest.raises(Unavailable):
        await remote.recall(ME, HERE, NOON)
    with pytest.raises(Unavailable):
        await remote.check()
    await relay.mend()
    await remote.check()
    assert len((await known(remote)).milestones) == 2


async def test_postgresql_frozen(remote: SqlStore, relay: Relay) -> None:
    """A server that stays silent makes a turn wait for a moment, not for ever."""
    await remote.record(ME, EVERYTHING, NOON)
    relay.freeze()
    began = time.monotonic()
    with pytest.raises(Unavailable):
        await remote.recall(ME, HERE, NOON)
    assert time.monotonic() - began < 4 * PATIENCE
    await relay.mend()
    assert (await known(remote)).profile.level == "senior"


async def test_postgresql_locked(remote: SqlStore, postgresql_database: str) -> None:
    """While another transaction holds a table a turn can not write; afterwards it can again."""
    with psycopg.connect(postgresql_database) as other:
        other.execute("LOCK TABLE milestone IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Unavailable) as caught:
            await remote.record(ME, DONE, NOON)
        assert not quoted(caught.value, SERVING)
        other.rollback()
    await remote.record(ME, DONE, NOON)
    assert list((await known(remote)).milestones) == [SERVING]


async def test_postgresql_read_only(remote: SqlStore, postgresql_database: str) -> None:
    """A server that takes no writing makes the store unavailable for that, and for nothing else."""
    await remote.record(ME, EVERYTHING, NOON)
    name = make_url(postgresql_database).database
    with psycopg.connect(postgresql_database, autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        await remote.engine.dispose()
        with pytest.raises(Unavailable, match="25006"):
            await remote.record(ME, DONE, NOON)
        assert (await known(remote)).profile.level == "senior"
        other.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    await remote.engine.dispose()
    await remote.record(ME, DONE, NOON)


async def test_postgresql_without_a_table(remote: SqlStore, postgresql_database: str) -> None:
    """What the server says of a statement it refuses stands in the log, as a code."""
    with psycopg.connect(postgresql_database) as other:
        other.execute("ALTER TABLE evidence RENAME TO gone")
    with capture_logs() as lines, pytest.raises(RefusedError):
        await remote.evidence(ME)
    assert [line["code"] for line in lines] == ["42P01"]


async def test_erased_elsewhere(sql_store: SqlStore, database: str) -> None:
    """A person whom another process erased becomes known again with the next fact."""
    await sql_store.record(ME, EVERYTHING, NOON)
    other = SqlStore(database)
    await other.forget(ME, NOON)
    await other.close()
    await sql_store.record(ME, DONE, NOON)
    assert list((await known(sql_store)).milestones) == [SERVING]


async def test_silent_errors(sql_store: SqlStore) -> None:
    """An error's text, with everything that led to it, holds no word of a person."""
    said = "Spilled-the-Beans"
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is
        # No type checker would let this through: evidence must have a text.
        await sql_store.record(ME, [EvidenceAdded(None, clause=said, id="x")], NOON)  # type: ignore[arg-type]
    assert not quoted(caught.value, said)


def quoted(error: BaseException | None, said: str) -> bool:
    """Whether an error, or what led to it, holds somebody's words."""
    return error is not None and (
        said in f"{error!r} {error}"
        or quoted(error.__cause__ or (None if error.__suppress_context__ else error.__context__), said)
    )


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///rung.db", "sqlite+aiosqlite"),
        ("sqlite:////var/lib/rung.db", "sqlite+aiosqlite"),
        ("postgres://me@host/rung", "postgresql+psycopg"),
        ("postgresql://me@host/rung?sslmode=require", "postgresql+psycopg"),
        ("postgresql+asyncpg://me@host/rung", "postgresql+psycopg"),
    ],
)
def test_addresses(url: str, driver: str) -> None:
    """The usual forms of a database's address find their driver."""
    assert database_url(url).drivername == driver


@pytest.mark.parametrize(
    "url", ["", "sqlite://", "sqlite:///:memory:", "mysql://u:hunter2@h/d", "hunter2", "x://:hunter2@:y"]
)
def test_wrong_addresses(url: str) -> None:
    """A wrong address is answered with a sentence that shows how, and no password."""
    with pytest.raises(ValueError, match="address") as caught:
        database_url(url)
    assert "hunter2" not in str(caught.value)
    assert "sqlite:///rung.db" in str(caught.value)


async def test_password(caplog: pytest.LogCaptureFixture) -> None:
    """A password stands in no error and no log."""
    caplog.set_level("DEBUG")
    store = SqlStore("postgresql://me:hunter2@127.0.0.1:9/rung", PATIENCE)
    with pytest.raises(Unavailable) as caught:
        await store.open()
    assert "hunter2" not in f"{caught.value} {caught.value.__cause__} {store.engine!r} {caplog.text}"
    await store.close()
