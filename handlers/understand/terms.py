"""Which words of a message are a term to search the framework for."""

from __future__ import annotations

from content.words import Cue
from handlers.intent import Search
from handlers.understand.reading import Reading
from handlers.understand.subject import Subject

_SAID = 80
_STEM = 6
_SHORT = 4


class Terms:
    """The words of the framework's texts, and what makes a message a search for some of them."""

    def __init__(self, words: frozenset[str], binding: frozenset[str]) -> None:
        """`words` are folded; `binding` ones mean nothing alone, but belong to a term beside them: "data" drift."""
        self._words = words
        self._binding = binding
        self._stems = frozenset(word[:_STEM] for word in words if len(word) >= _STEM)

    def search(self, reading: Reading, subject: Subject) -> Search | None:
        """The search that is asked for, if one is."""
        asks = self._asks(reading, subject)
        fields = subject.fields if reading.rest or not (subject.skill or reading.has(Cue.REQUIRED)) else []
        places = [*reading.rest, *fields] if asks else list(reading.rest)
        if reading.has(Cue.WHO):
            places += subject.strangers
        elif subject.stranger:
            return None
        if not places or not (asks or self._asks_within(reading, subject)):
            return None
        term = self._quote(reading, sorted(places))
        if not term:
            return None
        role = None if subject.role_is_field or len(subject.roles) > 1 else subject.role
        level = subject.level if len(subject.levels) == 1 else None
        return Search(words=term[:_SAID], role=role, level=level)

    def alone(self, reading: Reading) -> Search | None:
        """A term and nothing else, or a question what it is, when the framework speaks of it."""
        rest = reading.rest
        if not rest or not all(self._is_known(reading, place) for place in rest):
            return None
        return Search(words=reading.term()[:_SAID]) if len(rest) < _SHORT or reading.has(Cue.EXPLAIN) else None

    def telling(self, reading: Reading) -> bool:
        """Whether a word that nothing explains is of the framework, or looks like the name of a tool."""
        shouted = reading.text.isupper()
        for place in reading.rest:
            part = reading.parts[place]
            if self._is_known(reading, place):
                return True
            if not shouted and not reading.text[part.start : part.end].islower():
                return True
        return False

    def _asks(self, reading: Reading, subject: Subject) -> bool:
        telling = self.telling(reading)
        asks = reading.has(Cue.WHO, Cue.SEARCH)
        if ((subject.role and subject.level) or len(subject.levels) > 1) and not reading.opens(Cue.SEARCH):
            asks = asks and telling
        if reading.has(Cue.ROLES, Cue.LEVELS, Cue.LIST_ROLES, Cue.LIST_LEVELS) and not subject.any:
            asks = asks or telling
        return asks or self._begins_with_field(reading, subject)

    def _asks_within(self, reading: Reading, subject: Subject) -> bool:
        """Whether a question about a role or level is about one term: "does a senior need TensorRT?"."""
        if not (subject.role or subject.level) or subject.rank:
            return False
        if reading.asks_whether and self.telling(reading):
            return True
        after = reading.rest[-1] + 1
        return any(match.start == after and match.cue in (Cue.SKILLS, Cue.EXPECT) for match in reading.matches)

    def _begins_with_field(self, reading: Reading, subject: Subject) -> bool:
        """Whether it is nothing but a term with a field in it: "LLM gateway"."""
        bare = subject.role_is_field and not subject.levels and not reading.matches
        return bare and bool(reading.rest) and all(self._is_known(reading, place) for place in reading.rest)

    def _is_known(self, reading: Reading, place: int) -> bool:
        key = reading.parts[place].key
        return key in self._words or (len(key) >= _STEM and key[:_STEM] in self._stems)

    def _quote(self, reading: Reading, places: list[int]) -> str:
        """The term with what belongs to it before and after: "data" drift, GPU "serving"."""
        parts, first, last = reading.parts, places[0], places[-1]
        while first and (parts[first - 1].key in self._binding or parts[first - 1].key == "@skill"):
            first -= 1
        if last + 1 < len(parts) and parts[last + 1].key == "@skill":
            last += 1
        return reading.quote(first, last)
