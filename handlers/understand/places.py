"""Time zones and countries by what people call them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from babel import Locale
from babel.core import get_global
from rapidfuzz.distance import OSA

from content.words import Words
from handlers.understand.clean import keys
from handlers.understand.repair import Repair
from handlers.zones import find_zone

_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
_REGIONS = (
    *("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/"),
    *("Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/"),
)
_MOST_PARTS = 3
_LONGEST = 60
_INSIDE = re.compile(r"^\s*(?:in\s+)?(?:(?:the|der|den|dem|die)\s+)?", re.IGNORECASE)


class Places:
    """The cities of the time zones and the countries of the world, in the languages that the coach understands."""

    def __init__(self, languages: Iterable[Words]) -> None:
        self._languages = tuple(languages)

    def zone(self, typed: str) -> str | None:
        """The IANA name of a zone, by that name, by its city or by a well-known city near it."""
        return find_zone(typed) or _look_up(_key(typed), self._zones, self._mend_zone)

    def city(self, typed: str) -> str | None:
        """The IANA name of a zone by a city, spelled right: other words stand beside it."""
        return self._zones.get(_key(typed))

    def alone(self, text: str) -> str | None:
        """The zone or the code of the country, where a text is nothing but its name: "Denver", "in the USA"."""
        typed = _INSIDE.sub("", text)
        return self._zones.get(_key(typed)) or self._countries.get(_key(typed)) if len(typed) <= _LONGEST else None

    def country(self, typed: str) -> str | None:
        """The code of a country, by ISO 3166."""
        return _look_up(_key(typed), self._countries, self._mend_country)

    @cached_property
    def _zones(self) -> dict[str, str]:
        known = [name for name in get_global("zone_territories") if name.startswith(_REGIONS)]
        found = {_key(name.rpartition("/")[2]): name for name in known if name.count("/") < _MOST_PARTS - 1}
        found |= {_key(name): name for name in known}
        for words in self._languages:
            for name, texts in Locale(words.language).time_zones.items():
                if name in known and "city" in texts:
                    found[_key(texts["city"])] = name
        for words in self._languages:
            found |= {_key(called): name for called, name in words.zones.items()}
        return found

    @cached_property
    def _countries(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for words in self._languages:
            for code, name in Locale(words.language).territories.items():
                if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES:
                    found[_key(name)] = code
            found |= {_key(called): code for called, code in words.countries.items()}
        return found

    @cached_property
    def _mend_zone(self) -> Repair:
        return Repair(self._zones, self._countries, careful=True)

    @cached_property
    def _mend_country(self) -> Repair:
        return Repair(self._countries, self._zones, careful=True)


def _look_up(key: str, known: Mapping[str, str], mend: Repair) -> str | None:
    """What is known by a name, or by one that is a single typo away."""
    if key in known:
        return known[key]
    near = mend(key)
    return known[near] if near and OSA.distance(key, near) == 1 else None


def _key(typed: str) -> str:
    """A name without blanks and marks: "New York" is "newyork"."""
    return "".join(keys(typed.replace("_", " ")))
