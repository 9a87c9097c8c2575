"""A place beside a time: "fridays at 9 in New York", "9:00 Tokyo time"."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from handlers.understand.clean import fold
from handlers.understand.clock import Clock
from handlers.understand.days import Days
from handlers.understand.places import Places
from handlers.understand.reading import Reading

_SAID = 60
_MOST_WORDS = 5
"""Words of the name of a place."""


class Whereabouts(NamedTuple):
    """What tells a place from the words of the clock and the calendar."""

    clock: Clock
    days: Days
    places: Places
    tongues: Collection[str] = ()
    """Names of languages, which are no places."""

    def is_timely(self, word: str) -> bool:
        """Whether a word may tell a day or a time."""
        known = word in self.clock.vocabulary or word in self.days.vocabulary
        return known or self.clock.is_place(word) or word[:1].isdecimal()

    def there(self, reading: Reading, called: range = range(0)) -> tuple[str | None, range]:
        """A zone by its place beside the time, and where that is said; the parts `called` are a name, and no place.

        Behind "in" it may be a country, too, by its code, and is what was typed where no such place is known.
        """
        parts = reading.parts
        spare = [at not in called and self._may_be_a_place(reading, at) for at in range(len(parts))]
        for size in range(min(_MOST_WORDS, len(parts)), 0, -1):
            for first in range(len(parts) - size + 1):
                inside = range(first, first + size)
                whole = any(spare[at] for at in inside) and not any(at in called for at in inside)
                if (
                    whole
                    and not any(map(reading.parted, inside[1:]))
                    and (zone := self.places.city(reading.quote(first, first + size - 1)))
                ):
                    return zone, inside
        for behind in self.days.inside([part.key for part in parts]):
            first = behind
            while first < len(parts) and self._is_small(reading, first):
                first += 1  # "in the Netherlands"
            last = first
            while last < len(parts) and spare[last] and not (last > first and reading.parted(last)):
                last += 1
            if first < last and reading.text[parts[first].start].isupper():
                # A word that fills sentences may begin a name: "New Zealand".
                if first > behind and (whole_name := self.places.country(reading.quote(behind, last - 1))):
                    return whole_name, range(behind, last)
                typed = reading.quote(first, last - 1)[:_SAID]
                known = self.places.zone(typed) or self.places.country(typed)
                if found := known or (typed if first == behind else None):
                    return found, range(first, last)
        return None, range(0)

    def _may_be_a_place(self, reading: Reading, place: int) -> bool:
        part = reading.parts[place]
        # A repair may take a country for a language: "Germany".
        tongue = part.key in self.tongues and fold(reading.typed(place)) == part.key
        return not (part.name or self.is_timely(part.key) or self._is_small(reading, place) or tongue)

    def _is_small(self, reading: Reading, place: int) -> bool:
        """Whether a word fills a sentence, and is not the short name of a country: "in the US"."""
        typed = reading.quote(place, place)
        return reading.parts[place].key in reading.fillers and not (typed.isupper() and self.places.country(typed))
