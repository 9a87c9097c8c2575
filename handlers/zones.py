"""Time zones by their IANA names, and the instant at which a local time comes."""

from __future__ import annotations

import datetime
import importlib.metadata
import importlib.resources
import zoneinfo
from collections.abc import Mapping
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global

NOT_PLACES = frozenset({"Factory", "localtime", "posixrules"})
"""Names in the zone data that stand for a machine's own setting, not for a place."""

_OF_NO_PLACE = frozenset({"UTC", "GMT", "EST", "MST", "HST"})
"""Names of clocks that are aliases of a city far from whoever says them, or of nothing that is better known."""

_WEEK, _WEEKS = datetime.timedelta(weeks=1), 53


def is_zone(name: str) -> bool:
    """Whether this is the name of a time zone, spelled as IANA does; never looks for a file of that name."""
    return _spelling().get(name.casefold()) == name


def find_zone(typed: str) -> str | None:
    """The IANA name of a zone, however its letters and spaces were typed: "europe/berlin", "America/New York"."""
    return _spelling().get("_".join(typed.split()).casefold())


def zone_of(typed: str) -> str | None:
    """The zone that is named, or whose city is: "berlin", "New York". None where no zone or several may be meant."""
    if found := find_zone(typed):
        return found
    city = "_".join(typed.split()).casefold()
    cities = [name for key, name in _spelling().items() if city and key.rpartition("/")[2] == city]
    return cities[0] if len(cities) == 1 else None


def canonical(name: str) -> str:
    """The name that a zone has today, where this is an older or a shorter one: "GB", "Portugal", "Asia/Calcutta"."""
    today = get_global("zone_aliases").get(name, name)
    return today if is_zone(today) and name not in _OF_NO_PLACE else name


@cache
def zones_in(country: str, year: int) -> tuple[tuple[str, ...], ...]:
    """The zones of a country by its ISO 3166 code; those whose clocks agree all year stand together, main one first."""
    groups: dict[tuple[datetime.timedelta | None, ...], list[str]] = {}
    for name in _by_country().get(country, ()):
        start = datetime.datetime(year, 1, 1, tzinfo=datetime.UTC)
        clock = tuple((start + _WEEK * week).astimezone(zone(name)).utcoffset() for week in range(_WEEKS))
        groups.setdefault(clock, []).append(name)
    return tuple(map(tuple, groups.values()))


def all_countries() -> frozenset[str]:
    """The codes of all countries that have a zone, by ISO 3166."""
    return frozenset(_by_country())


@cache
def zone(name: str) -> ZoneInfo:
    """The rules of a zone. `ZoneInfo` itself keeps the last eight only and reads the others from disk again."""
    if not is_zone(name):
        raise ValueError(f"no such time zone: {name!r}")
    return ZoneInfo(name)


def use_shipped_data() -> None:
    """From now on read the rules from the `tzdata` package alone, in the whole process.

    Python prefers the machine's own data, which may be years old: then whole provinces are written to an hour off,
    and two machines disagree.
    """
    zoneinfo.reset_tzpath(to=())
    ZoneInfo.clear_cache()
    zone.cache_clear()
    _spelling.cache_clear()


def data_version() -> str:
    """The version of the shipped data; when it is another than before, every due time is worked out again."""
    return importlib.metadata.version("tzdata")


def instant(day: datetime.date, minute: int, where: ZoneInfo) -> datetime.datetime:
    """When a local time comes, in UTC; `minute` counts on the clock from midnight.

    A time that the clock skips comes later by what it skips, and of one that it shows twice the first counts, as
    in RFC 5545. That is what `fold=0` means: the offset before the change.
    """
    wall = datetime.datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=where)
    return wall.astimezone(datetime.UTC)


@cache
def _spelling() -> Mapping[str, str]:
    return {name.casefold(): name for name in available_timezones() - NOT_PLACES}


@cache
def _by_country() -> Mapping[str, tuple[str, ...]]:
    """The zones of each country in the order of the zone data, which has the most populous first."""
    found: dict[str, tuple[str, ...]] = {}
    table = importlib.resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            code, _, name = line.split("\t")[:3]
            found[code] = (*found.get(code, ()), *([name] if is_zone(name) else ()))
    return found
