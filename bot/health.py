"""What watches over a process asks of it: whether it is ready, and its figures."""

from __future__ import annotations

import asyncio
import datetime
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from bot import metrics
from bot.proxy import is_passed_on
from bot.store.lags import Lags
from handlers.errors import Unavailable
from handlers.ports import Desk
from scheduler.letters import Post

PATIENCE_SECONDS: Final = 3.0
"""How long the database may take; whoever asks gives up not much later."""

CLOCK_LATE_SECONDS: Final = 300.0
"""By how much the clock may be behind: it looks every few seconds, and a restart takes one minute."""

SETTLED_SINCE: Final = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Health:
    """The state of a process that `keeps_clock` or only answers people."""

    desk: Desk
    post: Post
    lags: Callable[[], Awaitable[Lags]]
    keeps_clock: bool

    def routes(self) -> Iterable[web.RouteDef]:
        """`/readyz` and `/metrics`, for whoever asks from this network; a proxy gets neither for others."""
        return (web.get("/readyz", self._say_ready), web.get("/metrics", self._say_figures))

    async def _say_ready(self, request: web.Request) -> web.Response:
        """503 when a request would better go to another process, or when this one should be looked after."""
        _refuse_strangers(request)
        lags = await self._look()
        clock = lags.clock if lags else None
        late = clock is not None and clock > CLOCK_LATE_SECONDS
        told = {
            "database": "ok" if lags else "away",
            "content": self.desk.matrix.edition,
            "clock": "unknown" if clock is None else "late" if late else "ok",
            "clock_lag_seconds": clock and round(clock, 1),
        }
        # Who only answers people is no less ready when the clock of another process stands still.
        return web.json_response(told, status=503 if not lags or (late and self.keeps_clock) else 200)

    async def _say_figures(self, request: web.Request) -> web.Response:
        _refuse_strangers(request)
        lags = await self._look()
        metrics.DATABASE_UP.set(lags is not None)
        if lags:
            metrics.CLOCK_LAG.set(lags.clock)
            metrics.LETTER_LAG.set(lags.letters)
            await self._count_letters()
        return web.Response(body=metrics.expose(), headers={"Content-Type": metrics.CONTENT_TYPE})

    async def _look(self) -> Lags | None:
        """The lags, or None while the database is away."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self.lags()
        except (Unavailable, TimeoutError):
            return None

    async def _count_letters(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                found = await self.post.counts(self.desk.now() - SETTLED_SINCE)
        except (Unavailable, TimeoutError):
            return
        counts: Counter[tuple[str, str]] = Counter()
        for (workspace, state), count in found.items():
            counts[workspace.platform, state.value] += count
        metrics.LETTERS.clear()
        for labels, count in counts.items():
            metrics.LETTERS.labels(*labels).set(count)


def _refuse_strangers(request: web.Request) -> None:
    if is_passed_on(request.headers):
        raise web.HTTPNotFound
