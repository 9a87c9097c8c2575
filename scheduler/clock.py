"""The clock of one process: a handful of jobs, none of them per person."""

from __future__ import annotations

import datetime
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

Job = Callable[[], Awaitable[object]]


class Clock:
    """Runs each job at its own interval while the context is open; a late run is made up once, never skipped."""

    def __init__(self, jobs: Mapping[datetime.timedelta, Job]) -> None:
        # APScheduler's own default skips a run that is a second late.
        self._scheduler = AsyncIOScheduler(
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=datetime.UTC,
        )
        for interval, job in jobs.items():
            self._scheduler.add_job(job, IntervalTrigger(seconds=int(interval.total_seconds())))

    async def __aenter__(self) -> Clock:
        self._scheduler.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scheduler.shutdown()
