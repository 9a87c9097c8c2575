"""What Slack would refuse in a message or a view: the limits, Slack's own models, and the blocks they may hold."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slackblocks._surfaces import _BLOCK_TYPES_BY_SURFACE

from bot.slack import limits
from bot.slack.render import Message
from bot.text import dump

Json = dict[str, Any]


def faults(message: Message) -> list[str]:
    """Everything that is wrong with a message, as sentences."""
    return list(_faults(message))


def view_faults(view: Json) -> list[str]:
    """Everything that is wrong with a modal or a Home tab, as sentences."""
    return list(_view_faults(view))


def _faults(message: Message) -> Iterator[str]:
    blocks = list(message.blocks)
    yield from _size("text", message.text, limits.MESSAGE_TEXT)
    if not 0 < len(blocks) <= limits.MESSAGE_BLOCKS:
        yield f"{len(blocks)} blocks"
    if len(dump([_without_options(block) for block in blocks])) > 13_200:
        yield "too large altogether"
    yield from _blocks(blocks, "message")


def _view_faults(view: Json) -> Iterator[str]:
    View(**view).validate_json()
    if len(dump(view).encode()) > limits.VIEW_SIZE:
        yield "too large altogether"
    if not 0 < len(view["blocks"]) <= limits.VIEW_BLOCKS:
        yield f"{len(view['blocks'])} blocks"
    yield from _size("private_metadata", view["private_metadata"], limits.VIEW_METADATA)
    if view["type"] == "modal":
        yield from _size("callback_id", view["callback_id"], limits.CALLBACK_ID)
        filled = any(block["type"] == "input" for block in view["blocks"])
        if filled != ("submit" in view):
            yield "fields and a button that sends them belong together"
        for part in {"title", "submit", "close"} & view.keys():
            yield from _text(view[part], limits.VIEW_TITLE, "plain_text")
    yield from _blocks(view["blocks"], view["type"])


def _blocks(blocks: list[Json], surface: str) -> Iterator[str]:
    if sum(block["type"] == "table" for block in blocks) > limits.MESSAGE_TABLES:
        yield "more than one table"
    elements = [element for block in blocks for element in _elements(block)]
    for name, held in (("action_id", elements), ("block_id", blocks)):
        ids = [(name, part.get("block_id"), part[name]) for part in held if name in part]
        if len(set(ids)) < len(ids):
            yield f"{name} is not unique"
    for block in blocks:
        if block["type"] not in _BLOCK_TYPES_BY_SURFACE[surface]:
            yield f"{block['type']} is not for a {surface}"
        parsed = Block.parse(block)
        if parsed is None:
            yield f"{block['type']} is not known"
        else:
            parsed.to_dict()
        yield from _block(block)
        yield from (fault for element in _elements(block) for fault in _element(element))


def _block(block: Json) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield from _text(block["text"], limits.HEADER, "plain_text")
        case "rich_text":
            yield from _rich(block)
        case "divider":
            pass
        case "context":
            if not 0 < len(block["elements"]) <= limits.CONTEXT_ELEMENTS:
                yield "context elements"
            for element in block["elements"]:
                yield from _text(element, limits.CONTEXT_TEXT)
        case "context_actions":
            if not 0 < len(block["elements"]) <= limits.CONTEXT_ACTIONS_ELEMENTS:
                yield "context_actions elements"
        case "actions":
            if not 0 < len(block["elements"]) <= limits.ACTIONS_ELEMENTS:
                yield "actions elements"
        case "input":
            yield from _size("block_id", block["block_id"], limits.BLOCK_ID)
            yield from _text(block["label"], limits.INPUT_LABEL, "plain_text")
        case "table":
            rows = block["rows"]
            if not 0 < len(rows) <= limits.TABLE_ROWS or len({len(row) for row in rows}) != 1:
                yield "table rows"
            if not 0 < len(rows[0]) <= limits.TABLE_COLUMNS:
                yield "table columns"
            if sum(len(cell["text"]) for row in rows for cell in row) > limits.TABLE_TEXT:
                yield "table text"
            for cell in (cell for row in rows for cell in row):
                if cell["type"] != "raw_text" or not cell["text"].strip():
                    yield f"cell {cell}"
        case other:
            yield f"{other} is not checked"


def _rich(part: Json) -> Iterator[str]:
    if part["type"] == "text":
        if part["text"] != "\n":
            yield from _size("rich text", part["text"], limits.TEXT + 2)
    elif part["type"] == "emoji":
        if not part["name"].endswith("_square"):
            yield f"{part['name']} is no emoji"
    elif part["type"] not in ("rich_text", "rich_text_section", "rich_text_list", "rich_text_quote"):
        yield f"{part['type']} in rich text"
    elif not part["elements"]:
        yield f"{part['type']} is empty"
    for element in part.get("elements", []):
        yield from _rich(element)


def _element(element: Json) -> Iterator[str]:
    yield from _size("action_id", element["action_id"], limits.ACTION_ID)
    if element["type"] == "button":
        yield from _text(element["text"], limits.BUTTON_TEXT, "plain_text")
        yield from _size("value", element["value"], limits.BUTTON_VALUE)
        return
    if element["type"] == "feedback_buttons":
        for thumb in (element["positive_button"], element["negative_button"]):
            yield from _text(thumb["text"], limits.BUTTON_TEXT, "plain_text")
            yield from _size("value", thumb["value"], limits.BUTTON_VALUE)
        return
    if element["type"] == "plain_text_input":
        if not 0 < element["max_length"] <= limits.INPUT_TEXT:
            yield f"max_length {element['max_length']}"
        if "initial_value" in element:
            yield from _size("initial_value", element["initial_value"], element["max_length"])
            if "\n" in element["initial_value"] and not element["multiline"]:
                yield "several lines in one"
        return
    if element["type"] == "datepicker":
        datetime.datetime.strptime(element.get("initial_date", "2026-01-01"), "%Y-%m-%d")
        return
    if element["type"] == "conversations_select":
        if not set(element["filter"]["include"]) <= {"im", "mpim", "private", "public"}:
            yield "kinds of conversations"
        return
    if "placeholder" in element:
        yield from _text(element["placeholder"], limits.PLACEHOLDER, "plain_text")
    groups = element.get("option_groups") or [{"options": element["options"]}]
    if len(groups) > limits.OPTION_GROUPS:
        yield "option groups"
    for group in groups:
        if "label" in group:
            yield from _text(group["label"], limits.OPTION_GROUP_LABEL, "plain_text")
        if not 0 < len(group["options"]) <= limits.OPTIONS:
            yield f"{len(group['options'])} options"
        for option in group["options"]:
            yield from _text(option["text"], limits.OPTION_TEXT, "plain_text")
            yield from _size("option value", option["value"], limits.OPTION_VALUE)
    if "initial_option" in element and not any(element["initial_option"] in group["options"] for group in groups):
        yield "initial option"


def _elements(block: Json) -> list[Json]:
    if block["type"] == "input":
        return [block["element"]]
    return block["elements"] if block["type"] in ("actions", "context_actions") else []


def _text(text: Json, most: int, *kinds: str) -> Iterator[str]:
    if kinds and text["type"] not in kinds:
        yield f"{text['type']} instead of {kinds}"
    if text["type"] == "plain_text" and text["emoji"]:
        yield "emoji are parsed"
    yield from _size(text["type"], text["text"], most)


def _size(what: str, text: str, most: int) -> Iterator[str]:
    if not 0 < len(text) <= most or not text.strip():
        yield f"{what} of {len(text)} characters"


def _without_options(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _without_options(value) for key, value in part.items() if key not in ("options", "option_groups")}
    return [_without_options(item) for item in part] if isinstance(part, list) else part
