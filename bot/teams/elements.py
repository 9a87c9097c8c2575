"""The elements a card is made of, as plain JSON; what a client could obey or choke on is made harmless here."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

from bot.teams import limits
from bot.text import clean, cut, one_line, pieces
from handlers.reply import Entry, Item, Picker

Json = dict[str, Any]

DATA = "rung"
"""The key under which an action's data tells what it asks."""

_OBEYED = re.compile(r"[*_`~\[\]<>&\\#|\n]|://|\{\{|^\s*(?:[-+]|\d+[.)])(?:\s|$)")
"""What a markdown reader could take for mark-up."""


def paragraphs(text: str, *, strong: bool = False) -> Iterator[Json]:
    """A text of any length, a paragraph a line."""
    style = {"weight": "bolder"} if strong else {}
    for place, part in enumerate(parts(text)):
        yield rich(part, **style) if place == 0 else {**rich(part, **style), "spacing": "small"}


def parts(text: str) -> Iterator[str]:
    """A text line by line, long lines in several pieces."""
    for line in text.split("\n"):
        yield from pieces(line, limits.TEXT)


def line(item: Item, mark: str, *, first: bool) -> Json:
    """A line of a list, its mark in a column of its own so that the text hangs beside it."""
    runs = [run(f"{item.label}: ", weight="bolder")] if item.label else []
    runs.append(run(item.text))
    items: list[Json] = [{"type": "RichTextBlock", "inlines": runs}]
    if item.detail:
        items.append({**rich(item.detail, isSubtle=True, size="small"), "spacing": "none"})
    return {
        "type": "ColumnSet",
        "spacing": "medium" if first else "small",
        "columns": [
            {"type": "Column", "width": "auto", "items": [rich(mark)]},
            {"type": "Column", "width": "stretch", "spacing": "small", "items": items},
        ],
    }


def table_row(cells: tuple[str, ...], **style: Any) -> Json:
    """A row of a table."""
    return {"type": "TableRow", "cells": [{"type": "TableCell", "items": [rich(cell, **style)]} for cell in cells]}


def choices(field: str, picker: Picker, placeholder: str) -> Json:
    """A picker; nothing is chosen beforehand unless the picker says so."""
    offered = picker.choices[: limits.CHOICES]
    chooser: Json = {
        "type": "Input.ChoiceSet",
        "id": field,
        "label": counted(picker.label, len(picker.choices)),
        "placeholder": placeholder,
        "choices": [{"title": caption(choice.label), "value": choice.value} for choice in offered],
    }
    if picker.chosen is not None and any(choice.value == picker.chosen for choice in offered):
        chooser["value"] = picker.chosen
    return chooser


def entry(name: str, field: Entry, missing: str | None) -> Json:
    """An input to write in; with `missing`, what to say when it is sent empty, the client does not send it so."""
    common: Json = {"id": name, "label": caption(field.label)}
    if field.needed and missing:
        common |= {"isRequired": True, "errorMessage": missing}
    text = clean(field.text)
    if field.kind == "day" and (not text or _is_day(text)):
        return {"type": "Input.Date", **common} | ({"value": text} if text else {})
    shown: Json = {"type": "Input.Text", **common, "isMultiline": field.kind == "text", "maxLength": field.most}
    if field.kind == "link":
        shown["style"] = "url"
    if field.hint:
        shown["placeholder"] = clean(field.hint)
    return shown | ({"value": cut(text, field.most)} if text else {})


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def counted(label: str, count: int) -> str:
    """The label of a picker; it says so when not every choice is offered."""
    return caption(label) if count <= limits.CHOICES else f"{caption(label)} ({limits.CHOICES}/{count})"


def action(title: str, ask: Json, more: Json) -> Json:
    """Action.Execute, whose answer takes the card's place; Action.Submit with the same data for older clients."""
    common = {"title": caption(title), "data": {DATA: ask}, **more}
    return {
        "type": "Action.Execute",
        "verb": DATA,
        **common,
        "fallback": {"type": "Action.Submit", **common},
    }


def count_actions(element: Json) -> int:
    """How many actions an element has."""
    return len(element.get("actions", ())) + sum(count_actions(item) for item in element.get("items", ()))


def container(items: list[Json]) -> Json:
    """Elements that stay together when a card is cut."""
    return {"type": "Container", "items": items}


def text_block(text: str, **style: Any) -> Json:
    """A text in an element that reads markdown; ask `obeyed` first."""
    return {"type": "TextBlock", "text": clean(text) or " ", "wrap": True, **style}


def rich(text: str, **style: Any) -> Json:
    """A text in an element that shows it as it is."""
    return {"type": "RichTextBlock", "inlines": [run(text, **style)]}


def run(text: str, **style: Any) -> Json:
    """A piece of a RichTextBlock."""
    # An empty text makes some clients refuse the card; {{DATE(…)}} is obeyed even in plain runs.
    return {"type": "TextRun", "text": clean(text).replace("{{", "{\u2060{") or " ", **style}


def caption(text: str) -> str:
    """A text for a button, a choice or a label."""
    return one_line(text, limits.LABEL)


def obeyed(text: str) -> bool:
    """Whether a markdown reader could take something in the text for mark-up."""
    return bool(_OBEYED.search(text))


def tame(text: str) -> str:
    """The text without what could be taken for mark-up; for names, which must be shown by an element that obeys."""
    return " ".join(_OBEYED.sub(" ", clean(text)).split())
