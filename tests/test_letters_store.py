"""Letters in either database: planned once, claimed once, settled once, and never both."""

from __future__ import annotations

import asyncio
import datetime
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from sqlalchemy import insert, select, update

from bot.store import letters
from bot.store.letters import SqlPost
from bot.store.migrate import migrate
from bot.store.schema import letter, nudging
from bot.store.sql import SqlStore
from handlers.intent import ReceiveInvite, pack
from handlers.nudging import salt
from handlers.records import AddressSet, Nudging, NudgingSet, Profile, ProfileSet
from handlers.rhythm import LEAST_WINDOW, Rhythm, due_on, next_due
from handlers.turn import Person, Place
from handlers.zones import data_version
from scheduler.letters import OPEN, Letter, Settled, State, Superseded, Workspace
from scheduler.planning import fit_windows
from tests.rhythms import rhythms

UTC = datetime.UTC
NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=UTC)
"""A Monday; the letters of these people are due at 8 UTC."""

MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)
TODAY = NOW.date()
MONDAYS = Rhythm(0, 540, "Europe/Berlin", TODAY - 28 * DAY, window=0)
DUE = NOW - 4 * 60 * MINUTE
HERE = Workspace("slack", "T1")
LEASE = MINUTE
LONG_AGO = NOW - 1000 * DAY


@pytest_asyncio.fixture
async def post(sql_store: SqlStore) -> AsyncIterator[SqlPost]:
    """The post of an empty database."""
    yield SqlPost(sql_store.database)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a database in a file, for many examples one after the other."""
    url = f"sqlite:///{tmp_path_factory.mktemp('letters') / 'rung.db'}"
    asyncio.run(migrate(url))
    return url


def person(number: int, tenant: str = "T1") -> Person:
    """Somebody in a workspace."""
    return Person("slack", tenant, f"U{number}")


async def want(store: SqlStore, count: int, tenant: str = "T1", kept: Nudging | None = None) -> None:
    """So many people want a weekly nudge, and it is due."""
    kept = kept or Nudging(MONDAYS, due=DUE, due_day=TODAY)
    for number in range(count):
        facts = [AddressSet({"channel": f"D{number}"}), NudgingSet(kept)]
        await store.record(person(number, tenant), facts, NOW - DAY)


async def nudging_of(store: SqlStore, who: Person) -> Nudging:
    """Where somebody's nudge stands."""
    known = await store.recall(who, Place("D1"), NOW)
    assert known
    return known.nudging


async def states(post: SqlPost) -> dict[State, int]:
    """How many letters are in each state, in all workspaces."""
    found: Counter[State] = Counter()
    for (_, state), count in (await post.counts(LONG_AGO)).items():
        found[state] += count
    return dict(found)


async def test_plan(sql_store: SqlStore, post: SqlPost) -> None:
    """Whoever is due gets a letter and is due again a week later; whoever is not due gets none."""
    await want(sql_store, 5)
    later = Nudging(MONDAYS, due=NOW + DAY, due_day=TODAY + DAY)
    await sql_store.record(person(9), [NudgingSet(later)], NOW)
    page = await post.plan(NOW, 3)
    assert (page.letters, page.put_aside, page.more) == (3, 0, True)
    page = await post.plan(NOW, 3)
    assert (page.letters, page.put_aside, page.more) == (2, 0, False)
    assert await states(post) == {State.READY: 5}
    for number in range(5):
        kept = await nudging_of(sql_store, person(number))
        assert kept == Nudging(MONDAYS, due=DUE + 7 * DAY, due_day=TODAY + 7 * DAY, last=TODAY, ignored=1)
    assert await nudging_of(sql_store, person(9)) == later


async def test_plan_twice(sql_store: SqlStore, post: SqlPost) -> None:
    """To plan again what was planned, as after a backup was restored, leaves one letter each."""
    await want(sql_store, 3)
    await post.plan(NOW, 100)
    epoch = await post.begin(HERE, NOW)
    (sent, *_) = await post.claim(HERE, epoch, 1, NOW, LEASE)
    await post.settle(epoch, [Settled(sent, State.SENT, "1.2")], NOW)
    await want(sql_store, 3)
    await post.plan(NOW + MINUTE, 100)
    assert await states(post) == {State.READY: 2, State.SENT: 1}


