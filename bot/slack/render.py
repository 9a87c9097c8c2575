"""Reply → Slack messages. Pure; every text is shown as it is, and nothing exceeds `limits`.

Rich text, raw cells and plain text objects are used throughout, because Slack parses no mark-up in them.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, assert_never

from bot.slack import limits
from bot.slack.elements import (
    BlockKit,
    button,
    escape,
    options_size,
    plain_text,
    rich_text,
    run,
    section,
    select,
)
from bot.slack.press import chosen_id, menu_id, picker_id
from bot.text import MORE, NOTHING, clean, cut, dump, one_line, pieces
from handlers.intent import fill
from handlers.plain import counted, plain_block
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
    Reply,
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
class Message:
    """One message: its plain-text form, its blocks (never changed after), and both as the inside of a JSON object."""

    text: str
    blocks: tuple[BlockKit, ...]
    json: str


@dataclass(frozen=True, slots=True)
class _Unit:
    """Blocks that stay together in one message, as JSON too; `size` is what they count towards its limit."""

    blocks: tuple[BlockKit, ...]
    json: str
    size: int
    tables: int = 0
    plain: str = ""


def render(reply: Reply) -> tuple[Message, ...]:
    """A reply as one message, or several where it is too long for one."""
    return _render(reply.blocks)


@lru_cache(maxsize=256)
def _render(blocks: tuple[Block, ...]) -> tuple[Message, ...]:
    numbers = itertools.count()
    units = [
        unit
        for place, block in enumerate(blocks)
        for unit in _with_plain(block, _units(block, numbers, opens=place == 0))
    ]
    pages = list(_pages(units or [_unit(rich_text(section(run(MORE))))]))
    if len(pages) > limits.REPLY_MESSAGES:
        pages = pages[: limits.REPLY_MESSAGES]
        pages[-1][-1] = _unit(rich_text(section(run(MORE))))
    return tuple(map(_message, pages))


def _pages(units: Iterable[_Unit]) -> Iterator[list[_Unit]]:
    page: list[_Unit] = []
    for unit in units:
        if page and (
            sum(len(held.blocks) for held in page) + len(unit.blocks) > limits.MESSAGE_BLOCKS
            or sum(held.size for held in page) + unit.size > limits.MESSAGE_SIZE
            or sum(held.tables for held in page) + unit.tables > limits.MESSAGE_TABLES
        ):
            yield page
            page = []
        page.append(unit)
    if page:
        yield page


def _message(page: list[_Unit]) -> Message:
    said = clean("\n\n".join(unit.plain for unit in page if unit.plain)).strip() or MORE
    text = escape(cut(said, limits.MESSAGE_TEXT))
    if len(text) > limits.MESSAGE_TEXT:
        text = re.sub(r"&\w*$", "", text[: limits.MESSAGE_TEXT - 1]) + MORE
    blocks = tuple(block for unit in page for block in unit.blocks)
    inside = f'"text":{dump(text)},"blocks":[{",".join(unit.json for unit in page)}]'
    return Message(text, blocks, inside)


def _with_plain(block: Block, units: Iterable[_Unit]) -> Iterator[_Unit]:
    """A block's units; the first one brings the plain-text form of them all."""
    plain = plain_block(block)
    for unit in units:
        yield replace(unit, plain=plain)
        plain = ""


def _units(block: Block, numbers: Iterator[int], *, opens: bool = False) -> Iterator[_Unit]:
    """A block's units; `opens` is true for the first block of a reply, whose heading is the title."""
    match block:
        case Heading(text):
            if text.strip():
                line = one_line(text, limits.HEADER)
                yield _unit(
                    {"type": "header", "text": plain_text(line)} if opens else rich_text(section(run(line, "bold")))
                )
        case Text(text, strong):
            for chunk in pieces(text, limits.TEXT):
                yield _unit(rich_text(section(run(chunk, "bold" if strong else ""))))
        case Quote(text):
            for chunk in pieces(text, limits.TEXT):
                yield _unit(rich_text({"type": "rich_text_quote", "elements": [run(chunk)]}))
        case Bullets(items, numbered, first):
            yield from _list(items, "ordered" if numbered else "bullet", first)
        case Facts(rows):
            for lines in _fitting(_pair(label, value) for label, value in rows):
                parted = itertools.chain.from_iterable((run("\n"), *line) for line in lines)
                yield _unit(rich_text(section(*itertools.islice(parted, 1, None))))
        case Table():
            yield from _table(block)
        case Progress(label, done, total):
            yield _unit(rich_text(section(*_pair(label, f"{block.bar} {done}/{total}", between="  "))))
        case Chart(caption, parts, bars):
            yield from _units(Text(caption, strong=True), numbers)
            yield from _list([Item(counted(parts, bar.counts), bar.label) for bar in bars], "bullet")
        case File(name, label):
            yield _unit(rich_text(section(*_pair(label, name))))
        case Buttons(buttons):
            for start in range(0, len(buttons), ROW_OF_BUTTONS):
                row = buttons[start : start + ROW_OF_BUTTONS]
                yield _unit({"type": "actions", "elements": [button(each, next(numbers)) for each in row]})
        case Menu():
            yield from _menu(block, numbers)
        case Form():
            yield from _form(block, numbers)
        case Note(text, by):
            yield from _note(text, by)
        case _:
            assert_never(block)


