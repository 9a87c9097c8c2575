"""A process that answers clicks at the door and says which ones were answered, until somebody kills it."""

from __future__ import annotations

import asyncio
import datetime
import sys

from bot.app import make_desk
from bot.store.sql import SqlStore
from handlers.answer import answer
from handlers.intent import AddEvidence, FindLevel, Intent, MarkDone, PickMilestone
from handlers.plain import plain
from handlers.ports import Desk
from handlers.turn import Person, Place, Turn

NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)


def clicks(desk: Desk) -> list[Intent]:
    """A click for every clause of the framework, each kind of confirmed fact in turn."""
    found: list[Intent] = []
    for number, (cell, clause) in enumerate(desk.matrix.clauses()):
        proof = f"proof-{number}"
        found.append(
            (
                FindLevel(role=cell.role, level=cell.level, clause=clause.id, answer="yes", text=proof),
                AddEvidence(clause=clause.id, text=proof),
                PickMilestone(clause=clause.id),
                MarkDone(clause=clause.id, text=proof),
            )[number % 4]
        )
    return found


async def write(url: str, user: str, first: int) -> None:
    """A click at a time; a line for each that was answered."""
    store = SqlStore(url, patience=30)
    desk = make_desk(store, lambda: NOON)
    person = Person("slack", "T1", user)
    for number, intent in enumerate(clicks(desk)[first:], start=first):
        reply = await answer(Turn(person, Place("D1"), intent=intent, lang="en"), desk)
        assert "run me: " not in plain(reply), reply  # so ends what an error says
        print("confirmed", number, flush=True)
        await asyncio.sleep(0.005)  # so that the framework lasts


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], sys.argv[2], int(sys.argv[3])))
