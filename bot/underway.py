"""Work that goes on after its request was acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

Result = TypeVar("Result")

FINISH_SECONDS = 4.0
"""How long a platform's work may take to end when the process stops; all platforms stop at the same time."""

log = structlog.get_logger()


class Underway:
    """Tasks that are kept alive until they end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        """Begin some work."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def finish(self, platform: str) -> None:
        """Wait for all work, and give up what takes too long."""
        tasks = tuple(self._tasks)
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=FINISH_SECONDS)
        if late:
            log.warning("answers_given_up", platform=platform, count=len(late))
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
