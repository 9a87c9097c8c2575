"""The cue words of one language: what people say around the names of roles, levels and skills.

A phrase is a row of words. In it `a|b_c` is a choice ("a" or "b c"), `word?` may be missing, `{set}` is any
member of a set (`{languages}` holds the names of all languages), `*` is up to three words of any kind, and `~` is up to
three filler words. `ROLE`, `LEVEL`, `SKILL`, `STRANGER` (a job title that the framework lacks), `NAME` (a role or a
level, known or not) and `NUMBER` stand for what was recognised before.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Cue(StrEnum):
    """What a phrase tells about the wish behind the words."""

    HELLO = "hello"
    THANKS = "thanks"
    BYE = "bye"
    HOW_ARE_YOU = "how-are-you"
    WHO_ARE_YOU = "who-are-you"
    PRAISE = "praise"
    SORRY = "sorry"
    LOW = "low"
    NEVER_MIND = "never-mind"
    HELP = "help"
    START = "start"
    PRIVACY = "privacy"
    WHO_SEES = "who-sees"
    FORGET = "forget"
    INJECTION = "injection"
    OFF_TOPIC = "off-topic"
    PASSING = "passing"
    JUDGED = "judged"
    HOW_MANY = "how-many"
    NUDGE = "nudge"
    NUDGE_ON = "nudge-on"
    NUDGE_OFF = "nudge-off"
    NUDGE_WHEN = "nudge-when"
    NUDGE_PAUSE = "nudge-pause"
    NUDGE_SNOOZE = "nudge-snooze"
    NUDGE_RESUME = "nudge-resume"
    NUDGE_PREVIEW = "nudge-preview"
    AWAY = "away"
    FEAST = "feast"
    VACATION = "vacation"
    BACK = "back"
    AGAIN = "again"
    ZONE = "zone"
    LIVE = "live"
    HOLIDAYS = "holidays"
    NO_HOLIDAYS = "no-holidays"
    PLAN = "plan"
    ON = "on"
    OFF = "off"
    TEAM = "team"
    DONE = "done"
    UNDO = "undo"
    NEXT = "next"
    ADVICE = "advice"
    MY_PROFILE = "my-profile"
    OVERVIEW = "overview"
    FIND_LEVEL = "find-level"
    AM_I = "am-i"
    REVIEW = "review"
    STOP_WALK = "stop-walk"
    MILESTONES = "milestones"
    STILL_TRUE = "still-true"
    NO_LONGER = "no-longer"
    PICK = "pick"
    TAKE = "take"
    DROP = "drop"
    EVIDENCE = "evidence"
    NOTE = "note"
    MY_EVIDENCE = "my-evidence"
    PACKET = "packet"
    EXPORT = "export"
    LANGUAGE = "language"
    SELF = "self"
    IF = "if"
    BECOME = "become"
    LIST_ROLES = "list-roles"
    LIST_LEVELS = "list-levels"
    LIST_SKILLS = "list-skills"
    ROLES = "roles"
    LEVELS = "levels"
    SKILLS = "skills"
    REQUIRED = "required"
    OPTIONAL = "optional"
    MUST = "must"
    YES_NO = "yes-no"
    WHO = "who"
    SEARCH = "search"
    EXPLAIN = "explain"
    COMPARE = "compare"
    ABOVE = "above"
    BELOW = "below"
    EVERY_LEVEL = "every-level"
    FOLLOW = "follow"
    EXPECT = "expect"
    NOT = "not"
    ASIDE = "aside"
    YES = "yes"
    NO = "no"
    NOT_YET = "not-yet"
    PARTLY = "partly"
    SKIP = "skip"
    PAUSE = "pause"
    ADDS = "adds"
    GO_ON = "go-on"
    ASKS = "asks"
    WANT = "want"
    LATER = "later"
    UNSURE = "unsure"
    REPORTED = "reported"
    ME = "me"
    MARK = "mark"
    ALL = "all"
    ITEM = "item"
    SEVERAL = "several"
    RANGE = "range"
    SEEKS = "seeks"
    TOOL = "tool"


TONES = frozenset(
    {
        Cue.YES,
        Cue.NO,
        Cue.NOT_YET,
        Cue.PARTLY,
        Cue.SKIP,
        Cue.PAUSE,
        Cue.ADDS,
        Cue.GO_ON,
        Cue.LANGUAGE,
        Cue.OVERVIEW,
        Cue.NOTE,
        Cue.TAKE,
        Cue.ASKS,
        Cue.WANT,
        Cue.LATER,
        Cue.UNSURE,
        Cue.REPORTED,
        Cue.ME,
        Cue.MARK,
        Cue.ALL,
        Cue.ITEM,
        Cue.SEVERAL,
        Cue.RANGE,
        Cue.SEEKS,
        Cue.TOOL,
        Cue.AWAY,
        Cue.FEAST,
        Cue.VACATION,
        Cue.BACK,
        Cue.AGAIN,
        Cue.ZONE,
        Cue.LIVE,
        Cue.HOLIDAYS,
        Cue.NO_HOLIDAYS,
    }
)
"""Cues that tell how something is said, beside what is said: as a question, a plan, an answer, another's opinion.

