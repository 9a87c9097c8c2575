"""Outgoing calls: the Web API and the response URLs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.settings import Settings
from bot.slack.render import Message

TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=3)

PASSING: Final = frozenset({"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"})
"""Errors of the Web API after which the same call may succeed (https://docs.slack.dev/reference/methods)."""

log = structlog.get_logger()


class Client:
    """Slack's Web API with one session, timeouts, and patience where Slack asks for it."""

    def __init__(self, settings: Settings) -> None:
        token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else None
        self.web = AsyncWebClient(
            token=token, base_url=settings.slack_api_url, retry_handlers=[AsyncRateLimitErrorRetryHandler()]
        )
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
            log.info("slack_token_accepted", team=answer.get("team_id"), bot=answer.get("bot_id"))
        except SlackApiError as error:
            log.error("slack_refuses_the_token", error=error.response.get("error"))
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("slack_unreachable", error=type(error).__name__)

    async def user(self, user: str) -> Mapping[str, Any]:
        """A person's user object."""
        answer = await self.web.users_info(user=user, include_locale=True)
        found: Mapping[str, Any] = answer["user"]
        return found

    async def post(
        self, messages: Sequence[Message], *, channel: str, thread: str, only_for: str | None = None
    ) -> None:
        """Post to a channel or a thread; with `only_for`, so that one person alone sees it."""
        for message in messages:
            text, blocks = message.text, list(message.blocks)
            try:
                if only_for:
                    await self.web.chat_postEphemeral(
                        channel=channel, user=only_for, text=text, blocks=blocks, thread_ts=thread or None
                    )
                else:
                    await self.web.chat_postMessage(
                        channel=channel,
                        text=text,
                        blocks=blocks,
                        thread_ts=thread or None,
                        unfurl_links=False,
                        unfurl_media=False,
                    )
            except SlackApiError as error:
                reason = error.response.get("error")
                if reason in PASSING:
                    raise
                log.error("slack_refused_a_message", error=reason, channel=channel)
                return

    async def respond(
        self, url: str, messages: Sequence[Message], *, everyone: bool, replace: bool = False, thread: str = ""
    ) -> None:
        """Answer through a response URL, which works five times within half an hour."""
        webhook = AsyncWebhookClient(url, session=self._session, retry_handlers=[AsyncRateLimitErrorRetryHandler()])
        for message in messages:
            body: dict[str, Any] = {
                "text": message.text,
                "blocks": list(message.blocks),
                "response_type": "in_channel" if everyone else "ephemeral",
                "replace_original": replace,
            }
            if thread:
                body["thread_ts"] = thread
            answer = await webhook.send_dict(body)
            if answer.status_code != 200:
                log.error("slack_refused_a_response", status=answer.status_code)
                return
            replace = False
