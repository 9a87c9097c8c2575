"""What there is in Slack: rooms with messages, windows, Home tabs, files; and what leads back to them."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.playground import cast
from bot.playground.clock import MovableClock

Json = dict[str, Any]

BOT_USER: Final = "U0RUNG001"
BOT_ID: Final = "B0RUNG001"
APP: Final = "A0RUNG001"

TRIGGER_SECONDS: Final = 3.0
RESPONSE_SECONDS: Final = 30 * 60
RESPONSE_USES: Final = 5
MOST_BLOCKS: Final = 50
MOST_VIEW_BLOCKS: Final = 100
MOST_WINDOWS: Final = 3
MOST_PROMPTS: Final = 4
STATUS_SECONDS: Final = 120.0


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

    def as_json(self, *, metadata: bool = True) -> Json:
        """The message as Slack tells it; methods tell its metadata only where it was asked for."""
        return {
            "type": "message",
            "ts": self.ts,
            "user": self.user,
            "text": self.text,
            "blocks": self.blocks,
            **({"bot_id": BOT_ID} if self.user == BOT_USER else {}),
            **({"thread_ts": self.thread} if self.thread else {}),
            **({"metadata": self.metadata} if metadata and self.metadata else {}),
        }


@dataclass(frozen=True)
class Status:
    """A line that tells in a thread that the bot is at work, until it answers there or too long has gone by."""

    thread: str
    line: str
    ends: float


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
    """The state of the stand-in of Slack. `url` is where it is served; set it before it is used."""

    def __init__(self, now: MovableClock) -> None:
        self._now = now
        self._numbers = itertools.count(1)
        self._last = 0
        self.url = ""
        self.rooms: dict[str, list[Message]] = {room: [] for room in cast.SLACK_ROOMS}
        self.windows: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}
        self.files: dict[str, Upload] = {}
        self.prompts: dict[str, list[Json]] = {}
        self._statuses: dict[str, Status] = {}
        self._triggers: dict[str, tuple[str, float]] = {}
        self._response_urls: dict[str, ResponseUrl] = {}

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

    def pull(self, trigger: str) -> str:
        """The person whose trigger it is; it works once. Refusal."""
        user, ends = self._triggers.pop(trigger, ("", 0.0))
        if not user:
            raise Refusal("invalid_trigger_id")
        if ends < time.monotonic():
            raise Refusal("expired_trigger_id")
        return user

    def response_url(self, user: str, channel: str, ts: str = "") -> str:
        """An address for answers to what a person did in a room."""
        key = f"R{self.number()}"
        self._response_urls[key] = ResponseUrl(user, channel, ts, time.monotonic() + RESPONSE_SECONDS)
        return f"{self.url}/slack/response/{key}"

    def respond(self, key: str, body: Json) -> None:
        """Take what was sent to a response URL. Refusal."""
        held = self._response_urls.get(key)
        if held is None or held.ends < time.monotonic() or not held.left:
            raise Refusal("expired_url")
        held.left -= 1
        message = next((one for one in self.rooms[held.channel] if one.ts == held.ts), None)
        if message and body.get("delete_original"):
            self.rooms[held.channel].remove(message)
        elif message and body.get("replace_original"):
            message.text, message.blocks = str(body.get("text") or ""), read_blocks(body, MOST_BLOCKS)
            message.metadata, message.edited = body.get("metadata"), not message.only_for
        else:
            everyone = body.get("response_type") == "in_channel"
            self.add(held.channel, BOT_USER, body, only_for="" if everyone else held.user)

    def say_status(self, channel: str, thread: str, line: str) -> None:
        """Show that the bot is at work in a thread; an empty line takes that back."""
        if line:
            self._statuses[channel] = Status(thread, line, time.monotonic() + STATUS_SECONDS)
        else:
            self._statuses.pop(channel, None)

    def status(self, channel: str) -> Json | None:
        """What stands in a room of the bot being at work."""
        held = self._statuses.get(channel)
        return {"thread": held.thread, "line": held.line} if held and held.ends > time.monotonic() else None

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
        text, blocks = str(body.get("text") or ""), read_blocks(body, MOST_BLOCKS)
        if not (text or blocks):
            raise Refusal("no_text")
        thread, metadata = str(body.get("thread_ts") or ""), body.get("metadata")
        message = Message(self.stamp(), user, text, blocks, thread, only_for, metadata)
        self.rooms[channel].append(message)
        held = self._statuses.get(channel)
        if held and user == BOT_USER and held.thread == thread:
            del self._statuses[channel]
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
        read_blocks(view, MOST_VIEW_BLOCKS)
        if instead and stack:
            stack[-1] = self.view(view, stack[-1]["id"])
        elif len(stack) >= MOST_WINDOWS:
            raise Refusal("push_limit_reached")
        else:
            stack.append(self.view(view))
        return stack[-1]

    def view(self, view: Json, key: str = "") -> Json:
        """A view as Slack keeps it, with an id, and a hash that changes with it."""
        return {**view, "id": key or f"V0VIEW{self.number():04}", "hash": f"{self.stamp()}.{self.number()}"}


def as_list(value: Any) -> list[Json]:
    """An argument that is a list; forms hold it as a text."""
    return list(json.loads(value) if isinstance(value, str) else value)


def read_blocks(body: Mapping[str, Any], most: int) -> list[Json]:
    """The blocks of a message or a view, each with an id, as Slack gives them one. Refusal."""
    blocks = [dict(block) for block in as_list(body.get("blocks") or [])]
    if len(blocks) > most or not all(block.get("type") for block in blocks):
        raise Refusal("invalid_blocks")
    for place, block in enumerate(blocks):
        block.setdefault("block_id", f"b{place}")
    if len({block["block_id"] for block in blocks}) < len(blocks):
        raise Refusal("invalid_blocks")
    return blocks
