"""One block of a reply as Block Kit, within the limits. Pure; every text is shown as it is.

Rich text, raw cells and plain text objects are used throughout, because Slack parses no mark-up in them.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from bot.slack import limits
from bot.slack.chart import bar_of
from bot.slack.elements import (
    BlockKit,
    button,
    options_size,
    plain_text,
    rich_text,
    run,
    section,
    select,
    write,
)
from bot.slack.press import button_value, chosen_id, form_value, menu_id, picker_id
from bot.text import NOTHING, clean, cut, dump, one_line, pieces
from handlers.intent import fill
from handlers.reply import (
    Block,
    Bullets,
    Button,
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
    Progress,
    Quote,
    Table,
    Text,
)

ROW_OF_BUTTONS: Final = 5
LABEL: Final = 500
DETAIL: Final = 1_500
RUN: Final = 80
"""What a piece of rich text costs as JSON beside its text."""

_MENTION = re.compile(r"[UW][A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Unit:
    """Blocks that stay together in one message, as JSON too; `size` is what they count towards its limit."""

    blocks: tuple[BlockKit, ...]
    json: str
    size: int
    tables: int = 0
    plain: str = ""


def units(block: Block, numbers: Iterator[int], *, opens: bool = False, tables: bool = True) -> Iterator[Unit]:
    """A block's units, with ids from `numbers`.

    `opens` is true for the first block of a reply, whose heading is the title; without `tables` there are lists.
    """
    match block:
        case Heading(text):
            if text.strip():
                line = one_line(text, limits.HEADER)
                yield unit(
                    {"type": "header", "text": plain_text(line)} if opens else rich_text(section(run(line, "bold")))
                )
        case Text(text, strong):
            for chunk in pieces(text, limits.TEXT):
                yield unit(rich_text(section(run(chunk, "bold" if strong else ""))))
        case Quote(text):
            for chunk in pieces(text, limits.TEXT):
                yield unit(rich_text({"type": "rich_text_quote", "elements": [run(chunk)]}))
        case Bullets(items, numbered, first):
            yield from _list(items, "ordered" if numbered else "bullet", first)
        case Facts(rows):
            yield from _lines(_pair(label, value) for label, value in rows)
        case Table():
            yield from _table(block, drawn=tables)
        case Progress(label, done, total):
            yield unit(rich_text(section(*_pair(label, f"{block.bar} {done}/{total}", between="  "))))
        case Chart(caption, parts, bars):
            yield from units(Text(caption, strong=True), numbers)
            yield from _lines(bar_of(parts, bar) for bar in bars)
        case File(name, label):
            yield from _lines([_pair(label, name)])
        case Buttons(buttons):
            for start in range(0, len(buttons), ROW_OF_BUTTONS):
                row = buttons[start : start + ROW_OF_BUTTONS]
                yield unit({"type": "actions", "elements": [_button(each, next(numbers)) for each in row]})
        case Menu():
            yield from _menu(block, numbers)
        case Form():
            yield from _form(block, numbers)
        case Note(text, by):
            yield from _note(text, by)
        case _:
            assert_never(block)


def _lines(lines: Iterable[tuple[BlockKit, ...]]) -> Iterator[Unit]:
    for group in _fitting(lines):
        parted = itertools.chain.from_iterable((run("\n"), *line) for line in group)
        yield unit(rich_text(section(*itertools.islice(parted, 1, None))))


def _list(items: Iterable[Item], style: str, first: int = 1) -> Iterator[Unit]:
    start = first - 1
    # An empty line of a numbered list keeps its number.
    empty = (run(NOTHING),) if style == "ordered" else ()
    for lines in _fitting(_item(item) or empty for item in items):
        bullets: BlockKit = {"type": "rich_text_list", "style": style, "elements": [section(*line) for line in lines]}
        if start and style == "ordered":
            bullets["offset"] = start
        start += len(lines)
        yield unit(rich_text(bullets))


def _item(item: Item) -> tuple[BlockKit, ...]:
    line = _pair(item.label, item.text)
    detail = cut(clean(item.detail).strip(), DETAIL)
    return (*line, run(f"\n{detail}", "italic")) if detail else line


def _pair(label: str, text: str, between: str = ": ") -> tuple[BlockKit, ...]:
    label, text = cut(clean(label).strip(), LABEL), cut(clean(text).strip(), limits.TEXT)
    if label and text:
        return run(label, "bold"), run(between + text)
    return (run(label, "bold"),) if label else (run(text),) if text else ()


def _fitting(lines: Iterable[tuple[BlockKit, ...]]) -> Iterator[list[tuple[BlockKit, ...]]]:
    """Lines in groups that keep together to the limit of one text; empty lines are left out."""
    group: list[tuple[BlockKit, ...]] = []
    held = 0
    for line in filter(None, lines):
        size = sum(len(part.get("text", "")) + RUN for part in line)
        if group and held + size > limits.TEXT:
            yield group
            group, held = [], 0
        group.append(line)
        held += size
    if group:
        yield group


def _table(table: Table, *, drawn: bool) -> Iterator[Unit]:
    """A table block, or a list where there can be none: a row's first cell, and its other cells after it."""
    for caption in pieces(table.caption, limits.TEXT):
        yield unit(rich_text(section(run(caption, "bold"))))
    width = max(map(len, (table.header, *table.rows)))
    header, *rows = [
        [*(clean(cell).strip() for cell in row), *[""] * (width - len(row))] for row in (table.header, *table.rows)
    ]
    if drawn and 0 < width <= limits.TABLE_COLUMNS and len(rows) < limits.TABLE_ROWS:
        cells = [[{"type": "raw_text", "text": cell or NOTHING} for cell in row] for row in (header, *rows)]
        whole = unit({"type": "table", "rows": cells, "column_settings": [{"is_wrapped": True}] * width}, tables=1)
        text = sum(len(cell["text"]) for row in cells for cell in row)
        if whole.size <= limits.MESSAGE_SIZE and text <= limits.TABLE_TEXT:
            yield whole
            return
    items = []
    for first, *others in filter(None, rows):
        named = zip(header[1:], others, strict=True)
        items.append(Item(" · ".join(f"{name}: {cell}" if name else cell for name, cell in named if cell), first))
    yield from _list(items, "bullet")


