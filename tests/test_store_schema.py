"""The tables: how many statements a turn takes, what is left of the forgotten, and that nothing is left out."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Text, event, insert, inspect, select, text

from bot.store.columns import Kept
from bot.store.engine import make_engine
from bot.store.memory import MemoryStore
from bot.store.memory_teams import MemoryTeams
from bot.store.migrate import MIGRATIONS, REVISIONS, VersionError, migrate
from bot.store.schema import PERSON, letter, metadata, personal
from bot.store.sql import SqlStore
from bot.store.teams import SqlTeams
from handlers.records import EvidenceAdded, MilestoneSet, NudgingSet, State, Subject, SubjectSet
from handlers.team_records import Card, Figures, Standing, Teams
from handlers.turn import Person
from tests.test_store import DAY, EVERYTHING, HERE, ME, NOON, NUDGING, known


@contextmanager
def statements(store: SqlStore) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile, but for BEGIN."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(store.engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.engine.sync_engine, "before_cursor_execute", note)


async def test_statements(sql_store: SqlStore) -> None:
    """A turn reads with one statement and writes with one for each kind of fact, however many there are."""
    many = [MilestoneSet(f"skill/role/level/{number}", State.DONE) for number in range(300)]
    follow = SubjectSet(HERE, Subject("ml-engineer"))
    with statements(sql_store) as seen:
        await sql_store.record(ME, EVERYTHING, NOON)
        assert len(seen) == 4
        seen.clear()
        await sql_store.record(ME, [*many, follow], NOON)
        assert len(seen) == 2
        seen.clear()
        await sql_store.record(ME, [many[0], EvidenceAdded("proof"), follow], NOON)
        assert len(seen) == 3
        seen.clear()
        await sql_store.record(ME, [many[0], follow], NOON + DAY)
        assert len(seen) == 2
        seen.clear()
        await sql_store.record(ME, [many[0], NudgingSet(NUDGING), follow], NOON + DAY)
        assert len(seen) == 3
        seen.clear()
        await sql_store.record(ME, [many[0], NudgingSet(NUDGING), follow], NOON + 2 * DAY)
        assert len(seen) == 3
        seen.clear()
        assert len((await known(sql_store)).milestones) == 302
        assert len(seen) == 1


async def test_day_of_contact(sql_store: SqlStore) -> None:
    """The day of contact costs no statement where it is known, nor where much is written; it is never lost."""
    much = [*EVERYTHING[2:], SubjectSet(HERE, Subject("ml-engineer"))]
    await sql_store.record(ME, EVERYTHING, NOON - 2 * DAY)
    for now, facts, expected in (
        (NOON - 2 * DAY, [], 0),
        (NOON - 2 * DAY, much, 3),
        (NOON - DAY, much, 3),
        (NOON, much, 3),
        (NOON, [], 1),
        (NOON, much, 3),
        (NOON, [], 0),
        (NOON + DAY, [*much, EVERYTHING[0]], 4),
        (NOON + 2 * DAY, much, 3),
    ):
        await known(sql_store, now=now)
        with statements(sql_store) as seen:
            await sql_store.record(ME, facts, now)
        assert len(seen) == expected
    assert (await sql_store.tidy(NOON + 3 * DAY, 1)).counts["person"] == 0
    assert (await known(sql_store)).seen_on == (NOON + 2 * DAY).date()
    assert (await sql_store.tidy(NOON + 4 * DAY, 1)).counts["person"] == 1


async def test_day_is_known(database: str) -> None:
    """A process that has just started knows the day from what it recalls."""
    await migrate(database)
    for _ in range(2):
        store = SqlStore(database)
        await store.recall(ME, HERE, NOON)
        with statements(store) as seen:
            await store.record(ME, EVERYTHING[2:], NOON)
        await store.close()
    assert len(seen) == 3


async def test_export_against_tables(sql_store: SqlStore) -> None:
    """One statement exports every row and every column of the person, with the values that stand in the tables; a
    store in memory exports the same."""
    facts = [*EVERYTHING, NudgingSet(NUDGING)]
    for person in (ME, replace(ME, tenant="T2")):
        await sql_store.record(person, facts, NOON)
        await put_letter(sql_store, person)
        await put_into_team(SqlTeams(sql_store.database), person)
    with statements(sql_store) as seen:
        export = await sql_store.export(ME)
    assert len(seen) == 1
    async with sql_store.engine.connect() as connection:
        for table in personal():
            mine = select(table).where(table.c.tenant == ME.tenant, table.c.user_id == ME.user)
            mine = mine.order_by(*table.primary_key)
            rows = (await connection.execute(mine)).mappings().all()
            assert rows
            assert [
                {name: value.isoformat() if isinstance(value, datetime.date) else value for name, value in row.items()}
                for row in rows
            ] == export[table.name]
    assert set(export) == {table.name for table in personal()}
    assert json.loads(json.dumps(export)) == export
    memory = MemoryStore()
    await memory.record(ME, facts, NOON)
    await put_into_team(MemoryTeams(memory), ME)
    assert without_letters(await memory.export(ME)) == without_letters(export)


async def put_into_team(teams: Teams, person: Person) -> None:
    """A team whose manager was asked, agreed, and was counted, and a card for somebody else."""
    team = await teams.create(person, "Search", NOON)
    assert team
    await teams.ask(team, [person.user], person, NOON)
    await teams.answer(person, team.id, Standing.YES, NOON)
    begun = await teams.begin(team, Figures(3), "C1", person, "k", NOON)
    assert begun
    await teams.finish(team, begun.number, "posted", "1.2", NOON)
    card = Card(person.tenant[-1] * 16, person, "BOSS", ("a/b/c/d", "evidence:1"), "Why?", NOON, "D1")
    await teams.keep_card(card, NOON)


def without_letters(export: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """An export without letters, which a store in memory has none of, and without ids that are drawn by lot."""
    return {
        name: [{part: value for part, value in row.items() if part not in ("team", "id")} for row in rows]
        if name in ("membership", "counted", "trail")
        else rows
        for name, rows in export.items()
        if name != "letter"
    }


async def put_letter(store: SqlStore, person: Person) -> None:
    """A letter that was sent yesterday."""
    whose = dict(zip(PERSON, (person.platform, person.tenant, person.user), strict=True))
    trail = [[(NOON - DAY).isoformat(), "sent", ""]]
    told = {"day": NOON.date(), "kind": "nudge", "state": "sent", "due": NOON - DAY, "tries": 1, "ref": "1.2"}
    async with store.engine.execution_options(writes=True).begin() as connection:
        await connection.execute(insert(letter).values(whose | told | {"trail": trail, "at": NOON - DAY}))


async def test_no_trace(sql_store: SqlStore) -> None:
    """After a person is forgotten none of their words is in any table, nor in the bytes of SQLite's files."""
    marks = ["mark-user", "mark-text", "mark-link", "mark-clause", "mark-place", "mark-role", "mark-address"]
    marked = replace(ME, user="mark-user")
    facts = [
        *EVERYTHING,
        *(EvidenceAdded(f"mark-text {number} " + "x" * number, link="mark-link") for number in range(0, 3000, 100)),
        *(MilestoneSet(f"mark-clause-{number}", State.DONE) for number in range(100)),
        SubjectSet(replace(HERE, id="mark-place"), Subject("mark-role")),
    ]
    for number in range(30):
        other = replace(ME, user=f"U{number}")
        await sql_store.record(other, EVERYTHING, NOON)
        part = len(facts) // 30 + 1
        await sql_store.record(marked, facts[number * part : (number + 1) * part], NOON)
    assert await traces(sql_store, marks)
    receipt = await sql_store.forget(marked, NOON)
    assert receipt.total > 100
    assert await traces(sql_store, marks) == set()
    assert (await known(sql_store, replace(ME, user="U7"))).profile.level == "senior"


