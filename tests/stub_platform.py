"""A platform that does what a script says, and remembers what it took."""

from __future__ import annotations

import asyncio
import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from handlers.errors import Gone, InDoubt, Refused, TryLater
from handlers.records import Address
from handlers.reply import Reply
from handlers.turn import Person, Place
from scheduler.letters import Workspace
from tests.virtual import true_time

Act = Literal["take", "busy", "refuse", "cut", "cut-before", "late", "hang", "slow", "gone", "never", "broken"]
"""What it does with a letter: take it; want a pause; not answer the line; take it and cut the line, or cut it before;
take it after its sender gave up; take it and never answer; take its time; know nobody of that name; say no to it for
good; fail anyhow."""

DOUBTFUL: frozenset[Act] = frozenset({"cut", "cut-before", "late", "hang", "broken"})


@dataclass
class StubPlatform:
    """One platform with many workspaces."""

    script: Callable[[str, int], Act] = lambda mark, nth: "take"
    """What to do with the n-th try of the letter with a mark."""
    latency: float = 0.05
    pause: float = 30.0
    """What "busy" asks for."""
    can_find: bool = True
    name: str = "stub"
    taken: dict[str, list[tuple[Workspace, datetime.datetime]]] = field(default_factory=lambda: defaultdict(list))
    """When the letter with a mark was taken, each time."""
    asked: list[tuple[Workspace, datetime.datetime]] = field(default_factory=list)
    """Every call for sending, also of what was not taken."""
    paused: list[tuple[Workspace, datetime.datetime]] = field(default_factory=list)
    found: Counter[str] = field(default_factory=Counter)
    _tries: Counter[str] = field(default_factory=Counter)

    async def place(self, person: Person, address: Address | None) -> Place:
        """The person's own conversation; its id tells whose it is."""
        return Place(f"{person.tenant}/{person.user}")

    async def is_away(self, person: Person) -> bool:
        """People whose name says so are on vacation."""
        return person.user == "away"

    async def language(self, person: Person) -> str | None:
        """People whose name says so have chosen German."""
        return "de-DE" if person.user == "german" else None

    async def send(self, person: Person, place: Place, address: Address | None, reply: Reply, mark: str) -> str:
        """Do what the script says."""
        workspace = Workspace(self.name, place.id.partition("/")[0])
        act = self.script(mark, self._tries[mark])
        self._tries[mark] += 1
        self.asked.append((workspace, true_time()))
        await asyncio.sleep(self.latency)
        match act:
            case "busy":
                self.paused.append((workspace, true_time()))
                raise TryLater(self.pause)
            case "refuse":
                raise TryLater(1.0)
            case "cut-before":
                raise InDoubt
            case "gone":
                raise Gone
            case "never":
                raise Refused("too_long")
            case "broken":
                raise KeyError(mark)
            case "late":
                asyncio.get_running_loop().call_later(3.0, self._take, mark, workspace, true_time())
                raise InDoubt
            case "slow":
                await asyncio.sleep(9.0)
        self._take(mark, workspace, true_time())
        if act == "cut":
            raise InDoubt
        if act == "hang":
            await asyncio.Event().wait()
        return f"ref-{mark}"

    async def find(
        self, person: Person, place: Place, mark: str, since: datetime.datetime
    ) -> str | Literal["absent"] | None:
        """What it took, if it can look."""
        self.found[mark] += 1
        await asyncio.sleep(self.latency)
        if not self.can_find:
            return None
        return f"ref-{mark}" if any(at >= since for _, at in self.taken.get(mark, ())) else "absent"

    def most_in_a_second(self, workspace: Workspace) -> int:
        """How many calls at most came within any second."""
        return most_within([at for where, at in self.asked if where == workspace], datetime.timedelta(seconds=1))

    def _take(self, mark: str, workspace: Workspace, at: datetime.datetime) -> None:
        self.taken[mark].append((workspace, at))


def most_within(times: Sequence[datetime.datetime], span: datetime.timedelta) -> int:
    """The most instants that lie in any half-open span of time."""
    ordered = sorted(times)
    most = first = 0
    for last, at in enumerate(ordered):
        while at - ordered[first] >= span:
            first += 1
        most = max(most, last - first + 1)
    return most
