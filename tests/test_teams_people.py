"""Teams as people meet them: invitations, answers, and what nobody may read out of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers.answer import answer, deliver
from handlers.errors import Barred, TryLater
from handlers.intent import (
    AnswerInvite,
    AskTeam,
    GatherRoster,
    InviteToTeam,
    ListTeams,
    MakeCard,
    MakeTeam,
    ManageTeam,
    PlanPosts,
    PostSummary,
    ReceiveCard,
    ReceiveInvite,
    RevokeCard,
    ShowTrail,
    TellManaging,
    TellPosted,
)
from handlers.reply import Reply
from handlers.turn import Person, Place, Turn
from tests.talk import Talk, buttons, text

SAM = Person("test", "acme", "sam")
SOME_TEAM = "0123456789ab"


async def make(talk: Talk, name: str = "search") -> str:
    """A team of Sam's, by its id."""
    await talk.asks(MakeTeam(name=name))
    return next(one.team.id for one in await talk.teams.mine(SAM) if one.team.name == name)


async def test_asking_again_tells_nothing():
    """Whoever asks somebody who has said yes, no, left, or nothing at all hears the same."""
    talk = Talk(lang="en")
    team = await make(talk)
    first = text(await talk.says("invite <@kim> to search"))
    for said in ("yes", "leave", "no", None):
        if said:
            await talk.asks(AnswerInvite.model_validate({"team": team, "answer": said}), "kim")
        assert text(await talk.says("invite <@kim> to search")) == first


async def test_each_one_is_asked_once():
    """An invitation that is repeated writes no second letter; after 30 days one who left may be asked again."""
    talk = Talk(lang="en")
    team = await make(talk)
    for _ in range(3):
        await talk.says("invite <@kim> and <@ben> to search")
    assert [one.person.user for one in talk.teams.letters] == ["kim", "ben"]
    await talk.asks(AnswerInvite(team=team, answer="leave"), "kim")
    talk.clock.wait(60 * 24 * 31)
    await talk.says("invite <@kim> to search")
    assert [one.person.user for one in talk.teams.letters] == ["kim", "ben", "kim"]


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_who_cannot_be_counted_is_told(lang: str):
    """A guest, an app, somebody who left, who is of elsewhere or unknown: each gets a sentence, and nobody is asked."""
    talk = Talk(lang=lang)
    team = await make(talk)
    people = ("guest", "bot", "left", "foreign", "nobody")
    shown = text(await talk.asks(InviteToTeam(team=team, people=people)))
    told = talk.desk.voice(lang)
    for key, name in (("guest", "Gus"), ("bot", "Botty"), ("inactive", "Lea"), ("foreign", "Fay")):
        assert told(f"team.invited.{key}", name=name) in shown
    assert told("team.invited.nobody", user="nobody") in shown
    assert not talk.teams.letters


async def test_a_name_alone_is_asked_about():
    """Who types a name without a mention is asked for one, because two people may share a name."""
    talk = Talk(lang="en")
    await make(talk)
    assert "two may share a name" in text(await talk.says("invite Kim to search"))
    assert not talk.teams.letters


async def test_a_roster_of_thousands():
    """Everybody of a channel is asked by the worker, after a yes, page by page; guests among them get no letter."""
    talk = Talk(lang="en")
    await make(talk)
    talk.rooms.groups["data"] = [[f"u{page}-{number}" for number in range(500)] for page in range(10)]
    talk.rooms.groups["data"][0][0] = "guest"
    assert "Shall I ask everybody in “data”?" in text(await talk.says("invite everybody in <#data> to search"))
    assert not talk.teams.letters
    assert "write to you when everybody is asked" in text(await talk.says("yes"))
    assert [one.intent for one in talk.teams.letters if isinstance(one.intent, GatherRoster)]
    told = await talk.opens()
    assert told
    assert "5000 people there were asked" in text(told)
    assert len(talk.teams.letters) == 5000
    assert await talk.opens("guest") is None
    assert await talk.opens("u9-499")


async def test_a_roster_that_breaks_off():
    """A list that cannot be read to its end is told so, and goes on where it broke when asked again."""
    talk = Talk(lang="en")
    team = await make(talk)
    talk.rooms.groups["data"] = [["kim"], ["ben"]]
    letter = GatherRoster(team=team, channel="data")
    talk.rooms.failure = TryLater(1)
    turn = Turn(SAM, Place("direct-sam"), intent=letter, lang="en")
    with pytest.raises(TryLater):
        await deliver(turn, talk.desk)
    talk.rooms.failure = Barred("no-scope")
    failed = await deliver(turn, talk.desk)
    assert failed
    assert "could not be read to its end" in text(failed)
    talk.rooms.failure = None
    assert await deliver(turn, talk.desk)
    assert [one.person.user for one in talk.teams.letters] == ["kim", "ben"]


async def test_everybody_here():
    """“Here” means the channel it is said in, and nothing in one's own chat."""
    talk = Talk(lang="en")
    await make(talk)
    assert "works in a channel" in text(await talk.says("invite everybody here to search"))
    assert "everybody in “channel”" in text(await talk.says("invite everybody here to search", channel=True))