async def test_nobody_due(post: SqlPost) -> None:
    """Where nobody is due and nothing waits there is nothing to do."""
    page = await post.plan(NOW, 100)
    assert (page.letters, page.put_aside, page.more) == (0, 0, False)
    assert await post.waiting(NOW) == {}


async def test_planners_race(database: str, sql_store: SqlStore, post: SqlPost) -> None:
    """Several processes that plan at the same time plan each person once."""
    await want(sql_store, 60)
    others = [SqlStore(database) for _ in range(3)]
    posts = [post, *(SqlPost(store.database) for store in others)]

    async def plan_all(one: SqlPost) -> int:
        planned = 0
        while True:
            page = await one.plan(NOW, 7)
            planned += page.letters
            if not page.more:
                return planned

    assert sum(await asyncio.gather(*map(plan_all, posts))) == 60
    assert await states(post) == {State.READY: 60}
    for store in others:
        await store.close()
    assert {(await nudging_of(sql_store, person(number))).ignored for number in range(60)} == {1}


async def test_ignored(sql_store: SqlStore, post: SqlPost) -> None:
    """Who does nothing gets the third letter after two weeks more, and after the fourth no other; the rhythm that
    they chose stays as it is."""
    await want(sql_store, 1)
    now, days = NOW, []
    for _ in range(12 * 7):
        await post.plan(now, 10)
        now += DAY
    days = [row["day"] for row in await post.trail(person(0), 100)]
    assert days == [TODAY + week * 7 * DAY for week in (5, 3, 1, 0)]
    kept = await nudging_of(sql_store, person(0))
    assert kept == Nudging(MONDAYS, last=days[0], ignored=4)


async def test_long_pause(sql_store: SqlStore, post: SqlPost) -> None:
    """After weeks in which nothing ran there is one letter, not one a week."""
    await want(sql_store, 1)
    await post.plan(NOW + 24 * DAY, 10)
    assert await states(post) == {State.READY: 1}
    kept = await nudging_of(sql_store, person(0))
    assert kept.due_day == TODAY + 28 * DAY


async def test_bad_rows(sql_store: SqlStore, post: SqlPost) -> None:
    """A rhythm that nobody can go by is put aside and counted, and everybody else gets their letter."""
    await want(sql_store, 5)
    for number, wrong in enumerate(({"zone": "Europe/Atlantis"}, {"minute": 9999}, {"every": None}, {"due_day": None})):
        async with sql_store.engine.execution_options(writes=True).begin() as connection:
            await connection.execute(update(nudging).where(nudging.c.user_id == f"U{number}").values(wrong))
    page = await post.plan(NOW, 100)
    assert (page.letters, page.put_aside) == (1, 4)
    assert await states(post) == {State.READY: 1}
    assert (await post.plan(NOW, 100)).put_aside == 0
    assert await nudging_of(sql_store, person(0)) == Nudging()


@given(rhythms())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_one_a_week(file: str, rhythm: Rhythm) -> None:
    """Whatever the rhythm, and however often a person reacts or not, there is at most one letter in a week, and each
    is planned for what the rhythm says."""

    async def run() -> None:
        store = SqlStore(file)
        post = SqlPost(store.database)
        start = datetime.datetime.combine(rhythm.since, datetime.time(), UTC)
        due = next_due(rhythm, start, salt=b"slack\0T1\0U0")
        await store.forget(person(0), start)
        await store.record(person(0), [NudgingSet(Nudging(rhythm, due=due and due.at, due_day=due and due.day))], start)
        days: list[datetime.date] = []
        for _ in range(6):
            kept = await nudging_of(store, person(0))
            if kept.due is None:
                break
            days.append(kept.due_day or datetime.date.min)
            await post.plan(kept.due, 10)
            back = Nudging(ignored=kept.ignored % 2)
            await store.record(person(0), [NudgingSet(back, only=frozenset({"ignored"}))], kept.due)
        assert [row["day"] for row in await post.trail(person(0), 10)] == days[::-1]
        assert len({day.isocalendar()[:2] for day in days}) == len(days)
        await store.close()

    asyncio.run(run())


