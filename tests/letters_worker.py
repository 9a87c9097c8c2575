"""A process that goes its rounds over a database and a platform of another process, until somebody kills it.

It does what the worker does, with all waiting times of a delivery made shorter.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import itertools
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from bot.store.letters import SqlPost
from bot.store.sql import SqlStore
from handlers.errors import Gone, InDoubt, TryLater
from handlers.lateness import NIGHT
from handlers.records import Address
from handlers.reply import Reply, Text
from handlers.turn import Person, Place, Turn
from scheduler import delivery, planning, sending
from scheduler.delivery import Delivery
from scheduler.pace import Pace
from scheduler.rounds import Rounds
from scheduler.sending import Terms
from scheduler.watch import Watch
from tests.crowd import MONDAY

LEASE, SEND, DOUBT = 1.0, 0.5, 1.7
"""Seconds."""

PLATFORMS = ("slack", "teams")


@dataclass
class Line:
    """A platform at the other end of a socket, which goes on when this process is killed or stands still."""

    name: str
    can_find: bool
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    asked: dict[str, asyncio.Future[str]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    async def listen(self) -> None:
        """Hand on what the platform answers."""
        while line := (await self.reader.readline()).decode():
            number, answer = line.split()
            if future := self.asked.pop(number, None):
                future.set_result(answer)

    async def place(self, person: Person, address: Address | None) -> Place:
        """The person's own conversation."""
        return Place(person.user)

    async def is_away(self, person: Person) -> bool:
        """Nobody is."""
        return False

    async def language(self, person: Person) -> str | None:
        """It tells none."""
        return None

    async def send(self, person: Person, place: Place, address: Address | None, reply: Reply, mark: str) -> str:
        """Send it off at once."""
        if is_gone(place.id):
            raise Gone
        match await self._ask("send", mark):
            case "busy":
                raise TryLater(1.0)
            case "cut":
                raise InDoubt
        return f"ref-{mark}"

    async def find(
        self, person: Person, place: Place, mark: str, since: datetime.datetime
    ) -> str | Literal["absent"] | None:
        """What it took, if it can look."""
        if not self.can_find:
            return None
        return "absent" if await self._ask("find", mark) == "absent" else f"ref-{mark}"

    async def _ask(self, what: str, mark: str) -> str:
        number = str(next(self.numbers))
        future = self.asked[number] = asyncio.get_running_loop().create_future()
        self.writer.write(f"{number} {self.name} {what} {mark}\n".encode())
        try:
            return str(await future)
        finally:
            self.asked.pop(number, None)


def is_gone(user: str) -> bool:
    """Whether somebody has left."""
    return user.endswith("77")


async def work(url: str, socket: str, begun: float, per_second: float) -> None:
    """Go the rounds; a line when it begins. Monday was at `begun`, in seconds of this computer's clock."""
    sending.LEASE = delivery.LEASE = datetime.timedelta(seconds=LEASE)
    sending.SEND_SECONDS, delivery.DOUBT_SECONDS = SEND, DOUBT
    sending.RETRY_SECONDS = delivery.TAKEOVER_SECONDS = delivery.POLL_SECONDS = 0.3
    planning.PAGE = 50
    store = SqlStore(url, patience=30)
    await store.open()

    async def say_hello(_: Turn) -> Reply | None:
        return Reply((Text("hello"),))

    watch = Watch(lambda: MONDAY + datetime.timedelta(seconds=time.time() - begun))
    platforms = {name: Line(name, name == "slack", *await asyncio.open_unix_connection(socket)) for name in PLATFORMS}
    listening = [asyncio.create_task(line.listen()) for line in platforms.values()]
    terms = Terms(datetime.timedelta(hours=12), NIGHT)
    pace = Pace(dict.fromkeys(platforms, per_second), watch)
    rounds = Rounds(Delivery(SqlPost(store.database), platforms, say_hello, terms, watch, pace))
    print("ready", flush=True)
    while not any(task.done() for task in listening):
        await rounds.go()
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(work(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])))