async def test_who_is_mentioned_goes_before_everybody():
    """Who mentions people in a channel asks them, whatever else the words say of everybody there."""
    talk = Talk(lang="en")
    team = await make(talk)
    turn = Turn(
        SAM, Place("channel", shared=True), intent=InviteToTeam(team=team, people=("kim",), here=True), lang="en"
    )
    await answer(replace(turn, room="channel"), talk.desk)
    assert [one.person.user for one in talk.teams.letters] == ["kim"]


async def test_a_new_manager_hears_of_it():
    """Whoever is made a manager is told once by whom, and not any more when that is over before it arrives."""
    talk = Talk(lang="en")
    team = await make(talk)
    await talk.says("make <@kim> a manager of search")
    await talk.says("make <@kim> a manager of search")
    assert [one.intent for one in talk.teams.letters] == [TellManaging(team=team, by="sam")]
    told = await talk.opens("kim")
    assert told
    assert "Sam made you a manager of “search”." in text(told)
    await talk.asks(ManageTeam(team=team, does="step-down"), "kim")
    turn = Turn(Person("test", "acme", "kim"), Place("d"), intent=TellManaging(team=team, by="sam"), lang="en")
    assert await deliver(turn, talk.desk) is None


async def test_a_question_that_is_gone():
    """A question of a team that was ended, or was answered, is not asked any more; answering it does nothing."""
    talk = Talk(lang="en")
    team = await make(talk)
    await talk.says("invite <@kim> to search")
    await talk.asks(ManageTeam(team=team, does="end", sure=True))
    assert await talk.opens("kim") is None
    assert "no longer open" in text(await talk.asks(AnswerInvite(team=team, answer="yes"), "kim"))
    assert "no longer open" in text(await talk.asks(AnswerInvite(team=SOME_TEAM, answer="yes"), "ben"))


async def test_two_teams_are_told_apart():
    """Where several teams fit, it is asked which; a name that is taken is told."""
    talk = Talk(lang="en")
    await make(talk, "Data One")
    await make(talk, "Data Two")
    assert "There is a team called “data one”" in text(await talk.asks(MakeTeam(name="data one")))
    assert "Which team is it about?" in text(await talk.says("invite <@kim> to data"))
    await talk.chooses({"Team": "Data Two"})
    assert [one.intent for one in talk.teams.letters] == [
        ReceiveInvite(team=(await talk.teams.named(SAM, "Data Two"))[0].id, by="sam")
    ]
    assert "at most 60" not in text(await talk.asks(MakeTeam(name="x" * 60)))
    assert "up to 60 characters" in text(await talk.asks(MakeTeam(name="x" * 61)))


ALL = (
    *(AskTeam(), ListTeams(), MakeTeam(), MakeTeam(name="x"), InviteToTeam(), ShowTrail(), MakeCard()),
    *(AnswerInvite(), AnswerInvite(team=SOME_TEAM, answer="yes"), PostSummary(), PlanPosts(), ManageTeam()),
    *(GatherRoster(team=SOME_TEAM), ReceiveInvite(team=SOME_TEAM, by="kim"), TellPosted(team=SOME_TEAM, number=1)),
    TellManaging(team=SOME_TEAM, by="kim"),
    *(ReceiveCard(card="0123456789abcdef"), RevokeCard(card="0123456789abcdef")),
)


@pytest.mark.parametrize("lang", ["en", "de"])
@pytest.mark.parametrize("intent", ALL)
async def test_none_of_it_in_works_council_mode(intent: AskTeam, lang: str):
    """Works-council mode answers everything about teams and cards with why there is none, and delivers no letter."""
    talk = Talk(lang=lang, works_council=True)
    reply = await talk.asks(intent)
    assert talk.desk.voice(lang)("team.council") in text(reply)
    assert await deliver(Turn(SAM, Place("d"), intent=intent, lang=lang), talk.desk) is None
    assert not await talk.teams.mine(SAM)


@pytest.mark.parametrize("lang", ["en", "de"])
@pytest.mark.parametrize("intent", ALL)
async def test_without_a_store_or_a_platform(intent: AskTeam, lang: str):
    """Where there is no store of teams, or nobody tells who is there, a kind sentence says so, and nothing breaks."""
    talk = Talk(lang=lang)
    desk = replace(talk.desk, teams=None)
    said = await _ask(intent, desk, lang)
    assert talk.desk.voice(lang)("team.absent") in text(said)
    for words in ("make a team search", "invite <@kim> to search", "card for <@kim>", "team summary"):
        reply = await answer(Turn(SAM, Place("d"), words=words, lang=lang), replace(talk.desk, rooms={}))
        assert reply.blocks
        assert not reply.failed


async def _ask(intent: AskTeam, desk: object, lang: str) -> Reply:
    return await answer(Turn(SAM, Place("d"), intent=intent, lang=lang), desk)  # type: ignore[arg-type]


async def test_a_busy_platform_is_no_bug():
    """When the platform tells nothing of people now, the person is asked to try again, and nothing is changed."""
    talk = Talk(lang="en")
    await make(talk)

    async def busy(*_: object) -> None:
        raise TryLater(5)

    talk.rooms.who = busy  # type: ignore[method-assign, assignment]
    assert "try again" in text(await talk.says("invite <@kim> to search"))
    assert not talk.teams.letters
    assert buttons(await talk.asks(ListTeams()))
