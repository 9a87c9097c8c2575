"""Whether an answer helped: which answers can be rated, what a verdict is answered, and that it is nobody's."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from bot import metrics
from bot.watched import watched
from handlers.answer import answer
from handlers.intent import (
    AddEvidence,
    AskNudges,
    AskPrivacy,
    AskRequirement,
    AskTeam,
    CompareLevels,
    CompareRoles,
    FindLevel,
    Intent,
    ListRoles,
    MarkDone,
    RateAnswer,
    Search,
    SetProfile,
    ShowExpectations,
    ShowHelp,
    ShowProfile,
    StartHere,
    SuggestNext,
    Unclear,
    pack,
    unpack,
)
from handlers.reply import Reply, Text
from handlers.turn import Person, Place, Turn
from tests.door import desk_over
from tests.talk import Talk, buttons, text

ROLE = "ml-engineer"
CITING: tuple[Intent, ...] = (
    ShowExpectations(role=ROLE, level="senior"),
    CompareLevels(role=ROLE, levels=("middle", "senior")),
    CompareRoles(roles=(ROLE, "data-scientist"), level="senior"),
    Search(words="TensorRT"),
    AskRequirement(role=ROLE, skill="model-serving"),
    SuggestNext(),
)
ELSE: tuple[Intent, ...] = (
    *(ShowHelp(), StartHere(), Unclear(), AskPrivacy(), AskTeam(), AskNudges(), ShowProfile(), ListRoles()),
    *(Search(words="gardening"), AddEvidence(), MarkDone()),
    *(FindLevel(), FindLevel(role=ROLE, level="senior")),
)


def test_every_rated_kind_has_a_tag() -> None:
    """A verdict names one of the kinds of intents that can be rated, or that nobody knows which, and nothing else."""
    tags = get_args(RateAnswer.model_fields["about"].annotation)
    assert set(tags) - {"other"} == {kind.model_fields["kind"].default for kind in get_args(Intent) if kind.rated}
    with pytest.raises(ValueError, match="about"):
        unpack('{"kind":"rate","about":"sam","helped":true}')


@pytest.mark.parametrize("asked", CITING, ids=pack)
@pytest.mark.parametrize("works_council", [False, True])
async def test_what_cites_the_framework_is_rated(asked: Intent, works_council: bool) -> None:
    """An answer in the framework's own words can be rated by who asked, in either mode; a shared one cannot."""
    talk = Talk(lang="en", works_council=works_council)
    await talk.asks(SetProfile(role=ROLE, level="middle"))
    assert (await talk.asks(asked)).rated == asked
    shared = await talk.asks(asked, channel=True, share=True)
    assert shared.rated == (asked if shared.private else None)


@pytest.mark.parametrize("asked", ELSE, ids=pack)
async def test_all_else_is_not_rated(asked: Intent) -> None:
    """Forms, questions, pages about people or the coach, and answers that found nothing have nothing to be rated."""
    talk = Talk(lang="en")
    await talk.asks(SetProfile(role=ROLE, level="middle"))
    assert (await talk.asks(asked)).rated is None


@pytest.mark.parametrize("lang", ["en", "de"])
@pytest.mark.parametrize("helped", [True, False])
async def test_a_verdict_is_answered_in_private(lang: str, helped: bool) -> None:
    """Thanks come beside the answer and for the person alone; after a bad verdict with wordings that work."""
    talk = Talk(lang=lang)
    await talk.asks(CITING[0], channel=True)
    thanks = await talk.asks(RateAnswer(about="expect", helped=helped), channel=True, share=True)
    assert (thanks.private, thanks.in_place, thanks.rated) == (True, False, None)
    voice = talk.desk.voice(lang)
    assert voice("rate.counted") in text(thanks)
    assert bool(buttons(thanks)) is not helped
    examples = re.findall("[“„](.+?)[”“]", text(thanks))
    assert len(examples) == (0 if helped else 2)
    for words in examples:
        assert (await talk.says(words)).rated


async def test_a_verdict_leaves_an_open_question_open() -> None:
    """A yes after a verdict still answers what the rated page had asked."""
    talk = Talk(lang="en", reachable=True)
    await talk.asks(SetProfile(role=ROLE, level="middle"))
    page = await talk.asks(ShowExpectations(role=ROLE, level="middle"))
    assert talk.desk.voice("en")("nudges.offer") in text(page)
    await talk.asks(RateAnswer(about="expect", helped=True))
    assert isinstance((await talk.says("yes")).asked, AskNudges)


async def test_a_verdict_that_is_thanked_for_elsewhere_changes_nothing() -> None:
    """A thumb in a channel, thanked for where only the person sees it, leaves what was spoken of there as it was."""
    talk = Talk(lang="en")
    sam, room = Person("test", "acme", "sam"), Place("channel", shared=True)
    await talk.asks(SetProfile(role=ROLE, level="middle"))
    await talk.says("what's next?", channel=True)
    await talk.says("done with the second one", channel=True)
    before = await talk.desk.store.recall(sam, room, talk.clock.now)
    assert before
    assert before.subject
    assert before.subject.answers
    thumb = Turn(sam, room, intent=RateAnswer(about="expect", helped=True), pressed=True, elsewhere=True)
    assert (await answer(thumb, talk.desk)).private
    after = await talk.desk.store.recall(sam, room, talk.clock.now)
    assert after
    assert after.subject == before.subject


async def test_nothing_of_a_verdict_is_kept() -> None:
    """What is known of a person is the same before and after their verdict, and of a stranger there is nothing."""
    talk = Talk(lang="en")
    kim, sam = Person("test", "acme", "kim"), Person("test", "acme", "sam")
    await talk.asks(RateAnswer(about="expect", helped=False), who="kim")
    assert not any((await talk.desk.store.export(kim)).values())
    await talk.asks(SetProfile(role=ROLE, level="middle"))
    before = await talk.desk.store.export(sam)
    await talk.asks(RateAnswer(about="expect", helped=False))
    assert await talk.desk.store.export(sam) == before
    assert any(before.values())


async def test_verdicts_are_counted_by_kind() -> None:
    """A verdict is a figure by platform, kind of question and verdict; one that was not answered is none."""
    about = RateAnswer(about="levels", helped=False)
    turn = Turn(Person("slack", "T1", "U-wombat"), Place("D-wombat"), intent=about, pressed=True)
    name = 'rung_feedback_total{intent="levels",platform="slack",verdict="did_not_help"}'
    before = _count(name)
    desk = desk_over(Talk().desk.store)
    await watched(lambda turn: answer(turn, desk))(turn)
    assert _count(name) == before + 1

    async def fail(_: Turn) -> Reply:
        return Reply((Text("Sorry."),), failed=True)

    await watched(fail)(turn)
    assert _count(name) == before + 1
    assert "wombat" not in metrics.expose().decode()


def _count(name: str) -> float:
    lines = metrics.expose().decode().splitlines()
    return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(name)), 0.0)
