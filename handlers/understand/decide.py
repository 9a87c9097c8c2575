"""From what was read to the intent that was meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from content.matrix import Matrix
from content.words import Cue
from handlers.intent import (
    AskPrivacy,
    AskRequirement,
    AskTeam,
    CompareLevels,
    CompareRoles,
    FindLevel,
    Intent,
    ListLevels,
    ListRoles,
    ListSkills,
    OutOfScope,
    Search,
    SetLanguage,
    ShowExpectations,
    ShowHelp,
    ShowProfile,
    SmallTalk,
    StartHere,
    SuggestNext,
    Unclear,
    UnknownName,
)
from handlers.understand import person
from handlers.understand.nudges import Nudges
from handlers.understand.own import Own
from handlers.understand.reading import Reading
from handlers.understand.subject import Subject
from handlers.understand.terms import Terms
from handlers.understand.ticked import place_alone, ticked
from handlers.understand.titles import HEAD

_SAID = 80
_MOST_NAMES = 12

_MOODS = (
    (Cue.WHO_ARE_YOU, SmallTalk(mood="who-are-you")),
    (Cue.HOW_ARE_YOU, SmallTalk(mood="how-are-you")),
    (Cue.THANKS, SmallTalk(mood="thanks")),
    (Cue.BYE, SmallTalk(mood="bye")),
    (Cue.SORRY, SmallTalk(mood="sorry")),
    (Cue.LOW, SmallTalk(mood="low")),
    (Cue.NEVER_MIND, SmallTalk(mood="never-mind")),
    (Cue.PRAISE, SmallTalk(mood="praise")),
    (Cue.HELLO, SmallTalk(mood="hello")),
)


class Decision:
    """The order in which meanings are tried, from the most telling to the most common."""

    def __init__(self, matrix: Matrix, nudges: Nudges, terms: Terms, tongues: Mapping[str, str]) -> None:
        """`tongues` are the ids of languages by their names, of those that the coach speaks."""
        self._matrix = matrix
        self._clock = nudges.clock
        self._nudges = nudges
        self._terms = terms
        self._own = Own(nudges.clock, terms, tongues, nudges.places)

    def __call__(self, reading: Reading) -> tuple[Intent, bool]:
        """The intent, and whether it leans on what was said before."""
        if not reading.parts:
            return (StartHere() if not reading.text else ShowHelp() if "?" in reading.text else Unclear()), False
        subject = Subject(reading, self._matrix)
        intent = self._besides(reading, subject) or self._about(reading, subject)
        return intent, self._follows(reading, subject, intent)

    def _besides(self, reading: Reading, subject: Subject) -> Intent | None:
        """What is not about the framework's texts: the person, the team, the coach, the world."""
        if wish := self._own.first(reading, subject):
            return OutOfScope() if reading.has(Cue.INJECTION) and not isinstance(wish, SetLanguage) else wish
        if reading.has(Cue.INJECTION) or self._judges(reading, subject):
            return OutOfScope()
        if sought := self._terms.sought(reading, subject):
            return sought
        elsewhere = (subject.role and subject.level) or (reading.has(Cue.NUDGE) and reading.has(Cue.NUDGE_WHEN))
        private = reading.has(Cue.PRIVACY, Cue.FORGET) or (reading.has(Cue.WHO_SEES) and not reading.has(Cue.PACKET))
        if private and not (elsewhere or self._terms.asks_after(reading, Cue.FORGET)):
            forget = reading.has(Cue.FORGET)
            return AskPrivacy(forget=forget, who=reading.has(Cue.WHO_SEES) and not forget)
        if rest := self._nudges.first(reading, subject):
            return rest
        if self._strays(reading, subject):
            return OutOfScope()
        if wish := self._nudges.then(reading, subject) or self._own.then(reading, subject):
            return wish
        if reading.has(Cue.DONE, Cue.UNDO) and not (subject.role and subject.level):
            return ticked(reading, self._clock)
        about_term = reading.has(Cue.WHO) and (reading.rest or (subject.skill and reading.has(Cue.REQUIRED)))
        if reading.has(Cue.TEAM) and not subject.role and not about_term:
            return AskTeam()
        if reading.has(Cue.PASSING) and not self._in_passing(reading, subject):
            return OutOfScope()
        if reading.has(Cue.HELP) and subject.aside:
            return ShowHelp()
        if told := person.statement(reading, subject, self._matrix):
            return told
        if reading.has(Cue.NEXT) and reading.says(Cue.HELP) >= reading.says(Cue.NEXT) and not subject.any:
            return ShowHelp()
        if reading.has(Cue.NEXT) and not (subject.role and subject.level):
            return SuggestNext()
        if reading.has(Cue.MY_PROFILE) and (reading.says(Cue.MY_PROFILE) > 1 or not reading.rest):
            return ShowProfile()
        return None

    def _strays(self, reading: Reading, subject: Subject) -> bool:
        """Whether it is of another world; a word such as "money" may stand in a question about a term, too."""
        found = [match for match in reading.matches if match.cue == Cue.OFF_TOPIC]
        if not found or subject.any or not reading.has(Cue.WHO, Cue.SEARCH):
            return bool(found)
        words = [match.start for match in found if match.mask.bit_count() == 1]
        return len(words) < len(found) or not self._terms.speaks_by(reading, words)

    def _judges(self, reading: Reading, subject: Subject) -> bool:
        """Whether it is asked if somebody by name is at a level: "is Kim a senior?"."""
        if not reading.has(Cue.JUDGED) or subject.skill or reading.has(Cue.REQUIRED, Cue.WHO, Cue.SEARCH):
            return False
        said = [reading.text[part.start : part.end] for part in map(reading.parts.__getitem__, reading.loose)]
        somebody = len(said) == 1 and (said[0].istitle() or said[0].islower())  # "TensorRT" is nobody
        return somebody and reading.asks_whether and not self._terms.speaks(reading)

    def _in_passing(self, reading: Reading, subject: Subject) -> bool:
        """Whether what the coach knows nothing of is only why, or when, a question about a rung is asked."""
        if subject.role and subject.level:
            return not reading.has(Cue.HOW_MANY)
        return subject.level is not None and reading.has(Cue.REQUIRED)

    def _about(self, reading: Reading, subject: Subject) -> Intent:
        """What is about the framework, and what is left when it is not."""
        if found := self._terms.search(reading, subject) or subject.unknown():
            return found
        if (stranger := self._bare_title(reading, subject)) is not None:
            return UnknownName(what="role", said=stranger[:_SAID], level=subject.level)
        if reading.has(Cue.REQUIRED) or self._asks_requirement(reading, subject):
            return self._requirement(reading, subject)
        asks_one = len(subject.roles) == len(subject.ladder_levels) == 1 and reading.has(Cue.EXPECT)
        passing = asks_one and not (reading.opens(Cue.COMPARE) or reading.has(Cue.BECOME))
        if not passing and (compared := self._compared(reading, subject)):
            return compared
        apart = reading.apart(Cue.LIST_LEVELS) and not (reading.has(Cue.WHO) and reading.has(Cue.MUST))
        if reading.has(Cue.LIST_LEVELS) and not (subject.role and subject.level) and (subject.role or apart):
            return ListLevels(role=subject.role)
        if subject.role or subject.level:
            return ShowExpectations(role=subject.role, level=subject.level, skill=subject.skill)
        digits = any(part.key.isdecimal() for part in reading.parts)  # "ok 3"
        counted = place_alone(reading, self._clock) if digits else None
        return self._listed(reading, subject) or counted or self._talk(reading) or self._term(reading, subject)

    def _bare_title(self, reading: Reading, subject: Subject) -> str | None:
        """A title without a known noun beside a level: "senior florist"."""
        if subject.role or not subject.level or not reading.rest or len(reading.rest) > 3 or subject.skill:
            return None
        beside = {place + step for place in subject.level_places for step in (-1, 1)}
        if not beside & set(reading.rest) or reading.has(Cue.COMPARE, Cue.BECOME, Cue.REQUIRED):
            return None
        return reading.term()

    def _asks_requirement(self, reading: Reading, subject: Subject) -> bool:
        """Whether it is asked who must have a skill, without the word "required"."""
        if not subject.skill:
            asks = reading.has(Cue.WHO) and reading.has(Cue.MUST)
            return asks and subject.level is not None and not (subject.role or reading.rest)
        if self._terms.telling(reading) or len(subject.roles) > 1:
            return False
        return reading.has(Cue.WHO) or reading.asks_whether or (reading.has(Cue.MUST) and reading.has(Cue.LEVELS))

    def _requirement(self, reading: Reading, subject: Subject) -> Intent:
        if subject.asks_what and subject.role and subject.level:
            return ShowExpectations(role=subject.role, level=subject.level, skill=subject.skill)
        role = subject.role if len(subject.roles) == 1 else None
        level = subject.level if len(subject.levels) == 1 else None
        optional = reading.only(Cue.OPTIONAL, Cue.REQUIRED) or bool(reading.negated and not (role and level))
        standing: Literal["required", "optional"] = "optional" if optional and not role else "required"
        return AskRequirement(role=role, level=level, skill=subject.skill, standing=standing)

    def _compared(self, reading: Reading, subject: Subject) -> Intent | None:
        levels = subject.ladder_levels
        if len(subject.roles) > 1:
            roles = tuple(subject.roles[:_MOST_NAMES])
            if len(subject.levels) < 2:
                return CompareRoles(roles=roles, level=subject.level, skill=subject.skill)
            own = subject.level_of_each_role
            each = tuple(own[role] for role in roles) if own.keys() >= set(roles) else ()
            return CompareRoles(roles=roles, levels=each, skill=subject.skill)
        if len(levels) > 1:
            return CompareLevels(role=subject.role, levels=tuple(levels[:_MOST_NAMES]), skill=subject.skill)
        if reading.rest and not subject.any:
            return None
        if reading.has(Cue.COMPARE) or (reading.has(Cue.BECOME) and levels and not subject.role):
            if levels or reading.has(Cue.LEVELS, Cue.ABOVE, Cue.BELOW) or not (subject.role or reading.has(Cue.ROLES)):
                return CompareLevels(role=subject.role, levels=tuple(levels), skill=subject.skill)
            return CompareRoles(roles=tuple(subject.roles), level=subject.level, skill=subject.skill)
        return None

    def _listed(self, reading: Reading, subject: Subject) -> Intent | None:
        if reading.says(Cue.HELP) > reading.says(Cue.HOW_ARE_YOU):
            return ShowHelp()
        if reading.rest and not reading.has(Cue.LIST_ROLES, Cue.LIST_LEVELS, Cue.LIST_SKILLS):
            return None
        if reading.has(Cue.LIST_LEVELS):
            return ListLevels(role=subject.role)
        if reading.has(Cue.LIST_ROLES):
            return ListRoles()
        if reading.has(Cue.LIST_SKILLS):
            return ListSkills()
        if reading.has(Cue.LEVELS):
            return ListLevels(role=subject.role)
        if reading.has(Cue.ROLES):
            return ListRoles()
        return ListSkills() if reading.has(Cue.SKILLS) else None

    def _talk(self, reading: Reading) -> Intent | None:
        for cue, talk in _MOODS:
            if reading.has(cue) and len(reading.loose) < 3:
                return talk
        return None

    def _term(self, reading: Reading, subject: Subject) -> Intent:
        """A term alone, a skill alone, or what is left."""
        if reading.nothing_but(Cue.GO_ON):
            return FindLevel()
        if found := self._terms.alone(reading):
            return found
        if reading.nothing_but(Cue.TOOL) and not reading.has(Cue.WHO):
            named = reading.toned(Cue.TOOL)
            first, last = (named & -named).bit_length() - 1, named.bit_length() - 1
            return Search(words=reading.quote(first, last)[:_SAID])
        if reading.has(Cue.START) and not reading.loose:
            return StartHere()
        if subject.skill:
            return ShowExpectations(skill=subject.skill)
        if reading.has(Cue.BECOME, Cue.ABOVE) or (
            reading.has(Cue.ADVICE) and not (reading.rest or reading.has(Cue.EXPECT))
        ):
            return SuggestNext()
        if counted := place_alone(reading, self._clock):
            return counted
        if reading.has(Cue.WHO) and reading.loose:
            return Search(words=reading.term(reading.loose)[:_SAID])
        incomplete = reading.has(Cue.EXPECT) or any(part.key == HEAD for part in reading.parts)
        return ShowExpectations() if incomplete and not reading.rest else Unclear()

    def _follows(self, reading: Reading, subject: Subject, intent: Intent) -> bool:
        """Whether the last subject may fill what is missing."""
        if isinstance(intent, ShowExpectations):
            bare = intent.level is not None and intent.role is None and len(reading.parts) == 1
            return bare or reading.opens(Cue.FOLLOW) or reading.corrects
        if isinstance(intent, CompareLevels | CompareRoles):
            levels = subject.levels if isinstance(intent, CompareRoles) else subject.ladder_levels
            own = reading.toned(Cue.ME)
            compared = any(match.mask & own for match in reading.matches if match.cue == Cue.COMPARE)
            if compared or (own and reading.has(Cue.BECOME)):
                return False  # "compare me with senior" is about the profile, whatever was spoken of
            return reading.opens(Cue.FOLLOW) or len(levels) < 2
        if isinstance(intent, AskRequirement):
            return not (intent.role or intent.level or reading.has(Cue.WHO, Cue.ROLES))
        return False
