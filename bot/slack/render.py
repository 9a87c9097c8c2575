"""Reply → Slack messages. Pure; nothing exceeds `limits`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.slack import limits
from bot.slack.blocks import Unit, unit, units
from bot.slack.elements import BlockKit, escape, rich_text, run, section
from bot.slack.feedback import Feedback, feedback_on, thumbs
from bot.text import MORE, clean, cut, dump
from content.texts import Voice
from handlers.plain import plain_block
from handlers.reply import Block, Reply


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its plain-text form, its blocks (never changed after), and both as the inside of a JSON object."""

    text: str
    blocks: tuple[BlockKit, ...]
    json: str


def render(reply: Reply, rating: Voice | None = None) -> tuple[Message, ...]:
    """A reply as one message, or several where it is too long for one.

    With a voice for it, what can be rated ends with two thumbs, where there is room for them.
    """
    return _render(reply.blocks, feedback_on(reply, rating) if rating else None)


@lru_cache(maxsize=256)
def _render(blocks: tuple[Block, ...], feedback: Feedback | None) -> tuple[Message, ...]:
    numbers = itertools.count()
    parts = [
        part
        for place, block in enumerate(blocks)
        for part in _with_plain(block, units(block, numbers, opens=place == 0))
    ]
    pages = list(_pages(parts or [unit(rich_text(section(run(MORE))))]))
    if len(pages) > limits.REPLY_MESSAGES:
        pages = pages[: limits.REPLY_MESSAGES]
        pages[-1][-1] = unit(rich_text(section(run(MORE))))
    elif feedback and _fits(pages[-1], both := thumbs(feedback, next(numbers))):
        pages[-1].append(both)
    return tuple(map(_message, pages))


def _pages(parts: Iterable[Unit]) -> Iterator[list[Unit]]:
    page: list[Unit] = []
    for part in parts:
        if page and not _fits(page, part):
            yield page
            page = []
        page.append(part)
    if page:
        yield page


def _fits(page: list[Unit], part: Unit) -> bool:
    return (
        sum(len(held.blocks) for held in page) + len(part.blocks) <= limits.MESSAGE_BLOCKS
        and sum(held.size for held in page) + part.size <= limits.MESSAGE_SIZE
        and sum(held.tables for held in page) + part.tables <= limits.MESSAGE_TABLES
    )


def _message(page: list[Unit]) -> Message:
    said = clean("\n\n".join(part.plain for part in page if part.plain)).strip() or MORE
    text = escape(cut(said, limits.MESSAGE_TEXT))
    if len(text) > limits.MESSAGE_TEXT:
        text = re.sub(r"&\w*$", "", text[: limits.MESSAGE_TEXT - 1]) + MORE
    blocks = tuple(block for part in page for block in part.blocks)
    inside = f'"text":{dump(text)},"blocks":[{",".join(part.json for part in page)}]'
    return Message(text, blocks, inside)


def _with_plain(block: Block, parts: Iterable[Unit]) -> Iterator[Unit]:
    """A block's units; the first one brings the plain-text form of them all."""
    plain = plain_block(block)
    for part in parts:
        yield replace(part, plain=plain)
        plain = ""
