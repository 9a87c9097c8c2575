"""What people say of the weekly nudge: on and off, when, where they live, a rest from it."""

from __future__ import annotations

import re
from typing import NamedTuple

from content.words import Cue
from handlers.intent import AskNudges
from handlers.understand.clock import Clock
from handlers.understand.days import Days, Said
from handlers.understand.places import Places
from handlers.understand.reading import Reading
from handlers.understand.subject import Subject
from handlers.understand.whereabouts import Whereabouts

_SAID = 60
_MOST_WORDS = 5
"""Words of the name of a place."""
_SHORTEST = 3
_SUNDAY = 6
_OFFSET = re.compile(r"\s*[+−-]\s*\d")
"""What makes a zone another one: "UTC+2" is not UTC."""
_MINUS = re.compile(r"(?<!\S)[−-]\s?\d")
"""A number below nought: "every -1 weeks"."""
_NOTHING_SAID = Said()
_CASUAL = frozenset({Cue.FOLLOW, Cue.HELLO, Cue.THANKS, Cue.PRAISE, Cue.SORRY, Cue.ON, Cue.YES_NO, Cue.MUST})
"""Cues beside which a day or a time may stand alone."""
_DRY = frozenset({Cue.OFF_TOPIC})
"""Another one, where the rest of the words tells that it is about time: "monthly"."""
_ABOUT_REST = (Cue.NUDGE, Cue.NUDGE_ON, Cue.NUDGE_OFF, Cue.NUDGE_PAUSE, Cue.NUDGE_SNOOZE)
_ELSEWHERE = (
    *(Cue.WHO, Cue.SEARCH, Cue.REQUIRED, Cue.TEAM, Cue.LIST_ROLES, Cue.LIST_LEVELS, Cue.LIST_SKILLS),
    *(Cue.DONE, Cue.UNDO, Cue.PICK, Cue.FIND_LEVEL, Cue.STOP_WALK, Cue.EVIDENCE, Cue.PACKET),
)


