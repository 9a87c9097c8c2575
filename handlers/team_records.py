"""Teams: the people who agreed to be counted together, what may be shown of them, and the port that keeps them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

from handlers.intent import Intent
from handlers.turn import Person

LEAST = 3
"""The smallest minimum group there is, whatever is set."""

MINIMUM_GROUP = 5
"""The fewest people of whom a number is shown, unless something else is set."""

TeamId = str
"""12 hexadecimal digits, drawn by lot."""

Every = Literal["week", "month"]
"""How often a team's summary is posted."""

Posting = Literal["seen", "posting", "posted", "doubt", "failed"]
"""Where a reading stands: seen in a preview, on its way, there, nobody knows, not taken. The values never change."""


class Standing(StrEnum):
    """How a person stands to a team. The values lie in databases: they never change."""

    ASKED = "asked"
    YES = "yes"
    NO = "no"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a team's summary is posted: `weekday` from 0 = Monday, `minute` from midnight on the clock of `zone`.

    Every month is on the first such weekday of it.
    """

    every: Every
    weekday: int
    minute: int
    zone: str


@dataclass(frozen=True, slots=True)
class Team:
    """People of one workspace who agreed to be counted together; `secret` decides where its numbers step."""

    id: TeamId
    platform: str
    tenant: str
    name: str
    secret: bytes = field(repr=False)
    schedule: Schedule | None = None
    channel: str | None = None
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """A team as one person sees it: how they stand to it since when, and whether they manage it."""

    team: Team
    standing: Standing
    manages: bool
    since: datetime.datetime


@dataclass(frozen=True, slots=True, order=True)
class Rung:
    """A level of a role."""

    role: str
    level: str


@dataclass(frozen=True, slots=True, repr=False)
class Tally:
    """Exact counts of the people who agreed: never shown to anybody, and never written to a log.

    `people` counts by rung; None are those without a role or level yet. `clauses` has how many people of a rung have
    done a clause and how many have it in work. `changed` people add something else to it than to the latest reading,
    or nothing any more. It is `alike` when another team's latest reading is of the same people, or all but a few.
    `added` is for the store alone, which writes it down with a reading made of this.
    """

    people: Mapping[Rung | None, int]
    clauses: Mapping[tuple[Rung, str], tuple[int, int]]
    changed: int = 0
    alike: bool = False
    added: Sequence[tuple[Any, ...]] = field(default=(), compare=False)

    @property
    def total(self) -> int:
        """Everybody who is counted."""
        return sum(self.people.values())


@dataclass(frozen=True, slots=True)
class Figures:
    """What may be shown of a team, in steps: a number means at least so many people, and 0 means nothing.

    `clauses` has done, in work and open. What is 0 throughout is left out. `round` is how often they were taken, so
    that figures taken anew are never equal to those before. `basis` are the exact counts that each number last moved
    at: kept with a reading, shown to nobody.
    """

    size: int = 0
    rungs: Mapping[Rung, int] = field(default_factory=dict)
    clauses: Mapping[tuple[Rung, str], tuple[int, int, int]] = field(default_factory=dict)
    round: int = 0
    basis: Figures | None = field(default=None, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether there is no number in it."""
        return not (self.size or self.rungs or self.clauses)

    def to_json(self) -> dict[str, Any]:
        """As JSON: the numbers by role and level, with the clauses of that rung."""
        rungs: dict[str, dict[str, dict[str, Any]]] = {}
        for rung, number in self.rungs.items():
            _place(rungs, rung)["people"] = number
        for (rung, clause), numbers in self.clauses.items():
            _place(rungs, rung).setdefault("clauses", {})[clause] = list(numbers)
        basis = {"basis": self.basis.to_json()} if self.basis else {}
        return {"size": self.size, "rungs": rungs, "round": self.round, **basis}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Figures:
        """Out of what `to_json` made."""
        people: dict[Rung, int] = {}
        clauses: dict[tuple[Rung, str], tuple[int, int, int]] = {}
        for role, levels in kept["rungs"].items():
            for level, held in levels.items():
                rung = Rung(role, level)
                if "people" in held:
                    people[rung] = held["people"]
                for clause, (done, working, still) in held.get("clauses", {}).items():
                    clauses[rung, clause] = (done, working, still)
        basis = cls.from_json(kept["basis"]) if "basis" in kept else None
        return cls(kept["size"], people, clauses, kept["round"], basis)


def _place(rungs: dict[str, dict[str, dict[str, Any]]], rung: Rung) -> dict[str, Any]:
    return rungs.setdefault(rung.role, {}).setdefault(rung.level, {})