async def test_claim(sql_store: SqlStore, post: SqlPost) -> None:
    """A claim takes what was due first, with what it needs to be sent, and no letter twice."""
    for number in range(4):
        kept = Nudging(MONDAYS, due=DUE - number * MINUTE, due_day=TODAY)
        await sql_store.record(person(number), [AddressSet({"channel": f"D{number}"}), NudgingSet(kept)], NOW - DAY)
    await post.plan(NOW, 100)
    epoch = await post.begin(HERE, NOW)
    first = await post.claim(HERE, epoch, 3, NOW, LEASE)
    assert first == [
        Letter(
            person(number), TODAY, "nudge", DUE - number * MINUTE, State.READY, 0, {"channel": f"D{number}"}, MONDAYS
        )
        for number in (3, 2, 1)
    ]
    assert [one.person for one in await post.claim(HERE, epoch, 3, NOW, LEASE)] == [person(0)]
    assert await post.claim(HERE, epoch, 3, NOW + DAY, LEASE) == []
    assert await states(post) == {State.SENDING: 4}


async def test_claims_race(database: str, sql_store: SqlStore, post: SqlPost) -> None:
    """Claims at the same time, from several connections, share no letter."""
    await want(sql_store, 40)
    await post.plan(NOW, 100)
    epoch = await post.begin(HERE, NOW)
    other = SqlStore(database)
    posts = [post, SqlPost(other.database)] * 6
    claims = await asyncio.gather(*(one.claim(HERE, epoch, 4, NOW, LEASE) for one in posts))
    taken = [one.person for claim in claims for one in claim]
    assert len(taken) == len(set(taken))
    assert all(len(claim) <= 4 for claim in claims)
    taken += [one.person for one in await post.claim(HERE, epoch, 100, NOW, LEASE)]
    assert sorted(taken, key=str) == sorted((person(number) for number in range(40)), key=str)
    await other.close()


async def test_superseded(sql_store: SqlStore, post: SqlPost) -> None:
    """Who holds an older epoch can neither claim nor settle nor look up; the newer one finds in doubt what the older
    one had on its way, and cannot claim it."""
    await want(sql_store, 3)
    await post.plan(NOW, 100)
    old = await post.begin(HERE, NOW)
    sending = await post.claim(HERE, old, 2, NOW, LEASE)
    new = await post.begin(HERE, NOW + MINUTE)
    assert new > old
    with pytest.raises(Superseded):
        await post.claim(HERE, old, 1, NOW, LEASE)
    with pytest.raises(Superseded):
        await post.settle(old, [Settled(sending[0], State.SENT)], NOW)
    with pytest.raises(Superseded):
        await post.doubtful(HERE, old, 9, NOW + DAY)
    with pytest.raises(Superseded):
        await post.claim(Workspace("slack", "never begun"), 1, 1, NOW, LEASE)
    assert await states(post) == {State.DOUBT: 2, State.READY: 1}
    assert len(await post.claim(HERE, new, 9, NOW + MINUTE, LEASE)) == 1
    assert await post.doubtful(HERE, new, 9, NOW + MINUTE) == []
    doubts = await post.doubtful(HERE, new, 9, NOW + 2 * MINUTE)
    assert doubts == [replace(one, state=State.DOUBT, tries=1) for one in sending]


async def test_workspaces_apart(sql_store: SqlStore, post: SqlPost) -> None:
    """A new epoch, a claim or a closed gate of one workspace touches no other."""
    there = Workspace("slack", "T2")
    await want(sql_store, 2)
    await want(sql_store, 2, "T2")
    await post.plan(NOW, 100)
    epoch, other = await post.begin(HERE, NOW), await post.begin(there, NOW)
    assert len(await post.claim(HERE, epoch, 9, NOW, LEASE)) == 2
    await post.begin(there, NOW)
    await post.close_gate(there, NOW + MINUTE)
    assert await post.counts(LONG_AGO) == {(HERE, State.SENDING): 2, (there, State.READY): 2}
    assert await post.claim(HERE, epoch, 9, NOW, LEASE) == []
    with pytest.raises(Superseded):
        await post.claim(there, other, 9, NOW, LEASE)


async def test_gate(sql_store: SqlStore, post: SqlPost) -> None:
    """Nothing goes out through a closed gate, nothing waits behind it, and a shorter time opens it no earlier."""
    await want(sql_store, 2)
    await post.plan(NOW, 100)
    epoch = await post.begin(HERE, NOW)
    assert await post.waiting(NOW) == {HERE: 2}
    await post.close_gate(HERE, NOW + 2 * MINUTE)
    await post.close_gate(HERE, NOW + MINUTE)
    assert await post.waiting(NOW + MINUTE) == {}
    assert await post.claim(HERE, epoch, 9, NOW + MINUTE, LEASE) == []
    assert await post.waiting(NOW + 2 * MINUTE) == {HERE: 2}
    assert len(await post.claim(HERE, epoch, 9, NOW + 2 * MINUTE, LEASE)) == 2


