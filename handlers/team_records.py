"""Teams: the people who agreed to be counted together, what may be shown of them, and the port that keeps them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Protocol

from handlers.turn import Person

TeamId = str
"""12 hexadecimal digits, drawn by lot."""

Every = Literal["week", "month"]
"""How often a team's summary is posted."""

Posting = Literal["posting", "posted", "doubt", "failed"]
"""Where a reading stands: on its way, there, nobody knows, not taken. The values never change."""


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
    done a clause and how many have it in work. `changed` people add something else to it than at the last published
    reading. It is `alike` when another team's published reading and this one would differ by too few people.
    """

    people: Mapping[Rung | None, int]
    clauses: Mapping[tuple[Rung, str], tuple[int, int]]
    changed: int = 0
    alike: bool = False

    @property
    def total(self) -> int:
        """Everybody who is counted."""
        return sum(self.people.values())


@dataclass(frozen=True, slots=True)
class Figures:
    """What may be shown of a team, in steps: a number means at least so many people, and 0 means nothing.

    `clauses` has done, in work and open. What is 0 throughout is left out.
    """

    size: int = 0
    rungs: Mapping[Rung, int] = field(default_factory=dict)
    clauses: Mapping[tuple[Rung, str], tuple[int, int, int]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As JSON: the numbers by role and level, with the clauses of that rung."""
        rungs: dict[str, dict[str, dict[str, Any]]] = {}
        for rung, number in self.rungs.items():
            _place(rungs, rung)["people"] = number
        for (rung, clause), numbers in self.clauses.items():
            _place(rungs, rung).setdefault("clauses", {})[clause] = list(numbers)
        return {"size": self.size, "rungs": rungs}

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
        return cls(kept["size"], people, clauses)


def _place(rungs: dict[str, dict[str, dict[str, Any]]], rung: Rung) -> dict[str, Any]:
    return rungs.setdefault(rung.role, {}).setdefault(rung.level, {})


@dataclass(frozen=True, slots=True)
class Reading:
    """The figures of one post: `number` counts from 1 within a team, `by` is who posted it, `ref` the platform's id."""

    number: int
    at: datetime.datetime
    figures: Figures
    by: str
    channel: str
    state: Posting
    ref: str | None = None


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
        """The latest reading that was posted."""

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
