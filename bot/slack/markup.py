"""Slack's mark-up in what people wrote, as they read it: https://docs.slack.dev/messaging/formatting-message-text."""

from __future__ import annotations

import html
import re
from typing import Final

from bot.text import clean

_MARKED = re.compile(r"<([^<>]*)>")
SOMEONE: Final = "@…"
"""In place of a person of whom only the id is known."""


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
