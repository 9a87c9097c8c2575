"""A process that begins and finishes readings of a team for ever, until somebody kills it."""

from __future__ import annotations

import asyncio
import datetime
import itertools
import sys

from bot.store.sql import SqlStore
from bot.store.teams import SqlTeams
from handlers.team_records import Figures, Team
from handlers.turn import Person

NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)


async def work(url: str, name: str) -> None:
    """A line for each reading; two processes try the same keys."""
    store = SqlStore(url, patience=30)
    teams = SqlTeams(store.database)
    by, team = Person("slack", "T1", "BOSS"), Team(name, "slack", "T1", "Search", b"")
    for number in itertools.count(1):
        begun = await teams.begin(team, Figures(number), "C1", by, f"k{number}", NOON)
        if begun:
            await teams.finish(team, begun.number, "posted", "1.2", NOON)
        print(number, flush=True)


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:3]))
