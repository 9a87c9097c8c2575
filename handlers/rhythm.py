"""When a person's weekly nudge falls due: worked out from the local date, never by adding hours."""

from __future__ import annotations

import datetime
import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from handlers.calendar import is_country, is_holiday, is_weekend
from handlers.zones import instant, is_zone, zone

DAY = 24 * 60
MOST_WEEKS = 8
LEAST_WINDOW = 5
HALVED_AFTER, PAUSED_AFTER = 2, 4
"""How many nudges without a reaction halve the frequency, and how many end it."""

ENOUGH_SLOTS = 60
"""Slots looked at: where not one is free for so long, there is no next nudge."""

END = datetime.date(9999, 10, 1).toordinal()
"""Nothing is due after that; an absence may be as long as a calendar goes."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The day and hour that a person chose for their nudge. Every wrong value is a ValueError.

    `weekday` counts from 0 = Monday, `minute` from midnight on the clock of `zone` (an IANA name). `since` is the
    first day that may have a nudge, and with it the beginning of "every two weeks". `country` (ISO 3166-1 alpha-2)
    is whose public holidays are kept, `away_until` the last day of an absence and `away_from` its first; without that
    it has begun. Within `window` minutes from `minute` each person has an instant of their own; they are told the
    window.

    A chosen time stands, also late in the evening or on a Saturday: quiet hours and weekends bind only what the
    coach moves by itself, so they are no fields here (see `handlers.lateness` and `is_free`).
    """

    weekday: int
    minute: int
    zone: str
    since: datetime.date
    every: int = 1
    country: str | None = None
    away_until: datetime.date | None = None
    paused: bool = False
    window: int = LEAST_WINDOW
    away_from: datetime.date | None = None

    def __post_init__(self) -> None:
        # One is made of every row that is planned, so what is right must not take long.
        if not (0 <= self.weekday < 7 and 0 <= self.minute < DAY > self.window >= 0 and 0 < self.every <= MOST_WEEKS):
            raise ValueError(self._fault())
        if not is_zone(self.zone):
            raise ValueError(f"no such time zone: {self.zone!r}")
        if self.country is not None and not is_country(self.country):
            raise ValueError(f"no such country: {self.country!r}")
        if self.away_from is not None and (self.away_until is None or self.away_from > self.away_until):
            raise ValueError(f"away_from is {self.away_from}, after the end of the absence, {self.away_until}")

    def _fault(self) -> str:
        """The number that is none."""
        limits = {"weekday": (0, 6), "minute": (0, DAY - 1), "every": (1, MOST_WEEKS), "window": (0, DAY - 1)}
        return next(
            f"{name} is {getattr(self, name)}, not {least} to {most}"
            for name, (least, most) in limits.items()
            if not least <= getattr(self, name) <= most
        )


@dataclass(frozen=True, slots=True)
class Due:
    """A nudge to come: the local date it is for, the person's own instant, and the window they are told, in UTC.

    `day` is what makes it this nudge and no other: the date of `at` may be another one, where a clock skips midnight.
    """

    day: datetime.date
    at: datetime.datetime
    opens: datetime.datetime
    closes: datetime.datetime


def next_due(rhythm: Rhythm, after: datetime.datetime, *, salt: bytes, last: datetime.date | None = None) -> Due | None:
    """The first nudge due after an instant, or None when there is none; `salt` is what `spread` goes by.

    A nudge that falls on a free day comes on the next working day at the same time, as long as the week of the
    nudge after it has not begun; otherwise it is left out. `last` is the date of the latest nudge: there is no
    other in the same week (Monday to Sunday), whatever the person changes meanwhile.
    """
    if after.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    if rhythm.paused:
        return None
    today = after.astimezone(zone(rhythm.zone)).date()
    for start in _starts(rhythm, max(today, last or today)):
        for day in _days(rhythm, start):
            if last is None or _week(day) > _week(last):
                due = due_on(rhythm, day, salt)
                if due.at > after:
                    return due
    return None


def snoozed(rhythm: Rhythm, now: datetime.datetime, days: int, *, salt: bytes) -> Due | None:
    """When a nudge that is put off comes again: at the usual time, on the first working day so many days on."""
    today = now.astimezone(zone(rhythm.zone)).date()
    starts = (start.toordinal() for start in _starts(rhythm, today + datetime.timedelta(days)))
    days_on = (day for start in starts for day in range(start, min(start + ENOUGH_SLOTS, END)))
    day = next((day for day in map(datetime.date.fromordinal, days_on) if not is_free(rhythm, day)), None)
    return due_on(rhythm, day, salt) if day else None


