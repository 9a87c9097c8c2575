"""The small parts of Block Kit: texts that are shown as they are, buttons and selects."""

from __future__ import annotations

import datetime
import re
from typing import Any, Literal

from bot.slack import limits
from bot.slack.press import button_id
from bot.text import clean, cut, dump, one_line
from handlers.reply import Entry, Picker

BlockKit = dict[str, Any]
"""A block or a part of one, as Slack's JSON has it."""

CHANNEL = re.compile(r"[CG][A-Z0-9]{2,40}")
CHANNELS: BlockKit = {"include": ["public", "private"], "exclude_bot_users": True}
"""Those to choose from: no direct messages, which nobody else reads."""

Style = Literal["plain", "primary", "danger"]


def escape(text: str) -> str:
    """Text for a field in which Slack parses mark-up (https://docs.slack.dev/messaging/formatting-message-text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def rich_text(*parts: BlockKit) -> BlockKit:
    """A block of sections, lists and quotes."""
    return {"type": "rich_text", "elements": list(parts)}


def section(*runs: BlockKit) -> BlockKit:
    """A paragraph of rich text, or a line of a list."""
    return {"type": "rich_text_section", "elements": list(runs)}


def run(text: str, style: str = "") -> BlockKit:
    """A piece of rich text in one style: bold, italic or none."""
    element: BlockKit = {"type": "text", "text": text}
    return element | {"style": {style: True}} if style else element


def plain_text(text: str) -> BlockKit:
    """A text object in which nothing is parsed, not even emoji."""
    return {"type": "plain_text", "text": text, "emoji": False}


def emoji(name: str) -> BlockKit:
    """One of Slack's own emoji, as an element of rich text."""
    return {"type": "emoji", "name": name}


def button(label: str, value: str, number: int, style: Style = "plain") -> BlockKit:
    """A button that carries a value; `number` is unique in its reply."""
    element: BlockKit = {
        "type": "button",
        "action_id": button_id(number),
        "text": plain_text(one_line(label, limits.BUTTON_TEXT)),
        "value": value,
    }
    return element if style == "plain" else element | {"style": style}


def write(entry: Entry) -> BlockKit:
    """Something to write in; what stands in it beforehand is cut to what it may hold.

    Links are plain text: Slack's input for addresses opens no window when it begins with anything else. So is a day or
    a channel that is none, so that it can be put right.
    """
    text = clean(entry.text).strip()
    if entry.kind == "channel" and (not text or CHANNEL.fullmatch(text)):
        return {"type": "conversations_select", "filter": CHANNELS} | ({"initial_conversation": text} if text else {})
    if entry.kind == "day" and (not text or _is_day(text)):
        return {"type": "datepicker"} | ({"initial_date": text} if text else {})
    most = min(max(entry.most, 1), limits.INPUT_TEXT)
    multiline = entry.kind == "text"
    text = cut(text if multiline else " ".join(text.split()), most)
    element: BlockKit = {"type": "plain_text_input", "multiline": multiline, "max_length": most}
    if entry.hint:
        element["placeholder"] = plain_text(one_line(entry.hint, limits.PLACEHOLDER))
    return element | {"initial_value": text} if text else element


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def select(picker: Picker) -> BlockKit | None:
    """A select, or None without choices; more choices than one list holds are grouped by their first and last."""
    options = [
        {"text": plain_text(one_line(choice.label, limits.OPTION_TEXT)), "value": choice.value}
        for choice in picker.choices[: limits.OPTIONS * limits.OPTION_GROUPS]
        if 0 < len(choice.value) <= limits.OPTION_VALUE
    ]
    if not options:
        return None
    element: BlockKit = {"type": "static_select"}
    if len(options) <= limits.OPTIONS:
        element["options"] = options
    else:
        groups = (options[start : start + limits.OPTIONS] for start in range(0, len(options), limits.OPTIONS))
        element["option_groups"] = [{"label": plain_text(_span(group)), "options": group} for group in groups]
    chosen = next((option for option in options if option["value"] == picker.chosen), None)
    return element | {"initial_option": chosen} if chosen else element


def _span(group: list[BlockKit]) -> str:
    most = limits.OPTION_GROUP_LABEL // 2 - 1
    return f"{cut(group[0]['text']['text'], most)} … {cut(group[-1]['text']['text'], most)}"


def options_size(element: BlockKit) -> int:
    """What a select's options weigh as JSON: they have their own limits and do not count towards a message's."""
    return len(dump(element.get("options") or element.get("option_groups") or ""))
