"""What the coach keeps about people, and the facts that a turn may put on record."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import InitVar, dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from handlers.rhythm import Rhythm

if TYPE_CHECKING:  # a turn carries what is known, so it imports this module
    from handlers.turn import Place

SUBJECT_LIFE = datetime.timedelta(minutes=30)
"""How long "and principal?" still means what was asked before: about one conversation."""

Address = Mapping[str, Any]
"""What a platform needs to write to a person unasked, as JSON of its own making."""

How = Literal["said", "walk", "button"]
"""How a level was found: told in words, walked to clause by clause, or chosen with a button."""


class State(StrEnum):
    """Where a person stands with a clause. The values lie in databases and buttons: they never change."""

    DONE = "done"
    WORKING = "working"
    PARTLY = "partly"
    NOT_YET = "not-yet"
    SKIPPED = "skipped"


STATES = {state.value: state for state in State}
"""The states by value; ten times as fast as asking the enumeration."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person told the coach about themselves.

    `edition` is the edition of the framework that the person last heard of, `set_at` when they chose the level.
    """

    role: str | None = None
    level: str | None = None
    how: How | None = None
    edition: str | None = None
    lang: str | None = None
    zone: str | None = None
    set_at: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A clause that a person has said something about.

    `since` is when the state began, `checked` when the person last said that it is still true.
    `archived` means that the framework no longer has the clause.
    """

    clause: str
    state: State
    since: datetime.datetime
    checked: datetime.datetime | None = None
    archived: bool = False


class Milestones(Mapping[str, Milestone]):
    """Milestones by clause out of JSON; each is made when it is looked at, because most answers look at few of many.

    A row is (clause, state, since, checked, archived); the times have a zone.
    """

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._rows = {row[0]: row for row in rows}
        self._made: dict[str, Milestone] = {}
        self._in_state: dict[str, frozenset[str]] = {}

    def __getitem__(self, clause: str) -> Milestone:
        if clause not in self._made:
            _, state, since, checked, archived = self._rows[clause]
            self._made[clause] = Milestone(
                clause, STATES[state], _moment(since), _moment(checked) if checked else None, bool(archived)
            )
        return self._made[clause]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, clause: object) -> bool:
        return clause in self._rows

    def in_state(self, state: State) -> frozenset[str]:
        """The ids of the clauses in this state, but for those the framework has dropped."""
        if state not in self._in_state:
            found = (clause for clause, said, _, _, archived in self._rows.values() if said == state and not archived)
            self._in_state[state] = frozenset(found)
        return self._in_state[state]


def _moment(written: str) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(written)
    return moment if moment.tzinfo is datetime.UTC else moment.astimezone(datetime.UTC)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something a person noted as proof. `day` is when it happened, `at` when it was noted."""

    id: str
    clause: str | None
    text: str
    link: str | None
    day: datetime.date | None
    at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """What a person last asked about in a place, for follow-ups such as "and principal?".

    `milestones` are the clause ids of the last list shown, so that "done with the second one" works.
    `lang` is the language they last wrote in here, so that a pressed button goes on in it.
    `answers` are the intents, packed, that a short answer such as "yes" or "undo" stands for (see `handlers.heard`).
    """

    role: str | None = None
    level: str | None = None
    skill: str | None = None
    milestones: tuple[str, ...] = ()
    lang: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)


Outcome = Literal["done", "partly", "not-now"]
"""What became of a week's plan."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person means to do for a milestone: when …, I will …. `day` is when it was made."""

    clause: str
    when: str
    then: str
    day: datetime.date
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Nudging:
    """A person's weekly nudge: the rhythm they chose, and where it stands.

    Without a rhythm there is none. `offered` is the day on which the coach asked whether they would like one: it asks
    once. `due` is the instant of the next one, `due_day` the local date it is for, `last` the date of the latest one.
    `ignored` is how many went by in a row without the person doing anything here, `chosen` the instant at which the
    person last said when they want to be written to: what was due before it is not sent any more.
    """

    rhythm: Rhythm | None = None
    offered: datetime.date | None = None
    due: datetime.datetime | None = None
    due_day: datetime.date | None = None
    last: datetime.date | None = None
    ignored: int = 0
    plan: Plan | None = None
    chosen: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """All that an answer may need to know of a person. `seen_on` is the last day of contact; a stranger has none."""

    profile: Profile = Profile()
    milestones: Mapping[str, Milestone] = field(default_factory=dict)
    subject: Subject | None = None
    address: Address | None = None
    seen_on: datetime.date | None = None
    nudging: Nudging = Nudging()

    @property
    def done(self) -> frozenset[str]:
        """The ids of the clauses that are done, but for those the framework has dropped."""
        return self.in_state(State.DONE)

    def in_state(self, state: State) -> frozenset[str]:
        """The ids of the clauses in this state, but for those the framework has dropped."""
        if isinstance(self.milestones, Milestones):
            return self.milestones.in_state(state)
        found = (one for one in self.milestones.values() if one.state is state and not one.archived)
        return frozenset(one.clause for one in found)


