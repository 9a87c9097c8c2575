"""What lies in the bytes of the database: nothing of whoever was forgotten, and no secret ever."""

from __future__ import annotations

import contextlib
import sqlite3
from functools import partial
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from handlers.answer import answer
from handlers.intent import AddEvidence, AskPrivacy, CorrectEvidence, MarkDone, SetProfile
from handlers.records import AddressSet
from handlers.turn import Person
from tests.door import ROLE, clauses, desk_over, keeping, press, say
from tests.slack import SECRET, payload, running
from tests.talk import Clock, text

LEAVER = Person("slack", "T1", "ULEAVER7")
STAYER = Person("slack", "T1", "USTAYER7")
MARK = "Wombat-canaries"


async def fill(store: SqlStore, person: Person, mark: str) -> None:
    """Everything that a person can tell the coach, by buttons and in words, over some days."""
    clock = Clock()
    desk = desk_over(store, clock)
    for level in ("middle", "senior"):
        for number, clause in enumerate(clauses(desk, level)):
            for intent in keeping(clause, f"{mark} {number} {'x' * 40 * number}").values():
                await press(intent, desk, person)
            clock.wait(24 * 60)
    for words in (
        f"done with the first one, see https://example.com/{mark}",
        f"{mark} {ROLE}",
        f"I work on {mark}",
        "what should I learn next?",
        "and principal?",
        "my promotion packet",
    ):
        await say(words, desk, person)
    await store.record(person, [AddressSet({"channel": mark, "id": person.user})], clock.now)


async def test_forgotten(database: str) -> None:
    """After "forget me" neither the person's id nor a word of theirs is found, and nobody else has lost any."""
    await migrate(database)
    store = SqlStore(database)
    for person, mark in ((STAYER, "Stays-here"), (LEAVER, MARK)):
        await fill(store, person, mark)
    await fill(store, STAYER, "Stays-on")
    before = await store.export(STAYER)
    told = await store.export(LEAVER)
    assert {table: len(rows) > 0 for table, rows in told.items()} == {
        "person": True,
        "milestone": True,
        "evidence": True,
        "subject": True,
    }
    assert found(database) == {LEAVER.user, MARK}
    desk = desk_over(store)
    await press(AskPrivacy(forget=True), desk, LEAVER)
    reply = await press(AskPrivacy(forget=True, sure=True), desk, LEAVER)
    assert str(sum(map(len, told.values()))) in text(reply)
    assert found(database) == set()
    assert await store.export(LEAVER) == {}
    assert await store.export(STAYER) == before
    # A stranger again: an old button finds nothing of what there was.
    clause = clauses(desk)[0]
    await press(MarkDone(clause=clause), desk, LEAVER)
    await press(SetProfile(role=ROLE, level="middle"), desk, LEAVER)
    again = await store.export(LEAVER)
    assert [row["clause"] for row in again["milestone"]] == [clause]
    assert "evidence" not in again
    await store.close()
    assert found(database) == {LEAVER.user}


async def test_taken_back(sqlite_database: str) -> None:
    """Evidence that was taken back or corrected is gone from the journal as well after the next tidying."""
    store = SqlStore(sqlite_database)
    await store.open()
    desk = desk_over(store)
    for number in range(2):
        await press(AddEvidence(clause=clauses(desk)[number], text=f"{MARK} {number}"), desk, LEAVER)
    await store.tidy(desk.now(), 365)
    first, second = (item.id for item in await store.evidence(LEAVER))
    await press(AddEvidence(remove=first), desk, LEAVER)
    corrected = CorrectEvidence(id=second, clause=clauses(desk)[0], text="Another word", sent=True)
    await press(corrected, desk, LEAVER)
    assert {item.text for item in await store.evidence(LEAVER)} == {"Another word"}
    await store.tidy(desk.now(), 365)
    assert MARK.encode() not in held(sqlite_database)
    await store.close()


async def test_forgotten_while_somebody_reads(sqlite_database: str) -> None:
    """Words that a reader keeps in the journal go with the next tidying, even when nothing else is too old."""
    store = SqlStore(sqlite_database, patience=0.2)
    await store.open()
    desk = desk_over(store)
    await press(AddEvidence(clause=clauses(desk)[0], text=MARK), desk, LEAVER)
    with contextlib.closing(sqlite3.connect(str(make_url(sqlite_database).database), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM evidence").fetchall()
        await press(AskPrivacy(forget=True, sure=True), desk, LEAVER)
        assert MARK.encode() in held(sqlite_database)
    await store.tidy(desk.now(), 365)
    assert found(sqlite_database) == set()
    await store.close()


async def test_secrets(database: str) -> None:
    """No token or secret that the platforms gave us, or sent along, lies in the database."""
    await migrate(database)
    store = SqlStore(database)
    desk = desk_over(store)
    sent = payload("slash", text="I am a senior MLOps engineer")
    async with running(partial(answer, desk=desk)) as slack:
        assert (await slack.send(sent))[0] == 200
        assert (await slack.send(payload("button_ephemeral")))[0] == 200
        await slack.called("response_url")
    await store.close()
    left = held(database)
    assert sent["user_id"].encode() in left
    for secret in (SECRET, "xoxb-test", sent["token"], sent["trigger_id"], "response_url", "/response"):
        assert secret.encode() not in left, secret


def found(database: str) -> set[str]:
    """The traces of the leaver."""
    left = held(database)
    return {trace for trace in (LEAVER.user, MARK) if trace.encode() in left}


def held(database: str) -> bytes:
    """Every byte of SQLite's files, or every row of every table of PostgreSQL."""
    url = make_url(database)
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        files = list(path.parent.glob(f"{path.name}*"))
        assert files
        return b"\n".join(file.read_bytes() for file in files)
    with psycopg.connect(database) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        ).fetchall()
        assert len(tables) > 5
        rows = (connection.execute(f'SELECT t::text FROM "{table}" AS t').fetchall() for (table,) in tables)
        return b"\n".join(str(row).encode() for some in rows for row in some)
