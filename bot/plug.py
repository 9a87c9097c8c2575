"""What every platform's folder brings to the process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Protocol

from aiohttp import web

from handlers.ports import Platform, Rooms
from handlers.reply import Reply
from handlers.turn import Turn

Answer = Callable[[Turn], Awaitable[Reply]]
"""The one door, with the desk already at hand. It never raises: an error is a reply too."""


class Plug(Protocol):
    """A platform: the routes it serves, and what it starts and stops with the process.

    Through `platform` goes what nobody asked for; None where it cannot. `rooms` are its people and channels, if any.
    """

    name: str
    platform: Platform | None
    rooms: Rooms | None

    def routes(self) -> Iterable[web.RouteDef]:
        """HTTP routes, such as `/slack/events`."""

    async def start(self, *, receiving: bool = True) -> None:
        """Open connections; called once, before the first request. Without `receiving` only those for sending."""

    async def stop(self) -> None:
        """Finish what is under way and close connections; `bot.underway` says how long that may take."""
