"""The instant of a nudge, held against clocks that are read minute by minute in UTC."""

from __future__ import annotations

import datetime
import importlib.metadata
import subprocess
import sys
import zoneinfo
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.rhythm import Rhythm, next_due
from handlers.zones import find_zone, instant, is_zone, zone, zones_in
from tests.rhythms import SALT, UTC, minutes_of

WEEK = datetime.timedelta(days=7)
NAMES = sorted(zoneinfo.available_timezones() - {"Factory", "localtime"})


def changes(name: str) -> Iterator[tuple[datetime.datetime, datetime.timedelta]]:
    """When the offset of a zone changes in 2026 to 2028, to the minute, and to what."""
    place = zoneinfo.ZoneInfo(name)

    def offset(minute: int) -> datetime.timedelta | None:
        return datetime.datetime.fromtimestamp(minute * 60, place).utcoffset()

    start = int(datetime.datetime(2026, 1, 1, tzinfo=UTC).timestamp()) // 60
    for day in range(start, start + 1096 * 1440, 1440):
        low, high = day, day + 1440
        if offset(low) == offset(high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if offset(middle) != offset(low) else (middle, high)
        yield datetime.datetime.fromtimestamp(high * 60, UTC), offset(high) or datetime.timedelta()


def rule_sets() -> dict[str, list[datetime.datetime]]:
    """One zone of every set of rules that changes its clock in 2026 to 2028, with the changes."""
    found: dict[tuple[tuple[datetime.datetime, datetime.timedelta], ...], str] = {}
    for name in NAMES:
        if rules := tuple(changes(name)):
            found.setdefault(rules, name)
    return {name: [moment for moment, _ in rules] for rules, name in found.items()}


def test_each_half_hour_around_each_change() -> None:
    """The day before, of and after every change of any clock, every half hour is due once, at the right instant."""
    asked = 0
    for name, moments in rule_sets().items():
        for moment in moments:
            changed = moment.astimezone(zoneinfo.ZoneInfo(name)).date()
            clock = minutes_of(name, changed)
            for day in (changed - datetime.timedelta(days=1), changed, changed + datetime.timedelta(days=1)):
                for minute in range(0, 1440, 30):
                    wall = datetime.datetime(day.year, day.month, day.day, minute // 60, minute % 60)
                    rhythm = Rhythm(day.weekday(), minute, name, since=day - 2 * WEEK, window=0)
                    before = next_due(rhythm, clock[wall] - 8 * WEEK / 7, salt=SALT)
                    assert before
                    due = next_due(rhythm, before.at, salt=SALT)
                    assert due
                    assert (before.day, due.day, due.at) == (day - WEEK, day, clock[wall]), (name, wall)
                    after = next_due(rhythm, due.at, salt=SALT)
                    assert after
                    assert after.day == day + WEEK, (name, wall)
                    asked += 1
    assert asked > 20_000  # 180 changes in the zone data of 2025b, 172 in 2026f


@pytest.mark.parametrize(
    ("name", "wall", "utc"),
    [
        ("Europe/Berlin", "2027-03-28 02:30", "2027-03-28 01:30"),  # skipped: at 03:30
        ("Europe/Berlin", "2027-03-29 00:00", "2027-03-28 22:00"),  # midnight after the change
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"),  # shown twice: the first
        ("Europe/Berlin", "2027-03-29 09:00", "2027-03-29 07:00"),
        ("Europe/Berlin", "2026-10-26 09:00", "2026-10-26 08:00"),
        ("America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04 03:00"),  # a day that began at 01:00
        ("America/Sao_Paulo", "2027-01-04 09:00", "2027-01-04 12:00"),
        ("Asia/Kathmandu", "2027-01-04 09:00", "2027-01-04 03:15"),
        ("Pacific/Apia", "2011-12-31 09:00", "2011-12-30 19:00"),
        ("Pacific/Apia", "2011-12-30 09:00", "2011-12-30 19:00"),  # a Friday that never was: a day later
        ("Africa/Casablanca", "2025-02-23 02:30", "2025-02-23 01:30"),  # Ramadan begins: shown twice
        ("Africa/Casablanca", "2025-03-03 09:00", "2025-03-03 09:00"),
        ("Africa/Casablanca", "2025-04-06 02:30", "2025-04-06 02:30"),  # Ramadan ends: skipped
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:45"),  # half an hour skipped
        ("Australia/Lord_Howe", "2027-04-04 01:45", "2027-04-03 14:45"),  # half an hour twice
        ("Asia/Beirut", "2027-03-28 00:30", "2027-03-27 22:30"),
        ("Africa/Cairo", "2027-04-30 00:00", "2027-04-29 22:00"),
        ("America/Havana", "2026-11-01 00:30", "2026-11-01 04:30"),
    ],
)
def test_named_cases(name: str, wall: str, utc: str) -> None:
    """The cases that other schedulers get wrong are right."""
    local = datetime.datetime.fromisoformat(wall)
    rhythm = Rhythm(local.weekday(), local.hour * 60 + local.minute, name, since=local.date() - WEEK, window=0)
    due = next_due(rhythm, (local - datetime.timedelta(days=5)).replace(tzinfo=UTC), salt=SALT)
    assert due
    assert (due.day, due.at) == (local.date(), datetime.datetime.fromisoformat(utc).replace(tzinfo=UTC))


def test_a_saturday_that_ends_in_a_gap_stays_a_saturday() -> None:
    """Where the clock skips the last hour of a day, the nudge comes after midnight and is still that day's, once."""
    rhythm = Rhythm(5, 23 * 60 + 30, "America/Scoresbysund", since=datetime.date(2027, 3, 1), window=0)
    due = next_due(rhythm, datetime.datetime(2027, 3, 25, tzinfo=UTC), salt=SALT)
    assert due
    assert due.day == datetime.date(2027, 3, 27)
    assert due.at.astimezone(zone(rhythm.zone)).isoformat() == "2027-03-28T00:30:00-01:00"
    again = next_due(rhythm, due.at, salt=SALT)
    assert again
    assert again.day == datetime.date(2027, 4, 3)


@pytest.mark.parametrize("year", [2026, 2037, 2038, 2099])
def test_all_zones(year: int) -> None:
    """Every zone there is has a next nudge within eight days, at the chosen time, up to the end of the century."""
    after = datetime.datetime(year, 6, 15, 12, tzinfo=UTC)
    for name in NAMES:
        due = next_due(Rhythm(0, 540, name, since=datetime.date(2026, 1, 1), window=0), after, salt=SALT)
        assert due
        assert after < due.at < after + 8 * WEEK / 7, name
        assert due.at.astimezone(zoneinfo.ZoneInfo(name)).strftime("%a %H:%M") == "Mon 09:00", name


@given(st.sampled_from(NAMES), st.dates(datetime.date(2026, 1, 1), datetime.date(2099, 12, 31)), st.integers(0, 1439))
def test_an_instant_shows_its_time(name: str, day: datetime.date, minute: int) -> None:
    """At the instant of a local time the clock shows it, or, where it skips it, a later time by at most a day."""
    moment = instant(day, minute, zone(name))
    shown = moment.astimezone(zone(name)).replace(tzinfo=None)
    wall = datetime.datetime.combine(day, datetime.time(minute // 60, minute % 60))
    assert datetime.timedelta() <= shown - wall <= datetime.timedelta(days=1)
    if shown == wall:
        assert moment.astimezone(zone(name)).fold == 0


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../../etc/passwd", "/etc/passwd", "Europe/Berlin\0", "Europe/../Europe/Berlin", "a" * 9999),
        *("Europe", "Europe/", "europe/berlin", "Berlin", "posix/Europe/Berlin", "CEST", "Mars/Phobos"),
        *("localtime", "Factory"),
    ],
)
def test_not_a_zone(name: str) -> None:
    """What is not the exact name of a zone is none, and no rhythm has it."""
    assert not is_zone(name)
    with pytest.raises(ValueError, match="no such time zone"):
        Rhythm(0, 540, name, since=datetime.date(2026, 1, 1))


def test_zones_as_typed() -> None:
    """A zone is found however its letters and blanks are typed; what is not one is not guessed."""
    assert find_zone(" europe/BERLIN ") == "Europe/Berlin"
    assert find_zone("america/new york") == "America/New_York"
    assert find_zone("utc") == "UTC"
    assert find_zone("../../etc/passwd") is None
    assert all(find_zone(name.lower()) == name and is_zone(name) for name in NAMES)


def test_every_machine_has_the_same_rules() -> None:
    """The zone data that comes with the coach counts, not that of the machine, and it has a version."""
    code = """
import zoneinfo
from handlers import zones
before = zones.zone("America/Vancouver")
zones.use_shipped_data()
after = zones.zone("America/Vancouver")
print(zoneinfo.TZPATH == (), before is not after, zones.is_zone("Asia/Kathmandu"), zones.data_version())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True", "True", importlib.metadata.version("tzdata")]


@given(st.text(max_size=40))
def test_any_text_as_zone(text: str) -> None:
    """Whatever is typed as a zone is a zone's name or nothing."""
    found = find_zone(text)
    assert found is None or is_zone(found)


@pytest.mark.parametrize(
    ("country", "zones"),
    [
        ("DE", ["Europe/Berlin"]),
        ("JP", ["Asia/Tokyo"]),
        ("AR", ["America/Argentina/Buenos_Aires"]),
        ("PT", ["Europe/Lisbon", "Atlantic/Azores"]),
        ("US", ["America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles"]),
        ("XX", []),
    ],
)
def test_a_country_has_as_many_zones_as_its_clocks_differ(country: str, zones: list[str]) -> None:
    """Zones of a country whose clocks agree all year are one, with the main one first; an unknown country has none."""
    assert [group[0] for group in zones_in(country, 2026)][:5] == zones
