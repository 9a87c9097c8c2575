"""Everything a person, a button or the clock can ask: a closed, tagged union of frozen models.

Old payloads keep parsing for ever: fields are added with defaults, never renamed or moved.
Roles, levels and skills are the ids of the framework.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Id = Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Said = Annotated[str, Field(max_length=80)]
ClauseId = Annotated[str, Field(max_length=200)]
Number = Annotated[int, Field(ge=1, le=99)]
TeamId = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
CardId = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
PlaceId = Annotated[str, Field(max_length=200)]
"""A channel or a group of people, as the platform names it."""
UserId = Annotated[str, Field(max_length=200)]
"""Somebody else, as the platform names them: who acts is always the person of the turn."""

MOST_INVITED = 50
"""People who are invited by name at once."""
MOST_LINES = 5
"""Lines of a card."""

MOST_FOUND = 25
"""Cells told at once to choose from."""
MOST_SKIPPED = 10_000

MOST_WRITTEN = 2000
"""Characters of a text that a person writes into a form."""

Written = Annotated[str, Field(max_length=MOST_WRITTEN)]

MOST_ASKED = 300
"""Characters of the question on a card, which buttons carry along."""


class _Intent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    private: ClassVar[bool] = False
    """True when the answer holds what a person told the coach: it is never shown to a room."""
    rated: ClassVar[bool] = False
    """True when a person may say whether the answer helped, where it cites the framework."""
    beside: ClassVar[bool] = False
    """True when the answer comes beside the page whose button was pressed, which stays the page spoken of."""


class ShowExpectations(_Intent):
    """What does this role need at this level? What is missing is asked for."""

    kind: Literal["expect"] = "expect"
    rated: ClassVar[bool] = True
    role: Id | None = None
    level: Id | None = None
    skill: Id | None = None


class CompareLevels(_Intent):
    """What changes between levels of one role, lowest first. Fewer than two levels: the rest is asked for."""

    kind: Literal["levels"] = "levels"
    rated: ClassVar[bool] = True
    role: Id | None = None
    levels: tuple[Id, ...] = Field(default=(), max_length=12)
    skill: Id | None = None


class CompareRoles(_Intent):
    """What changes between roles at one level, or each at its own of `levels`; the first is where one comes from."""

    kind: Literal["roles"] = "roles"
    rated: ClassVar[bool] = True
    roles: tuple[Id, ...] = Field(default=(), max_length=12)
    level: Id | None = None
    skill: Id | None = None
    levels: tuple[Id, ...] = Field(default=(), max_length=12)


class Search(_Intent):
    """Which cells speak of these words; or, with `without`, which roles do not?"""

    kind: Literal["search"] = "search"
    rated: ClassVar[bool] = True
    words: Said
    role: Id | None = None
    level: Id | None = None
    without: bool = False


class FindCells(_Intent):
    """Which cells fit these words, each as a page to put before others? Asked with every letter that is typed.

    Without words: those that one probably looks for. `skip` of the best are left out, and `most` are told at once.
    """

    kind: Literal["find"] = "find"
    words: Said = ""
    skip: int = Field(default=0, ge=0, le=MOST_SKIPPED)
    most: int = Field(default=MOST_FOUND, ge=1, le=MOST_FOUND)


class AskRequirement(_Intent):
    """Is a skill required or optional? Without a level: from which level; without a role: for which roles.

    `standing` is what is asked for when roles are listed: those of which it is required, or those where it is optional.
    """

    kind: Literal["required"] = "required"
    rated: ClassVar[bool] = True
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
    """I am …: stores the role, the level, or both; `how` tells when the level was walked to."""

    kind: Literal["set-profile"] = "set-profile"
    private: ClassVar[bool] = True
    role: Id | None = None
    level: Id | None = None
    how: Literal["walk"] | None = None


class SetLanguage(_Intent):
    """Answer me in this language from now on."""

    kind: Literal["language"] = "language"
    private: ClassVar[bool] = True
    lang: Annotated[str, Field(max_length=10)] = ""


class FindLevel(_Intent):
    """A step of the walk to one's level: clause by clause of a role at a level.

    What is missing is asked for, or goes on where the person stopped. `clause` with `answer` says how it stands with
    it, `clause` alone asks about it again. `step` is what to show: the next question, a form for an example, a
    good-bye until later, where the level may lie, the answers so far, or at which level to begin; or "again" asks once
    more about what was not yet so or skipped. `sure` settles what seemed to contradict another answer. `text` and
    `link` are the example.
    """

    kind: Literal["find-level"] = "find-level"
    private: ClassVar[bool] = True
    role: Id | None = None
    level: Id | None = None
    clause: ClauseId | None = None
    answer: Literal["yes", "partly", "not-yet", "skip"] | None = None
    step: Literal["ask", "example", "stop", "result", "review", "begin", "again"] = "ask"
    sure: bool = False
    text: Written = ""
    link: Written = ""


class ShowProfile(_Intent):
    """Who am I to you?"""

    kind: Literal["profile"] = "profile"
    private: ClassVar[bool] = True


class SuggestNext(_Intent):
    """What should I work on next? The first `past` suggestions are left out."""

    kind: Literal["next"] = "next"
    rated: ClassVar[bool] = True
    private: ClassVar[bool] = True
    past: Annotated[int, Field(ge=0, le=999)] = 0


class ListMilestones(_Intent):
    """Where do I stand with my level and the next one? Or with this level of my role, but for the first `past`."""

    kind: Literal["milestones"] = "milestones"
    private: ClassVar[bool] = True
    level: Id | None = None
    past: Annotated[int, Field(ge=0, le=9_999)] = 0


class PickMilestone(_Intent):
    """I work on this milestone, or (not `working`) I do not any more; named as `MarkDone` names it."""

    kind: Literal["pick"] = "pick"
    private: ClassVar[bool] = True
    clause: ClauseId | None = None
    number: Number | None = None
    words: Said = ""
    working: bool = True


class Stood(BaseModel):
    """How it stood with a clause before something was changed; no `state` means that nothing was said of it.

    `left` is the state that the change left; older buttons do not tell.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    clause: ClauseId
    state: Literal["done", "working", "partly", "not-yet", "skipped"] | None = None
    since: datetime.datetime | None = None
    checked: datetime.datetime | None = None
    left: Literal["done", "working", "partly", "not-yet", "skipped", "nothing"] | None = None