def _menu(menu: Menu, numbers: Iterator[int]) -> Iterator[Unit]:
    """A select; buttons where its template is too long for an action id."""
    element = select(menu.picker)
    action_id = menu_id(next(numbers), menu.picker.field, menu.intent)
    if element is None:
        yield from units(Text(menu.picker.label), numbers)
    elif action_id is None:
        yield from units(Text(menu.picker.label), numbers)
        pairs = ((choice.label, [(menu.picker.field, choice.value)]) for choice in menu.picker.choices)
        yield from units(Buttons(tuple(Button(label, fill(menu.intent, pair)) for label, pair in pairs)), numbers)
    else:
        placeholder = plain_text(one_line(menu.picker.label, limits.PLACEHOLDER))
        element = element | {"action_id": action_id, "placeholder": placeholder}
        yield unit({"type": "actions", "elements": [element]}, free=options_size(element))


def _form(form: Form, numbers: Iterator[int]) -> Iterator[Unit]:
    number = next(numbers)
    blocks, free = inputs(form, number, numbers)
    submit = button(form.submit, form_value(form, number), next(numbers), "primary")
    yield unit(*blocks, {"type": "actions", "elements": [submit]}, free=free)


def inputs(form: Form, number: int, numbers: Iterator[int]) -> tuple[list[BlockKit], int]:
    """The fields of the form of this number, and what of them does not count towards a message's size."""
    blocks: list[BlockKit] = []
    free = 0
    for place, field in enumerate(form.fields):
        label = one_line(field.label, limits.PLACEHOLDER)
        element = write(field) if isinstance(field, Entry) else select(field)
        if element is None:
            blocks.extend(block for part in units(Text(label), numbers) for block in part.blocks)
            continue
        free += options_size(element)
        element["action_id"] = chosen_id(next(numbers))
        block_id = picker_id(number, place, field.field, zlib.crc32(repr(field).encode()))
        block = {"type": "input", "block_id": block_id, "label": plain_text(label), "element": element}
        blocks.append(block | {"optional": True} if isinstance(field, Entry) and not field.needed else block)
    return blocks, free


def _note(text: str, by: str | None) -> Iterator[Unit]:
    """Small print; a mention is live only when it can be nothing but a person."""
    mention = [{"type": "mrkdwn", "text": f"<@{by}>"}] if by and _MENTION.fullmatch(by) else []
    if by and not mention:
        text = f"{text} {by}"
    parts = [[plain_text(chunk)] for chunk in pieces(text, limits.CONTEXT_TEXT)] or [[]]
    parts[-1] = [*parts[-1], *mention]
    for part in filter(None, parts):
        yield unit({"type": "context", "elements": part})


def _button(pressed: Button, number: int) -> BlockKit:
    return button(pressed.label, button_value(pressed.intent, share=pressed.share), number, pressed.style)


def unit(*blocks: BlockKit, free: int = 0, tables: int = 0) -> Unit:
    """Blocks that stay together; `free` is what of them does not count towards a message's size."""
    text = ",".join(map(dump, blocks))
    return Unit(blocks, text, len(text) - free, tables)