async def test_gate_before_the_first_epoch(post: SqlPost) -> None:
    """A gate can be closed before anything was ever sent to a workspace."""
    await post.close_gate(HERE, NOW + MINUTE)
    epoch = await post.begin(HERE, NOW)
    assert await post.claim(HERE, epoch, 1, NOW, LEASE) == []


async def test_waiting(sql_store: SqlStore, post: SqlPost) -> None:
    """What is on its way waits again when its lease is over, what was put back when its time has come, what is in
    doubt at once, and what is settled never."""
    await want(sql_store, 4)
    await post.plan(NOW, 100)
    epoch = await post.begin(HERE, NOW)
    back, doubt, sent, _ = await post.claim(HERE, epoch, 4, NOW, LEASE)
    assert await post.waiting(NOW) == {}
    assert await post.waiting(NOW + LEASE) == {HERE: 4}
    await post.settle(
        epoch,
        [
            Settled(back, State.READY, not_before=NOW + 10 * MINUTE, why="busy"),
            Settled(doubt, State.DOUBT, why="cut"),
            Settled(sent, State.SENT, "1.2"),
        ],
        NOW,
    )
    assert await post.waiting(NOW) == {HERE: 1}
    assert await post.waiting(NOW + LEASE) == {HERE: 2}
    assert await post.waiting(NOW + 10 * MINUTE) == {HERE: 3}
    assert await post.claim(HERE, epoch, 9, NOW + 9 * MINUTE, LEASE) == []
    (again,) = await post.claim(HERE, epoch, 9, NOW + 10 * MINUTE, LEASE)
    assert again == replace(back, tries=1)


@pytest.mark.parametrize("state", sorted(set(State) - {State.READY, State.SENDING, State.DOUBT}))
async def test_settled(sql_store: SqlStore, post: SqlPost, state: State) -> None:
    """What is settled is never claimed, doubted or settled again, and is erased a month later."""
    await want(sql_store, 1)
    await post.plan(NOW, 100)
    epoch = await post.begin(HERE, NOW)
    (one,) = await post.claim(HERE, epoch, 9, NOW, LEASE)
    await post.settle(epoch, [Settled(one, state, "1.2")], NOW)
    await post.settle(epoch, [Settled(one, State.DOUBT, "9.9"), Settled(one, State.READY)], NOW)
    epoch = await post.begin(HERE, NOW)
    assert await states(post) == {state: 1}
    assert await post.waiting(NOW + DAY) == {}
    assert await post.claim(HERE, epoch, 9, NOW + DAY, LEASE) == []
    assert await post.doubtful(HERE, epoch, 9, NOW + DAY) == []
    assert await post.counts(NOW + MINUTE) == {}
    assert (await sql_store.tidy(NOW + 29 * DAY, 300)).counts["letter"] == 0
    assert (await sql_store.tidy(NOW + 31 * DAY, 300)).counts["letter"] == 1
    assert await states(post) == {}


async def test_open_letters_stay(sql_store: SqlStore, post: SqlPost) -> None:
    """A letter that is not settled is not erased, however old, and is counted, however long it has stood there."""
    await want(sql_store, 1)
    await post.plan(NOW, 100)
    assert (await sql_store.tidy(NOW + 100 * DAY, 300)).counts["letter"] == 0
    assert await post.counts(NOW + 100 * DAY) == {(HERE, State.READY): 1}


async def test_on_its_way_is_no_end(sql_store: SqlStore, post: SqlPost) -> None:
    """A letter cannot be settled as still on its way."""
    await want(sql_store, 1)
    await post.plan(NOW, 100)
    epoch = await post.begin(HERE, NOW)
    letters = await post.claim(HERE, epoch, 9, NOW, LEASE)
    with pytest.raises(ValueError, match="not settled"):
        await post.settle(epoch, [Settled(one, State.SENDING) for one in letters], NOW)
    await post.settle(epoch, [], NOW)


