"""Several clicks at once, and the same click several times."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial

import pytest
import pytest_asyncio

from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from handlers.intent import AddEvidence, AskPrivacy, FindLevel, Intent, MarkDone, PickMilestone, SetProfile
from handlers.records import Fact, Known
from handlers.turn import Person
from tests.door import ME, ROLE, clauses, desk_over, keeping, press, told
from tests.talk import text

NAMES = tuple(keeping("x"))


@pytest.mark.parametrize("name", NAMES)
async def test_the_same_click(sql_store: SqlStore, name: str) -> None:
    """The same click again, or several times at once, leaves what one click leaves."""
    desk = desk_over(sql_store)
    clause = clauses(desk)[0]
    intent = keeping(clause)[name]
    once, again, at_once = (Person("slack", "T1", user) for user in ("once", "again", "at once"))
    for person in (once, again, at_once):
        await press(SetProfile(role=ROLE, level="middle"), desk, person)
        if name == "still true":
            await press(MarkDone(clause=clause), desk, person)
    before = await sql_store.export(once)
    await press(intent, desk, once)
    for _ in range(3):
        await press(intent, desk, again)
    replies = await asyncio.gather(*(press(intent, desk, at_once) for _ in range(5)))
    left = await sql_store.export(once)
    assert left != before
    assert told(await sql_store.export(again)) == told(left)
    assert told(await sql_store.export(at_once)) == told(left)
    assert not any("run me: " in text(reply) for reply in replies)


async def test_a_stranger_clicks_everywhere(sql_store: SqlStore) -> None:
    """A first contact that arrives several times at once makes one person, with everything that was clicked."""
    desk = desk_over(sql_store)
    mine = clauses(desk)[:4]
    clicks: list[Intent] = [PickMilestone(clause=clause) for clause in mine]
    clicks += [AddEvidence(clause=clause, text=clause) for clause in mine]
    replies = await asyncio.gather(*(press(intent, desk) for intent in clicks * 2))
    assert not any("run me: " in text(reply) for reply in replies)
    kept = await sql_store.export(ME)
    assert len(kept["person"]) == 1
    assert [row["clause"] for row in kept["milestone"]] == sorted(mine)
    assert sorted(row["text"] for row in kept["evidence"]) == sorted(mine)


async def test_contrary_clicks(sql_store: SqlStore) -> None:
    """Contrary answers at once leave one of them, whole."""
    desk = desk_over(sql_store)
    clause = clauses(desk)[0]
    await press(SetProfile(role=ROLE, level="middle"), desk)
    walk: list[Intent] = [
        FindLevel.model_validate({"role": ROLE, "level": "senior", "clause": clause, "answer": answered})
        for answered in ("yes", "partly", "not-yet", "skip")
    ]
    levels: list[Intent] = [SetProfile(role=ROLE, level=level) for level in ("junior", "senior", "lead")]
    replies = await asyncio.gather(*(press(intent, desk) for intent in (*walk, *levels) * 2))
    assert not any("run me: " in text(reply) for reply in replies)
    kept = await sql_store.export(ME)
    (row,) = kept["milestone"]
    assert row["state"] in {"done", "partly", "not-yet", "skipped"}
    assert kept["person"][0]["level"] in {"junior", "senior", "lead"}


class Meanwhile(SqlStore):
    """A store in which something happens between what a turn reads and what it writes."""

    act: Callable[[], Awaitable[object]] | None = None

    async def record(
        self, person: Person, facts: Sequence[Fact], now: datetime.datetime, known: Known | None = None
    ) -> None:
        """Let the other thing happen first."""
        act, self.act = self.act, None
        if act:
            await act()
        await super().record(person, facts, now, known)


@pytest_asyncio.fixture
async def meanwhile(database: str) -> AsyncIterator[Meanwhile]:
    """Such a store, with its tables."""
    await migrate(database)
    store = Meanwhile(database)
    yield store
    await store.close()


@pytest.mark.parametrize("before", [SetProfile(role=ROLE, level="middle"), None])
async def test_two_halves(meanwhile: Meanwhile, before: Intent | None) -> None:
    """A role and a level that are chosen at the same moment are both kept, in whichever order they come."""
    desk = desk_over(meanwhile)
    halves = SetProfile(role="ml-engineer"), SetProfile(level="senior")
    for number, (first, second) in enumerate((halves, halves[::-1])):
        person = Person("slack", "T1", f"U{number}")
        if before:
            await press(before, desk, person)
        meanwhile.act = partial(press, first, desk, person)
        await press(second, desk, person)
        (kept,) = (await meanwhile.export(person))["person"]
        assert (kept["role"], kept["level"]) == ("ml-engineer", "senior")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("elsewhere", [False, True])
async def test_erased_during_a_click(meanwhile: Meanwhile, database: str, name: str, elsewhere: bool) -> None:
    """Who is erased while a click is answered is a stranger to it: it leaves what a stranger's click leaves."""
    desk = desk_over(meanwhile)
    clause, other = clauses(desk)[:2]
    intent = keeping(clause)[name]
    stranger = Person("slack", "T1", "stranger")
    await press(intent, desk, stranger)
    await press(SetProfile(role="ml-engineer", level="middle"), desk)
    await press(MarkDone(clause=other, text="before"), desk)
    eraser = SqlStore(database) if elsewhere else meanwhile
    meanwhile.act = partial(eraser.forget, ME, desk.now())
    reply = await press(intent, desk)
    if elsewhere:
        await eraser.close()
    assert "run me: " not in text(reply)
    assert told(await meanwhile.export(ME)) == told(await meanwhile.export(stranger))


async def test_erased_amid_clicks(sql_store: SqlStore) -> None:
    """Whoever is erased while clicks arrive is erased whole: what came later stands, what came before does not."""
    desk = desk_over(sql_store)
    mine = clauses(desk)
    await press(AddEvidence(clause=mine[0], text="before"), desk)
    clicks = [press(PickMilestone(clause=clause), desk) for clause in mine]
    half = len(clicks) // 2
    replies = await asyncio.gather(*clicks[:half], press(AskPrivacy(forget=True, sure=True), desk), *clicks[half:])
    assert not any("run me: " in text(reply) for reply in replies)
    assert "evidence" not in await sql_store.export(ME)
    await press(AskPrivacy(forget=True, sure=True), desk)
    assert await sql_store.export(ME) == {}
