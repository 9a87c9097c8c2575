"""Kills a process that delivers letters, again and again: `python -m tests.proof_letters [letters] [kills]`."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.store.letters import SqlPost
from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from handlers.turn import Person
from scheduler.letters import OPEN, Letter, State, Workspace
from tests.crowd import MONDAY, gather_crowd
from tests.letters_worker import DOUBT, is_gone

PLACES = (Workspace("slack", "T1"), Workspace("slack", "T2"), Workspace("teams", "M1"))
PER_SECOND = 150.0
LIFE = 0.9
"""How many seconds a process lives after it has begun, on average."""

LETTERS, KILLS = 20_000, 50


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
    url: str, folder: Path, *, letters: int, kills: int, freezes: int = 0, chance: random.Random | None = None
) -> Run:
    """Let people be due while processes come and go, until every letter is settled."""
    chance = chance or random.Random(4)
    for platform in {place.platform for place in PLACES}:
        (folder / platform).touch()
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
    for number in range(kills):
        with _worker(url, folder, begun) as worker:
            await asyncio.sleep(min(chance.expovariate(1 / LIFE), 5 * LIFE))
            if number < freezes:
                await _freeze(worker, url, folder, begun)
        interrupted += (await _states(post))[State.SENDING]
    with _worker(url, folder, begun):
        await _until_settled(post, letters)
    seconds = time.time() - begun
    proofs = {name: await _judge(post, people, name, (folder / name).read_text()) for name in ("slack", "teams")}
    await store.close()
    return Run(proofs, kills, freezes, interrupted, seconds)


@contextlib.contextmanager
def _worker(url: str, folder: Path, begun: float) -> Iterator[subprocess.Popen[str]]:
    """A process that is at work, and killed in the end."""
    command = [sys.executable, "-m", "tests.letters_worker", url, str(folder), str(begun), str(PER_SECOND)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        try:
            assert worker.stdout
            assert worker.stdout.readline() == "ready\n"
            yield worker
        finally:
            worker.kill()


async def _freeze(worker: subprocess.Popen[str], url: str, folder: Path, begun: float) -> None:
    """Let a process stand still for longer than its lease, and then go on.

    Where several processes share a database another one has looked up meanwhile what it was doing.
    """
    os.kill(worker.pid, signal.SIGSTOP)
    with contextlib.nullcontext() if url.startswith("sqlite") else _worker(url, folder, begun):
        await asyncio.sleep(2 * DOUBT)
        os.kill(worker.pid, signal.SIGCONT)
        await asyncio.sleep(0.5)


async def _states(post: SqlPost) -> Counter[State]:
    found: Counter[State] = Counter()
    for (_, state), count in (await post.counts(MONDAY - datetime.timedelta(days=1))).items():
        found[state] += count
    return found


async def _until_settled(post: SqlPost, letters: int) -> None:
    async with asyncio.timeout(30 + letters / PER_SECOND):
        while (states := await _states(post)).total() < letters or states.keys() & OPEN:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.3)


async def _judge(post: SqlPost, people: Sequence[tuple[Person, datetime.datetime]], platform: str, file: str) -> Proof:
    """Compare every letter with what the platform took."""
    taken, states, lost = Counter(file.split()), Counter[State](), 0
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
