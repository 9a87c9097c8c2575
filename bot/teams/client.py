"""Calls to the Teams connector: plain JSON activities over one aiohttp session.

The SDK's own connector client sends with blocking `requests` from a thread pool and serialises every
activity through its models; a shared session is several times faster (tests/bench/teams.py).
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.logs import as_code
from bot.teams import limits
from bot.text import dump
from bot.watched import watch_calls
from handlers import errors

Json = dict[str, Any]
Token = Callable[[str], Awaitable[str | None]]
"""The bearer token to show to a service URL, or None to send none."""

_BUSY = frozenset({412, 429, 502, 503, 504})
"""Statuses after which Microsoft asks to try again."""

BUSY_SECONDS = 0.5
"""How long to wait at least when the connector does not say how long."""


@dataclass(frozen=True, slots=True)
class Address:
    """A conversation and the way to it; plain enough to be stored."""

    service_url: str
    conversation_id: str
    conversation_type: str
    tenant_id: str
    bot_id: str


class NotTaken(errors.TryLater):
    """The connector is busy or cannot be reached: it has not taken a call, and may take it after so many seconds."""

    def __init__(self, seconds: float, why: str, *, sure: bool = True) -> None:
        super().__init__(seconds)
        self.args = (why,)
        self.sure = sure
        """Whether it is out of the question that the call was taken all the same."""


class Refusal(Exception):  # noqa: N818
    """The connector refused a call, with this status and Microsoft's code for it."""

    def __init__(self, why: str = "", status: int = 0, code: str = "") -> None:
        super().__init__(why)
        self.status = status
        self.code = code


class Gone(Refusal, errors.Gone):
    """The conversation or the message no longer exists."""


class Blocked(Refusal, errors.Gone):
    """The person has blocked the bot, or it is not installed for them."""


class TooBig(Refusal):
    """The message is larger than the connector takes."""


class Failed(Refusal):
    """The connector refused a call for another reason."""


class Broken(Failed):
    """A call was not answered as it should be; whether it was taken is not known, and another one may succeed."""


class NoToken(Broken):
    """There is no token to call with, so nothing was called."""


UNSENT = (errors.TryLater, errors.Gone, TooBig, Failed)
"""Everything that a call may end with when it was not taken."""


