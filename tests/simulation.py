"""A whole company in one Slack workspace, all due at the same moment, in virtual time."""

from __future__ import annotations

import asyncio
import datetime
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from handlers.errors import TryLater
from handlers.records import Address
from handlers.reply import Reply, Text
from handlers.turn import Person, Place, Turn
from scheduler.delivery import Delivery
from scheduler.letters import Letter, Settled, State, Workspace
from scheduler.pace import Pace
from scheduler.rounds import Rounds
from tests.crowd import MONDAY, RHYTHM
from tests.post import MemoryPost
from tests.stub_platform import StubPlatform, most_within
from tests.test_delivery import TERMS
from tests.virtual import Time, run, true_time

HERE = Workspace("slack", "T1")
MINUTE, SECOND = datetime.timedelta(minutes=1), datetime.timedelta(seconds=1)
PER_MINUTE = 300
ROUND = 2.0


@dataclass
class Slack(StubPlatform):
    """A workspace that refuses what is more than so many in any minute, or a fair share of them in any second."""

    name: str = "slack"
    refused: int = 0
    _minute: deque[datetime.datetime] = field(default_factory=deque)

    async def send(self, person: Person, place: Place, address: Address | None, reply: Reply, mark: str) -> str:
        """Take it when the limits allow it."""
        now, recent = true_time(), self._minute
        while recent and now - recent[0] >= MINUTE:
            recent.popleft()
        share = PER_MINUTE // 60
        if len(recent) >= PER_MINUTE or (len(recent) >= share and now - recent[-share] < SECOND):
            self.refused += 1
            raise TryLater(30.0)
        recent.append(now)
        return await super().send(person, place, address, reply, mark)


class Queue(MemoryPost):
    """The letters of one workspace in the order in which they are due; nothing is searched."""

    def __init__(self, letters: Iterable[Letter]) -> None:
        super().__init__(letters)
        self._ready = deque(self.rows)
        self.counted = Counter({State.READY: len(self.rows)})

    async def waiting(self, now: datetime.datetime) -> Mapping[Workspace, int]:
        """The one workspace."""
        return {HERE: len(self._ready)} if self._ready else {}

    async def begin(self, workspace: Workspace, now: datetime.datetime) -> int:
        """Nobody was there before."""
        self.epochs[workspace] += 1
        return self.epochs[workspace]

    async def claim(
        self, workspace: Workspace, epoch: int, most: int, now: datetime.datetime, lease: datetime.timedelta
    ) -> Sequence[Letter]:
        """The next ones."""
        rows = [self.rows[self._ready.popleft()] for _ in range(min(most, len(self._ready)))]
        for row in rows:
            row.become(State.SENDING, now)
        self.counted[State.READY] -= len(rows)
        return [replace(row.letter) for row in rows]

    async def doubtful(
        self, workspace: Workspace, epoch: int, most: int, before: datetime.datetime
    ) -> Sequence[Letter]:
        """None."""
        return []

    async def settle(self, epoch: int, settled: Sequence[Settled], now: datetime.datetime) -> None:
        """Write down what became of letters."""
        await super().settle(epoch, settled, now)
        for one in settled:
            self.counted[one.state] += 1
            if one.state is State.READY:
                self._ready.append(one.letter.mark)


@dataclass(frozen=True)
class Morning:
    """How it went: from the first round to the last letter, against what the limit itself takes."""

    sent: int
    refused: int
    doubled: int
    in_a_second: int
    in_a_minute: int
    took: datetime.timedelta

    @property
    def ratio(self) -> float:
        """How many times the limit's own time."""
        return self.took / (MINUTE * self.sent / PER_MINUTE)


def simulate(people: int) -> Morning:
    """So many people are due on Monday at eight."""

    async def say_hello(_: Turn) -> Reply | None:
        return Reply((Text("hello"),))

    async def work() -> Morning:
        letters = (
            Letter(Person("slack", "T1", f"U{n}"), MONDAY.date(), "nudge", MONDAY, rhythm=RHYTHM) for n in range(people)
        )
        post, slack, watch = Queue(letters), Slack(), Time().watch
        pace = Pace({"slack": PER_MINUTE / 60}, watch)
        rounds = Rounds(Delivery(post, {"slack": slack}, say_hello, TERMS, watch, pace))
        while post.counted[State.SENT] < people:
            await rounds.go()
            await asyncio.sleep(ROUND)
        times = [at for _, at in slack.asked]
        return Morning(
            len(slack.taken),
            slack.refused,
            sum(map(len, slack.taken.values())) - len(slack.taken),
            most_within(times, SECOND),
            most_within(times, MINUTE),
            max(times) - MONDAY,
        )

    return run(work)
