"""Rhythms to try: strategies, and a calendar walked day by day to hold them against."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterator

from hypothesis import strategies as st

from handlers.calendar import is_holiday
from handlers.rhythm import Due, Rhythm, next_due
from handlers.zones import zone

UTC = datetime.UTC
SALT = b"slack\0T1\0U1"

# Changes at midnight, half an hour, in Ramadan, on Saturday before midnight, a day that was skipped; and none at all.
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Beirut",
    "America/Havana",
    "America/Scoresbysund",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Etc/GMT+12",
)

MONDAYS = Rhythm(0, 540, "Europe/Berlin", since=datetime.date(2026, 1, 5))
FRIDAYS = Rhythm(4, 540, "Europe/Berlin", since=datetime.date(2026, 1, 5))

dates = st.dates(datetime.date(2010, 1, 1), datetime.date(2099, 12, 31))
moments = st.datetimes(datetime.datetime(2010, 1, 1), datetime.datetime(2099, 12, 31), timezones=st.just(UTC))


@st.composite
def rhythms(draw: st.DrawFn, countries: tuple[str | None, ...] = (None, "DE", "US", "JP")) -> Rhythm:
    """Any rhythm that is not paused."""
    since = draw(dates)
    away_until = draw(st.none() | st.integers(-30, 100).map(lambda days: since + datetime.timedelta(days)))
    away_from = draw(st.none() | st.integers(0, 60).map(datetime.timedelta)) if away_until else None
    return Rhythm(
        weekday=draw(st.integers(0, 6)),
        minute=draw(st.integers(0, 1439)),
        zone=draw(st.sampled_from(ZONES)),
        since=since,
        every=draw(st.integers(1, 8)),
        country=draw(st.sampled_from(countries)),
        away_until=away_until,
        window=draw(st.sampled_from((0, 5, 90, 1439))),
        away_from=away_until - away_from if away_until and away_from is not None else None,
    )


def following(rhythm: Rhythm, after: datetime.datetime, count: int, salt: bytes = SALT) -> list[Due]:
    """The next few nudges, each asked for with the one before."""
    found: list[Due] = []
    while len(found) < count and (due := next_due(rhythm, found[-1].at if found else after, salt=salt)):
        found.append(due)
    return found


def days(rhythm: Rhythm, start: datetime.date, count: int) -> list[str]:
    """The dates of the next few nudges from the beginning of a day on, as month-day."""
    after = datetime.datetime(start.year, start.month, start.day, tzinfo=zone(rhythm.zone))
    return [f"{due.day:%m-%d}" for due in following(rhythm, after, count)]


def walk(rhythm: Rhythm) -> Iterator[datetime.date]:
    """The dates of the nudges, found by walking through the calendar a day at a time."""
    day, owed, week = rhythm.since, False, None
    while True:
        if day.weekday() == 0 and week is not None:
            week = (week + 1) % rhythm.every
        if day.weekday() == 0 and week == 0:
            owed = False
        if day.weekday() == rhythm.weekday and week in {None, 0}:
            owed, week = True, 0
        away = rhythm.away_until is not None and day <= rhythm.away_until
        away = away and not (rhythm.away_from is not None and day < rhythm.away_from)
        weekend = day.weekday() > 4 and day.weekday() != rhythm.weekday
        holiday = rhythm.country is not None and is_holiday(day, rhythm.country)
        if owed and not (away or weekend or holiday):
            owed = False
            yield day
        day += datetime.timedelta(days=1)


def minutes_of(zone: str, day: datetime.date) -> dict[datetime.datetime, datetime.datetime]:
    """What the clock of a zone shows around a day, as {time on the clock: the first minute in UTC that shows it}.

    Times that the clock skips are there too, each as long after the last shown before as the clock would need for it.
    """
    place = zoneinfo.ZoneInfo(zone)
    start = datetime.datetime(day.year, day.month, day.day, tzinfo=UTC) - datetime.timedelta(days=2)
    minute = datetime.timedelta(minutes=1)
    shown: dict[datetime.datetime, datetime.datetime] = {}
    before: datetime.datetime | None = None
    for number in range(5 * 1440):
        moment = start + number * minute
        wall = moment.astimezone(place).replace(tzinfo=None, fold=0)
        if before is not None:
            for skipped in range(1, (wall - before) // minute):
                shown[before + skipped * minute] = moment + (skipped - 1) * minute
        shown.setdefault(wall, moment)
        before = wall
    return shown
