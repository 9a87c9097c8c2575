"""From what was read to the intent that was meant."""

from __future__ import annotations

from content.matrix import Matrix
from content.words import Cue
from handlers.intent import (
    AskNudges,
    AskPrivacy,
    AskRequirement,
    AskTeam,
    CompareLevels,
    CompareRoles,
    Intent,
    ListLevels,
    ListRoles,
    ListSkills,
    MarkDone,
    OutOfScope,
    Search,
    SetProfile,
    ShowExpectations,
    ShowHelp,
    ShowProfile,
    SmallTalk,
    StartHere,
    SuggestNext,
    Unclear,
    UnknownName,
)
from handlers.understand.clock import Clock
from handlers.understand.reading import Reading
from handlers.understand.subject import Subject

_SAID = 80
_STEM = 6
_MOST_NAMES = 12

_MOODS = (
    (Cue.WHO_ARE_YOU, SmallTalk(mood="who-are-you")),
    (Cue.HOW_ARE_YOU, SmallTalk(mood="how-are-you")),
    (Cue.THANKS, SmallTalk(mood="thanks")),
    (Cue.BYE, SmallTalk(mood="bye")),
    (Cue.SORRY, SmallTalk(mood="sorry")),
    (Cue.PRAISE, SmallTalk(mood="praise")),
    (Cue.HELLO, SmallTalk(mood="hello")),
)


