"""A stand-in for Slack with many workspaces: it lets the app in, and gives, exchanges and takes back tokens."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime
import itertools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import Text, select

from bot.app import make_delivery, make_desk, make_plugs, open_desk
from bot.plug import Plug
from bot.server import make_app
from bot.settings import Settings
from bot.slack.manifest import SCOPES
from bot.store.schema import metadata
from bot.store.seal import make_key
from bot.store.sql import SqlStore
from handlers.ports import Desk, Understand
from scheduler.delivery import Delivery
from scheduler.letters import Post
from scheduler.planning import plan
from tests.slack import SECRET, Call, Slack, payload

KEY = make_key()
CLIENT = {"slack_client_id": "1.2", "slack_client_secret": "client-secret"}
PUBLIC = "https://rung.example.com"
HOURS = datetime.timedelta(hours=1)
DAY = 24 * HOURS


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    moment: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))

    def __call__(self) -> datetime.datetime:
        return self.moment


@dataclass
class Granted:
    """What a token is good for."""

    tenant: str
    team: str = ""
    enterprise: str = ""

    @property
    def org(self) -> bool:
        return not self.team


@dataclass
class ManySlack(Slack):
    """Slack with a token for each installation; `codes` are those of installations that somebody has allowed."""

    codes: dict[str, Granted] = field(default_factory=dict)
    tokens: dict[str, Granted] = field(default_factory=dict)
    refresh_tokens: dict[str, Granted] = field(default_factory=dict)
    exchanged: list[str] = field(default_factory=list)
    """The tenants whose tokens were exchanged, in order."""
    wrong_exchanges: list[str] = field(default_factory=list)
    refuses_exchange: str = ""
    exchange_slow: float = 0.0
    rotates: bool = True
    scopes: str = ",".join(SCOPES)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def issued(self) -> set[str]:
        """Every secret that was ever handed out."""
        return self._issued

    def __post_init__(self) -> None:
        self._issued: set[str] = set()

    def allow(self, team: str = "", enterprise: str = "") -> str:
        """Somebody allows the app in a workspace or an organization; the code that Slack leads back with."""
        code = f"code-{next(self._numbers)}"
        self.codes[code] = Granted(team or enterprise, team, enterprise)
        self._issued.add(code)
        return code

    def revoke(self, tenant: str) -> None:
        """Take back every token of a workspace."""
        for tokens in (self.tokens, self.refresh_tokens):
            for token in [token for token, granted in tokens.items() if granted.tenant == tenant]:
                del tokens[token]

    def token_of(self, tenant: str) -> str:
        """The latest token of a workspace."""
        return [token for token, granted in self.tokens.items() if granted.tenant == tenant][-1]

    def _grant(self, granted: Granted) -> dict[str, Any]:
        number = next(self._numbers)
        token, refresh = f"xoxe.xoxb-secret-{number}", f"xoxe-secret-{number}"
        self.tokens[token] = granted
        self._issued |= {token, refresh}
        if not self.rotates:
            return {"access_token": token}
        self.refresh_tokens[refresh] = granted
        return {"access_token": token, "refresh_token": refresh, "expires_in": 12 * 3600}

    async def answer_many(self, request: web.Request) -> web.Response:
        """Answer a method with the token that it is called with."""
        method = request.match_info["method"]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if method == "oauth.v2.access":
            return await self._access(request, dict((await request.post()).items()))
        if self.script.get(method):
            return self.script[method].pop(0)
        granted = self.tokens.get(token)
        if granted is None:
            return web.json_response({"ok": False, "error": "token_revoked"})
        if method == "auth.test":
            about = {"team_id": granted.team or None, "enterprise_id": granted.enterprise or None}
            names = {
                "bot_id": f"B{granted.tenant}",
                "user_id": f"U{granted.tenant}",
                "url": "https://example.slack.com/",
            }
            async with self.changed:
                self.calls.append(Call(method, {}, granted.tenant))
                self.changed.notify_all()
            return web.json_response({"ok": True, **about, **names})
        return await self.answer(request, granted.tenant)

    async def _access(self, request: web.Request, form: dict[str, Any]) -> web.Response:
        given = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        async with self.changed:
            self.calls.append(Call("oauth.v2.access", {"grant_type": form.get("grant_type", "")}))
            self.changed.notify_all()
        if given != "1.2:client-secret":
            return web.json_response({"ok": False, "error": "bad_client_secret"})
        if form.get("grant_type") == "refresh_token":
            await asyncio.sleep(self.exchange_slow)
            if self.refuses_exchange:
                return web.json_response({"ok": False, "error": self.refuses_exchange})
            granted = self.refresh_tokens.pop(form["refresh_token"], None)
            if granted is None:
                self.wrong_exchanges.append(form["refresh_token"])
                return web.json_response({"ok": False, "error": "invalid_refresh_token"})
            self.exchanged.append(granted.tenant)
        else:
            granted = self.codes.pop(form.get("code", ""), None)
            if granted is None or form.get("redirect_uri") != f"{PUBLIC}/slack/oauth_redirect":
                return web.json_response({"ok": False, "error": "invalid_code"})
        team = {"id": granted.team, "name": f"Workspace <{granted.team}>"} if granted.team else None
        enterprise = {"id": granted.enterprise, "name": "Acorn & Co"} if granted.enterprise else None
        return web.json_response(
            {
                "ok": True,
                "app_id": "A0APP0001",
                "token_type": "bot",
                "scope": self.scopes,
                "bot_user_id": f"U{granted.tenant}",
                "team": team,
                "enterprise": enterprise,
                "is_enterprise_install": granted.org,
                "authed_user": {"id": "U0ADMIN01"},
                **self._grant(granted),
            }
        )


@dataclass
class Browser:
    """Somebody who installs the app: follows what they are led to, and keeps a cookie."""

    http: aiohttp.ClientSession
    bot: str
    cookie: str = ""
    lang: str = ""

    async def begin(self, query: str = "") -> str:
        """Open the first page; the address at Slack that it leads to."""
        status, headers, _ = await self.get(f"/slack/install{query}")
        assert status == 302
        self.cookie = headers["Set-Cookie"].split(";")[0]
        assert {"Secure", "HttpOnly"} <= set(map(str.strip, headers["Set-Cookie"].split(";")))
        return headers["Location"]

    async def come_back(self, state: str, code: str) -> tuple[int, str]:
        """What the last page is, led back to with these."""
        status, _, page = await self.get(f"/slack/oauth_redirect?code={code}&state={state}")
        return status, page

    async def get(self, path: str) -> tuple[int, Any, str]:
        """A page: its status, headers and text."""
        headers = {"Cookie": self.cookie} if self.cookie else {}
        headers |= {"Accept-Language": self.lang} if self.lang else {}
        async with self.http.get(f"{self.bot}{path}", headers=headers, allow_redirects=False) as answer:
            return answer.status, answer.headers, await answer.text()


def state_in(url: str) -> str:
    """The random word in an address at Slack."""
    return parse_qs(urlsplit(url).query)["state"][0]


@dataclass
class World:
    """A process of the bot over a database, and Slack beside it."""

    slack: ManySlack
    desk: Desk
    post: Post
    delivery: Delivery
    clock: Clock
    settings: Settings
    plug: Plug

    def browser(self, lang: str = "") -> Browser:
        """Somebody who has not been there."""
        return Browser(self.slack.http, self.slack.bot, lang=lang)

    async def install(self, team: str = "", enterprise: str = "", lang: str = "") -> str:
        """The whole way of an installation; the last page."""
        browser = self.browser(lang)
        state = state_in(await browser.begin())
        status, page = await browser.come_back(state, self.slack.allow(team, enterprise))
        assert status == 200
        return page

    async def say(self, team: str, words: str, user: str = "U012ANNA01", **about: Any) -> list[Call]:
        """Somebody writes a direct message; what was posted in answer."""
        before = len(self.slack.of("chat.postMessage"))
        status, _ = await self.slack.send(message(team, words, user, **about))
        assert status == 200
        return (await self.slack.called("chat.postMessage", before + 1))[before:]

    async def go_round(self) -> int:
        """Plan and deliver all that is due; how many letters were planned."""
        planned = sum([page.letters async for page in plan(self.post, self.clock)])
        for workspace in await self.post.waiting(self.clock()):
            await self.delivery.drain(workspace)
        return planned

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """What stands in a table."""
        assert isinstance(self.desk.store, SqlStore)
        async with self.desk.store.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(select(metadata.tables[table]))).mappings()]

    async def stored(self) -> str:
        """Every value in every table, and the bytes of SQLite's files."""
        assert isinstance(self.desk.store, SqlStore)
        found = []
        async with self.desk.store.engine.connect() as connection:
            for table in metadata.sorted_tables:
                columns = [column.cast(Text).label(column.name) for column in table.columns]
                found += [str(tuple(row)) for row in await connection.execute(select(*columns))]
        if self.settings.embedded:
            path = Path(str(self.desk.store.engine.url.database))
            found += [file.read_bytes().decode("latin-1") for file in path.parent.glob(f"{path.name}*")]
        return "\n".join(found)