async def test_gone(sql_store: SqlStore, post: SqlPost) -> None:
    """Who cannot be reached is nudged no more; everybody else is."""
    await want(sql_store, 2)
    await post.plan(NOW, 100)
    epoch = await post.begin(HERE, NOW)
    gone, _ = await post.claim(HERE, epoch, 9, NOW, LEASE)
    await post.settle(epoch, [Settled(gone, State.GONE)], NOW)
    kept = await nudging_of(sql_store, gone.person)
    assert kept == Nudging(replace(MONDAYS, paused=True), last=TODAY, ignored=1)
    assert (await post.plan(NOW + 8 * DAY, 100)).letters == 1


@pytest.mark.parametrize("state", [State.SILENT, State.LATE, State.REFUSED, State.LOST])
async def test_unsent(sql_store: SqlStore, post: SqlPost, state: State) -> None:
    """A letter that nobody got does not count as ignored, so it halves and ends nothing; settling it twice counts
    once, and who has done something meanwhile starts from there."""
    await want(sql_store, 3)
    await sql_store.record(person(1), [NudgingSet(Nudging(ignored=3), only=frozenset({"ignored"}))], NOW)
    await post.plan(NOW, 100)
    assert (await nudging_of(sql_store, person(1))).due is None
    await sql_store.record(person(2), [NudgingSet(Nudging(), only=frozenset({"ignored"}))], NOW)
    epoch = await post.begin(HERE, NOW)
    letters = await post.claim(HERE, epoch, 9, NOW, LEASE)
    for _ in range(2):
        await post.settle(epoch, [Settled(one, state) for one in letters], NOW)
    week = Nudging(MONDAYS, due=DUE + 7 * DAY, due_day=TODAY + 7 * DAY, last=TODAY)
    assert await nudging_of(sql_store, person(0)) == week
    assert await nudging_of(sql_store, person(2)) == week
    kept = await nudging_of(sql_store, person(1))
    assert (kept.ignored, kept.due_day) == (3, TODAY + 14 * DAY)


INVITE = ReceiveInvite(team="0123456789ab", by="BOSS")


async def invite(store: SqlStore, who: Person, packed: dict[str, str] | None = None) -> None:
    """A letter of another kind than a nudge, of the same day."""
    told = {"day": TODAY, "kind": "invite:0123456789ab", "state": "ready", "due": DUE, "not_before": DUE, "tries": 0}
    whose = {"platform": who.platform, "tenant": who.tenant, "user_id": who.user}
    intent = packed or json.loads(pack(INVITE))
    async with store.engine.execution_options(writes=True).begin() as connection:
        await connection.execute(insert(letter).values(whose | told | {"trail": [], "at": DUE, "intent": intent}))


@pytest.mark.parametrize("state", sorted(set(State) - {State.SENDING, State.GONE}))
async def test_other_letters(sql_store: SqlStore, post: SqlPost, state: State) -> None:
    """A letter of another kind carries what it asks and no rhythm; whatever becomes of it, the nudge of the same day
    stands where it stood."""
    await want(sql_store, 1)
    await post.plan(NOW, 100)
    await invite(sql_store, person(0))
    before = await nudging_of(sql_store, person(0))
    epoch = await post.begin(HERE, NOW)
    by_kind = {one.kind: one for one in await post.claim(HERE, epoch, 9, NOW, LEASE)}
    assert by_kind.keys() == {"nudge", "invite:0123456789ab"}
    asking, nudge = by_kind["invite:0123456789ab"], by_kind["nudge"]
    assert (asking.intent, asking.rhythm, asking.address) == (INVITE, None, {"channel": "D0"})
    assert (nudge.intent, nudge.rhythm) == (None, MONDAYS)
    assert asking.mark != nudge.mark
    await post.settle(epoch, [Settled(asking, state)], NOW)
    assert await nudging_of(sql_store, person(0)) == before
    await post.settle(epoch, [Settled(nudge, State.SILENT)], NOW)
    assert (await nudging_of(sql_store, person(0))).ignored == 0
    rows = await sql_store.database.read(lambda connection: connection.execute(select(letter.c.state, letter.c.intent)))
    kept = [intent for stands, intent in rows if stands == state and intent]
    assert bool(kept) is (state in OPEN)


async def test_gone_who_was_asked(sql_store: SqlStore, post: SqlPost) -> None:
    """Who cannot be reached with a question is nudged no more either."""
    await want(sql_store, 1)
    await invite(sql_store, person(0))
    epoch = await post.begin(HERE, NOW)
    (asking,) = await post.claim(HERE, epoch, 9, NOW, LEASE)
    await post.settle(epoch, [Settled(asking, State.GONE)], NOW)
    assert (await nudging_of(sql_store, person(0))).due is None


