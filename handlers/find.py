"""Cells to choose from while somebody types, each as a page to put before others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from content.matrix import Cell, Clause, Named
from content.texts import Voice
from content.tokens import tokens
from handlers.expectations import cell_blocks, cell_title
from handlers.intent import (
    AskRequirement,
    CompareLevels,
    CompareRoles,
    FindCells,
    Intent,
    ListRoles,
    Search,
    ShowExpectations,
    ShowHelp,
)
from handlers.milestones import own_rung
from handlers.phrase import citation, fragment, said
from handlers.ports import Desk
from handlers.records import Profile
from handlers.reply import Bullets, Button, Buttons, Heading, Item, Page, Reply, Text
from handlers.turn import Turn

ENOUGH = 200
"""Hits asked of the index; whoever has not found it among them types more."""

SHORTEST = 2
"""Letters from which on a word that is being typed is completed by the framework's words."""

COMPLETIONS = 5
"""Words of the framework that an unfinished word may become."""

Match = tuple[Cell, Clause | None]
"""A cell, and the clause that holds what was looked for."""


async def find_cells(intent: FindCells, turn: Turn, desk: Desk) -> Reply:
    """The cells that fit the words; without words a person's own first, which nobody else is to see.

    Past the last one there is nothing, in no words either: whoever scrolls there has seen what fits.
    """
    voice = desk.voice(turn.lang)
    words, profile = " ".join(intent.words.split()), turn.known.profile
    matches: Sequence[Match] = _found(words, voice, desk) if words else _probable(profile, desk)
    shown = matches[intent.skip : intent.skip + intent.most]
    if not shown and intent.skip:
        return Reply((), lang=voice.lang)  # the end of what was shown already
    if not shown:
        return _nothing(desk, voice, said(words))
    pages = tuple(_page(desk, voice, cell, clause) for cell, clause in shown)
    items = tuple(Item(page.line, page.title) for page in pages)
    own = not words and own_rung(desk.matrix, profile)[0] is not None
    return Reply((Heading(voice("find.title")), Bullets(items)), lang=voice.lang, private=own, pages=pages)


def _page(desk: Desk, voice: Voice, cell: Cell, clause: Clause | None) -> Page:
    blocks = desk.once(
        ("find", cell.id, voice.lang), lambda: (*cell_blocks(desk, voice, cell), citation(desk, voice, cell))
    )
    text = fragment(clause or cell.clauses[0], voice)
    line = voice("find.line", standing=voice(f"requirement.{cell.requirement}"), text=text)
    return Page(cell_title(desk, voice, cell), line, blocks)


def _nothing(desk: Desk, voice: Voice, words: str) -> Reply:
    line = voice("find.none", words=words, framework=desk.matrix.name) if words else voice("find.none-bare")
    buttons = Buttons((Button(voice("button.roles"), ListRoles()), Button(voice("button.help"), ShowHelp())))
    return Reply((Text(line), buttons), lang=voice.lang)


def _found(words: str, voice: Voice, desk: Desk) -> Sequence[Match]:
    """What is named by role, level or skill, what the texts hold, or what the last word may become."""
    asked = desk.understand(words, hint=voice.lang).intent
    named = _named(asked, desk)
    if named:
        # More words than the name narrow it down: the cells that hold them come first.
        held = {cell.id: clause for cell, clause in _held(words, desk)} if _narrows(asked) else {}
        fitting = {cell.id for cell in _fitting(named, _typed(words), desk)}
        order = sorted(named, key=lambda cell: (cell.id not in held, cell.id not in fitting))
        return [(cell, held.get(cell.id)) for cell in order]
    if isinstance(asked, Search) and (hits := _held(asked.words, desk, asked.role, asked.level)):
        return hits
    return _held(words, desk) or list(_completed(words, desk))


def _named(asked: Intent, desk: Desk) -> list[Cell]:
    """The cells of the roles, levels and skill that the words name."""
    names = _names(asked)
    if names is None:
        return []
    roles, levels, skill = names
    return [
        cell
        for cell in desk.matrix.cells.values()
        if (not roles or cell.role in roles) and (not levels or cell.level in levels) and skill in (None, cell.skill)
    ]


