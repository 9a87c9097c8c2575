"""Days of the week and times of day, from words: "fridays at 9", "halb zehn", "5 pm"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from content.words import Sign, Words
from handlers.understand.clean import fold, keys

_DIGITAL = re.compile(r"^(\d{1,2})[:.](\d{2})$")
_JOINED = re.compile(r"^(\d{1,2})(am|pm|h|uhr)$")

_COMPACT = re.compile(r"^(\d{1,2})(\d{2})$")
_PLACE = re.compile(r"^(\d{1,2})(?:st|nd|rd|th|te|ter|tes|ten)$")

_USUAL: tuple[tuple[Sign, int], ...] = (
    ("noon", 720),
    ("midnight", 0),
    ("morning", 540),
    ("afternoon", 840),
    ("evening", 1080),
)
"""The time that is meant where only a part of the day is said."""
_EARLY, _LATE = frozenset({"am", "morning"}), frozenset({"pm", "afternoon", "evening"})
_BESIDE = frozenset({"at", "hour", "day"}) | _EARLY | _LATE
_PARTS: tuple[tuple[Sign, int], ...] = (
    ("half-to", -30),
    ("half-past", 30),
    ("quarter-to", -15),
    ("quarter-past", 15),
)
_NONE = -1
"""A time that is said, but that no clock shows."""


class Clock:
    """The words of the clock in all languages."""

    def __init__(self, languages: Iterable[Words]) -> None:
        self.weekdays: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._ordinals: dict[str, int] = {}
        self._signs: dict[tuple[str, ...], str] = {}
        self._spans: set[str] = set()
        self.joined: dict[str, tuple[str, str]] = {}
        """A day and a part of it in one word, and the two words: "freitagabend"."""
        for words in languages:
            self._spans |= {fold(name) for name in words.spans}
            self.weekdays |= {fold(name): day for name, day in words.weekdays.items()}
            self._numbers |= {fold(name): number for name, number in words.numbers.items()}
            self._ordinals |= {fold(name): number for name, number in words.ordinals.items()}
            for phrase, sign in words.clock.items():
                if not phrase.startswith("-"):
                    self._signs[keys(phrase)] = sign
                    continue
                for day, part in ((fold(day), fold(phrase[1:])) for day in words.weekdays):
                    self._signs[day, part] = sign
                    self.joined[day + part] = (day, part)
        self.vocabulary = {*self.weekdays, *self._numbers, *(word for row in self._signs for word in row)}

    def weekday(self, row: Sequence[str]) -> int | None:
        """The first weekday named, 0 = Monday."""
        return next((self.weekdays[word] for word in row if word in self.weekdays), None)

    def minute(self, row: Sequence[str]) -> tuple[int | None, bool]:
        """The time of day, in minutes after midnight, and whether one is said that no clock shows."""
        if not any(word in self.vocabulary or word[:1].isdecimal() for word in row):
            return None, False
        signs = {place: self._sign(row, place) for place in range(len(row))}
        found = next((time for place in signs if (time := self._time(row, place, signs)) is not None), None)
        told = set(signs.values())
        if found is None:
            return next((minute for sign, minute in _USUAL if sign in told), None), False
        if found == _NONE:
            return None, True
        if told & _LATE and found < 720:
            return found + 720, False
        return (found - 720 if told & _EARLY and found >= 720 else found), False

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
        if place + 1 < len(row) and row[place + 1] in self._spans:
            return None
        hour_said = self.number(word)
        compact = _COMPACT.match(word) if hour_said is None else None
        if hour_said is None and not compact:
            return None
        if hour_said is not None:
            before = {signs.get(place - size, "") for size in (1, 2, 3)}
            for sign, minutes in _PARTS:
                if sign in before:
                    return _minutes(hour_said, minutes)
        after = signs.get(place + 1, "")
        minute_said = self.number(row[place + 2]) if after == "hour" and place + 2 < len(row) else None
        if hour_said is not None and minute_said is not None:
            return _minutes(hour_said, minute_said)
        named = self.weekday(row[max(0, place - 1) : place]) is not None
        if not {signs.get(place - 1, ""), after, "day" if named else ""} & _BESIDE:
            return None
        return _minutes(int(compact[1]), int(compact[2])) if compact else _minutes(hour_said or 0, 0)


def _minutes(hour: int, minute: int) -> int:
    whole = hour * 60 + minute
    return whole if 0 <= whole < 1440 and hour < 24 and minute < 60 else _NONE
