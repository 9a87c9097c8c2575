"""Days of the week and times of day, from words: "fridays at 9", "halb zehn", "5 pm"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from content.words import Words
from handlers.understand.clean import fold, keys

_DIGITAL = re.compile(r"^(\d{1,2})[:.](\d{2})$")
_JOINED = re.compile(r"^(\d{1,2})(am|pm|h|uhr)$")

_PLACE = re.compile(r"^(\d{1,2})(?:st|nd|rd|th|te|ter|tes|ten)$")


class Clock:
    """The words of the clock in all languages."""

    def __init__(self, languages: Iterable[Words]) -> None:
        self._weekdays: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._ordinals: dict[str, int] = {}
        self._signs: dict[tuple[str, ...], str] = {}
        for words in languages:
            self._weekdays |= {fold(name): day for name, day in words.weekdays.items()}
            self._numbers |= {fold(name): number for name, number in words.numbers.items()}
            self._ordinals |= {fold(name): number for name, number in words.ordinals.items()}
            self._signs |= {keys(phrase): sign for phrase, sign in words.clock.items()}
        self.vocabulary = {*self._weekdays, *self._numbers, *(word for row in self._signs for word in row)}

    def weekday(self, row: Sequence[str]) -> int | None:
        """The first weekday named, 0 = Monday."""
        return next((self._weekdays[word] for word in row if word in self._weekdays), None)

    def minute(self, row: Sequence[str]) -> int | None:
        """The time of day, in minutes after midnight."""
        if not any(word in self.vocabulary or word[:1].isdecimal() for word in row):
            return None
        signs = {place: self._sign(row, place) for place in range(len(row))}
        found = next((time for place in signs if (time := self._time(row, place, signs)) is not None), None)
        if found is None:
            return 720 if "noon" in signs.values() else None
        if "pm" in signs.values() and found < 720:
            return found + 720
        return found - 720 if "am" in signs.values() and found >= 720 else found

    def number(self, word: str) -> int | None:
        """A cardinal number, in digits or in a word."""
        return int(word) if word.isdecimal() and len(word) < 3 else self._numbers.get(word)

    def ordinal(self, word: str) -> int | None:
        """A place in a list: "second", "2nd"."""
        digits = _PLACE.match(word)
        return int(digits[1]) if digits else self._ordinals.get(word)

    def is_place(self, word: str) -> bool:
        """Whether a word may tell a place in a list, or how many of it."""
        return word.isdecimal() or word in self._numbers or self.ordinal(word) is not None

    def _sign(self, row: Sequence[str], place: int) -> str:
        for size in (3, 2, 1):
            if sign := self._signs.get(tuple(row[place : place + size])):
                return sign
        return ""

    def _time(self, row: Sequence[str], place: int, signs: dict[int, str]) -> int | None:
        """The time whose hour stands at `place`, when a sign of the clock is beside it."""
        word = row[place]
        if digital := _DIGITAL.match(word):
            return _minutes(int(digital[1]), int(digital[2]))
        if joined := _JOINED.match(word):
            hour = int(joined[1])
            shift = {"am": -12 if hour == 12 else 0, "pm": 12 if hour < 12 else 0}.get(joined[2], 0)
            return _minutes(hour + shift, 0)
        hour_said = self.number(word)
        if hour_said is None:
            return None
        before = {signs.get(place - size, "") for size in (1, 2, 3)}
        if "half-to" in before:
            return _minutes(hour_said, -30)
        if "half-past" in before:
            return _minutes(hour_said, 30)
        if "quarter-to" in before:
            return _minutes(hour_said, -15)
        if "quarter-past" in before:
            return _minutes(hour_said, 15)
        after = signs.get(place + 1, "")
        if after == "hour" and place + 2 < len(row) and (minutes := self.number(row[place + 2])) is not None:
            return _minutes(hour_said, minutes)
        beside = {
            signs.get(place - 1, ""),
            after,
            *(["day"] if self.weekday(row[max(0, place - 1) : place]) is not None else []),
        }
        return _minutes(hour_said, 0) if beside & {"at", "hour", "am", "pm", "day"} else None


def _minutes(hour: int, minute: int) -> int | None:
    whole = hour * 60 + minute
    return whole if 0 <= whole < 1440 and hour < 24 else None
