"""Slack's payloads, as its signed envelope has them, into turns. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.slack.mark import read_mark
from bot.slack.markup import read_mentions
from bot.slack.press import is_choice, read_form, read_press
from bot.slack.reply_to import ReplyTo
from bot.slack.views import FORM, FORM_NUMBER, PAGE, read_metadata
from handlers.intent import Intent, ShowProfile, StartHere, Unclear
from handlers.records import Address
from handlers.turn import Person, Place, Turn

Payload = Mapping[str, Any]

_SAID: Final = ("file_share", "thread_broadcast")
"""Subtypes of the messages in which a person says something; the others report what happened to a message."""

_MENTION = re.compile(r"<@[UW][A-Z0-9]+(\|[^>]*)?>")


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command, where further messages of its answer go, and what opens a window."""

    turn: Turn
    to: ReplyTo
    trigger: str


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
    def key(self) -> tuple[str, str, str]:
        """The same for every delivery of the message, whatever the event."""
        return self.turn.person.tenant, self.channel, self.ts

    @property
    def to(self) -> ReplyTo:
        """The thread in which it is answered."""
        return ReplyTo(self.channel, thread=self.within or self.ts, alone=not self.turn.place.shared)


@dataclass(frozen=True, slots=True)
class Click:
    """A pressed button, a chosen entry or a form sent from a message; `trigger` opens a window for three seconds."""

    turn: Turn
    to: ReplyTo
    trigger: str
    key: tuple[str, ...]
    """The same for every delivery of the click."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A form sent from a window."""

    turn: Turn
    to: ReplyTo
    key: tuple[object, ...]
    """The same for every delivery of what was written, and another one when something else was."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Someone opened the Home tab; `shown` is the metadata of what stands there."""

    turn: Turn
    to: ReplyTo
    shown: str
    key: tuple[str, ...]


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
        case {
            "type": "view_submission",
            "user": {"id": str()},
            "view": {"type": str(), "callback_id": str(), "state": dict()},
        }:
            return True
        case {"type": "shortcut", "callback_id": str(), "user": {"id": str()}}:
            return True
        case {"type": "message_action", "callback_id": str(), "user": {"id": str()}, "message": dict()}:
            return True
        case {"type": "url_verification", "challenge": str()}:
            return True
    return False


def read_command(body: Payload, tenant: str, bot: str = "") -> Command:
    """The turn of a slash command; without words it starts with the pickers. `bot` is the coach's own user id."""
    words, mentioned = read_mentions(as_text(body.get("text")), bot)
    channel, shared = body["channel_id"], not is_direct(body["channel_id"])
    turn = Turn(
        Person("slack", tenant, body["user_id"]),
        Place(channel, shared=shared),
        words=words,
        intent=None if words.strip() else StartHere(),
        how="command",
        address=_address(body["user_id"]),
        mentioned=mentioned,
        room=channel if shared else "",
    )
    to = ReplyTo(channel=turn.place.id, url=as_string(body.get("response_url")))
    return Command(turn, to, as_string(body.get("trigger_id")))


def read_post(event: Payload, tenant: str, bot: str = "") -> Post | None:
    """The turn of a direct message or a mention; None for what bots say, for edits, and for all else."""
    match event:
        case {"bot_id": _} | {"edited": _} | {"user": "USLACKBOT"}:
            return None
        case {"subtype": subtype} if subtype not in _SAID:
            return None
        case {"type": "message" | "app_mention", "user": str(user), "channel": str(channel), "ts": str(ts)}:
            direct = is_direct(channel) or event.get("channel_type") == "im"
            if direct != (event["type"] == "message"):
                # A mention in a direct message comes as both events, a message in a channel is not for the coach.
                return None
            typed = as_text(event.get("text"))
            words, mentioned = read_mentions(typed, bot)
            turn = Turn(
                Person("slack", tenant, user),
                Place(channel, shared=not direct),
                words=words,
                intent=None if _MENTION.sub("", typed).strip() else StartHere(),
                address=_address(user, channel if direct else ""),
                mentioned=mentioned,
                room="" if direct else channel,
            )
            return Post(turn, channel, ts, as_string(event.get("thread_ts")))
    return None


