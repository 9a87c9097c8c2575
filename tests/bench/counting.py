"""The summary of a large team: counted out of everything that its people said, and nothing kept beside it."""

from __future__ import annotations

import asyncio
import datetime
import statistics
import time
from dataclasses import dataclass, field

from sqlalchemy import event, insert

from bot.store.migrate import migrate
from bot.store.schema import membership, milestone, person
from bot.store.sql import SqlStore
from bot.store.teams import SqlTeams
from content.load import load
from content.search import Index
from handlers.answer import answer
from handlers.intent import AskTeam, Intent, PostSummary
from handlers.ports import Desk
from handlers.records import Profile, ProfileSet
from handlers.reply import Buttons, Reply
from handlers.team_records import Team
from handlers.turn import Person, Place, Turn
from handlers.understand import Parser
from tests.matrices import matrix
from tests.rooms import FakeRooms

PEOPLE, CLAUSES = 5_000, 60
"""People of the team, and clauses of which each has said something."""

FEW = 50
"""People of a team that is counted with as many statements."""

MATRIX = matrix(6, 5, 4, clauses=CLAUSES // 6)
RUNGS = [(role.id, level) for role in MATRIX.roles.values() for level in role.ladder]

LAPS = 5
CHANGED = 10
"""People who change their level between two laps, so that each is counted anew."""

PAGE = 500
NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Summary:
    """Seconds to show a summary whose numbers are new, and to post it; the statements of each."""

    shown: float
    posted: float
    statements: int
    posting: int


@dataclass
class Bench:
    """A desk whose statements are noted, and whose day passes with each lap."""

    store: SqlStore
    teams: SqlTeams
    now: datetime.datetime = NOON
    seen: list[str] = field(default_factory=list)

    def desk(self) -> Desk:
        """A desk over the matrix that the people are measured by."""
        content = load()
        index = Index(MATRIX, content.glossary)
        return Desk(
            matrix=MATRIX,
            texts=content.texts,
            index=lambda: index,
            scales=content.scales,
            understand=Parser(MATRIX, content.words, index.lexicon),
            store=self.store,
            now=lambda: self.now,
            rooms={"bench": FakeRooms()},
            teams=self.teams,
        )


def summary(url: str) -> Summary:
    """Show and post the summary of a team, with another team of the same people beside it that was not seen yet."""
    return asyncio.run(_summary(url))


async def _summary(url: str) -> Summary:
    await migrate(url)
    store = SqlStore(url, patience=60)
    bench = Bench(store, SqlTeams(store.database))
    large, small = (Person("bench", name, "BOSS") for name in ("large", "small"))
    teams = {one: await _fill(bench, one, people) for one, people in ((large, PEOPLE), (small, FEW))}

    @event.listens_for(store.engine.sync_engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            bench.seen.append(statement)

    desk = bench.desk()
    few = await _lap(bench, desk, small, teams[small], 0)
    laps = [await _lap(bench, desk, large, teams[large], lap) for lap in range(LAPS)]
    await store.close()
    counts = {(lap.statements, lap.posting) for lap in laps[1:]}
    again = laps[0]
    assert (few.statements, few.posting) == (again.statements, again.posting), "statements grow with the team"
    assert len(counts) == 1
    shown, posted = (statistics.median(getattr(lap, name) for lap in laps) for name in ("shown", "posted"))
    return Summary(shown, posted, laps[-1].statements, laps[-1].posting)


async def _lap(bench: Bench, desk: Desk, boss: Person, team: Team, lap: int) -> Summary:
    """Some change their level, then the summary is shown and posted."""
    bench.now = NOON + datetime.timedelta(days=lap)
    for number in range(CHANGED):
        moved = Profile(role=RUNGS[0][0], level=RUNGS[lap % 2][1])
        await bench.store.record(Person(boss.platform, boss.tenant, _user(number)), [ProfileSet(moved)], bench.now)
    preview, shown, statements = await _timed(bench, desk, boss, AskTeam(team=team.id))
    (post,) = (
        button.intent
        for block in preview.blocks
        if isinstance(block, Buttons)
        for button in block.buttons
        if isinstance(button.intent, PostSummary) and button.intent.key
    )
    _, posted, posting = await _timed(bench, desk, boss, post)
    reading = await bench.teams.posted(team)
    assert reading
    assert reading.key == post.key
    assert reading.figures.size
    return Summary(shown, posted, statements, posting)


async def _timed(bench: Bench, desk: Desk, boss: Person, intent: Intent) -> tuple[Reply, float, int]:
    bench.seen.clear()
    start = time.perf_counter()
    reply = await answer(Turn(boss, Place("direct"), intent=intent, lang="en", room="data"), desk)
    took = time.perf_counter() - start
    assert not reply.failed
    return reply, took, len(bench.seen)


async def _fill(bench: Bench, boss: Person, people: int) -> Team:
    """A team with people of every rung, and a second one with the same people."""
    teams = [await bench.teams.create(boss, name, NOON) for name in ("Ours", "Theirs")]
    clauses = {rung: [one.id for cell in MATRIX.column(*rung) for one in cell.clauses] for rung in RUNGS}
    for start in range(0, people, PAGE):
        numbers = range(start, min(start + PAGE, people))
        whose = [{"platform": boss.platform, "tenant": boss.tenant, "user_id": _user(number)} for number in numbers]
        rungs = [RUNGS[number % len(RUNGS)] for number in numbers]
        said = [
            one
            | {"clause": clause, "state": ("done", "working", "partly")[place % 3], "since": NOON, "archived": False}
            for one, rung in zip(whose, rungs, strict=True)
            for place, clause in enumerate(clauses[rung])
        ]
        async with bench.store.engine.execution_options(writes=True).begin() as connection:
            rows = [
                one | {"seen_on": NOON.date(), "role": role, "level": level}
                for one, (role, level) in zip(whose, rungs, strict=True)
            ]
            await connection.execute(insert(person), rows)
            for team in filter(None, teams):
                counted = {"team": team.id, "standing": "yes", "manages": False, "since": NOON}
                await connection.execute(insert(membership), [one | counted for one in whose])
            await connection.execute(insert(milestone), said)
    assert teams[0]
    return teams[0]


def _user(number: int) -> str:
    return f"U{number:06}"
