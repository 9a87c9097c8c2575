"""What every store keeps and tells, whatever it is made of."""

from __future__ import annotations

import asyncio
import datetime
import json
from dataclasses import replace

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
    Profile,
    ProfileSet,
    Records,
    State,
    Subject,
    SubjectSet,
)
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


async def known(records: Records, person: Person = ME, now: datetime.datetime = NOON) -> Known:
    """What is known of somebody who is no stranger."""
    found = await records.recall(person, HERE, now)
    assert found is not None
    return found


async def test_stranger(records: Records) -> None:
    """A stranger is unknown, has nothing to see and nothing to erase."""
    assert await records.recall(ME, HERE, NOON) is None
    assert await records.evidence(ME) == ()
    assert await records.export(ME) == {}
    assert (await records.forget(ME, NOON)).total == 0


async def test_recall(records: Records) -> None:
    """What a turn put on record is known in the next."""
    await records.record(ME, EVERYTHING, NOON)
    assert await known(records) == Known(
        SENIOR,
        {
            SERVING: Milestone(SERVING, State.DONE, NOON),
            TUNING: Milestone(TUNING, State.WORKING, NOON, NOON - DAY, archived=True),
        },
        Subject("ml-engineer", "lead", "model-serving", (SERVING, TUNING), "de"),
        ADDRESS,
    )


async def test_twice(records: Records) -> None:
    """The same facts twice leave what they leave once, even at another time."""
    await records.record(ME, EVERYTHING, NOON)
    before = await known(records), await records.evidence(ME)
    await records.record(ME, EVERYTHING, NOON + SUBJECT_LIFE / 2)
    assert (await known(records), await records.evidence(ME)) == before


async def test_zones(records: Records) -> None:
    """A time comes back as the same moment, whatever zone it was told in."""
    tokyo = NOON.astimezone(datetime.timezone(9 * HOUR))
    await records.record(ME, [ProfileSet(replace(SENIOR, set_at=tokyo)), MilestoneSet(SERVING, State.DONE)], tokyo)
    found = await known(records)
    assert found.profile.set_at == NOON
    assert found.milestones[SERVING].since == NOON


async def test_profile_fields(records: Records) -> None:
    """Two turns that set different parts of a profile do not undo each other."""
    await records.record(ME, [ProfileSet(SENIOR)], NOON)
    await records.record(ME, [ProfileSet(Profile(lang="en"), only=frozenset({"lang"}))], NOON)
    assert (await known(records)).profile == replace(SENIOR, lang="en")
    await records.record(ME, [ProfileSet(Profile())], NOON)
    assert (await known(records)).profile == Profile()


async def test_since(records: Records) -> None:
    """A state that is told again keeps its beginning; a new one begins now and is unchecked."""
    await records.record(ME, [MilestoneSet(SERVING, State.DONE)], NOON)
    await records.record(ME, [MilestoneSet(SERVING, State.DONE, checked=NOON + DAY)], NOON + DAY)
    await records.record(ME, [MilestoneSet(SERVING, State.DONE)], NOON + 2 * DAY)
    assert (await known(records)).milestones[SERVING] == Milestone(SERVING, State.DONE, NOON, NOON + DAY)
    await records.record(ME, [MilestoneSet(SERVING, State.WORKING)], NOON + 3 * DAY)
    assert (await known(records)).milestones[SERVING] == Milestone(SERVING, State.WORKING, NOON + 3 * DAY)


async def test_undo(records: Records) -> None:
    """A milestone can be put back to what it was, and back to nothing."""
    await records.record(ME, [MilestoneSet(SERVING, State.WORKING, checked=NOON)], NOON)
    before = (await known(records)).milestones[SERVING]
    await records.record(ME, [MilestoneSet(SERVING, State.DONE)], NOON + DAY)
    await records.record(ME, [MilestoneSet(SERVING, before.state, before.since, before.checked)], NOON + 2 * DAY)
    assert (await known(records)).milestones[SERVING] == before
    await records.record(ME, [MilestoneDropped(SERVING)], NOON)
    assert (await known(records)).milestones == {}


async def test_last_word(records: Records) -> None:
    """Of several facts about one clause in a turn the last counts."""
    await records.record(ME, [MilestoneSet(SERVING, State.DONE), MilestoneDropped(SERVING)], NOON)
    await records.record(ME, [MilestoneDropped(TUNING), MilestoneSet(TUNING, State.SKIPPED)], NOON)
    assert {clause: found.state for clause, found in (await known(records)).milestones.items()} == {TUNING: "skipped"}


async def test_evidence(records: Records) -> None:
    """Evidence is listed newest first, by clause if asked, and can be taken back."""
    await records.record(ME, [EvidenceAdded("first", SERVING)], NOON)
    await records.record(ME, [EvidenceAdded("second")], NOON + HOUR)
    await records.record(ME, [EvidenceAdded("second")], NOON + 2 * HOUR)
    assert [(item.text, item.at) for item in await records.evidence(ME)] == [("second", NOON + HOUR), ("first", NOON)]
    (first,) = await records.evidence(ME, SERVING)
    await records.record(ME, [EvidenceRemoved(first.id), EvidenceRemoved("no such")], NOON)
    assert [item.text for item in await records.evidence(ME)] == ["second"]


