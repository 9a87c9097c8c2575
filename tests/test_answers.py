"""What holds for every answer, whatever is asked."""

from __future__ import annotations

import datetime
from dataclasses import fields, replace
from functools import cache
from itertools import product
from typing import Any, get_args

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from content.matrix import Matrix
from handlers.answer import HANDLERS, answer
from handlers.help import ABILITIES, examples
from handlers.intent import (
    AskPrivacy,
    AskRequirement,
    CompareLevels,
    CompareRoles,
    Intent,
    ListRoles,
    MarkDone,
    OutOfScope,
    Search,
    SetProfile,
    ShowExpectations,
    ShowHelp,
    StartHere,
    SuggestNext,
    Unclear,
    pack,
    unpack,
)
from handlers.reply import Audience, Block, Bullets, Buttons, Facts, Form, Menu, Picker, Quote, Reply, Table
from handlers.turn import Person, Place, Turn
from tests.replies import intents_of
from tests.seed import Row, rows
from tests.talk import FRAMEWORKS, Talk, content, reached, text

MOST_PACKED = 2_000
"""Bytes of a button's value: the smallest limit among the platforms."""

LANGUAGES = ("en", "de")
NEVER = ("Traceback", "None", "{", "}")


def _ids(names: Any) -> st.SearchStrategy[str]:
    return st.sampled_from([*names, "gone"])


@cache
def _values(framework: str) -> dict[str, st.SearchStrategy[Any]]:
    matrix = content(framework).matrix
    clauses = [clause.id for _, clause in matrix.clauses()]
    return {
        "role": st.none() | _ids(matrix.roles),
        "level": st.none() | _ids(matrix.levels),
        "skill": st.none() | _ids(matrix.skills),
        "roles": st.lists(_ids(matrix.roles), max_size=12).map(tuple),
        "levels": st.lists(_ids(matrix.levels), max_size=12).map(tuple),
        "clause": st.none() | st.sampled_from([*clauses, "gone", "a/b/c/d"]),
        "words": st.text(max_size=80) | st.sampled_from(["canary", "TensorRT", "<!channel> *x* [y](z)"]),
        "said": st.text(max_size=80) | st.sampled_from(["backend engineer", "<at>all</at>"]),
    }


def _intents(framework: str = "shipped") -> st.SearchStrategy[Intent]:
    return intents_of(_values(framework))


def _well_formed(reply: Reply) -> None:
    assert reply.blocks
    assert not any(word in text(reply) for word in NEVER), text(reply)
    for block in reply.blocks:
        assert _full(block), block


def _full(block: Block) -> bool:
    """Whether nothing in a block is empty, nor would be refused by a platform for it."""
    match block:
        case Buttons(buttons):
            return bool(buttons) and all(button.label.strip() for button in buttons)
        case Menu(picker):
            return bool(picker.choices) and all(choice.label for choice in picker.choices)
        case Form(asked, submit):
            pickers = [field for field in asked if isinstance(field, Picker)]
            return bool(submit and asked) and all(picker.choices for picker in pickers)
        case Bullets(items):
            return bool(items) and all(item.text.strip() for item in items)
        case Facts(rows):
            return bool(rows) and all(cell for row in rows for cell in row)
        case Table(caption, header, rows):
            return bool(caption and header and rows) and all(cell for row in rows for cell in row)
        case _:
            return all(getattr(block, one.name) != "" for one in fields(block))


def _no_bug(events: list[Any]) -> None:
    assert not [event for event in events if event["log_level"] == "error"]


def test_every_intent_has_a_handler():
    """No intent is without an answer."""
    assert set(HANDLERS) == set(get_args(Intent))


@pytest.mark.parametrize("framework", FRAMEWORKS)
@settings(max_examples=300, deadline=None)
@given(data=st.data())
async def test_every_intent_is_answered_in_every_language(framework: str, data: st.DataObject):
    """Whatever can be asked gets a whole reply, in the person's language, with a profile and without."""
    for lang in LANGUAGES:
        talk = Talk(lang=lang, framework=framework)
        with structlog.testing.capture_logs() as events:
            for intent in data.draw(st.lists(_intents(framework), min_size=1, max_size=4)):
                reply = await talk.asks(intent)
                assert reply.lang == lang
                _well_formed(reply)
        _no_bug(events)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("lang", LANGUAGES)
