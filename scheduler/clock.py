"""The clock of one process: a handful of jobs, none of them per person."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterable
from types import TracebackType

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.watch import Job, Watch, until_set


class Clock:
    """Runs each job at its own interval while the context is open; a late run is made up once, never skipped."""

    def __init__(self, jobs: Iterable[tuple[datetime.timedelta, Job]], watch: Watch) -> None:
        # APScheduler's own default skips a run that is a second late.
        self._scheduler = AsyncIOScheduler(
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=datetime.UTC,
        )
        for interval, job in jobs:
            trigger = IntervalTrigger(seconds=int(interval.total_seconds()), start_date=watch.now() + interval)
            self._scheduler.add_job(job, trigger)
        self._watch = watch
        self._looking: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Clock:
        self._scheduler.start()
        self._looking = asyncio.create_task(self._look())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._looking:
            self._looking.cancel()
        self._scheduler.shutdown()

    async def _look(self) -> None:
        """Begin anew when the wall clock was set; APScheduler goes by it and would sleep until it is where it was."""
        while True:
            await until_set(self._watch)
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=self._watch.now())