async def traces(store: SqlStore, marks: list[str]) -> set[str]:
    """The marks that are found in any column of any table, and in SQLite's files."""
    found = set()
    async with store.engine.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [column.cast(Text).label(column.name) for column in table.columns]
            for row in await connection.execute(select(*columns)):
                found |= {mark for mark in marks if any(mark in (value or "") for value in row)}
    if store.engine.dialect.name == "sqlite":
        path = Path(str(store.engine.url.database))
        for file in path.parent.glob(f"{path.name}*"):
            found |= {mark for mark in marks if mark.encode() in file.read_bytes()}
    return found


async def test_erasure_is_noted(sql_store: SqlStore) -> None:
    """That something was erased is noted with counts, and not whose it was; the note itself expires."""
    await sql_store.record(ME, EVERYTHING, NOON)
    await sql_store.forget(ME, NOON)
    await sql_store.forget(ME, NOON)
    async with sql_store.engine.connect() as connection:
        (row,) = (await connection.execute(select(metadata.tables["audit"]))).mappings().all()
    assert row["counts"].items() >= {"person": 1, "milestone": 2, "evidence": 2, "subject": 1, "trail": 0}.items()
    assert row["action"] == "forgotten"
    assert (await sql_store.tidy(NOON + 40 * DAY, 30)).counts["audit"] == 1