async def test_subject(records: Records) -> None:
    """A subject belongs to its place and expires."""
    await records.record(ME, [SubjectSet(HERE, Subject("a")), SubjectSet(Place("C9"), Subject("b"))], NOON)
    assert (await known(records)).subject == Subject("a")
    there = await records.recall(ME, Place("C9"), NOON + SUBJECT_LIFE)
    assert there
    assert there.subject == Subject("b")
    assert (await known(records, now=NOON + SUBJECT_LIFE + HOUR)).subject is None


async def test_strangers_apart(records: Records) -> None:
    """Nobody sees or changes what is another's, in another tenant, on another platform, or beside them."""
    others = [Person("slack", "T2", "U1"), Person("teams", "T1", "U1"), Person("slack", "T1", "U2")]
    await records.record(ME, EVERYTHING, NOON)
    mine = await records.export(ME)
    (item, *_) = await records.evidence(ME)
    for other in others:
        assert await records.recall(other, HERE, NOON) is None
        assert await records.evidence(other) == ()
        assert await records.export(other) == {}
        facts: list[Fact] = [MilestoneDropped(SERVING), MilestoneSet(TUNING, State.NOT_YET), EvidenceRemoved(item.id)]
        await records.record(other, [*facts, ProfileSet(Profile()), SubjectSet(HERE, Subject())], NOON)
        assert (await records.forget(other, NOON)).total == 3
    assert await records.export(ME) == mine


async def test_export(records: Records) -> None:
    """The export is JSON and holds every word that was told."""
    await records.record(ME, EVERYTHING, NOON)
    told = json.dumps(await records.export(ME), ensure_ascii=False)
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


async def test_forget(records: Records) -> None:
    """Whoever is forgotten is a stranger afterwards, and the receipt counts what went."""
    await records.record(ME, EVERYTHING, NOON)
    receipt = await records.forget(ME, NOON)
    assert receipt.counts == {"person": 1, "milestone": 2, "evidence": 2, "subject": 1}
    assert await records.recall(ME, HERE, NOON) is None
    await records.record(ME, [MilestoneSet(SERVING, State.DONE)], NOON)
    assert list((await known(records)).milestones) == [SERVING]


async def test_tidy(records: Records) -> None:
    """Tidying erases expired subjects and people who have not been seen for the retention days, and nobody else."""
    gone = replace(ME, user="U9")
    await records.record(gone, EVERYTHING, NOON)
    await records.record(ME, EVERYTHING, NOON)
    assert (await records.tidy(NOON, 30)).total == 0
    await records.record(ME, [], NOON + 10 * DAY)
    receipt = await records.tidy(NOON + 31 * DAY, 30)
    assert receipt.counts == {"subject": 2, "person": 1, "edition": 0, "audit": 0}
    assert await records.export(gone) == {}
    assert (await known(records)).subject is None
    assert len((await known(records)).milestones) == 2


async def test_editions(records: Records) -> None:
    """An edition is kept while it is the newest, or somebody was told of it, or it is young."""
    for name, day in (("e1", 0), ("e2", 1), ("e3", 2)):
        await records.remember_edition(name, {SERVING: f"Designs {name}."}, NOON + day * DAY)
    await records.record(ME, [ProfileSet(SENIOR)], NOON + 40 * DAY)
    assert (await records.tidy(NOON + 40 * DAY, 30)).counts["edition"] == 1
    assert await records.edition("e1") == {SERVING: "Designs e1."}
    assert await records.edition("e2") is None
    assert await records.edition("e3") == {SERVING: "Designs e3."}


async def test_strange_characters(records: Records) -> None:
    """Characters that a database cannot take do not stop a person from being heard."""
    await records.record(ME, [EvidenceAdded("a\x00b\ud800c", link="\x00")], NOON)
    await records.record(ME, [AddressSet({"a\x00": ["\udfff"]}), SubjectSet(HERE, Subject("\x00"))], NOON)
    assert len(await records.evidence(ME)) == 1
    assert (await known(records)).address is not None


async def test_at_once(records: Records) -> None:
    """Twenty turns of one person at once, half of them the same click, lose nothing and double nothing."""
    clauses = [f"skill-{number // 2}/role/level/clause" for number in range(20)]
    await asyncio.gather(
        *(
            records.record(ME, [MilestoneSet(clause, State.DONE), EvidenceAdded(clause), ProfileSet(SENIOR)], NOON)
            for clause in clauses
        )
    )
    found = await known(records)
    assert set(found.milestones) == set(clauses)
    assert sorted(item.text for item in await records.evidence(ME)) == sorted(set(clauses))


async def test_check(records: Records) -> None:
    """A store answers when it is asked whether it is there."""
    await records.check()
