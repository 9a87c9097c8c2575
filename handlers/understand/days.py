"""Days, spans and rhythms from words: "until 3 January", "for two weeks", "every other Friday"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from content.words import Words
from handlers.intent import SaidDay
from handlers.understand.clean import fold, keys
from handlers.understand.clock import Clock
from handlers.understand.reading import Reading

_MOST_DAYS = 365
_MOST_WEEKS = 999
_WEEK, _MONTH, _YEAR = 7, 30, 365
_NEARBY = 3
_LONGEST_MARK = 4
_LAST_DAY, _CENTURY = 20, 2000
_DAYS_IN = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_JOINED = re.compile(r"^(\d{1,2})\.(\d{2})$")
_SEPARATORS = frozenset({".", "/"})
_BOUNDS = frozenset({"until", "before", "from", "on"})
_ENDS = frozenset({"until", "before"})
_STARTS = frozenset({"from", "begin"})
_NEAR = {"today": 0, "tomorrow": 1, "overmorrow": 2}
_COUNTS = {"one": 1, "two": 2, "few": 3}
_OFTEN = frozenset({"daily", "twice", "times"})
_NO_MARK = ("", 0)

Marks = Mapping[int, tuple[str, int]]
"""Where the marks of the calendar stand, and how many words each has."""


class Said(NamedTuple):
    """What was said of a day: the day, or that it is one that no calendar has; `until` when it ends something."""

    day: SaidDay | None = None
    odd: bool = False
    until: bool = False


class _Told(NamedTuple):
    """A day that was read, or none where no calendar has it, and the place after it."""

    day: SaidDay | None
    after: int


class Days:
    """The words of the calendar in all languages."""

    def __init__(self, languages: Iterable[Words], clock: Clock) -> None:
        self._clock = clock
        self._months: dict[str, int] = {}
        self._spans: dict[str, int] = {}
        self._marks: dict[tuple[str, ...], str] = {}
        for words in languages:
            self._months |= {fold(name): month for name, month in words.months.items()}
            self._spans |= {fold(name): days for name, days in words.spans.items()}
            self._marks |= {keys(phrase): mark for phrase, mark in words.calendar.items()}
        marks = {word for row in self._marks for word in row}
        self.names = frozenset({*self._months, *self._spans, *clock.weekdays})
        """Towards which a typo may be repaired."""
        self.vocabulary = frozenset({*self._months, *self._spans, *marks})

    def every(self, row: Sequence[str]) -> tuple[int | None, bool]:
        """The number of weeks from one time to the next, and whether it is more often than that."""
        marks = self._marked(row)
        for place, (mark, size) in marks.items():
            number, at = self._number(row, place + size, marks)
            span = self._spans.get(row[at]) if at < len(row) else None
            if mark == "fortnightly":
                return 2, False
            if mark == "monthly":
                return 4, False
            if mark == "every" and marks.get(at, _NO_MARK)[0] == "moment":
                return None, True
            if mark in _OFTEN and (told := self._often(row, place, mark)):
                return told
            if mark == "weekly" and place and (weeks := self._clock.number(row[place - 1])) is not None:
                return weeks, False
            if mark == "once":
                while (
                    at < len(row)
                    and span is None
                    and at < place + size + _NEARBY
                    and marks.get(at, _NO_MARK)[0] != "every"
                ):
                    at += 1
                    span = self._spans.get(row[at]) if at < len(row) else None
            if mark in ("every", "once") and span:
                weeks, rest = divmod((1 if number is None else number) * span, _WEEK)
                often = 0 < (1 if number is None else number) * span < _WEEK or (span == 1 and rest > 0)
                return (None, True) if often else (min(weeks, _MOST_WEEKS), False)
            named = at < len(row) and self._clock.weekday(row[at : at + 1]) is not None
            if mark == "every" and named and number is not None and number != 1:
                return min(number, _MOST_WEEKS), False
        return None, False

    def inside(self, row: Sequence[str]) -> list[int]:
        """The places right behind the word "in"; others that tell the same of a span are not said of a place."""
        return [place + 1 for place, (mark, _) in self._marked(row).items() if row[place] == mark == "in"]

    def momentary(self, row: Sequence[str]) -> bool:
        """Whether minutes or hours are spoken of as spans: "every two hours"."""
        return any(mark == "moment" for mark, _ in self._marked(row).values())

    def _often(self, row: Sequence[str], place: int, mark: str) -> tuple[int | None, bool] | None:
        """What follows from "daily", "twice a week", "three times a month"."""
        if mark == "daily":
            return None, True
        number = 2 if mark == "twice" else self._clock.number(row[place - 1]) if place else None
        span = next((self._spans[word] for word in row[place + 1 : place + 4] if word in self._spans), None)
        if not (number and span):
            return None
        weeks = span // _WEEK // number
        return (weeks, False) if weeks else (None, True)

    def length(self, row: Sequence[str]) -> tuple[int | None, bool]:
        """How many days a span has that is said, and whether it is one that cannot be, such as none at all."""
        marks = self._marked(row)
        before = {place + size: (place, _COUNTS[mark]) for place, (mark, size) in marks.items() if mark in _COUNTS}
        for place, word in enumerate(row):
            span = self._spans.get(word)
            start, count = before.get(place, (place - 1, None))
            if count is None and place:
                count = int(row[start][:6]) if row[start].isdecimal() else self._clock.number(row[start])
            if span and count is not None and not self._repeats(start, marks):
                return (count * span, False) if 0 < count * span <= _MOST_DAYS else (None, True)
        return None, False

    def day(self, reading: Reading, *, begins: bool) -> Said:
        """The day that is said: what stands after "until", or else the last one.

        Of a whole week or month it is the day before it when something `begins` then, otherwise its end.
        """
        row = [part.key for part in reading.parts]
        marks = self._marked(row)
        found = Said()
        for place in range(len(row)):
            mark, size = marks.get(place, _NO_MARK)
            if mark in (_BOUNDS if begins else _ENDS):
                start = self._skip(row, place + size, reading.fillers, marks)
                told = self._day(reading, row, start, marks, begins=True, bounded=True)
                if told is None:
                    found = Said(odd=True, until=True) if mark == "until" else found
                elif told[0] is None or mark == "until":
                    return Said(told[0], told[0] is None, until=True)
                else:
                    return Said(told[0].model_copy(update={"before": True}))
        if found.odd:
            return found
        count = after = 0
        for place in range(len(row)):
            if place < after:
                continue
            if told := self._day(reading, row, place, marks, begins=begins, bounded=False):
                count, after = count + 1, told.after
                found = Said(told.day, told.day is None)
        span = count > 1 and any(mark in _STARTS for mark, _ in marks.values())  # "from 3 to 5 January"
        return found._replace(until=span)

    def start(self, reading: Reading, *, bounded: bool) -> Said:
        """The first day of an absence: what stands after "from", or the beginning of a whole week or month.

        No day when it has begun, and for a whole one that is `bounded`: "until next week" tells when it ends.
        """
        row = [part.key for part in reading.parts]
        marks = self._marked(row)
        for place, (mark, size) in marks.items():
            if mark in _STARTS:
                at = self._skip(row, place + size, reading.fillers, marks)
                told = self._day(reading, row, at, marks, begins=True, bounded=True)
                if told:
                    return _begin(told.day)
        for place in () if bounded else range(len(row)):
            told = self._day(reading, row, place, marks, begins=True, bounded=False)
            if told and told.day and told.day.before and marks.get(place, _NO_MARK)[0] != "yesterday":
                return _begin(told.day)
        return Said()

    def _day(
        self, reading: Reading, row: Sequence[str], place: int, marks: Marks, *, begins: bool, bounded: bool
    ) -> _Told | None:
        """The day that begins at a place; None when there is none.

        `bounded` means that it stands after "until": there a month or a number alone is a day, too.
        """
        if place >= len(row):
            return None
        mark, size = marks.get(place, _NO_MARK)
        if mark in _NEAR:
            return _Told(SaidDay(days=_NEAR[mark]), place + size)
        if mark == "yesterday":
            return _Told(SaidDay(days=0, before=True), place + size)
        if mark == "end":
            return self._end(reading, row, place + size, marks)
        ahead = {"next": 1, "this": 0}.get(mark)
        at = place if ahead is None else place + size
        if at >= len(row):
            return None
        if marks.get(at, _NO_MARK)[0] == "weekend":
            return _Told(SaidDay(weekday=6, ahead=ahead or 0), at + 1)
        span = self._spans.get(row[at])
        if ahead is not None and span in (_WEEK, _MONTH, _YEAR):
            return _Told(_whole(span, ahead, begins=begins and ahead > 0), at + 1)
        weekday = self._clock.weekday(row[at : at + 1])
        if weekday is not None:
            after = self._skip(row, at + 1, reading.fillers, marks)
            clock = after < len(row) and not bounded and _JOINED.match(row[after])  # "Wednesday 7.30"
            dated = None if clock else self._date(reading, row, after)
            return dated or _Told(SaidDay(weekday=weekday, ahead=self._weeks_on(row, at + 1, ahead, marks)), at + 1)
        dated = self._date(reading, row, at)
        if dated and (dated.day or bounded or not _JOINED.match(row[at])):
            return dated
        month = self._months.get(row[at])
        if month and (bounded or ahead is not None or _ends("in", at, marks)):
            return _Told(SaidDay(day=1 if begins else 0, month=month, before=begins), at + 1)
        number = self._number_of_day(row[at]) if bounded else None
        if number is not None and not (at + 1 < len(row) and row[at + 1] in self._spans):
            return _Told(SaidDay(day=number) if 1 <= number <= 31 else None, at + 1)
        return None

    def _end(self, reading: Reading, row: Sequence[str], place: int, marks: Marks) -> _Told | None:
        """The end of a week, a month or a year: "the end of next month", "Ende August"."""
        ahead = 0
        for at in range(place, min(place + _LONGEST_MARK, len(row))):
            word = row[at]
            if month := self._months.get(word):
                return _Told(SaidDay(day=0, month=month), at + 1)
            if span := self._spans.get(word):
                return _Told(_whole(span, ahead, begins=False), at + 1)
            if marks.get(at, _NO_MARK)[0] == "next":
                ahead = 1
            elif word not in reading.fillers:
                return None
        return None

    def _weeks_on(self, row: Sequence[str], place: int, ahead: int | None, marks: Marks) -> int | None:
        """How many weeks on a weekday is meant: "Friday next week", "Friday in two weeks"."""
        for at in range(place, min(place + 3, len(row))):
            mark = marks.get(at, _NO_MARK)[0]
            unit = self._spans.get(row[at + 1]) if at + 1 < len(row) else None
            number = self._clock.number(row[at])
            if mark == "next" and unit == _WEEK:
                return 1
            if number and unit == _WEEK:
                return number
        return ahead

    def _date(self, reading: Reading, row: Sequence[str], place: int) -> _Told | None:
        """A day and a month, with or without a year, in words or in figures."""
        if place >= len(row):
            return None
        word, after = row[place], row[place + 1] if place + 1 < len(row) else ""
        if joined := _JOINED.match(word):
            return self._checked(row, int(joined[1]), int(joined[2]), place + 1)
        if month := self._months.get(word):
            at = self._skip(row, place + 1, reading.fillers, {})
            number = self._number_of_day(row[at]) if at < len(row) else None
            return None if number is None else self._checked(row, number, month, at + 1)
        if len(word) == 4 and word.isdecimal():  # 2027-01-03
            figures = row[place + 1 : place + 3]
            whole = len(figures) == 2 and all(map(str.isdecimal, figures))
            return self._checked(row, int(figures[1]), int(figures[0]), place) if whole else None
        if (number := self._number_of_day(word)) is None:
            return None
        at = place + 2 if after in reading.fillers and after not in self._months else place + 1
        if at < len(row) and (month := self._months.get(row[at])):
            return self._checked(row, number, month, at + 1)
        between = reading.between(place + 1)
        if between == "." and (joined := _JOINED.match(after)):  # 3.1.27
            return self._checked(["", joined[2]], number, int(joined[1]), 1)
        if after.isdecimal() and between.strip() in _SEPARATORS:
            month = int(after)
            if between == "/" and month > 12 >= number:
                number, month = month, number
            return self._checked(row, number, month, place + 2)
        return None

    def _checked(self, row: Sequence[str], day: int, month: int, place: int) -> _Told:
        """The day with the year that stands at a place, or none where no calendar has it."""
        word = row[place] if place < len(row) else ""
        year = int(word) if word.isdecimal() and len(word) == 4 else None
        if word.isdecimal() and len(word) == 2 and int(word) > _LAST_DAY:
            year = _CENTURY + int(word)
        if not (1 <= month <= 12 and 1 <= day <= _DAYS_IN[month - 1]) or (year and not 1970 <= year <= 9998):
            return _Told(None, place)
        return _Told(SaidDay(day=day, month=month, year=year), place + (year is not None))

    def _number_of_day(self, word: str) -> int | None:
        if word.isdecimal():
            return int(word) if len(word) < 3 else None
        return self._clock.ordinal(word)

    def _number(self, row: Sequence[str], place: int, marks: Marks) -> tuple[int | None, int]:
        """The number, or the place in a row, that stands at a place, and the place after it."""
        if place >= len(row):
            return None, place
        word, mark = row[place], marks.get(place, _NO_MARK)[0]
        if mark in _COUNTS:
            return _COUNTS[mark], place + marks[place][1]
        if word.isdecimal():
            return int(word[:6]), place + 1
        number = self._clock.number(word)
        if number is None:
            number = self._clock.ordinal(word)
        return number, place + (number is not None)

    def _repeats(self, place: int, marks: Marks) -> bool:
        """Whether a number belongs to "every", "once a" or "twice a"."""
        near = (marks.get(at, _NO_MARK)[0] for at in range(max(0, place - 2), place))
        return any(mark in ("every", "once", "twice", "times") for mark in near)

    def _skip(self, row: Sequence[str], place: int, fillers: frozenset[str], marks: Marks) -> int:
        """The place after articles and the like."""
        while place < len(row) and row[place] in fillers and place not in marks and row[place] not in self._spans:
            if row[place] in self._months or self._clock.is_place(row[place]):
                break
            place += 1
        return place

    def _marked(self, row: Sequence[str]) -> dict[int, tuple[str, int]]:
        """The marks in a row of words: where each begins, and how many words it has."""
        marks: dict[int, tuple[str, int]] = {}
        place = 0
        while place < len(row):
            for size in range(min(_LONGEST_MARK, len(row) - place), 0, -1):
                if mark := self._marks.get(tuple(row[place : place + size])):
                    marks[place] = mark, size
                    place += size - 1
                    break
            place += 1
        return marks


def _begin(day: SaidDay | None) -> Said:
    """A first day, or that no calendar has it."""
    return Said(day.model_copy(update={"before": False})) if day else Said(odd=True)


def _ends(mark: str, place: int, marks: Marks) -> bool:
    """Whether a mark stands right before a place."""
    return any(start + size == place for start, (other, size) in marks.items() if other == mark)


def _whole(span: int, ahead: int, *, begins: bool) -> SaidDay | None:
    """The end of a week, a month or a year, or the day before it when something begins then."""
    if span == _WEEK:
        return SaidDay(weekday=0 if begins else 6, ahead=ahead, before=begins)
    if span == _MONTH:
        return SaidDay(day=1 if begins else 0, ahead=ahead, before=begins)
    if span == _YEAR:
        return SaidDay(day=1 if begins else 31, month=1 if begins else 12, before=begins)
    return SaidDay(days=ahead)
