"""Slack's payloads, as its signed envelope has them, into turns. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.slack.press import is_choice, read_press
from handlers.intent import StartHere, Unclear
from handlers.turn import Person, Place, Turn

Payload = Mapping[str, Any]

_SAID: Final = ("file_share", "thread_broadcast")
"""Subtypes of the messages in which a person says something; the others report what happened to a message."""

_MENTION = re.compile(r"<@[UW][A-Z0-9]+(\|[^>]*)?>")


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command, and where further messages of its answer go."""

    turn: Turn
    response_url: str


@dataclass(frozen=True, slots=True)
class Post:
    """A direct message or a mention, and the thread its answer belongs to.

    `ts` names it within its channel, `within` the thread that it stands in, or nothing.
    """

    turn: Turn
    channel: str
    ts: str
    within: str

    @property
    def key(self) -> tuple[str, str]:
        """The same for every delivery of the message, whatever the event."""
        return self.channel, self.ts

    @property
    def thread(self) -> str:
        """The thread in which it is answered."""
        return self.within or self.ts


@dataclass(frozen=True, slots=True)
class Click:
    """A pressed button, a chosen entry or a sent form.

    `everyone` is true when all who see the message are the person alone, so that the answer may be seen as well.
    """

    turn: Turn
    response_url: str
    thread: str
    everyone: bool
    key: tuple[str, ...]
    """The same for every delivery of the click."""


def well_formed(body: object) -> bool:
    """Whether a payload is of a kind that the app subscribes to, and has what its kind cannot do without."""
    if not isinstance(body, dict) or ("command" in body) == ("type" in body):
        return False
    match body:
        case {"command": str(), "user_id": str(), "channel_id": str()}:
            return True
        case {"type": "event_callback", "event": {"type": str()}}:
            return True
        case {"type": "block_actions", "user": {"id": str()}, "actions": [{"action_id": str()}, *_]}:
            return True
        case {"type": "url_verification", "challenge": str()}:
            return True
    return False


def read_command(body: Payload, tenant: str) -> Command:
    """The turn of a slash command; without words it starts with the pickers."""
    words = _valid(body.get("text"))
    turn = Turn(
        Person("slack", tenant, body["user_id"]),
        Place(body["channel_id"], shared=not _is_direct(body["channel_id"])),
        words=words,
        intent=None if words.strip() else StartHere(),
        how="command",
    )
    return Command(turn, _string(body.get("response_url")))


def read_post(event: Payload, tenant: str) -> Post | None:
    """The turn of a direct message or a mention; None for what bots say, for edits, and for all else."""
    match event:
        case {"bot_id": _} | {"edited": _} | {"user": "USLACKBOT"}:
            return None
        case {"subtype": subtype} if subtype not in _SAID:
            return None
        case {"type": "message" | "app_mention", "user": str(user), "channel": str(channel), "ts": str(ts)}:
            direct = _is_direct(channel) or event.get("channel_type") == "im"
            if direct != (event["type"] == "message"):
                # A mention in a direct message comes as both events, a message in a channel is not for the coach.
                return None
            words = _valid(event.get("text"))
            turn = Turn(
                Person("slack", tenant, user),
                Place(channel, shared=not direct),
                words=words,
                intent=None if _MENTION.sub("", words).strip() else StartHere(),
            )
            return Post(turn, channel, ts, _string(event.get("thread_ts")))
    return None


def read_click(body: Payload, tenant: str) -> Click | None:
    """The turn of something pressed; None for a choice in a form, which counts when the form is sent.

    What carries nothing known, such as a button of another version, is answered like words not understood.
    """
    if is_choice(body["actions"][0]):
        return None
    container, message = _dict(body.get("container")), _dict(body.get("message"))
    channel = _string(_dict(body.get("channel")).get("id") or container.get("channel_id"))
    ephemeral = container.get("is_ephemeral") is True
    # A direct channel is the coach's own only when its message stands there: a command works between two people too.
    alone = _is_direct(channel) and not ephemeral
    try:
        press = read_press(body["actions"][0], _dict(body.get("state")))
        intent, share = press.intent, press.share
    except ValueError:
        intent, share = Unclear(), False
    turn = Turn(
        Person("slack", tenant, body["user"]["id"]),
        Place(channel, shared=not _is_direct(channel)),
        intent=intent,
        share=share,
        pressed=ephemeral or alone,
    )
    thread = _string(container.get("thread_ts") or message.get("thread_ts"))
    when = body["actions"][0].get("action_ts") or body.get("trigger_id")
    parts = (container.get("message_ts"), body["actions"][0]["action_id"], when)
    key = (turn.person.tenant, turn.person.user, channel, *map(_string, parts))
    return Click(turn, _string(body.get("response_url")), thread, alone, key)


def _is_direct(channel: str) -> bool:
    """Whether a conversation is between two: its id says so, whatever the payload."""
    return channel.startswith("D")


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _valid(text: object) -> str:
    """Text without half characters, which JSON can hold and UTF-8 cannot."""
    return _string(text).encode("utf-8", "replace").decode()