STRANGER = Known()
"""Somebody of whom nothing is known."""

PROFILE_FIELDS = frozenset(item.name for item in fields(Profile))
NUDGING_FIELDS = frozenset(item.name for item in fields(Nudging))


@dataclass(frozen=True, slots=True)
class ProfileSet:
    """The person's profile is now this; of `only` these fields, so that two turns at once do not undo each other."""

    profile: Profile
    only: frozenset[str] = PROFILE_FIELDS

    def __post_init__(self) -> None:
        if unknown := self.only - PROFILE_FIELDS:
            raise ValueError(f"a profile has no {', '.join(sorted(unknown))}")


@dataclass(frozen=True, slots=True)
class NudgingSet:
    """The person's weekly nudge is now this; of `only` these fields, as with a profile."""

    nudging: Nudging
    only: frozenset[str] = NUDGING_FIELDS

    def __post_init__(self) -> None:
        if unknown := self.only - NUDGING_FIELDS:
            raise ValueError(f"a weekly nudge has no {', '.join(sorted(unknown))}")


@dataclass(frozen=True, slots=True)
class MilestoneSet:
    """A clause is now in this state, since now unless `since` says otherwise.

    A state that is set again keeps its beginning, and its `checked` where none is given.
    """

    clause: str
    state: State
    since: datetime.datetime | None = None
    checked: datetime.datetime | None = None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class MilestoneDropped:
    """Nothing is said about a clause any more: undone back to the beginning."""

    clause: str


@dataclass(frozen=True, slots=True)
class EvidenceAdded:
    """The person noted evidence. The same words, link and day about the same clause are the same evidence: one `id`.

    What is noted along with a tick is a piece of its own, so that undoing the tick leaves what was noted before.
    """

    text: str
    clause: str | None = None
    link: str | None = None
    day: datetime.date | None = None
    id: str = ""
    ticked: InitVar[bool] = False

    def __post_init__(self, ticked: bool) -> None:
        if not self.id:
            parts = [self.clause, self.text, self.link, self.day and self.day.isoformat()]
            said = json.dumps([*parts, "ticked"] if ticked else parts)
            object.__setattr__(self, "id", hashlib.sha256(said.encode()).hexdigest()[:16])


@dataclass(frozen=True, slots=True)
class EvidenceRemoved:
    """The person took evidence back."""

    id: str


@dataclass(frozen=True, slots=True)
class SubjectSet:
    """What was last asked about in a place is now this."""

    place: Place
    subject: Subject


@dataclass(frozen=True, slots=True)
class AddressSet:
    """The person can be written to unasked at this address."""

    address: Address


Fact = (
    ProfileSet
    | NudgingSet
    | MilestoneSet
    | MilestoneDropped
    | EvidenceAdded
    | EvidenceRemoved
    | SubjectSet
    | AddressSet
)
"""What a turn may put on record."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The facts of one turn by kind. Of several about one thing the last counts, and each stands in a steady order."""

    profile: Mapping[str, Any]
    nudging: Mapping[str, Any]
    address: Address | None
    milestones: Mapping[str, MilestoneSet | MilestoneDropped]
    evidence: Mapping[str, EvidenceAdded | EvidenceRemoved]
    subjects: Mapping[str, Subject]


def settle(facts: Iterable[Fact]) -> Settled:
    """Sort the facts of a turn by what they are about."""
    profile: dict[str, Any] = {}
    nudging: dict[str, Any] = {}
    address: Address | None = None
    milestones: dict[str, MilestoneSet | MilestoneDropped] = {}
    evidence: dict[str, EvidenceAdded | EvidenceRemoved] = {}
    subjects: dict[str, Subject] = {}
    for fact in facts:
        match fact:
            case ProfileSet(said, only):
                profile |= {name: getattr(said, name) for name in only}
            case NudgingSet(kept, only):
                nudging |= {name: getattr(kept, name) for name in only}
            case AddressSet(given):
                address = given
            case MilestoneSet(clause) | MilestoneDropped(clause):
                milestones[clause] = fact
            case EvidenceAdded(id=key) | EvidenceRemoved(id=key):
                evidence[key] = fact
            case SubjectSet(place, subject):
                subjects[place.id] = subject
    # A steady order keeps two writers of the same rows from waiting for each other in a circle.
    return Settled(
        profile,
        nudging,
        address,
        dict(sorted(milestones.items())),
        dict(sorted(evidence.items())),
        dict(sorted(subjects.items())),
    )


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased: the number of records by kind. Nothing in it tells whose they were."""

    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """The number of records of all kinds."""
        return sum(self.counts.values())
