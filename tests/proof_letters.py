"""Kills a process that delivers letters, again and again: `python -m tests.proof_letters [letters] [kills]`."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import random
import signal
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.store.letters import SqlPost
from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from handlers.turn import Person
from scheduler.letters import OPEN, Letter, State, Workspace
from tests.crowd import MONDAY, gather_crowd
from tests.letters_worker import DOUBT, PLATFORMS, is_gone

PLACES = (Workspace("slack", "T1"), Workspace("slack", "T2"), Workspace("teams", "M1"))
PER_SECOND = 150.0
LIFE = 0.9
"""How many seconds a process lives after it has begun, on average."""

LETTERS, KILLS = 20_000, 50

LATENCY, LATE = 0.05, 0.2
FAULTS = {"cut": 0.01, "cut-before": 0.01, "hang": 0.002, "late": 0.002, "busy": 0.0005}
"""How often a platform takes a letter and cuts the line, or cuts it before, and so on."""


class Platforms:
    """What both platforms took; they live longer than who writes to them."""

    def __init__(self, chance: random.Random) -> None:
        self.taken: dict[str, Counter[str]] = {name: Counter() for name in PLATFORMS}
        self._chance = chance
        self._tasks: set[asyncio.Task[None]] = set()

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer each line of one process, each in its own time."""
        with contextlib.suppress(ConnectionError):
            while line := (await reader.readline()).decode():
                if not line.endswith("\n"):
                    break
                task = asyncio.create_task(self._answer(writer, *line.split()))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, number: str, name: str, what: str, mark: str) -> None:
        answer = await self._send(name, mark) if what == "send" else "found" if self.taken[name][mark] else "absent"
        if answer and not writer.is_closing():
            writer.write(f"{number} {answer}\n".encode())

    async def _send(self, name: str, mark: str) -> str:
        """Take a letter, most of the time, at some moment before the answer."""
        (act,) = self._chance.choices([*FAULTS, "take"], [*FAULTS.values(), 1 - sum(FAULTS.values())])
        before = self._chance.uniform(0, LATENCY)
        await asyncio.sleep(before)
        if act == "busy":
            return "busy"
        if act == "late":
            asyncio.get_running_loop().call_later(LATE, self.taken[name].update, [mark])
        elif act != "cut-before":
            self.taken[name][mark] += 1
        await asyncio.sleep(LATENCY - before)
        return {"take": "taken", "hang": ""}.get(act, "cut")


@dataclass(frozen=True)
class Proof:
    """What became of the letters on a platform.

    `astray` are the trails of those whose state is not what the platform says.
    """

    states: Counter[State]
    taken: int
    doubled: int
    astray: list[str]
    lost: int
    """What the platform never took of letters that are LOST."""

    def __str__(self) -> str:
        told = ", ".join(f"{count} {state.value}" for state, count in sorted(self.states.items()))
        doubled = f"{self.taken} taken, {self.doubled} doubled"
        return f"{told}; {doubled}, {len(self.astray)} astray, {self.lost} of those lost were not taken"


@dataclass(frozen=True)
class Run:
    """How it went: proofs by platform, kills, and how many letters were on their way when a process was killed."""

    proofs: dict[str, Proof]
    kills: int
    freezes: int
    interrupted: int
    seconds: float


