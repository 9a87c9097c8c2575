"""What people say about themselves: who they are."""

from __future__ import annotations

from content.matrix import Matrix
from content.words import Cue
from handlers.intent import CompareLevels, Intent, SetProfile, ShowExpectations, ShowProfile
from handlers.understand.phrases import Match
from handlers.understand.reading import Reading
from handlers.understand.subject import Subject


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
