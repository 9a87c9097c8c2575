"""What the words of one message are: names, cues, and what is left over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from content.words import Cue
from handlers.understand.parts import Part
from handlers.understand.phrases import Match

_EDGES = " \t.,;:!?\"'()„“”‚‘’«»…–—-/"


@dataclass(frozen=True)
class Reading:
    """One message, read but not yet understood."""

    text: str
    parts: tuple[Part, ...]
    matches: tuple[Match, ...]
    fillers: frozenset[str]
    idle: Callable[[str], bool]
    """Whether a word, in lower case as typed, is one of everyday life that tells nothing."""

    @cached_property
    def cues(self) -> frozenset[Cue]:
        """Every cue found."""
        return frozenset([match.cue for match in self.matches])

    def has(self, *cues: Cue) -> bool:
        """Whether one of the cues was found."""
        return not self.cues.isdisjoint(cues)

    def only(self, cue: Cue, wider: Cue) -> bool:
        """Whether all that tells the wider cue tells this one, too: "optional", but not "required or optional"."""
        masks = {match.mask for match in self.matches if match.cue == cue}
        return bool(masks) and all(match.mask in masks for match in self.matches if match.cue == wider)

    def says(self, cue: Cue) -> int:
        """How many words the longest phrase for a cue has."""
        return max((match.mask.bit_count() for match in self.matches if match.cue == cue), default=0)

    def opens(self, cue: Cue) -> bool:
        """Whether the message begins with a cue, but for a greeting or a filler word."""
        first = min((match.start for match in self.matches if match.cue == cue), default=99)
        return first < 3 and all(part.name is None for part in self.parts[:first])

    def apart(self, cue: Cue) -> bool:
        """Whether a phrase of a few words for a cue stands apart from the names."""
        names = sum(1 << place for place, part in enumerate(self.parts) if part.name)
        masks = (match.mask for match in self.matches if match.cue == cue)
        return any(mask.bit_count() > 1 and not _span(mask) & names for mask in masks)

    @cached_property
    def asks_whether(self) -> bool:
        """Whether it is a question for yes or no: the verb comes first, but for a greeting."""
        first = min((match.start for match in self.matches if match.cue == Cue.YES_NO), default=99)
        greeting = 0
        for match in self.matches:
            if match.cue in (Cue.HELLO, Cue.THANKS, Cue.FOLLOW, Cue.PRAISE, Cue.SORRY):
                greeting |= match.mask
        return first < 99 and all(greeting >> place & 1 for place in range(first))

    @cached_property
    def refused(self) -> frozenset[int]:
        """Places of the names that are said not to be meant: "not the middle one"."""
        found = set()
        for match in self.matches:
            if match.cue == Cue.NOT and not self._supposed >> match.start & 1:
                place = match.mask.bit_length()
                while place < len(self.parts) and self.parts[place].key in self.fillers:
                    place += 1
                if place < len(self.parts) and self.parts[place].name:
                    found.add(place)
        return frozenset(found)

    @cached_property
    def _supposed(self) -> int:
        """The places, as bits, of what is only supposed: "I'm not a senior yet"."""
        mask = 0
        for match in self.matches:
            if match.cue == Cue.IF:
                mask |= match.mask
        return mask

    def names(self, kind: str) -> list[str]:
        """The ids of what is named, in the order said, each once."""
        return list(dict.fromkeys(part.name.id for _, part in self._named(kind) if part.name))

    def refused_names(self, kind: str) -> list[str]:
        """The ids of what is said not to be meant."""
        parts = (self.parts[place] for place in sorted(self.refused))
        return [part.name.id for part in parts if part.name and part.name.kind == kind]

    def said(self, kind: str) -> str | None:
        """The first words that name something of this kind, as they were typed."""
        return next((self.quote(place, place) for place, _ in self._named(kind)), None)

    def place(self, kind: str) -> int | None:
        """Where something of this kind is named first."""
        return next((place for place, _ in self._named(kind)), None)

    def _named(self, kind: str) -> Iterator[tuple[int, Part]]:
        for place, part in enumerate(self.parts):
            if part.name and part.name.kind == kind and place not in self.refused:
                yield place, part

    @cached_property
    def covered(self) -> int:
        """The places, as bits, of the words that a cue explains."""
        mask = 0
        for match in self.matches:
            mask |= match.mask
        return mask

    @cached_property
    def rest(self) -> tuple[int, ...]:
        """Places of the words that nothing explains: what the message is about, or noise. No everyday words."""
        return tuple(place for place in self.loose if not self.idle(self.typed(place)))

    @cached_property
    def loose(self) -> tuple[int, ...]:
        """Places of the words that nothing explains, everyday words too."""
        return tuple(
            place
            for place, part in enumerate(self.parts)
            if not part.name and not self.covered >> place & 1 and part.key not in self.fillers
        )

    def typed(self, place: int) -> str:
        """A word as it was typed, in lower case."""
        part = self.parts[place]
        return self.text[part.start : part.end].casefold()

    def quote(self, first: int, last: int) -> str:
        """The text from one part to another as typed, whole words, without the punctuation around."""
        start, end = self.parts[first].start, self.parts[last].end
        while start and not self.text[start - 1].isspace() and self.parts[first].name is None:
            start -= 1
        while end < len(self.text) and not self.text[end].isspace() and self.parts[last].name is None:
            end += 1
        return self.text[start:end].strip(_EDGES)

    def term(self, places: Sequence[int] | None = None) -> str:
        """The words to search for: from the first to the last word that nothing explains."""
        chosen = self.rest if places is None else places
        return self.quote(chosen[0], chosen[-1]) if chosen else ""


def _span(mask: int) -> int:
    """All places, as bits, from the first to the last of a mask."""
    return (1 << mask.bit_length()) - (mask & -mask)
