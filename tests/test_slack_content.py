"""Everything the coach can answer from the shipped content, as Slack takes it."""

from __future__ import annotations

import datetime
import itertools

import pytest

from bot.app import make_answer, make_desk
from bot.slack.render import render
from bot.slack.reply_to import ReplyTo
from bot.slack.views import render_home, render_modal
from bot.store.memory import MemoryStore
from content.load import load
from content.matrix import Matrix
from content.search import Index
from handlers.answer import answer
from handlers.intent import (
    AddEvidence,
    AskPrivacy,
    ConfirmMilestone,
    FindLevel,
    ListMilestones,
    MarkDone,
    PickMilestone,
    SetLanguage,
    SetProfile,
    ShowEvidence,
    ShowPacket,
    ShowProfile,
    SuggestNext,
    Unclear,
)
from handlers.ports import Desk, Understood
from handlers.turn import Person, Place, Turn
from tests import matrices
from tests.questions import questions
from tests.slack import payload, running
from tests.slack_check import faults, view_faults

NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)


def desk_of(matrix: Matrix) -> Desk:
    content = load()
    return Desk(
        matrix=matrix,
        texts=content.texts,
        index=lambda: Index(matrix, content.glossary),
        scales=content.scales,
        understand=lambda words, *, hint=None: Understood(Unclear(), hint or "en"),
        store=MemoryStore(),
        now=lambda: NOW,
    )


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_all_content_is_within_the_limits(lang: str) -> None:
    """Every answer from the shipped content fits into one message that Slack takes."""
    desk = desk_of(load().matrix)
    for intent in questions(desk.matrix):
        turn = Turn(Person("slack", "T0TEAM001", "U012ANNA01"), Place("C0GENERAL", True), intent=intent, lang=lang)
        messages = render(await answer(turn, desk))
        assert [faults(message) for message in messages] == [[]], intent


async def test_a_large_framework_is_within_the_limits() -> None:
    """Answers from a framework of many skills and roles are split or cut, and never refused."""
    desk = desk_of(matrices.matrix(60, 20, 5))
    for intent in itertools.islice(questions(desk.matrix), 0, None, 97):
        turn = Turn(Person("slack", "T0TEAM001", "U012ANNA01"), Place("C0GENERAL", True), intent=intent, lang="de")
        messages = render(await answer(turn, desk))
        assert [faults(message) for message in messages] == [[]] * len(messages), intent


@pytest.mark.parametrize("lang", ["en", "de"])
@pytest.mark.parametrize("large", [False, True])
async def test_what_is_personal_is_within_the_limits(lang: str, large: bool) -> None:
    """Whatever someone on their way is shown, Slack takes it as messages, in the Home tab, and in a window."""
    desk = desk_of(matrices.matrix(60, 20, 5) if large else load().matrix)
    voice, to = (
        desk.voice(lang),
        ReplyTo("D0DIRECT1", f"https://hooks.slack.com/{'x' * 120}", "1763800000.000050", home=True),
    )
    role = next(iter(desk.matrix.roles.values()))
    level = role.ladder[1]
    ids = [clause.id for cell in desk.matrix.column(role.id, level) for clause in cell.clauses]
    long = "Wörter und <Zeichen> & mehr " * 71
    windows = 0
    for intent in (
        SetProfile(role=role.id, level=level),
        *(MarkDone(clause=one) for one in ids[:4]),
        *(PickMilestone(clause=one) for one in ids[-2:]),
        *(AddEvidence(clause=one, text=long, link="https://example.com/" + "x" * 1_900) for one in ids[:4]),
        AddEvidence(text=long, link="https://example.com/" + "x" * 1_900, day=NOW.date(), sure=False),
        *(
            FindLevel(role=role.id, level=level, clause=ids[0], step=step)
            for step in ("ask", "example", "review", "result")
        ),
        *(FindLevel(role=role.id, level=level, clause=ids[0], answer="yes", step=step) for step in ("ask", "example")),
        *(ConfirmMilestone(clause=ids[0], still=still) for still in (None, True, False)),
        *(
            kind()
            for kind in (ShowProfile, SuggestNext, ListMilestones, ShowEvidence, ShowPacket, SetLanguage, MarkDone)
        ),
        AskPrivacy(),
        AskPrivacy(export=True),
    ):
        turn = Turn(Person("slack", "T0TEAM001", "U012ANNA01"), Place("D0DIRECT1"), intent=intent, lang=lang)
        reply = await answer(turn, desk)
        messages = render(reply)
        assert [faults(message) for message in messages] == [[]] * len(messages), intent
        assert view_faults(render_home(reply, voice, to, overview=False)) == [], intent
        view = render_modal(reply, voice, to)
        assert (view is None) == (reply.form is None), intent
        assert view is None or view_faults(view) == [], intent
        windows += view is not None
    assert windows >= 2


async def test_a_command_shows_the_cell_word_for_word() -> None:
    """`/skill ML Engineer senior`, signed and over HTTP, gets the cell with its source and what to do next."""
    desk = make_desk()
    cell = desk.matrix.cells["model-serving", "ml-engineer", "senior"]
    async with running(make_answer(desk)) as slack:
        status, answer = await slack.send(payload("slash"))
    assert status == 200
    quoted = [block["elements"][0] for block in answer["blocks"] if block["type"] == "rich_text"]
    assert cell.text("en")[0] in [part["elements"][0]["text"] for part in quoted if part["type"] == "rich_text_quote"]
    assert cell.source.version in answer["text"]
    assert [block["type"] for block in answer["blocks"]][-2:] == ["context", "actions"]


async def test_a_pressed_button_leads_on() -> None:
    """Every button of an answer, pressed, is answered in its place; the one that shares goes to the room."""
    async with running(make_answer(make_desk())) as slack:
        _, answer = await slack.send(payload("slash"))
        buttons = answer["blocks"][-1]["elements"]
        for count, button in enumerate(buttons, start=1):
            await slack.send(payload("button_ephemeral", actions=[button]))
            *_, call = await slack.called("response_url", count)
            shared = call.arguments["response_type"] == "in_channel"
            assert shared is ('"share":true' in button["value"])
            assert call.arguments["replace_original"] is not shared
    assert len(buttons) >= 3
