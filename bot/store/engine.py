"""Connections to SQLite and PostgreSQL, set up so that what is committed is on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.store import trips

PATIENCE = 5.0
"""Seconds to wait for a lock, a free connection or an answer: a person is waiting too."""

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
}

Identity = tuple[int, int] | None
"""Which file it is, whatever its name; None where there is none."""


class OtherFileError(OSError):
    """The database's file is gone, or another than the one that was opened."""


class JournalAloneError(OSError):
    """The journal of a database is there, and its file is not."""


def database_url(url: str) -> URL:
    """The address of a database with its driver. ValueError in a sentence that does not repeat a password."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    name = parsed.drivername.split("+")[0] if parsed else ""
    if parsed is None or name not in DRIVERS:
        raise ValueError("The database's address must look like sqlite:///rung.db or postgresql://user@host/name.")
    if name == "sqlite" and (parsed.database or ":memory:") == ":memory:":
        raise ValueError("The database's address names no file: write sqlite:///rung.db, for example.")
    return parsed.set(drivername=DRIVERS[name])


def connect_args(url: str, patience: float = PATIENCE) -> Mapping[str, Any]:
    """What the driver is told to connect with, for who does so without this engine."""
    address = database_url(url)
    _, told = address.get_dialect()().create_connect_args(address)
    return {**told, "connect_timeout": max(2, round(patience))}


def make_engine(url: str, patience: float = PATIENCE, *, migrating: bool = False) -> AsyncEngine:
    """An engine for either database; `migrating` waits as long as it takes, and makes SQLite's file."""
    address = database_url(url)
    lite = address.get_backend_name() == "sqlite"
    engine = create_async_engine(
        address,
        # What people wrote must not stand in an error's text.
        hide_parameters=True,
        pool_timeout=patience,
        connect_args={"timeout": patience} if lite else {"connect_timeout": max(2, round(patience))},
    )
    if lite:
        _set_up_sqlite(engine, address, migrating=migrating)
    elif not migrating:
        _set_up_postgresql(engine, patience)
    return engine


def _set_up_sqlite(engine: AsyncEngine, address: URL, *, migrating: bool) -> None:
    """One file, many readers, one writer at a time.

    Only `migrating` makes a file. Otherwise it must be the one that was there first: beside the journal of another,
    SQLite would make one database out of two.
    """
    file = Path(str(address.database))
    journal = Path(f"{file}-wal")
    opened: list[Identity] = []

    @event.listens_for(engine.sync_engine, "do_connect")
    def open_what_is_there(_: Any, __: Any, names: list[Any], options: dict[str, Any]) -> None:
        there = _identity(file)
        if migrating and there is None:
            if journal.exists():
                raise JournalAloneError(file.name)
            # SQLite gives its journal the rights of the file.
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
        elif there is None or (opened and there != opened[0]):
            raise OtherFileError(file.name)
        names[0] = f"{file.absolute().as_uri()}?mode=rw"
        options["uri"] = True
        options["async_creator_fn"] = trips.connect

    @event.listens_for(engine.sync_engine, "checkout")
    def drop_what_moved(_: Any, record: ConnectionPoolEntry, __: Any) -> None:
        # A connection goes on with its files wherever they are now, and whoever looks for them later finds none.
        if record.info["files"] != (_identity(file), _identity(journal)):
            raise InvalidatePoolError

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, record: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own accord
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        # Rebuilding a table in a migration would cascade to its children.
        cursor.execute(f"PRAGMA foreign_keys={'OFF' if migrating else 'ON'}")
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()
        found = _identity(file), _identity(journal)
        record.info["files"] = found
        if not opened:
            opened.append(found[0])

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later can be refused half-way; a writer takes the lock at once.
        if connection.get_execution_options().get("writes"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def _identity(file: Path) -> Identity:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _set_up_postgresql(engine: AsyncEngine, patience: float) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SET statement_timeout = {round(patience * 1000)}")
        cursor.close()
        connection.commit()
