"""Job titles and levels that the framework does not know, told by their nouns."""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers.understand.lexicon import Name
from handlers.understand.parts import Part, named

_ENDING = re.compile(r"(?:innen|in|s|n|en)$")
_CODE = re.compile(r"^(?:l|e|ic|lvl)\d{1,2}$")
_COMPOUND = 6
"""Letters of a noun that is looked for at the end of longer words."""
_MODIFIERS = 3

STRANGER, RANK = Name("stranger"), Name("rank")
HEAD = "@head"
"""A noun such as "engineer" that stands alone: part of known roles, but of none in particular."""


class Titles:
    """Finds job titles by their noun and what stands before it."""

    def __init__(
        self, heads: frozenset[str], shared: frozenset[str], rank_nouns: frozenset[str], stops: frozenset[str]
    ) -> None:
        """`shared` are the nouns of known roles; `stops` are words that are never part of a title."""
        self._heads = heads
        self._shared = shared
        self._rank_nouns = rank_nouns
        self._stops = stops
        self._long = tuple(sorted(head for head in heads if len(head) >= _COMPOUND))

    def mark(self, parts: Sequence[Part]) -> list[Part]:
        """The parts with unknown titles and levels marked, each as one part."""
        done: list[Part] = []
        for part in parts:
            if part.name is None and (noun := self._noun(part.key)):
                self._close(done, part, noun)
            elif part.name is None and _CODE.match(part.key):
                done.append(named(RANK, part.start, part.end))
            elif part.key.isdecimal() and done and done[-1].key in self._rank_nouns:
                done[-1] = named(RANK, done[-1].start, part.end)
            elif part.name == STRANGER and done and done[-1].name == STRANGER:
                done[-1] = named(STRANGER, done[-1].start, part.end)
            else:
                done.append(part)
        return done

    def _noun(self, key: str) -> str | None:
        """The head of a word: the word itself, or the end of a compound, in the singular."""
        for form in (key, _ENDING.sub("", key)):
            if form in self._heads:
                return form
        if len(key) > _COMPOUND + 2 and key not in self._stops:
            bare = _ENDING.sub("", key)
            if key.endswith(self._long) or bare.endswith(self._long):
                return key
        return None

    def _close(self, done: list[Part], part: Part, noun: str) -> None:
        """Put a title's noun at the end, together with the words that belong to it."""
        start, taken = part.start, 0
        while done and taken < _MODIFIERS and self._belongs(done[-1], taken):
            start = done.pop().start
            taken += 1
        if taken or noun not in self._shared:
            done.append(named(STRANGER, start, part.end, "" if taken else part.key))
        else:
            done.append(Part(HEAD, part.start, part.end, (HEAD, part.key)))

    def _belongs(self, part: Part, taken: int) -> bool:
        if part.name:
            return part.name.kind == "stranger" or (part.name.kind in ("role", "skill") and not taken)
        return not part.key.startswith("@") and not part.key.isdecimal() and part.key not in self._stops
