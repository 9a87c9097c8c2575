"""A process that keeps facts and says which ones were confirmed, until somebody kills it."""

from __future__ import annotations

import asyncio
import datetime
import sys

from bot.store.sql import SqlStore
from handlers.records import EvidenceAdded, MilestoneSet, State, Subject, SubjectSet
from handlers.turn import Person, Place

NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)


async def write(url: str, user: str, first: int) -> None:
    """Three facts a turn, for ever; a line for each turn that was confirmed."""
    store = SqlStore(url, patience=30)
    person = Person("slack", "T1", user)
    number = first
    while True:
        facts = (
            MilestoneSet(f"clause-{number}", State.DONE),
            EvidenceAdded(f"proof-{number}"),
            SubjectSet(Place("D1"), Subject(role=str(number))),
        )
        await store.record(person, facts, NOON)
        print("confirmed", number, flush=True)
        number += 1


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], sys.argv[2], int(sys.argv[3])))
