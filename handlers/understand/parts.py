"""The parts of a message: words, and names of one or more words."""

from __future__ import annotations

from typing import NamedTuple

from handlers.understand.clean import Word
from handlers.understand.lexicon import Name


class Part(NamedTuple):
    """A word, or several that are one name; `key` is the folded word or a slot such as `@role`.

    `ways` are the keys by which a phrase may know it: a title may also be meant as the plain word it is.
    """

    key: str
    start: int
    end: int
    ways: tuple[str, ...]
    name: Name | None = None


def plain(word: Word) -> Part:
    """A word that is no name."""
    ways = (word.key, "@number") if word.key.isdecimal() else (word.key,)
    return Part(word.key, word.start, word.end, ways)


def named(name: Name, start: int, end: int, word: str = "") -> Part:
    """A name; `word` is the folded word when it is only one."""
    slot = f"@{name.kind}"
    ways = (slot,) if name.kind == "skill" else (slot, "@name")
    return Part(slot, start, end, (*ways, word) if word and name.kind in ("stranger", "rank") else ways, name)