def _names(asked: Intent) -> tuple[tuple[str, ...], tuple[str, ...], str | None] | None:
    """Roles, levels and skill of a question, or None when it names none."""
    match asked:
        case (
            ShowExpectations(role=role, level=level, skill=skill) | AskRequirement(role=role, level=level, skill=skill)
        ):
            roles, levels = (role,) if role else (), (level,) if level else ()
        case CompareLevels(role=role, levels=levels, skill=skill):
            roles = (role,) if role else ()
        case CompareRoles(roles=roles, level=level, levels=levels, skill=skill):
            levels = levels or ((level,) if level else ())
        case _:
            return None
    return (roles, levels, skill) if roles or levels or skill else None


def _narrows(asked: Intent) -> bool:
    """Whether further words can be about what the texts say; a skill's own name stands in many of them."""
    return isinstance(asked, ShowExpectations) and asked.skill is None


def _held(words: str, desk: Desk, role: str | None = None, level: str | None = None) -> list[Match]:
    return [(hit.cell, hit.clause) for hit in desk.index().find(words, role=role, level=level, limit=ENOUGH).hits]


def _completed(words: str, desk: Desk) -> Iterator[Match]:
    """The cells that fit when the last word is not finished yet: by a name, or else by a word of the texts."""
    typed = _typed(words)
    if not typed:
        return
    if by_name := _fitting(desk.matrix.cells.values(), typed, desk):
        yield from ((cell, None) for cell in by_name)
        return
    *before, last = typed
    if len(last) < SHORTEST:
        return
    met: set[str] = set()
    for word in desk.index().beginning(last, COMPLETIONS):
        found = desk.index().find(" ".join((*before, word)), limit=ENOUGH)
        for hit in () if found.dropped else found.hits:
            if hit.cell.id not in met:
                met.add(hit.cell.id)
                yield hit.cell, hit.clause


@dataclass(frozen=True, slots=True)
class _Names:
    """The words of all names and nicknames of roles, levels and skills, by their ids."""

    kinds: tuple[Mapping[str, frozenset[str]], ...]

    @classmethod
    def of(cls, desk: Desk) -> _Names:
        """The names of the framework, in all languages."""
        kinds = (desk.matrix.roles, desk.matrix.levels, desk.matrix.skills)
        return cls(tuple({key: _words(thing) for key, thing in kind.items()} for kind in kinds))

    def fitting(self, cells: Iterable[Cell], typed: Iterable[str]) -> list[Cell]:
        """The cells of whose names each word that was typed begins a word."""
        begun = [[_begun(kind, start) for kind in self.kinds] for start in typed]

        def fits(cell: Cell) -> bool:
            own = (cell.role, cell.level, cell.skill)
            return all(any(key in kind for key, kind in zip(own, kinds, strict=True)) for kinds in begun)

        return [cell for cell in cells if fits(cell)]


def _begun(kind: Mapping[str, frozenset[str]], start: str) -> set[str]:
    return {key for key, words in kind.items() if any(word.startswith(start) for word in words)}


def _words(thing: Named) -> frozenset[str]:
    nicknames = (one for each in thing.nicknames.values() for one in each)
    return frozenset(token.word for text in (*thing.name.texts.values(), *nicknames) for token in tokens(text))


def _typed(words: str) -> list[str]:
    """The words as they stand, a compound as its parts."""
    return [token.word for token in tokens(words) if token.end == token.start + 1]


def _fitting(cells: Iterable[Cell], typed: Sequence[str], desk: Desk) -> list[Cell]:
    """The cells whose names begin as the words do."""
    return desk.once(("find", "names"), lambda: _Names.of(desk)).fitting(cells, typed)


def _probable(profile: Profile, desk: Desk) -> Sequence[Match]:
    """A person's own level first, then the next one, then the rest of their role; then a bit of every role."""
    matrix = desk.matrix
    role, level = own_rung(matrix, profile)
    own = matrix.roles[role].ladder if role else ()
    here = own.index(level) if level in own else 0

    def nearness(cell: Cell) -> tuple[int, int]:
        place = matrix.roles[cell.role].rank(cell.level)
        if cell.role != role:
            return len(own), place
        return (place - here if place >= here else len(own) - 1 - place), 0

    order = desk.once(("find", role, level), lambda: sorted(matrix.cells.values(), key=nearness))
    return [(cell, None) for cell in order]
