"""Working days: what is a public holiday or a weekend in a country."""

from __future__ import annotations

import datetime
import warnings
from functools import cache

SATURDAY, SUNDAY = 5, 6
WEEKEND = frozenset({SATURDAY, SUNDAY})
"""Kept free in every country, beside the days of its own weekend."""


def is_country(code: str) -> bool:
    """Whether the holidays of this country are known; `code` is ISO 3166-1 alpha-2 in capitals."""
    return code in countries()


def is_holiday(day: datetime.date, country: str) -> bool:
    """Whether this is a public holiday of the whole country; those of a state or a canton do not count."""
    return day in _holidays(country, day.year)


def is_weekend(day: datetime.date, country: str | None) -> bool:
    """Whether this is a Saturday or Sunday, or a day of the country's own weekend."""
    return day.weekday() in (WEEKEND if country is None else _weekend(country))


# `holidays` is imported where it is needed: it takes 18 MiB and 0.1 s, which nobody pays who sets no country.


@cache
def countries() -> frozenset[str]:
    """The codes of the countries whose holidays are known."""
    import holidays

    return frozenset(holidays.list_supported_countries(include_aliases=False))


@cache
def _weekend(country: str) -> frozenset[int]:
    import holidays

    return WEEKEND | frozenset(holidays.country_holidays(country).weekend)


@cache
def _holidays(country: str, year: int) -> frozenset[datetime.date]:
    import holidays

    with warnings.catch_warnings():
        # Where holidays are proclaimed year by year it warns of distant years, which then have the fixed ones only.
        warnings.simplefilter("ignore", UserWarning)
        return frozenset(holidays.country_holidays(country, years=year, expand=False))