class PutBack(_Intent):
    """Undo: these milestones as they stood, and without the evidence that was noted along with the change.

    `at` is when the change was made. `change` names one that is too long for a button: it is kept as what a typed
    "undo" means.
    """

    kind: Literal["put-back"] = "put-back"
    private: ClassVar[bool] = True
    stood: tuple[Stood, ...] = Field(default=(), max_length=99)
    evidence: tuple[Annotated[str, Field(max_length=40)], ...] = Field(default=(), max_length=99)
    change: Annotated[str, Field(max_length=40)] = ""
    at: datetime.datetime | None = None


class ConfirmMilestone(_Intent):
    """Is it still true? Without an answer it is asked. `words` are what was said of the milestone."""

    kind: Literal["still-true"] = "still-true"
    private: ClassVar[bool] = True
    clause: ClauseId | None = None
    still: bool | None = None
    words: Said = ""


class AddEvidence(_Intent):
    """Keep this as evidence for a milestone, which is named as `MarkDone` names it.

    Not `sure`, or without a text and a link, it is asked for in a form. `remove` takes evidence back by its id, and
    nothing else. A `day` that is no date stays as it was written, so that one can put it right.
    """

    kind: Literal["evidence"] = "evidence"
    private: ClassVar[bool] = True
    clause: ClauseId | None = None
    number: Number | None = None
    words: Said = ""
    text: Written = ""
    link: Written = ""
    day: Annotated[datetime.date | Said | None, Field(union_mode="left_to_right")] = None
    sure: bool = True
    remove: Annotated[str, Field(max_length=40)] | None = None


class CorrectEvidence(_Intent):
    """This evidence, named by its id, in other words or for another milestone; what is not `sent` yet is asked for."""

    kind: Literal["evidence-correct"] = "evidence-correct"
    private: ClassVar[bool] = True
    id: Annotated[str, Field(max_length=40)] = ""
    clause: ClauseId | None = None
    text: Written = ""
    link: Written = ""
    day: Annotated[datetime.date | Said | None, Field(union_mode="left_to_right")] = None
    sent: bool = False