_numbers = itertools.count(1)


def message(team: str, words: str, user: str = "U012ANNA01", **about: Any) -> dict[str, Any]:
    """A direct message in a workspace, as an event."""
    number = next(_numbers)
    return of_team(payload("message_im", text=words, user=user, ts=f"17960400{number:02}.000100"), team, **about)


def of_team(body: dict[str, Any], team: str, enterprise: str | None = None, *, org: bool = False) -> dict[str, Any]:
    """A payload of a workspace, of an organization perhaps, and of an installation in the whole of it."""
    said = {"team_id": team, "enterprise_id": enterprise, "is_enterprise_install": org}
    body = {**body, **said, "authorizations": [{**said, "user_id": f"U{enterprise if org else team}", "is_bot": True}]}
    if "command" in body:
        del body["authorizations"]
        body["is_enterprise_install"] = "true" if org else "false"
        body = {name: value for name, value in body.items() if value is not None}
    if isinstance(body.get("user"), dict):
        del body["authorizations"]
        body["team"] = None if org else {"id": team, "domain": "example"}
        body["enterprise"] = {"id": enterprise, "name": "Acorn"} if enterprise else None
        body["user"] = {**body["user"], "team_id": team}
    if isinstance(body.get("view"), dict):
        body["view"] = {**body["view"], "team_id": team, "app_installed_team_id": team}
    return body


