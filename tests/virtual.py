"""Time that passes only when nobody has anything to do: hours in a moment, the same in every run."""

from __future__ import annotations

import asyncio
import datetime
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from scheduler.watch import Watch

Result = TypeVar("Result")

START = datetime.datetime(2026, 11, 23, 8, 0, tzinfo=datetime.UTC)
"""A Monday."""

DEADLOCK_SECONDS = 10.0


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer. While `busy` is not zero, threads work and it stands still."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.busy = 0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Seconds since the beginning."""
        return self.elapsed


class _Jumping(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return super().select(0)
        if self._loop.busy or timeout is None:
            ready = super().select(DEADLOCK_SECONDS)
            assert ready, "nothing will ever happen"
            return ready
        if ready := super().select(0):
            return ready
        self._loop.elapsed += timeout
        return []


class Time:
    """The clocks of a process in such a loop; the one on the wall may be set."""

    def __init__(self) -> None:
        self.set_by = datetime.timedelta(0)

    def now(self) -> datetime.datetime:
        """What the wall clock shows."""
        return true_time() + self.set_by

    @property
    def watch(self) -> Watch:
        """Both clocks."""
        return Watch(self.now, asyncio.get_running_loop().time)


def true_time() -> datetime.datetime:
    """The time by a clock that is right."""
    return START + datetime.timedelta(seconds=asyncio.get_running_loop().time())


def run(work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run it in a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work())


class Counting:
    """Something that works in threads, such as a database: time stands still while one of its methods runs."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        async def call(*values: Any, **named: Any) -> Any:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, VirtualLoop)
            loop.busy += 1
            try:
                return await method(*values, **named)
            finally:
                loop.busy -= 1

        return call
