"""Everything a person, a button or the clock can ask: a closed, tagged union of frozen models.

Old payloads keep parsing for ever: fields are added with defaults, never renamed or moved.
Roles, levels and skills are the ids of the framework.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Id = Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Said = Annotated[str, Field(max_length=80)]


class _Intent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    private: ClassVar[bool] = False
    """True when the answer holds what a person told the coach: it is never shown to a room."""


class ShowExpectations(_Intent):
    """What does this role need at this level? What is missing is asked for."""

    kind: Literal["expect"] = "expect"
    role: Id | None = None
    level: Id | None = None
    skill: Id | None = None


class CompareLevels(_Intent):
    """What changes between levels of one role, lowest first. Fewer than two levels: the rest is asked for."""

    kind: Literal["levels"] = "levels"
    role: Id | None = None
    levels: tuple[Id, ...] = Field(default=(), max_length=12)
    skill: Id | None = None


class CompareRoles(_Intent):
    """What changes between roles at one level, or each at its own of `levels`; the first is where one comes from."""

    kind: Literal["roles"] = "roles"
    roles: tuple[Id, ...] = Field(default=(), max_length=12)
    level: Id | None = None
    skill: Id | None = None
    levels: tuple[Id, ...] = Field(default=(), max_length=12)


class Search(_Intent):
    """Which cells speak of these words; or, with `without`, which roles do not?"""

    kind: Literal["search"] = "search"
    words: Said
    role: Id | None = None
    level: Id | None = None
    without: bool = False


class AskRequirement(_Intent):
    """Is a skill required or optional? Without a level: from which level; without a role: for which roles.

    `standing` is what is asked for when roles are listed: those of which it is required, or those where it is optional.
    """

    kind: Literal["required"] = "required"
    role: Id | None = None
    level: Id | None = None
    skill: Id | None = None
    standing: Literal["required", "optional"] = "required"


class ListRoles(_Intent):
    """Which roles does the framework know?"""

    kind: Literal["list-roles"] = "list-roles"


class ListLevels(_Intent):
    """Which levels does the framework (or one role) know?"""

    kind: Literal["list-levels"] = "list-levels"
    role: Id | None = None


class ListSkills(_Intent):
    """Which skills does the framework know?"""

    kind: Literal["list-skills"] = "list-skills"


class UnknownName(_Intent):
    """A role, level or skill that the framework does not know; what else was understood comes along."""

    kind: Literal["unknown"] = "unknown"
    what: Literal["role", "level", "skill"]
    said: Said = ""
    role: Id | None = None
    level: Id | None = None
    skill: Id | None = None
    roles: tuple[Id, ...] = Field(default=(), max_length=12)


class SetProfile(_Intent):
    """I am …: stores the role, the level, or both."""

    kind: Literal["set-profile"] = "set-profile"
    private: ClassVar[bool] = True
    role: Id | None = None
    level: Id | None = None


class ShowProfile(_Intent):
    """Who am I to you?"""

    kind: Literal["profile"] = "profile"
    private: ClassVar[bool] = True


class SuggestNext(_Intent):
    """What should I work on next?"""

    kind: Literal["next"] = "next"
    private: ClassVar[bool] = True


class MarkDone(_Intent):
    """A milestone is done, or open again.

    `clause` is its id, `number` its place in the last list, `words` what was said of it. `numbers` are several places,
    `every` is the whole list, of `number` milestones where that was said. What is not `sure` is asked about.
    """

    kind: Literal["done"] = "done"
    private: ClassVar[bool] = True
    clause: Annotated[str, Field(max_length=200)] | None = None
    number: Annotated[int, Field(ge=1, le=99)] | None = None
    words: Said = ""
    done: bool = True
    numbers: tuple[Annotated[int, Field(ge=1, le=99)], ...] = Field(default=(), max_length=12)
    every: bool = False
    sure: bool = True


class AskNudges(_Intent):
    """Something about weekly nudges: on, off, when, or a wish for a day and an hour.

    Days count from 0 = Monday, minutes from midnight.
    """

    kind: Literal["nudges"] = "nudges"
    private: ClassVar[bool] = True
    wish: Literal["on", "off", "set", "info"] = "info"
    weekday: Annotated[int, Field(ge=0, le=6)] | None = None
    minute: Annotated[int, Field(ge=0, le=1439)] | None = None


class AskTeam(_Intent):
    """Something about a team's summary."""

    kind: Literal["team"] = "team"


class AskPrivacy(_Intent):
    """What do you know about me, who sees it; or, with `forget`, erase it. `sure` comes from the confirming button."""

    kind: Literal["privacy"] = "privacy"
    private: ClassVar[bool] = True
    forget: bool = False
    sure: bool = False


class ShowHelp(_Intent):
    """What can I ask you?"""

    kind: Literal["help"] = "help"


class StartHere(_Intent):
    """A bare `/skill`, or the first contact: pickers and what the coach can do."""

    kind: Literal["start"] = "start"


class SmallTalk(_Intent):
    """A greeting, thanks, a good-bye, or a question about the coach itself."""

    kind: Literal["small-talk"] = "small-talk"
    mood: Literal["hello", "thanks", "bye", "how-are-you", "who-are-you", "praise", "sorry"] = "hello"


class OutOfScope(_Intent):
    """Something the coach does not do: pay, the weather, jokes, judgements of people, its own insides."""

    kind: Literal["out-of-scope"] = "out-of-scope"


class Unclear(_Intent):
    """Nothing understood: ask back with examples."""

    kind: Literal["unclear"] = "unclear"


Intent = (
    ShowExpectations
    | CompareLevels
    | CompareRoles
    | Search
    | AskRequirement
    | ListRoles
    | ListLevels
    | ListSkills
    | UnknownName
    | SetProfile
    | ShowProfile
    | SuggestNext
    | MarkDone
    | AskNudges
    | AskTeam
    | AskPrivacy
    | ShowHelp
    | StartHere
    | SmallTalk
    | OutOfScope
    | Unclear
)

_ADAPTER: TypeAdapter[Intent] = TypeAdapter(Annotated[Intent, Field(discriminator="kind")])


def pack(intent: Intent) -> str:
    """An intent as compact JSON for a button; only what differs from the defaults, and the tag."""
    fields = {"kind": intent.kind} | intent.model_dump(exclude_defaults=True)
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False)


def unpack(payload: str | bytes | dict[str, object]) -> Intent:
    """The intent in a payload, of this or an older version. ValueError (pydantic's) when it is none."""
    if isinstance(payload, dict):
        return _ADAPTER.validate_python(payload)
    return _ADAPTER.validate_json(payload)


def fill(intent: Intent, choices: Iterable[tuple[str, str]]) -> Intent:
    """The intent with fields and the values chosen for them; a field that holds several gets one more.

    ValueError (pydantic's) when a value does not fit its field.
    """
    fields = intent.model_dump()
    for field, value in choices:
        if isinstance(fields.get(field), tuple):
            fields[field] = (*(held for held in fields[field] if held != value), value)
        else:
            fields[field] = value
    return unpack(fields)