def _list(items: Iterable[Item], style: str, first: int = 1) -> Iterator[_Unit]:
    start = first - 1
    for lines in _fitting(map(_item, items)):
        bullets: BlockKit = {"type": "rich_text_list", "style": style, "elements": [section(*line) for line in lines]}
        if start and style == "ordered":
            bullets["offset"] = start
        start += len(lines)
        yield _unit(rich_text(bullets))


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
        size = sum(len(part["text"]) + RUN for part in line)
        if group and held + size > limits.TEXT:
            yield group
            group, held = [], 0
        group.append(line)
        held += size
    if group:
        yield group


def _table(table: Table) -> Iterator[_Unit]:
    """A table block, or a list where it does not fit into one: a row's first cell, and its other cells after it."""
    for caption in pieces(table.caption, limits.TEXT):
        yield _unit(rich_text(section(run(caption, "bold"))))
    width = max(map(len, (table.header, *table.rows)))
    header, *rows = [
        [*(clean(cell).strip() for cell in row), *[""] * (width - len(row))] for row in (table.header, *table.rows)
    ]
    if 0 < width <= limits.TABLE_COLUMNS and len(rows) < limits.TABLE_ROWS:
        cells = [[{"type": "raw_text", "text": cell or NOTHING} for cell in row] for row in (header, *rows)]
        unit = _unit({"type": "table", "rows": cells, "column_settings": [{"is_wrapped": True}] * width}, tables=1)
        text = sum(len(cell["text"]) for row in cells for cell in row)
        if unit.size <= limits.MESSAGE_SIZE and text <= limits.TABLE_TEXT:
            yield unit
            return
    items = []
    for first, *others in filter(None, rows):
        named = zip(header[1:], others, strict=True)
        items.append(Item(" · ".join(f"{name}: {cell}" if name else cell for name, cell in named if cell), first))
    yield from _list(items, "bullet")


def _menu(menu: Menu, numbers: Iterator[int]) -> Iterator[_Unit]:
    """A select; buttons where its template is too long for an action id."""
    element = select(menu.picker)
    action_id = menu_id(next(numbers), menu.picker.field, menu.intent)
    if element is None:
        yield from _units(Text(menu.picker.label), numbers)
    elif action_id is None:
        yield from _units(Text(menu.picker.label), numbers)
        pairs = ((choice.label, [(menu.picker.field, choice.value)]) for choice in menu.picker.choices)
        yield from _units(Buttons(tuple(Button(label, fill(menu.intent, pair)) for label, pair in pairs)), numbers)
    else:
        placeholder = plain_text(one_line(menu.picker.label, limits.PLACEHOLDER))
        element = element | {"action_id": action_id, "placeholder": placeholder}
        yield _unit({"type": "actions", "elements": [element]}, free=options_size(element))


def _form(form: Form, numbers: Iterator[int]) -> Iterator[_Unit]:
    number = next(numbers)
    blocks: list[BlockKit] = []
    free = 0
    for place, picker in enumerate(form.fields):
        if isinstance(picker, Entry):
            block_id = picker_id(number, place, picker.field, zlib.crc32(repr(picker).encode()))
            label = plain_text(one_line(picker.label, limits.PLACEHOLDER))
            blocks.append(
                {"type": "input", "block_id": block_id, "label": label, "optional": not picker.needed}
                | {"element": {"type": "plain_text_input", "action_id": chosen_id(next(numbers))}}
            )
        elif element := select(picker):
            free += options_size(element)
            block_id = picker_id(number, place, picker.field, zlib.crc32(repr(picker).encode()))
            label = plain_text(one_line(picker.label, limits.PLACEHOLDER))
            element["action_id"] = chosen_id(next(numbers))
            blocks.append({"type": "input", "block_id": block_id, "label": label, "element": element})
        else:
            lonely = Text(one_line(picker.label, limits.PLACEHOLDER))
            blocks.extend(block for unit in _units(lonely, numbers) for block in unit.blocks)
    submit = button(Button(form.submit, form.intent, "primary"), next(numbers), form=number)
    yield _unit(*blocks, {"type": "actions", "elements": [submit]}, free=free)


def _note(text: str, by: str | None) -> Iterator[_Unit]:
    """Small print; a mention is live only when it can be nothing but a person."""
    mention = [{"type": "mrkdwn", "text": f"<@{by}>"}] if by and _MENTION.fullmatch(by) else []
    if by and not mention:
        text = f"{text} {by}"
    parts = [[plain_text(chunk)] for chunk in pieces(text, limits.CONTEXT_TEXT)] or [[]]
    parts[-1] = [*parts[-1], *mention]
    for part in filter(None, parts):
        yield _unit({"type": "context", "elements": part})


def _unit(*blocks: BlockKit, free: int = 0, tables: int = 0) -> _Unit:
    text = ",".join(map(dump, blocks))
    return _Unit(blocks, text, len(text) - free, tables)
