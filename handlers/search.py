"""Which roles need something, and from which level."""

from __future__ import annotations

import re

from content.search import Found, Hit
from content.texts import Voice
from handlers import pick
from handlers.intent import ListRoles, Search, ShowExpectations, ShowHelp
from handlers.phrase import citation, fragment, level_name, role_name, rung, said, skill_name, some
from handlers.ports import Desk
from handlers.reply import Block, Bullets, Button, Buttons, Heading, Item, Note, Reply, Text
from handlers.turn import Turn

MOST_ROLES = 5
"""Roles told in one answer; the best come first."""

MOST_SILENT = 20
"""Roles named of those that do not speak of the words."""

ENOUGH = 100
"""Hits asked of the index: all of them in a small framework, the best of a broad search in a large one."""


async def search(intent: Search, turn: Turn, desk: Desk) -> Reply:
    """The roles whose expectations speak of the words, each from its lowest level on."""
    voice = desk.voice(turn.lang)
    limit = len(desk.matrix.cells) if intent.without else ENOUGH
    found = desk.index().find(intent.words, role=intent.role, level=intent.level, limit=limit)
    if not found.hits:
        return _nothing(desk, voice, intent)
    if intent.without:
        return _without(desk, voice, intent, found)
    return _page(desk, voice, intent, found)


def _page(desk: Desk, voice: Voice, intent: Search, found: Found) -> Reply:
    by_role: dict[tuple[str, str], list[Hit]] = {}
    for hit in found.hits:
        by_role.setdefault((hit.cell.role, hit.cell.skill), []).append(hit)
    roles = len({role for role, _ in by_role})
    shown: list[list[Hit]] = []
    for (role, _), hits in by_role.items():
        ladder = desk.matrix.roles[role]
        if len({group[0].cell.role for group in shown} | {role}) <= MOST_ROLES and len(shown) < 2 * MOST_ROLES:
            shown.append(sorted(hits, key=lambda hit: ladder.rank(hit.cell.level)))
    blocks: list[Block] = [Heading(voice("search.title", words=said(intent.words) or voice("lists.skills")))]
    notes = _understood(voice, intent, found)
    if found.total > len(found.hits):
        notes.append(voice("search.many", count=found.total))
    else:
        notes.append(voice("search.found", count=roles))
    blocks.append(Text(" ".join(notes)))
    blocks.append(Bullets(tuple(_item(desk, voice, hits) for hits in shown)))
    left = roles - len({hits[0].cell.role for hits in shown})
    if left > 0 and found.total <= len(found.hits):
        blocks.append(Text(voice("search.more", count=left)))
    blocks.append(citation(desk, voice, *(hits[0].cell for hits in shown)))
    first = [hits[0].cell for hits in shown[:3]]
    buttons = tuple(pick.show_button(desk, voice, cell.role, cell.level, cell.skill) for cell in first)
    return Reply((*blocks, Buttons(buttons)))


def _understood(voice: Voice, intent: Search, found: Found) -> list[str]:
    """What was looked for instead of what was typed."""
    texts = " ".join(hit.clause.text.best(voice.lang)[0] for hit in found.hits) if found.repaired else ""
    notes = [
        voice("search.repaired", typed=said(_as_in(intent.words, typed)), understood=_as_in(texts, meant))
        for typed, meant in found.repaired
    ]
    notes += [
        voice("search.related", said=said(_as_in(intent.words, word)), meant=", ".join(meant))
        for word, meant in found.related
    ]
    if found.dropped:
        notes.append(voice("search.dropped", words=voice.list(*(f"“{said(word)}”" for word in found.dropped))))
    return notes


def _without(desk: Desk, voice: Voice, intent: Search, found: Found) -> Reply:
    """The roles whose expectations do not speak of the words."""
    speaking = {hit.cell.role for hit in found.hits}
    asked = {cell.role for cell in desk.matrix.cells.values() if intent.level in (None, cell.level)}
    silent = [role for role in desk.matrix.roles if role in asked - speaking and intent.role in (None, role)]
    words = said(intent.words)
    names = some(voice, (role_name(desk, voice, role) for role in silent), MOST_SILENT)
    line = voice("search.without", words=words, roles=names) if silent else voice("search.without-none", words=words)
    notes = (Text(" ".join(notes)),) if (notes := _understood(voice, intent, found)) else ()
    counter = Button(voice("search.with"), intent.model_copy(update={"without": False}))
    return Reply((Heading(voice("search.title", words=words)), Text(line, strong=True), *notes, Buttons((counter,))))


def _as_in(text: str, word: str) -> str:
    """A word in the capitals that it has in a text."""
    found = re.search(re.escape(word), text, re.IGNORECASE)
    return found[0] if found else word


def _item(desk: Desk, voice: Voice, hits: list[Hit]) -> Item:
    """One role: its lowest level, the clause that says so, and the levels above that say so too."""
    lowest = hits[0]
    label = voice(
        "search.hit",
        role=role_name(desk, voice, lowest.cell.role),
        level=level_name(desk, voice, lowest.cell.level),
        standing=voice(f"compare.standing.{lowest.cell.requirement}"),
    )
    if len(desk.matrix.skills) > 1:
        label = voice("name.page", rung=label, skill=skill_name(desk, voice, lowest.cell.skill))
    others = dict.fromkeys(hit.cell.level for hit in hits[1:] if hit.cell.level != lowest.cell.level)
    also = voice("search.also", levels=voice.list(*(level_name(desk, voice, one) for one in others))) if others else ""
    return Item(fragment(lowest.clause, voice), label, also)


def _nothing(desk: Desk, voice: Voice, intent: Search) -> Reply:
    """An honest nothing, and where to go on."""
    words = said(intent.words)
    place = ""
    if intent.role and intent.level:
        place = rung(desk, voice, intent.role, intent.level)
    elif intent.role:
        place = role_name(desk, voice, intent.role)
    elif intent.level:
        place = level_name(desk, voice, intent.level)
    buttons = [Button(voice("button.roles"), ListRoles()), Button(voice("button.help"), ShowHelp())]
    if not words:
        text = voice("search.none-bare", framework=desk.matrix.name)
    elif place:
        text = voice("search.none-in", words=words, name=place, framework=desk.matrix.name)
        buttons.insert(0, Button(voice("search.everywhere"), Search(words=intent.words)))
        if intent.role:
            show = ShowExpectations(role=intent.role, level=intent.level)
            buttons.insert(1, Button(place, show))
    else:
        text = voice("search.none", words=words, framework=desk.matrix.name)
    hint = Note(voice("search.hint", language=voice.language(desk.matrix.language)))
    return Reply((Text(text), hint, Buttons(tuple(buttons))))
