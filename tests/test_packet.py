"""The promotion packet: all that a level requires, where one stands with it, and not a word of judgement."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.matrix import Matrix, Requirement
from handlers.intent import SetProfile, ShowPacket
from handlers.phrase import fragment
from handlers.records import EvidenceAdded, Fact, MilestoneSet, Profile, ProfileSet, State
from handlers.reply import File, Reply
from handlers.turn import Person
from tests import matrices
from tests.talk import FRAMEWORKS, START, Talk, content, text

SAM = Person("test", "acme", "sam")
DAY = datetime.timedelta(days=1)
HEADINGS = {
    "open": "## Required, still open",
    "partly": "## Required, partly there",
    "working": "## Required, in work",
    "done": "## Required, done",
}
APART = {State.DONE: "done", State.WORKING: "working", State.PARTLY: "partly"}


def files(reply: Reply) -> Mapping[str, File]:
    """The files of a reply by the end of their names."""
    return {block.name.rpartition(".")[2]: block for block in reply.blocks if isinstance(block, File)}


async def packet(facts: list[Fact], talk: Talk, level: str | None = "senior") -> Reply:
    """The packet of a middle ML engineer with these facts."""
    await talk.asks(SetProfile(role="ml-engineer", level="middle"))
    await talk.desk.store.record(SAM, facts, START)
    return await talk.asks(ShowPacket(level=level))


@given(st.lists(st.sampled_from((None, *State)), min_size=4, max_size=4))
async def test_every_clause_stands_once_in_its_part(states: list[State | None]) -> None:
    """Each required clause is in the file once, under its state; what is open comes first, then what is so in part."""
    talk = Talk(lang="en")
    voice = talk.desk.voice("en")
    (cell,) = talk.desk.matrix.column("ml-engineer", "senior")
    said = dict(zip(cell.clauses, states, strict=True))
    facts: list[Fact] = [MilestoneSet(clause.id, state) for clause, state in said.items() if state]
    markdown = files(await packet(facts, talk))["md"].content
    parts = {part.partition("\n")[0]: part for part in re.split(r"\n(?=## )", markdown)[1:]}
    shown = [heading for heading in HEADINGS.values() if heading in parts]
    assert list(parts)[: len(shown)] == shown
    for clause, state in said.items():
        part = APART.get(state, "open") if state else "open"
        assert markdown.count(fragment(clause, voice)) == 1
        assert fragment(clause, voice) in parts[HEADINGS[part]]
    assert ("No required clause is open." in markdown) == (not {HEADINGS["open"], HEADINGS["partly"]} & parts.keys())


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_evidence_with_day_and_age(lang: str) -> None:
    """Each piece of evidence is in both files with its text, its link, its day and how long ago that was."""
    talk = Talk(lang=lang)
    clause = talk.desk.matrix.column("ml-engineer", "senior")[0].clauses[0].id
    facts: list[Fact] = [
        MilestoneSet(clause, State.DONE, START - 20 * DAY),
        EvidenceAdded(
            "Served <b>it</b> & measured", clause, "https://example.com/p?a=1&b=2", (START - 21 * DAY).date()
        ),
        EvidenceAdded("A talk", clause, None, START.date()),
        EvidenceAdded("On call", None, "javascript:alert(1)"),
    ]
    reply = await packet(facts, talk)
    found = files(reply)
    ago = {"en": "March 11, 2026 (3 weeks ago)", "de": "11. März 2026 (vor 3 Wochen)"}[lang]
    today = {"en": "(today)", "de": "(heute)"}[lang]
    for content_of in (found["md"].content, found["html"].content):
        assert ago in content_of
        assert today in content_of
        assert "A talk" in content_of
        assert "On call" in content_of
    assert "Served &lt;b&gt;it&lt;/b&gt; &amp; measured" in found["html"].content
    assert 'href="https://example.com/p?a=1&amp;b=2"' in found["html"].content
    assert 'href="javascript' not in found["html"].content
    assert f'<html lang="{lang}">' in found["html"].content
    assert reply.private


def large() -> Matrix:
    """A framework of many skills with one role, some of them required."""
    return matrices.matrix(120, 1, 5)


async def test_a_large_framework_is_cut_in_the_chat_and_whole_in_the_files() -> None:
    """The chat shows the beginning of each part and how much more there is; the files hold every clause."""
    talk = Talk(lang="en")
    talk.desk = replace(talk.desk, matrix=large())
    (role,) = talk.desk.matrix.roles.values()
    await talk.asks(SetProfile(role=role.id, level=role.ladder[1]))
    reply = await talk.asks(ShowPacket())
    cells = talk.desk.matrix.column(role.id, role.ladder[2])
    clauses = [clause for cell in cells for clause in cell.clauses]
    required = [one for cell in cells if cell.requirement is Requirement.REQUIRED for one in cell.clauses]
    assert f"{len(required) - 5} more are in the files." in text(reply)
    assert text(reply).count("•") <= 15
    for file in files(reply).values():
        assert file.content.count("<li>") + file.content.count("\n- **") >= len(clauses)
        assert not re.search("more (is|are) in the files", file.content)


@pytest.mark.parametrize("lang", ["en", "de"])
@pytest.mark.parametrize("framework", FRAMEWORKS)
async def test_every_level_has_a_packet(framework: str, lang: str) -> None:
    """For whatever role and level there is a packet with files of fit names, without a score, or a word why not."""
    talk = Talk(lang=lang, framework=framework)
    for role in talk.desk.matrix.roles.values():
        for level in role.ladder:
            chosen = ProfileSet(Profile(role.id, level), only=frozenset({"role", "level"}))
            await talk.desk.store.record(SAM, [chosen], START)
            reply = await talk.asks(ShowPacket())
            above = role.above(level) or level
            assert bool(files(reply)) == bool(talk.desk.matrix.column(role.id, above))
            for file in files(reply).values():
                assert re.fullmatch(r"rung-[a-z0-9-]+-2026-04-01\.(md|html)", file.name)
                words = file.content.partition("<body>")[2] or file.content
                assert not re.search(r"\d ?%|\d/\d|\d (of|von) \d|score|ready|bereit", words)


async def test_a_framework_that_requires_nothing() -> None:
    """Where the framework does not say what is required, nothing is called so, and the clauses are there in full."""
    talk = Talk(lang="en")
    matrix = talk.desk.matrix
    cells = {place: replace(cell, requirement=Requirement.UNSTATED) for place, cell in matrix.cells.items()}
    talk.desk = replace(talk.desk, matrix=replace(matrix, cells=cells))
    clause = matrix.column("ml-engineer", "senior")[0].clauses[0].id
    markdown = files(await packet([MilestoneSet(clause, State.DONE)], talk))["md"].content
    assert "Required" not in markdown
    assert "The framework does not say which of these are required." in markdown
    assert list(re.findall("^## (.+)", markdown, re.MULTILINE)) == ["Still open", "Done"]


async def test_what_is_optional_comes_last_and_in_short() -> None:
    """Optional clauses stand at the end with their state, and without the evidence that takes up room."""
    talk = Talk(lang="en")
    matrix = talk.desk.matrix
    cells = {place: replace(cell, requirement=Requirement.OPTIONAL) for place, cell in matrix.cells.items()}
    talk.desk = replace(talk.desk, matrix=replace(matrix, cells=cells))
    clause = matrix.column("ml-engineer", "senior")[0].clauses[0].id
    facts: list[Fact] = [MilestoneSet(clause, State.DONE, START - 7 * DAY), EvidenceAdded("proof", clause)]
    markdown = files(await packet(facts, talk))["md"].content
    assert list(re.findall("^## (.+)", markdown, re.MULTILINE)) == ["Optional"]
    assert "Done since March 25, 2026 (1 week ago)" in markdown
    assert "proof" not in markdown


async def test_a_level_of_other_roles() -> None:
    """A level that the person's role does not have is not made up: the levels of the role are offered."""
    talk = Talk(lang="en", framework="varied")
    ladders = {role.id: role.ladder for role in talk.desk.matrix.roles.values()}
    role, other = next(
        (one, level) for one in ladders for level in talk.desk.matrix.levels if level not in ladders[one]
    )
    await talk.asks(SetProfile(role=role, level=ladders[role][0]))
    reply = await talk.asks(ShowPacket(level=other))
    assert "is not a level of" in text(reply)
    assert not files(reply)


def test_the_shipped_framework_is_as_these_tests_take_it() -> None:
    """A senior ML engineer has one required cell of four clauses."""
    (cell,) = content().matrix.column("ml-engineer", "senior")
    assert (cell.requirement, len(cell.clauses)) == (Requirement.REQUIRED, 4)