def read_click(body: Payload, tenant: str) -> Click | None:
    """The turn of something pressed; None for a choice in a form, which counts when the form is sent.

    What carries nothing known, such as a button of another version, is answered like words not understood.
    """
    view = as_dict(body.get("view"))
    if is_choice(body["actions"][0]) or (view.get("type") == "modal" and view.get("callback_id") != PAGE):
        return None
    user, container = body["user"]["id"], as_dict(body.get("container"))
    to = read_metadata(view)[0] if view else _reply_to(body, container)
    try:
        press = read_press(body["actions"][0], as_dict(view.get("state") or body.get("state")))
        intent, share = press.intent, press.share and not (to.home or to.window)
    except ValueError:
        intent, share = Unclear(), False
    turn = turn_of(Person("slack", tenant, user), to, intent, share=share)
    if intent.beside and to.alone:
        to = replace(to, thread=to.thread or as_string(container.get("message_ts")))
    when = body["actions"][0].get("action_ts") or body.get("trigger_id")
    parts = (container.get("message_ts") or view.get("id"), body["actions"][0]["action_id"], when)
    key = (tenant, user, to.channel, *map(as_string, parts))
    return Click(turn, to, as_string(body.get("trigger_id")), key)


def _reply_to(body: Payload, container: Payload) -> ReplyTo:
    """Where the answer goes to what was pressed in a message."""
    channel = as_string(as_dict(body.get("channel")).get("id") or container.get("channel_id"))
    ephemeral = container.get("is_ephemeral") is True
    # A direct channel is the coach's own only when its message stands there: a command works between two people too.
    alone = is_direct(channel) and not ephemeral
    return ReplyTo(
        channel=channel,
        url=as_string(body.get("response_url")),
        thread=as_string(container.get("thread_ts") or as_dict(body.get("message")).get("thread_ts")),
        alone=alone,
        replaces=ephemeral or alone,
        mark=read_mark(as_dict(body.get("message"))),
    )


def read_submission(body: Payload, tenant: str) -> Submission | None:
    """The turn of a form sent from a window; None when the window is none of ours."""
    view, user = body["view"], body["user"]["id"]
    to, template = read_metadata(view)
    try:
        if view["callback_id"] != FORM:
            return None
        intent = read_form(template, view["state"], FORM_NUMBER)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    written = json.dumps(view["state"], sort_keys=True)
    key = (tenant, user, as_string(view.get("id")), as_string(view.get("hash")), written)
    return Submission(turn_of(Person("slack", tenant, user), to, intent), to, key)


def read_opening(event: Payload, tenant: str) -> Opening | None:
    """The turn of an opened Home tab."""
    match event:
        case {"type": "app_home_opened", "tab": "home", "user": str(user), "channel": str(channel)}:
            to = ReplyTo(channel=channel, alone=True, replaces=True, home=True)
            turn = turn_of(Person("slack", tenant, user), to, ShowProfile())
            shown = as_string(as_dict(event.get("view")).get("private_metadata"))
            return Opening(turn, to, shown, (tenant, user, "home", as_string(event.get("event_ts"))))
    return None


def turn_of(person: Person, to: ReplyTo, intent: Intent | None, *, share: bool = False) -> Turn:
    """A turn in the place where its answer goes.

    The Home tab is a place of its own: a short answer typed among the messages means nothing that only Home shows. So
    are windows with pages.
    """
    channel = to.channel or person.user
    shared = bool(to.channel) and not is_direct(channel)
    own = "home:" if to.home else "window:" if to.window else ""
    place = Place(f"{own}{channel}") if own else Place(channel, shared=shared)
    address = _address(person.user, channel if to.alone and is_direct(channel) else "")
    room = channel if shared else ""
    return Turn(person, place, intent=intent, share=share, pressed=to.replaces, address=address, room=room)


def _address(user: str, channel: str = "") -> Address:
    """Where the person is written to unasked; their own conversation with the coach is named where it was seen."""
    return {"user": user} | ({"channel": channel} if channel else {})


def is_direct(channel: str) -> bool:
    """Whether a conversation is between two: its id says so, whatever the payload."""
    return channel.startswith("D")


def as_dict(value: object) -> Mapping[str, Any]:
    """A value when it is an object, otherwise an empty one."""
    return value if isinstance(value, dict) else {}


def as_string(value: object) -> str:
    """A value when it is a string, otherwise an empty one."""
    return value if isinstance(value, str) else ""


def as_text(text: object) -> str:
    """Text without half characters, which JSON can hold and UTF-8 cannot."""
    return as_string(text).encode("utf-8", "replace").decode()
