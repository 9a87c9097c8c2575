"""Putting the clock forward, with a stop at every nudge that falls due on the way, as it would be sent by then."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import Collection
from typing import Final

from bot.playground import cast
from bot.playground.clock import MOST, MovableClock
from scheduler.letters import OPEN, Post

STOP_SECONDS: Final = 10.0
"""How long a stop lasts at most; what is put off by then goes out later."""

LOOK_SECONDS: Final = 0.1
MOST_STOPS: Final = 60
PEOPLE: Final = 1_000
MOMENT: Final = datetime.timedelta(seconds=1)
LETTERS: Final = datetime.timedelta(days=60)
PLAYED: Final = frozenset(
    each for one in cast.PEOPLE.values() for each in (one.slack, one.teams, one.directory) if each
)


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
    """When the next nudge of somebody to be has fallen due, or None when none of them waits for one."""
    due = await _next_due(post, PLAYED)
    return due + MOMENT if due else None


async def _next_due(post: Post, users: Collection[str] = ()) -> datetime.datetime | None:
    """When the next nudge falls due; with `users`, the next one of theirs."""
    nudged = await post.nudged(None, PEOPLE)
    return min((each.due for who, each in nudged if each.due and (not users or who.user in users)), default=None)


async def _settled(clock: MovableClock, post: Post) -> None:
    """Wait until nobody is due and no letter is under way: a letter must not grow old while it is sent."""
    end = time.monotonic() + STOP_SECONDS
    while time.monotonic() < end:
        due = await _next_due(post)
        counts = await post.counts(clock() - LETTERS)
        if not (due and due <= clock()) and not any(counts[key] for key in counts if key[1] in OPEN):
            return
        await asyncio.sleep(LOOK_SECONDS)
