"""A reply as a message with one Adaptive Card 1.5, the newest version that Teams documents.

Text goes into RichTextBlocks, which know no markdown. The three places that have no such element
(headings, facts, mentions) take a text only when it holds nothing that a markdown reader could obey.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import assert_never

from bot.teams import limits
from bot.teams.activity import CARD
from bot.teams.chart import draw
from bot.teams.elements import (
    Json,
    action,
    choices,
    container,
    entry,
    line,
    obeyed,
    paragraphs,
    parts,
    rich,
    run,
    table_row,
    tame,
    text_block,
)
from bot.teams.fit import fit
from bot.text import NOTHING, clean, one_line, weigh
from content.texts import Voice
from handlers.intent import Intent, pack
from handlers.plain import plain
from handlers.reply import (
    Block,
    Bullets,
    Button,
    Buttons,
    Chart,
    Choice,
    Entry,
    Facts,
    File,
    Form,
    Heading,
    Menu,
    Note,
    Picker,
    Progress,
    Quote,
    Reply,
    Table,
    Text,
)


def render(
    reply: Reply, voice: Voice, *, share: bool = False, names: Mapping[str, str] | None = None, asker: str = ""
) -> Json:
    """A message activity; with `share`, buttons that show the answer to the room are kept.

    `names` are the names of people a note may mention, by their platform id; `asker` goes along with every action.
    """
    title = reply.title or plain(reply)
    card = render_card(reply, voice, share=share, names=names, asker=asker)
    return {
        "type": "message",
        "summary": one_line(title, limits.SUMMARY),
        "attachments": [{"contentType": CARD, "content": card}],
    }


def render_card(
    reply: Reply, voice: Voice, *, share: bool = False, names: Mapping[str, str] | None = None, asker: str = ""
) -> Json:
    """The card alone, as it takes the place of another one."""
    blocks = [kept for block in reply.blocks if (kept := _without_share(block, share))]
    folded = _crowded(blocks)
    senders = len(folded) + sum(isinstance(block, Menu | Form) for block in blocks)
    page = _Page(voice, names or {}, asker, lone=senders == 1)
    for number, block in enumerate(blocks):
        page.add(number, block, folded=number in folded)
    return page.card(reply.lang)


def _without_share(block: Block, share: bool) -> Block | None:
    """The block without buttons that make no sense here; None when nothing is left of it."""
    if not isinstance(block, Buttons):
        return block
    kept = tuple(button for button in block.buttons if share or not button.share)
    return Buttons(kept) if kept else None


def _crowded(blocks: list[Block]) -> set[int]:
    """The rows of buttons to be folded into a picker so that the card keeps to its number of actions."""
    counts = {
        number: len(block.buttons) if isinstance(block, Buttons) else 1
        for number, block in enumerate(blocks)
        if isinstance(block, Buttons | Menu | Form)
    }
    folded: set[int] = set()
    while sum(counts.values()) > limits.ACTIONS:
        longest = max(counts, key=lambda number: counts[number])
        if counts[longest] <= 1:
            break
        counts[longest] = 1
        folded.add(longest)
    return folded


class _Page:
    """A card in the making."""

    def __init__(self, voice: Voice, names: Mapping[str, str], asker: str, *, lone: bool) -> None:
        self._voice = voice
        # An action checks every input of the card, so that only a lone form may insist on what it needs.
        self._missing = voice("teams.needed") if lone else None
        self._names = names
        self._carried = {"for": asker} if asker else {}
        self._body: list[Json] = []
        self._entities: list[Json] = []
        self._titled = False
        self._heads = False
        self._wide = False

    def add(self, number: int, block: Block, *, folded: bool) -> None:
        """Add a block; `number` makes the ids of its inputs unique."""
        part = self._titled and isinstance(block, Heading)
        elements = list(self._elements(number, block, folded))
        if elements and (part or self._heads):
            # The title of a part stands apart from what is before it, and close to what it heads.
            elements[0]["spacing"] = "large" if part else "small"
        elif elements:
            elements[0].setdefault("spacing", "medium")
        self._heads = part
        self._body += elements

    def card(self, lang: str) -> Json:
        """The card, cut visibly where it is more than Teams takes."""
        card: Json = {
            "type": "AdaptiveCard",
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "version": "1.5",
            "lang": lang,
            "body": [],
        }
        if self._wide:
            card["msteams"] = {"width": "Full"}
        if self._entities:
            card.setdefault("msteams", {})["entities"] = self._entities
        card["body"] = fit(self._body, limits.CARD_BYTES - weigh(card), self._voice("teams.shortened"))
        return card

    def _elements(self, number: int, block: Block, folded: bool) -> Iterator[Json]:
        match block:
            case Heading(text):
                yield self._heading(text)
            case Text(text, strong):
                yield from paragraphs(text, strong=strong)
            case Quote(text):
                for part in parts(text):
                    yield {"type": "Container", "style": "emphasis", "items": [rich(part)]}
            case Bullets(items, numbered, first):
                for place, item in enumerate(items, start=first):
                    yield line(item, f"{place}." if numbered else "•", first=place == first)
            case Facts(rows):
                yield from _facts(rows)
            case Table():
                yield from self._table(block)
            case Progress(label, done, total):
                yield rich(f"{label}  {block.bar}  {done}/{total}")
            case Chart(caption):
                yield rich(caption, weight="bolder")
                yield from draw(block)
            case File(name, label):
                yield rich(f"{label}: {name}")
            case Buttons(buttons) if folded:
                yield self._folded(number, buttons)
            case Buttons(buttons):
                yield {"type": "ActionSet", "actions": [self._press(button) for button in buttons]}
            case Menu(picker, intent):
                yield self._form(number, (picker,), self._voice("button.show"), intent)
            case Form(fields, submit, intent):
                yield self._form(number, fields, submit, intent)
            case Note(text, by):
                yield from self._note(text, by)
            case _:
                assert_never(block)

    def _heading(self, text: str) -> Json:
        size = "medium" if self._titled else "large"
        self._titled = True
        if obeyed(text):
            return rich(text, weight="bolder", size=size)
        return text_block(text, style="heading", weight="bolder", size=size)

    def _table(self, table: Table) -> Iterator[Json]:
        yield rich(table.caption, isSubtle=True)
        rows = [
            rich(" · ".join(": ".join(cell) for cell in zip(table.header, row, strict=False) if any(cell)))
            for row in table.rows
        ]
        if len(table.header) > limits.COLUMNS or weigh(rows) > limits.CARD_BYTES // 4:
            yield from rows
            return
        self._wide = True
        cells = [table_row(table.header, weight="bolder"), *(table_row(row) for row in table.rows)]
        yield {
            "type": "Table",
            "firstRowAsHeader": True,
            "showGridLines": True,
            "columns": [{"width": 1} for _ in table.header],
            "rows": cells,
            "spacing": "small",
            "fallback": {"type": "Container", "items": rows or [rich(" ")]},
        }

    def _folded(self, number: int, buttons: tuple[Button, ...]) -> Json:
        """Many buttons as one picker; a choice is the number of the button that it stands for."""
        field = f"{number}-pick"
        offered = tuple(Choice(button.label, str(place)) for place, button in enumerate(buttons))
        picker = Picker(field, self._voice("teams.choose"), offered, chosen="0")
        asks = [_ask(button) for button in buttons[: limits.CHOICES]]
        show = self._actions_of(self._voice("button.show"), {"pick": field, "asks": asks})
        return container([choices(field, picker, picker.label), show])

    def _form(self, number: int, fields: tuple[Picker | Entry, ...], submit: str, intent: Intent) -> Json:
        fill = {f"{number}-{place}": field.field for place, field in enumerate(fields)}
        placeholder = self._voice("teams.choose")
        inputs = [
            entry(name, field, self._missing) if isinstance(field, Entry) else choices(name, field, placeholder)
            for name, field in zip(fill, fields, strict=True)
        ]
        return container([*inputs, self._actions_of(submit, {"intent": json.loads(pack(intent)), "fill": fill})])

    def _press(self, button: Button) -> Json:
        style = {"plain": "default", "primary": "positive", "danger": "destructive"}[button.style]
        # A plain button sends no input that happens to be on the card.
        return action(button.label, _ask(button) | self._carried, {"style": style, "associatedInputs": "none"})

    def _actions_of(self, title: str, ask: Json) -> Json:
        return {"type": "ActionSet", "actions": [action(title, ask | self._carried, {"style": "positive"})]}

    def _note(self, text: str, by: str | None) -> Iterator[Json]:
        for part in parts(text):
            yield rich(part, isSubtle=True, size="small")
        name = tame(self._names.get(by or "", ""))
        if by and name:
            mention = f"<at>{name}</at>"
            self._entities.append({"type": "mention", "text": mention, "mentioned": {"id": by, "name": name}})
            yield {"type": "TextBlock", "text": mention, "wrap": True, "size": "small", "spacing": "none"}


def _facts(rows: tuple[tuple[str, str], ...]) -> Iterator[Json]:
    facts = [{"title": clean(label) or " ", "value": clean(value) or NOTHING} for label, value in rows]
    if not any(obeyed(text) for fact in facts for text in fact.values()):
        if facts:
            yield {"type": "FactSet", "facts": facts}
        return
    for place, fact in enumerate(facts):
        runs = [run(f"{fact['title']}: ", weight="bolder"), run(fact["value"])]
        yield {"type": "RichTextBlock", "inlines": runs, "spacing": "small" if place else "medium"}


def _ask(button: Button) -> Json:
    return {"intent": json.loads(pack(button.intent))} | ({"share": True} if button.share else {})
