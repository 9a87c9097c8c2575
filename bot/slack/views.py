"""Reply → a window, or the Home tab. Pure; within `limits`. And reading back what a window carries."""

from __future__ import annotations

import itertools
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from bot.slack import limits
from bot.slack.blocks import Unit, inputs, unit, units
from bot.slack.elements import BlockKit, plain_text, rich_text, run, section
from bot.slack.press import template
from bot.slack.reply_to import ReplyTo, pack_to, read_to
from bot.text import MORE, dump, one_line, weigh
from content.texts import Voice
from handlers.intent import ShowProfile
from handlers.reply import Block, Button, Buttons, File, Form, Heading, Menu, Reply

FORM: Final = "form"
"""The callback id of every window with a form."""
PAGE: Final = "page"
"""The callback id of every window in which one page leads to the next."""
FORM_NUMBER: Final = 0
"""A window holds one form."""
ROOM_FOR_MORE: Final = 10_000
"""Bytes kept free in a view for what is around its blocks."""


def render_modal(reply: Reply, voice: Voice, to: ReplyTo) -> BlockKit | None:
    """A window with the reply's form, under what else the reply says; None when there is none, or no room for it.

    What else could be pressed is left out: closing the window leads back to where it was opened.
    """
    form = _first_form(reply) if to.window else reply.form
    if form is None:
        return None
    metadata = dump({"ask": template(form), "to": pack_to(to)})
    numbers = itertools.count()
    fields, _ = inputs(form, FORM_NUMBER, numbers)
    told = (block for block in reply.blocks if not isinstance(block, Buttons | Menu | Form | File))
    title = one_line(form.title or reply.title, limits.VIEW_TITLE)
    said = (
        block for block in told if not (isinstance(block, Heading) and one_line(block.text, limits.HEADER) == title)
    )
    blocks = _fit(_drawn(said, numbers, tables=0), limits.VIEW_BLOCKS - len(fields), weigh(fields))
    view = {
        "type": "modal",
        "callback_id": FORM,
        "title": plain_text(title),
        "submit": plain_text(one_line(form.submit, limits.VIEW_TITLE)),
        "close": plain_text(one_line(voice("slack.close"), limits.VIEW_TITLE)),
        "private_metadata": metadata,
        "blocks": [*blocks, *fields],
    }
    fits = len(metadata) <= limits.VIEW_METADATA and len(view["blocks"]) <= limits.VIEW_BLOCKS
    return view if fits and weigh(view) <= limits.VIEW_SIZE else None


def render_page(reply: Reply, voice: Voice, to: ReplyTo) -> BlockKit:
    """A window with a reply, what can be pressed included. Its forms are left out: they have windows of their own."""
    blocks = [kept for block in reply.blocks if not isinstance(block, Form) and (kept := _without_share(block))]
    page = _drawn(blocks, itertools.count(), tables=0, ruled=True)
    return {
        "type": "modal",
        "callback_id": PAGE,
        "title": plain_text(one_line(voice("app.name"), limits.VIEW_TITLE)),
        "close": plain_text(one_line(voice("slack.close"), limits.VIEW_TITLE)),
        "private_metadata": dump({"to": pack_to(replace(to, window=""))}),
        "blocks": _fit(page, limits.VIEW_BLOCKS, 0) or [_more()],
    }


def render_home(reply: Reply, voice: Voice, to: ReplyTo, *, overview: bool) -> BlockKit:
    """The Home tab with a reply; every page but the overview has a button that leads back to it.

    The metadata tells one page from another.
    """
    blocks = [kept for block in reply.blocks if (kept := _without_share(block))]
    if not overview:
        blocks.append(Buttons((Button(voice("slack.back"), ShowProfile()),)))
    numbers = itertools.count()
    *page, last = _drawn(blocks, numbers, tables=limits.MESSAGE_TABLES, ruled=True) or [unit(_more())]
    shown = [*_fit(page, limits.VIEW_BLOCKS - len(last.blocks), len(last.json.encode())), *last.blocks]
    metadata = dump({"to": pack_to(to), "page": zlib.crc32(dump(shown).encode())})
    return {"type": "home", "private_metadata": metadata, "blocks": shown}


def read_metadata(view: Mapping[str, Any]) -> tuple[ReplyTo, Any]:
    """Where the answer to a view goes, and the intent that its form fills in, or None."""
    try:
        carried = json.loads(view["private_metadata"])
        to, asked = read_to(carried.get("to")), carried.get("ask")
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        to, asked = ReplyTo(), None
    # Only the Home tab itself and the windows opened from it belong to it; so it is with a window and its pages.
    match view:
        case {"type": "home"}:
            to = replace(to, home=True)
        case {"type": "modal", "callback_id": str(kind), "id": str(window)} if kind == PAGE:
            to = replace(to, window=window)
    return to, asked


def _first_form(reply: Reply) -> Form | None:
    return next((block for block in reply.blocks if isinstance(block, Form)), None)


def _drawn(blocks: Iterable[Block], numbers: Iterator[int], *, tables: int, ruled: bool = False) -> list[Unit]:
    """The units of blocks; the first so many tables as tables, further ones as lists.

    With `ruled`, a line sets every part with a heading of its own apart.
    """
    drawn: list[Unit] = []
    for place, block in enumerate(blocks):
        held = sum(one.tables for one in drawn)
        shown = list(units(block, numbers, opens=place == 0, tables=held < tables))
        if ruled and drawn and shown and isinstance(block, Heading):
            drawn.append(unit({"type": "divider"}))
        drawn += shown
    return drawn


def _fit(parts: Iterable[Unit], most: int, size: int) -> list[BlockKit]:
    """The blocks of units as far as there is room for them beside others of that size; a cut is visible."""
    blocks: list[BlockKit] = []
    for part in parts:
        size += len(part.json.encode())
        if len(blocks) + len(part.blocks) >= most or size > limits.VIEW_SIZE - ROOM_FOR_MORE:
            return [*blocks, _more()][:most]
        blocks += part.blocks
    return blocks


def _more() -> BlockKit:
    return rich_text(section(run(MORE)))


def _without_share(block: Block) -> Block | None:
    """The block without buttons that show something to a room: nobody else is here."""
    if not isinstance(block, Buttons):
        return block
    kept = tuple(button for button in block.buttons if not button.share)
    return Buttons(kept) if kept else None
