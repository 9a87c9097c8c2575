"""Many people who want a weekly nudge, written into a database at once."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import fields
from itertools import islice
from typing import Any

from sqlalchemy import insert

from bot.store.nudges import nudging_row
from bot.store.rows import key
from bot.store.schema import nudging as nudging_table
from bot.store.schema import person as person_table
from bot.store.sql import SqlStore
from handlers.records import Nudging
from handlers.rhythm import Rhythm
from handlers.turn import Person
from scheduler.letters import Workspace

MONDAY = datetime.datetime(2026, 11, 23, 8, 0, tzinfo=datetime.UTC)
RHYTHM = Rhythm(0, 9 * 60, "Europe/Berlin", MONDAY.date())
"""When that is nine o'clock in Berlin."""

BATCH = 10_000


async def gather_crowd(store: SqlStore, people: Iterable[tuple[Person, datetime.datetime]]) -> None:
    """Let people be due, each at an instant; many at once, as no store would do it."""
    rows = map(_rows, people)
    while batch := list(islice(rows, BATCH)):
        async with store.engine.execution_options(writes=True).begin() as connection:
            await connection.execute(insert(person_table), [person for person, _ in batch])
            await connection.execute(insert(nudging_table), [nudging for _, nudging in batch])


def crowd(
    workspace: Workspace, count: int, due: int, *, then: datetime.timedelta = datetime.timedelta(days=1)
) -> Iterator[tuple[Person, datetime.datetime]]:
    """People of a workspace, of whom the first so many are due on Monday, the others later."""
    for number in range(count):
        yield Person(workspace.platform, workspace.tenant, f"U{number:07}"), MONDAY if number < due else MONDAY + then


def _rows(told: tuple[Person, datetime.datetime]) -> tuple[dict[str, Any], dict[str, Any]]:
    person, due = told
    kept = Nudging(RHYTHM, due=due, due_day=due.date())
    row = nudging_row({item.name: getattr(kept, item.name) for item in fields(Nudging)})
    return key(person) | {"seen_on": MONDAY.date()}, key(person) | row
