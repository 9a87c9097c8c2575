"""Statements and transactions in bounded time, tried afresh when a connection was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from handlers.errors import Unavailable

RETRIED = frozenset({"40001", "40P01"})
"""PostgreSQL's codes for two transactions in each other's way; the loser may try again."""

READ_ONLY = "25006"
"""PostgreSQL's code for a write to a server that only lets itself be read, as one does that is being replaced."""

_log = structlog.get_logger()

T = TypeVar("T")
Work = Callable[[AsyncConnection], Awaitable[T]]


class RefusedError(Exception):
    """The database understood a statement and refused it: a bug, or a row that went meanwhile."""


class Database:
    """A database that may be busy, slow or gone: then `Unavailable` is raised, and the next call tries afresh."""

    def __init__(self, engine: AsyncEngine, patience: float) -> None:
        self.embedded = engine.dialect.name == "sqlite"
        # Whether erased words may lie in the journal still, as those of an earlier process may.
        self.unwiped = self.embedded
        self._engine = engine
        self._patience = patience
        self._writing = engine.execution_options(writes=True)
        # One statement is its own transaction: begin and rollback around it would be two more trips.
        self._reading = engine if self.embedded else engine.execution_options(isolation_level="AUTOCOMMIT")
        # SQLite takes one writer at a time; waiting here is fairer than its busy loop.
        self._turn: asyncio.Lock | None = asyncio.Lock() if self.embedded else None
        self._underway: set[asyncio.Task[Any]] = set()

    async def close(self) -> None:
        """Let go of every connection."""
        if self._underway:
            await asyncio.wait(self._underway, timeout=self._patience)
        await self._engine.dispose()

    async def read(self, work: Work[T]) -> T:
        """Run one statement."""

        async def attempt() -> T:
            async with self._reading.connect() as connection:
                return await work(connection)

        return await self._try(attempt)

    async def write(self, work: Work[T]) -> T:
        """Run a transaction; it is committed when this returns."""

        async def attempt() -> T:
            async with self._writing.begin() as connection:
                return await work(connection)

        if self._turn is None:
            return await self._try(attempt)
        try:
            async with asyncio.timeout(self._patience):
                await self._turn.acquire()
        except TimeoutError as error:
            raise Unavailable("other writers are in the way") from error
        try:
            return await self._try(attempt)
        finally:
            self._turn.release()

    async def _try(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Do it, once more after a lost connection, and in bounded time. Twice does no harm: facts are idempotent."""
        try:
            try:
                return await self._in_time(attempt)
            except DBAPIError as error:
                if not (error.connection_invalidated or getattr(error.orig, "sqlstate", None) in RETRIED):
                    raise
                return await self._in_time(attempt)
        except (OperationalError, InterfaceError, NoConnection, OSError) as error:
            raise Unavailable(f"the database cannot be reached: {type(error).__name__}") from error
        except DBAPIError as error:
            # The driver's text may quote what a person wrote; the statement holds no values.
            code = getattr(error.orig, "sqlstate", None)
            if code == READ_ONLY:
                raise Unavailable(f"the database takes no writing: {code}") from None
            # Beside the answer's own line, which tells only where it happened.
            _log.warning("statement_refused", error=type(error).__name__, code=code)
            raise RefusedError(f"{type(error).__name__} {code} in: {error.statement}") from None

    async def _in_time(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Wait for it twice as long as the database itself would; TimeoutError, which is an OSError, after that.

        It is left alone rather than cancelled: a driver would ask a server that does not answer to cancel.
        """

        async def run() -> T:
            return await attempt()

        task = asyncio.create_task(run())
        self._underway.add(task)
        task.add_done_callback(self._done)
        # Not `wait_for`, which before Python 3.12 forgets that it was cancelled when the answer comes at that moment.
        async with asyncio.timeout(2 * self._patience):
            return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._underway.discard(task)
        if not task.cancelled():
            task.exception()  # nobody may be waiting for it any more
