"""Slack as the bot sees it: the methods of the Web API, response URLs and uploads, over what stands in the rooms."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from bot.playground import cast
from bot.playground.clock import MovableClock
from bot.playground.wire import Wire

Json = dict[str, Any]

TOKEN: Final = "xoxb-playground"  # noqa: S105 - it opens nothing but the stand-in
BOT_USER: Final = "U0RUNG001"
BOT_ID: Final = "B0RUNG001"
APP: Final = "A0RUNG001"

TRIGGER_SECONDS: Final = 3.0
RESPONSE_SECONDS: Final = 30 * 60
RESPONSE_USES: Final = 5
MOST_BLOCKS: Final = 50
MOST_VIEW_BLOCKS: Final = 100
MOST_WINDOWS: Final = 3
FILE_BYTES: Final = 4 * 1024 * 1024


class Refusal(Exception):  # noqa: N818 - the Web API calls it an error, too
    """What the Web API says in `error`."""


@dataclass
class Message:
    """A message in a room; `only_for` is the one person who sees it, `thread` the message that it answers."""

    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread: str = ""
    only_for: str = ""
    metadata: Json | None = None
    files: list[str] = field(default_factory=list)
    edited: bool = False


@dataclass
class ResponseUrl:
    """Where a response URL leads: to a person in a room, and to the message that was pressed, if any."""

    user: str
    channel: str
    ts: str
    ends: float
    left: int = RESPONSE_USES


@dataclass
class Upload:
    """A file on its way, or arrived once it has its content."""

    name: str
    title: str = ""
    content: bytes | None = None


class SlackSide:
    """The stand-in of Slack. `url` is where it is served; set it before it is used."""

    def __init__(self, now: MovableClock, wire: Wire) -> None:
        self._now = now
        self._wire = wire
        self._numbers = itertools.count(1)
        self._last = 0
        self.url = ""
        self.rooms: dict[str, list[Message]] = {room: [] for room in cast.SLACK_ROOMS}
        self.windows: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}
        self.files: dict[str, Upload] = {}
        self._triggers: dict[str, tuple[str, float]] = {}
        self._response_urls: dict[str, ResponseUrl] = {}
        self._methods: dict[str, Callable[[Json], Json]] = {
            "auth.test": self._auth_test,
            "users.info": self._users_info,
            "conversations.open": self._conversations_open,
            "conversations.history": self._conversations_history,
            "conversations.info": self._conversations_info,
            "conversations.members": self._conversations_members,
            "usergroups.users.list": self._usergroups_users_list,
            "chat.postMessage": self._chat_post_message,
            "chat.postEphemeral": self._chat_post_ephemeral,
            "chat.update": self._chat_update,
            "chat.delete": self._chat_delete,
            "chat.getPermalink": self._chat_get_permalink,
            "views.open": self._views_open,
            "views.push": self._views_push,
            "views.update": self._views_update,
            "views.publish": self._views_publish,
            "files.getUploadURLExternal": self._files_get_upload_url,
            "files.completeUploadExternal": self._files_complete_upload,
        }

    def routes(self) -> list[web.RouteDef]:
        """The routes that the bot calls."""
        return [
            web.post("/slack/api/{method}", self._on_method),
            web.post("/slack/response/{key}", self._on_response),
            web.post("/slack/upload/{key}", self._on_upload),
        ]

    def stamp(self) -> str:
        """The id of a message of now, later than every other."""
        self._last = max(self._last + 1, int(self._now().timestamp() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06}"

    def number(self) -> int:
        """A number that was not used before."""
        return next(self._numbers)

    def trigger(self, user: str) -> str:
        """An id that opens a window for a person, once and soon."""
        key = f"{self.number()}.{BOT_ID}.{user}"
        self._triggers[key] = (user, time.monotonic() + TRIGGER_SECONDS)
        return key

    def response_url(self, user: str, channel: str, ts: str = "") -> str:
        """An address for answers to what a person did in a room."""
        key = f"R{self.number()}"
        self._response_urls[key] = ResponseUrl(user, channel, ts, time.monotonic() + RESPONSE_SECONDS)
        return f"{self.url}/slack/response/{key}"

    def find(self, channel: str, ts: str) -> Message:
        """A message. Refusal when it is not there."""
        for message in self.rooms.get(channel, ()):
            if message.ts == ts:
                return message
        raise Refusal("message_not_found")

    def add(self, channel: str, user: str, body: Mapping[str, Any], *, only_for: str = "") -> Message:
        """Put a message into a room. Refusal when it cannot stand there."""
        if channel not in self.rooms:
            raise Refusal("channel_not_found")
        text, blocks = str(body.get("text") or ""), _blocks(body, MOST_BLOCKS)
        if not (text or blocks):
            raise Refusal("no_text")
        thread, metadata = str(body.get("thread_ts") or ""), body.get("metadata")
        message = Message(self.stamp(), user, text, blocks, thread, only_for, metadata)
        self.rooms[channel].append(message)
        return message

    def answer_command(self, user: str, channel: str, answer: Mapping[str, Any]) -> None:
        """Show what stood in the acknowledgement of a command."""
        everyone = answer.get("response_type") == "in_channel"
        self.add(channel, BOT_USER, answer, only_for="" if everyone else user)

    def close_windows(self, user: str) -> None:
        """Close all windows of a person."""
        self.windows.pop(user, None)

    def put_view(self, user: str, view: Json, *, instead: bool = False) -> Json:
        """Show a window on top of a person's others, or in the place of the uppermost. Refusal when it cannot be."""
        stack = self.windows.setdefault(user, [])
        if not (view.get("type") == "modal" and view.get("title")):
            raise Refusal("invalid_arguments")
        _blocks(view, MOST_VIEW_BLOCKS)
        if instead and stack:
            stack[-1] = self._view(view, stack[-1]["id"])
        elif len(stack) >= MOST_WINDOWS:
            raise Refusal("push_limit_reached")
        else:
            stack.append(self._view(view))
        return stack[-1]

    def _view(self, view: Json, key: str = "") -> Json:
        return {**view, "id": key or f"V0VIEW{self.number():04}", "hash": f"{self.stamp()}.{self.number()}"}

    async def _on_method(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        arguments = await _arguments(request)
        try:
            if request.headers.get("Authorization") != f"Bearer {TOKEN}":
                raise Refusal("not_authed")
            if method not in self._methods:
                raise Refusal("unknown_method")
            answer = {"ok": True, **self._methods[method](arguments)}
        except Refusal as refusal:
            answer = {"ok": False, "error": str(refusal)}
        except KeyError as missing:
            answer = {"ok": False, "error": "invalid_arguments", "needed": str(missing)}
        await self._wire.keep("slack", "platform", method, arguments, 200, answer)
        return web.json_response(answer)

    async def _on_response(self, request: web.Request) -> web.Response:
        body = await request.json()
        held = self._response_urls.get(request.match_info["key"])
        if held is None or held.ends < time.monotonic() or not held.left:
            status, said = 404, "expired_url"
        else:
            held.left -= 1
            try:
                self._respond(held, body)
                status, said = 200, "ok"
            except Refusal as refusal:
                status, said = 404, str(refusal)
        await self._wire.keep("slack", "platform", "response_url", body, status, said)
        return web.Response(status=status, text=said)

    def _respond(self, held: ResponseUrl, body: Json) -> None:
        message = next((one for one in self.rooms[held.channel] if one.ts == held.ts), None)
        if message and body.get("delete_original"):
            self.rooms[held.channel].remove(message)
        elif message and body.get("replace_original"):
            message.text, message.blocks = str(body.get("text") or ""), _blocks(body, MOST_BLOCKS)
            message.metadata, message.edited = body.get("metadata"), not message.only_for
        else:
            everyone = body.get("response_type") == "in_channel"
            self.add(held.channel, BOT_USER, body, only_for="" if everyone else held.user)

    async def _on_upload(self, request: web.Request) -> web.Response:
        upload = self.files.get(request.match_info["key"])
        content = await request.read()
        if upload is None or len(content) > FILE_BYTES:
            return web.Response(status=404)
        upload.content = content
        shown = f"{len(content)} bytes of {request.content_type}"
        await self._wire.keep("slack", "platform", "upload_url", shown, 200, "OK")
        return web.Response(text=f"OK - {len(content)}")

    def _auth_test(self, _: Json) -> Json:
        return {"team_id": cast.ACORN.team, "team": cast.ACORN.name, "user_id": BOT_USER, "bot_id": BOT_ID}

    def _users_info(self, arguments: Json) -> Json:
        someone = _someone(arguments["user"])
        offset = self._now().astimezone(someone.clock).utcoffset()
        user = {
            "id": someone.slack,
            "team_id": someone.company.team,
            "name": someone.key,
            "real_name": someone.name,
            "locale": someone.locale,
            "tz": someone.zone,
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "deleted": False,
            "is_bot": False,
            "profile": {"real_name": someone.name, "status_emoji": "", "status_expiration": 0},
        }
        return {"user": user}

    def _conversations_open(self, arguments: Json) -> Json:
        return {"channel": {"id": _someone(arguments["users"]).direct}}

    def _conversations_info(self, arguments: Json) -> Json:
        room = cast.SLACK_ROOMS[self._channel(arguments["channel"])]
        kind = {"is_im": True} if room.person else {"is_channel": True, "name": room.name, "is_member": True}
        return {"channel": {"id": room.id, "is_private": False, "is_archived": False, **kind}}

    def _conversations_members(self, arguments: Json) -> Json:
        room = cast.SLACK_ROOMS[self._channel(arguments["channel"])]
        people = [one.slack for one in cast.PEOPLE.values() if one.slack and room.shows(one)]
        return {"members": [*people, BOT_USER], "response_metadata": {"next_cursor": ""}}

    def _usergroups_users_list(self, arguments: Json) -> Json:
        if arguments["usergroup"] not in cast.LEADS:
            raise Refusal("no_such_subteam")
        return {"users": [cast.PEOPLE[key].slack for key in cast.LEADS[arguments["usergroup"]]]}

    def _conversations_history(self, arguments: Json) -> Json:
        channel = self._channel(arguments["channel"])
        first, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit") or 100)
        oldest = float(arguments.get("oldest") or 0)
        found = [one for one in reversed(self.rooms[channel]) if not one.only_for and float(one.ts) > oldest]
        more = first + limit < len(found)
        told = str(arguments.get("include_all_metadata")).lower() == "true"
        return {
            "messages": [_shown(one, told=told) for one in found[first : first + limit]],
            "has_more": more,
            "response_metadata": {"next_cursor": str(first + limit) if more else ""},
        }

    def _channel(self, key: str) -> str:
        """The room of an id; a person's id stands for their conversation with the bot."""
        someone = cast.by_slack(key)
        if someone is None and key not in self.rooms:
            raise Refusal("channel_not_found")
        return someone.direct if someone else key

    def _chat_post_message(self, arguments: Json) -> Json:
        channel = self._channel(arguments["channel"])
        message = self.add(channel, BOT_USER, arguments)
        return {"channel": channel, "ts": message.ts, "message": _shown(message, told=True)}

    def _chat_post_ephemeral(self, arguments: Json) -> Json:
        channel, someone = self._channel(arguments["channel"]), _someone(arguments["user"])
        if not cast.SLACK_ROOMS[channel].shows(someone):
            raise Refusal("user_not_in_channel")
        return {"message_ts": self.add(channel, BOT_USER, arguments, only_for=someone.slack).ts}

    def _own(self, arguments: Json) -> Message:
        message = self.find(self._channel(arguments["channel"]), arguments["ts"])
        if message.only_for or message.user != BOT_USER:
            raise Refusal("cant_update_message")
        return message

    def _chat_update(self, arguments: Json) -> Json:
        message = self._own(arguments)
        message.text, message.edited = str(arguments.get("text") or ""), True
        message.blocks = _blocks(arguments, MOST_BLOCKS)
        return {"channel": arguments["channel"], "ts": message.ts, "text": message.text}

    def _chat_delete(self, arguments: Json) -> Json:
        message = self._own(arguments)
        self.rooms[self._channel(arguments["channel"])].remove(message)
        return {"channel": arguments["channel"], "ts": message.ts}

    def _chat_get_permalink(self, arguments: Json) -> Json:
        message = self.find(self._channel(arguments["channel"]), arguments["message_ts"])
        place = f"{arguments['channel']}/p{message.ts.replace('.', '')}"
        return {"channel": arguments["channel"], "permalink": f"https://{cast.ACORN.key}.example.com/archives/{place}"}

    def _pull(self, arguments: Json) -> str:
        """The person whose trigger it is; it works once."""
        user, ends = self._triggers.pop(arguments["trigger_id"], ("", 0.0))
        if not user:
            raise Refusal("invalid_trigger_id")
        if ends < time.monotonic():
            raise Refusal("expired_trigger_id")
        return user

    def _views_open(self, arguments: Json) -> Json:
        user = self._pull(arguments)
        self.close_windows(user)
        return {"view": self.put_view(user, _as_object(arguments["view"]))}

    def _views_push(self, arguments: Json) -> Json:
        return {"view": self.put_view(self._pull(arguments), _as_object(arguments["view"]))}

    def _views_update(self, arguments: Json) -> Json:
        for stack in self.windows.values():
            for place, view in enumerate(stack):
                if view["id"] == arguments.get("view_id"):
                    if arguments.get("hash", view["hash"]) != view["hash"]:
                        raise Refusal("hash_conflict")
                    stack[place] = self._view(_as_object(arguments["view"]), view["id"])
                    return {"view": stack[place]}
        raise Refusal("not_found")

    def _views_publish(self, arguments: Json) -> Json:
        user, view = _someone(arguments["user_id"]).slack, _as_object(arguments["view"])
        held = self.homes.get(user)
        if held and arguments.get("hash", held["hash"]) != held["hash"]:
            raise Refusal("hash_conflict")
        _blocks(view, MOST_VIEW_BLOCKS)
        self.homes[user] = self._view(view, held["id"] if held else "")
        return {"view": self.homes[user]}

    def _files_get_upload_url(self, arguments: Json) -> Json:
        if int(arguments["length"]) > FILE_BYTES:
            raise Refusal("file_upload_size_restricted")
        key = f"F0FILE{self.number():04}"
        self.files[key] = Upload(str(arguments["filename"]))
        return {"upload_url": f"{self.url}/slack/upload/{key}", "file_id": key}

    def _files_complete_upload(self, arguments: Json) -> Json:
        channel = self._channel(arguments["channel_id"])
        files = _as_list(arguments["files"])
        for each in files:
            upload = self.files.get(each["id"])
            if upload is None or upload.content is None:
                raise Refusal("file_not_found")
            upload.title = str(each.get("title") or upload.name)
        shared = Message(self.stamp(), BOT_USER, "", thread=str(arguments.get("thread_ts") or ""))
        shared.files = [each["id"] for each in files]
        self.rooms[channel].append(shared)
        return {"files": files}


async def _arguments(request: web.Request) -> Json:
    """What a method was called with, as JSON or as a form."""
    if request.content_type == "application/json":
        return dict(await request.json())
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def _someone(user: str) -> cast.Someone:
    someone = cast.by_slack(user)
    if someone is None:
        raise Refusal("user_not_found")
    return someone


def _as_object(value: Any) -> Json:
    """An argument that is an object; forms hold it as a text."""
    return dict(json.loads(value) if isinstance(value, str) else value)


def _as_list(value: Any) -> list[Json]:
    return list(json.loads(value) if isinstance(value, str) else value)


def _blocks(body: Mapping[str, Any], most: int) -> list[Json]:
    """The blocks of a message or a view, each with an id, as Slack gives them one. Refusal."""
    blocks = [dict(block) for block in _as_list(body.get("blocks") or [])]
    if len(blocks) > most or not all(block.get("type") for block in blocks):
        raise Refusal("invalid_blocks")
    for place, block in enumerate(blocks):
        block.setdefault("block_id", f"b{place}")
    if len({block["block_id"] for block in blocks}) < len(blocks):
        raise Refusal("invalid_blocks")
    return blocks


def _shown(message: Message, *, told: bool) -> Json:
    """A message as methods return it; its metadata only where it was asked for."""
    by_bot = {"bot_id": BOT_ID} if message.user == BOT_USER else {}
    return {
        "type": "message",
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "blocks": message.blocks,
        **by_bot,
        **({"thread_ts": message.thread} if message.thread else {}),
        **({"metadata": message.metadata} if told and message.metadata else {}),
    }
