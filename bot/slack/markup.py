"""Slack's mark-up in what people wrote, as they read it: https://docs.slack.dev/messaging/formatting-message-text."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Final, Literal

from bot.text import clean, named
from handlers.turn import Mention

_MARKED = re.compile(r"<([^<>]*)>")
_MENTION = re.compile(r"<(?P<mark>@|#|!subteam\^)(?P<id>[UWCGS][A-Z0-9]{2,40})(?:\|(?P<label>[^<>]*))?>")
_KINDS: Final[Mapping[str, Literal["person", "group", "channel"]]] = {
    "@": "person",
    "#": "channel",
    "!subteam^": "group",
}
SOMEONE: Final = "@…"
"""In place of a person of whom only the id is known."""


def read_mentions(text: str, bot: str) -> tuple[str, tuple[Mention, ...]]:
    """The words with names in the place of the ids that have one beside them, and whom they mention but the bot.

    What Slack writes for everybody there (`<!here>`), and ids alone, stay as they are.
    """
    found: dict[tuple[str, str], Mention] = {}

    def take(match: re.Match[str]) -> str:
        mark, target, label = match["mark"], match["id"], html.unescape(match["label"] or "").lstrip("@#")
        if target == bot:
            return match[0]
        kind: Literal["person", "group", "channel"] = _KINDS[mark]
        found.setdefault((kind, target), Mention(kind, target, " ".join(clean(label).split())))
        return named("#" if kind == "channel" else "@", label) or match[0]

    return _MENTION.sub(take, text), tuple(found.values())


def words_of(text: str) -> str:
    """The words of a message without its mark-up."""
    return clean(html.unescape(_MARKED.sub(_read, text))).strip()


def _read(match: re.Match[str]) -> str:
    target, _, label = match[1].partition("|")
    match target[:1]:
        case "@":
            return f"@{label}" if label else SOMEONE
        case "#":
            return f"#{label}" if label else "#…"
        case "!":
            return label or f"@{target[1:].split('^')[0]}"
        case _:
            address = target.partition(":")[2].strip("/")
            return f"{label} ({target})" if label not in ("", target, address) else label or target
