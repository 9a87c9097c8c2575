"""The design that comes to mind first: one APScheduler job per person, kept in SQLite."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import pickle
import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from tests.bench.letters import DUE, HERE
from tests.crowd import crowd, gather_crowd

_times: list[float] = []
_done = threading.Event()


@dataclass(frozen=True)
class Naive:
    """Seconds to the last of those who are due, and bytes on disk a person."""

    last: float
    bytes_each: float


def nudge(platform: str, tenant: str, user: str) -> None:
    """A job that takes no time."""
    _times.append(time.perf_counter())
    if len(_times) == DUE:
        _done.set()


class _Filling(SQLAlchemyJobStore):
    """The same store, which keeps jobs back to write them at once: one by one, a hundred thousand take minutes."""

    rows: ClassVar[list[dict[str, Any]]] = []

    def add_job(self, job: Job) -> None:
        """Keep it back."""
        state = pickle.dumps(job.__getstate__(), self.pickle_protocol)
        self.rows.append({"id": job.id, "next_run_time": job.next_run_time.timestamp(), "job_state": state})

    def write(self) -> None:
        """Write what was kept back."""
        with self.engine.begin() as connection:
            connection.execute(self.jobs_t.insert(), self.rows)
        self.rows.clear()


def measure(folder: Path, people: int) -> Naive:
    """Of so many people a thousand are due at once."""
    file = folder / "naive.db"
    now = datetime.datetime.now(datetime.UTC)
    store = _Filling(f"sqlite:///{file}")
    scheduler = BackgroundScheduler(jobstores={"default": store}, timezone=datetime.UTC)
    scheduler.start(paused=True)
    for number in range(people):
        scheduler.add_job(
            nudge,
            CronTrigger(day_of_week="mon", hour=9, timezone="Europe/Berlin"),
            args=(HERE.platform, HERE.tenant, f"U{number:07}"),
            id=f"{HERE.platform}/{HERE.tenant}/U{number:07}",
            next_run_time=now if number < DUE else now + datetime.timedelta(days=1),
            misfire_grace_time=None,
        )
    store.write()
    size = _size(file)
    _times.clear()
    _done.clear()
    start = time.perf_counter()
    scheduler.resume()
    if not _done.wait(600):
        raise TimeoutError(f"{len(_times)} of {DUE}")
    last = max(_times) - start
    scheduler.shutdown()
    return Naive(last, size / people)


def our_bytes_each(folder: Path, people: int) -> float:
    """Bytes on disk a person for when they are due and how they chose it, with the indexes: what a job holds."""
    file = folder / "ours.db"
    url = f"sqlite:///{file}"

    async def fill() -> None:
        await migrate(url)
        store = SqlStore(url)
        await gather_crowd(store, crowd(HERE, people, DUE))
        await store.close()

    asyncio.run(fill())
    whole = _size(file)
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM nudging")
    return (whole - _size(file)) / people


def _size(file: Path) -> int:
    """Bytes without what is free."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return file.stat().st_size