class Nudges(NamedTuple):
    """What tells a wish about nudges."""

    clock: Clock
    days: Days
    places: Places
    where: Whereabouts

    def first(self, reading: Reading, subject: Subject) -> AskNudges | None:
        """What is meant even where other words sound like another world: a rest with a day, a zone, holidays."""
        if subject.any:
            return None
        if reading.tone(Cue.ZONE) and reading.has(Cue.WHO):
            return AskNudges(wish="info")
        if reading.has(*_ELSEWHERE):
            return None
        if "?" in reading.text and not reading.has(Cue.NUDGE_PAUSE, Cue.NUDGE_SNOOZE, Cue.NUDGE_OFF):
            return None
        if reading.has(Cue.DROP) and not reading.has(Cue.NUDGE_PAUSE):
            return None
        return (
            self._some_days(reading)
            or self._placed(reading)
            or self._rest(reading)
            or self._timed(reading, _CASUAL | _DRY)
        )

    def then(self, reading: Reading, subject: Subject) -> AskNudges | None:
        """On, off, the day and the hour."""
        on, off = reading.has(Cue.NUDGE_ON), reading.has(Cue.NUDGE_OFF)
        if subject.role and subject.level and not (on or off):
            return None
        about = reading.has(Cue.NUDGE)
        if reading.has(Cue.NUDGE_PREVIEW) and not subject.any:
            return AskNudges(wish="preview")
        if not subject.any:
            if reading.has(Cue.NUDGE_PAUSE):
                return AskNudges(wish="pause")
            if reading.has(Cue.NUDGE_RESUME):
                return AskNudges(wish="resume")
            if reading.has(Cue.NUDGE_SNOOZE):
                return AskNudges(wish="snooze")
        if (off and not subject.any) or (about and reading.has(Cue.OFF)):
            return AskNudges(wish="off")
        if timed := self._timed(reading, _CASUAL):
            return timed
        if reading.has(Cue.NUDGE_WHEN):
            return AskNudges(wish="info")
        if (on and not subject.any) or (about and reading.has(Cue.ON)):
            return AskNudges(wish="on")
        return AskNudges(wish="info") if about else None

    def _timed(self, reading: Reading, casual: frozenset[Cue]) -> AskNudges | None:
        """A day, an hour or a rhythm that is said of nudges, or nothing else."""
        row = [part.key for part in reading.parts]
        weekday, (minute, no_time) = self.clock.weekday(row), self.clock.minute(row)
        every, often = self.days.every(row)
        if every is not None and _MINUS.search(reading.text):
            every = 0
        if often and self.days.momentary(row):
            minute = None  # the hour of "every two hours" is none of the clock
        if weekday is None and minute is None and every is None and not (no_time or often):
            return None
        zone, spoken = self.where.there(reading)
        if not (reading.has(Cue.NUDGE, Cue.NUDGE_ON, Cue.NUDGE_WHEN) or self._only_time(reading, casual, spoken)):
            return None
        bare = weekday is None and minute is None and not (no_time or often)
        if bare and every == 1 and reading.has(Cue.NUDGE, Cue.NUDGE_ON):
            return AskNudges(wish="info" if reading.has(Cue.NUDGE_WHEN) else "on", every=1)
        often = often or len({self.clock.weekdays[word] for word in row if word in self.clock.weekdays}) > 1
        odd = "time" if no_time else "often" if often else None
        return AskNudges.model_validate(
            {"wish": "set", "weekday": weekday, "minute": minute, "every": every, "zone": zone, "odd": odd}
        )

    def _only_time(self, reading: Reading, casual: frozenset[Cue], there: range) -> bool:
        """Whether there is nothing but a day or a time, and the place `there`: "fridays at 9"."""
        return all(match.cue in casual for match in reading.matches) and all(
            place in there or self.where.is_timely(part.key) or part.key in reading.fillers
            for place, part in enumerate(reading.parts)
        )

    def _rest(self, reading: Reading) -> AskNudges | None:
        """An absence, a pause, or a nudge that is put off."""
        away, back, again = reading.tone(Cue.AWAY), reading.tone(Cue.BACK), reading.tone(Cue.AGAIN)
        pause, snooze = reading.has(Cue.NUDGE_PAUSE), reading.has(Cue.NUDGE_SNOOZE)
        resume, off = reading.has(Cue.NUDGE_RESUME), reading.has(Cue.NUDGE_OFF)
        about = reading.has(Cue.NUDGE, Cue.NUDGE_ON)
        if not (away or back or again or pause or snooze or resume or off or about):
            return self._until(reading)
        if reading.has(Cue.NUDGE_WHEN):
            return None
        starts = back or resume or not (away or pause or off)
        row = [part.key for part in reading.parts]
        days, no_span = self.days.length(row)
        said = self.days.day(reading, begins=starts)
        told = days is not None or no_span or said.day is not None or said.odd
        if (resume or (back and self._plain(reading))) and not told:
            return AskNudges(wish="resume")
        if away or pause or ((off or back or resume) and told):
            plain = told or pause or off or reading.has(Cue.NUDGE) or self._plain(reading)
            first = Said() if starts else self.days.start(reading, bounded=said.until)
            wish = "away" if away or back else "pause"
            return _resting(wish, days, said, no_span, ends=starts, first=first) if plain else None
        if snooze or ((again or about) and told and not self._timely(row, said, again)):
            return _resting("snooze", days, said, no_span, ends=True)
        return None

    def _until(self, reading: Reading) -> AskNudges | None:
        """Nothing but an end: "until 3 January"."""
        if not self._only_time(reading, _CASUAL, range(0)):
            return None
        said = self.days.day(reading, begins=False)
        if not said.until:
            return None
        return _resting("pause", None, said, no_span=False, ends=False)

    def _some_days(self, reading: Reading) -> AskNudges | None:
        """An absence that everybody has other days in mind with: "no nudges over Christmas", "vacation"."""
        feast = reading.tone(Cue.FEAST) and (reading.tone(Cue.AWAY) or reading.has(*_ABOUT_REST))
        bare = reading.nothing_but(Cue.FEAST) or (reading.nothing_but(Cue.VACATION) and not reading.tone(Cue.AWAY))
        if not (feast or bare):
            return None
        row = [part.key for part in reading.parts]
        if self.days.length(row) != (None, False) or self.days.day(reading, begins=False) != _NOTHING_SAID:
            return None
        return AskNudges(wish="away", odd="span")

    def _timely(self, row: list[str], said: Said, again: bool) -> bool:
        """Whether a day is when nudges are to come from now on, not until when they rest."""
        every, often = self.days.every(row)
        if every is not None or often:
            return True
        weekday = said.day is not None and said.day.weekday is not None and said.day.ahead is None
        return (weekday or self.clock.minute(row)[0] is not None) and not (again or said.until)

    def _plain(self, reading: Reading) -> bool:
        """Whether a few words tell of an absence, or of its end, and of nothing else."""
        told = reading.toned(Cue.AWAY) | reading.toned(Cue.BACK)
        return all(
            told >> place & 1 or (part.key in reading.fillers and not part.name)
            for place, part in enumerate(reading.parts)
        )

    def _placed(self, reading: Reading) -> AskNudges | None:
        """A time zone, or a country whose holidays are kept."""
        if reading.tone(Cue.NO_HOLIDAYS):
            return AskNudges(wish="set", country="")
        about_zone, lives, holidays = (reading.tone(cue) for cue in (Cue.ZONE, Cue.LIVE, Cue.HOLIDAYS))
        if not (about_zone or lives or holidays):
            return None
        if holidays and not about_zone:
            named = self._found(reading, Cue.HOLIDAYS, zone=False) or self._unknown(reading, Cue.HOLIDAYS)
            return AskNudges(wish="set", country=named or None, odd=None if named else "country")
        if lives:
            country, zone = self._found(reading, Cue.LIVE, zone=False), self._found(reading, Cue.LIVE, zone=True)
            if zone or country:
                return AskNudges(wish="set", zone=zone or country, country=country)
        if not about_zone:
            return None
        named = self._found(reading, Cue.ZONE, zone=True) or self._unknown(reading, Cue.ZONE)
        return AskNudges(wish="set", zone=named) if named else AskNudges(wish="info")

    def _found(self, reading: Reading, cue: Cue, *, zone: bool) -> str | None:
        """The zone or the country named, by the longest words that name one."""
        told = reading.toned(cue)
        parts = reading.parts
        for size in range(min(_MOST_WORDS, len(parts)), 0, -1):
            for first in range(len(parts) - size + 1):
                if any(told >> place & 1 for place in range(first, first + size)):
                    continue
                typed = reading.text[parts[first].start : parts[first + size - 1].end]
                if zone and _OFFSET.match(reading.text, parts[first + size - 1].end):
                    continue
                if len(typed) < _SHORTEST and not typed.isupper():
                    continue
                country = self.places.country(typed) if not zone or cue == Cue.LIVE else None
                if found := country if not zone else None if country else self.places.zone(typed):
                    return found
        return None

    def _unknown(self, reading: Reading, cue: Cue) -> str:
        """What stands there instead of a place: behind what announces it, or else before."""
        last = reading.toned(cue).bit_length()
        behind = [place for place in range(last, len(reading.parts)) if reading.parts[place].key not in reading.fillers]
        return reading.quote(behind[0], behind[-1])[:_SAID] if behind else ""


def _resting(
    wish: str, days: int | None, said: Said, no_span: bool, *, ends: bool, first: Said = _NOTHING_SAID
) -> AskNudges:
    """A rest of so many days, or up to a day; where that day `ends` it, it is the first without. `first` begins it."""
    odd = "day" if no_span or said.odd or first.odd else None
    day, start = said.day, first.day
    whole = day is not None and (day.day == 0 or (day.weekday == _SUNDAY and day.ahead == 0))  # "not this week"
    if day and ends and not whole:
        day = day.model_copy(update={"before": True})
    elif day and not (whole or said.until):
        if start == day and days is None:
            odd, day = odd or "span", None  # "from Friday on", but until when?
        elif wish == "away":
            start = start or day
    if day and (said.until or days is None):
        days = None
    elif days:
        day = None
    if start and start.weekday is not None and days:
        start = start.model_copy(update={"ahead": None})  # "from Monday for two weeks" is the next one
    start = start if day or days or odd == "span" else None
    return AskNudges.model_validate({"wish": wish, "days": days, "till": day, "starts": start, "odd": odd})
