"""Stand-ins for Microsoft's side of Teams, all on the loopback."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import datetime
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from bot.plug import Answer
from bot.server import make_app
from bot.settings import Settings
from bot.teams.client import Client
from bot.teams.connector import Connector
from bot.teams.inbound import TeamsPlug
from content.load import load
from handlers.reply import Audience, Heading, Reply, Text
from handlers.turn import Turn

DATA = Path(__file__).parent / "data" / "teams"
TENANT = "00000000-0000-4000-8000-0000000000aa"
APP = "00000000-0000-4000-8000-0000000000bb"
ISSUER = "https://api.botframework.com"

TEXTS = load().texts


def payload(name: str, /, **changes: Any) -> dict[str, Any]:
    """A copy of an activity that Teams posts, with other top-level fields."""
    return {**copy.deepcopy(json.loads((DATA / f"{name}.json").read_text())), **changes}


@dataclass(frozen=True)
class Call:
    """A call the bot made to the connector."""

    method: str
    path: str
    query: dict[str, str]
    authorization: str | None
    body: dict[str, Any]
    raw: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def card(self) -> dict[str, Any]:
        """The card that was sent."""
        return self.body["attachments"][0]["content"]


@dataclass
class StandIn:
    """A connector that keeps every call and answers as the script says: (status, headers, body), then 201s.

    `cuts` is how many calls are cut off instead of answered.
    """

    calls: list[Call] = field(default_factory=list)
    script: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    cuts: int = 0
    delay: float = 0.0
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        """Keep a call and answer it."""
        raw = await request.read()
        call = Call(
            request.method,
            request.raw_path.split("?")[0],
            dict(request.query),
            request.headers.get("Authorization"),
            json.loads(raw or b"{}") if request.content_type == "application/json" else {},
            raw,
            request.headers,
        )
        self.calls.append(call)
        await asyncio.sleep(self.delay)
        if self.cuts:
            self.cuts -= 1
            assert request.transport
            request.transport.close()
        if self.script:
            status, headers, body = self.script.pop(0)
            return web.Response(status=status, headers=headers, text=body, content_type="application/json")
        if call.path.endswith("/v3/conversations"):
            return web.json_response({"id": "a:opened"}, status=201)
        return web.json_response({"id": f"sent-{len(self.calls)}"}, status=201)


class Room:
    """A bot open to developers, its answers, and the connector it answers to."""

    def __init__(self, client: TestClient[Any, Any], teams: StandIn, listener: Listener) -> None:
        self.client, self.teams, self.listener = client, teams, listener

    async def post(self, name: str, /, **changes: Any) -> tuple[int, Any]:
        """Post an activity; returns the status and the body."""
        activity = payload(name, **{"serviceUrl": self.teams.url, **changes})
        async with self.client.post("/api/messages", json=activity) as answer:
            return answer.status, await answer.json()


@contextlib.asynccontextmanager
async def a_room(reply: Reply | None = None, *, patience: float = 1.0) -> AsyncIterator[Room]:
    """A room in which everything is answered with `reply`."""
    listener = Listener(reply)
    async with stand_in() as teams, plugged(listener, patience=patience) as client:
        yield Room(client, teams, listener)


@contextlib.asynccontextmanager
async def stand_in() -> AsyncIterator[StandIn]:
    """A connector on the loopback."""
    connector = StandIn()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", connector.answer)
    async with TestServer(app) as server:
        connector.url = str(server.make_url("/amer/"))
        yield connector


class Listener:
    """An answer that keeps the turns it was given."""

    def __init__(self, reply: Reply | None = None) -> None:
        self.turns: list[Turn] = []
        self.reply = reply

    async def __call__(self, turn: Turn) -> Reply:
        """Keep the turn and answer it."""
        self.turns.append(turn)
        if self.reply:
            return self.reply
        audience = Audience.ROOM if turn.share else Audience.ASKER
        return Reply((Heading("Heard"), Text(turn.words or "pressed")), audience, lang="en")


@contextlib.asynccontextmanager
async def plugged(
    answer: Answer,
    settings: Settings | None = None,
    *,
    connector: Connector | None = None,
    patience: float = 1.0,
) -> AsyncIterator[TestClient[Any, Any]]:
    """The plug behind a real HTTP server."""
    settings = settings or developer()
    connector = connector or Connector(settings)
    plug = TeamsPlug(settings, answer, TEXTS, connector=connector, client=Client(connector.token, patience=patience))
    async with TestClient(TestServer(make_app([plug]))) as client:
        yield client


def developer(**changes: Any) -> Settings:
    """Settings that open Teams without an app."""
    return Settings(_env_file=None, **{"rung_dev": True, "host": "127.0.0.1", **changes})


def registered(**changes: Any) -> Settings:
    """Settings of a registered app, with the loopback allowed as a connector's host."""
    given = {"microsoft_app_id": APP, "microsoft_app_password": "secret", "microsoft_app_tenant_id": TENANT}
    return Settings(_env_file=None, **{"rung_dev": True, **given, **changes})


class Microsoft:
    """Signs tokens and publishes the keys, as Microsoft does."""

    def __init__(self) -> None:
        self.keys = {"key-1": rsa.generate_private_key(public_exponent=65537, key_size=2048)}
        self.fetched = 0
        self.down = False
        self.url = ""

    def token(self, service_url: str, *, kid: str | None = "key-1", **claims: Any) -> str:
        """An Authorization header with a good token, unless claims or the key say otherwise."""
        now = datetime.datetime.now(datetime.UTC)
        content = {
            "iss": ISSUER,
            "aud": APP,
            "serviceurl": service_url,
            "nbf": now - datetime.timedelta(minutes=5),
            "exp": now + datetime.timedelta(hours=1),
        } | claims
        key = self.keys.get(kid or "", self.keys["key-1"])
        return "Bearer " + jwt.encode(content, key, algorithm="RS256", headers={"kid": kid} if kid else None)

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator[None]:
        """Publish the metadata and the keys."""

        async def metadata(_: web.Request) -> web.Response:
            self.fetched += 1
            if self.down:
                return web.Response(status=503)
            return web.json_response({"issuer": ISSUER, "jwks_uri": f"{self.url}keys"})

        async def keys(_: web.Request) -> web.Response:
            published = [
                json.loads(RSAAlgorithm.to_jwk(key.public_key()))
                | {"kid": kid, "endorsements": ["webchat"] + ["msteams"] * (kid != "web-only")}
                for kid, key in self.keys.items()
            ]
            return web.json_response({"keys": published})

        app = web.Application()
        app.router.add_get("/metadata", metadata)
        app.router.add_get("/keys", keys)
        async with TestServer(app) as server:
            self.url = str(server.make_url("/"))
            yield
