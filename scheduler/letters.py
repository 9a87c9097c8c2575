"""Letters: what the coach says unasked, from the moment it is due until it is settled."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from handlers.intent import Intent
from handlers.records import Address, Nudging
from handlers.rhythm import Rhythm
from handlers.turn import Person


class State(StrEnum):
    """Where a letter stands. The values lie in databases: they never change."""

    READY = "ready"
    SENDING = "sending"
    """Claimed: it may be on its way."""
    DOUBT = "doubt"
    """Nobody knows whether the platform has taken it; it is looked up before anything else is done with it."""
    SENT = "sent"
    SILENT = "silent"
    """There was nothing to say any more when its time came: switched off, away, works-council mode."""
    LATE = "late"
    """Too late to be of use; not sent."""
    GONE = "gone"
    """The person cannot be reached any more; they get no further letters."""
    REFUSED = "refused"
    """The platform said no to it, so that nobody got it; the trail has the platform's reason."""
    LOST = "lost"
    """It stayed in doubt, and rather not than twice: it may have arrived."""


OPEN = frozenset({State.READY, State.SENDING, State.DOUBT})
"""States in which something is still to be done."""

Kind = str
"""What sort of letter it is; of one sort a person gets no more than one a day. The values lie in databases."""

NUDGE: Kind = "nudge"
"""The weekly nudge: the one sort that counts as a sign of life not given, and that keeps quiet hours and free days."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace or tenant of a platform: what is paced, fenced and drained as one."""

    platform: str
    tenant: str


@dataclass(frozen=True, slots=True)
class Letter:
    """An intent waiting for its time; there is one of a kind for a person and a local date.

    It holds no text: what it says is answered when it is sent. `due` is the person's own instant, `state` how it was
    when it was claimed, `tries` how often it was claimed before. `rhythm` is the one the person has now; a late nudge
    goes by its clock and its free days, and other letters have none. Without an `intent` it is the nudge of its day.
    """

    person: Person
    day: datetime.date
    kind: Kind
    due: datetime.datetime
    state: State = State.READY
    tries: int = 0
    address: Address | None = None
    rhythm: Rhythm | None = None
    intent: Intent | None = None

    @property
    def workspace(self) -> Workspace:
        """Whose pace it is sent at."""
        return Workspace(self.person.platform, self.person.tenant)

    @property
    def mark(self) -> str:
        """Our own id of it, which a platform may keep beside the message; it tells nothing about the person."""
        key = (self.person.platform, self.person.tenant, self.person.user, self.day.isoformat(), self.kind)
        return hashlib.sha256("\0".join(key).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a claimed letter. `ref` is the platform's id, `not_before` when a READY one may be tried again.

    `why` is a short code for the operator, never words of a person.
    """

    letter: Letter
    state: State
    ref: str | None = None
    not_before: datetime.datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """A day and an hour that people of a workspace chose: how many of them, and the windows they are told, in minutes.

    `weekday` counts from 0 = Monday, `minute` from midnight on each person's own clock.
    """

    workspace: Workspace
    weekday: int
    minute: int
    people: int
    narrowest: int
    widest: int


@dataclass(frozen=True, slots=True)
class Planned:
    """What one page of planning did; `more` when the page was full, so that there may be another."""

    letters: int
    put_aside: int
    more: bool


class Superseded(Exception):  # noqa: N818 - its name is what it says
    """Another drain of the same workspace has begun; whoever holds an older epoch stops."""


class Post(Protocol):
    """The store of letters. Every method raises `handlers.errors.Unavailable` as the `Store` does.

    Each is one transaction. A drain of a workspace holds the epoch that `begin` gave it; the methods that take an
    epoch raise Superseded when it is no longer the newest.
    """

    async def plan(self, now: datetime.datetime, most: int) -> Planned:
        """Write the letters of people who are due, at most so many, and move each to their next due time.

        A person whose rhythm cannot be read is put aside (no further due time) and counted. Twice does no harm: the
        key of a letter is unique.
        """

    async def waiting(self, now: datetime.datetime) -> Mapping[Workspace, int]:
        """The workspaces with letters that can be sent now or are in doubt, and how many; closed gates are left out.

        In doubt are also those that were claimed and not settled by the end of their lease.
        """

    async def begin(self, workspace: Workspace, now: datetime.datetime) -> int:
        """A new epoch of a workspace. What an older one had claimed and not settled is in doubt from now on."""

    async def claim(
        self, workspace: Workspace, epoch: int, most: int, now: datetime.datetime, lease: datetime.timedelta
    ) -> Sequence[Letter]:
        """At most so many letters that are ready, due ones first; they are SENDING now, until the lease ends."""

    async def doubtful(
        self, workspace: Workspace, epoch: int, most: int, before: datetime.datetime
    ) -> Sequence[Letter]:
        """Letters in doubt since before an instant."""

    async def settle(self, epoch: int, settled: Sequence[Settled], now: datetime.datetime) -> None:
        """Write down what became of letters of one workspace, and add it to their trails.

        GONE also ends the person's nudging: there is nobody to write to.
        """

    async def close_gate(self, workspace: Workspace, until: datetime.datetime) -> None:
        """Let nothing more out to a workspace before an instant."""

    async def recount(self, data: str, now: datetime.datetime, most: int) -> bool:
        """Work out anew, at most so many, the due times that other zone data than this version gave.

        Each nudge keeps its local date. True when there may be more.
        """

    async def slots(self) -> Sequence[Slot]:
        """Every day and hour at which people of a workspace are to be nudged."""

    async def fit(self, slot: Slot, window: int, after: str, now: datetime.datetime, most: int) -> str | None:
        """Give the nudges to come of a slot another window, at most so many; those of users after one.

        Each keeps its local date, and has its instant in the new window. The last user when there may be more.
        """

    async def nudged(self, after: Person | None, most: int) -> Sequence[tuple[Person, Nudging]]:
        """People with a weekly nudge to come, at most so many, in a steady order; those after this one."""

    async def counts(self, since: datetime.datetime) -> Mapping[tuple[Workspace, State], int]:
        """How many letters are in each state, by workspace."""

    async def trail(self, person: Person, most: int) -> Sequence[Mapping[str, Any]]:
        """A person's letters, newest first, each with the trail of its states."""
