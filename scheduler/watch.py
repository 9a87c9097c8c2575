"""What time it is."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Job = Callable[[], Awaitable[object]]
"""What is done at an interval."""

LOOK_SECONDS = 5.0
"""How often it is looked whether the wall clock was set."""

SET_SECONDS = 1.0
"""By how much the wall clock must be off the other one to have been set."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The wall clock, which may be set at any time, and one that only ever goes on, in seconds.

    The second is the event loop's own.
    """

    now: Callable[[], datetime.datetime]
    monotonic: Callable[[], float] = time.monotonic

    def offset(self) -> float:
        """By how many seconds the two differ; it changes when the wall clock is set."""
        return self.now().timestamp() - self.monotonic()


async def until_set(watch: Watch) -> None:
    """Wait until the wall clock is set."""
    offset = watch.offset()
    while abs(watch.offset() - offset) <= SET_SECONDS:  # noqa: ASYNC110 - no clock tells when it is set
        await asyncio.sleep(LOOK_SECONDS)