async def test_of_a_newer_version(sql_store: SqlStore, post: SqlPost) -> None:
    """A letter that asks what this version does not know is claimed without it, and stops no other."""
    await want(sql_store, 1)
    await invite(sql_store, person(0), {"kind": "from-the-future"})
    epoch = await post.begin(HERE, NOW)
    (asking,) = await post.claim(HERE, epoch, 9, NOW, LEASE)
    assert (asking.kind, asking.intent) == ("invite:0123456789ab", None)


async def test_trail(sql_store: SqlStore, post: SqlPost) -> None:
    """The trail of a letter tells each of its states with the instant and the reason, also when two came at once."""
    await sql_store.record(person(7), [ProfileSet(Profile("x"))], NOW)
    await want(sql_store, 1)
    await post.plan(NOW, 100)
    epoch = await post.begin(HERE, NOW)
    (one,) = await post.claim(HERE, epoch, 9, NOW + MINUTE, LEASE)
    epoch = await post.begin(HERE, NOW + 2 * MINUTE)
    found = [Settled(one, State.DOUBT, why="a\x00b"), Settled(one, State.SENT, "1.2", why="found")]
    await post.settle(epoch, found, NOW + 3 * MINUTE)
    (row,) = await post.trail(person(0), 9)
    assert row == {
        "day": TODAY,
        "kind": "nudge",
        "state": "sent",
        "due": DUE,
        "tries": 1,
        "ref": "1.2",
        "at": NOW + 3 * MINUTE,
        "trail": [
            [NOW.isoformat(), "ready", ""],
            [(NOW + MINUTE).isoformat(), "sending", ""],
            [(NOW + 2 * MINUTE).isoformat(), "doubt", "taken over"],
            [(NOW + 3 * MINUTE).isoformat(), "doubt", "a\N{REPLACEMENT CHARACTER}b"],
            [(NOW + 3 * MINUTE).isoformat(), "sent", "found"],
        ],
    }
    assert await post.trail(person(7), 9) == []


async def test_very_many_tries(sql_store: SqlStore, post: SqlPost) -> None:
    """The trail of a letter that is tried again and again does not grow for ever, and still tells the end."""
    await want(sql_store, 1)
    await post.plan(NOW, 100)
    epoch = await post.begin(HERE, NOW)
    for _ in range(100):
        (one,) = await post.claim(HERE, epoch, 1, NOW, LEASE)
        await post.settle(epoch, [Settled(one, State.READY, why="busy")], NOW)
    (one,) = await post.claim(HERE, epoch, 1, NOW, LEASE)
    await post.settle(epoch, [Settled(one, State.LATE)], NOW)
    (row,) = await post.trail(person(0), 1)
    assert row["tries"] == 101
    assert len(row["trail"]) < 100
    assert row["trail"][-1] == [NOW.isoformat(), "late", ""]


async def test_forget(sql_store: SqlStore, post: SqlPost) -> None:
    """With a person their letters go, those on their way too, and to settle one of these is no error."""
    await want(sql_store, 2)
    await post.plan(NOW, 100)
    epoch = await post.begin(HERE, NOW)
    letters = await post.claim(HERE, epoch, 9, NOW, LEASE)
    receipt = await sql_store.forget(person(0), NOW)
    assert {name: count for name, count in receipt.counts.items() if count} == {"person": 1, "nudging": 1, "letter": 1}
    await post.settle(epoch, [Settled(one, State.SENT, "1.2") for one in letters], NOW)
    assert await states(post) == {State.SENT: 1}
    assert await sql_store.recall(person(0), Place("D1"), NOW) is None


async def test_forgotten_while_planned(database: str, sql_store: SqlStore, post: SqlPost) -> None:
    """People who are forgotten while they are planned are gone as a whole, and the others are planned."""
    await want(sql_store, 30)
    other = SqlStore(database)
    asked = [other.forget(person(number), NOW) for number in range(0, 30, 3)]
    await asyncio.gather(*(post.plan(NOW, 5) for _ in range(6)), *asked)
    while (await post.plan(NOW, 5)).more:
        pass
    assert await states(post) == {State.READY: 20}
    await other.close()


