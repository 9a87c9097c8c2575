"""Outgoing calls: the Web API and the response URLs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.logs import as_code
from bot.settings import Settings
from bot.slack import failures
from bot.slack.addresses import RESPONDING, is_slacks
from bot.slack.calls import PASSING, Calls
from bot.slack.failures import reason
from bot.slack.grants import Grants, OneToken
from bot.slack.mark import metadata
from bot.slack.payload import as_dict
from bot.slack.render import Message
from bot.slack.sending import Json, NotTaken, Refused, Sending
from bot.watched import watch_calls
from handlers.errors import TryLater

TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=3)

MOST_PATIENCE: Final = 60.0
"""Seconds that an answer waits at most where Slack asks for it; somebody is waiting for it."""

log = structlog.get_logger()


class _Patience(AsyncRateLimitErrorRetryHandler):
    """Waits as long as Slack asks for, whatever it says, but not for ever."""

    async def prepare_for_next_attempt_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002
    ) -> None:
        seconds = failures.retry_after(response.headers) if response else None
        state.next_attempt_requested = True
        await asyncio.sleep(1.0 if seconds is None else min(seconds, MOST_PATIENCE))
        state.increment_current_attempt()


class _Web(AsyncWebClient):
    """The SDK's client, which proves who the app is in a way that aiohttp goes on with."""

    async def oauth_v2_access(self, *, client_id: str, client_secret: str, **arguments: Any) -> AsyncSlackResponse:
        """Exchange a code or a refresh token for a token."""
        proof = {"Authorization": aiohttp.encode_basic_auth(client_id, client_secret)}
        given = {name: value for name, value in arguments.items() if value is not None}
        return await self.api_call("oauth.v2.access", data=given, headers=proof)


class Client:
    """The way to Slack that all workspaces share: one session, timeouts, and patience where Slack asks for it.

    `web` asks again, `impatient` once; neither has a token of its own.
    """

    def __init__(self, settings: Settings, grants: Grants) -> None:
        self.grants = grants
        # Slack may close a kept connection just when it is used again; other failures are the caller's to repeat.
        closed = AsyncConnectionErrorRetryHandler(
            error_types=[aiohttp.ServerDisconnectedError, aiohttp.ClientConnectionResetError]
        )
        self.web = _Web(base_url=settings.slack_api_url, retry_handlers=[closed, _Patience()])
        self.impatient = _Web(base_url=settings.slack_api_url, retry_handlers=[])
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Open the session that all calls share."""
        session = aiohttp.ClientSession(timeout=TIMEOUT, trace_configs=[watch_calls("slack")])
        self._session = self.web.session = self.impatient.session = session
        self.grants.open(self.impatient)

    async def close(self) -> None:
        """Close it."""
        if self._session:
            await self._session.close()

    def of(self, tenant: str) -> Calls:
        """What can be called in a workspace."""
        return Calls(self, tenant)

    async def check(self, token: OneToken) -> frozenset[str]:
        """Log which workspace a token belongs to, or why Slack refuses it; keep what it tells about the bot.

        The workspace and its organization, or none when Slack refuses the token. TimeoutError, aiohttp.ClientError
        or TryLater when it did not say.
        """
        try:
            answer = as_dict((await self.of("").test()).data)
            tenants = token.learn(answer)
            log.info("slack_token_accepted", **{name: as_code(answer.get(name)) for name in ("team_id", "bot_id")})
        except SlackApiError as error:
            if (why := reason(error)) in PASSING:
                log.warning("slack_says_nothing_of_the_token", error=why)
                raise TryLater(failures.LATER_SECONDS) from error
            log.error("slack_refuses_the_token", error=why)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("slack_unreachable", error=type(error).__name__)
            raise
        else:
            return tenants
        return frozenset()

    def response(
        self,
        url: str,
        messages: Sequence[Message],
        *,
        everyone: bool,
        replace: bool = False,
        thread: str = "",
        mark: str = "",
    ) -> Sending[Json]:
        """Messages to a response URL, which works five times within half an hour; the first one may replace.

        What replaces a message with a mark keeps it, so that the message is still found.
        """
        where: Json = {"response_type": "in_channel" if everyone else "ephemeral"}
        where |= {"thread_ts": thread} if thread else {}
        bodies = [
            {**where, "replace_original": replace and not place, "text": each.text, "blocks": list(each.blocks)}
            for place, each in enumerate(messages)
        ]
        if replace and mark:
            bodies[0]["metadata"] = metadata(mark)

        async def respond(body: Json) -> None:
            if not is_slacks(url, RESPONDING, self.web.base_url):
                raise Refused("foreign_address", "response_url")
            await self.post(url, "response_url", json=body)

        return Sending(bodies, respond)

    async def post(self, url: str, name: str, **body: Any) -> None:
        """Post to an address outside of the Web API, and to none that it leads to. NotTaken, Refused."""
        assert self._session
        async with self._session.post(url, allow_redirects=False, **body) as response:
            status = response.status
        if status != 200:
            raise NotTaken(status) if status == 429 or status >= 500 else Refused(status, name)
