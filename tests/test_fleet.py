"""Several processes over one PostgreSQL, killed, frozen and cut off: nothing is lost or doubled, nobody is hurried."""

from __future__ import annotations

import asyncio
import datetime
import itertools
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, LiteralString

import procrastinate.periodic
import psycopg
import pytest
from croniter import croniter
from sqlalchemy import make_url

from bot.store.engine import connect_args
from bot.store.letters import SqlPost
from bot.store.migrate import VersionError, bring_up_to_date, migrate
from bot.store.sql import SqlStore
from scheduler import fleet, watch
from scheduler.delivery import Delivery
from scheduler.fleet import Fleet, Scripts, cron, scripts
from scheduler.letters import OPEN, State, Workspace
from scheduler.pace import Pace
from scheduler.watch import Watch
from tests.databases import Relay
from tests.stub_platform import most_within
from tests.test_delivery import TERMS, say_hello
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


def libpq(url: str) -> str:
    """The address as the driver itself takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def query(url: str, statement: LiteralString) -> list[tuple[Any, ...]]:
    """What a statement finds."""
    with psycopg.connect(libpq(url)) as connection:
        return connection.execute(statement).fetchall()


def jobs(url: str) -> list[tuple[Any, ...]]:
    """The drains that procrastinate knows of."""
    return query(url, "SELECT lock, status FROM procrastinate_jobs WHERE task_name = 'drain'")


async def until_taken(file: Path, count: int, processes: int = 1) -> None:
    """Wait until the platform has taken so many, and some through each of so many processes."""
    async with asyncio.timeout(40):
        while len(found := taken(file)) < count or len({pid for *_, pid in found}) < processes:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_one_is_killed_and_one_is_frozen(postgresql_database: str, tmp_path: Path) -> None:
    """One of three is killed hard and one frozen while they send; the others do their work, and nothing is twice."""
    # Enough that the last to start, on a machine that has much to do, finds some left.
    workspaces, file = await prepare(postgresql_database, 6, 40), tmp_path / "taken"
    count = 40 * len(workspaces)
    with processes(postgresql_database, file, 3) as started:
        await until_taken(file, 40, processes=3)
        killed, frozen, other = started
        killed.kill()
        frozen.send_signal(signal.SIGSTOP)
        await asyncio.sleep(3.5)
        frozen.send_signal(signal.SIGCONT)
        await until_settled(postgresql_database, count, 60)
        for process in (frozen, other):
            process.terminate()
        assert [process.wait(5) for process in (frozen, other)] == [0, 0]
    check(file, count)
    assert jobs(postgresql_database) == []


async def test_the_database_is_away_for_a_while(postgresql_database: str, tmp_path: Path) -> None:
    """Cut off from the database in the middle, and then left without an answer, the processes go on afterwards."""
    workspaces, file = await prepare(postgresql_database, 2, 40), tmp_path / "taken"
    count = 40 * len(workspaces)
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        relay = Relay(postgresql_database, Path(folder))
        await relay.mend()
        with processes(relay.url, file, 2) as started:
            await until_taken(file, 10)
            await relay.cut()
            await asyncio.sleep(1.5)
            await relay.mend()
            await until_taken(file, 45)
            relay.freeze()
            await asyncio.sleep(2.5)
            await relay.mend()
            await until_settled(postgresql_database, count, 30)
            assert [process.poll() for process in started] == [None, None]
        await relay.cut()
    check(file, count)


async def test_the_large_do_not_hold_up_the_small(postgresql_database: str, tmp_path: Path) -> None:
    """Workspaces that come later than those that have all places do not wait for these to end, which lose nothing."""
    large, file = await prepare(postgresql_database, 2, 120), tmp_path / "taken"
    small = [Workspace("stub", f"S{number}") for number in range(3)]
    with processes(postgresql_database, file, 1):
        await until_taken(file, 20)
        for workspace in small:
            await populate(postgresql_database, workspace, 3)
        await until_settled(postgresql_database, 120 * len(large) + 3 * len(small), 40)
    check(file, 120 * len(large) + 3 * len(small))
    tenants = [tenant for _, tenant, *_ in taken(file)]
    last = {tenant: place for place, tenant in enumerate(tenants)}
    # A turn of two places is twenty letters a second for less than four seconds, and some time is lost on the way.
    assert max(last[workspace.tenant] for workspace in small) < 160
    assert min(last[workspace.tenant] for workspace in large) > 160


async def test_what_is_under_way_is_finished_when_the_processes_stop(postgresql_database: str, tmp_path: Path) -> None:
    """Told to stop in the middle, processes end soon, and leave no letter in doubt and no job behind."""
    (workspace,), file = await prepare(postgresql_database, 1, 60), tmp_path / "taken"
    with processes(postgresql_database, file, 2) as started:
        await until_taken(file, 15)
        for process in started:
            process.terminate()
        assert [process.wait(4) for process in started] == [0, 0]
    store = SqlStore(postgresql_database)
    states = await SqlPost(store.database).counts(START)
    await store.close()
    sent = states[workspace, State.SENT]
    assert (workspace, State.SENDING) not in states
    assert sent + states.get((workspace, State.DOUBT), 0) == len(taken(file)) < 60
    assert jobs(postgresql_database) == []


async def test_the_clock_is_set(postgresql_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is set back does not put jobs off for hours, nor does one set forward crowd them."""
    await migrate(postgresql_database, scripts())
    set_by, runs = 0.0, 0

    def wall() -> float:
        return time.time() + set_by

    async def job() -> None:
        nonlocal runs
        runs += 1

    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(fleet, "RESTART_SECONDS", 0.2)
    monkeypatch.setattr(procrastinate.periodic, "time", SimpleNamespace(time=wall))
    store = SqlStore(postgresql_database)
    now = Watch(lambda: datetime.datetime.fromtimestamp(wall(), datetime.UTC))
    delivery = Delivery(SqlPost(store.database), {}, say_hello, TERMS, now, Pace({}, now))
    async with Fleet(connect_args(postgresql_database), delivery, SECOND, [(SECOND, job)], 2.0):
        for set_by in (0.0, -3600.0, 7200.0):  # noqa: B007 - the clock shows it
            before = runs
            await asyncio.sleep(4)
            assert 1 <= runs - before <= 6
    await store.close()


