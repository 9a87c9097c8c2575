"""The Bolt app: what is on, what is off, and a short way for slash commands."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

Listener = Callable[[dict[str, Any], AsyncBoltContext], Awaitable[BoltResponse]]
Admit = Callable[[dict[str, Any], AsyncBoltContext], Awaitable[BoltResponse | None]]
"""None to go on with a request, or what it is answered at once."""

# Bolt warns of requests that nobody listens to, and of settings that are meant.
_log = logging.getLogger("bot.slack.bolt.complaints")
_log.setLevel(logging.ERROR)


def make_bolt(
    api_url: str,
    *,
    admit: Admit,
    on_command: Listener,
    on_click: Listener,
    on_event: Listener,
    on_submission: Listener,
    on_shortcut: Listener,
) -> AsyncApp:
    """A Bolt app that hands requests to its listeners; it trusts what it is given to be verified.

    It has no token, and so asks Slack nothing about one: what is called is called by `bot.slack.calls`.
    """
    authorized = AuthorizeResult(enterprise_id=None, team_id=None)

    async def authorize() -> AuthorizeResult:
        return authorized

    bolt = AsyncApp(
        name="rung",
        logger=_log,
        process_before_response=True,
        signing_secret="",
        client=AsyncWebClient(base_url=api_url),
        authorize=authorize,
        before_authorize=_Door(admit, on_command),
        # The signature is verified before Bolt reads a request, and bots are left alone by `read_post`.
        request_verification_enabled=False,
        ssl_check_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    bolt.action(re.compile(""))(on_click)
    bolt.event(re.compile(""))(on_event)
    bolt.view_submission(re.compile(""))(on_submission)
    bolt.shortcut(re.compile(""))(on_shortcut)
    return bolt


class _Door(AsyncMiddleware):
    """Admits requests, and answers slash commands before Bolt looks for a listener, which takes longer than the answer.

    A command needs no token, because its answer stands in the acknowledgement.
    """

    def __init__(self, admit: Admit, answer: Listener) -> None:
        self._admit = admit
        self._answer = answer

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002
        next: Callable[[], Awaitable[BoltResponse]],
    ) -> BoltResponse:
        """The answer to a command, or to what is not admitted; everything else goes on."""
        refused = await self._admit(req.body, req.context)
        if refused is not None:
            return refused
        return await self._answer(req.body, req.context) if "command" in req.body else await next()
