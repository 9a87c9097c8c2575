"""What was confirmed is on disk: processes are killed in the middle of writing."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Sequence

from bot.app import make_desk
from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from handlers.intent import AddEvidence, FindLevel, MarkDone, PickMilestone
from handlers.records import State
from handlers.turn import Person, Place
from tests.door_writer import clicks
from tests.store_writer import NOON

WRITERS = ("U1", "U1", "U2", "U3", "U4")
"""Who they write for, at the same time; two write the same facts of the same person."""

KILLS = 10

CLICKERS = ("U1", "U2")
"""Who clicks at the door; the framework has to be loaded for each."""


async def test_killed(database: str) -> None:
    """Whatever a process confirmed before it was killed is there, each turn as a whole, and written once."""
    chance = random.Random(42)
    await migrate(database)
    confirmed: dict[str, int] = dict.fromkeys(WRITERS, 0)
    for _ in range(KILLS // len(WRITERS)):
        for user, last in kill_some(database, confirmed, chance):
            confirmed[user] = max(confirmed[user], last)
        await verify(database, confirmed)
    assert all(confirmed.values())


async def test_killed_after_a_click(database: str) -> None:
    """A step of the walk, evidence, a pick and a tick that were answered before the kill are there."""
    chance = random.Random(7)
    await migrate(database)
    confirmed: dict[str, int] = dict.fromkeys(CLICKERS, -1)
    clicked = clicks(make_desk())
    for _ in range(2):
        for user, last in kill_some(database, confirmed, chance, CLICKERS, "door_writer"):
            confirmed[user] = max(confirmed[user], last)
    store = SqlStore(database)
    for user, last in confirmed.items():
        person = Person("slack", "T1", user)
        known = await store.recall(person, Place("D1"), NOON)
        assert known
        noted = {item.clause: item.text for item in await store.evidence(person)}
        for number, intent in enumerate(clicked[: last + 1]):
            match intent:
                case PickMilestone(clause=str(clause)):
                    assert known.milestones[clause].state is State.WORKING
                case AddEvidence(clause=str(clause)):
                    assert noted[clause] == f"proof-{number}"
                case FindLevel(clause=str(clause)) | MarkDone(clause=str(clause)):
                    assert known.milestones[clause].state is State.DONE
                    assert noted[clause] == f"proof-{number}"
        assert len(known.milestones.keys() | noted.keys()) in (last + 1, last + 2)
        assert last >= 3  # each kind of fact
    await store.close()


def kill_some(
    database: str,
    confirmed: dict[str, int],
    chance: random.Random,
    users: Sequence[str] = WRITERS,
    module: str = "store_writer",
) -> list[tuple[str, int]]:
    """Start the writers where they were, kill each at some moment; what each confirmed last."""
    command = [sys.executable, "-m", f"tests.{module}", database]
    writers = [
        subprocess.Popen([*command, user, str(confirmed[user] + 1)], stdout=subprocess.PIPE, text=True)
        for user in users
    ]
    told = []
    for user, writer in zip(users, writers, strict=True):
        assert writer.stdout
        with writer:
            heard = [writer.stdout.readline() for _ in range(chance.randint(1, 20))]
            time.sleep(chance.uniform(0, 0.01))
            writer.kill()
            heard += writer.stdout.readlines()
        whole = [line for line in heard if line.endswith("\n")]
        told.append((user, int(whole[-1].removeprefix("confirmed "))))
    return told


async def verify(database: str, confirmed: dict[str, int]) -> None:
    """Everything confirmed is there; at most one turn more, which was being confirmed; no turn by halves."""
    store = SqlStore(database)
    for user, last in confirmed.items():
        person = Person("slack", "T1", user)
        known = await store.recall(person, Place("D1"), NOON)
        assert known
        found = sorted(int(clause.removeprefix("clause-")) for clause in known.milestones)
        assert found in (list(range(1, last + 1)), list(range(1, last + 2)))
        assert sorted(int(item.text.removeprefix("proof-")) for item in await store.evidence(person)) == found
        assert known.subject
        assert int(known.subject.role or 0) in found
    await store.close()
