"""When the weekly nudge falls due: weeks, free days, changes of mind, frequency and spread."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import replace
from itertools import islice, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.rhythm import (
    Rhythm,
    after_ignored,
    first_day,
    is_free,
    is_fresh_start,
    next_due,
    snoozed,
    spread,
    window_for,
)
from handlers.zones import zone
from tests.rhythms import FRIDAYS, MONDAYS, SALT, UTC, ZONES, dates, days, following, moments, rhythms, walk

date = datetime.date


@given(rhythms(), moments)
def test_the_same_days_as_in_a_calendar(rhythm: Rhythm, after: datetime.datetime) -> None:
    """The dates are those found by walking through a calendar a day at a time."""
    start = datetime.datetime(rhythm.since.year, rhythm.since.month, rhythm.since.day, tzinfo=zone(rhythm.zone))
    found = following(rhythm, start - datetime.timedelta(days=1), 6)
    assert [due.day for due in found] == list(islice(walk(rhythm), 6))


@given(rhythms(), moments, st.binary(max_size=20))
def test_later_and_later(rhythm: Rhythm, after: datetime.datetime, salt: bytes) -> None:
    """Nudges come after what is asked, one a local date and a week, and each lies in the window that is told."""
    found = following(rhythm, after, 5, salt)
    assert len(found) == 5
    assert found == following(rhythm, after, 5, salt)
    assert after < found[0].at
    assert all(one.at < two.at and one.day < two.day for one, two in pairwise(found))
    assert len({due.day.isocalendar()[:2] for due in found}) == 5
    for due in found:
        assert due.at.tzinfo is UTC
        assert due.opens <= due.at <= due.closes
        assert due.closes - due.opens <= datetime.timedelta(minutes=rhythm.window)
        assert not is_free(rhythm, due.day)


@given(rhythms(countries=(None,)), moments)
def test_exactly_so_many_weeks(rhythm: Rhythm, after: datetime.datetime) -> None:
    """Without free days the dates are exactly `every` weeks apart, on the chosen weekday."""
    found = following(replace(rhythm, away_until=None, away_from=None), after, 6)
    assert {due.day.weekday() for due in found} == {rhythm.weekday}
    assert {(two.day - one.day).days for one, two in pairwise(found)} == {7 * rhythm.every}


@given(rhythms(), moments, moments)
def test_never_back(rhythm: Rhythm, one: datetime.datetime, two: datetime.datetime) -> None:
    """Whoever asks later hears the same nudge or a later one; just before a nudge it is still that one."""
    sooner, later = next_due(rhythm, min(one, two), salt=SALT), next_due(rhythm, max(one, two), salt=SALT)
    assert sooner
    assert later
    assert sooner.at <= later.at
    assert next_due(rhythm, sooner.at - datetime.timedelta(microseconds=1), salt=SALT) == sooner
    if sooner.at > max(one, two):
        assert sooner == later


@given(rhythms(), moments, st.integers(0, 400), st.integers(0, 400))
def test_an_absence_later_on_leaves_what_comes_before_it_alone(
    rhythm: Rhythm, after: datetime.datetime, ahead: int, length: int
) -> None:
    """The nudges before an absence are those that come without one; in it there is none; behind it they go on."""
    here = replace(rhythm, away_until=None, away_from=None)
    first = after.astimezone(zone(rhythm.zone)).date() + datetime.timedelta(days=ahead)
    until = first + datetime.timedelta(days=length)
    found = [due.day for due in following(replace(here, away_from=first, away_until=until), after, 8)]
    usual = [due.day for due in following(here, after, 8)]
    assert len(found) == 8
    assert [day for day in found if day < first] == [day for day in usual if day < first]
    assert not any(first <= day <= until for day in found)
    assert {day for day in usual if until < day <= found[-1]} <= set(found)
    back = following(replace(here, away_until=until), after, 9)
    assert {day for day in found if day > until} <= {due.day for due in back}


@given(rhythms(countries=(None, "DE")), moments, st.integers(0, 60), st.integers(0, 30), st.integers(0, 400))
def test_what_is_put_off_keeps_out_of_an_absence(
    rhythm: Rhythm, after: datetime.datetime, days_on: int, ahead: int, length: int
) -> None:
    """A nudge that is put off comes on the first day from then on that is not free, before an absence or behind it."""
    today = after.astimezone(zone(rhythm.zone)).date()
    first = today + datetime.timedelta(days=ahead)
    away = replace(rhythm, away_from=first, away_until=first + datetime.timedelta(days=length))
    due = snoozed(away, after, days_on, salt=SALT)
    assert due
    between = range((today + datetime.timedelta(days=days_on)).toordinal(), due.day.toordinal())
    assert not is_free(away, due.day)
    assert all(is_free(away, date.fromordinal(day)) for day in between)


@given(rhythms(), moments, st.sampled_from(ZONES), st.integers(0, 6), st.integers(0, 1439))
def test_a_change_of_mind_gives_no_second_nudge_in_a_week(
    rhythm: Rhythm, after: datetime.datetime, name: str, weekday: int, minute: int
) -> None:
    """Whatever is changed after a nudge, the next one is in a later week; nothing changed, it is the same next one."""
    sent = next_due(rhythm, after, salt=SALT)
    assert sent
    changed = replace(rhythm, zone=name, weekday=weekday, minute=minute, every=1, since=sent.day)
    due = next_due(changed, sent.at, salt=SALT, last=sent.day)
    assert due
    assert due.day.isocalendar()[:2] > sent.day.isocalendar()[:2]
    assert next_due(rhythm, sent.at, salt=SALT, last=sent.day) == next_due(rhythm, sent.at, salt=SALT)


def test_another_zone_moves_the_instant() -> None:
    """Who moves to New York is written to at nine there, the same day."""
    after = datetime.datetime(2026, 11, 22, tzinfo=UTC)
    there = next_due(replace(MONDAYS, zone="America/New_York"), after, salt=b"")
    here = next_due(MONDAYS, after, salt=b"")
    assert here
    assert there
    assert here.day == there.day == date(2026, 11, 23)
    assert there.opens - here.opens == datetime.timedelta(hours=6)


def test_every_two_weeks_begins_with_the_first_such_day() -> None:
    """ "Every two weeks on Mondays", said on a Wednesday, begins next Monday and keeps its weeks over the new year."""
    rhythm = replace(MONDAYS, every=2, since=date(2026, 12, 2))
    assert days(rhythm, date(2026, 12, 2), 4) == ["12-07", "12-21", "01-04", "01-18"]
    assert days(rhythm, date(2027, 1, 5), 2) == ["01-18", "02-01"]


def test_chosen_on_the_day_itself() -> None:
    """A rhythm chosen on its own weekday begins today before its hour, and in a week, not in two, after it."""
    morning, noon = (datetime.datetime(2026, 11, 23, hour, tzinfo=zone("Europe/Berlin")) for hour in (8, 12))
    for now, first in ((morning, "11-23"), (noon, "11-30")):
        since = first_day(now, 540, "Europe/Berlin")
        due = next_due(replace(MONDAYS, every=2, since=since), now, salt=SALT)
        assert due
        assert f"{due.day:%m-%d}" == first


def test_no_next_nudge() -> None:
    """Who has paused, or is away for ever, has no next nudge; after the longest absence it is still quickly said."""
    after = datetime.datetime(2026, 11, 22, tzinfo=UTC)
    assert next_due(replace(MONDAYS, paused=True), after, salt=SALT) is None
    assert next_due(replace(MONDAYS, away_until=date.max), after, salt=SALT) is None
    assert snoozed(replace(MONDAYS, away_until=date.max), after, 1, salt=SALT) is None
    away = replace(MONDAYS, away_from=date(2026, 11, 24), away_until=date.max)
    assert next_due(away, after, salt=SALT)
    assert next_due(away, after, salt=SALT, last=date(2026, 11, 23)) is None
    late = next_due(replace(MONDAYS, away_until=date(2099, 12, 31)), after, salt=SALT)
    assert late
    assert late.day == date(2100, 1, 1)  # a Friday, and no holiday without a country


def test_an_instant_needs_a_zone() -> None:
    """An instant without a zone is refused, for it would be read on the machine's own clock."""
    with pytest.raises(ValueError, match="zone"):
        next_due(MONDAYS, datetime.datetime(2026, 11, 22), salt=SALT)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("weekday", 7), ("weekday", -1), ("minute", 1440), ("minute", -1), ("every", 0), ("every", -2), ("every", 9)),
        *(
            ("window", -1),
            ("window", 1440),
            ("country", "XX"),
            ("country", "de"),
            ("country", "../DE"),
            ("country", ""),
        ),
        ("away_from", date(2026, 12, 1)),
    ],
)
def test_refused(field: str, value: Any) -> None:
    """Impossible days, hours, frequencies and countries are refused by name."""
    with pytest.raises(ValueError, match=field):
        replace(MONDAYS, **{field: value})


