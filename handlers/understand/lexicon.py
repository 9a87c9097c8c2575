"""Names and nicknames of roles, levels and skills as a tree of words; the longest name wins."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Literal, NamedTuple

from content.matrix import Matrix, Named
from content.words import Words
from handlers.understand.clean import fold, keys

Kind = Literal["role", "level", "skill", "stranger", "rank"]
Row = tuple[str, ...]

_MOST_SPELLINGS = 400
_PARTS = re.compile(r"[\s/-]+")
_ALTERNATIVES = re.compile(r"\s*/\s*")


class Name(NamedTuple):
    """What a row of words names. A `stranger` is a job title and a `rank` a level that the framework may lack.

    `weak` is the field of a role without its noun, such as "NLP": it means the role only where nothing else fits.
    """

    kind: Kind
    id: str = ""
    weak: bool = False


class _Node:
    __slots__ = ("name", "steps")

    def __init__(self) -> None:
        self.steps: dict[str, _Node] = {}
        self.name: Name | None = None


class Lexicon:
    """Every name, in every spelling that the variants of the languages give it."""

    def __init__(self, matrix: Matrix, languages: Iterable[Words]) -> None:
        words = tuple(languages)
        self._root = _Node()
        self._variants = _variants(words)
        self.heads = frozenset(fold(head) for each in words for head in each.heads)
        self.vocabulary: set[str] = set()
        self.shared_heads: set[str] = set()
        self.acronyms = {fold(part) for text in _all_names(matrix) for part in _PARTS.split(text) if _is_acronym(part)}
        for level in matrix.levels.values():
            self._add_named("level", level)
        for role in matrix.roles.values():
            self._add_named("role", role)
        self._add_fields(matrix)
        for skill in matrix.skills.values():
            self._add_named("skill", skill)
        for each in words:
            for rank in each.ranks:
                self._add(keys(rank), Name("rank"))
            for title in each.titles:
                self._add(keys(title), Name("stranger"))

    @property
    def alike(self) -> dict[str, frozenset[str]]:
        """For each word the words that mean the same inside a name."""
        return {
            row[0]: frozenset(other[0] for other in others if len(other) == 1)
            for row, others in self._variants.items()
            if len(row) == 1
        }

    def longest(self, row: Sequence[str], start: int) -> tuple[Name, int] | None:
        """The longest name that begins at `start`, and the place after it."""
        node = self._root.steps.get(row[start])
        best: tuple[Name, int] | None = None
        place = start + 1
        while node:
            if node.name:
                best = node.name, place
            if place == len(row):
                break
            node = node.steps.get(row[place])
            place += 1
        return best

    def _add_named(self, kind: Kind, named: Named) -> None:
        for text in _texts(named):
            for part in (text, *_ALTERNATIVES.split(text)) if "/" in text else (text,):
                row = keys(part)
                if kind == "role" and len(row) > 1 and row[-1] in self.heads:
                    self.shared_heads.update(spelled[-1] for spelled in self._spellings(row[-1:]))
                for spelled in self._spellings(row):
                    self._add(spelled, Name(kind, named.id))

    def _add_fields(self, matrix: Matrix) -> None:
        """The field of each role without its noun, where it is an acronym or several words and no other role's."""
        owners: dict[Row, set[str]] = {}
        for role in matrix.roles.values():
            for text in role.name.texts.values():
                row = keys(text)
                if len(row) > 1 and row[-1] in self.heads and (len(row) > 2 or row[0] in self.acronyms):
                    for spelled in self._spellings(row[:-1]):
                        owners.setdefault(spelled, set()).add(role.id)
        for row, ids in owners.items():
            if len(ids) == 1:
                self._add(row, Name("role", next(iter(ids)), weak=True), again=True)

    def _spellings(self, row: Row) -> Iterator[Row]:
        """The row with every variant of its parts, its plural, and neighbours written as one word."""
        for spelled in islice(self._vary(row), _MOST_SPELLINGS):
            yield spelled
            if len(spelled[-1]) > 1 and not spelled[-1].endswith("s"):
                yield (*spelled[:-1], spelled[-1] + "s")
            for place in range(len(spelled) - 1):
                yield (*spelled[:place], spelled[place] + spelled[place + 1], *spelled[place + 2 :])
            if len(spelled) > 2:
                yield ("".join(spelled),)

    def _vary(self, row: Row) -> Iterator[Row]:
        choices: list[tuple[Row, ...]] = []
        place = 0
        while place < len(row):
            size = next((size for size in (4, 3, 2, 1) if row[place : place + size] in self._variants), 1)
            part = row[place : place + size]
            choices.append(self._variants.get(part, (part,)))
            place += size
        for parts in product(*choices):
            yield tuple(word for part in parts for word in part)

    def _add(self, row: Row, name: Name, *, again: bool = False) -> None:
        """Add a name; what was there before stays, unless the same thing is added `again`, more exactly."""
        if not row:
            return
        node = self._root
        for word in row:
            node = node.steps.setdefault(word, _Node())
        self.vocabulary.update(row)
        if node.name is None or (again and node.name.id == name.id):
            node.name = name


def _texts(named: Named) -> Iterator[str]:
    yield from named.name.texts.values()
    for nicknames in named.nicknames.values():
        yield from nicknames


def _all_names(matrix: Matrix) -> Iterator[str]:
    for group in (matrix.roles, matrix.levels, matrix.skills):
        for named in group.values():
            yield from _texts(named)


def _is_acronym(word: str) -> bool:
    return sum(char.isupper() for char in word) > 1


def _variants(languages: Iterable[Words]) -> Mapping[Row, tuple[Row, ...]]:
    """For each phrase all phrases that mean the same, itself first."""
    found: dict[Row, tuple[Row, ...]] = {}
    for words in languages:
        for group in words.variants:
            rows = tuple(dict.fromkeys(keys(phrase) for phrase in group))
            for row in rows:
                found[row] = tuple(dict.fromkeys((*found.get(row, (row,)), *rows)))
    # Groups of several languages that share a phrase are one group.
    return {row: tuple(dict.fromkeys(other for near in rows for other in found[near])) for row, rows in found.items()}
