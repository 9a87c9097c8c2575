"""Which date people mean by "Friday", "3 January" or "the end of next month"."""

from __future__ import annotations

import datetime
from calendar import monthrange

from handlers.intent import SaidDay

_LONG_AWAY = 183
"""Days: who says on 25 December that they are away from 21 December to 3 January means the one that has begun."""

_MOST_YEARS = 8
"""Years until the next 29 February at most, around a year such as 2100."""


def find_day(said: SaidDay, today: datetime.date) -> datetime.date | None:
    """The date that is meant, seen from `today`, or None when no calendar has it: "31 February".

    A weekday alone is never today; "next Friday" is the Friday of next week. A day of the month may be today.
    """
    if said.weekday is not None:
        found = _weekday(said.weekday, said.ahead, today)
    elif said.days is not None:
        found = _add(today, said.days)
    elif said.day is not None:
        found = _date(said.day, said.month, said.year, said.ahead, today)
    else:
        return None
    return _add(found, -1) if found and said.before else found


def find_span(
    starts: SaidDay | None, till: SaidDay, today: datetime.date
) -> tuple[datetime.date | None, datetime.date | None]:
    """The first and the last day that are meant of an absence; no first one when it has begun.

    "Monday to Friday" ends in the week that it begins in. Where a day of the month stands alone it is the last such day
    up to the end: "from 10 to 20 August". Neither when no calendar has a day; the first alone when it is after the end.
    """
    until = find_day(till, today)
    if starts is None or until is None:
        return None, until
    if starts.day and starts.month is None and starts.ahead is None:
        month = until.replace(day=1)
        days = (_of(one.year, one.month, starts.day) for one in (month, _add(month, -1)) if one)
        first = next((day for day in days if day and day <= until), None)
    else:
        first = find_day(starts, today)
    if first is None:
        return None, None
    if starts.weekday is not None and till.weekday is not None and till.ahead is None:
        until = max(until, _add(first, (till.weekday - starts.weekday) % 7) or until)
    if first > until:
        begun = starts.year is None and starts.ahead is None and (until - _year_before(first)).days <= _LONG_AWAY
        return (None, until) if begun else (first, None)
    return first if today < first else None, until


def _year_before(day: datetime.date) -> datetime.date:
    return day - datetime.timedelta(365) if day.year > datetime.MINYEAR else day


def _weekday(weekday: int, ahead: int | None, today: datetime.date) -> datetime.date | None:
    if ahead is None:
        return _add(today, (weekday - today.weekday() - 1) % 7 + 1)
    return _add(today, weekday - today.weekday() + 7 * ahead)


def _date(
    day: int, month: int | None, year: int | None, ahead: int | None, today: datetime.date
) -> datetime.date | None:
    if year is not None:
        return _of(year, month or today.month, day)
    months = today.year * 12 + today.month - 1
    if month is not None:
        months += (month - today.month) % 12
        steps = range(0, 12 * _MOST_YEARS + 12, 12)
    else:
        steps = range(3) if ahead is None else range(ahead, ahead + 1)
    for step in steps:
        found = _of((months + step) // 12, (months + step) % 12 + 1, day)
        if found and found >= today:
            return found
    return None


def _of(year: int, month: int, day: int) -> datetime.date | None:
    """The date, with day 0 as the last of its month."""
    if year > datetime.MAXYEAR:
        return None
    last = monthrange(year, month)[1]
    return datetime.date(year, month, day or last) if day <= last else None


def _add(day: datetime.date, days: int) -> datetime.date | None:
    number = day.toordinal() + days
    return datetime.date.fromordinal(number) if 1 <= number <= datetime.date.max.toordinal() else None