async def test_recount(sql_store: SqlStore, post: SqlPost) -> None:
    """With other zone data each due time is worked out again for the same date, a page at a time, once; what cannot
    be is put aside."""
    wrong = Nudging(MONDAYS, due=DUE + 7 * DAY - 60 * MINUTE, due_day=TODAY + 7 * DAY, last=TODAY, ignored=2)
    await want(sql_store, 5, kept=wrong)
    assert not await post.recount(data_version(), NOW, 2)
    assert (await nudging_of(sql_store, person(0))).due == wrong.due
    async with sql_store.engine.execution_options(writes=True).begin() as connection:
        await connection.execute(update(nudging).where(nudging.c.user_id == "U4").values(zone="Europe/Atlantis"))
    assert [await post.recount("2099z", NOW, 2) for _ in range(3)] == [True, True, False]
    assert not await post.recount("2099z", NOW, 2)
    for number in range(4):
        assert await nudging_of(sql_store, person(number)) == replace(wrong, due=DUE + 7 * DAY)
    assert (await nudging_of(sql_store, person(4))).due is None


async def test_windows_fit_the_crowd(sql_store: SqlStore, post: SqlPost) -> None:
    """Where more people share a slot than their workspace's pace allows in five minutes, each keeps the date and gets
    an instant in a window that is wide enough; who chooses the slot later is told that one; nobody else is moved."""
    await want(sql_store, 40)
    await want(sql_store, 3, "T2")
    asked = (person(99), MONDAYS.weekday, MONDAYS.minute)
    assert await sql_store.window(*asked) == LEAST_WINDOW
    before = DUE - MINUTE
    pace = {"slack": 1 / 60}
    await fit_windows(post, pace, lambda: before)
    kept = [await nudging_of(sql_store, person(number)) for number in range(40)]
    assert {(one.rhythm and one.rhythm.window, one.due_day) for one in kept} == {(40, TODAY)}
    for number, one in enumerate(kept):
        assert one.rhythm
        assert one.due == due_on(one.rhythm, TODAY, salt(person(number))).at
    assert len({one.due for one in kept}) > 30
    assert await sql_store.window(*asked) == 40
    (few,) = {(await nudging_of(sql_store, person(number, "T2"))).rhythm for number in range(3)}
    assert few == replace(MONDAYS, window=LEAST_WINDOW)
    for number in range(15):
        await sql_store.record(person(number), [NudgingSet(Nudging())], NOW)
    await fit_windows(post, pace, lambda: before)
    assert await sql_store.window(*asked) == 40  # a few who left move nobody
    for number in range(15, 30):
        await sql_store.record(person(number), [NudgingSet(Nudging())], NOW)
    await fit_windows(post, pace, lambda: before)
    assert await sql_store.window(*asked) == 10


