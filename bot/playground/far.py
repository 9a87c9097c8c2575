"""The far side: the stand-ins of Slack and of Teams' connector, on a server of their own, as they are for the bot."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from bot.playground.clock import MovableClock
from bot.playground.slack_api import SlackApi
from bot.playground.slack_side import SlackSide
from bot.playground.teams_side import TeamsSide
from bot.playground.wire import Wire

LOOPBACK: Final = "127.0.0.1"
BODY_BYTES: Final = 8 * 1024 * 1024


class FarSide:
    """Both stand-ins, and what went over the wire to and from them."""

    def __init__(self, clock: MovableClock) -> None:
        self.wire = Wire(clock)
        self.slack = SlackSide(clock)
        self._slack_api = SlackApi(self.slack, clock, self.wire)
        self.teams = TeamsSide(clock, self.wire)

    @contextlib.asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """Listen on a free port of the loopback while the context is open."""
        app = web.Application(client_max_size=BODY_BYTES)
        app.router.add_routes([*self._slack_api.routes(), *self.teams.routes()])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, LOOPBACK, 0).start()
            self.slack.url = self.teams.url = f"http://{LOOPBACK}:{runner.addresses[0][1]}"
            yield
        finally:
            await runner.cleanup()