class Decision:
    """The order in which meanings are tried, from the most telling to the most common."""

    def __init__(self, matrix: Matrix, clock: Clock, terms: frozenset[str]) -> None:
        """`terms` are the folded words of the framework's texts."""
        self._matrix = matrix
        self._clock = clock
        self._terms = terms
        self._stems = frozenset(term[:_STEM] for term in terms if len(term) >= _STEM)

    def __call__(self, reading: Reading) -> tuple[Intent, bool]:
        """The intent, and whether it leans on what was said before."""
        if not reading.parts:
            return (StartHere() if not reading.text else ShowHelp() if "?" in reading.text else Unclear()), False
        subject = Subject(reading, self._matrix)
        intent = self._besides(reading, subject) or self._about(reading, subject)
        return intent, self._follows(reading, subject, intent)

    def _besides(self, reading: Reading, subject: Subject) -> Intent | None:
        """What is not about the framework's texts: the person, the team, the coach, the world."""
        if reading.has(Cue.INJECTION):
            return OutOfScope()
        if reading.has(Cue.PRIVACY, Cue.FORGET):
            return AskPrivacy(forget=reading.has(Cue.FORGET))
        if reading.has(Cue.OFF_TOPIC):
            return OutOfScope()
        if nudges := self._nudges(reading, subject):
            return nudges
        if reading.has(Cue.DONE, Cue.UNDO) and not (subject.role and subject.level):
            return self._done(reading)
        if reading.has(Cue.TEAM) and not subject.role and not (reading.has(Cue.WHO) and reading.rest):
            return AskTeam()
        if reading.has(Cue.SELF) and not reading.has(Cue.IF) and not self._speaks_of_others(reading, subject):
            return self._self(reading, subject)
        if reading.has(Cue.HELP) and reading.has(Cue.NEXT) and not subject.any:
            return ShowHelp()
        if reading.has(Cue.NEXT) and not (subject.role and subject.level):
            return SuggestNext()
        if reading.has(Cue.MY_PROFILE) and (reading.says(Cue.MY_PROFILE) > 1 or not reading.rest):
            return ShowProfile()
        return None

    def _speaks_of_others(self, reading: Reading, subject: Subject) -> bool:
        """Whether the speaker only says who is asking: "I'm a manager: what does a senior data scientist …"."""
        spoken = [match.mask for match in reading.matches if match.cue == Cue.SELF]
        named = [place for place, part in enumerate(reading.parts) if part.key in ("@role", "@level")]
        return (
            bool(named) and bool(subject.strangers) and not any(mask >> place & 1 for mask in spoken for place in named)
        )

    def _about(self, reading: Reading, subject: Subject) -> Intent:
        """What is about the framework, and what is left when it is not."""
        if found := self._searched(reading, subject) or subject.unknown():
            return found
        if (stranger := self._bare_title(reading, subject)) is not None:
            return UnknownName(what="role", said=stranger[:_SAID], level=subject.level)
        if reading.has(Cue.REQUIRED) or self._asks_requirement(reading, subject):
            return self._requirement(subject)
        if compared := self._compared(reading, subject):
            return compared
        if subject.role and not subject.level and reading.has(Cue.LIST_LEVELS):
            return ListLevels(role=subject.role)
        if subject.role or subject.level:
            return ShowExpectations(role=subject.role, level=subject.level, skill=subject.skill)
        return self._listed(reading, subject) or self._talk(reading) or self._term(reading, subject)

    def _nudges(self, reading: Reading, subject: Subject) -> AskNudges | None:
        row = [part.key for part in reading.parts]
        weekday, minute = self._clock.weekday(row), self._clock.minute(row)
        timed = weekday is not None or minute is not None
        if reading.has(Cue.NUDGE_OFF) and not subject.any or reading.has(Cue.NUDGE) and reading.has(Cue.OFF):
            return AskNudges(wish="off")
        if timed and (reading.has(Cue.NUDGE, Cue.NUDGE_ON, Cue.NUDGE_WHEN) or self._only_time(reading)):
            return AskNudges(wish="set", weekday=weekday, minute=minute)
        if reading.has(Cue.NUDGE_WHEN):
            return AskNudges(wish="info")
        if (reading.has(Cue.NUDGE_ON) and not subject.any) or (reading.has(Cue.NUDGE) and reading.has(Cue.ON)):
            return AskNudges(wish="on")
        return AskNudges(wish="info") if reading.has(Cue.NUDGE) else None

    def _only_time(self, reading: Reading) -> bool:
        """Whether there is nothing but a day or a time: "fridays at 9"."""
        return not reading.matches and all(
            part.key in self._clock.vocabulary or part.key in reading.fillers or part.key[:1].isdecimal()
            for part in reading.parts
        )

    def _done(self, reading: Reading) -> MarkDone:
        row = [part.key for part in reading.parts]
        number = self._clock.place(row)
        said = "" if number else reading.term()
        return MarkDone(number=number, words=said[:_SAID], done=not reading.has(Cue.UNDO))

    def _self(self, reading: Reading, subject: Subject) -> Intent:
        if unknown := subject.unknown():
            return unknown
        role, level = subject.last_role, subject.last_level
        if role is None and level is None:
            return ShowProfile() if reading.has(Cue.MY_PROFILE) else SetProfile()
        if role and level and reading.has(Cue.NEXT):
            above = self._matrix.roles[role].above(level) if level in self._matrix.roles[role].ladder else None
            return CompareLevels(role=role, levels=(level, above) if above else (level,))
        if role and level and "?" in reading.text and reading.has(Cue.EXPECT):
            return ShowExpectations(role=role, level=level)
        return SetProfile(role=role, level=level)

    def _searched(self, reading: Reading, subject: Subject) -> Search | None:
        telling = any(self._is_term(reading, place) for place in reading.rest)
        asks = reading.has(Cue.WHO, Cue.SEARCH)
        if ((subject.role and subject.level) or len(subject.levels) > 1) and not reading.opens(Cue.SEARCH):
            asks = asks and telling
        if reading.has(Cue.ROLES, Cue.LEVELS, Cue.LIST_ROLES, Cue.LIST_LEVELS) and not subject.any:
            asks = asks or telling
        asks = asks or self._is_term_alone(reading, subject)
        fields = subject.fields if reading.rest or not (subject.skill or reading.has(Cue.REQUIRED)) else []
        places = [*reading.rest, *fields] if asks else list(reading.rest)
        if reading.has(Cue.WHO) and subject.strangers:
            places += subject.strangers
        if not places or (subject.stranger and not reading.has(Cue.WHO)):
            return None
        if not (asks or self._asks_within(reading, subject)):
            return None
        term = reading.term(sorted(places))
        if not term:
            return None
        role = None if subject.role_is_field or len(subject.roles) > 1 else subject.role
        level = subject.level if len(subject.levels) == 1 else None
        return Search(words=term[:_SAID], role=role, level=level)

    def _is_term_alone(self, reading: Reading, subject: Subject) -> bool:
        """Whether it is nothing but a term that begins with a field: "LLM gateway"."""
        known = [place for place in reading.rest if self._is_known(reading, place)]
        bare = subject.role_is_field and not subject.levels and not reading.matches
        return bare and bool(known) and len(known) == len(reading.rest)

    def _asks_within(self, reading: Reading, subject: Subject) -> bool:
        """Whether a question about a role or level is about one term: "does a senior need TensorRT?"."""
        if not (subject.role or subject.level) or subject.rank:
            return False
        telling = [place for place in reading.rest if self._is_term(reading, place)]
        if reading.asks_whether and telling:
            return True
        after = reading.rest[-1] + 1
        return any(
            match.start == after and match.cue in (Cue.SKILLS, Cue.EXPECT) for match in reading.matches
        ) and after < len(reading.parts)

    def _is_term(self, reading: Reading, place: int) -> bool:
        """Whether a word is of the framework, or looks like the name of a tool."""
        part = reading.parts[place]
        typed = reading.text[part.start : part.end]
        known = part.key in self._terms or (len(part.key) >= _STEM and part.key[:_STEM] in self._stems)
        return known or not typed.islower()

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
        if not subject.skill or any(self._is_term(reading, place) for place in reading.rest):
            return False
        return reading.has(Cue.WHO) or reading.asks_whether or (reading.has(Cue.MUST) and reading.has(Cue.LEVELS))

    def _requirement(self, subject: Subject) -> Intent:
        if subject.asks_what and subject.role and subject.level:
            return ShowExpectations(role=subject.role, level=subject.level, skill=subject.skill)
        role = subject.role if len(subject.roles) == 1 else None
        level = subject.level if len(subject.levels) == 1 else None
        return AskRequirement(role=role, level=level, skill=subject.skill)

    def _compared(self, reading: Reading, subject: Subject) -> Intent | None:
        levels = subject.ladder_levels
        if len(subject.roles) > 1:
            return CompareRoles(roles=tuple(subject.roles[:_MOST_NAMES]), level=subject.level, skill=subject.skill)
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
        if reading.has(Cue.HELP) and not reading.has(Cue.HOW_ARE_YOU):
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
            if reading.has(cue) and len(reading.rest) < 3:
                return talk
        return None

    def _term(self, reading: Reading, subject: Subject) -> Intent:
        """A term alone, or a question about one, when the framework speaks of it."""
        known = [place for place in reading.rest if self._is_known(reading, place)]
        if reading.rest and len(known) == len(reading.rest) and (len(reading.rest) < 4 or reading.has(Cue.EXPLAIN)):
            return Search(words=reading.term()[:_SAID])
        if subject.skill:
            return ShowExpectations(skill=subject.skill)
        if reading.has(Cue.BECOME):
            return SuggestNext()
        return ShowExpectations() if reading.has(Cue.EXPECT) and not reading.rest else Unclear()

    def _is_known(self, reading: Reading, place: int) -> bool:
        key = reading.parts[place].key
        return key in self._terms or (len(key) >= _STEM and key[:_STEM] in self._stems)

    def _follows(self, reading: Reading, subject: Subject, intent: Intent) -> bool:
        """Whether the last subject may fill what is missing."""
        if isinstance(intent, ShowExpectations):
            bare = intent.level is not None and intent.role is None and len(reading.parts) == 1
            return bare or reading.opens(Cue.FOLLOW)
        if isinstance(intent, CompareLevels | CompareRoles):
            return reading.opens(Cue.FOLLOW) or len(subject.ladder_levels) < 2
        if isinstance(intent, AskRequirement):
            return not (intent.role or intent.level or reading.has(Cue.WHO, Cue.ROLES))
        return False
