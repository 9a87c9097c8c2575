"""The rounds of one process: who is due gets a letter, and each workspace with letters waiting is drained."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from handlers.errors import Unavailable, places
from scheduler.delivery import Delivery, Tally
from scheduler.letters import Workspace
from scheduler.planning import plan

ELSEWHERE_SECONDS = 60.0
"""How long a workspace is left to the process that took it over: two that take turns get nothing done."""

log = structlog.get_logger()


async def attempt(delivery: Delivery, workspace: Workspace) -> Tally | None:
    """Drain a workspace. None when that failed; another round tries again."""
    try:
        return await delivery.drain(workspace)
    except Unavailable as error:
        log.warning("drain_put_off", platform=workspace.platform, tenant=workspace.tenant, why=str(error))
    except Exception as error:
        log.error("drain_failed", error=type(error).__name__, at=places(error))
    return None


class Rounds:
    """Drains in tasks of this process, at most one a workspace."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._drains: dict[Workspace, asyncio.Task[None]] = {}
        self._elsewhere: dict[Workspace, float] = {}

    async def go(self) -> None:
        """Plan, and begin to deliver what waits; what is being delivered already goes on beside it."""
        try:
            async for _ in plan(self._delivery.post, self._delivery.watch.now):
                await self._begin()
        except Unavailable as error:
            log.warning("rounds_put_off", why=str(error))

    async def _begin(self) -> None:
        """A drain for each workspace that waits and has none; the largest need the longest and go first."""
        waiting = await self._delivery.post.waiting(self._delivery.watch.now())
        for workspace in sorted(waiting, key=lambda workspace: -waiting[workspace]):
            if self._delivery.stopping.is_set():
                return
            if self._is_ours(workspace):
                self._drains[workspace] = asyncio.create_task(self._drain(workspace))

    def _is_ours(self, workspace: Workspace) -> bool:
        if workspace.platform not in self._delivery.platforms or workspace in self._drains:
            return False
        return self._elsewhere.get(workspace, 0.0) <= self._delivery.watch.monotonic()

    async def _drain(self, workspace: Workspace) -> None:
        try:
            tally = await attempt(self._delivery, workspace)
            if tally and tally.superseded:
                self._elsewhere[workspace] = self._delivery.watch.monotonic() + ELSEWHERE_SECONDS
        finally:
            del self._drains[workspace]

    async def stop(self, seconds: float) -> None:
        """Begin nothing more, and finish what is under way; what takes longer than so many seconds is in doubt."""
        self._delivery.stopping.set()
        drains = tuple(self._drains.values())
        if not drains:
            return
        _, late = await asyncio.wait(drains, timeout=seconds)
        if late:
            log.warning("drains_cut_short", count=len(late))
        for drain in late:
            drain.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*late, return_exceptions=True)