class Client:
    """Sends, updates and deletes activities, and uploads files."""

    def __init__(self, token: Token, *, patience: float = limits.PATIENCE_SECONDS) -> None:
        self._token = token
        self._patience = patience
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the session."""
        timeout = aiohttp.ClientTimeout(total=limits.CALL_SECONDS, connect=limits.CALL_SECONDS / 2)
        # Without cookies: what a host keeps of one person's call must not go along with another's.
        jar, told = aiohttp.DummyCookieJar(), [watch_calls("teams")]
        self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=jar, trace_configs=told)

    async def stop(self) -> None:
        """Close the session."""
        if self._session:
            await self._session.close()

    async def send(self, address: Address, activity: Json, *, targeted: bool = False) -> str:
        """Post an activity; returns its id. `targeted`: only the activity's recipient sees it."""
        reply_to = activity.get("replyToId")
        path = f"{_conversation(address)}/activities" + (f"/{quote(str(reply_to), safe='')}" if reply_to else "")
        answer = await self._call("POST", address, path + (_TARGETED if targeted else ""), activity)
        return str(answer.get("id", ""))

    async def update(self, address: Address, activity_id: str, activity: Json, *, targeted: bool = False) -> None:
        """Put another activity in the place of one sent before; of one that was `targeted` only the content changes."""
        path = f"{_conversation(address)}/activities/{quote(activity_id, safe='')}"
        changed = {**activity, "id": activity_id}
        if targeted:  # who sees it stands; Teams refuses an update that names them
            changed.pop("recipient", None)
        await self._call("PUT", address, path + (_TARGETED if targeted else ""), changed)

    async def delete(self, address: Address, activity_id: str) -> None:
        """Take back an activity."""
        await self._call("DELETE", address, f"{_conversation(address)}/activities/{quote(activity_id, safe='')}")

    async def members(self, address: Address, token: str | None = None) -> tuple[list[Json], str | None]:
        """A page of the people in a conversation, and the token of the next page or None."""
        page = f"?pageSize={limits.MEMBERS}" + (f"&continuationToken={quote(token, safe='')}" if token else "")
        answer = await self._call("GET", address, f"{_conversation(address)}/pagedmembers{page}")
        return list(answer.get("members") or ()), answer.get("continuationToken") or None

    async def member(self, address: Address, user_id: str) -> Json:
        """Somebody in a conversation."""
        return await self._call("GET", address, f"{_conversation(address)}/members/{quote(user_id, safe='')}")

    async def open_personal(self, address: Address, user_id: str) -> Address:
        """The personal chat with someone met at `address`. Blocked when they do not have the app."""
        answer = await self._call(
            "POST",
            address,
            "v3/conversations",
            {
                "bot": {"id": address.bot_id},
                "members": [{"id": user_id}],
                "isGroup": False,
                "tenantId": address.tenant_id,
                "channelData": {"tenant": {"id": address.tenant_id}},
            },
        )
        conversation = answer.get("id")
        if not isinstance(conversation, str) or not conversation:
            raise Failed("no conversation id")
        return replace(address, conversation_id=conversation, conversation_type="personal")

    async def upload(self, url: str, content: bytes, kind: str) -> None:
        """Put a file where an upload session wants it. The address holds the right to do so, so no token goes along."""
        headers = {"Content-Type": kind, "Content-Range": f"bytes 0-{len(content) - 1}/{len(content)}"}
        timeout = aiohttp.ClientTimeout(total=limits.UPLOAD_SECONDS, connect=limits.CALL_SECONDS)
        try:
            async with self._open.put(
                URL(url, encoded=True), data=content, headers=headers, allow_redirects=False, timeout=timeout
            ) as answer:
                status, body = answer.status, await answer.read()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Broken(type(error).__name__) from error
        if not 200 <= status < 300:
            raise Failed(f"HTTP {status} {_code(body)}")

    @property
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("start() comes first")
        return self._session

    async def _call(self, method: str, address: Address, path: str, body: Json | None = None) -> Json:
        """One call, repeated while the connector has not taken it and patience lasts."""
        url = URL(f"{address.service_url.rstrip('/')}/{path}", encoded=True)
        data = None if body is None else dump(body).encode()
        end = time.monotonic() + self._patience
        attempt = 0
        while True:
            try:
                return await self._once(method, url, address.service_url, data)
            except NotTaken as busy:
                # Full jitter on top, so that answers held up together do not come back together.
                pause = busy.seconds + random.uniform(0, 0.5 * 2**attempt)  # noqa: S311
                if time.monotonic() + pause > end:
                    raise
                await asyncio.sleep(pause)
                attempt += 1

    async def _once(self, method: str, url: URL, service_url: str, data: bytes | None) -> Json:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if token := await self._token(service_url):
            headers["Authorization"] = f"Bearer {token}"
        try:
            # A redirect would carry the token to another host.
            async with self._open.request(method, url, data=data, headers=headers, allow_redirects=False) as answer:
                status, wait = answer.status, answer.headers.get("Retry-After", "")
                try:
                    body = await answer.read()
                except (aiohttp.ClientPayloadError, TimeoutError):
                    if method == "GET":
                        raise
                    body = b""  # the status says whether it was taken
        except (aiohttp.ServerDisconnectedError, aiohttp.ConnectionTimeoutError, aiohttp.ClientOSError) as error:
            # A kept connection may be closed just when it is used again: no status came, so hardly anything was taken.
            sure = isinstance(error, aiohttp.ConnectionTimeoutError | aiohttp.ClientConnectorError)
            raise NotTaken(BUSY_SECONDS, type(error).__name__, sure=sure) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Broken(type(error).__name__) from error
        if status < 300:
            return _json(body)
        if status in _BUSY:
            # A gateway that got no answer in time says so too, and a busy server rarely says for how long.
            sure = status in (412, 429) or (status == 503 and bool(wait))
            raise NotTaken(float(wait) if wait.isdecimal() else BUSY_SECONDS, f"HTTP {status}", sure=sure)
        refused, code = _ERRORS.get(status, Broken if status >= 500 else Failed), _code(body)
        raise refused(f"HTTP {status} {code}", status, code)


_ERRORS: dict[int, type[Refusal]] = {403: Blocked, 404: Gone, 413: TooBig}


_TARGETED = "?isTargetedActivity=true"


def _conversation(address: Address) -> str:
    return f"v3/conversations/{quote(address.conversation_id, safe='')}"


def _json(body: bytes) -> Json:
    """The answer's object; connectors answer some calls with nothing at all."""
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _code(body: bytes) -> str:
    """Microsoft's error code, such as MessageWritesBlocked; never the message, which may quote what was sent."""
    answer = _json(body)
    error = answer.get("error")
    if isinstance(error, dict):
        return as_code(error.get("code"))
    # Some answers hold another one as a text.
    message = answer.get("message")
    within = answer if "subCode" in answer else _json(message.encode()) if isinstance(message, str) else {}
    return as_code(within["subCode"]) if within.get("subCode") else ""