async def prove(
    url: str, folder: Path, *, letters: int, kills: int, freezes: int = 0, per_second: float = PER_SECOND
) -> Run:
    """Let people be due while processes come and go, until every letter is settled."""
    chance = random.Random(4)
    platforms, socket = Platforms(chance), str(folder / "socket")
    await migrate(url)
    store = SqlStore(url, patience=30)
    await store.open()
    # Half of them at once, the others as long as there are kills, so that planning is interrupted too.
    spread = 2 * LIFE * kills
    people = [
        (
            Person(place.platform, place.tenant, f"U{number:07}"),
            MONDAY + datetime.timedelta(seconds=max(0.0, chance.uniform(-spread, spread))),
        )
        for number, place in zip(range(letters), letters * PLACES, strict=False)
    ]
    await gather_crowd(store, people)
    post, begun, interrupted = SqlPost(store.database), time.time(), 0
    start = partial(_worker, url, socket, str(begun), str(per_second))
    async with await asyncio.start_unix_server(platforms.hear, socket):
        for number in range(kills):
            async with start() as worker:
                await asyncio.sleep(min(chance.expovariate(1 / LIFE), 5 * LIFE))
                if number < freezes:
                    await _freeze(worker, start, alone=url.startswith("sqlite"))
            interrupted += (await _states(post))[State.SENDING]
        async with start():
            await _until_settled(post, letters, per_second)
        seconds = time.time() - begun
    proofs = {name: await _judge(post, people, name, platforms.taken[name]) for name in PLATFORMS}
    await store.close()
    return Run(proofs, kills, freezes, interrupted, seconds)


@contextlib.asynccontextmanager
async def _worker(*told: str) -> AsyncIterator[Process]:
    """A process that is at work, and killed in the end."""
    command = (sys.executable, "-m", "tests.letters_worker", *told)
    worker = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert worker.stdout
        assert await worker.stdout.readline() == b"ready\n"
        yield worker
    finally:
        with contextlib.suppress(ProcessLookupError):
            worker.kill()
        await worker.communicate()


async def _freeze(
    worker: Process, start: Callable[[], contextlib.AbstractAsyncContextManager[Process]], *, alone: bool
) -> None:
    """Let a process stand still for longer than its lease, and then go on.

    Where several processes share a database another one has looked up meanwhile what it was doing.
    """
    worker.send_signal(signal.SIGSTOP)
    async with contextlib.nullcontext() if alone else start():
        await asyncio.sleep(2 * DOUBT)
        worker.send_signal(signal.SIGCONT)
        await asyncio.sleep(0.5)


async def _states(post: SqlPost) -> Counter[State]:
    found: Counter[State] = Counter()
    for (_, state), count in (await post.counts(MONDAY - datetime.timedelta(days=1))).items():
        found[state] += count
    return found


async def _until_settled(post: SqlPost, letters: int, per_second: float) -> None:
    async with asyncio.timeout(30 + letters / per_second):
        while (states := await _states(post)).total() < letters or states.keys() & OPEN:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.3)


async def _judge(
    post: SqlPost, people: Sequence[tuple[Person, datetime.datetime]], platform: str, taken: Counter[str]
) -> Proof:
    """Compare every letter with what the platform took."""
    states, lost = Counter[State](), 0
    astray: list[str] = []
    for person, due in people:
        if person.platform != platform:
            continue
        (kept,) = await post.trail(person, 2)
        state, mark = State(kept["state"]), Letter(person, kept["day"], kept["kind"], due).mark
        states[state] += 1
        if state is State.LOST:
            lost += mark not in taken
        else:
            expected = State.GONE if is_gone(person.user) else State.SENT
            if state is not expected or taken[mark] != (expected is State.SENT):
                astray.append(f"{person.user}, {taken[mark]} times: {kept['trail']}")
    return Proof(states, taken.total(), taken.total() - len(taken), astray, lost)


async def _main(letters: int, kills: int) -> None:
    from tests.bench.storing import databases

    with databases() as urls:
        for name, url in urls.items():
            with tempfile.TemporaryDirectory() as folder:
                run = await prove(url, Path(folder), letters=letters, kills=kills, freezes=min(3, kills))
            print(f"{name}: {letters} letters, {run.kills} kills ({run.freezes} after a freeze), {run.seconds:.0f} s;")
            print(f"  {run.interrupted} letters were on their way when their process was killed")
            for platform, proof in run.proofs.items():
                print(f"  {platform}: {proof}")


if __name__ == "__main__":
    given = [int(told) for told in sys.argv[1:]]
    asyncio.run(_main(*(given or (LETTERS, KILLS))))
