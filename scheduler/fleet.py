"""The clock of several processes over one PostgreSQL: what is due is done once, and each workspace in one process.

procrastinate keeps the jobs. Each of them may be lost or run twice; letters are neither, see `scheduler.delivery`.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, LiteralString, TypeVar
from weakref import WeakSet

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager
from procrastinate.tasks import Task

from handlers.errors import Unavailable, places
from scheduler.delivery import DOUBT_SECONDS, Delivery
from scheduler.letters import Workspace
from scheduler.planning import plan
from scheduler.rounds import attempt
from scheduler.sending import LEASE
from scheduler.watch import Job, until_set

DRAINS = 25
"""Workspaces drained at once in one process: at Slack's pace they take half of a processor."""

TURN_SECONDS = DOUBT_SECONDS + 20.0
"""How long a workspace keeps its place while others wait for one; then its rest waits behind them.

Long enough to look up what was in doubt when it began.
"""

TURNS_EVERY = 5.0
"""How often it is looked whether others wait."""

CHORES = "chores"
"""The queue of everything but drains. It has places of its own: a drain may take hours."""

POLL_SECONDS = 1.0
"""How often a process looks for jobs. It asks, because a connection that is told of them would be one more to lose."""

HEARTBEAT_SECONDS = 5.0

STALLED_SECONDS = LEASE.total_seconds() + HEARTBEAT_SECONDS
"""A process that was not heard of for so long has lost its jobs; what it had claimed may not be sent by then."""

RESCUE_EVERY = datetime.timedelta(seconds=10)

QUERY_SECONDS = 10.0
"""How long the database may take for one of procrastinate's statements, a new connection included."""

RESTART_SECONDS = 1.0
"""How long to wait before beginning anew after a failure."""

CLOSE_SECONDS = 1.5
"""How long it may take to let go of the database once nothing is under way any more."""

CONNECTIONS = 4

RAISED = "P0001"
"""PostgreSQL's code for what a function raises: here, that a job is gone."""

Result = TypeVar("Result")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Scripts:
    """The statements that make procrastinate's tables, and those that bring older ones up to date, in order."""

    schema: str
    changes: Mapping[str, str]


def scripts() -> Scripts:
    """Those of the installed version."""
    files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    return Scripts(SchemaManager.get_schema(), {file.stem: file.read_text(encoding="utf-8") for file in files})


def cron(interval: datetime.timedelta) -> str:
    """The times of an interval that divides a minute, an hour or a day. ValueError for any other."""
    seconds = int(interval.total_seconds())
    for unit, most, pattern in ((1, 60, "* * * * * */{}"), (60, 60, "*/{} * * * *"), (3600, 24, "0 */{} * * *")):
        count, rest = divmod(seconds, unit)
        if not rest and 0 < count < most and not most % count:
            return pattern.format(count)
    raise ValueError(f"no clock strikes every {seconds} s")


@dataclass(frozen=True, slots=True)
class _Turn:
    """When a drain has had its share of the time, and what ends it then."""

    over: float
    handing_over: asyncio.Event


