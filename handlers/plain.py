"""The plain-text form of a reply: everything it says, for terminals, notifications and screen readers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import assert_never

from handlers.reply import (
    Block,
    Bullets,
    Buttons,
    Chart,
    Entry,
    Facts,
    File,
    Form,
    Heading,
    Item,
    Menu,
    Note,
    Picker,
    Progress,
    Quote,
    Reply,
    Table,
    Text,
)

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_HARMFUL = re.compile(r"[\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Direction overrides, which make a text read otherwise than it is written, and halves of surrogate pairs."""


def clean(text: str) -> str:
    """Text without direction overrides and without control characters, of which only the line break is shown."""
    return text if text.isprintable() else _HARMFUL.sub("", _CONTROL.sub(" ", text))


def plain(reply: Reply) -> str:
    """The whole reply as text, blocks apart by an empty line; what can be pressed stands in [brackets]."""
    return "\n\n".join(plain_block(block) for block in reply.blocks)


def plain_block(block: Block) -> str:
    """One block as text."""
    match block:
        case Heading(text) | Text(text):
            return text
        case Quote(text):
            return f"“{text}”"
        case Bullets(items, numbered, first):
            return "\n".join(
                f"{f'{place}.' if numbered else '•'} {_item(item)}" for place, item in enumerate(items, start=first)
            )
        case Facts(rows):
            return "\n".join(f"{label}: {value}" for label, value in rows)
        case Table(caption, header, rows):
            lines = [caption, " | ".join(header), *(" | ".join(row) for row in rows)]
            return "\n".join(line for line in lines if line)
        case Progress(label, done, total):
            return f"{label}: {done}/{total}"
        case Chart(caption, parts, bars):
            return "\n".join([caption, *(f"{bar.label}: {counted(parts, bar.counts)}" for bar in bars)])
        case File(name, label):
            return f"{label}: {name}"
        case Buttons(buttons):
            return " ".join(f"[{button.label}]" for button in buttons)
        case Menu(picker):
            return _picker(picker)
        case Form(fields, submit):
            return "\n".join([*map(_field, fields), f"[{submit}]"])
        case Note(text, by):
            return f"{text} {by}" if by else text
        case _:
            assert_never(block)


def _item(item: Item) -> str:
    label = f"{item.label}: " if item.label else ""
    detail = f"\n  {item.detail}" if item.detail else ""
    return f"{label}{item.text}{detail}"


def counted(parts: Iterable[str], counts: Iterable[int]) -> str:
    """What a bar of a chart shows, in words: "3 done · 1 open"; what there is none of is left out."""
    said = [(count, f"{count} {part}") for part, count in zip(parts, counts, strict=True)]
    return " · ".join([words for count, words in said if count] or [words for _, words in said[-1:]])


def _field(field: Picker | Entry) -> str:
    return _picker(field) if isinstance(field, Picker) else f"{field.label}: {field.text or '…'}"


def _picker(picker: Picker) -> str:
    return f"{picker.label}: " + " ".join(f"[{choice.label}]" for choice in picker.choices)
