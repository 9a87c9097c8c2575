"""`/skill ML Engineer senior` through Slack's plug, beside a Bolt app that only acknowledges."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
import urllib.parse
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse

from bot.app import make_answer, make_desk
from bot.settings import Settings
from bot.slack.inbound import SlackPlug

SECRET = "bench"
NOWHERE = "http://127.0.0.1:9/"
REQUESTS = 4_000
WARM_UP = 200
IN_FLIGHT = 50

PAYLOAD = urllib.parse.urlencode(
    {
        "token": "unused",
        "team_id": "T0BENCH",
        "team_domain": "bench",
        "channel_id": "C0BENCH",
        "channel_name": "general",
        "user_id": "U0BENCH",
        "user_name": "bench",
        "command": "/skill",
        "text": "ML Engineer senior",
        "api_app_id": "A0BENCH",
        "is_enterprise_install": "false",
        "response_url": f"{NOWHERE}commands/1",
        "trigger_id": "1.2.3",
    }
)

Dispatch = Callable[[str, Mapping[str, str]], Awaitable[BoltResponse]]


def floor() -> float:
    """Requests a second through a Bolt app that verifies the signature and acknowledges, with the plug's flags."""

    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T0BENCH", bot_token="xoxb-bench")

    async def run() -> float:
        app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)

        @app.command("/skill")
        async def acknowledge(ack: Callable[[], Awaitable[BoltResponse]]) -> None:
            await ack()

        async def dispatch(body: str, headers: Mapping[str, str]) -> BoltResponse:
            return await app.async_dispatch(AsyncBoltRequest(body=body, headers=dict(headers)))

        return await _rate(dispatch)

    return asyncio.run(run())


def ours() -> float:
    """Requests a second that are verified, answered from the shipped matrix and rendered."""

    async def run() -> float:
        settings = Settings(
            _env_file=None, slack_signing_secret=SECRET, slack_bot_token="xoxb-bench", slack_api_url=NOWHERE
        )
        desk = make_desk()
        plug = SlackPlug(settings, make_answer(desk), desk.texts)
        rate = await _rate(lambda body, headers: plug.receive(body.encode(), headers), answered=True)
        await plug.stop()
        return rate

    return asyncio.run(run())


async def _rate(dispatch: Dispatch, *, answered: bool = False) -> float:
    async def work(requests: range) -> None:
        for _ in requests:
            response = await dispatch(PAYLOAD, _signed(PAYLOAD))
            assert response.status == 200, response.status
            assert not answered or '"blocks"' in response.body

    await work(range(WARM_UP))
    start = time.perf_counter()
    await asyncio.gather(*(work(range(REQUESTS // IN_FLIGHT)) for _ in range(IN_FLIGHT)))
    return REQUESTS / (time.perf_counter() - start)


def _signed(body: str) -> dict[str, str]:
    timestamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={digest}",
    }
