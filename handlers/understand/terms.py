"""Which words of a message are a term to search the framework for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from content.lexicon import Lexicon
from content.words import Cue
from handlers.intent import Search
from handlers.understand.reading import Reading
from handlers.understand.subject import Subject

_SAID = 80
_SHORT = 4
_REMEMBERED = 4096
_FAR = 4
"""Words after "who …" in which "not" is still about the needing: not in "who makes sure that it does not cost …"."""
_LOOKED_AT = 8
"""Words of a message that are looked at: what nothing explains is seldom more, but for nonsense."""

_WISHES = frozenset(
    {
        Cue.BECOME,
        Cue.BYE,
        Cue.DONE,
        Cue.FORGET,
        Cue.LOW,
        Cue.NEVER_MIND,
        Cue.NEXT,
        Cue.NUDGE,
        Cue.NUDGE_OFF,
        Cue.NUDGE_ON,
        Cue.PRAISE,
        Cue.PRIVACY,
        Cue.SORRY,
        Cue.THANKS,
        Cue.UNDO,
        Cue.WHO_SEES,
    }
)
"""Cues that a word gives where it stands alone; what is needed is no wish."""


class Terms:
    """The words of the framework's texts, and what makes a message a search for some of them."""

    def __init__(self, vocabulary: Lexicon, binding: frozenset[str]) -> None:
        """`binding` words mean nothing alone, but belong to a term beside them: "data" drift."""
        self._vocabulary = vocabulary
        self._telling = lru_cache(maxsize=_REMEMBERED)(vocabulary.telling)
        self._known = lru_cache(maxsize=_REMEMBERED)(vocabulary.known)
        self._binding = binding

    def search(self, reading: Reading, subject: Subject) -> Search | None:
        """The search that is asked for, if one is."""
        asks = self._asks(reading, subject)
        fields = subject.fields if reading.rest or not (subject.skill or reading.has(Cue.REQUIRED)) else []
        places = [*reading.rest, *fields] if asks else list(reading.rest)
        if asks and not places:
            places = self._phrase(reading, reading.loose) or self._faint(reading) or self._done(reading)
        if reading.has(Cue.WHO):
            places += subject.strangers
        elif subject.stranger:
            return None
        if not places or not (asks or self._asks_within(reading, subject)):
            return None
        term = self._quote(reading, sorted({*places, *self._phrase(reading, places)}))
        if not term:
            return None
        role = None if subject.role_is_field or len(subject.roles) > 1 else subject.role
        level = subject.level if len(subject.levels) == 1 else None
        asked = max((match.mask.bit_length() for match in reading.matches if match.cue == Cue.WHO), default=-_FAR)
        without = any(last < min(asked + _FAR, *places) for last in reading.negated)
        return Search(words=term[:_SAID], role=role, level=level, without=without)

    def sought(self, reading: Reading, subject: Subject) -> Search | None:
        """A search for one word, after a plain "who needs", even for a word that is elsewhere a wish: "privacy"."""
        if subject.any or subject.skill:
            return None
        last = len(reading.parts) - 1
        for tone in reading.tones:
            after = range(tone.mask.bit_length(), last)
            wish = any(match.cue in _WISHES and match.mask >> last & 1 for match in reading.matches)
            bare = all(reading.parts[place].key in reading.fillers for place in after)
            if tone.cue == Cue.SEEKS and not tone.mask >> last & 1 and wish and bare:
                negated = any(place < last for place in reading.negated)
                return Search(words=reading.quote(last, last)[:_SAID], without=negated)
        return None

    def asks_after(self, reading: Reading, cue: Cue) -> bool:
        """Whether a search follows something else, parted from it: "forget what I said, who needs TensorRT?"."""
        before = max((match.mask.bit_length() - 1 for match in reading.matches if match.cue == cue), default=99)
        apart = [match.start for match in reading.matches if match.cue == Cue.WHO and match.start > before]
        return any(before not in reading.stretch(place) for place in apart) and self.telling(reading)

    def _phrase(self, reading: Reading, places: Sequence[int]) -> list[int]:
        """The places of words that tell something only together: "cold starts"."""
        words = [reading.typed(place) for place in range(len(reading.parts))]
        return next((span for span in map(list, self._vocabulary.phrases(words)) if set(span) & set(places)), [])

    def _faint(self, reading: Reading) -> list[int]:
        """The places of the framework's words among those that mostly tell nothing: "fast"."""
        unsaid = (n for n, part in enumerate(reading.parts) if not (part.name or reading.covered >> n & 1))
        return [place for place in unsaid if self._vocabulary.means(reading.typed(place))]

    def _done(self, reading: Reading) -> list[int]:
        """The places of the framework's words in what somebody does: "who mentors"."""
        asking = (match.mask for match in reading.matches if match.cue == Cue.WHO)
        places = [place for mask in asking for place in range(len(reading.parts)) if mask >> place & 1]
        return [place for place in places if not reading.parts[place].name and self._telling(reading.typed(place))]

    def alone(self, reading: Reading) -> Search | None:
        """A term and nothing else, or a question what it is, when the framework speaks of it."""
        rest = reading.rest
        if len(reading.parts) == len(rest) == 1 and self._known(reading.typed(rest[0])):
            return Search(words=reading.term()[:_SAID])
        if not self._all_known(reading) or 2 * len(rest) < len(reading.loose):
            return None
        return Search(words=reading.term()[:_SAID]) if len(rest) < _SHORT or reading.has(Cue.EXPLAIN) else None

    def speaks(self, reading: Reading) -> bool:
        """Whether a word that nothing explains is one of the framework's."""
        return any(self._telling(reading.typed(place)) for place in reading.rest[:_LOOKED_AT])

    def speaks_by(self, reading: Reading, places: Sequence[int]) -> bool:
        """Whether the words at these places are the framework's, and one of them, or of what is left, is telling."""
        words = [reading.typed(place) for place in places]
        telling = self.speaks(reading) or (reading.has(Cue.WHO) and any(map(self._telling, words)))
        return telling and all(map(self._known, words))

    def telling(self, reading: Reading) -> bool:
        """Whether a word that nothing explains is of the framework, or looks like the name of a tool."""
        return self.speaks(reading) or self._looks_named(reading)

    def _looks_named(self, reading: Reading) -> bool:
        if reading.text.isupper():
            return False
        parts = (reading.parts[place] for place in reading.rest)
        return any(not reading.text[part.start : part.end].islower() for part in parts)

    def _asks(self, reading: Reading, subject: Subject) -> bool:
        asks = reading.has(Cue.WHO, Cue.SEARCH)
        if (subject.role and subject.level) or len(subject.levels) > 1:
            # A rung that is named is what it is about, unless another thing is plainly looked for.
            plainly = reading.opens(Cue.SEARCH) and not reading.has(Cue.EXPECT, Cue.COMPARE)
            return asks and (self.speaks(reading) or (plainly and self._looks_named(reading)))
        if reading.has(Cue.REQUIRED) and not (subject.any or subject.skill):
            return True
        if reading.has(Cue.ROLES, Cue.LEVELS, Cue.LIST_ROLES, Cue.LIST_LEVELS) and not subject.any:
            asks = asks or self.telling(reading)
        return asks or self._begins_with_field(reading, subject)

    def _asks_within(self, reading: Reading, subject: Subject) -> bool:
        """Whether a question about a role or level is about one term: "does a senior need TensorRT?"."""
        if not (subject.role or subject.level) or subject.rank:
            return False
        if reading.asks_whether and self.telling(reading):
            return True
        if (subject.role and subject.level) and not self.speaks(reading):
            return False
        after = reading.rest[-1] + 1
        return any(match.start == after and match.cue in (Cue.SKILLS, Cue.EXPECT) for match in reading.matches)

    def _begins_with_field(self, reading: Reading, subject: Subject) -> bool:
        """Whether it is nothing but a term with a field in it: "LLM gateway"."""
        bare = subject.role_is_field and not subject.levels and not reading.matches
        return bare and self._all_known(reading)

    def _all_known(self, reading: Reading) -> bool:
        """Whether there are but words of the framework, one of them telling."""
        return self.speaks(reading) and all(
            len(word) == 1 or self._known(word)  # "A/B" is two words here
            for word in (reading.typed(place) for place in reading.rest)
        )

    def _quote(self, reading: Reading, places: list[int]) -> str:
        """The term with what belongs to it before and after: "data" drift, GPU "serving"."""
        parts, first, last = reading.parts, places[0], places[-1]
        while first and (parts[first - 1].key in self._binding or parts[first - 1].key == "@skill"):
            first -= 1
        if last + 1 < len(parts) and parts[last + 1].key == "@skill":
            last += 1
        return reading.quote(first, last)
