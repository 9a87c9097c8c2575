"""The phrases of the cue words as a web of words, and the search for them in what people say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from content.words import Cue, Words
from handlers.understand.clean import keys

GAP, LOOSE = "*", "~"
SLOTS = {"ROLE": "@role", "LEVEL": "@level", "SKILL": "@skill", "NAME": "@name", "NUMBER": "@number"}
NAMES = frozenset({"@role", "@level", "@stranger", "@rank"})
"""What `NAME` in a phrase stands for."""

_REACH = 3


class Match(NamedTuple):
    """A cue, the places of the words that gave it, as bits, and the first of them."""

    cue: Cue
    mask: int
    start: int


class _Node:
    """A place in a phrase: the words that may follow, the gaps, and the cue of a phrase that ends here."""

    __slots__ = ("cues", "gaps", "steps")

    def __init__(self) -> None:
        self.steps: dict[str, list[_Node]] = {}
        self.gaps: list[tuple[str, _Node]] = []
        self.cues: list[Cue] = []

    def merge(self, other: _Node) -> None:
        """Take on all ways that lead out of another node."""
        for word, nodes in other.steps.items():
            self.steps.setdefault(word, []).extend(nodes)
        self.gaps += other.gaps
        self.cues += [cue for cue in other.cues if cue not in self.cues]


class Phrases:
    """All phrases of all languages."""

    def __init__(self, languages: Iterable[Words], respell: Callable[[Sequence[str]], list[str]]) -> None:
        """`respell` gives words the spelling in which they will be looked for. ValueError names an unknown set."""
        self._respell = respell
        self._first: dict[str, _Node] = {}
        self.vocabulary: dict[str, set[str]] = {}
        starts = _Node()
        for words in languages:
            own = self.vocabulary.setdefault(words.language, set())
            for cue, phrases in words.cues.items():
                for phrase in phrases:
                    starts.merge(self._compile(phrase.split(), cue, words.sets, own))
        for word, nodes in starts.steps.items():
            self._first[word] = _Node()
            for node in nodes:
                self._first[word].merge(node)

    def _compile(self, parts: Sequence[str], cue: Cue, sets: Mapping[str, Sequence[str]], own: set[str]) -> _Node:
        """The node before `parts`; the words of the phrase join `own`."""
        node = _Node()
        if not parts:
            node.cues.append(cue)
            return node
        part, after = parts[0], self._compile(parts[1:], cue, sets, own)
        if len(part) > 1 and part.endswith("?"):
            node.merge(after)
            part = part[:-1]
        if part in (GAP, LOOSE):
            node.gaps.append((part, after))
            return node
        for row in self._rows(part, sets):
            if not row:
                raise ValueError(f"{part!r} has no words")
            place = node
            for word in row[:-1]:
                step = _Node()
                place.steps.setdefault(word, []).append(step)
                place = step
            place.steps.setdefault(row[-1], []).append(after)
            own.update(word for word in row if not word.startswith("@"))
        return node

    def _rows(self, part: str, sets: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
        """The rows of words that one part of a phrase stands for."""
        for choice in part.split("|"):
            if choice.startswith("{"):
                if choice[1:-1] not in sets:
                    raise ValueError(f"there is no set {choice!r}")
                for member in sets[choice[1:-1]]:
                    yield self._respell(keys(member))
            else:
                yield [SLOTS[choice]] if choice in SLOTS else self._respell(keys(choice))

    def find(self, row: Sequence[str], fillers: frozenset[str]) -> list[Match]:
        """The cues in a row of words; a phrase inside a longer one does not count."""
        found: set[Match] = set()
        for start, first in enumerate(row):
            for key in (first, "@name") if first in NAMES else (first,):
                node = self._first.get(key)
                if node:
                    _walk(node, row, start + 1, 1 << start, start, fillers, found)
        masks = {match.mask for match in found}
        return [match for match in sorted(found) if not any(_inside(match.mask, mask) for mask in masks)]


def _inside(mask: int, other: int) -> bool:
    return mask != other and not mask & ~other


def _walk(
    node: _Node, row: Sequence[str], place: int, mask: int, start: int, fillers: frozenset[str], found: set[Match]
) -> None:
    """Follow the web from one word to the next, through gaps too."""
    for cue in node.cues:
        found.add(Match(cue, mask, start))
    if place < len(row):
        key = row[place]
        for nearby in node.steps.get(key, ()):
            _walk(nearby, row, place + 1, mask | 1 << place, start, fillers, found)
        if key in NAMES:
            for nearby in node.steps.get("@name", ()):
                _walk(nearby, row, place + 1, mask | 1 << place, start, fillers, found)
    for gap, beyond in node.gaps:
        for skipped in range(place, min(place + _REACH, len(row)) + 1):
            if gap == LOOSE and skipped > place and row[skipped - 1] not in fillers:
                break
            _walk(beyond, row, skipped, mask, start, fillers, found)
