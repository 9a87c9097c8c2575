"""What a person is told of what is kept about them, held against what is kept."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from typing import Any, get_args

import pytest

from bot.store.memory import MemoryStore
from bot.store.schema import metadata, personal
from bot.store.team_rules import Deed
from content.texts import Voice
from handlers import milestones
from handlers.heard import Answer
from handlers.intent import AskPrivacy, SetProfile, pack
from handlers.phrase import fragment, level_name, role_name, skill_name
from handlers.ports import Desk
from handlers.records import (
    AddressSet,
    EvidenceAdded,
    Fact,
    How,
    MilestoneSet,
    Nudging,
    NudgingSet,
    Outcome,
    Plan,
    Profile,
    ProfileSet,
    State,
    Subject,
    SubjectSet,
)
from handlers.reply import File, Reply
from handlers.rhythm import Rhythm
from handlers.team_records import Standing
from handlers.turn import Person, Place
from scheduler.letters import State as LetterState
from tests.talk import START, Talk, buttons, content, text

SAM = Person("test", "acme", "sam")
CLAUSES = [clause.id for _, clause in content().matrix.clauses() if "/ml-engineer/" in clause.id]
DAY = datetime.timedelta(days=1)
TODAY = START.date()
LETTER = {
    "platform": "test",
    "tenant": "acme",
    "user_id": "sam",
    "day": "2026-03-26",
    "kind": "nudge",
    "state": "sent",
    "due": "2026-03-26T05:00:00+00:00",
    "not_before": "2026-03-26T05:00:00+00:00",
    "epoch": 7,
    "tries": 1,
    "ref": "1774501200.000100",
    "trail": [["2026-03-26T05:00:00+00:00", "ready", ""]],
    "at": "2026-03-26T05:00:01+00:00",
    "intent": {"kind": "team-invited", "team": "0123456789ab", "by": "kim"},
}
WHOSE = {"platform": "test", "tenant": "acme", "user_id": "sam"}
STOOD = {"team": "0123456789ab", "standing": "yes", "manages": True, "since": "2026-03-22T05:00:00+00:00"}
COUNTED = {"role": "ml-engineer", "level": "senior", "clauses": 17, "newest": "2026-03-21T05:00:00+00:00"}
ENTRY = {"id": "18a", "at": "2026-03-20T05:00:00+00:00", "what": "asked", "by_user": "kim", "team_name": "Search & Co"}
CARD = {"id": "18b", "to_user": "ben", "lines": ["evidence:1"], "text": "Shall we <talk>?", "place": "direct-ben"}
TEAMS = {
    "membership": [WHOSE | STOOD],
    "counted": [WHOSE | COUNTED | {"team": "0123456789ab", "number": 23}],
    "trail": [WHOSE | ENTRY],
    "card": [WHOSE | CARD | {"at": "2026-03-19T05:00:00+00:00"}],
}


class WithLetter(MemoryStore):
    """A store in which everybody has a letter, which there are none of in memory, and stands in a team."""

    async def export(self, person: Person) -> dict[str, list[dict[str, Any]]]:
        """Everything that is kept about a person."""
        told = await super().export(person)
        others = {"letter": [LETTER], **TEAMS}
        whose = {"user_id": person.user}
        return told and told | {name: [row | whose for row in rows] for name, rows in others.items()}


ANSWERS = {one: pack(AskPrivacy()) for one in get_args(Answer)}


def everything(lang: str) -> tuple[Fact, ...]:
    """Something in every column, every state, and in more places than one, for someone who last wrote in `lang`."""
    return (
        ProfileSet(Profile("ml-engineer", "senior", "walk", "f9a5", "de", "Europe/Berlin", START - 40 * DAY)),
        AddressSet({"channel": "D024BE91L"}),
        *(
            MilestoneSet(clause, state, START - days * DAY, START - (days - 3) * DAY)
            for clause, state, days in zip(CLAUSES, State, (10, 20, 30, 40), strict=False)
        ),
        MilestoneSet("gone/ml-engineer/senior/gone", State.DONE, START - 50 * DAY, archived=True),
        EvidenceAdded("Served the <ranking> model", CLAUSES[0], "https://example.com/proof", (START - 60 * DAY).date()),
        NudgingSet(
            Nudging(
                Rhythm(
                    *(3, 615, "Asia/Kathmandu", TODAY - 50 * DAY, 2, "NP", TODAY - 45 * DAY),
                    paused=True,
                    window=25,
                    away_from=TODAY - 48 * DAY,
                ),
                TODAY - 51 * DAY,
                START + 9 * DAY,
                TODAY + 9 * DAY,
                TODAY - 5 * DAY,
                3,
                Plan(CLAUSES[1], "the stand-up is over", "ask <Kim>", TODAY - 12 * DAY, "partly"),
                START - 20 * DAY,
            )
        ),
        EvidenceAdded("Helped out", "gone/ml-engineer/senior/gone"),
        SubjectSet(
            Place("direct-sam"), Subject("data-scientist", "lead", "model-serving", (CLAUSES[0],), lang, ANSWERS)
        ),
        SubjectSet(Place("elsewhere"), Subject("nlp-engineer", answers={"yes": "{}"})),
    )


COVERED = {"id": "ids", "address": "address-kept"} | dict.fromkeys(
    ("kind", "due", "not_before", "epoch", "tries", "ref", "trail", "intent"), "letters-file"
)
"""Columns that the page speaks of without showing their values: the sentence that does."""


async def told(lang: str) -> tuple[Talk, dict[str, list[dict[str, Any]]]]:
    """Someone of whom everything is kept that can be, and what is kept."""
    talk = Talk(lang=lang)
    talk.desk = replace(talk.desk, store=WithLetter())
    await talk.desk.store.record(SAM, everything(lang), START)
    return talk, await talk.desk.store.export(SAM)


def shown(desk: Desk, voice: Voice, table: str, column: str, value: Any) -> str:
    """How a value of a column reads on the page."""
    match table, column:
        case "nudging", "weekday":
            return voice.weekday(value)
        case "nudging", "minute":
            return voice.time(value)
        case "nudging", "window":
            return voice("privacy.nudge-window-value", count=value)
        case "nudging", "every":
            return voice("privacy.nudge-every-value", count=value)
        case "nudging", "paused":
            return voice("privacy.nudge-paused-value")
        case "nudging", "plan_outcome":
            return voice(f"privacy.plan-outcomes.{value}")
        case "membership", "standing":
            return voice(f"privacy.team-standings.{value}")
        case "membership", "manages":
            return voice("privacy.team-manages")
        case "counted", "clauses":
            return voice("privacy.counted-clauses", count=value)
        case "card", "lines":
            return voice("privacy.card-lines", count=len(value))
        case "card", "place":
            return voice("privacy.cards-file")
        case "trail", "what":
            return voice(f"privacy.trail-whats.{value}")
        case "letter", "state":
            return voice(f"privacy.letter-states.{value}")
        case "letter", "at":
            return voice("privacy.letters-file")
        case "person", "lang":
            return voice.language(value)
        case "subject", "lang":
            return voice.language(value)
        case _, "role":
            return role_name(desk, voice, value)
        case _, "level":
            return level_name(desk, voice, value)
        case _, "skill":
            return skill_name(desk, voice, value)
        case _, "how":
            return voice(f"privacy.hows.{value}")
        case _, "answers":
            heard = (voice(f"privacy.answers.{one}") for one in value)
            return voice("privacy.subject-heard", answers=voice.list(*heard))
        case _, "state":
            return voice(f"privacy.states.{value}", count=1)
        case _, "archived":
            return voice("privacy.states.archived", count=1)
        case _, "milestones":
            return voice("privacy.subject-listed", count=len(value))
        case _, "clause" | "plan_clause":
            step = milestones.find(desk.matrix, value)
            return fragment(step.clause, voice) if step else value
        case "subject", "place":
            return voice("privacy.subject-here") if value == "direct-sam" else value
        case _, "away_from" | "away_until" | "offered" | "due_day" | "last" | "plan_day":
            return voice.date(datetime.date.fromisoformat(value))
        case _, "seen_on" | "set_at" | "since" | "chosen" | "checked" | "day" | "at" | "newest":
            return voice.date(datetime.date.fromisoformat(value[:10]))
        case _:
            return str(value)


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_the_page_against_the_export(lang: str) -> None:
    """Whatever is kept in any column of any table is on the page, or a sentence there says that it is kept."""
    talk, export = await told(lang)
    voice = talk.desk.voice(lang)
    page = text(await talk.asks(AskPrivacy()))
    assert export.keys() == {table.name for table in personal()}
    for table in personal():
        for row in export[table.name]:
            assert row.keys() == set(table.columns.keys())
            for column, value in row.items():
                if value in (None, False, [], {}, ""):
                    continue
                if column in COVERED:
                    assert voice(f"privacy.{COVERED[column]}") in page
                else:
                    assert clean(shown(talk.desk, voice, table.name, column, value)) in page, (table.name, column)


def clean(said: str) -> str:
    """With ordinary spaces, as `text` has them."""
    return said.replace("\u202f", " ").replace("\xa0", " ")


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_every_column_is_filled(lang: str) -> None:
    """The person of these tests has something in every column, so that no column goes unlooked at."""
    _, export = await told(lang)
    for table in metadata.sorted_tables:
        for column in table.columns if table in personal() else ():
            assert any(row[column.name] not in (None, False, [], "") for row in export[table.name]), column


async def test_the_file_is_the_export() -> None:
    """The file holds exactly what is kept, with the name of its form and the day."""
    talk, export = await told("en")
    reply = await talk.asks(AskPrivacy(export=True))
    (file,) = (block for block in reply.blocks if isinstance(block, File))
    assert (file.kind, file.name) == ("application/json", "rung-my-data-2026-04-01.json")
    assert json.loads(file.content) == {"format": "rung-export-1", "date": "2026-04-01", "data": export}
    assert "Served the <ranking> model" in file.content
    assert reply.private


async def test_much_is_cut_on_the_page_and_whole_in_the_file() -> None:
    """Of hundreds of entries the page names some and says how many there are; the file has all of them."""
    talk = Talk(lang="en")
    many = [EvidenceAdded(f"proof number {number}") for number in range(200)]
    await talk.desk.store.record(SAM, [*many, *(MilestoneSet(one, State.DONE) for one in CLAUSES)], START)
    page = text(await talk.asks(AskPrivacy()))
    assert page.count("proof number") == 3
    assert "197 more are in the file." in page
    assert f"Milestones done ({len(CLAUSES)})" in page
    assert contents(await talk.asks(AskPrivacy(export=True))).count("proof number") == 200


def contents(reply: Reply) -> str:
    """What is in the files of a reply."""
    return "".join(block.content for block in reply.blocks if isinstance(block, File))


async def test_a_stranger() -> None:
    """Of whom nothing is kept is told so: no file, and nothing to forget."""
    talk = Talk(lang="en")
    for intent in (AskPrivacy(), AskPrivacy(export=True)):
        reply = await talk.asks(intent)
        assert "I have not stored anything about you." in text(reply)
        assert not buttons(reply)
        assert not contents(reply)


async def test_names_that_the_framework_has_dropped() -> None:
    """What is kept of a role or a clause that is gone is shown in words, and that it is gone."""
    talk = Talk(lang="en")
    gone = ProfileSet(Profile("gardener", "chief"))
    await talk.desk.store.record(
        SAM, [gone, SubjectSet(Place("direct-sam"), Subject("gardener", "chief", "roses"))], START
    )
    page = text(await talk.asks(AskPrivacy()))
    assert "Role: “gardener”, no longer in the framework" in page
    assert "Level: “chief”, no longer in the framework" in page
    assert "gardener · chief · roses" in page


async def test_one_person_never_sees_another() -> None:
    """Neither the page nor the file holds anything of somebody else."""
    talk, _ = await told("en")
    await talk.asks(SetProfile(role="data-scientist", level="junior"), "kim")
    for intent in (AskPrivacy(), AskPrivacy(export=True)):
        reply = await talk.asks(intent, "kim")
        assert "ranking" not in text(reply) + contents(reply)
        assert "sam" not in text(reply) + contents(reply)


@pytest.mark.parametrize("lang", ["en", "de"])
def test_every_value_has_a_name(lang: str) -> None:
    """Whatever a closed column may hold has words on the page: how a level was found, short answers, every state."""
    voice = content().texts.voice(lang)
    for value in get_args(Answer):
        assert voice(f"privacy.answers.{value}")
    for value in (*get_args(How), *State):
        assert voice(f"privacy.hows.{value}" if value in get_args(How) else f"privacy.states.{value}", count=1)


@pytest.mark.parametrize("lang", ["en", "de"])
def test_words_for_every_state_of_a_letter(lang: str) -> None:
    """Whatever becomes of a letter, a plan or a team, there are words for it."""
    voice = content().texts.voice(lang)
    said = {voice(f"privacy.letter-states.{state}") for state in LetterState}
    assert len(said) >= len(LetterState) - 1
    assert len({voice(f"privacy.plan-outcomes.{outcome}") for outcome in get_args(Outcome)}) == 3
    assert len({voice(f"privacy.trail-whats.{deed}") for deed in get_args(Deed)}) == len(get_args(Deed))
    assert len({voice(f"privacy.team-standings.{standing}") for standing in (*Standing, "none")}) == 5


async def test_the_reply_tells_that_all_was_forgotten() -> None:
    """A platform that shows a page of its own learns that nothing from before may stand there."""
    talk = Talk()
    await talk.says("I am a middle ML engineer")
    reply = await talk.asks(AskPrivacy(forget=True, sure=True))
    assert reply.asked == AskPrivacy(forget=True, sure=True)
