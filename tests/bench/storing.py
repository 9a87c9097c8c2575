"""Answers that read and write what a person told, beside their statements alone, and with few and many milestones."""

from __future__ import annotations

import asyncio
import datetime
import itertools
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import event

from bot.app import make_desk
from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from handlers.answer import answer
from handlers.intent import Intent, MarkDone, SetProfile, ShowProfile
from handlers.ports import Desk
from handlers.records import MilestoneSet, State
from handlers.turn import Person, Place, Turn
from tests.matrices import matrix as make_matrix

SHAPE = (300, 1, 6)
"""Skills, roles and levels of the matrix in which somebody has many milestones."""

FEW, MANY = 5, 500
"""Milestones of the two people who look at their overview."""

ROUNDS, LAPS = 40, 9
"""Answers a lap, and laps; what is compared takes turns, and the median lap counts."""

Made = TypeVar("Made")


@dataclass(frozen=True)
class Pair:
    """Milliseconds an answer, and of what it is measured against."""

    ours: float
    floor: float

    @property
    def ratio(self) -> float:
        """How many times the floor."""
        return self.ours / self.floor


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """The address of an empty database of each kind."""
    command = [sys.executable, "-m", "tests.postgresql"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as server,
    ):
        assert server.stdin
        assert server.stdout
        yield {"SQLite": f"sqlite:///{folder}/rung.db", "PostgreSQL": server.stdout.readline().strip()}
        server.stdin.close()


def set_profile(url: str) -> Pair:
    """Somebody tells their level, again and again another one."""
    return asyncio.run(_against_statements(url, _levels))


def mark_done(url: str) -> Pair:
    """Somebody ticks milestones off, one after the other."""
    return asyncio.run(_against_statements(url, _ticks))


def _levels(_: Desk) -> Iterator[Intent]:
    for level in itertools.cycle(("middle", "senior", "lead", "principal")):
        yield SetProfile(role="mlops-engineer", level=level)


def _ticks(desk: Desk) -> Iterator[Intent]:
    yield from itertools.cycle(MarkDone(clause=clause.id) for _, clause in desk.matrix.clauses())


async def _against_statements(url: str, intents: Callable[[Desk], Iterator[Intent]]) -> Pair:
    """Answers, and the very statements that they took, with the same values through the same engine."""
    await migrate(url)
    store = SqlStore(url)
    await store.open()
    desk = make_desk(store)
    laps = []
    for lap in range(LAPS):
        # A twin, because to write again what is there already is less work.
        person, twin = (Person(name, intents.__name__, f"{lap}") for name in ("bench", "twin"))
        for one in (person, twin):
            await _press(SetProfile(role="mlops-engineer", level="senior"), desk, one)
        asked = list(itertools.islice(intents(desk), ROUNDS))
        with _executed(store) as turns:

            async def ask(intent: Intent, person: Person = person) -> None:
                turns.append([])
                await _press(intent, desk, person)

            ours = await _timed(asked, ask)
        laps.append(Pair(ours, await _timed(turns, partial(_execute, store=store, whose=twin))))
    await store.close()
    return _median(laps)


def _median(laps: list[Pair]) -> Pair:
    """The lap in the middle."""
    return sorted(laps, key=lambda lap: lap.ratio)[len(laps) // 2]


async def _press(intent: Intent, desk: Desk, person: Person) -> None:
    reply = await answer(Turn(person, Place("p"), intent=intent, lang="en"), desk)
    assert len(reply.blocks) > 1, reply  # an error is one block


async def _timed(items: list[Made], work: Callable[[Made], Awaitable[Any]]) -> float:
    """Milliseconds an item."""
    start = time.perf_counter()
    for item in items:
        await work(item)
    return 1000 * (time.perf_counter() - start) / len(items)


@contextmanager
def _executed(store: SqlStore) -> Iterator[list[list[tuple[Any, Any]]]]:
    """The statements of each turn with their values: first what is read, then what is written."""
    turns: list[list[tuple[Any, Any]]] = []

    def note(_connection: Any, statement: Any, many: Any, one: Any, *_: Any) -> None:
        if not isinstance(statement, str):
            turns[-1].append((statement, many or [one]))

    event.listen(store.engine.sync_engine, "before_execute", note)
    yield turns
    event.remove(store.engine.sync_engine, "before_execute", note)


async def _execute(turn: list[tuple[Any, Any]], store: SqlStore, whose: Person) -> None:
    """What a turn executed, for somebody else: the first statement reads, the others are one transaction."""
    # An update names the person within itself: it writes the row of whom it was made for once more.
    (read, asked), *writes = [
        (statement, [one if statement.is_update else one | {"platform": whose.platform} for one in values])
        for statement, values in turn
    ]
    reading = store.engine.execution_options(isolation_level="AUTOCOMMIT")
    async with (store.engine if store.engine.dialect.name == "sqlite" else reading).connect() as connection:
        (await connection.execute(read, asked[0])).all()
    async with store.engine.execution_options(writes=True).begin() as connection:
        for statement, rows in writes:
            await connection.execute(statement, rows)


def overview(url: str) -> Pair:
    """The overview of somebody with many milestones, against that of somebody with few, in a large framework."""

    async def run() -> Pair:
        await migrate(url)
        store = SqlStore(url)
        await store.open()
        desk = replace(make_desk(store), matrix=make_matrix(*SHAPE))
        now = desk.now() - datetime.timedelta(days=3)
        (role,) = desk.matrix.roles.values()
        clauses = [
            one.id for level in role.ladder[2:4] for cell in desk.matrix.column(role.id, level) for one in cell.clauses
        ]
        states = itertools.cycle((State.DONE, State.DONE, State.WORKING, State.NOT_YET))
        for count in (FEW, MANY):
            person = Person("bench", "t", str(count))
            await _press(SetProfile(role=role.id, level=role.ladder[2]), desk, person)
            step = len(clauses) // count
            facts = [MilestoneSet(one, next(states)) for one in clauses[::step][:count]]
            await store.record(person, facts, now)

        async def look(user: str) -> float:
            return await _timed([Person("bench", "t", user)] * ROUNDS, partial(_press, ShowProfile(), desk))

        laps = []
        for _ in range(LAPS):
            many, few = [await look(str(count)) for count in (MANY, FEW)]
            laps.append(Pair(many, few))
        await store.close()
        return _median(laps)

    return asyncio.run(run())
