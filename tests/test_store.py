"""What every store keeps and tells, whatever it is made of."""

from __future__ import annotations

import asyncio
import datetime
import json
from dataclasses import replace

import pytest

from handlers.errors import Erased
from handlers.ports import Store
from handlers.records import (
    SUBJECT_LIFE,
    AddressSet,
    EvidenceAdded,
    EvidenceRemoved,
    Fact,
    Known,
    Milestone,
    MilestoneDropped,
    MilestoneSet,
    Nudging,
    NudgingSet,
    Plan,
    Profile,
    ProfileSet,
    Receipt,
    State,
    Subject,
    SubjectSet,
)
from handlers.rhythm import Rhythm
from handlers.turn import Person, Place

NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
ME = Person("slack", "T1", "U1")
HERE = Place("D1")
SENIOR = Profile("ml-engineer", "senior", "walk", "e1", "de", "Europe/Berlin", NOON)
SERVING = "model-serving/ml-engineer/senior/designs-architecture"
TUNING = "model-serving/ml-engineer/senior/optimizes-throughput"
ADDRESS = {"channel": "D1", "reference": {"service": "https://example.test", "list": [1, None, "ü"]}}
EVERYTHING: tuple[Fact, ...] = (
    ProfileSet(SENIOR),
    AddressSet(ADDRESS),
    MilestoneSet(SERVING, State.DONE),
    MilestoneSet(TUNING, State.WORKING, checked=NOON - DAY, archived=True),
    EvidenceAdded("Canary deployments", SERVING, "https://example.test/canary", NOON.date() - DAY),
    EvidenceAdded("Für später: 🚀"),
    SubjectSet(HERE, Subject("ml-engineer", "lead", "model-serving", (SERVING, TUNING), "de")),
)


FRIDAYS = Rhythm(4, 540, "Europe/Berlin", NOON.date(), 2, "DE", NOON.date() + 3 * DAY, False, 25, NOON.date() + DAY)
PLAN = Plan(SERVING, "the review is over", "ask for a canary", NOON.date() - 7 * DAY, "partly")
NUDGING = Nudging(FRIDAYS, NOON.date(), NOON + 4 * DAY, NOON.date() + 4 * DAY, NOON.date() - 3 * DAY, 1, PLAN)


async def known(store: Store, person: Person = ME, now: datetime.datetime = NOON) -> Known:
    """What is known of somebody who is no stranger."""
    found = await store.recall(person, HERE, now)
    assert found is not None
    return found


def some(receipt: Receipt) -> dict[str, int]:
    """What a receipt counts, but for what there was none of."""
    return {name: count for name, count in receipt.counts.items() if count}


async def test_stranger(store: Store) -> None:
    """A stranger is unknown, has nothing to see and nothing to erase."""
    assert await store.recall(ME, HERE, NOON) is None
    assert await store.evidence(ME) == ()
    assert await store.export(ME) == {}
    assert (await store.forget(ME, NOON)).total == 0


async def test_recall(store: Store) -> None:
    """What a turn put on record is known in the next."""
    await store.record(ME, EVERYTHING, NOON)
    assert await known(store) == Known(
        SENIOR,
        {
            SERVING: Milestone(SERVING, State.DONE, NOON),
            TUNING: Milestone(TUNING, State.WORKING, NOON, NOON - DAY, archived=True),
        },
        Subject("ml-engineer", "lead", "model-serving", (SERVING, TUNING), "de"),
        ADDRESS,
        NOON.date(),
    )


async def test_twice(store: Store) -> None:
    """The same facts twice leave what they leave once, even at another time."""
    await store.record(ME, EVERYTHING, NOON)
    before = await known(store), await store.evidence(ME)
    await store.record(ME, EVERYTHING, NOON + SUBJECT_LIFE / 2)
    assert (await known(store), await store.evidence(ME)) == before