def leaving(kind: str, team: str, at: datetime.datetime, **tokens: list[str]) -> dict[str, Any]:
    """An event that the app, or a token, is gone."""
    event: dict[str, Any] = {"type": kind, **({"tokens": tokens} if kind == "tokens_revoked" else {})}
    body = {**payload("message_im"), "event": event, "event_time": int(at.timestamp())}
    return of_team(body, team)


def settings_of(api: str, database: str, **others: Any) -> Settings:
    """The settings of a bot for many workspaces."""
    given: dict[str, Any] = {
        "database_url": database,
        "public_url": PUBLIC,
        "slack_signing_secret": SECRET,
        "slack_api_url": f"{api}/api/",
        "encryption_keys": KEY,
        "works_council": False,
        **CLIENT,
        **others,
    }
    return Settings(_env_file=None, **given)


@cache
def understanding() -> Understand:
    """What understands words, made once."""
    return make_desk().understand


@contextlib.asynccontextmanager
async def slack_alone() -> AsyncIterator[ManySlack]:
    """Slack, to which nobody has come yet."""
    slack = ManySlack()
    methods = web.Application(client_max_size=8 * 1024 * 1024)
    methods.router.add_post("/api/{method}", slack.answer_many)
    methods.router.add_post("/response", slack.answer)
    async with TestServer(methods) as far, aiohttp.ClientSession() as http:
        slack.url, slack.http = str(far.make_url("")).rstrip("/"), http
        yield slack


@contextlib.asynccontextmanager
async def bot_beside(
    slack: ManySlack, database: str, clock: Callable[[], datetime.datetime] | None = None, **others: Any
) -> AsyncIterator[World]:
    """A process of the bot."""
    clock = clock or Clock()
    assert isinstance(clock, Clock)
    settings = settings_of(slack.url, database, **others)
    async with open_desk(settings, now=clock, listening=False) as (opened, post):
        desk, plugs = make_plugs(settings, replace(opened, understand=understanding()))
        async with TestServer(make_app(plugs)) as near:
            slack.bot = str(near.make_url("")).rstrip("/")
            delivery = make_delivery(settings, desk, post, plugs)
            yield World(slack, desk, post, delivery, clock, settings, plugs[0])
