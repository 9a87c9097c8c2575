"""A process that goes its rounds over a database and a platform made of a file, until somebody kills it.

It does what the worker does, with all waiting times of a delivery made shorter.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
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

LATENCY, LATE = 0.05, 0.2
FAULTS = {"cut": 0.01, "cut-before": 0.01, "hang": 0.002, "late": 0.002, "busy": 0.0005}
"""How often the platform takes a letter and cuts the line, or cuts it before, and so on."""


@dataclass
class FilePlatform:
    """A platform that remembers what it took in a file, a line each; it outlives who writes to it."""

    name: str
    file: Path
    can_find: bool
    chance: random.Random = field(default_factory=random.Random)

    async def place(self, person: Person, address: Address | None) -> Place:
        """The person's own conversation."""
        return Place(person.user)

    async def is_away(self, person: Person) -> bool:
        """Nobody is."""
        return False

    async def send(self, place: Place, address: Address | None, reply: Reply, mark: str) -> str:
        """Take a letter, most of the time, at some moment before it answers."""
        if is_gone(place.id):
            raise Gone
        (act,) = self.chance.choices([*FAULTS, "take"], [*FAULTS.values(), 1 - sum(FAULTS.values())])
        before = self.chance.uniform(0, LATENCY)
        await asyncio.sleep(before)
        if act == "busy":
            raise TryLater(1.0)
        if act == "cut-before":
            raise InDoubt
        if act == "late":
            loop = asyncio.get_running_loop()
            loop.call_later(LATE, self._take_late, mark, loop.time() + 2 * LATE)
            raise InDoubt
        self._take(mark)
        if act == "cut":
            raise InDoubt
        await asyncio.sleep(10 if act == "hang" else LATENCY - before)
        return f"ref-{mark}"

    async def find(self, place: Place, mark: str, since: datetime.datetime) -> str | Literal["absent"] | None:
        """What it took, if it can look."""
        if not self.can_find:
            return None
        return f"ref-{mark}" if mark in self.file.read_text() else "absent"

    def _take_late(self, mark: str, end: float) -> None:
        """A real platform would not stand still together with the process."""
        if asyncio.get_running_loop().time() < end:
            self._take(mark)

    def _take(self, mark: str) -> None:
        with self.file.open("ab", buffering=0) as file:
            file.write(f"{mark}\n".encode())
            os.fsync(file.fileno())


def is_gone(user: str) -> bool:
    """Whether somebody has left."""
    return user.endswith("77")


async def work(url: str, folder: Path, begun: float, per_second: float) -> None:
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
    platforms = {name: FilePlatform(name, folder / name, name == "slack") for name in ("slack", "teams")}
    terms = Terms(datetime.timedelta(hours=12), NIGHT)
    pace = Pace(dict.fromkeys(platforms, per_second), watch)
    rounds = Rounds(Delivery(SqlPost(store.database), platforms, say_hello, terms, watch, pace))
    print("ready", flush=True)
    while True:
        await rounds.go()
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(work(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))
