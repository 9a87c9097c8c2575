"""When a late letter may still go."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.lateness import PUNCTUAL, Quiet, goes_at, in_quiet_hours
from handlers.rhythm import Rhythm, is_free, next_due
from handlers.zones import zone
from tests.rhythms import MONDAYS, SALT, UTC, moments, rhythms

NIGHT = Quiet(20 * 60, 7 * 60)
LIMIT = datetime.timedelta(hours=12)
TUESDAY_OFF = replace(MONDAYS, away_from=datetime.date(2026, 11, 24), away_until=datetime.date(2026, 11, 24))
BERLIN = zone("Europe/Berlin")


def at(text: str) -> datetime.datetime:
    """An instant on the clock in Berlin."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("rhythm", "due", "now", "goes"),
    [
        # On time, and late by day.
        (MONDAYS, "2026-11-23 09:03", "2026-11-23 09:03", "2026-11-23 09:03"),
        (MONDAYS, "2026-11-23 09:00", "2026-11-23 19:59", "2026-11-23 19:59"),
        # Late at night: in the morning, unless that is too late.
        (replace(MONDAYS, minute=1140), "2026-11-23 19:00", "2026-11-23 22:00", "2026-11-24 07:00"),
        (replace(MONDAYS, minute=1140), "2026-11-23 19:00", "2026-11-24 02:00", "2026-11-24 07:00"),
        (MONDAYS, "2026-11-23 09:00", "2026-11-23 20:30", None),
        (MONDAYS, "2026-11-23 09:00", "2026-11-24 09:00", None),
        # A few minutes late at the edge of the quiet hours is on time.
        (replace(MONDAYS, minute=1198), "2026-11-23 19:58", "2026-11-23 20:04", "2026-11-23 20:04"),
        # Who chose the night is written to at night, also late.
        (replace(MONDAYS, minute=1380), "2026-11-23 23:00", "2026-11-23 23:00", "2026-11-23 23:00"),
        (replace(MONDAYS, minute=1380), "2026-11-23 23:00", "2026-11-24 02:00", "2026-11-24 02:00"),
        # From Friday evening it would be Monday.
        (replace(MONDAYS, weekday=4, minute=1140), "2026-11-27 19:00", "2026-11-27 21:00", None),
        (replace(MONDAYS, weekday=5), "2026-11-28 09:00", "2026-11-28 15:00", "2026-11-28 15:00"),
        # The clock was set back: not before its time.
        (MONDAYS, "2026-11-23 09:00", "2026-11-22 09:00", "2026-11-23 09:00"),
        # On Sunday they said that they are away, or want no more.
        (replace(MONDAYS, away_until=datetime.date(2026, 11, 25)), "2026-11-23 09:00", "2026-11-23 09:00", None),
        (replace(MONDAYS, paused=True), "2026-11-23 09:00", "2026-11-23 09:00", None),
        # Who is away from tomorrow on gets today's.
        (TUESDAY_OFF, "2026-11-23 09:00", "2026-11-23 09:03", "2026-11-23 09:03"),
        (replace(TUESDAY_OFF, minute=1140), "2026-11-23 19:00", "2026-11-23 21:00", None),
    ],
)
def test_when_a_letter_goes(rhythm: Rhythm, due: str, now: str, goes: str | None) -> None:
    """A letter goes on time; late it keeps out of the night and free days; too late it does not go."""
    assert goes_at(rhythm, at(due), at(now), quiet=NIGHT, limit=LIMIT) == (at(goes) if goes else None)


def test_a_longer_limit_reaches_over_the_weekend() -> None:
    """With three days' patience Friday's letter goes on Monday morning, or on Tuesday after Easter."""
    limit = datetime.timedelta(days=4)
    evening = replace(MONDAYS, weekday=4, minute=1140)
    found = goes_at(evening, at("2026-11-27 19:00"), at("2026-11-27 21:00"), quiet=NIGHT, limit=limit)
    assert found == at("2026-11-30 07:00")
    maundy = replace(MONDAYS, weekday=3, minute=1140, country="DE")
    limit = datetime.timedelta(days=6)
    found = goes_at(maundy, at("2027-03-25 19:00"), at("2027-03-25 21:00"), quiet=NIGHT, limit=limit)
    assert found == at("2027-03-30 07:00")


def test_quiet_hours_that_end_in_a_repeated_hour() -> None:
    """Where the end of the quiet hours is shown twice and has passed once, the letter waits for the second."""
    quiet = Quiet(0, 2 * 60 + 30)
    sundays = replace(MONDAYS, weekday=6)
    second = at("2026-10-25 02:10").replace(fold=1).astimezone(UTC)
    found = goes_at(sundays, second - datetime.timedelta(hours=4), second, quiet=quiet, limit=LIMIT)
    assert found == second + datetime.timedelta(minutes=20)


quiets = st.builds(Quiet, st.integers(0, 1439), st.integers(0, 1439))


@given(rhythms(), moments, quiets, st.integers(-600, 6000), st.integers(0, 4320))
def test_never_early_never_too_late(
    rhythm: Rhythm, after: datetime.datetime, quiet: Quiet, late: int, patience: int
) -> None:
    """A letter goes neither before its time nor after the limit; a late one not at night nor on a free day."""
    due = next_due(rhythm, after, salt=SALT)
    assert due
    now, limit = due.at + datetime.timedelta(minutes=late), datetime.timedelta(minutes=patience)
    found = goes_at(rhythm, due.at, now, quiet=quiet, limit=limit)
    if found is None:
        assert late > 0
        return
    assert max(now, due.at) <= found <= due.at + limit
    assert goes_at(rhythm, due.at, found, quiet=quiet, limit=limit) == found
    if found > due.at + PUNCTUAL:
        assert in_quiet_hours(quiet, due.at, rhythm.zone) or not in_quiet_hours(quiet, found, rhythm.zone)
        assert not is_free(rhythm, found.astimezone(zone(rhythm.zone)).date())


@given(quiets)
def test_quiet_hours_are_as_long_as_they_say(quiet: Quiet) -> None:
    """Quiet hours begin with their first minute, end before the last, and go over midnight where they must."""
    assert sum(minute in quiet for minute in range(1440)) == (quiet.end - quiet.start) % 1440
    assert quiet.end not in quiet
    assert (quiet.start in quiet) == (quiet.start != quiet.end)


def test_quiet_hours_are_local() -> None:
    """The same instant is night in Berlin and day in New York."""
    moment = datetime.datetime(2026, 11, 23, 20, tzinfo=UTC)
    assert in_quiet_hours(NIGHT, moment, "Europe/Berlin")
    assert not in_quiet_hours(NIGHT, moment, "America/New_York")


@pytest.mark.parametrize(("start", "end"), [(-1, 0), (0, 1440), (1440, 0), (0, -1)])
def test_impossible_quiet_hours(start: int, end: int) -> None:
    """Hours that no clock shows are refused."""
    with pytest.raises(ValueError, match="quiet hours"):
        Quiet(start, end)