async def test_unasked(store: Store) -> None:
    """What is put on record of a person who has done nothing is no contact, and takes none of theirs away."""
    nudge = SubjectSet(HERE, Subject("ml-engineer", answers={"yes": "1"}))
    for days, mine in ((0, EVERYTHING), (3, [MilestoneSet(SERVING, State.DONE), SubjectSet(HERE, Subject("mlops"))])):
        before = await store.recall(ME, HERE, NOON + days * DAY)
        await store.record(ME, mine, NOON + days * DAY, before)
        for later in (HOUR / 4, DAY, 2 * DAY):
            now = NOON + days * DAY + later
            await store.record(ME, [nudge], now, await known(store, now=now), unasked=True)
            assert (await known(store, now=now)).subject == nudge.subject
            await store.tidy(now, 365)
            assert (await known(store, now=now)).seen_on == (NOON + days * DAY).date()
    await store.tidy(NOON + 8 * DAY, 4)
    assert await store.recall(ME, HERE, NOON + 8 * DAY) is None


async def test_unasked_of_nobody(store: Store) -> None:
    """Who was erased meanwhile does not come back with what nobody asked for."""
    await store.record(ME, EVERYTHING, NOON)
    before = await known(store)
    await store.forget(ME, NOON)
    for facts in ([SubjectSet(HERE, Subject("ml-engineer"))], [ProfileSet(SENIOR)]):
        with pytest.raises(Erased):
            await store.record(ME, facts, NOON, before, unasked=True)
    assert await store.recall(ME, HERE, NOON) is None


async def test_zones(store: Store) -> None:
    """A time comes back as the same moment, whatever zone it was told in."""
    tokyo = NOON.astimezone(datetime.timezone(9 * HOUR))
    await store.record(ME, [ProfileSet(replace(SENIOR, set_at=tokyo)), MilestoneSet(SERVING, State.DONE)], tokyo)
    found = await known(store)
    assert found.profile.set_at == NOON
    assert found.milestones[SERVING].since == NOON


async def test_profile_fields(store: Store) -> None:
    """Two turns that set different parts of a profile do not undo each other."""
    await store.record(ME, [ProfileSet(SENIOR)], NOON)
    await store.record(ME, [ProfileSet(Profile(lang="en"), only=frozenset({"lang"}))], NOON)
    assert (await known(store)).profile == replace(SENIOR, lang="en")
    await store.record(ME, [ProfileSet(Profile())], NOON)
    assert (await known(store)).profile == Profile()


async def test_since(store: Store) -> None:
    """A state that is told again keeps its beginning; a new one begins now and is unchecked."""
    await store.record(ME, [MilestoneSet(SERVING, State.DONE)], NOON)
    await store.record(ME, [MilestoneSet(SERVING, State.DONE, checked=NOON + DAY)], NOON + DAY)
    await store.record(ME, [MilestoneSet(SERVING, State.DONE)], NOON + 2 * DAY)
    assert (await known(store)).milestones[SERVING] == Milestone(SERVING, State.DONE, NOON, NOON + DAY)
    await store.record(ME, [MilestoneSet(SERVING, State.WORKING)], NOON + 3 * DAY)
    assert (await known(store)).milestones[SERVING] == Milestone(SERVING, State.WORKING, NOON + 3 * DAY)


async def test_undo(store: Store) -> None:
    """A milestone can be put back to what it was, and back to nothing."""
    await store.record(ME, [MilestoneSet(SERVING, State.WORKING, checked=NOON)], NOON)
    before = (await known(store)).milestones[SERVING]
    await store.record(ME, [MilestoneSet(SERVING, State.DONE)], NOON + DAY)
    await store.record(ME, [MilestoneSet(SERVING, before.state, before.since, before.checked)], NOON + 2 * DAY)
    assert (await known(store)).milestones[SERVING] == before
    await store.record(ME, [MilestoneDropped(SERVING)], NOON)
    assert (await known(store)).milestones == {}


async def test_last_word(store: Store) -> None:
    """Of several facts about one clause in a turn the last counts."""
    await store.record(ME, [MilestoneSet(SERVING, State.DONE), MilestoneDropped(SERVING)], NOON)
    await store.record(ME, [MilestoneDropped(TUNING), MilestoneSet(TUNING, State.SKIPPED)], NOON)
    assert {clause: found.state for clause, found in (await known(store)).milestones.items()} == {TUNING: "skipped"}