class _Connector(PsycopgConnector):
    """Asks in bounded time, and tells when the database has failed."""

    def __init__(self, connection: Mapping[str, Any]) -> None:
        super().__init__(
            kwargs=dict(connection), min_size=1, max_size=CONNECTIONS, timeout=QUERY_SECONDS, configure=self._keep
        )
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._given_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._connections: WeakSet[Any] = WeakSet()

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        """Run a statement."""
        await self._in_time(super().execute_query_async(query, **arguments))

    async def execute_query_one_async(self, query: LiteralString, **arguments: Any) -> dict[str, Any]:
        """Run a statement that returns a row."""
        return await self._in_time(super().execute_query_one_async(query, **arguments))

    async def execute_query_all_async(self, query: LiteralString, **arguments: Any) -> list[dict[str, Any]]:
        """Run a statement that returns rows."""
        return await self._in_time(super().execute_query_all_async(query, **arguments))

    async def give_up(self) -> None:
        """Answer nothing more, and hang up: a server that does not answer would hold up the end of the process."""
        if not self._given_up.done():
            self._given_up.set_result(None)
        for connection in tuple(self._connections):
            await connection.close()

    async def _keep(self, connection: Any) -> None:
        self._connections.add(connection)

    async def _in_time(self, asking: Coroutine[Any, Any, Result]) -> Result:
        task = asyncio.create_task(asking)
        task.add_done_callback(lambda task: task.cancelled() or task.exception())  # nobody may be waiting any more
        # It is not cancelled in the end: the driver would ask a server that does not answer to cancel.
        ends: set[asyncio.Future[Any]] = {task, self._given_up}
        done, _ = await asyncio.wait(ends, timeout=QUERY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        try:
            if task not in done:
                raise TimeoutError
            return task.result()
        except UniqueViolation:
            raise
        except (ConnectorException, TimeoutError) as error:
            if getattr(error.__cause__, "sqlstate", None) != RAISED and not self.failed.done():
                self.failed.set_exception(error)
            raise


class Fleet:
    """This process's part in the work of all, as long as the context is open.

    `connection` is what psycopg is told to connect with; `jobs` are run by one process at a time. After any failure
    of the database procrastinate is begun anew under a new name: a job that it could not take or could not end would
    otherwise stay under way for as long as its heart beats.
    """

    def __init__(
        self,
        connection: Mapping[str, Any],
        delivery: Delivery,
        every: datetime.timedelta,
        jobs: Iterable[tuple[datetime.timedelta, Job]],
        stop_seconds: float,
    ) -> None:
        self._connection = connection
        self._delivery = delivery
        self._every = every
        self._jobs = tuple(jobs)
        self._stop_seconds = stop_seconds
        self._drains: dict[asyncio.Task[object], _Turn] = {}
        self._staying: asyncio.Task[None] | None = None
        self._connector: _Connector | None = None

    async def __aenter__(self) -> Fleet:
        self._staying = asyncio.create_task(self._stay())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Begin nothing more, and finish what is under way; what takes too long is in doubt."""
        assert self._staying
        self._staying.cancel()
        await asyncio.wait({self._staying, *self._drains}, timeout=self._stop_seconds)
        if late := tuple(self._drains):
            log.warning("drains_cut_short", count=len(late))
        for drain in late:
            drain.cancel()
        if self._connector and not self._staying.done():
            await self._connector.give_up()
        await asyncio.wait({self._staying, *late}, timeout=CLOSE_SECONDS)

    async def _stay(self) -> None:
        while True:
            try:
                await self._take_part()
            except Exception as error:
                cause = error.__cause__ if isinstance(error, ConnectorException) else None
                log.warning("fleet_begins_anew", error=type(cause or error).__name__)
            await asyncio.sleep(RESTART_SECONDS)

    async def _take_part(self) -> None:
        """Work until the database fails or the clock is set; procrastinate would wait until it is where it was."""
        self._connector = connector = _Connector(self._connection)
        drains, chores = App(connector=connector), App(connector=connector)
        drain = drains.task(name="drain")(self._drain)

        async def go_round() -> None:
            await self._go_round(drains, drain)

        async def rescue() -> None:
            await _rescue(chores)

        for every, job in ((self._every, go_round), (RESCUE_EVERY, rescue), *self._jobs):
            _repeat(chores, every, job)
        ends: list[asyncio.Future[None]] = [connector.failed, asyncio.create_task(until_set(self._delivery.watch))]
        try:
            await connector.open_async()
            ends.append(_begin(chores, [CHORES], len(self._jobs) + 2))
            if self._delivery.platforms:
                ends.append(_begin(drains, sorted(self._delivery.platforms), DRAINS))
                ends.append(asyncio.create_task(self._take_turns(drains, drain)))
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
            try:
                ended = await asyncio.gather(*ends, return_exceptions=True)
            finally:  # also when the process is stopped meanwhile
                await connector.give_up()
                await connector.close_async()
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _go_round(self, app: App, drain: Task[..., Any, Any]) -> None:
        """Plan, and see to it that each workspace that waits has a job.

        Who waits longest goes first, and of those who begin to wait together the smallest: they are soon done.
        """
        post, now = self._delivery.post, self._delivery.watch.now
        async for _ in plan(post, now):
            waiting = await post.waiting(now())
            had = {job.lock for job in await app.job_manager.list_jobs_async(task=drain.name)} if waiting else set()
            jobs = [
                drain.configure(
                    lock=f"{workspace.platform}/{workspace.tenant}",
                    queue=workspace.platform,
                    task_kwargs={"platform": workspace.platform, "tenant": workspace.tenant},
                ).job
                for workspace in sorted(waiting, key=lambda workspace: waiting[workspace])
            ]
            # Two rounds at once may both find none; the second job waits for the first, and finds nothing to do.
            if new := [job for job in jobs if job.lock not in had]:
                await app.job_manager.batch_defer_jobs_async(new)

    async def _take_turns(self, app: App, drain: Task[..., Any, Any]) -> None:
        """While all places here are taken and others wait, end the drains that have had their turn."""
        while True:
            await asyncio.sleep(TURNS_EVERY)
            now = self._delivery.watch.monotonic()
            over = sorted((turn for turn in self._drains.values() if turn.over <= now), key=lambda turn: turn.over)
            if over and len(self._drains) >= DRAINS:
                queues = await app.job_manager.list_queues_async(task=drain.name, status="todo")
                waiting = sum(queue["todo"] for queue in queues if queue["name"] in self._delivery.platforms)
                for turn in over[:waiting]:
                    turn.handing_over.set()

    async def _drain(self, platform: str, tenant: str) -> None:
        """Drain a workspace; when procrastinate ends this, no more is sent, and what is under way is finished."""
        delivery = replace(
            self._delivery,
            # Another process may have sent a moment ago.
            pace=self._delivery.pace.anew(),
            stopping=asyncio.Event(),
            handing_over=asyncio.Event(),
        )
        drain: asyncio.Task[object] = asyncio.create_task(attempt(delivery, Workspace(platform, tenant)))
        self._drains[drain] = _Turn(delivery.watch.monotonic() + TURN_SECONDS, delivery.handing_over)
        drain.add_done_callback(self._drains.pop)
        try:
            await asyncio.shield(drain)
        except asyncio.CancelledError:
            delivery.stopping.set()
            await asyncio.wait({drain})


def _begin(app: App, queues: Iterable[str], places: int) -> asyncio.Task[None]:
    """Take jobs from queues, so many at once."""
    return asyncio.create_task(
        app.run_worker_async(
            queues=queues,
            concurrency=places,
            fetch_job_polling_interval=POLL_SECONDS,
            listen_notify=False,
            delete_jobs="always",
            install_signal_handlers=False,
            shutdown_graceful_timeout=0.0,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
        )
    )


def _repeat(app: App, every: datetime.timedelta, job: Job) -> None:
    """Run a job at an interval, once for all processes."""
    name = job.__name__

    async def run(timestamp: int) -> None:  # noqa: ARG001 - every periodic job is told
        try:
            await job()
        except Unavailable as error:
            log.warning("job_put_off", job=name, why=str(error))
        except Exception as error:
            log.error("job_failed", job=name, error=type(error).__name__, at=places(error))

    # At most one waits, however long nobody took any.
    app.periodic(cron=cron(every), queueing_lock=name)(app.task(name=name, queue=CHORES)(run))


async def _rescue(app: App) -> None:
    """End the jobs of processes that are gone. The next round gives their workspaces new ones.

    They are not put back: a process that was only slow would, when it ends its job, end the one put back as well.
    """
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        with contextlib.suppress(ConnectorException):  # somebody has ended it meanwhile
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
            log.warning("job_abandoned", job=job.task_name, lock=job.lock)
