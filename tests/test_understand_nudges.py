"""What people type about their weekly nudge and their plan becomes the intent they meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from handlers.intent import AskNudges, unpack
from handlers.zones import is_zone
from tests.test_understand import understand

TABLE = yaml.safe_load(Path(__file__).with_name("data").joinpath("nudges.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("words", "row"), [(words, row) for row in TABLE for words in row["words"]])
def test_words_about_nudges_become_their_intent(words: str, row: dict[str, Any]) -> None:
    """What people type about nudges and plans becomes the intent, field by field; other words do not."""
    found = understand(words).intent
    if "intent" in row:
        assert found == unpack(row["intent"])
    assert found.kind not in row.get("not", ())


def test_wordings_about_nudges_stand_there_once() -> None:
    """No wording is expected to mean two things."""
    said = [words for row in TABLE for words in row["words"]]
    assert len(set(said)) == len(said)


DAYS = {
    "en": ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"],
    "de": ["montags", "dienstags", "mittwochs", "donnerstags", "freitags", "samstags", "sonntags"],
}
FRAMES = {
    "en": ["{day} at {time}", "remind me {day} at {time}", "nudges on {day} at {time} please"],
    "de": ["{day} um {time} Uhr", "erinnere mich {day} um {time}", "Erinnerungen bitte {day} um {time} Uhr"],
}


@given(st.sampled_from(["en", "de"]), st.integers(0, 6), st.integers(0, 1439), st.integers(0, 2))
def test_every_day_and_minute_is_understood(lang: str, weekday: int, minute: int, frame: int) -> None:
    """Each day of the week and each minute of the day, in both languages, is the one that was typed."""
    time = f"{minute // 60}:{minute % 60:02}"
    words = FRAMES[lang][frame].format(day=DAYS[lang][weekday], time=time)
    assert understand(words).intent == AskNudges(wish="set", weekday=weekday, minute=minute)


@given(st.integers(0, 10**9), st.sampled_from(["every {} weeks", "alle {} Wochen", "remind me every {} weeks"]))
def test_every_number_of_weeks_reaches_the_answer(weeks: int, frame: str) -> None:
    """However many weeks are typed, the number is handed on, cut at what a field holds."""
    intent = understand(frame.format(weeks)).intent
    assert isinstance(intent, AskNudges)
    assert intent.every == min(weeks, 999)
    assert intent.wish == ("on" if weeks == 1 and "remind" in frame else "set")


MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
}


@given(
    st.sampled_from(["away until {day} {month}", "Urlaub bis {day}. {month}"]), st.integers(1, 40), st.integers(0, 11)
)
def test_every_day_of_the_year_is_understood(frame: str, day: int, month: int) -> None:
    """Each day of each month ends an absence, and a day that no calendar has is told as such."""
    lang = "en" if frame.startswith("away") else "de"
    intent = understand(frame.format(day=day, month=MONTHS[lang][month])).intent
    assert isinstance(intent, AskNudges)
    longest = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month]
    if day > longest:
        assert (intent.wish, intent.till, intent.odd) == ("away", None, "day")
    else:
        assert intent.till is not None
        assert (intent.till.day, intent.till.month, intent.odd) == (day, month + 1, None)


PIECES = [
    "every",
    "0",
    "-1",
    "99",
    "25:00",
    "until",
    "bis",
    "next",
    "nächste",
    "week",
    "Woche",
    "of",
    "the",
    "end",
    "Ende",
    "31",
    "Februar",
    ".",
    "2.",
    "away",
    "Urlaub",
    "zone",
    "in",
]


@given(st.lists(st.sampled_from([*PIECES, "Berlin", "plan:", "when", "I will", "twice", "a", "/", "may", "1999"])))
def test_no_row_of_such_words_raises(pieces: list[str]) -> None:
    """Whatever is said of days, spans and places, in whatever order, becomes an intent."""
    intent = understand(" ".join(pieces)).intent
    if isinstance(intent, AskNudges) and intent.zone and "/" in intent.zone and " " not in intent.zone:
        assert is_zone(intent.zone)