@dataclass(frozen=True, slots=True)
class Reading:
    """Figures that somebody saw or may have seen: posted to a channel, or in the preview of a manager.

    `number` counts from 1 within a team, `by` is who asked for it, `ref` the platform's id of the post. `key` is
    what it was begun under.
    """

    number: int
    at: datetime.datetime
    figures: Figures
    by: str
    channel: str
    state: Posting
    ref: str | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """How many of the people somebody asked are asked now, are not asked again yet, and stand in the team already."""

    new: int = 0
    again: int = 0
    already: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the trail that a person can read about themselves: what was done, by whom, in which team."""

    at: datetime.datetime
    what: str
    by: str | None
    team: str


@dataclass(frozen=True, slots=True)
class Card:
    """What a person shows one other person: the lines they picked, and a question.

    `place` and `ref` are where the message is, as the platform has it; None before it has arrived.
    """

    id: str
    owner: Person
    to: str
    lines: tuple[str, ...]
    text: str
    at: datetime.datetime
    place: str | None = None
    ref: str | None = None


class Teams(Protocol):
    """The store of teams. Every method is one transaction.

    Every method raises `handlers.errors.Unavailable` as the `Store` does. Times have a zone.
    """

    async def create(self, by: Person, name: str, now: datetime.datetime) -> Team | None:
        """A new team, managed by its maker; None when the workspace has one of that name, in whatever case."""

    async def mine(self, person: Person) -> Sequence[Membership]:
        """The teams a person manages, is asked by, or is counted in."""

    async def named(self, person: Person, name: str) -> Sequence[Team]:
        """The teams a person manages whose name is this one in whatever case, or else begins with it."""

    async def managers(self, team: Team) -> Sequence[str]:
        """The user ids of those who manage a team."""

    async def rename(self, team: Team, name: str, by: Person, now: datetime.datetime) -> bool:
        """Give a team another name; False when it is taken."""

    async def end(self, team: Team, by: Person, now: datetime.datetime) -> None:
        """Erase a team with its memberships and readings; the trails of those concerned say so."""

    async def ask(self, team: Team, users: Sequence[str], by: Person, now: datetime.datetime) -> Asked:
        """Ask people whether they want to be counted; each one who is new gets a letter.

        Who has said no or left is not asked again within 30 days.
        """

    async def answer(self, person: Person, team_id: TeamId, standing: Standing, now: datetime.datetime) -> Team | None:
        """A person says yes or no, or leaves; None when there is no such team or nobody has asked them."""

    async def manage(self, team: Team, user: str, by: Person, now: datetime.datetime, *, manages: bool) -> bool:
        """Let somebody manage a team, or no more; False when nobody would be left to do it."""

    async def plan(
        self,
        team: Team,
        schedule: Schedule | None,
        channel: str | None,
        lang: str | None,
        due: datetime.datetime | None,
        by: Person,
        now: datetime.datetime,
    ) -> None:
        """Set when, where and in which language a team's summary is posted, and when next."""

    async def tally(self, team: Team) -> Tally:
        """The exact counts of a team; in a steady number of statements, however many people it has."""

    async def published(self, team: Team) -> Reading | None:
        """The latest reading, in whatever state: one that is in doubt or was only previewed has been seen as well."""

    async def posted(self, team: Team) -> Reading | None:
        """The latest reading that was posted, or may have been: what a new one is compared with."""

    async def seen(
        self, team: Team, figures: Figures, by: Person, now: datetime.datetime, tally: Tally | None = None
    ) -> Reading:
        """Write down a reading that a manager is about to be shown; what each person adds to it is written with it.

        That is what they add to the `tally` it was made of, or what they add now.

        So nobody learns from two previews what two posts would not tell. The latest one when the figures repeat it.
        """

    async def begin(
        self, team: Team, figures: Figures, channel: str, by: Person, key: str, now: datetime.datetime
    ) -> Reading | None:
        """Write down a reading that is about to be posted; None when there is one under that key already.

        Unless its figures are those of the latest one, what each person adds to it is written down with them.
        """

    async def finish(self, team: Team, number: int, state: Posting, ref: str | None, now: datetime.datetime) -> None:
        """Write down what became of a reading."""

    async def due(self, now: datetime.datetime, most: int) -> Sequence[Team]:
        """Teams whose summary is due, at most so many; their due times are moved on at the same time."""

    async def trail(self, person: Person, most: int) -> Sequence[Entry]:
        """What was done that concerns a person, newest first."""

    async def write(self, to: Person, kind: str, intent: Intent, now: datetime.datetime) -> None:
        """Write a letter that goes as soon as it can; of one kind a person gets no more than one a day."""

    async def keep_card(self, card: Card, now: datetime.datetime) -> None:
        """Keep a card, and write the letter (`card:` and its id) that brings it; the same card again changes nothing.

        It is erased with its owner and with whom it is for.
        """

    async def card(self, card_id: str, place: str | None = None) -> Card | None:
        """A card, or None when it was taken back; with a `place` that is where its message is from now on."""

    async def cards(self, owner: Person) -> Sequence[Card]:
        """The cards somebody has sent and not taken back, newest first; `ref` is that of the letter that was sent."""

    async def drop_card(self, owner: Person, card_id: str) -> Card | None:
        """Erase a card of somebody's and return what it was; None when they have no such card."""