async def test_every_place_of_the_framework_can_be_asked_for(lang: str, framework: str):
    """Each role, level and skill, alone and together, filled or not, has a whole answer."""
    talk = Talk(lang=lang, framework=framework)
    matrix = talk.desk.matrix
    with structlog.testing.capture_logs() as events:
        for role, level, skill in product((None, *matrix.roles), (None, *matrix.levels), (None, *matrix.skills)):
            for kind in (ShowExpectations, AskRequirement):
                _well_formed(await talk.asks(kind(role=role, level=level, skill=skill)))
            for other in matrix.levels:
                levels = tuple(filter(None, (level, other)))
                _well_formed(await talk.asks(CompareLevels(role=role, levels=levels, skill=skill)))
            for other in matrix.roles:
                roles = tuple(filter(None, (role, other)))
                _well_formed(await talk.asks(CompareRoles(roles=roles, level=level, skill=skill)))
    _no_bug(events)


def _entries(matrix: Matrix) -> list[Intent]:
    role = next(iter(matrix.roles))
    level, skill = matrix.roles[role].ladder[1], next(iter(matrix.skills))
    return [
        StartHere(),
        ShowHelp(),
        Unclear(),
        OutOfScope(),
        ListRoles(),
        ShowExpectations(role=role, level=level),
        ShowExpectations(role=role),
        ShowExpectations(level=level),
        CompareLevels(role=role),
        CompareRoles(roles=(role,)),
        AskRequirement(role=role, level=level),
        ShowExpectations(skill=skill),
        Search(words=matrix.skills[skill].name.texts[matrix.language]),
        SetProfile(role=role, level=level),
        SuggestNext(),
        MarkDone(),
        AskPrivacy(),
    ]


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("lang", LANGUAGES)
async def test_every_button_leads_on(lang: str, framework: str):
    """Every button and menu within two presses of where one can begin fits a platform's limit and gets an answer."""
    talk = Talk(lang=lang, framework=framework)
    seen: set[Intent] = set()
    level: list[Intent] = _entries(content(framework).matrix)
    with structlog.testing.capture_logs() as events:
        for _ in range(3):
            following: list[Intent] = []
            for intent in level:
                if intent in seen:
                    continue
                seen.add(intent)
                assert len(pack(intent).encode()) < MOST_PACKED
                assert unpack(pack(intent)) == intent
                reply = await talk.asks(intent)
                _well_formed(reply)
                following += [one for one, _ in reached(reply)]
            level = following
    _no_bug(events)
    assert len(seen) > 50


@pytest.mark.parametrize("row", rows(), ids=str)
@pytest.mark.parametrize("lang", LANGUAGES)
async def test_every_cell_is_shown_word_for_word(lang: str, row: Row):
    """A look-up shows the page's text word for word, whole and in one piece, and what it requires."""
    reply = await Talk(lang=lang).says(f"{row.role} {row.level}")
    assert [block.text for block in reply.blocks if isinstance(block, Quote)] == [row.text]
    required = {"en": "Required at this level.", "de": "Auf dieser Stufe Pflicht."}[lang]
    assert (required in text(reply)) == row.required


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("ability", ABILITIES)
async def test_the_examples_of_the_help_work(lang: str, ability: str):
    """Whoever types an example from the help gets an answer, not a question back."""
    talk = Talk(lang=lang, zone="Europe/Berlin")
    told = examples(talk.desk, talk.desk.voice(lang))
    if ability in ("level", "next", "done", "evidence", "packet", "nudges"):
        await talk.says(told["profile"])
        await talk.says(told["next"])
    understood = talk.desk.understand(told[ability], hint=lang)
    assert not isinstance(understood.intent, Unclear | OutOfScope)
    reply = await talk.says(told[ability])
    assert reply.lang == lang
    assert not any(isinstance(block, Form) for block in reply.blocks)
    for word in ("shall I", "Which", "Welche Stufe", "nothing about", "nichts gefunden"):
        assert word not in text(reply)


@settings(max_examples=100, deadline=None)
@given(intents=st.deferred(lambda: st.lists(_intents(), max_size=5)))
async def test_nobody_sees_the_profile_of_somebody_else(intents: list[Intent]):
    """What one person told changes nothing in what another one is shown, in the same place or elsewhere."""
    alone, beside = Talk(lang="en"), Talk(lang="en")
    await beside.asks(SetProfile(role="mlops-engineer", level="lead"), "kim", channel=True)
    await beside.asks(MarkDone(clause=next(content().matrix.clauses())[1].id), "kim", channel=True)
    for intent in intents:
        assert await alone.asks(intent, "sam", channel=True) == await beside.asks(intent, "sam", channel=True)


