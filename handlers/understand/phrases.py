"""The phrases of the cue words as a web of words, and the search for them in what people say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from content.words import TONES, Cue, Words
from handlers.understand.clean import keys
from handlers.understand.parts import Part

GAP, LOOSE = "*", "~"
SLOTS = {slot: f"@{slot.lower()}" for slot in ("ROLE", "LEVEL", "SKILL", "STRANGER", "NAME", "NUMBER")}

_REACH = 3
_TOUCHY = frozenset({Cue.INJECTION, Cue.OFF_TOPIC})
"""Cues that are many harmless words' neighbours: nothing is repaired towards them."""
_REPAIRED = frozenset({Cue.LANGUAGE, Cue.OVERVIEW, Cue.PARTLY, Cue.SKIP, Cue.AWAY, Cue.ZONE, Cue.HOLIDAYS})
"""Tones of few words, in which a typo matters."""
_OWN = frozenset({Cue.EXPORT, Cue.EVIDENCE, Cue.MY_EVIDENCE, Cue.PACKET, Cue.MILESTONES, Cue.FIND_LEVEL})
"""Cues about what is one's own: where others are asked after, one word of them is a word to search for."""
_OTHERS = frozenset({Cue.WHO, Cue.SEARCH})
_STEADY = frozenset({Cue.NOT, Cue.MUST, Cue.YES_NO, Cue.WHO, Cue.LIST_ROLES, Cue.LIST_LEVELS, Cue.LIST_SKILLS})
"""Cues that count inside a longer phrase, too."""


class Match(NamedTuple):
    """A cue, the places of the words that gave it, as bits, and the first of them."""

    cue: Cue
    mask: int
    start: int


class _Node:
    """A place in a phrase: the words that may follow, the gaps, and the cue of a phrase that ends here.

    In tuples, because there are thousands of places: lists take a megabyte more.
    """

    __slots__ = ("cues", "gaps", "steps")

    def __init__(self) -> None:
        self.steps: dict[str, tuple[_Node, ...]] = {}
        self.gaps: tuple[tuple[str, _Node], ...] = ()
        self.cues: tuple[Cue, ...] = ()

    def merge(self, other: _Node) -> None:
        """Take on all ways that lead out of another node."""
        for word, nodes in other.steps.items():
            self.steps[word] = (*self.steps.get(word, ()), *nodes)
        self.gaps += other.gaps
        self.cues += tuple(cue for cue in other.cues if cue not in self.cues)

    def lead(self, word: str, node: _Node) -> None:
        """One more way with a word."""
        self.steps[word] = (*self.steps.get(word, ()), node)


class Phrases:
    """All phrases of all languages."""

    def __init__(
        self, languages: Iterable[Words], respell: Callable[[Sequence[str]], list[str]], terms: Set[str] = frozenset()
    ) -> None:
        """`respell` gives words the spelling in which they will be looked for. ValueError names an unknown set.

        A word among the framework's `terms` is harmless where it stands alone.
        """
        self._respell = respell
        self._first: dict[str, _Node] = {}
        self.vocabulary: dict[str, set[str]] = {}
        self.repairable: set[str] = set()
        """Words of the phrases towards which a typo may be repaired."""
        starts = _Node()
        languages = tuple(languages)
        tongues = tuple(dict.fromkeys(name for words in languages for name in words.languages))
        for words in languages:
            sets = {**words.sets, "languages": tongues}
            own = self.vocabulary.setdefault(words.language, set())
            for cue, phrases in words.cues.items():
                said: set[str] = set()
                for phrase in phrases:
                    choices = [each for each in phrase.split("|") if not (cue in _TOUCHY and each in terms)]
                    if choices or " " in phrase:
                        parts = phrase.split() if " " in phrase else ["|".join(choices)]
                        starts.merge(self._compile(parts, cue, sets, said))
                own |= said
                if cue in _REPAIRED or (cue not in TONES and cue not in _TOUCHY):
                    self.repairable |= said
        for word, nodes in starts.steps.items():
            self._first[word] = _Node()
            for node in nodes:
                self._first[word].merge(node)

    def _compile(self, parts: Sequence[str], cue: Cue, sets: Mapping[str, Sequence[str]], own: set[str]) -> _Node:
        """The node before `parts`; the words of the phrase join `own`."""
        node = _Node()
        if not parts:
            node.cues = (cue,)
            return node
        part, after = parts[0], self._compile(parts[1:], cue, sets, own)
        if len(part) > 1 and part.endswith("?"):
            node.merge(after)
            part = part[:-1]
        if part in (GAP, LOOSE):
            node.gaps = (*node.gaps, (part, after))
            return node
        for row in self._rows(part, sets):
            if not row:
                raise ValueError(f"{part!r} has no words")
            place = node
            for word in row[:-1]:
                step = _Node()
                place.lead(word, step)
                place = step
            place.lead(row[-1], after)
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

    def find(self, parts: Sequence[Part], fillers: frozenset[str]) -> list[Match]:
        """The cues in the parts of a message; a phrase inside a longer one does not count, but for `_STEADY` ones.

        The tones of a message neither hide anything nor are hidden.
        """
        found: set[Match] = set()
        for start, part in enumerate(parts):
            for key in part.ways:
                node = self._first.get(key)
                if node:
                    _walk(node, parts, start + 1, 1 << start, start, fillers, found)
        if any(match.cue in _OTHERS for match in found):
            found = {match for match in found if match.cue not in _OWN or match.mask.bit_count() > 1}
        masks = {match.mask for match in found if match.cue not in TONES}
        return [
            match
            for match in sorted(found)
            if match.cue in _STEADY or match.cue in TONES or not any(_inside(match.mask, mask) for mask in masks)
        ]


def _inside(mask: int, other: int) -> bool:
    return mask != other and not mask & ~other


def _loose(key: str, fillers: frozenset[str]) -> bool:
    return key in fillers or key.isdecimal()


def _walk(
    node: _Node, parts: Sequence[Part], place: int, mask: int, start: int, fillers: frozenset[str], found: set[Match]
) -> None:
    """Follow the web from one word to the next, through gaps too."""
    for cue in node.cues:
        found.add(Match(cue, mask, start))
    if place < len(parts):
        for key in parts[place].ways:
            for nearby in node.steps.get(key, ()):
                _walk(nearby, parts, place + 1, mask | 1 << place, start, fillers, found)
    for gap, beyond in node.gaps:
        for skipped in range(place, min(place + _REACH, len(parts)) + 1):
            if gap == LOOSE and skipped > place and not _loose(parts[skipped - 1].key, fillers):
                break
            _walk(beyond, parts, skipped, mask, start, fillers, found)
