"""Outgoing calls: the Web API and the response URLs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.logs import as_code
from bot.settings import Settings
from bot.slack.render import Message
from bot.slack.sending import Json, NotTaken, Refused, Sending

TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=3)

FOREIGN: Final = "not_from_the_api"

PASSING: Final = frozenset(
    {"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable", FOREIGN}
)
"""Errors of the Web API after which the same call may succeed (https://docs.slack.dev/reference/methods)."""

log = structlog.get_logger()


class Client:
    """Slack's Web API with one session, timeouts, and patience where Slack asks for it."""

    def __init__(self, settings: Settings) -> None:
        token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else None
        # Slack may close a kept connection just when it is used again; other failures are the caller's to repeat.
        closed = AsyncConnectionErrorRetryHandler(
            error_types=[aiohttp.ServerDisconnectedError, aiohttp.ClientConnectionResetError]
        )
        self._patience = [closed, AsyncRateLimitErrorRetryHandler()]
        self.web = AsyncWebClient(token=token, base_url=settings.slack_api_url, retry_handlers=self._patience)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Open the session that all calls share."""
        self._session = self.web.session = aiohttp.ClientSession(timeout=TIMEOUT)

    async def close(self) -> None:
        """Close it."""
        if self._session:
            await self._session.close()

    async def check(self) -> None:
        """Log which workspace the token belongs to, or why Slack refuses it."""
        try:
            answer = await self.web.auth_test()
            log.info("slack_token_accepted", **{name: as_code(answer.get(name)) for name in ("team_id", "bot_id")})
        except SlackApiError as error:
            log.error("slack_refuses_the_token", error=_reason(error))
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("slack_unreachable", error=type(error).__name__)

    async def user(self, user: str) -> Mapping[str, Any]:
        """A person's user object."""
        # The SDK's own method asks with GET, which not everything that speaks Slack's protocol understands.
        answer = await self.web.api_call("users.info", data={"user": user, "include_locale": True})
        found: Mapping[str, Any] = answer["user"]
        return found

    def posting(
        self, messages: Sequence[Message], *, channel: str, thread: str, only_for: str | None = None
    ) -> Sending:
        """Messages to a channel or a thread; with `only_for`, so that one person alone sees them."""
        where: Json = {"channel": channel} | ({"thread_ts": thread} if thread else {})
        options: Json = {"user": only_for} if only_for else {"unfurl_links": False, "unfurl_media": False}
        method = "chat.postEphemeral" if only_for else "chat.postMessage"
        bodies = ({**where, **options, "text": each.text, "blocks": list(each.blocks)} for each in messages)

        async def post(body: Json) -> None:
            try:
                await self.web.api_call(method, json=body)
            except SlackApiError as error:
                reason = _reason(error)
                raise (NotTaken if reason in PASSING else Refused)(reason) from error

        return Sending(bodies, post)

    def response(
        self, url: str, messages: Sequence[Message], *, everyone: bool, replace: bool = False, thread: str = ""
    ) -> Sending:
        """Messages to a response URL, which works five times within half an hour; the first one may replace."""
        where: Json = {"response_type": "in_channel" if everyone else "ephemeral"}
        where |= {"thread_ts": thread} if thread else {}
        bodies = (
            {**where, "replace_original": replace and not place, "text": each.text, "blocks": list(each.blocks)}
            for place, each in enumerate(messages)
        )

        async def respond(body: Json) -> None:
            webhook = AsyncWebhookClient(url, session=self._session, retry_handlers=self._patience)
            status = (await webhook.send_dict(body)).status_code
            if status != 200:
                raise (NotTaken if status == 429 or status >= 500 else Refused)(status)

        return Sending(bodies, respond)


def _reason(error: SlackApiError) -> str:
    """What the Web API calls the error, or that the answer is not the Web API's, such as a gateway's page."""
    data = getattr(error.response, "data", None)
    return as_code(data.get("error", FOREIGN)) if isinstance(data, dict) else FOREIGN
