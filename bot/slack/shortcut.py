"""The shortcuts "Find my level", anywhere, and "Save as evidence" on a message, with what is known of it. Pure."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Final

from bot.slack.markup import words_of
from bot.slack.payload import Payload, as_dict, as_string, as_text, turn_of
from bot.slack.reply_to import ReplyTo
from bot.text import cut
from handlers.intent import MOST_WRITTEN, FindLevel
from handlers.turn import Person, Place, Turn

SAVE_AS_EVIDENCE: Final = "save_as_evidence"
FIND_MY_LEVEL: Final = "find_my_level"
"""The callback ids of the shortcuts, as the manifest has them."""

_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*")
_TS = re.compile(r"\d{10}\.\d{6}")


@dataclass(frozen=True, slots=True)
class Saved:
    """A message that someone chose to keep as evidence: what it says, and when and where it stands.

    `person`, `place` and `to` are those of the one who chose it. `link` is its likely address, or nothing.
    """

    person: Person
    place: Place
    to: ReplyTo
    trigger: str
    key: tuple[str, ...]
    text: str
    channel: str
    ts: str
    link: str


@dataclass(frozen=True, slots=True)
class Started:
    """What someone started from anywhere in Slack; `to` leads to the person directly until there is a window."""

    turn: Turn
    to: ReplyTo
    trigger: str
    key: tuple[str, ...]


def read_start(body: Payload, tenant: str) -> Started | None:
    """What someone started; None for a shortcut that is not known."""
    if body["callback_id"] != FIND_MY_LEVEL:
        return None
    user, trigger = body["user"]["id"], as_string(body.get("trigger_id"))
    # It opens in a window, which is a place of its own from its first page on.
    turn = turn_of(Person("slack", tenant, user), ReplyTo(window="new", replaces=True), FindLevel())
    key = (tenant, user, FIND_MY_LEVEL, as_string(body.get("action_ts")) or trigger)
    return Started(turn, ReplyTo(replaces=True), trigger, key)


def read_shortcut(body: Payload, tenant: str) -> Saved | None:
    """The message that someone wants to keep; None for a shortcut that is not known."""
    message, user = body["message"], body["user"]["id"]
    if body["callback_id"] != SAVE_AS_EVIDENCE:
        return None
    channel, ts = as_string(as_dict(body.get("channel")).get("id")), as_string(message.get("ts"))
    to = ReplyTo(channel=channel, url=as_string(body.get("response_url")))
    turn = turn_of(Person("slack", tenant, user), to, None)
    return Saved(
        person=turn.person,
        place=turn.place,
        to=to,
        trigger=as_string(body.get("trigger_id")),
        key=(tenant, user, channel, ts, as_string(body.get("action_ts") or body.get("trigger_id"))),
        text=cut(words_of(as_text(message.get("text"))), MOST_WRITTEN),
        channel=channel,
        ts=ts,
        link=_permalink(as_string(as_dict(body.get("team")).get("domain")), channel, ts, message.get("thread_ts")),
    )


def moment_of(ts: str) -> datetime.datetime | None:
    """When a message was written, or None where its id does not tell."""
    try:
        return datetime.datetime.fromtimestamp(float(ts), datetime.UTC)
    except (OSError, OverflowError, ValueError):
        return None


def _permalink(domain: str, channel: str, ts: str, thread: object) -> str:
    """The address of a message in a workspace: as Slack makes them, though it promises nothing."""
    if not (_DOMAIN.fullmatch(domain) and channel.isalnum() and _TS.fullmatch(ts)):
        return ""
    link = f"https://{domain}.slack.com/archives/{channel}/p{ts.replace('.', '')}"
    within = as_string(thread)
    return f"{link}?thread_ts={within}&cid={channel}" if _TS.fullmatch(within) and within != ts else link
