"""A Teams message answered with a card, beside a stock botbuilder CloudAdapter that echoes text.

Both stand behind the same aiohttp server, answer to the same stand-in connector over HTTP, and check no token.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from botbuilder.core import CloudAdapterBase, TurnContext
from botbuilder.schema import Activity
from botframework.connector.auth import BotFrameworkAuthenticationFactory, PasswordServiceClientCredentialFactory

from bot.app import make_answer, make_desk
from bot.settings import Settings
from bot.teams.inbound import TeamsPlug
from tests.teams import payload

MESSAGES = {"floor": 150, "ours": 1_500}
"""The floor is slow; as many messages as make about the same time."""

WARM_UP = 20
IN_FLIGHT = 16

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def floor() -> float:
    """Messages a second that a stock CloudAdapter echoes."""

    async def run() -> float:
        authentication = BotFrameworkAuthenticationFactory.create(
            credential_factory=PasswordServiceClientCredentialFactory("", "")
        )
        adapter = CloudAdapterBase(authentication)

        async def echo(context: TurnContext) -> None:
            await context.send_activity(f"Echo: {context.activity.text}")

        async def receive(request: web.Request) -> web.Response:
            # What botbuilder-integration-aiohttp does with a message.
            activity = Activity().deserialize(await request.json())
            await adapter.process_activity(request.headers.get("Authorization", ""), activity, echo)
            return web.Response(status=201)

        return await _rate(receive, MESSAGES["floor"], sent="Echo:")

    return asyncio.run(run())


def ours() -> float:
    """Messages a second that are answered from the shipped matrix with a card."""

    async def run() -> float:
        desk = make_desk()
        plug = TeamsPlug(Settings(_env_file=None, rung_dev=True, host="127.0.0.1"), make_answer(desk), desk.texts)
        (route,) = plug.routes()
        await plug.start()
        rate = await _rate(route.handler, MESSAGES["ours"], sent="AdaptiveCard", whole=True)
        await plug.stop()
        return rate

    return asyncio.run(run())


async def _rate(receive: Handler, messages: int, *, sent: str, whole: bool = False) -> float:
    """Answers a second that reach the connector, with so many in flight.

    RuntimeError when `whole` and one is missing; the stock adapter loses one now and then under load.
    """
    arrived = 0

    async def connector(request: web.Request) -> web.Response:
        nonlocal arrived
        arrived += sent in await request.text()
        return web.json_response({"id": "1"}, status=201)

    teams, bot = web.Application(), web.Application()
    teams.router.add_route("*", "/{path:.*}", connector)
    bot.router.add_post("/api/messages", receive)
    async with TestServer(teams) as there, TestServer(bot) as here, aiohttp.ClientSession() as session:

        async def post(number: int) -> None:
            activity: dict[str, Any] = payload("message_personal", serviceUrl=str(there.make_url("/")), id=f"m{number}")
            async with session.post(here.make_url("/api/messages"), json=activity) as answer:
                answer.raise_for_status()

        async def worker(numbers: range) -> None:
            for number in numbers:
                await post(number)

        await worker(range(WARM_UP))
        start = time.perf_counter()
        await asyncio.gather(
            *(worker(range(WARM_UP + lane, WARM_UP + messages, IN_FLIGHT)) for lane in range(IN_FLIGHT))
        )
        took = time.perf_counter() - start
    if whole and arrived != WARM_UP + messages:
        raise RuntimeError(f"{arrived} of {WARM_UP + messages} answers arrived")
    return (arrived - WARM_UP) / took