@settings(max_examples=200, deadline=None)
@given(intent=st.deferred(_intents))
async def test_private_answers_never_go_to_the_room(intent: Intent):
    """What a person told the coach stays with them, even when a button asks to share: rooms see what strangers see."""
    stranger, known = Talk(lang="en"), Talk(lang="en")
    await known.asks(SetProfile(role="mlops-engineer", level="lead"))
    reply = await known.asks(intent, channel=True, share=True)
    if intent.private:
        assert reply.audience is Audience.ASKER
        assert reply.private
    else:
        assert reply.audience is Audience.ROOM
        assert reply == await stranger.asks(intent, channel=True, share=True)
        assert not any(isinstance(block, Buttons | Menu | Form) for block in reply.blocks)


async def test_an_answer_that_leans_on_the_profile_is_private():
    """Where a gap was filled from the profile, the answer says so, and so no room may see it."""
    talk = Talk(lang="en")
    await talk.asks(SetProfile(role="mlops-engineer", level="lead"))
    for intent in (ShowExpectations(), ShowExpectations(role="ml-engineer"), CompareLevels(), AskRequirement()):
        reply = await talk.asks(intent, channel=True)
        assert "Lead / Staff MLOps Engineer" in text(reply)
        assert reply.private


@pytest.mark.parametrize("words", ["and for NLP?", "and principal?", "und bei NLP?"])
async def test_a_follow_up_does_not_give_the_profile_away(words: str):
    """After an answer that leaned on the profile, a follow-up in a room is private, or says nothing of the profile."""
    talk = Talk(lang="en")
    await talk.asks(SetProfile(role="mlops-engineer", level="lead"))
    await talk.asks(ShowExpectations(), channel=True)
    reply = await talk.says(words, channel=True)
    assert reply.private or not any(rung in text(reply) for rung in ("Lead / Staff NLP Engineer", "Principal MLOps"))


async def test_a_bug_is_told_by_a_reference_and_no_words():
    """A bug gives the person a short reference that is also in the log, with places in the code and nobody's words."""
    secret = "salary of Kim"
    talk = Talk(lang="en")

    def fail(words: str, *, hint: str | None = None) -> Any:
        raise ValueError(words)

    desk = replace(talk.desk, understand=fail)
    with structlog.testing.capture_logs() as events:
        reply = await answer(Turn(Person("test", "acme", "sam"), Place("here"), words=secret), desk)
    (event,) = events
    assert event["reference"] in text(reply)
    assert len(event["reference"]) == 8
    assert event["error"] == "ValueError"
    assert any("answer.py" in place for place in event["at"])
    assert secret not in str(event)


async def test_a_follow_up_is_forgotten_after_half_an_hour():
    """The last subject expires; until then it fills the gaps of a follow-up."""
    talk = Talk(lang="en")
    await talk.says("senior ml engineer")
    talk.clock.now += datetime.timedelta(minutes=29)
    assert "Principal ML Engineer" in text(await talk.says("and principal?"))
    talk.clock.now += datetime.timedelta(minutes=31)
    assert "Lead / Staff ML Engineer" not in text(await talk.says("and lead?"))


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_what_is_shown_elsewhere_is_not_answered_here(elsewhere: bool):
    """Where a private answer to a question in a room goes to the person's own chat, nothing in the room answers it or
    counts through it; where it is shown to the person in the room it does."""
    talk = Talk(lang="en")
    sam, room = Person("test", "acme", "sam"), Place("room", shared=True)
    await talk.asks(SetProfile(role="ml-engineer", level="middle"))

    async def says(words: str) -> Reply:
        return await answer(Turn(sam, room, words=words, elsewhere=elsewhere), talk.desk)

    async def done() -> int:
        known = await talk.desk.store.recall(sam, room, talk.clock.now)
        return len(known.done) if known else -1

    await says("what's next?")
    await says("done with the second one")
    assert await done() == (not elsewhere)
    await says("forget me")
    await says("yes")
    assert await done() == (0 if elsewhere else -1)