def test_data_sheet() -> None:
    """Every column says in English and German what it is for, and how long it is kept."""
    for table in metadata.sorted_tables:
        for column in table.columns:
            purpose = column.info["purpose"]
            assert set(purpose) == {"en", "de"}, f"{table.name}.{column.name}"
            assert all(len(sentence) > 5 for sentence in purpose.values())
            assert isinstance(column.info["kept"], Kept)


def test_nothing_about_people_elsewhere() -> None:
    """A table either carries the whole key of a person and goes with them, or is known to be about nobody; who posted
    a reading is taken out of it when they are erased."""
    owned = {table.name for table in personal()}
    others = {table.name for table in metadata.sorted_tables} - owned
    assert others == {"edition", "audit", "workspace", "team", "reading", "installation", "oauth_state"}
    for table in personal():
        assert [column.name for column in table.primary_key][:3] == list(PERSON)
        if table.name != "person":
            keys = table.foreign_key_constraints
            assert len(keys) == (2 if table.name == "card" else 1), "a card is of the one who made it and of another"
            assert {(key.referred_table.name, key.ondelete) for key in keys} == {("person", "CASCADE")}


async def test_migrations_make_the_schema(database: str) -> None:
    """The migrations and the tables that the code knows are the same."""

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))

    def keys(connection: Connection) -> object:
        look = inspect(connection)
        return {
            table: (look.get_pk_constraint(table), look.get_foreign_keys(table), indexes(look.get_indexes(table)))
            for table in metadata.tables
        }

    def indexes(found: Iterable[Any]) -> object:
        """With the conditions as text: two equal clauses of SQLAlchemy are not equal."""
        return [one | {"dialect_options": [str(part) for part in one["dialect_options"].values()]} for one in found]

    await migrate(database)
    engine = make_engine(database)
    async with engine.execution_options(writes=True).begin() as connection:
        assert await connection.run_sync(differences) == []
        migrated = await connection.run_sync(keys)
        await connection.run_sync(metadata.drop_all)
        await connection.run_sync(metadata.create_all)
        assert await connection.run_sync(keys) == migrated
    await engine.dispose()


def test_revisions_are_the_names_of_the_files() -> None:
    """Each migration's file begins with its revision, in one line without branches."""
    scripts = list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())
    assert tuple(script.revision for script in reversed(scripts)) == REVISIONS


async def test_migrating_again(database: str) -> None:
    """Migrating a database that is up to date changes nothing in it."""
    await migrate(database)
    store = SqlStore(database)
    await store.record(ME, EVERYTHING, NOON)
    await migrate(database)
    await store.open()
    assert len((await known(store)).milestones) == 2
    await store.close()


async def test_newer_database(database: str) -> None:
    """A database of a newer version is refused with a sentence, and not touched."""
    await migrate(database)
    engine = make_engine(database)
    async with engine.execution_options(writes=True).begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    store = SqlStore(database)
    with pytest.raises(VersionError, match="newer version"):
        await migrate(database)
    with pytest.raises(VersionError, match="newer version"):
        await store.open()
    await store.close()


async def test_unmigrated(sqlite_database: str, postgresql_database: str) -> None:
    """A file is set up at the start; a server is left alone, with a sentence that says what to run."""
    embedded, remote = SqlStore(sqlite_database), SqlStore(postgresql_database)
    await embedded.open()
    await embedded.record(ME, EVERYTHING, NOON)
    with pytest.raises(VersionError, match="bot migrate"):
        await remote.open()
    await embedded.close()
    await remote.close()


def test_migrating_at_once(database: str) -> None:
    """Processes that migrate the same empty database at the same time all succeed."""
    code = f"import asyncio; from bot.store.migrate import migrate; asyncio.run(migrate({database!r}))"
    migrating = [subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) for _ in range(4)]
    for process in migrating:
        _, complaint = process.communicate(timeout=60)
        assert process.returncode == 0, complaint.decode()
