"""What people say about themselves: who they are, what they have done, when they want to be reminded."""

from __future__ import annotations

from content.matrix import Matrix
from content.words import Cue
from handlers.intent import AskNudges, CompareLevels, Intent, SetProfile, ShowExpectations, ShowProfile
from handlers.understand.clock import Clock
from handlers.understand.phrases import Match
from handlers.understand.reading import Reading
from handlers.understand.subject import Subject


def nudges(reading: Reading, subject: Subject, clock: Clock) -> AskNudges | None:
    """A wish about nudges, with the day and the time where they are said."""
    row = [part.key for part in reading.parts]
    weekday, minute = clock.weekday(row), clock.minute(row)
    timed = weekday is not None or minute is not None
    about = reading.has(Cue.NUDGE)
    if subject.role and subject.level and not reading.has(Cue.NUDGE_ON, Cue.NUDGE_OFF):
        return None
    if (reading.has(Cue.NUDGE_OFF) and not subject.any) or (about and reading.has(Cue.OFF)):
        return AskNudges(wish="off")
    if timed and (reading.has(Cue.NUDGE, Cue.NUDGE_ON, Cue.NUDGE_WHEN) or _only_time(reading, clock)):
        return AskNudges(wish="set", weekday=weekday, minute=minute)
    if reading.has(Cue.NUDGE_WHEN):
        return AskNudges(wish="info")
    if (reading.has(Cue.NUDGE_ON) and not subject.any) or (about and reading.has(Cue.ON)):
        return AskNudges(wish="on")
    return AskNudges(wish="info") if about else None


def statement(reading: Reading, subject: Subject, matrix: Matrix) -> Intent | None:
    """What follows from "I am …"; None when nothing is said of the speaker."""
    if reading.has(Cue.SELF) and reading.tone(Cue.REPORTED):
        return SetProfile()
    asks = reading.asks_whether or (reading.has(Cue.WHO, Cue.REQUIRED) and "?" in reading.text)
    if not reading.has(Cue.SELF) or reading.has(Cue.IF) or asks or _speaks_of_others(reading, subject):
        return None
    if any(reading.quoted(match.start) for match in _spoken(reading)):
        return SetProfile()
    if unknown := subject.unknown():
        return unknown
    if _denies(reading, subject):
        return SetProfile()
    role, level = subject.last_role, subject.last_level
    if role is None and level is None:
        return ShowProfile() if reading.has(Cue.MY_PROFILE) else SetProfile()
    if role and level and reading.has(Cue.NEXT):
        above = matrix.roles[role].above(level) if level in matrix.roles[role].ladder else None
        return CompareLevels(role=role, levels=(level, above) if above else (level,))
    if role and level and "?" in reading.text and reading.has(Cue.EXPECT):
        return ShowExpectations(role=role, level=level)
    return SetProfile(role=role, level=level)


def _only_time(reading: Reading, clock: Clock) -> bool:
    """Whether there is nothing but a day or a time: "fridays at 9"."""
    return not reading.matches and all(
        part.key in clock.vocabulary or part.key in reading.fillers or part.key[:1].isdecimal()
        for part in reading.parts
    )


def _spoken(reading: Reading) -> list[Match]:
    return [match for match in reading.matches if match.cue == Cue.SELF]


def _denies(reading: Reading, subject: Subject) -> bool:
    """Whether it is only said what one is not: "I'm not a senior", but not "not a senior, but a lead"."""
    denied = {
        reading.parts[place].key
        for place in reading.refused
        if any(match.mask >> place & 1 for match in _spoken(reading))
    }
    return bool(("@role" in denied and not subject.roles) or ("@level" in denied and not subject.levels))


def _speaks_of_others(reading: Reading, subject: Subject) -> bool:
    """Whether the speaker only says who is asking: "I'm a manager: what does a senior data scientist …"."""
    spoken = [match.mask for match in _spoken(reading)]
    named = [place for place, part in enumerate(reading.parts) if part.key in ("@role", "@level")]
    return bool(named and subject.strangers) and not any(mask >> place & 1 for mask in spoken for place in named)
