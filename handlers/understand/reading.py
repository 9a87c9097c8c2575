"""What the words of one message are: names, cues, and what is left over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from content.words import Cue
from handlers.understand.parts import Part
from handlers.understand.phrases import Match

_PAUSE = re.compile(r"(?<!\d)\.|[,;:!?…–—]|\s-\s")
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|»[^«]*«")
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
    tones: tuple[Match, ...] = ()
    """How it is said: as a question, a plan, an answer."""

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
        return first < 99 and self.leads(first)

    @cached_property
    def _greeting(self) -> int:
        """The places, as bits, of greetings and of words that lead on from what was said before."""
        mask = 0
        for match in self.matches:
            if match.cue in (Cue.HELLO, Cue.THANKS, Cue.FOLLOW, Cue.PRAISE, Cue.NEVER_MIND, Cue.SORRY):
                mask |= match.mask
        return mask

    def tone(self, *cues: Cue, within: range | None = None) -> bool:
        """Whether something is said in one of these tones, or a part of the message is."""
        return any(tone.cue in cues and (within is None or tone.start in within) for tone in self.tones)

    def toned(self, cue: Cue) -> int:
        """The places, as bits, of the words that give a tone."""
        mask = 0
        for tone in self.tones:
            if tone.cue == cue:
                mask |= tone.mask
        return mask

    def nothing_but(self, cue: Cue) -> bool:
        """Whether a tone and its fillers, a greeting before it and a thank-you are all that is said."""
        told = self.toned(cue)
        spare = told | self._greeting | self.answered
        return bool(told) and all(
            spare >> place & 1 or (part.key in self.fillers and not part.name) for place, part in enumerate(self.parts)
        )

    def stretch(self, place: int) -> range:
        """The places around one that no comma or other mark parts from it."""
        first = last = place
        while first and not self.parted(first):
            first -= 1
        while last + 1 < len(self.parts) and not self.parted(last + 1):
            last += 1
        return range(first, last + 1)

    def parted(self, place: int) -> bool:
        """Whether a comma or another mark stands before a part."""
        return bool(_PAUSE.search(self.between(place)))

    def between(self, place: int) -> str:
        """What stands before a part and after the one before it, or at the very end."""
        end = self.parts[place].start if place < len(self.parts) else len(self.text)
        return self.text[self.parts[place - 1].end if place else 0 : end]

    @cached_property
    def answered(self) -> int:
        """The places, as bits, of a "yes" or "no" that opens the message: it answers, and negates nothing after it."""
        mask = 0
        for tone in self.tones:
            if tone.cue in (Cue.YES, Cue.NO) and self.leads(tone.start, (self._greeting | mask)):
                mask |= tone.mask
        return mask

    def leads(self, place: int, opening: int | None = None, start: int = 0) -> bool:
        """Whether a part stands first, but for greetings and answers (or the places in `opening`, as bits)."""
        before = self._greeting | self.answered if opening is None else opening
        return all(before >> other & 1 for other in range(start, place))

    @property
    def corrects(self) -> bool:
        """Whether it begins with what was not meant: "not that one, I meant the junior"."""
        first = next((place for place, part in enumerate(self.parts) if part.name), 0)
        told = any(last < first for last in self.negated) or bool(self.answered)
        before = ((place, part.key) for place, part in enumerate(self.parts[:first]))
        return told and all(key in self.fillers or self.covered >> place & 1 for place, key in before)

    def quoted(self, place: int) -> bool:
        """Whether a part stands in quotation marks, with other words outside."""
        at = self.parts[place].start
        for quote in _QUOTED.finditer(self.text):
            if quote.start() <= at < quote.end():
                return any(not quote.start() <= part.start < quote.end() for part in self.parts)
        return False

    @cached_property
    def negated(self) -> frozenset[int]:
        """The last places of what negates something: not of "no, …", nor of "not yet"."""
        return frozenset(
            match.mask.bit_length() - 1
            for match in self.matches
            if match.cue == Cue.NOT and not self._supposed >> match.start & 1 and match.mask & ~self.answered
        )

    @cached_property
    def refused(self) -> frozenset[int]:
        """Places of the names that are said not to be meant: "not the middle one"."""
        found = set()
        for last in self.negated:
            place = last + 1
            while place < len(self.parts) and self.parts[place].key in self.fillers and not self.parted(place):
                place += 1
            if place < len(self.parts) and self.parts[place].name and not self.parted(place):
                found.add(place)
        if self.has(Cue.WHO, Cue.ROLES):  # "Which role needs no model serving?" is about model serving.
            found = {place for place in found if self.parts[place].key != "@skill"}
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
