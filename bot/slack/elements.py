"""The small parts of Block Kit: texts that are shown as they are, buttons and selects."""

from __future__ import annotations

from typing import Any

from bot.slack import limits
from bot.slack.press import button_id, button_value
from bot.text import cut, dump, one_line
from handlers.reply import Button, Picker

BlockKit = dict[str, Any]
"""A block or a part of one, as Slack's JSON has it."""


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


def button(pressed: Button, number: int, form: int | None = None) -> BlockKit:
    """A button; `number` is unique in its reply, `form` the number of the form that it sends."""
    element: BlockKit = {
        "type": "button",
        "action_id": button_id(number),
        "text": plain_text(one_line(pressed.label, limits.BUTTON_TEXT)),
        "value": button_value(pressed.intent, share=pressed.share, form=form),
    }
    return element if pressed.style == "plain" else element | {"style": pressed.style}


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
    return len(dump(element.get("options") or element.get("option_groups")))