Words that are common elsewhere are here, too: a tone takes no word from another cue or from a search."""


def _split(value: object) -> object:
    """Plain words may be written as one text with spaces."""
    return tuple(value.split()) if isinstance(value, str) else value


Sign = Literal[
    "at",
    "hour",
    "am",
    "pm",
    "half-to",
    "half-past",
    "quarter-to",
    "quarter-past",
    "morning",
    "noon",
    "afternoon",
    "evening",
    "midnight",
]
"""What a word of the clock says about the number beside it; `half-to` is the German half hour before the full one."""

Mark = Literal[
    "until",
    "before",
    "from",
    "on",
    "begin",
    "in",
    "next",
    "this",
    "end",
    "weekend",
    "today",
    "tomorrow",
    "overmorrow",
    "yesterday",
    "every",
    "two",
    "once",
    "twice",
    "times",
    "weekly",
    "fortnightly",
    "monthly",
    "daily",
    "moment",
    "one",
    "few",
]
"""What a word of the calendar says about the day, the number or the span beside it."""

WordList = Annotated[tuple[str, ...], BeforeValidator(_split)]


class Plans(BaseModel):
    """What tells a plan, as it is typed: "my plan: when the sprint starts, I will review the batching"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    named: tuple[str, ...]
    """What announces it: "my plan"."""
    when: tuple[str, ...]
    will: tuple[str, ...]


class Teams(BaseModel):
    """Whole sentences about teams of people, and about cards for a one-to-one.

    They are written like the phrases of cues, without sets; `…` is the name of a team, and `*` are people, whom the
    platform names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    before: tuple[str, ...]
    """What may stand before: "please"."""
    after: tuple[str, ...]
    nouns: WordList
    """Words that are about a team and name none: "summary"."""
    here: WordList
    """Words for everybody of the place it is said in."""
    towards: WordList
    """Words with which a name alone does not begin: "in Berlin" is where, or when by the clock there."""
    around: WordList
    """Words that may stand beside those; with any other, somebody is named whom the platform does not know."""
    make: tuple[str, ...]
    invite: tuple[str, ...]
    leave: tuple[str, ...]
    summary: tuple[str, ...]
    loose: tuple[str, ...]
    """A summary of something that is only then a team when the framework knows nothing of it."""
    plan: tuple[str, ...]
    unplan: tuple[str, ...]
    remark: tuple[str, ...]
    """What sounds as if posts were to end, and may be said of anything else: "don't share that"."""
    manager: tuple[str, ...]
    hand_over: tuple[str, ...]
    rename: tuple[str, ...]
    """With the new name, which is the second `…`."""
    manage: tuple[str, ...]
    end: tuple[str, ...]
    mine: tuple[str, ...]
    trail: tuple[str, ...]
    card: tuple[str, ...]


class Words(BaseModel):
    """The vocabulary of understanding in one language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: str
    fillers: WordList
    """Words that carry no meaning of their own: articles, pronouns, auxiliary verbs, politeness."""
    known: WordList = ()
    """Words that look like a mistyped name but are none."""
    spellings: dict[str, str] = Field(default_factory=dict)
    """Short and joined forms, and what they stand for."""
    variants: tuple[tuple[str, ...], ...] = ()
    """Groups of phrases that mean the same inside the name of a role, level or skill."""
    heads: WordList
    """Nouns that make a job title: "engineer", "manager". Long ones are found at the end of compounds, too."""
    modifiers: WordList = ()
    """Cue words that may also stand before such a noun: "data", "test"."""
    titles: tuple[str, ...] = ()
    """Well-known job titles that have no such noun."""
    ranks: tuple[str, ...] = ()
    """Words for levels that frameworks may lack: "intern", "chief", "director"."""
    rank_nouns: WordList
    """Nouns before or after the number of a level: "level 7", "Stufe 3"."""
    weekdays: dict[str, Annotated[int, Field(ge=0, le=6)]]
    """Names of weekdays, 0 = Monday."""
    numbers: dict[str, int]
    """Cardinal numbers in words, one to twelve."""
    ordinals: dict[str, int]
    """Ordinal numbers in words."""
    languages: dict[str, str] = Field(default_factory=dict)
    """Names of languages, and the id of each; of those in which the coach does not answer it is empty."""
    pointers: WordList = ()
    """Words that only point at a link: "see", "here"."""
    clock: dict[str, Sign]
    """Words of the clock, and what each is a sign of. Behind a hyphen: only beside the name of a day."""
    months: dict[str, Annotated[int, Field(ge=1, le=12)]] = Field(default_factory=dict)
    """Names of months, 1 = January."""
    spans: dict[str, int] = Field(default_factory=dict)
    """Names of spans of time, and how many days each has."""
    calendar: dict[str, Mark] = Field(default_factory=dict)
    """Words around days and spans, and what each is a mark of."""
    zones: dict[str, str] = Field(default_factory=dict)
    """Places that have no zone of their own name, and their IANA zones."""
    countries: dict[str, Annotated[str, Field(pattern=r"^[A-Z]{2}$")]] = Field(default_factory=dict)
    """What people call countries beside their names, by ISO 3166."""
    plans: Plans | None = None
    teams: Teams | None = None
    sets: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Named choices for the phrases."""
    cues: dict[Cue, tuple[str, ...]]
    """Phrases by what they tell."""
