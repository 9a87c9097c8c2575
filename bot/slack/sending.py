"""Messages on their way to Slack, which may have to be sent again."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, Generic, TypeVar

import aiohttp
import structlog

from handlers import errors

Json = dict[str, Any]
Body = TypeVar("Body")

PAUSES: Final = (1.0, 10.0, 60.0)
"""Seconds between attempts to send an answer that Slack will not ask for again; response URLs live much longer."""

log = structlog.get_logger()


class NotTaken(Exception):  # noqa: N818
    """Slack could not be reached or is out of order: it has not taken a message, and may take it later.

    A call that times out while Slack works on it is not of this kind: its message may stand there already.
    """


class Refused(errors.Refused):
    """Slack will not take a message or a file, however often it is sent; `of` is what was called."""

    def __init__(self, reason: object, of: str = "") -> None:
        super().__init__(reason)
        self.of = of


class Sending(Generic[Body]):
    """Messages or files on their way. What was taken is not sent again when the rest is.

    Once Slack has refused one, `refusal` tells why, and `dropped` how many it did not get for that.
    """

    def __init__(self, bodies: Iterable[Body], call: Callable[[Body], Awaitable[object]]) -> None:
        self._bodies = deque(bodies)
        self._call = call
        self.refusal = ""
        self.dropped = 0

    async def send(self) -> None:
        """Send what is left, in order; when Slack refuses one, those after it are dropped. NotTaken."""
        while self._bodies:
            try:
                await self._call(self._bodies[0])
            except Refused as error:
                log.error("slack_refused_a_message", error=str(error), of=error.of)
                self.refusal, self.dropped = str(error), len(self._bodies)
                self._bodies.clear()
            except (aiohttp.ServerDisconnectedError, aiohttp.ConnectionTimeoutError, aiohttp.ClientOSError) as error:
                raise NotTaken(type(error).__name__) from error
            else:
                self._bodies.popleft()

    async def insist(self, stopping: asyncio.Event) -> None:
        """Send what Slack will not ask for again, after pauses too; when the process stops, once more at once."""
        for pause in PAUSES:
            try:
                return await self.send()
            except NotTaken as error:
                log.warning("slack_took_no_message", error=str(error), again_after=pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), pause)
                break
        await self.send()
