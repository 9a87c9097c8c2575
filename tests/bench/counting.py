"""The figures of a large team: counted out of everything that its people said, and nothing kept beside it."""

from __future__ import annotations

import asyncio
import datetime
import statistics
import time
from dataclasses import dataclass

from sqlalchemy import event, insert

from bot.store.migrate import migrate
from bot.store.schema import membership, milestone, person
from bot.store.sql import SqlStore
from bot.store.teams import SqlTeams
from handlers.team_records import Figures, Team
from handlers.turn import Person

PEOPLE, CLAUSES = 5_000, 60
"""People of the team, and clauses of which each has said something."""

ROLES, LEVELS = 5, 4
LAPS = 5
PAGE = 500
NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
BY = Person("bench", "teams", "BOSS")


@dataclass(frozen=True)
class Summary:
    """Seconds to count a team, and to write down what a post counts; the statements of each."""

    tally: float
    begin: float
    statements: int
    written: int


def summary(url: str) -> Summary:
    """Count a team whose last summary was posted, with another team of nearly the same people beside it."""
    return asyncio.run(_summary(url))


async def _summary(url: str) -> Summary:
    await migrate(url)
    store = SqlStore(url, patience=60)
    teams = SqlTeams(store.database)
    team, other = [await _team(teams, name) for name in ("Ours", "Theirs")]
    await _fill(store, (team, other))
    for one in (team, other):
        begun = await teams.begin(one, Figures(1), "C1", BY, "first", NOON)
        assert begun
        await teams.finish(one, begun.number, "posted", "1", NOON)
    seen: list[str] = []

    @event.listens_for(store.engine.sync_engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    counting, writing = [], []
    for lap in range(LAPS):
        seen.clear()
        start = time.perf_counter()
        tally = await teams.tally(team)
        counting.append(time.perf_counter() - start)
        taken = len(seen)
        assert tally.total == PEOPLE
        assert not tally.changed
        start = time.perf_counter()
        begun = await teams.begin(team, Figures(lap + 2), "C1", BY, str(lap), NOON)
        writing.append(time.perf_counter() - start)
        written = len(seen) - taken
        assert begun
        await teams.finish(team, begun.number, "posted", "1", NOON)
    await store.close()
    return Summary(statistics.median(counting), statistics.median(writing), taken, written)


async def _team(teams: SqlTeams, name: str) -> Team:
    team = await teams.create(BY, name, NOON)
    assert team
    return team


async def _fill(store: SqlStore, teams: tuple[Team, ...]) -> None:
    """People of every rung, who are counted in each team."""
    for start in range(0, PEOPLE, PAGE):
        people = [_whose(number) for number in range(start, start + PAGE)]
        rungs = [(f"role-{number % ROLES}", f"level-{number % LEVELS}") for number in range(start, start + PAGE)]
        told = [
            one | {"clause": f"skill-{number:02}/{role}/{level}/says-something-{number}"}
            for one, (role, level) in zip(people, rungs, strict=True)
            for number in range(CLAUSES)
        ]
        said = [
            row | {"state": ("done", "working", "partly")[number % 3], "since": NOON, "archived": False}
            for number, row in enumerate(told)
        ]
        async with store.engine.execution_options(writes=True).begin() as connection:
            rows = [
                one | {"seen_on": NOON.date(), "role": role, "level": level}
                for one, (role, level) in zip(people, rungs, strict=True)
            ]
            await connection.execute(insert(person), rows)
            for team in teams:
                counted = {"team": team.id, "standing": "yes", "manages": False, "since": NOON}
                await connection.execute(insert(membership), [one | counted for one in people])
            await connection.execute(insert(milestone), said)


def _whose(number: int) -> dict[str, str]:
    return {"platform": BY.platform, "tenant": BY.tenant, "user_id": f"U{number:06}"}
