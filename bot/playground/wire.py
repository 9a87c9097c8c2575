"""What went over the wire between the bot and the stand-ins, the latest of it; and word of every change."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from dataclasses import dataclass
from typing import Any, Final, Literal

from bot.playground.clock import MovableClock

KEPT: Final = 200
"""Exchanges that are kept; a long session would grow for ever."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. `to` is who was asked."""

    number: int
    at: str
    platform: Literal["slack", "teams"]
    to: Literal["bot", "platform"]
    name: str
    status: int
    request: Any
    answer: Any


class Wire:
    """The latest exchanges, oldest first. Whoever changes what the page shows says so with `tell`."""

    def __init__(self, now: MovableClock) -> None:
        self._now = now
        self._numbers = itertools.count(1)
        self._kept: deque[Exchange] = deque(maxlen=KEPT)
        self._changed = asyncio.Condition()
        self.version = 0

    async def keep(
        self,
        platform: Literal["slack", "teams"],
        to: Literal["bot", "platform"],
        name: str,
        request: Any,
        status: int,
        answer: Any,
    ) -> None:
        """Keep an exchange that has ended."""
        at = self._now().isoformat(timespec="milliseconds")
        self._kept.append(Exchange(next(self._numbers), at, platform, to, name, status, request, answer))
        await self.tell()

    def after(self, number: int) -> list[Exchange]:
        """What is kept of the exchanges after one."""
        return [kept for kept in self._kept if kept.number > number]

    async def tell(self) -> None:
        """Something that the page shows has changed."""
        async with self._changed:
            self.version += 1
            self._changed.notify_all()

    async def changed(self, version: int, seconds: float) -> int:
        """The version, once it is another one than this or so many seconds are over."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self.version != version)
        except TimeoutError:
            pass
        return self.version
