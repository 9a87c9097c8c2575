"""A stand-in for Slack on loopback: it signs and sends payloads, and answers the bot's calls as the Web API does."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import io
import json
import time
import urllib.parse
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.plug import Answer
from bot.server import make_app
from bot.settings import Settings
from bot.slack.inbound import SlackPlug
from tests.talk import content

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
INTERACTIONS = ("block_actions", "message_action", "shortcut", "view_submission")
BOT = "B0BOT0001"
BOT_USER = "U0BOT0001"
DATA = Path(__file__).parent / "data" / "slack"


def payload(name: str, **changes: Any) -> dict[str, Any]:
    """A recorded payload; `changes` go into its event where it has one."""
    body: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
    body.get("event", body).update(changes)
    return body


def signed(body: bytes, *, age: int = 0, secret: str = SECRET) -> dict[str, str]:
    """The headers that prove that a body comes from Slack."""
    timestamp = str(int(time.time()) - age)
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


@dataclass
class Call:
    """A call of the bot: a method of the Web API with its arguments, or a response URL with its message.

    `by` is whose token it came with, where that is told apart.
    """

    method: str
    arguments: dict[str, Any]
    by: str = ""


@dataclass
class Slack:
    """What the stand-in was asked, and how it answers."""

    calls: list[Call] = field(default_factory=list)
    user: dict[str, Any] = field(default_factory=lambda: {"tz": "Europe/Berlin", "locale": "de-DE"})
    failures: list[web.Response] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    upload_url: str = ""
    uploads: list[int] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)
    """What is said to be elsewhere."""
    slow: float = 0
    missing: set[str] = field(default_factory=set)
    """Conversations that are not there."""
    posts: list[dict[str, Any]] = field(default_factory=list)
    """What Slack took."""
    takes: bool = False
    """Whether it takes a message although it then fails."""
    said: list[dict[str, Any]] = field(default_factory=list)
    """Messages that stand in the conversation after those."""
    page: int = 100
    people: list[str] = field(default_factory=list)
    """Those in a channel or a user group."""
    channel: dict[str, Any] = field(default_factory=lambda: {"name": "general", "is_member": True})
    script: dict[str, list[web.Response]] = field(default_factory=dict)
    """What is answered to the next calls of a method, in the place of what it answers otherwise."""
    hangs: set[str] = field(default_factory=set)
    """Methods that are never answered."""
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    url: str = ""
    bot: str = ""
    http: aiohttp.ClientSession = None  # type: ignore[assignment]

    async def send(self, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
        """Send a payload as Slack encodes its kind; the status and the acknowledgement."""
        if "command" in body or body.get("type") in INTERACTIONS:
            body = {**body, **({"response_url": f"{self.url}/response"} if "response_url" in body else {})}
            form = body if "command" in body else {"payload": json.dumps(body)}
            data, kind = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
        else:
            data, kind = json.dumps(body).encode(), "application/json"
        return await self.send_raw(data, {"Content-Type": kind, **signed(data), **(headers or {})})

    async def send_raw(self, data: bytes, headers: Mapping[str, str]) -> tuple[int, Any]:
        """Send bytes; the status and the body, decoded where it is JSON."""
        async with self.http.post(f"{self.bot}/slack/events", data=io.BytesIO(data), headers=headers) as response:
            text = await response.text()
            return response.status, json.loads(text) if text.startswith("{") else text

    async def called(self, method: str, count: int = 1) -> list[Call]:
        """The calls of one method, once there are this many; then a moment more for calls that should not come."""
        async with asyncio.timeout(5), self.changed:
            await self.changed.wait_for(lambda: len(self.of(method)) >= count)
        await asyncio.sleep(0.05)
        return self.of(method)

    def of(self, method: str) -> list[Call]:
        """The calls of one method so far."""
        return [call for call in self.calls if call.method == method]

    def _history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """What was posted and said, newest first, a page at a time; metadata only when it is asked for."""
        first = int(arguments.get("cursor") or 0)
        here = [post for post in self.posts if post["channel"] == arguments["channel"]]
        posted = [{"ts": f"{number}.1", "bot_id": BOT, **post} for number, post in enumerate(here, 1)]
        messages = [*self.said, *reversed(posted)]
        page = messages[first : first + self.page]
        hidden = () if arguments.get("include_all_metadata") == "true" else ("metadata",)
        shown = [{name: value for name, value in message.items() if name not in hidden} for message in page]
        more = first + self.page < len(messages)
        cursor = {"next_cursor": str(first + self.page) if more else ""}
        return {"messages": shown, "has_more": more, "response_metadata": cursor}

    def _members(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Those in a channel, a page at a time."""
        first, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit") or 100)
        more = first + limit < len(self.people)
        cursor = {"next_cursor": str(first + limit) if more else ""}
        return {"members": self.people[first : first + limit], "response_metadata": cursor}

    async def answer(self, request: web.Request, by: str = "") -> web.Response:
        """Answer a method, or take a message."""
        method = request.match_info.get("method", "response_url")
        arguments: dict[str, Any]
        if request.content_type == "application/json":
            arguments = await request.json()
        elif method in ("upload", "elsewhere"):
            arguments = {"content": await request.read()}
        else:
            arguments = dict((await request.post()).items())
        async with self.changed:
            self.calls.append(Call(method, arguments, by))
            self.changed.notify_all()
        failing = bool(self.failures) and method.startswith(("chat.", "response"))
        missing = method == "chat.postMessage" and arguments["channel"] in self.missing
        if method == "chat.postMessage" and not missing and (self.takes or not failing):
            self.posts.append(arguments)
        await asyncio.sleep(30 if method in self.hangs else self.slow)
        if self.script.get(method):
            return self.script[method].pop(0)
        if missing:
            return web.json_response({"ok": False, "error": "channel_not_found"})
        if failing:
            return self.failures.pop(0)
        if method in self.moved:
            return web.Response(status=307, headers={"Location": f"{self.url}/elsewhere"})
        if method in self.refusals:
            return web.json_response({"ok": False, "error": self.refusals[method]})
        if method in ("response_url", "upload"):
            return web.Response(text="ok", status=self.uploads.pop(0) if method == "upload" and self.uploads else 200)
        facts = {
            "auth.test": {"team_id": "T0TEAM001", "bot_id": BOT, "user_id": BOT_USER},
            "conversations.history": self._history(arguments) if method == "conversations.history" else {},
            "chat.getPermalink": {"permalink": "https://example.slack.com/archives/C0GENERAL/p1"},
            "conversations.info": {"channel": {"id": arguments.get("channel"), **self.channel}},
            "conversations.members": self._members(arguments) if method == "conversations.members" else {},
            "usergroups.users.list": {"users": self.people},
            "conversations.open": {"channel": {"id": "D0DIRECT1"}},
            "files.getUploadURLExternal": {"upload_url": self.upload_url or f"{self.url}/upload", "file_id": "F1"},
            "users.info": {"user": {"id": arguments.get("user"), **self.user}},
        }
        return web.json_response({"ok": True, "ts": "1.1", **facts.get(method, {})})


@contextlib.asynccontextmanager
async def running(answer: Answer, api: str = "") -> AsyncIterator[Slack]:
    """The real server with Slack's plug, connected to a stand-in of Slack, or to another API."""
    slack = Slack()
    methods = web.Application(client_max_size=8 * 1024 * 1024)
    methods.router.add_post("/api/{method}", slack.answer)
    methods.router.add_post("/{method:upload|elsewhere}", slack.answer)
    methods.router.add_post("/response", slack.answer)
    async with TestServer(methods) as far, aiohttp.ClientSession() as http:
        slack.url, slack.http = str(far.make_url("")).rstrip("/"), http
        settings = Settings(
            _env_file=None,
            slack_signing_secret=SECRET,
            slack_bot_token="xoxb-test",
            slack_api_url=api or f"{slack.url}/api/",
        )
        async with TestServer(make_app([SlackPlug(settings, answer, content().texts)])) as near:
            slack.bot = str(near.make_url("")).rstrip("/")
            yield slack
