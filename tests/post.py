"""The post in dictionaries, for tests: the contract of `scheduler.letters.Post` and no more."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from handlers.records import Nudging
from handlers.rhythm import after_ignored, next_due
from handlers.turn import Person
from scheduler.letters import Letter, Planned, Settled, State, Superseded, Workspace


@dataclass
class Row:
    """A letter as it is kept."""

    letter: Letter
    state: State = State.READY
    not_before: datetime.datetime | None = None
    at: datetime.datetime | None = None
    lease_until: datetime.datetime | None = None
    tries: int = 0
    ref: str | None = None
    trail: list[tuple[State, str]] = field(default_factory=list)

    def become(self, state: State, at: datetime.datetime, why: str = "") -> None:
        """Go into a state."""
        self.state, self.at = state, at
        self.trail.append((state, why))


class MemoryPost:
    """Letters, and the nudges of the people they go to; implements `scheduler.letters.Post`."""

    def __init__(self, letters: Iterable[Letter] = ()) -> None:
        self.rows = {letter.mark: Row(letter) for letter in letters}
        self.people: dict[Person, Nudging] = {}
        self.epochs: Counter[Workspace] = Counter()
        self.gates: dict[Workspace, datetime.datetime] = {}

    async def plan(self, now: datetime.datetime, most: int) -> Planned:
        """Write the letters of people who are due."""
        due = [person for person, nudging in self.people.items() if nudging.due and nudging.due <= now][:most]
        for person in due:
            nudging = self.people[person]
            assert nudging.rhythm
            assert nudging.due
            assert nudging.due_day
            letter = Letter(person, nudging.due_day, "nudge", nudging.due, rhythm=nudging.rhythm)
            self.rows.setdefault(letter.mark, Row(letter))
            ignored = nudging.ignored + 1
            rhythm = after_ignored(nudging.rhythm, ignored, nudging.due_day)
            salt = "\0".join((person.platform, person.tenant, person.user)).encode()
            following = next_due(rhythm, now, salt=salt, last=nudging.due_day)
            self.people[person] = replace(
                nudging,
                due=following and following.at,
                due_day=following and following.day,
                last=nudging.due_day,
                ignored=ignored,
            )
        return Planned(len(due), 0, more=len(due) == most)

    async def waiting(self, now: datetime.datetime) -> Mapping[Workspace, int]:
        """The workspaces where something is to be done now."""
        return Counter(
            row.letter.workspace
            for row in self.rows.values()
            if self._is_waiting(row, now) and self.gates.get(row.letter.workspace, now) <= now
        )

    async def begin(self, workspace: Workspace, now: datetime.datetime) -> int:
        """A new epoch."""
        self.epochs[workspace] += 1
        for row in self._of(workspace, State.SENDING):
            row.become(State.DOUBT, now, "taken over")
        return self.epochs[workspace]

    async def claim(
        self, workspace: Workspace, epoch: int, most: int, now: datetime.datetime, lease: datetime.timedelta
    ) -> Sequence[Letter]:
        """Ready letters, which are on their way from now on."""
        self._guard(workspace, epoch)
        if self.gates.get(workspace, now) > now:
            return []
        ready = [row for row in self._of(workspace, State.READY) if self._is_waiting(row, now)]
        ready = sorted(ready, key=lambda row: row.letter.due)[:most]
        for row in ready:
            row.become(State.SENDING, now)
            row.lease_until = now + lease
            row.tries += 1
        return [replace(row.letter, tries=row.tries - 1) for row in ready]

    async def doubtful(
        self, workspace: Workspace, epoch: int, most: int, before: datetime.datetime
    ) -> Sequence[Letter]:
        """Letters in doubt."""
        self._guard(workspace, epoch)
        rows = [row for row in self._of(workspace, State.DOUBT) if row.at and row.at < before]
        return [replace(row.letter, state=State.DOUBT, tries=row.tries) for row in rows][:most]

    async def settle(self, epoch: int, settled: Sequence[Settled], now: datetime.datetime) -> None:
        """Write down what became of letters."""
        for one in settled:
            self._guard(one.letter.workspace, epoch)
        for one in settled:
            row = self.rows[one.letter.mark]
            assert row.state in (State.SENDING, State.DOUBT), f"{row.state} became {one.state}"
            row.become(one.state, now, one.why)
            row.ref, row.not_before = one.ref, one.not_before

    async def close_gate(self, workspace: Workspace, until: datetime.datetime) -> None:
        """Let nothing more out before an instant."""
        self.gates[workspace] = max(until, self.gates.get(workspace, until))

    async def recount(self, data: str, now: datetime.datetime, most: int) -> bool:
        """Nothing is counted here."""
        return False

    async def nudged(self, after: Person | None, most: int) -> Sequence[tuple[Person, Nudging]]:
        """People with a nudge to come."""
        ordered = sorted(self.people.items(), key=lambda item: (item[0].platform, item[0].tenant, item[0].user))
        people = [person for person, _ in ordered]
        start = people.index(after) + 1 if after else 0
        return ordered[start : start + most]

    async def counts(self, since: datetime.datetime) -> Mapping[tuple[Workspace, State], int]:
        """How many letters are in each state."""
        return Counter((row.letter.workspace, row.state) for row in self.rows.values())

    async def trail(self, person: Person, most: int) -> Sequence[Mapping[str, Any]]:
        """A person's letters."""
        return [{"trail": row.trail} for row in self.rows.values() if row.letter.person == person][:most]

    def _of(self, workspace: Workspace, state: State) -> list[Row]:
        return [row for row in self.rows.values() if row.letter.workspace == workspace and row.state is state]

    def _is_waiting(self, row: Row, now: datetime.datetime) -> bool:
        if row.state is State.READY:
            return row.letter.due <= now and (row.not_before is None or row.not_before <= now)
        if row.state is State.SENDING:
            return row.lease_until is not None and row.lease_until <= now
        return row.state is State.DOUBT

    def _guard(self, workspace: Workspace, epoch: int) -> None:
        if self.epochs[workspace] != epoch:
            raise Superseded
