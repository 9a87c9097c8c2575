"""A day as people say it becomes the date they mean."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.intent import AskNudges, SaidDay, pack, unpack
from handlers.when import find_day, find_span

WEDNESDAY = datetime.date(2026, 12, 16)
TODAYS = st.dates(datetime.date(1970, 1, 1), datetime.date(9000, 1, 1))


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ({"weekday": 4}, "2026-12-18"),
        ({"weekday": 2}, "2026-12-23"),
        ({"weekday": 0}, "2026-12-21"),
        ({"weekday": 0, "before": True}, "2026-12-20"),
        ({"weekday": 4, "ahead": 1}, "2026-12-25"),
        ({"weekday": 6, "ahead": 0}, "2026-12-20"),
        ({"day": 3, "month": 1}, "2027-01-03"),
        ({"day": 16, "month": 12}, "2026-12-16"),
        ({"day": 15, "month": 12}, "2027-12-15"),
        ({"day": 15, "month": 8, "year": 2027}, "2027-08-15"),
        ({"day": 15}, "2027-01-15"),
        ({"day": 20}, "2026-12-20"),
        ({"day": 0, "ahead": 0}, "2026-12-31"),
        ({"day": 0, "ahead": 2}, "2027-02-28"),
        ({"day": 0, "month": 2}, "2027-02-28"),
        ({"day": 1, "ahead": 1, "before": True}, "2026-12-31"),
        ({"day": 29, "month": 2}, "2028-02-29"),
        ({"day": 30, "month": 2}, None),
        ({"day": 31, "ahead": 2}, None),
        ({"day": 29, "month": 2, "year": 2027}, None),
        ({"days": 1}, "2026-12-17"),
        ({}, None),
    ],
)
def test_a_day_is_found_from_today(said: dict[str, Any], date: str | None) -> None:
    """Seen from a Wednesday in December, each day as it is said is one date, or none."""
    assert find_day(SaidDay(**said), WEDNESDAY) == (datetime.date.fromisoformat(date) if date else None)


@given(TODAYS, st.integers(0, 6))
def test_a_weekday_is_within_a_week_and_never_today(today: datetime.date, weekday: int) -> None:
    """A weekday alone is the next one after today."""
    found = find_day(SaidDay(weekday=weekday), today)
    assert found is not None
    assert found.weekday() == weekday
    assert 1 <= (found - today).days <= 7


@given(TODAYS, st.integers(0, 31), st.none() | st.integers(1, 12))
def test_a_day_of_a_month_is_the_next_one(today: datetime.date, day: int, month: int | None) -> None:
    """A day of a month is today or later, and no other such day lies between."""
    found = find_day(SaidDay(day=day, month=month), today)
    if found is None:
        assert (day, month) in {(30, 2), (31, 2), (31, 4), (31, 6), (31, 9), (31, 11)}
        return
    assert found >= today
    between = (today + datetime.timedelta(days) for days in range(min((found - today).days, 400)))
    for other in between:
        last = (other + datetime.timedelta(1)).month != other.month
        assert not ((other.day == day or (day == 0 and last)) and month in (None, other.month))


SAID = st.builds(
    SaidDay,
    weekday=st.none() | st.integers(0, 6),
    day=st.none() | st.integers(0, 31),
    month=st.none() | st.integers(1, 12),
    year=st.none() | st.integers(1970, 9998),
    days=st.none() | st.integers(0, 999),
    ahead=st.none() | st.integers(0, 99),
    before=st.booleans(),
)


@given(st.dates(), SAID)
def test_whatever_is_said_raises_nothing(today: datetime.date, said: SaidDay) -> None:
    """Every day that can be said has a date or none, also at the ends of the calendar; a button can carry it."""
    find_day(said, today)
    wish = AskNudges(wish="pause", till=said)
    assert unpack(pack(wish)) == wish


@pytest.mark.parametrize(
    ("today", "starts", "till", "span"),
    [
        ("2026-08-01", SaidDay(day=10), SaidDay(day=20, month=8), ("2026-08-10", "2026-08-20")),
        ("2026-08-12", SaidDay(day=10), SaidDay(day=20, month=8), (None, "2026-08-20")),
        ("2026-08-01", SaidDay(day=28), SaidDay(day=3, month=9), ("2026-08-28", "2026-09-03")),
        ("2026-12-20", SaidDay(day=28, month=12), SaidDay(day=3, month=1), ("2026-12-28", "2027-01-03")),
        ("2027-01-02", SaidDay(day=28, month=12), SaidDay(day=3, month=1), (None, "2027-01-03")),
        # A Thursday: from Monday on is next week, and so is its Friday.
        ("2026-11-26", SaidDay(weekday=0), SaidDay(weekday=4), ("2026-11-30", "2026-12-04")),
        ("2026-11-26", None, SaidDay(weekday=4), (None, "2026-11-27")),
        ("2026-11-26", SaidDay(day=30, month=2), SaidDay(day=20, month=8), (None, None)),
        ("2026-11-26", SaidDay(day=21, month=12), SaidDay(day=21, month=12), ("2026-12-21", "2026-12-21")),
        ("2026-11-26", SaidDay(days=0), SaidDay(days=0), (None, "2026-11-26")),
        # Over before it begins: the first day alone.
        ("2026-11-26", SaidDay(day=10, month=1), SaidDay(day=3, month=1), ("2027-01-10", None)),
        ("2026-11-26", SaidDay(day=21, month=12, year=2026), SaidDay(day=3, month=1, year=2026), ("2026-12-21", None)),
        ("2026-11-26", SaidDay(day=31), SaidDay(day=30, month=2), (None, None)),
    ],
)
def test_an_absence_has_a_beginning(
    today: str, starts: SaidDay | None, till: SaidDay, span: tuple[str | None, str | None]
) -> None:
    """The first day of an absence is found from its end; where it has begun, or cannot, there is none."""
    found = find_span(starts, till, datetime.date.fromisoformat(today))
    assert tuple(day and day.isoformat() for day in found) == span


@given(TODAYS, SAID, SAID)
def test_an_absence_never_ends_before_it_begins(today: datetime.date, starts: SaidDay, till: SaidDay) -> None:
    """Whatever is said, the first day lies ahead and not behind the last one; one that does has none."""
    first, until = find_span(starts, till, today)
    assert first is None or until is None or today < first <= until