def is_away(rhythm: Rhythm, day: datetime.date) -> bool:
    """Whether a day lies in the absence that the person announced."""
    return rhythm.away_until is not None and (rhythm.away_from or day) <= day <= rhythm.away_until


def is_free(rhythm: Rhythm, day: datetime.date) -> bool:
    """Whether the person is left alone on that day: away, a public holiday, or a weekend that they did not choose."""
    return (
        is_away(rhythm, day)
        or (day.weekday() != rhythm.weekday and is_weekend(day, rhythm.country))
        or (rhythm.country is not None and is_holiday(day, rhythm.country))
    )


def spread(salt: bytes, window: int) -> datetime.timedelta:
    """A person's own offset in a window of minutes: always the same, in whole seconds, and even over many people.

    In a wider window it is later in proportion, so a workspace that grows keeps its order.
    """
    share = int.from_bytes(hashlib.blake2b(salt, digest_size=8).digest(), "big")
    return datetime.timedelta(seconds=share * window * 60 >> 64)


def window_for(people: int, per_minute: float) -> int:
    """How many minutes a workspace needs to write to so many people at one hour, in steps of five."""
    return min(DAY // 2, max(1, math.ceil(people / (per_minute * LEAST_WINDOW))) * LEAST_WINDOW)


def first_day(now: datetime.datetime, minute: int, name: str) -> datetime.date:
    """The `since` of a rhythm that is chosen now: today, or tomorrow when the hour has passed today."""
    today = now.astimezone(zone(name)).date()
    return today if instant(today, minute, zone(name)) > now else today + datetime.timedelta(days=1)


def after_ignored(rhythm: Rhythm, ignored: int, on: datetime.date) -> Rhythm:
    """The rhythm to go on with after so many nudges in a row without a reaction, counted from the nudge of `on`.

    It is worked out from the rhythm that the person chose, which stays as it is: any reaction brings it back.
    """
    if ignored >= PAUSED_AFTER:
        return replace(rhythm, paused=True)
    if ignored >= HALVED_AFTER:
        chosen = on - datetime.timedelta((on.weekday() - rhythm.weekday) % 7)  # `on` may be a day it was moved to
        return replace(rhythm, every=min(2 * rhythm.every, MOST_WEEKS), since=chosen)
    return rhythm


def is_fresh_start(day: datetime.date, previous: datetime.date | None) -> bool:
    """Whether a nudge is the first of its month and so the time for a new milestone; the very first is one anyway."""
    return previous is not None and (day.year, day.month) > (previous.year, previous.month)


def _starts(rhythm: Rhythm, day: datetime.date) -> Iterator[datetime.date]:
    """The days from which a nudge is looked for: an absence may be longer than one looks on, so its end is another."""
    if rhythm.away_from and rhythm.away_from > day:
        yield day
    yield max(day, rhythm.away_until or day)


def _days(rhythm: Rhythm, start: datetime.date) -> Iterator[datetime.date]:
    """The dates of the nudges, from the last one planned up to `start` on."""
    step = 7 * rhythm.every
    first = rhythm.since.toordinal() + (rhythm.weekday - rhythm.since.weekday()) % 7
    start_slot = first + max(0, (start.toordinal() - first) // step) * step
    for slot in islice(range(start_slot, END, step), ENOUGH_SLOTS):
        next_monday = slot - (slot - 1) % 7 + step  # day 1 of the calendar is a Monday
        for day in map(datetime.date.fromordinal, range(slot, next_monday)):
            if not is_free(rhythm, day):
                yield day
                break


def _week(day: datetime.date) -> int:
    return (day.toordinal() - 1) // 7


def due_on(rhythm: Rhythm, day: datetime.date, salt: bytes) -> Due:
    """The nudge of a local date, whether or not the rhythm has one there."""
    window = min(rhythm.window, DAY - rhythm.minute)  # no window goes on into the next day
    opens = instant(day, rhythm.minute, zone(rhythm.zone))
    return Due(day, opens + spread(salt, window), opens, opens + datetime.timedelta(minutes=window))