class ShowEvidence(_Intent):
    """What have I noted as evidence: all of it, or that of one clause? The first `past` pieces are left out."""

    kind: Literal["evidence-list"] = "evidence-list"
    private: ClassVar[bool] = True
    clause: ClauseId | None = None
    past: Annotated[int, Field(ge=0, le=99_999)] = 0


class ShowPacket(_Intent):
    """My promotion packet for this level, or for the next one, as a page and as files."""

    kind: Literal["packet"] = "packet"
    private: ClassVar[bool] = True
    level: Id | None = None


class MarkDone(_Intent):
    """A milestone is done, or open again.

    `clause` is its id, `number` its place in the last list, `words` what was said of it. `numbers` are several places,
    `every` is the whole list, of `number` milestones where that was said. What is not `sure` is asked about.
    `text` and `link` are kept as evidence.
    """

    kind: Literal["done"] = "done"
    private: ClassVar[bool] = True
    clause: ClauseId | None = None
    number: Number | None = None
    words: Said = ""
    done: bool = True
    numbers: tuple[Number, ...] = Field(default=(), max_length=12)
    every: bool = False
    sure: bool = True
    text: Written = ""
    link: Written = ""


class SaidDay(BaseModel):
    """A day as people say it, before it is known which week or year is meant; `handlers.when` finds its date.

    Either a `weekday` (0 = Monday), or a `day` of the month (0 = its last) with or without `month` and `year`, or a
    number of `days` from today. `ahead` is how many weeks, or beside a day how many months, after the present one;
    without it the next such day is meant. `before` means the day before that: who is back on Monday is away until
    Sunday.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    weekday: Annotated[int, Field(ge=0, le=6)] | None = None
    day: Annotated[int, Field(ge=0, le=31)] | None = None
    month: Annotated[int, Field(ge=1, le=12)] | None = None
    year: Annotated[int, Field(ge=1970, le=9998)] | None = None
    days: Annotated[int, Field(ge=0, le=999)] | None = None
    ahead: Annotated[int, Field(ge=0, le=99)] | None = None
    before: bool = False


class AskNudges(_Intent):
    """Something about the weekly nudge: on, off, when; a wish for a day, an hour, a zone; a rest from it.

    Days count from 0 = Monday, minutes from midnight; `every` is a number of weeks, `days` how long a rest is.
    A "pause" ends when the person says so or on a day that they name; who is "away" wants the pause that there may be
    to stay. `first` and `until` are the first and the last day of a rest; typed words have them as `starts` and `till`,
    which are relative to today. Without a first one it has begun. `country` is whose public holidays are kept, by ISO
    3166 or by its name; "" for none. An unknown `zone` is what was typed. `odd` is what was said but cannot be: an hour
    that no clock shows, more often than weekly, a day that no calendar has, an absence without its days, an unknown
    country. `role` and `level` come from a form that asks for them on the way.
    """

    kind: Literal["nudges"] = "nudges"
    private: ClassVar[bool] = True
    wish: Literal["on", "off", "set", "info", "snooze", "pause", "away", "resume", "preview"] = "info"
    weekday: Annotated[int, Field(ge=0, le=6)] | None = None
    minute: Annotated[int, Field(ge=0, le=1439)] | None = None
    every: Annotated[int, Field(ge=0, le=999)] | None = None
    zone: Annotated[str, Field(max_length=60)] | None = None
    country: Said | None = None
    days: Annotated[int, Field(ge=1, le=365)] | None = None
    first: Annotated[datetime.date | Said | None, Field(union_mode="left_to_right")] = None
    until: datetime.date | None = None
    till: SaidDay | None = None
    starts: SaidDay | None = None
    odd: Literal["time", "often", "day", "span", "country"] | None = None
    role: Id | None = None
    level: Id | None = None


class PutBackNudges(_Intent):
    """Undo of a weekly nudge that was stopped: its time, its rests and the plan, as `handlers.records` has them.

    `at` is when it was stopped. Nobody types it.
    """

    kind: Literal["nudges-back"] = "nudges-back"
    private: ClassVar[bool] = True
    weekday: Annotated[int, Field(ge=0, le=6)]
    minute: Annotated[int, Field(ge=0, le=1439)]
    zone: Annotated[str, Field(max_length=60)]
    since: datetime.date
    every: Annotated[int, Field(ge=1, le=999)] = 1
    country: Said | None = None
    away_from: datetime.date | None = None
    away_until: datetime.date | None = None
    paused: bool = False
    due: datetime.datetime | None = None
    due_day: datetime.date | None = None
    clause: ClauseId | None = None
    when: Annotated[str, Field(max_length=200)] = ""
    then: Annotated[str, Field(max_length=200)] = ""
    day: datetime.date | None = None
    outcome: Literal["done", "partly", "not-now"] | None = None
    at: datetime.datetime | None = None


class ReceiveNudge(_Intent):
    """The weekly nudge itself, as a letter carries it; `day` is the local date it is for, `due` when it was due.

    Nobody types it.
    """

    kind: Literal["nudge"] = "nudge"
    private: ClassVar[bool] = True
    day: datetime.date | None = None
    due: datetime.datetime | None = None


class MakePlan(_Intent):
    """My plan for a milestone: when …, I will …. What is missing is asked for in a form.

    Without a clause it is asked which milestone, of those behind the first `past`. `again` is the plan there is, anew.
    """

    kind: Literal["plan"] = "plan"
    private: ClassVar[bool] = True
    clause: ClauseId | None = None
    when: Annotated[str, Field(max_length=200)] = ""
    then: Annotated[str, Field(max_length=200)] = ""
    past: Annotated[int, Field(ge=0, le=999)] = 0
    again: bool = False


class ReviewPlan(_Intent):
    """What became of the plan of last week; `day` is when it was made, so that an old button means no newer plan."""

    kind: Literal["plan-review"] = "plan-review"
    private: ClassVar[bool] = True
    outcome: Literal["done", "partly", "not-now"] | None = None
    day: datetime.date | None = None


class AskTeam(_Intent):
    """A look at a team's summary, as it would be posted; with `file` the numbers as a file.

    Without `team` it is the one that `name` names, or the only one that the person manages. `role` is what a page
    tells of that has no numbers.
    """

    kind: Literal["team"] = "team"
    private: ClassVar[bool] = True
    team: TeamId | None = None
    name: Said = ""
    file: bool = False
    role: Id | None = None


class ListTeams(_Intent):
    """Who sees me: the teams that count me, ask me, or are mine to manage, and the cards I have sent."""

    kind: Literal["teams"] = "teams"
    private: ClassVar[bool] = True


class MakeTeam(_Intent):
    """A new team; without a name a form asks for it. With `cut` something was typed that no name has, and left out."""

    kind: Literal["team-make"] = "team-make"
    private: ClassVar[bool] = True
    name: Said = ""
    cut: bool = False


class InviteToTeam(_Intent):
    """Ask these people whether they want to be counted in a team, which is named as `AskTeam` names it.

    `group` and `channel` stand for all their members, `here` for everybody of the place it is said in; that many
    people are asked only when `sure`.
    """

    kind: Literal["team-invite"] = "team-invite"
    private: ClassVar[bool] = True
    team: TeamId | None = None
    name: Said = ""
    people: tuple[UserId, ...] = Field(default=(), max_length=MOST_INVITED)
    group: PlaceId = ""
    channel: PlaceId = ""
    here: bool = False
    sure: bool = False


class GatherRoster(_Intent):
    """Ask all members of a group or a channel, as a letter carries it to the manager. Nobody types it."""

    kind: Literal["team-gather"] = "team-gather"
    private: ClassVar[bool] = True
    team: TeamId
    group: PlaceId = ""
    channel: PlaceId = ""


class ReceiveInvite(_Intent):
    """The question whether to be counted in a team, as a letter carries it; `by` is who asks. Nobody types it."""

    kind: Literal["team-invited"] = "team-invited"
    private: ClassVar[bool] = True
    team: TeamId
    by: UserId


class AnswerInvite(_Intent):
    """Yes or no to being counted in a team, or leaving it; typed words name the team."""

    kind: Literal["team-answer"] = "team-answer"
    private: ClassVar[bool] = True
    team: TeamId | None = None
    name: Said = ""
    answer: Literal["yes", "no", "leave"] | None = None


class PostSummary(_Intent):
    """Post a team's summary as it was shown; `key` is made for each preview, so that pressing twice posts once.

    Without a channel it is asked for, and without a key the preview is shown.
    """

    kind: Literal["team-post"] = "team-post"
    private: ClassVar[bool] = True
    team: TeamId | None = None
    key: Annotated[str, Field(max_length=32)] = ""
    channel: PlaceId = ""
    role: Id | None = None


class PlanPosts(_Intent):
    """Where and when a team's summary is posted by itself; what is missing stays, or is asked for in a form.

    `odd` is what was said but cannot be: an hour that no clock shows, or oftener or in other steps than there are.
    `back` puts back what was ended, unless there is something newer.
    """

    kind: Literal["team-plan"] = "team-plan"
    private: ClassVar[bool] = True
    team: TeamId | None = None
    name: Said = ""
    channel: PlaceId = ""
    every: Literal["week", "month", "off"] | None = None
    weekday: Annotated[int, Field(ge=0, le=6)] | None = None
    minute: Annotated[int, Field(ge=0, le=1439)] | None = None
    zone: Said = ""
    odd: Literal["time", "often"] | None = None
    back: bool = False


class ManageTeam(_Intent):
    """Who manages a team, its name, its end.

    `name` is the new name when it is renamed, and otherwise names the team where `team` does not; `new` is a new name
    that is yet to be sent. What cannot be taken back is done only when `sure`.
    """

    kind: Literal["team-manage"] = "team-manage"
    private: ClassVar[bool] = True
    team: TeamId | None = None
    does: Literal["people", "add", "hand-over", "step-down", "rename", "end"] = "people"
    user: UserId = ""
    name: Said = ""
    new: Said = ""
    sure: bool = False


class ShowTrail(_Intent):
    """What was done with teams that concerns me, by whom and when?"""

    kind: Literal["team-trail"] = "team-trail"
    private: ClassVar[bool] = True


class TellPosted(_Intent):
    """What became of a summary that was posted by itself, as a letter tells the managers. Nobody types it.

    `outcome` is a short code, as `handlers.team_posting` has it.
    """

    kind: Literal["team-posted"] = "team-posted"
    private: ClassVar[bool] = True
    team: TeamId
    number: Annotated[int, Field(ge=0)]
    outcome: Annotated[str, Field(max_length=40)] = ""


class TellManaging(_Intent):
    """That somebody was made a manager of a team, as a letter tells them; `by` is who did it. Nobody types it."""

    kind: Literal["team-managing"] = "team-managing"
    private: ClassVar[bool] = True
    team: TeamId
    by: UserId


class MakeCard(_Intent):
    """A card for a one-to-one: up to five lines that the person picks, and a question; shown before it is sent.

    A line is the id of a clause, or `evidence:` and the id of a piece of evidence. `drop` takes a line
    off. `key` is made for each preview. `step` "ask" shows the form for the question.
    """

    kind: Literal["card"] = "card"
    private: ClassVar[bool] = True
    to: UserId = ""
    lines: tuple[ClauseId, ...] = Field(default=(), max_length=MOST_LINES + 1)
    text: Annotated[str, Field(max_length=MOST_ASKED)] = ""
    step: Literal["pick", "ask", "preview", "send"] = "pick"
    drop: ClauseId = ""
    key: Annotated[str, Field(max_length=32)] = ""


class ReceiveCard(_Intent):
    """A card somebody made for me, as a letter carries it. Nobody types it."""

    kind: Literal["card-received"] = "card-received"
    private: ClassVar[bool] = True
    card: CardId


class RevokeCard(_Intent):
    """Take back a card that I have sent."""

    kind: Literal["card-revoke"] = "card-revoke"
    private: ClassVar[bool] = True
    card: CardId | None = None


class AskPrivacy(_Intent):
    """What do you know about me; with `export` as a file; or, with `forget`, erase it.

    `sure` comes from the confirming button. `who` asks in short who sees it.
    """

    kind: Literal["privacy"] = "privacy"
    private: ClassVar[bool] = True
    forget: bool = False
    sure: bool = False
    export: bool = False
    who: bool = False


class ShowHelp(_Intent):
    """What can I ask you?"""

    kind: Literal["help"] = "help"


class StartHere(_Intent):
    """A bare `/skill`, or the first contact: pickers and what the coach can do."""

    kind: Literal["start"] = "start"


class SmallTalk(_Intent):
    """A greeting, thanks, a good-bye, how one feels, or a question about the coach itself.

    "answer" is a bare yes or no where nothing was asked, "unchanged" a no that leaves all as it is.
    """

    kind: Literal["small-talk"] = "small-talk"
    mood: Literal[
        "hello",
        "thanks",
        "bye",
        "how-are-you",
        "who-are-you",
        "praise",
        "sorry",
        "low",
        "never-mind",
        "answer",
        "unchanged",
    ] = "hello"


class OutOfScope(_Intent):
    """Something the coach does not do: pay, the weather, jokes, judgements of people, its own insides."""

    kind: Literal["out-of-scope"] = "out-of-scope"


class RateAnswer(_Intent):
    """Whether an answer helped; `about` is the kind of what was asked, and nothing else is kept of it.

    It is "other" where the platform does not know any more what was asked.
    """

    kind: Literal["rate"] = "rate"
    private: ClassVar[bool] = True
    beside: ClassVar[bool] = True
    about: Literal["expect", "levels", "roles", "search", "required", "next", "other"]
    helped: bool


class Unclear(_Intent):
    """Nothing understood: ask back with examples."""

    kind: Literal["unclear"] = "unclear"


Intent = (
    ShowExpectations
    | CompareLevels
    | CompareRoles
    | Search
    | FindCells
    | AskRequirement
    | ListRoles
    | ListLevels
    | ListSkills
    | UnknownName
    | SetProfile
    | SetLanguage
    | FindLevel
    | ShowProfile
    | SuggestNext
    | ListMilestones
    | PickMilestone
    | PutBack
    | MarkDone
    | ConfirmMilestone
    | AddEvidence
    | CorrectEvidence
    | ShowEvidence
    | ShowPacket
    | AskNudges
    | ReceiveNudge
    | PutBackNudges
    | MakePlan
    | ReviewPlan
    | AskTeam
    | ListTeams
    | MakeTeam
    | InviteToTeam
    | GatherRoster
    | ReceiveInvite
    | AnswerInvite
    | PostSummary
    | PlanPosts
    | ManageTeam
    | ShowTrail
    | TellPosted
    | TellManaging
    | MakeCard
    | ReceiveCard
    | RevokeCard
    | AskPrivacy
    | ShowHelp
    | StartHere
    | SmallTalk
    | OutOfScope
    | RateAnswer
    | Unclear
)

_ADAPTER: TypeAdapter[Intent] = TypeAdapter(Annotated[Intent, Field(discriminator="kind")])


def pack(intent: Intent) -> str:
    """An intent as compact JSON for a button; only what differs from the defaults, and the tag."""
    fields = {"kind": intent.kind} | intent.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False)


def unpack(payload: str | bytes | dict[str, object]) -> Intent:
    """The intent in a payload, of this or an older version. ValueError (pydantic's) when it is none."""
    if isinstance(payload, dict):
        return _ADAPTER.validate_python(payload)
    return _ADAPTER.validate_json(payload)


def fill(intent: Intent, choices: Iterable[tuple[str, str]]) -> Intent:
    """The intent with fields and the values chosen or written for them; a field that holds several gets one more.

    ValueError (pydantic's) when a value does not fit its field.
    """
    fields = intent.model_dump()
    for field, value in choices:
        if isinstance(fields.get(field), tuple):
            fields[field] = (*(held for held in fields[field] if held != value), value)
        else:
            fields[field] = value
    return unpack(fields)