@given(st.binary(), st.integers(0, 1439), st.integers(0, 1439))
def test_spread_is_a_persons_own(salt: bytes, one: int, two: int) -> None:
    """An offset lies in its window, is always the same, and is no sooner in a wider window."""
    narrow, wide = sorted((one, two))
    assert datetime.timedelta() <= spread(salt, narrow) <= spread(salt, wide)
    assert spread(salt, wide) == spread(salt, wide) <= datetime.timedelta(minutes=wide)
    assert wide == 0 or spread(salt, wide) < datetime.timedelta(minutes=wide)


def test_spread_is_even() -> None:
    """Of 60,000 people each of five minutes gets a fifth, and no second of them gets twice its share."""
    offsets = [spread(f"slack\0T1\0U{number}".encode(), 5) for number in range(60_000)]
    minutes = Counter(int(offset.total_seconds()) // 60 for offset in offsets)
    assert sorted(minutes) == [0, 1, 2, 3, 4]
    assert all(abs(count - 12_000) < 400 for count in minutes.values())
    seconds = Counter(offsets)
    assert len(seconds) == 300
    assert max(seconds.values()) < 300


def test_no_window_goes_on_after_midnight() -> None:
    """At three minutes to midnight the window is three minutes, so that a nudge keeps its day."""
    rhythm, after = replace(MONDAYS, minute=1437, window=90), datetime.datetime(2026, 6, 1, tzinfo=UTC)
    found = [next_due(rhythm, after, salt=bytes([person])) for person in range(99)]
    assert {due.at.astimezone(zone("Europe/Berlin")).date() for due in found if due} == {date(2026, 6, 1)}
    assert {due.closes - due.opens for due in found if due} == {datetime.timedelta(minutes=3)}


def test_windows_of_workspaces() -> None:
    """A window is five minutes, or as many as the workspace's pace needs for everybody, and at most half a day."""
    assert [window_for(people, 300) for people in (0, 1, 1500, 1501, 2000, 20_000)] == [5, 5, 5, 10, 10, 70]
    assert window_for(10_000_000, 300) == 720


def test_ignored_nudges() -> None:
    """Two nudges without a reaction halve the frequency from that nudge on, four end it, a reaction brings it back."""
    third = date(2026, 1, 20)  # a Tuesday, moved from Monday
    assert after_ignored(MONDAYS, 1, third) == MONDAYS
    for ignored in (2, 3):
        halved = after_ignored(MONDAYS, ignored, third)
        assert (halved.every, halved.paused) == (2, False)
        assert days(halved, date(2026, 1, 21), 2) == ["02-02", "02-16"]
    assert after_ignored(MONDAYS, 4, third).paused
    assert after_ignored(MONDAYS, 99, third).paused
    assert after_ignored(replace(MONDAYS, every=6), 2, third).every == 8


@given(rhythms(), st.integers(0, 9), dates)
def test_ignored_nudges_never_bring_more(rhythm: Rhythm, ignored: int, on: date) -> None:
    """However many are ignored, nobody hears more often than they chose."""
    after = after_ignored(rhythm, ignored, on)
    assert after.paused or rhythm.every <= after.every <= 8
    assert replace(after, every=rhythm.every, since=rhythm.since, paused=False) == rhythm


def test_fresh_start() -> None:
    """The first nudge of a month is a fresh start; the very first of all is not called one."""
    assert is_fresh_start(date(2026, 12, 7), date(2026, 11, 30))
    assert is_fresh_start(date(2027, 1, 4), date(2026, 12, 28))
    assert is_fresh_start(date(2027, 12, 6), date(2026, 12, 28))
    assert not is_fresh_start(date(2026, 12, 14), date(2026, 12, 7))
    assert not is_fresh_start(date(2026, 12, 7), None)


def test_snooze() -> None:
    """A nudge that is put off comes at the usual time on the next working day, whatever the hour now."""
    rhythm = replace(FRIDAYS, country="DE")
    friday = datetime.datetime(2026, 12, 18, 17, tzinfo=UTC)
    for days_on, expected in ((1, "2026-12-21"), (3, "2026-12-21"), (6, "2026-12-24"), (7, "2026-12-28")):
        due = snoozed(rhythm, friday, days_on, salt=SALT)
        assert due
        assert due.day.isoformat() == expected
        assert due.opens.astimezone(zone(rhythm.zone)).strftime("%H:%M") == "09:00"