@pytest.mark.parametrize("interval", [1, 2, 5, 10, 30, 60, 120, 600, 1800, 3600, 6 * 3600, 12 * 3600])
def test_intervals_on_a_clock_face(interval: int) -> None:
    """The times of a cron line are so many seconds apart, also over midnight."""
    line = croniter(cron(interval * SECOND), START)
    times = [line.get_next(float) for _ in range(86400 // interval * 2 if interval > 60 else 200)]
    assert {after - before for before, after in itertools.pairwise(times)} == {float(interval)}


@pytest.mark.parametrize("interval", [0, 7, 61, 5400, 86400])
def test_no_clock_strikes_so(interval: int) -> None:
    """What does not divide a minute, an hour or a day is refused rather than rounded."""
    with pytest.raises(ValueError, match="no clock"):
        cron(interval * SECOND)


async def test_tables_are_brought_up_to_date(postgresql_database: str) -> None:
    """procrastinate's tables are made once, changed by what a newer version of it brings, and never taken back."""
    known = scripts()
    newer = Scripts(known.schema, known.changes | {"99": "CREATE TABLE later (percent text DEFAULT '%')"})
    await migrate(postgresql_database)
    with pytest.raises(VersionError, match="older"):
        await bring_up_to_date(postgresql_database, upgrade=False, queue=known)
    await asyncio.gather(*(migrate(postgresql_database, known) for _ in range(3)))
    await bring_up_to_date(postgresql_database, upgrade=False, queue=known)
    with pytest.raises(VersionError, match="older"):
        await bring_up_to_date(postgresql_database, upgrade=False, queue=newer)
    await migrate(postgresql_database, newer)
    await migrate(postgresql_database, newer)
    assert query(postgresql_database, "SELECT count(*) FROM later") == [(0,)]
    for upgrade in (False, True):
        with pytest.raises(VersionError, match="newer"):
            await bring_up_to_date(postgresql_database, upgrade=upgrade, queue=known)


async def test_tables_of_another_application(postgresql_database: str) -> None:
    """Where another application has its own procrastinate, nothing of it is touched, and a sentence says so."""
    with psycopg.connect(libpq(postgresql_database)) as connection:
        connection.execute("CREATE TABLE procrastinate_jobs (task_name text, status text)")
    with pytest.raises(VersionError, match="a database of its own"):
        await migrate(postgresql_database, scripts())
