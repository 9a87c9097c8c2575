"""Days on which nobody is written to."""

from __future__ import annotations

import datetime
import subprocess
import sys
from dataclasses import replace

import pytest

from handlers.calendar import is_country, is_holiday, is_weekend
from handlers.rhythm import Rhythm
from tests.rhythms import FRIDAYS, MONDAYS, days

date = datetime.date


@pytest.mark.parametrize(
    ("rhythm", "start", "expected"),
    [
        # Easter Monday 2027-03-29: on Tuesday. Whit Monday 2027-05-17: on Tuesday.
        (replace(MONDAYS, country="DE"), date(2027, 3, 22), ["03-22", "03-30", "04-05"]),
        (replace(MONDAYS, country="DE"), date(2027, 5, 11), ["05-18", "05-24"]),
        # Good Friday 2027-03-26: nothing is left of the week.
        (replace(FRIDAYS, country="DE"), date(2027, 3, 19), ["03-19", "04-02"]),
        # Every two weeks there is room in the week between, after Easter Monday; the weeks stay.
        (replace(FRIDAYS, country="DE", every=2, since=date(2026, 1, 16)), date(2027, 3, 12), ["03-12", "03-30"]),
        # Thanksgiving 2026-11-26, and Independence Day 2027 on the Monday after.
        (replace(MONDAYS, weekday=3, country="US"), date(2026, 11, 19), ["11-19", "11-27", "12-03"]),
        (replace(MONDAYS, country="US"), date(2027, 7, 1), ["07-06", "07-12"]),
        # Three holidays and two free days in Japan, 2027-05-03 to 05-05.
        (replace(MONDAYS, country="JP"), date(2027, 4, 26), ["04-26", "05-06", "05-10"]),
        # A Saturday that was chosen stands, but not on a holiday; nobody moves it to a Sunday.
        (replace(MONDAYS, weekday=5, country="DE"), date(2026, 12, 19), ["12-19", "01-02"]),
        # Thursday is the last working day in Israel, and Sunday can be chosen.
        (replace(MONDAYS, weekday=6, country="IL"), date(2026, 11, 22), ["11-22", "11-29"]),
        # Nothing is a holiday where no country is set.
        (MONDAYS, date(2027, 3, 22), ["03-22", "03-29"]),
        # Away until a Sunday, until a Wednesday, until a Friday.
        (replace(MONDAYS, away_until=date(2027, 1, 3)), date(2026, 12, 14), ["01-04", "01-11"]),
        (replace(MONDAYS, away_until=date(2027, 1, 6)), date(2026, 12, 14), ["01-07", "01-11"]),
        (replace(MONDAYS, away_until=date(2027, 1, 8)), date(2026, 12, 14), ["01-11", "01-18"]),
        # Back after most of a fortnight, and the weeks of the rhythm stay.
        (replace(MONDAYS, every=4, away_until=date(2026, 12, 16)), date(2026, 12, 7), ["12-17", "01-04"]),
        # Away later: what comes before stays; within it nothing comes, or on a working day of that week behind it.
        (replace(MONDAYS, away_from=date(2027, 1, 5), away_until=date(2027, 1, 19)), date(2026, 12, 28),
         ["12-28", "01-04", "01-20", "01-25"]),
        (replace(MONDAYS, away_from=date(2027, 1, 11), away_until=date(2027, 1, 22)), date(2027, 1, 1),
         ["01-04", "01-25"]),
        # Moved by a holiday, but not into an absence; one is away on a Wednesday only.
        (replace(MONDAYS, country="DE", away_from=date(2027, 3, 30), away_until=date(2027, 3, 31)), date(2027, 3, 22),
         ["03-22", "04-01", "04-05"]),
        (replace(MONDAYS, away_from=date(2027, 1, 6), away_until=date(2027, 1, 6)), date(2027, 1, 1),
         ["01-04", "01-11"]),
        # An absence that is over changes nothing.
        (replace(MONDAYS, away_until=date(2026, 10, 1)), date(2026, 11, 23), ["11-23", "11-30"]),
    ],
)  # fmt: skip
def test_free_days(rhythm: Rhythm, start: date, expected: list[str]) -> None:
    """A nudge on a free day comes on the next working day before the next one's week, or is left out."""
    assert days(rhythm, start, len(expected)) == expected


def test_countries() -> None:
    """Countries are ISO codes; Saturday and Sunday are free everywhere, and so is a country's own weekend."""
    assert all(is_country(code) for code in ("DE", "US", "JP", "GB", "IN", "CN", "BR", "UA"))
    assert not any(is_country(code) for code in ("", "de", "UK", "USA", "Germany", "DE-BY", "ECB", "XX"))
    assert [is_weekend(date(2026, 11, day), "IL") for day in range(23, 30)] == [False] * 4 + [True] * 3
    assert [is_weekend(date(2026, 11, day), None) for day in range(23, 30)] == [False] * 5 + [True] * 2
    assert is_holiday(date(2027, 12, 31), "US")  # New Year's Day of 2028 is a Saturday
    assert not is_holiday(date(2027, 1, 6), "DE")  # Epiphany, in three states only
    assert is_holiday(date(2099, 1, 26), "IN")  # proclaimed holidays end long before, the fixed ones do not


def test_no_country_no_calendar() -> None:
    """The package of public holidays is loaded for those who set a country, and for nobody else."""
    code = """
import datetime, sys
from handlers.rhythm import Rhythm, next_due
now = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
for country in (None, "DE"):
    next_due(Rhythm(0, 540, "Europe/Berlin", now.date(), country=country), now, salt=b"")
    print("holidays" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
