"""A process of the fleet over a platform that is a file, until somebody kills it. Its waits are short."""

from __future__ import annotations

import asyncio
import datetime
import os
import signal
import sys
import time
from pathlib import Path
from typing import Literal

from bot.store.engine import connect_args
from bot.store.letters import SqlPost
from bot.store.sql import SqlStore
from handlers.errors import InDoubt
from handlers.records import Address
from handlers.reply import Reply
from handlers.turn import Person, Place
from scheduler import delivery as delivering
from scheduler import fleet, sending
from scheduler.delivery import Delivery
from scheduler.fleet import Fleet
from scheduler.pace import Pace
from scheduler.watch import Watch
from tests.test_delivery import TERMS, say_hello
from tests.virtual import START

SECONDS = datetime.timedelta(seconds=1)

sending.LEASE = delivering.LEASE = 1.5 * SECONDS
sending.SEND_SECONDS = 0.5
delivering.DOUBT_SECONDS = 2.5
delivering.TAKEOVER_SECONDS = 1.0
delivering.INSIST_EVERY = 0.2
fleet.DRAINS = 2
fleet.TURN_SECONDS = 3.5
fleet.TURNS_EVERY = 0.3
fleet.HEARTBEAT_SECONDS = 0.5
fleet.STALLED_SECONDS = 2.0
fleet.RESCUE_EVERY = SECONDS
fleet.RESTART_SECONDS = 0.2
fleet.POLL_SECONDS = 0.2
fleet.QUERY_SECONDS = 1.5


class FilePlatform:
    """Writes a line for each letter it takes: which one, whose, when, and through which process.

    Now and then the line is cut right after it took one.
    """

    can_find = True

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._path = file
        self._count = 0

    async def place(self, person: Person, address: Address | None) -> Place:
        """The person's own conversation."""
        return Place(person.tenant)

    async def is_away(self, person: Person) -> bool:
        """Nobody is."""
        return False

    async def language(self, person: Person) -> str | None:
        """It tells none."""
        return None

    async def send(self, person: Person, place: Place, address: Address | None, reply: Reply, mark: str) -> str:
        """Take it."""
        os.write(self._file, f"{mark} {place.id} {time.time()} {os.getpid()}\n".encode())
        self._count += 1
        await asyncio.sleep(0.05)
        if self._count % 20 == 0:
            raise InDoubt
        return mark

    async def find(
        self, person: Person, place: Place, mark: str, since: datetime.datetime
    ) -> str | Literal["absent"] | None:
        """Look whether it was taken."""
        return mark if f"{mark} " in self._path.read_text() else "absent"


async def work(url: str, file: Path, begun: float, limit: float) -> None:
    """Take part until SIGTERM comes. The clock shows the start of the tests when it is `begun`."""
    store = SqlStore(url, patience=1.0)
    watch = Watch(lambda: START + (time.time() - begun) * SECONDS)
    platforms = {"stub": FilePlatform(file)}
    delivery = Delivery(SqlPost(store.database), platforms, say_hello, TERMS, watch, Pace({"stub": limit}, watch))
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with Fleet(connect_args(url), delivery, SECONDS, (), 2.0):
        await stop.wait()
    await store.close()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))
