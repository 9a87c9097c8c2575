"""Databases for tests: SQLite in a file, and PostgreSQL from a wheel or from TEST_DATABASE_URL."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio
from sqlalchemy import make_url

from bot.store.memory import MemoryStore
from bot.store.memory_teams import MemoryTeams
from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from bot.store.teams import SqlTeams
from handlers.ports import Store
from handlers.team_records import Teams

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a PostgreSQL server, started once for all tests."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with subprocess.Popen(
        [sys.executable, "-m", "tests.postgresql"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # Ctrl-C is for the tests; the server ends when they have ended
    ) as server:
        assert server.stdin
        assert server.stdout
        yield server.stdout.readline().strip()
        server.stdin.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, one test for each kind."""
    yield from _make(request.param, request, tmp_path)


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    """The address of an empty database in a file."""
    return f"sqlite:///{tmp_path / 'rung.db'}"


@pytest.fixture
def postgresql_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty schema on a server."""
    yield from _make("postgresql", request, tmp_path)


@pytest_asyncio.fixture
async def sql_store(database: str) -> AsyncIterator[SqlStore]:
    """An open store on an empty database, one test for each kind."""
    async for store in _open(database):
        yield store


@pytest_asyncio.fixture(params=["memory", "sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Every store there is."""
    if request.param == "memory":
        yield MemoryStore()
        return
    for url in _make(request.param, request, tmp_path):
        async for store in _open(url):
            yield store


@pytest.fixture
def teams(store: Store) -> Teams:
    """The teams beside every store there is; numbers are shown of three people and more."""
    return SqlTeams(store.database, least=3) if isinstance(store, SqlStore) else MemoryTeams(store, least=3)  # type: ignore[arg-type]


async def _open(url: str) -> AsyncIterator[SqlStore]:
    await migrate(url)
    store = SqlStore(url)
    yield store
    await store.close()


def _make(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """An empty database: a file in the folder, or a schema of its own on the server."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'rung.db'}"
        return
    server = request.getfixturevalue("postgresql_server")
    schema = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        yield (
            make_url(server)
            .update_query_dict({"options": f"-csearch_path={schema}"})
            .render_as_string(hide_password=False)
        )
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


class Relay:
    """A line to a PostgreSQL server that a test can cut or freeze."""

    def __init__(self, url: str, folder: Path) -> None:
        self._server = make_url(url)
        self._folder = folder
        self._open: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._listener: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The server's address through this line."""
        query = {**self._server.query, "host": str(self._folder)}
        return self._server.set(host=None, port=None, query=query).render_as_string(hide_password=False)

    async def mend(self) -> None:
        """Let the line carry again."""
        self._flowing.set()
        if self._listener is None:
            self._listener = await asyncio.start_unix_server(self._carry, self._folder / ".s.PGSQL.5432")

    async def cut(self) -> None:
        """Drop every connection and take no new one."""
        if self._listener:
            self._listener.close()
            self._listener = None
        for writer in list(self._open):
            writer.transport.abort()
        (self._folder / ".s.PGSQL.5432").unlink(missing_ok=True)
        await asyncio.sleep(0)

    def freeze(self) -> None:
        """Keep every connection and carry nothing."""
        self._flowing.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        folder, port = self._server.query.get("host"), self._server.port or 5432
        if folder:
            far_reader, far_writer = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        else:
            far_reader, far_writer = await asyncio.open_connection(self._server.host or "127.0.0.1", port)
        self._open |= {writer, far_writer}
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        finally:
            self._open -= {writer, far_writer}

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await self._flowing.wait()
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()