async def test_nudging(store: Store) -> None:
    """A weekly nudge comes back as it was chosen, and of two turns that change parts of it neither undoes the other."""
    await store.record(ME, [NudgingSet(NUDGING)], NOON)
    assert (await known(store)).nudging == NUDGING
    await store.record(ME, [NudgingSet(Nudging(ignored=3), only=frozenset({"ignored"}))], NOON)
    await store.record(ME, [NudgingSet(Nudging(plan=None), only=frozenset({"plan"}))], NOON)
    assert (await known(store)).nudging == replace(NUDGING, ignored=3, plan=None)
    await store.record(ME, [NudgingSet(Nudging())], NOON)
    assert (await known(store)).nudging == Nudging()


async def test_offer(store: Store) -> None:
    """That a weekly nudge was offered is remembered, but keeps nobody from being forgotten who told nothing."""
    offered = Nudging(offered=NOON.date())
    await store.record(ME, [NudgingSet(offered, only=frozenset({"offered"}))], NOON)
    assert (await known(store)).nudging == offered
    someone = replace(ME, user="U2")
    await store.record(someone, [NudgingSet(NUDGING)], NOON)
    assert (await store.tidy(NOON + 2 * DAY, 30)).counts["visitor"] == 1
    assert await store.recall(ME, HERE, NOON) is None
    assert (await known(store, someone)).nudging == NUDGING


async def test_evidence(store: Store) -> None:
    """Evidence is listed newest first, by clause if asked, and can be taken back."""
    await store.record(ME, [EvidenceAdded("first", SERVING)], NOON)
    await store.record(ME, [EvidenceAdded("second")], NOON + HOUR)
    await store.record(ME, [EvidenceAdded("second")], NOON + 2 * HOUR)
    assert [(item.text, item.at) for item in await store.evidence(ME)] == [("second", NOON + HOUR), ("first", NOON)]
    (first,) = await store.evidence(ME, SERVING)
    await store.record(ME, [EvidenceRemoved(first.id), EvidenceRemoved("no such")], NOON)
    assert [item.text for item in await store.evidence(ME)] == ["second"]


async def test_subject(store: Store) -> None:
    """A subject belongs to its place and expires."""
    await store.record(ME, [SubjectSet(HERE, Subject("a")), SubjectSet(Place("C9"), Subject("b"))], NOON)
    assert (await known(store)).subject == Subject("a")
    there = await store.recall(ME, Place("C9"), NOON + SUBJECT_LIFE)
    assert there
    assert there.subject == Subject("b")
    assert (await known(store, now=NOON + SUBJECT_LIFE + HOUR)).subject is None


async def test_strangers_apart(store: Store) -> None:
    """Nobody sees or changes what is another's, in another tenant, on another platform, or beside them."""
    others = [Person("slack", "T2", "U1"), Person("teams", "T1", "U1"), Person("slack", "T1", "U2")]
    await store.record(ME, EVERYTHING, NOON)
    mine = await store.export(ME)
    (item, *_) = await store.evidence(ME)
    for other in others:
        assert await store.recall(other, HERE, NOON) is None
        assert await store.evidence(other) == ()
        assert await store.export(other) == {}
        facts: list[Fact] = [MilestoneDropped(SERVING), MilestoneSet(TUNING, State.NOT_YET), EvidenceRemoved(item.id)]
        await store.record(other, [*facts, ProfileSet(Profile()), SubjectSet(HERE, Subject())], NOON)
        assert (await store.forget(other, NOON)).total == 3
    assert await store.export(ME) == mine


async def test_export(store: Store) -> None:
    """The export is JSON and holds every word that was told."""
    await store.record(ME, EVERYTHING, NOON)
    told = json.dumps(await store.export(ME), ensure_ascii=False)
    for word in (
        "U1",
        "senior",
        "walk",
        "Europe/Berlin",
        "https://example.test/canary",
        "Für später: 🚀",
        TUNING,
        "D1",
    ):
        assert word in told
    assert NOON.isoformat() in told


