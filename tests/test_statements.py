"""How often an answer goes to the database, and what it says when the database is away."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace

import pytest
import structlog

from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from handlers.answer import answer
from handlers.errors import Unavailable
from handlers.intent import (
    AddEvidence,
    AskPrivacy,
    AskRequirement,
    CompareLevels,
    CompareRoles,
    ConfirmMilestone,
    CorrectEvidence,
    FindLevel,
    Intent,
    ListMilestones,
    MarkDone,
    PickMilestone,
    PutBack,
    SetLanguage,
    SetProfile,
    ShowEvidence,
    ShowExpectations,
    ShowPacket,
    ShowProfile,
    SuggestNext,
)
from handlers.records import Known, MilestoneSet, State, Subject, SubjectSet
from handlers.turn import Person, Turn
from tests.door import HERE, ME, ROLE, clauses, desk_over, every_kind, press, say
from tests.talk import Clock, buttons, edited, make_desk, text
from tests.test_store_schema import statements

MOST = 4
"""Statements of one answer, on either database."""

SKILL = "model-serving"
SENIOR = f"{SKILL}/{ROLE}/senior"
PROOF = {"text": "Rolled it out to a tenth first.", "link": "https://example.com/proof"}
SAID = (
    "hello",
    "I am a senior MLOps engineer",
    "what should I learn next?",
    "done with the second one",
    "done with the second one, see https://example.com/proof",
    "undo",
    "find my level",
    "yes",
    "partly",
    "my milestones",
    "my evidence",
    "I work on the first one",
    "my promotion packet",
    "speak German",
    "my data as a file",
    "forget me",
)


def intents(clause: str) -> Iterator[Intent]:
    """Every kind of intent, and those with the most to do in some more ways."""
    yield from every_kind()
    yield ShowExpectations(role=ROLE, level="senior")
    yield CompareLevels(role=ROLE, levels=("middle", "lead"))
    yield CompareRoles(roles=(ROLE, "ml-engineer"), level="lead")
    yield AskRequirement(skill=SKILL)
    yield SetProfile(role=ROLE, level="senior")
    yield from (MarkDone(clause=clause), MarkDone(number=1), MarkDone(words="serving"), MarkDone(done=False))
    for named in ({"clause": clause}, {"number": 1}, {"words": "serving"}, {}):
        yield from (kind.model_validate(named | PROOF) for kind in (MarkDone, AddEvidence))
        yield from (PickMilestone.model_validate(named | {"working": working}) for working in (True, False))
    yield from (ConfirmMilestone(clause=clause, still=still) for still in (True, False, None))
    yield from (AddEvidence(remove="0123456789abcdef"), AddEvidence(clause=clause, sure=False))
    yield CorrectEvidence.model_validate({"id": "0123456789abcdef", "clause": clause, "sent": True} | PROOF)
    walked = {"role": ROLE, "level": "senior"}
    for answered in ("yes", "partly", "not-yet", "skip"):
        told = walked | {"clause": clause, "answer": answered}
        yield from (FindLevel.model_validate(told | more) for more in (PROOF, {"sure": True}))
    for step in ("ask", "example", "stop", "result", "review"):
        yield from (FindLevel.model_validate(walked | {"step": step} | more) for more in ({}, {"clause": clause}))
    yield from (SetProfile(role=ROLE, level="senior", how="walk"), SetLanguage(lang="de"))
    yield from (
        ListMilestones(level="senior"),
        SuggestNext(past=3),
        ShowPacket(level="senior"),
        ShowEvidence(clause=clause),
    )
    yield from (AskPrivacy(export=True), AskPrivacy(forget=True), AskPrivacy(forget=True, sure=True))


async def test_statements_of_every_intent(sql_store: SqlStore) -> None:
    """No answer takes more than four statements: not to a stranger, not to someone with hundreds of milestones, and
    not at the first contact of a day."""
    desk = desk_over(sql_store)
    clause = next(one.id for _, one in desk.matrix.clauses())
    done = [MilestoneSet(f"gone/{number}/x/y", State.DONE, archived=True) for number in range(300)]
    for number, intent in enumerate(intents(clause)):
        stranger, known = Person("slack", "T1", f"S{number}"), Person("slack", "T1", f"K{number}")
        await press(SetProfile(role=ROLE, level="middle"), desk, known)
        await sql_store.record(known, done, desk.now() - datetime.timedelta(days=3))
        for person in (stranger, known, known):
            with statements(sql_store) as seen:
                reply = await press(intent, desk, person)
            assert len([one for one in seen if not one.startswith("PRAGMA")]) <= MOST, (intent, seen)
            assert "run me: " not in text(reply), (intent, text(reply))


@pytest.mark.parametrize("wait", [1, 24 * 60])
async def test_statements_of_words(sql_store: SqlStore, wait: int) -> None:
    """Typed words take no more statements than buttons, although they also change what is spoken of: one after another,
    and each at the first contact of a day."""
    clock = Clock()
    desk = desk_over(sql_store, clock)
    for words in SAID:
        with statements(sql_store) as seen:
            reply = await say(words, desk)
        assert 1 <= len(seen) <= MOST, (words, seen)
        assert "run me: " not in text(reply), words
        clock.wait(wait)


async def test_statements_of_evidence(sql_store: SqlStore) -> None:
    """A milestone, its evidence and what is spoken of take four statements at the first contact of a day, too."""
    clock = Clock()
    desk = desk_over(sql_store, clock)
    await press(SetProfile(role=ROLE, level="middle"), desk)
    for clause in clauses(desk, "middle"):
        clock.wait(24 * 60)
        yesterday = clock.now - datetime.timedelta(days=1)
        await sql_store.record(ME, [SubjectSet(HERE, Subject(milestones=(clause,), lang="en"))], clock.now)
        await sql_store.record(ME, [], yesterday)
        with statements(sql_store) as seen:
            await say(f"Erledigt mit dem ersten, siehe https://example.com/{clause}", desk)
        assert len(seen) == MOST, seen
        assert [item.clause for item in await sql_store.evidence(ME, clause)] == [clause]


@pytest.mark.parametrize("typed", [False, True])
async def test_statements_of_undoing(sql_store: SqlStore, typed: bool) -> None:
    """To tick off several at once with evidence, and to take it all back, take no more statements either, whether the
    day is new or not, and wherever the milestones stood."""
    clock = Clock()
    desk = desk_over(sql_store, clock)
    await press(SetProfile(role=ROLE, level="middle"), desk)
    mine = clauses(desk, "middle")
    await sql_store.record(ME, [MilestoneSet(mine[0], State.WORKING)], clock.now)
    before = await sql_store.recall(ME, HERE, clock.now)
    assert before
    for days in (0, 1):
        clock.wait(24 * 60 * days)
        await sql_store.record(ME, [SubjectSet(HERE, Subject(milestones=tuple(mine[:3]), lang="en"))], clock.now)
        clock.wait(1)
        with statements(sql_store) as seen:
            ticked = await say("done with all of them, see https://example.com/proof", desk)
        assert len(seen) <= MOST, seen
        assert len(await sql_store.evidence(ME)) == 3
        known = await sql_store.recall(ME, HERE, clock.now)
        assert known
        assert known.done == set(mine[:3])
        clock.wait(24 * 60 * days * (not typed))
        undo = next(button.intent for button in buttons(ticked) if isinstance(button.intent, PutBack))
        for _ in range(2):
            clock.wait(1)
            with statements(sql_store) as seen:
                await (say("rückgängig", desk) if typed else press(undo, desk))
            assert len(seen) <= MOST, seen
            after = await sql_store.recall(ME, HERE, clock.now)
            assert after
            assert dict(after.milestones) == dict(before.milestones)
            assert not await sql_store.evidence(ME)


async def test_statements_of_news(sql_store: SqlStore) -> None:
    """To tell what changed in the framework takes no more statements either."""
    desk = desk_over(sql_store)
    await sql_store.remember_edition(desk.matrix.edition, desk.matrix.wording(), desk.now())
    await press(SetProfile(role=ROLE, level="senior"), desk)
    (cell,) = desk.matrix.column(ROLE, "senior")
    gone, other = cell.clauses[:2]
    await press(MarkDone(clause=gone.id), desk)
    await sql_store.open()
    later = replace(desk, matrix=edited(desk.matrix, {gone.id: "", other.id: "Something else.", SENIOR: "optional"}))
    with statements(sql_store) as seen:
        reply = await answer(Turn(ME, HERE, words="junior data scientist"), later)
    assert "2 clauses of your level changed" in text(reply)
    assert "archived" in text(reply)
    assert len(seen) <= MOST, seen
    assert "clauses of your level" not in text(await press(ShowProfile(), later))
    for intent in (AddEvidence(clause=other.id, text="Rolled out."), ShowPacket(), ShowProfile()):
        person = replace(ME, user=intent.kind)
        await press(SetProfile(role=ROLE, level="senior"), desk, person)
        await press(MarkDone(clause=gone.id), desk, person)
        with statements(sql_store) as seen:
            await press(intent, later, person)
        assert len(seen) <= MOST, (intent, seen)
    for words in ("my profile", "my promotion packet", "my evidence", "what do you know about me?"):
        person = replace(ME, user=words)
        await press(SetProfile(role=ROLE, level="senior"), desk, person)
        await press(MarkDone(clause=gone.id), desk, person)
        with statements(sql_store) as seen:
            await answer(Turn(person, HERE, words=words), later)
        assert len(seen) <= MOST, (words, seen)


async def test_handed_out_without_facts() -> None:
    """What a reply puts on record is not handed out to platforms."""
    desk = make_desk(Clock())
    for intent in (SetProfile(role=ROLE, level="senior"), MarkDone(number=1), AskPrivacy()):
        assert (await press(intent, desk)).facts == ()


class Away(MemoryStore):
    """A store that takes no facts, or does not even answer."""

    def __init__(self, *, reads: bool) -> None:
        super().__init__()
        self._reads = reads

    async def recall(self, *_: object) -> Known | None:
        """Nothing is known."""
        if not self._reads:
            raise Unavailable("the database cannot be reached: OperationalError")
        return None

    async def record(self, *_: object) -> None:
        """Nothing can be kept."""
        raise Unavailable("the database cannot be reached: OperationalError")


@pytest.mark.parametrize("reads", [True, False])
async def test_away(reads: bool) -> None:
    """When the store is away nothing is claimed, in the language of the words, with a reference that is in the log."""
    desk = desk_over(Away(reads=reads))
    for words, kind in (("I am a senior MLOps engineer", "cannot get at my memory"), ("Ich bin Senior", "Gedächtnis")):
        with structlog.testing.capture_logs() as events:
            reply = await answer(Turn(ME, HERE, words=words), desk)
        (event,) = events
        assert kind in text(reply)
        assert not any(claim in text(reply) for claim in ("saved:", "Gespeichert"))
        assert event["event"] == "store_unavailable"
        assert event["reference"] in text(reply)
        assert words not in str(event)


async def test_away_gives_back_what_was_written() -> None:
    """What somebody wrote into a form comes back with the sorry, and no room sees it."""
    desk = desk_over(Away(reads=True))
    clause = next(one.id for _, one in desk.matrix.clauses())
    reply = await press(AddEvidence(clause=clause, text="rolled it out", link="https://example.com/42"), desk)
    assert reply.private
    assert all(words in text(reply) for words in ("cannot get at my memory", "rolled it out", "https://example.com/42"))
    assert reply.failed
