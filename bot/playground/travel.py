"""Putting the clock forward, with a stop at every nudge that falls due on the way, as it would be sent by then."""

from __future__ import annotations

import asyncio
import datetime
import time
from typing import Final

from bot.playground.clock import MOST, MovableClock
from scheduler.letters import OPEN, Post

STOP_SECONDS: Final = 10.0
"""How long a stop lasts at most; what is put off by then goes out later."""

LOOK_SECONDS: Final = 0.1
MOST_STOPS: Final = 60
PEOPLE: Final = 1_000
MOMENT: Final = datetime.timedelta(seconds=1)
LETTERS: Final = datetime.timedelta(days=60)


async def travel(clock: MovableClock, post: Post, to: datetime.datetime) -> int:
    """Put the clock forward; returns at how many times something fell due. ValueError when it is not that far ahead."""
    if not clock() <= to <= clock() + MOST:
        raise ValueError("not ahead, or too far")
    stops = 0
    while stops < MOST_STOPS and (due := await _next_due(post)) and due <= to:
        clock.put_forward(due + MOMENT)
        await _settled(clock, post)
        stops += 1
    clock.put_forward(to)
    return stops


async def next_nudge(post: Post) -> datetime.datetime | None:
    """When the next nudge has fallen due, or None when nobody waits for one."""
    due = await _next_due(post)
    return due + MOMENT if due else None


async def _next_due(post: Post) -> datetime.datetime | None:
    return min((nudging.due for _, nudging in await post.nudged(None, PEOPLE) if nudging.due), default=None)


async def _settled(clock: MovableClock, post: Post) -> None:
    """Wait until nobody is due and no letter is under way: a letter must not grow old while it is sent."""
    end = time.monotonic() + STOP_SECONDS
    while time.monotonic() < end:
        due = await _next_due(post)
        counts = await post.counts(clock() - LETTERS)
        if not (due and due <= clock()) and not any(counts[key] for key in counts if key[1] in OPEN):
            return
        await asyncio.sleep(LOOK_SECONDS)
