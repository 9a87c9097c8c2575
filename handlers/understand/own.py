"""What people want to see, keep and settle of their own: their level, milestones, evidence, data, language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from content.words import Cue
from handlers.intent import (
    AddEvidence,
    AskPrivacy,
    ConfirmMilestone,
    FindLevel,
    Intent,
    ListMilestones,
    MakePlan,
    PickMilestone,
    SetLanguage,
    ShowEvidence,
    ShowPacket,
    ShowProfile,
)
from handlers.understand.clean import fold
from handlers.understand.clock import Clock
from handlers.understand.places import Places
from handlers.understand.reading import Reading
from handlers.understand.subject import Subject
from handlers.understand.terms import Terms
from handlers.understand.ticked import numbers_in

_SAID = 80
_OTHER_PAGES = (Cue.TEAM, Cue.LIST_ROLES, Cue.LIST_LEVELS, Cue.LIST_SKILLS, Cue.ROLES, Cue.LEVELS, Cue.SKILLS)
_ASKING = (Cue.WHO, Cue.SEARCH, Cue.REQUIRED)


class Own(NamedTuple):
    """What tells such wishes: `tongues` are the ids of languages by their names, of those that the coach speaks."""

    clock: Clock
    terms: Terms
    tongues: Mapping[str, str]
    places: Places

    def first(self, reading: Reading, subject: Subject) -> Intent | None:
        """What is meant even where other words sound like something else: a language, a file of all data."""
        if reading.nothing_but(Cue.LANGUAGE) and not (reading.has(*_ASKING) or self._names_a_place(reading)):
            return SetLanguage(lang=self._tongue(reading))
        named = subject.any or subject.skill or reading.has(Cue.WHO, Cue.REQUIRED)
        if reading.has(Cue.EXPORT) and not (named or reading.has(Cue.FORGET, Cue.PACKET)):
            return AskPrivacy(export=True)
        elsewhere = subject.any and reading.has(Cue.EXPECT, Cue.EXPLAIN)
        return self._kept(reading) if reading.has(Cue.EVIDENCE, Cue.MY_EVIDENCE) and not elsewhere else None

    def then(self, reading: Reading, subject: Subject) -> Intent | None:
        """What is meant unless it is about others, the world or reminders."""
        if reading.has(Cue.PACKET) and not (subject.role or reading.has(*_ASKING)):
            return ShowPacket(level=subject.level)
        checks = reading.has(Cue.STILL_TRUE, Cue.NO_LONGER)
        if checks and not (subject.any or reading.has(Cue.DONE, Cue.UNDO, *_ASKING)):
            words = reading.term() if self.terms.speaks(reading) else ""
            return ConfirmMilestone(words=words[:_SAID], still=False if reading.has(Cue.NO_LONGER) else None)
        if reading.has(Cue.PLAN) and not (subject.any or reading.has(Cue.DONE, Cue.UNDO, Cue.TEAM, *_ASKING)):
            return MakePlan()
        if walk := self._walk(reading, subject):
            return walk
        if picked := self._picked(reading, subject):
            return picked
        others = reading.has(Cue.TEAM, Cue.DONE, Cue.UNDO, Cue.NEXT)
        if reading.has(Cue.MILESTONES) and not (others or subject.role or reading.rest):
            return ListMilestones(level=subject.level)
        return ShowProfile() if reading.nothing_but(Cue.OVERVIEW) and not reading.has(*_OTHER_PAGES) else None

    def _names_a_place(self, reading: Reading) -> bool:
        """Whether a country was taken for a language by a repair: "Germany"."""
        return any(
            part.key in self.tongues and fold(reading.typed(at)) != part.key and self.places.alone(reading.typed(at))
            for at, part in enumerate(reading.parts)
        )

    def _tongue(self, reading: Reading) -> str:
        named = (self.tongues[part.key] for part in reading.parts if part.key in self.tongues)
        return next(named, "")

    def _kept(self, reading: Reading) -> Intent | None:
        """Evidence to add or to look at, where it is not asked who needs some."""
        if reading.has(
            Cue.WHO, Cue.REQUIRED, Cue.PRIVACY, Cue.WHO_SEES, Cue.FORGET, Cue.PACKET, Cue.TEAM, Cue.OFF_TOPIC
        ):
            return None
        if reading.has(Cue.MY_EVIDENCE) or reading.asks_whether:
            return ShowEvidence()
        number, words = self._named(reading)
        return AddEvidence(number=number, words="" if number else words)

    def _walk(self, reading: Reading, subject: Subject) -> Intent | None:
        if reading.has(Cue.STOP_WALK) and not (subject.any or reading.rest):
            return FindLevel(step="stop")
        if reading.has(Cue.REVIEW) and not (subject.any or reading.rest or reading.has(Cue.WHO)):
            return FindLevel(step="review")
        if reading.has(Cue.FIND_LEVEL) or self._doubts(reading):
            others = reading.has(Cue.TEAM, Cue.NEXT) or self.terms.speaks(reading)
            return None if others else subject.unknown() or FindLevel(role=subject.role, level=subject.level)
        return None

    def _doubts(self, reading: Reading) -> bool:
        """Whether it is asked if one is at a level: "am I a senior?"."""
        for match in reading.matches:
            if match.cue == Cue.AM_I:
                stretch = reading.stretch(match.start)
                asked = "?" in reading.between(stretch.stop)
                if reading.leads(match.start, start=stretch.start) and (asked or not reading.has(Cue.SELF)):
                    return True
        return False

    def _picked(self, reading: Reading, subject: Subject) -> Intent | None:
        """What is being worked on, or no longer; what is only asked or done is not."""
        stated, taken = reading.has(Cue.PICK, Cue.DROP), reading.tone(Cue.TAKE)
        if not (stated or taken) or subject.any or reading.has(Cue.DONE, Cue.TEAM, Cue.NUDGE, *_ASKING):
            return None
        if any(tone.cue == Cue.ASKS and reading.leads(tone.start) for tone in reading.tones):
            return None
        if reading.has(Cue.UNDO, Cue.NEXT) and not stated:
            return None
        number, words = self._named(reading)
        bare = stated and not (reading.rest or subject.skill or reading.has(Cue.NEXT))
        if not (number or bare or (words and self.terms.speaks(reading))):
            return None
        return PickMilestone(number=number, words="" if number else words, working=not reading.has(Cue.DROP))

    def _named(self, reading: Reading) -> tuple[int | None, str]:
        """The place in the last list, or else what was said of a milestone."""
        numbers, wrong = numbers_in(reading, self.clock, range(len(reading.parts)))
        told = reading.toned(Cue.TAKE)
        words = reading.term([place for place in reading.rest if not told >> place & 1])
        return (numbers[0] if len(numbers) == 1 and not wrong else None), words[:_SAID]