@pytest.mark.parametrize("moving", ["recount", "fit"])
async def test_chosen_while_moved(
    database: str, sql_store: SqlStore, post: SqlPost, moving: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who pauses just while due times are worked out anew, by another process, stays paused and is not due."""
    due = Nudging(MONDAYS, due=DUE + 7 * DAY, due_day=TODAY + 7 * DAY, last=TODAY)
    await want(sql_store, 1, kept=due)
    (slot,) = await post.slots()
    paused = NudgingSet(Nudging(replace(MONDAYS, paused=True)), only=frozenset({"rhythm", "due", "due_day"}))

    async def pause() -> None:
        other = SqlStore(database)
        await other.record(person(0), [paused], NOW)
        await other.close()

    chosen = threading.Thread(target=lambda: asyncio.run(pause()))
    recounted = letters.recounted

    def choose_meanwhile(*told: Any) -> tuple[Any, ...]:
        chosen.start()
        chosen.join(0.5)  # it is over by now, or it waits until this is
        return recounted(*told)

    monkeypatch.setattr(letters, "recounted", choose_meanwhile)
    await (post.recount("2099z", NOW, 10) if moving == "recount" else post.fit(slot, 40, "", NOW, 10))
    await asyncio.to_thread(chosen.join)
    kept = await nudging_of(sql_store, person(0))
    assert kept.rhythm
    assert (kept.rhythm.paused, kept.due, kept.due_day) == (True, None, None)


async def test_nudged(sql_store: SqlStore, post: SqlPost) -> None:
    """Everybody with a nudge to come is listed once, page by page."""
    await want(sql_store, 5)
    await want(sql_store, 2, "T2")
    await sql_store.record(person(3), [NudgingSet(Nudging())], NOW)
    found: list[tuple[Person, Nudging]] = []
    while page := await post.nudged(found[-1][0] if found else None, 2):
        found += page
    expected = [person(number) for number in (0, 1, 2, 4)] + [person(number, "T2") for number in range(2)]
    assert [who for who, _ in found] == expected
    assert {kept for _, kept in found} == {Nudging(MONDAYS, due=DUE, due_day=TODAY)}


async def test_indexes(sql_store: SqlStore, post: SqlPost) -> None:
    """What is asked at every tick, and at every claim, is found by an index, not by reading a table."""
    if sql_store.engine.dialect.name != "sqlite":
        pytest.skip("a server chooses by its statistics")
    from tests.test_store_schema import statements

    await want(sql_store, 1)
    with statements(sql_store) as seen:
        await post.plan(NOW, 100)
        await post.waiting(NOW)
        epoch = await post.begin(HERE, NOW)
        letters = await post.claim(HERE, epoch, 9, NOW, LEASE)
        await post.doubtful(HERE, epoch, 9, NOW)
        await post.settle(epoch, [Settled(one, State.SENT) for one in letters], NOW)
        await post.counts(NOW)
        await post.trail(person(0), 9)
    async with sql_store.engine.connect() as connection:
        for statement in seen:
            if statement.startswith("INSERT INTO workspace"):
                continue
            count = statement.count("?")
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (None,) * count)
            steps = [row[3] for row in plan]
            scans = [one for one in steps if one.startswith("SCAN") and "USING" not in one and "bulk" not in one]
            assert not [one for one in scans if "CONSTANT" not in one and "picked" not in one], (statement, steps)


async def test_state_of_the_tables(sql_store: SqlStore, post: SqlPost) -> None:
    """A letter is open exactly as long as its state is: an index depends on it."""
    await want(sql_store, 12)
    await post.plan(NOW, 100)
    epoch = await post.begin(HERE, NOW)
    letters = await post.claim(HERE, epoch, 9, NOW, LEASE)
    ends = [state for state in State if state is not State.SENDING]
    await post.settle(epoch, [Settled(*pair) for pair in zip(letters, ends, strict=False)], NOW)
    async with sql_store.engine.connect() as connection:
        rows = (await connection.execute(select(letter.c.state, letter.c.not_before))).all()
    assert len(rows) == 12
    for state, not_before in rows:
        assert (not_before is not None) == (state in {State.READY, State.SENDING, State.DOUBT})


async def test_killed(database: str, sql_store: SqlStore, post: SqlPost) -> None:
    """Processes that are killed while they plan and settle leave each person either due or with one letter, never both
    and never neither; what was settled is settled, and the rest is ready or in doubt."""
    chance, count = random.Random(42), 400
    await want(sql_store, count)
    for _ in range(6):
        kill_some(database, chance)
        page = await sql_store.database.read(lambda connection: connection.execute(select(nudging)))
        planned = {row.user_id for row in page if row.ignored == 1}
        assert all(
            (row.last, row.due_day) == ((TODAY, TODAY + 7 * DAY) if row.user_id in planned else (None, TODAY))
            for row in await sql_store.database.read(lambda connection: connection.execute(select(nudging)))
        )
        rows = (await sql_store.database.read(lambda connection: connection.execute(select(letter)))).all()
        assert {row.user_id for row in rows} == planned
        assert len(rows) == len(planned)
        assert {row.state for row in rows} <= {"ready", "sending", "doubt", "sent"}
    assert planned
    while (await post.plan(NOW, 100)).more:
        pass
    epoch = await post.begin(HERE, NOW)
    ready = await post.claim(HERE, epoch, count, NOW, LEASE)
    doubts = await post.doubtful(HERE, epoch, count, NOW + MINUTE)
    sent = (await states(post)).get(State.SENT, 0)
    assert len(ready) + len(doubts) + sent == count


def kill_some(database: str, chance: random.Random) -> None:
    """Start some workers, and kill each at some moment."""
    command = [sys.executable, "-m", "tests.letters_writer", database]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    for worker in workers:
        assert worker.stdout
        with worker:
            for _ in range(chance.randint(1, 4)):
                worker.stdout.readline()
            time.sleep(chance.uniform(0, 0.01))
            worker.kill()