async def test_forget(store: Store) -> None:
    """Whoever is forgotten is a stranger afterwards, and the receipt counts what went."""
    await store.record(ME, EVERYTHING, NOON)
    receipt = await store.forget(ME, NOON)
    assert some(receipt) == {"person": 1, "milestone": 2, "evidence": 2, "subject": 1}
    await store.record(ME, [NudgingSet(NUDGING)], NOON)
    assert (await store.forget(ME, NOON)).total == 2
    assert await store.recall(ME, HERE, NOON) is None
    await store.record(ME, [MilestoneSet(SERVING, State.DONE)], NOON)
    assert list((await known(store)).milestones) == [SERVING]


async def test_tidy(store: Store) -> None:
    """Tidying erases expired subjects and people who have not been seen for the retention days, and nobody else."""
    gone = replace(ME, user="U9")
    await store.record(gone, EVERYTHING, NOON)
    await store.record(ME, EVERYTHING, NOON)
    assert (await store.tidy(NOON, 30)).total == 0
    await store.record(ME, [], NOON + 10 * DAY)
    receipt = await store.tidy(NOON + 31 * DAY, 30)
    assert some(receipt) == {"subject": 2, "person": 1}
    assert await store.export(gone) == {}
    assert (await known(store)).subject is None
    assert len((await known(store)).milestones) == 2


async def test_passing_by(store: Store) -> None:
    """Of whoever only asked something, nothing is left some days later."""
    await store.record(ME, [SubjectSet(HERE, Subject("ml-engineer"))], NOON)
    assert (await store.tidy(NOON + HOUR, 30)).counts["subject"] == 1
    assert await known(store) == Known(seen_on=NOON.date())
    assert (await store.tidy(NOON + 2 * DAY, 30)).counts["visitor"] == 1
    assert await store.recall(ME, HERE, NOON) is None
    assert await store.export(ME) == {}
    await store.record(ME, [MilestoneSet(SERVING, State.DONE)], NOON)
    assert list((await known(store)).milestones) == [SERVING]


async def test_editions(store: Store) -> None:
    """An edition is kept while it is the newest, or somebody was told of it, or it is young."""
    for name, day in (("e1", 0), ("e2", 1), ("e3", 2)):
        await store.remember_edition(name, {SERVING: f"Designs {name}."}, NOON + day * DAY)
    await store.record(ME, [ProfileSet(SENIOR)], NOON + 40 * DAY)
    assert (await store.tidy(NOON + 40 * DAY, 30)).counts["edition"] == 1
    assert await store.edition("e1") == {SERVING: "Designs e1."}
    assert await store.edition("e2") is None
    assert await store.edition("e3") == {SERVING: "Designs e3."}


async def test_strange_characters(store: Store) -> None:
    """Characters that a database cannot take do not stop a person from being heard."""
    await store.record(ME, [EvidenceAdded("a\x00b\ud800c", link="\x00")], NOON)
    await store.record(ME, [AddressSet({"a\x00": ["\udfff"]}), SubjectSet(HERE, Subject("\x00"))], NOON)
    assert len(await store.evidence(ME)) == 1
    assert (await known(store)).address is not None


async def test_at_once(store: Store) -> None:
    """Twenty turns of one person at once, half of them the same click, lose nothing and double nothing."""
    clauses = [f"skill-{number // 2}/role/level/clause" for number in range(20)]
    await asyncio.gather(
        *(
            store.record(ME, [MilestoneSet(clause, State.DONE), EvidenceAdded(clause), ProfileSet(SENIOR)], NOON)
            for clause in clauses
        )
    )
    found = await known(store)
    assert set(found.milestones) == set(clauses)
    assert sorted(item.text for item in await store.evidence(ME)) == sorted(set(clauses))


async def test_check(store: Store) -> None:
    """A store answers when it is asked whether it is there."""
    await store.check()
