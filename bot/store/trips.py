"""SQLite in a thread of its own, with one trip there and back for each statement.

aiosqlite makes four: for the cursor, the statement, its rows, and the cursor's end. A trip takes longer than SQLite
does with most statements.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import aiosqlite


def connect(file: str, **options: Any) -> Connection:
    """A connection to wait for, made with what `sqlite3.connect` takes."""
    connection = Connection(partial(sqlite3.connect, file, **options), iter_chunk_size=1)
    connection._thread.daemon = True  # as SQLAlchemy does where it connects by itself
    return connection


class Connection(aiosqlite.Connection):
    """What SQLAlchemy needs of a connection."""

    def cursor(self) -> Cursor:  # type: ignore[override]  # SQLAlchemy only enters it
        """A cursor on this side; the other side has one as long as a statement takes."""
        return Cursor(self)

    async def rollback(self) -> None:
        """Give up a transaction, if there is one: the pool asks for that after each use."""
        if self.in_transaction:
            await super().rollback()

    async def whole(self, work: Callable[[sqlite3.Cursor], object]) -> tuple[sqlite3.Cursor, Sequence[Any]]:
        """A cursor that a statement was executed with, closed, and the rows that there were."""

        def execute() -> tuple[sqlite3.Cursor, Sequence[Any]]:
            cursor = self._conn.cursor()
            try:
                work(cursor)
                return cursor, cursor.fetchall() if cursor.description else ()
            finally:
                cursor.close()

        return await self._execute(execute)  # type: ignore[no-any-return, no-untyped-call]


class Cursor:
    """What SQLAlchemy needs of a cursor."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Cursor:
        return self

    async def execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Execute a statement, and fetch what it finds."""
        await self._do(lambda cursor: cursor.execute(sql, values))

    async def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute a statement with each of some rows."""
        await self._do(lambda cursor: cursor.executemany(sql, rows))

    async def fetchall(self) -> Sequence[Any]:
        """The rows that were found."""
        return self._rows

    async def close(self) -> None:
        """The other side has closed its own already."""

    async def _do(self, work: Callable[[sqlite3.Cursor], object]) -> None:
        done, self._rows = await self._connection.whole(work)
        self.description, self.rowcount, self.lastrowid = done.description, done.rowcount, done.lastrowid
