"""Several processes over one PostgreSQL, killed, frozen and cut off: nothing is lost or doubled, nobody is hurried."""

from __future__ import annotations

import asyncio
import datetime
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from bot.store.letters import SqlPost
from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from scheduler.fleet import scripts
from scheduler.letters import OPEN, State, Workspace
from tests.stub_platform import most_within
from tests.test_delivery_stored import populate
from tests.virtual import START

LIMIT = 10.0
SECOND = datetime.timedelta(seconds=1)


@contextmanager
def processes(url: str, file: Path, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many processes of the fleet."""
    command = [sys.executable, "-m", "tests.fleet_worker", url, str(file), str(time.time()), str(LIMIT)]
    started = [subprocess.Popen(command) for _ in range(count)]
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.wait()


async def prepare(url: str, count: int, people: int) -> Sequence[Workspace]:
    """A database with so many workspaces, each with so many people who are due."""
    await migrate(url, scripts())
    workspaces = [Workspace("stub", f"T{number}") for number in range(count)]
    for workspace in workspaces:
        await populate(url, workspace, people)
    return workspaces


def taken(file: Path) -> list[tuple[str, str, float, int]]:
    """What the platform took: letter, workspace, when, and through which process."""
    lines = file.read_text().splitlines() if file.exists() else []
    return [(mark, tenant, float(at), int(pid)) for mark, tenant, at, pid in map(str.split, lines)]


async def until_settled(url: str, count: int, seconds: float) -> None:
    """Wait until every letter is sent."""
    store = SqlStore(url)
    states: Counter[State] = Counter()
    try:
        async with asyncio.timeout(seconds):
            while states.total() < count or states.keys() & OPEN:
                await asyncio.sleep(0.2)
                states.clear()
                for (_, state), number in (await SqlPost(store.database).counts(START)).items():
                    states[state] += number
    except TimeoutError:
        raise AssertionError(f"after {seconds} s: {states}") from None
    finally:
        await store.close()
    assert states == {State.SENT: count}


def check(file: Path, count: int) -> None:
    """Each letter was taken once, and no workspace got more in a second than it may."""
    found = taken(file)
    assert len({mark for mark, *_ in found}) == len(found) == count
    times = defaultdict(list)
    for _, tenant, at, _ in found:
        times[tenant].append(datetime.datetime.fromtimestamp(at, datetime.UTC))
    assert max(most_within(some, SECOND) for some in times.values()) <= LIMIT


def jobs(url: str) -> list[tuple[str, str]]:
    """What procrastinate has in its table, but for what goes on all the time."""
    query = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(query) as connection:
        return connection.execute(
            "SELECT task_name, status FROM procrastinate_jobs WHERE task_name = 'drain'"
        ).fetchall()


async def test_one_is_killed_and_one_is_frozen(postgresql_database: str, tmp_path: Path) -> None:
    """One of three is killed hard and one frozen while they send; the others do their work, and nothing is twice."""
    workspaces, file = await prepare(postgresql_database, 6, 40), tmp_path / "taken"
    count = 40 * len(workspaces)
    with processes(postgresql_database, file, 3) as started:
        async with asyncio.timeout(15):
            while len(taken(file)) < 60:  # noqa: ASYNC110 - other processes write it
                await asyncio.sleep(0.05)
        senders = Counter(pid for *_, pid in taken(file)).most_common()
        busy = {process.pid: process for process in started}
        busy[senders[0][0]].kill()
        frozen = next(process for process in started if process.pid != senders[0][0])
        frozen.send_signal(signal.SIGSTOP)
        await asyncio.sleep(5)
        frozen.send_signal(signal.SIGCONT)
        await until_settled(postgresql_database, count, 30)
        for process in started:
            process.terminate()
        assert [process.wait(5) for process in started if process.pid != senders[0][0]] == [0, 0]
    check(file, count)
    assert jobs(postgresql_database) == []
