"""Slack's requests, over HTTP or Socket Mode: verified, well formed, and handed to their listeners."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

import aiohttp
import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncBoltContext, AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from bot.installed import Installs
from bot.plug import Answer
from bot.settings import Settings
from bot.slack.admission import Admission
from bot.slack.bolt import make_bolt
from bot.slack.client import Client
from bot.slack.grants import OneToken
from bot.slack.listeners import Listeners
from bot.slack.oauth import install_pages, many_tokens, one_token
from bot.slack.path import INSTALL, PATH
from bot.slack.payload import well_formed
from bot.slack.people import People
from bot.slack.rooms import SlackRooms
from bot.slack.signature import is_signed
from bot.slack.unasked import Unasked
from content.texts import Texts
from handlers.errors import TryLater, Unavailable
from handlers.ports import Platform, Rooms
from handlers.turn import Person

CHECK_SECONDS: Final = 60.0
"""How long to wait until Slack is asked again whose the token is, when it did not say."""

SURE_SECONDS: Final = 3600.0
"""How long what it said counts."""

log = structlog.get_logger()


class SlackPlug:
    """Slack, over HTTP where there is a signing secret, over a socket where there is an app token."""

    name = "slack"

    def __init__(self, settings: Settings, answer: Answer, texts: Texts, installs: Installs | None = None) -> None:
        secret, app_token = settings.slack_signing_secret, settings.slack_app_token
        self._verifier = SignatureVerifier(secret.get_secret_value()) if secret else None
        self._app_token = app_token.get_secret_value() if app_token else ""
        self._installs = installs
        many = installs if settings.slack_many else None
        grants = many_tokens(settings, many) if many else one_token(settings)
        self._one = grants if isinstance(grants, OneToken) else None
        self._client = Client(settings, grants)
        self._pages = install_pages(settings, self._client, many, texts) if many else None
        people = People(self._about)
        self.rooms: Rooms | None = SlackRooms(self._client)
        self._listeners = Listeners(self._client, answer, texts, people)
        self.platform: Platform | None = Unasked(self._client, people)
        self._opening: list[asyncio.Task[None]] = []
        self._socket: AsyncSocketModeHandler | None = None
        address = f"{settings.public_url}{INSTALL}" if many else ""
        self._admission = Admission(self._client, installs, texts.voice(None), address)
        self._bolt = make_bolt(
            settings.slack_api_url,
            admit=self._admission.admit,
            on_command=self._listeners.on_command,
            on_click=self._listeners.on_click,
            on_event=self._listeners.on_event,
            on_submission=self._listeners.on_submission,
            on_shortcut=self._listeners.on_shortcut,
        )

    def routes(self) -> Iterable[web.RouteDef]:
        """`/slack/events`, when there is a secret to verify requests with, and the pages for installing the app."""
        events = [web.post(PATH, self._on_request)] if self._verifier else []
        return [*events, *(self._pages.routes() if self._pages else ())]

    async def start(self, *, receiving: bool = True) -> None:
        """Open the session, and the socket where there is an app token; neither waits for Slack."""
        await self._client.open()
        if self._one:
            self._opening.append(asyncio.create_task(self._check(self._one)))
        if self._app_token and receiving:
            self._socket = AsyncSocketModeHandler(self._bolt, self._app_token, web_client=self._client.web)
            connecting = self._socket.client.connect()  # type: ignore[no-untyped-call]
            self._opening.append(asyncio.create_task(connecting))

    async def stop(self) -> None:
        """Take no more requests from the socket, finish the answers under way, and close."""
        self._listeners.hurry()
        for task in self._opening:
            task.cancel()
        if self._socket:
            await self._socket.client.close()  # type: ignore[no-untyped-call]
        await asyncio.gather(self._listeners.stop(self.name), self._admission.stop(self.name))
        await asyncio.gather(*self._opening, return_exceptions=True)
        await self._client.grants.stop()
        await self._client.close()

    async def receive(self, body: bytes, headers: Mapping[str, str]) -> BoltResponse:
        """Answer one HTTP request: 401 when its signature is wrong or old, 400 when it is malformed."""
        if self._verifier is None or not is_signed(self._verifier, body, headers):
            return BoltResponse(status=401)
        try:
            request = AsyncBoltRequest(body=body.decode(), headers=dict(headers))
        except Exception:
            # Bolt looks through the whole payload here, and raises whatever a malformed one provokes.
            return BoltResponse(status=400)
        match request.body:
            case {"ssl_check": "1"}:
                return BoltResponse(status=200)
            case {"type": "app_rate_limited"}:
                log.warning("slack_holds_back_events")
                return BoltResponse(status=200)
        if not (well_formed(request.body) and _is_named(request.context)):
            return BoltResponse(status=400)
        return await self._bolt.async_dispatch(request)

    async def _check(self, token: OneToken) -> None:
        """See whose the token is, every hour, and sooner until Slack has said it; where it is good, letters go on.

        Another process may have taken it for gone, by a token that it had before.
        """
        while True:
            try:
                tenants = await self._client.check(token)
                if self._installs:
                    for tenant in tenants:
                        await self._installs.come_back(tenant)
            except (aiohttp.ClientError, TimeoutError, TryLater, Unavailable):
                await asyncio.sleep(CHECK_SECONDS)
            else:
                await asyncio.sleep(SURE_SECONDS)

    async def _about(self, person: Person) -> Mapping[str, Any]:
        return await self._client.of(person.tenant).user(person.user)

    async def _on_request(self, request: web.Request) -> web.Response:
        return await to_aiohttp_response(await self.receive(await request.read(), request.headers))


def _is_named(context: AsyncBoltContext) -> bool:
    """Whether the workspace and the organization are given by ids, or not at all."""
    return all(isinstance(found, str | None) for found in (context.team_id, context.enterprise_id))
