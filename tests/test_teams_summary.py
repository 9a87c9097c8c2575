"""A team's summary: the preview, the post, and what must not be told in either."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest

from handlers.errors import Barred, Gone, InDoubt, TryLater
from handlers.intent import AnswerInvite, AskTeam, InviteToTeam, MakeTeam, MarkDone, PostSummary, SetProfile
from handlers.reply import Audience, Buttons, Menu, Note, Reply
from handlers.team_pages import Look, summary
from handlers.team_posting import channel_in
from handlers.team_records import Figures
from handlers.turn import Person
from tests.talk import Talk, buttons, text

ROLE = "ml-engineer"
PEOPLE = tuple(f"person{number}" for number in range(14))


async def talk_with(people: int, lang: str = "en", *, done: int = 0) -> Talk:
    """A team “search” of so many senior ML engineers, managed by Sam; some have done the first clause."""
    talk = Talk(lang=lang, zone="Europe/Berlin")
    await talk.asks(MakeTeam(name="search"))
    (team,) = [one.team for one in await talk.teams.mine(Person("test", "acme", "sam"))]
    clause = clause_of(talk)
    for number, who in enumerate(PEOPLE[:people]):
        await talk.asks(InviteToTeam(team=team.id, people=(who,)))
        await talk.asks(SetProfile(role=ROLE, level="senior"), who)
        if number < done:
            await talk.asks(MarkDone(clause=clause), who)
        await talk.asks(AnswerInvite(team=team.id, answer="yes"), who)
    return talk


def clause_of(talk: Talk) -> str:
    """The first clause of a senior ML engineer."""
    return talk.desk.matrix.column(ROLE, "senior")[0].clauses[0].id


def post_button(reply: Reply) -> PostSummary:
    """What the button that posts a preview asks."""
    (found,) = [one.intent for one in buttons(reply) if isinstance(one.intent, PostSummary) and one.intent.key]
    return found


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_a_summary_holds_numbers_in_steps(lang: str):
    """With enough people there are counts by level, topics, required points and a table, all in steps of five."""
    talk = await talk_with(14, lang)
    shown = text(await talk.asks(AskTeam()))
    for key in ("topics", "people", "required", "heat"):
        assert talk.desk.voice(lang)(f"team.page.{key}") in shown
    assert "Senior ML Engineer" in shown
    numbers = {int(one) for one in re.findall(r"(?:≥|At least|at least|[Mm]indestens) (\d+)", shown)}
    assert numbers
    assert all(number % 5 == 0 for number in numbers)
    assert "14" not in shown
    assert not any(who in shown.casefold() for who in PEOPLE)


async def test_the_preview_is_what_is_posted():
    """What goes to the channel is block by block what the preview showed, and nothing of it is private."""
    talk = await talk_with(12)
    preview = await talk.says("team summary in <#data>")
    assert preview.private
    await talk.asks(post_button(preview))
    (posted,) = talk.rooms.posts["data"]
    assert posted.audience is Audience.ROOM
    shown = tuple(block for block in preview.blocks if not isinstance(block, Buttons | Menu))[1:]
    assert posted.blocks == shown
    assert Note(talk.desk.voice("en")("team.page.posted-by"), by="sam") in posted.blocks


async def test_pressing_twice_posts_once():
    """The same button again says that it is posted already; a new preview may be posted again."""
    talk = await talk_with(12)
    post = post_button(await talk.says("team summary in <#data>"))
    await talk.asks(post)
    assert "already" in text(await talk.asks(post))
    assert len(talk.rooms.posts["data"]) == 1
    talk.clock.wait(1)
    await talk.asks(post_button(await talk.says("team summary in <#data>")))
    assert len(talk.rooms.posts["data"]) == 2


async def test_what_is_no_longer_so_is_not_posted():
    """When the numbers have changed since the preview, nothing is posted, and the new preview is shown."""
    talk = await talk_with(12)
    preview = await talk.says("team summary in <#data>")
    assert "At least" in text(preview)
    post = post_button(preview)
    team = post.team
    for who in PEOPLE[:9]:
        await talk.asks(AnswerInvite(team=team, answer="leave"), who)
    reply = await talk.asks(post)
    assert "nothing was posted" in text(reply)
    assert not talk.rooms.posts
    await talk.asks(post_button(reply))
    assert len(talk.rooms.posts["data"]) == 1


async def test_two_previews_tell_no_more_than_two_posts():
    """One person's change moves no number, in no further preview, post or file."""
    talk = await talk_with(14, done=7)
    before = text(await talk.asks(AskTeam()))
    file = (await talk.asks(AskTeam(file=True))).files[0].content
    for who in PEOPLE[7:11]:
        await talk.asks(MarkDone(clause=clause_of(talk)), who)
        assert text(await talk.asks(AskTeam())) == before
        assert (await talk.asks(AskTeam(file=True))).files[0].content == file


async def test_what_moved_is_told_at_the_next_post():
    """The next summary compares with the last post: the same numbers are said to be the same, others in both values."""
    talk = await talk_with(14)
    await talk.asks(post_button(await talk.says("team summary in <#data>")))
    assert "The numbers are the same as on April 1, 2026" in text(await talk.asks(AskTeam()))
    for who in PEOPLE:
        await talk.asks(MarkDone(clause=clause_of(talk)), who)
    talk.clock.wait(60 * 24 * 7)
    shown = text(await talk.asks(AskTeam()))
    assert "Compared with April 1, 2026." in shown
    assert "Senior ML Engineer, done: – → ≥ " in shown


async def test_the_file_has_the_numbers_of_the_page():
    """The CSV holds no number that the figures do not, and all of them are steps."""
    talk = await talk_with(14, done=10)
    rows = list(csv.reader(io.StringIO((await talk.asks(AskTeam(file=True))).files[0].content)))
    assert rows[0][0] == "Role"
    numbers = [int(cell) for row in rows[1:] for cell in row[5:] if cell]
    assert numbers
    assert all(number % 5 == 0 for number in numbers)


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_a_small_team_gets_the_framework(lang: str):
    """Below five people there is no number, but why, and what the framework asks; another role may be chosen."""
    talk = await talk_with(4, lang)
    reply = await talk.asks(AskTeam())
    shown = text(reply)
    assert talk.desk.voice(lang)("team.page.no-numbers") in shown
    assert "≥" not in shown
    chosen = await talk.chooses({talk.desk.voice(lang)("pick.role"): "Data Scientist"})
    assert "Data Scientist" in text(chosen)
    assert not any(one.intent == AskTeam(file=True) for one in buttons(reply))


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_a_page_without_levels(lang: str):
    """Where only the size may be shown, the page says so once, and tells what the framework asks."""
    talk = await talk_with(1, lang)
    (team,) = [one.team for one in await talk.teams.mine(Person("test", "acme", "sam"))]
    voice = talk.desk.voice(lang)
    shown = text(Reply(summary(Look(team, Figures(size=5), None, ROLE), "sam", talk.desk, lang)))
    for key in ("only-size", "leave"):
        assert voice(f"team.page.{key}", team=team.name) in shown
    assert voice("team.page.size", count=5) in shown
    assert voice("team.page.ladder", role="ML Engineer") in shown
    for key in ("topics", "topics-none", "people-none", "required-none"):
        assert voice(f"team.page.{key}") not in shown


async def test_a_name_is_found_however_it_is_joined():
    """A team is found by its name with hyphens, underscores or in capitals; one that is spelled so goes first."""
    talk = Talk(lang="en")
    await talk.asks(MakeTeam(name="Data Platform"))
    for name in ("data-platform", "DATA_PLATFORM", "data plat"):
        assert "Data Platform: what to work on next" in text(await talk.asks(AskTeam(name=name)))
    await talk.asks(MakeTeam(name="data-platform"))
    assert "data-platform: what to work on next" in text(await talk.asks(AskTeam(name="data-platform")))
    assert "Which team" in text(await talk.asks(AskTeam(name="data plat")))


FAILURES = [
    (TryLater(3), "takes nothing from me right now", "failed"),
    (Gone(), "no longer there", "failed"),
    (InDoubt(), "cannot tell whether it arrived", "doubt"),
    (Barred("archived"), "archived", "failed"),
    (Barred("not-in-channel"), "/invite @Rung", "failed"),
    (Barred("no-scope"), "lack a permission", "failed"),
    (Barred("not-found"), "cannot find", "failed"),
    (Barred("refused"), "not allowed", "failed"),
]


@pytest.mark.parametrize(("failure", "words", "state"), FAILURES)
async def test_what_a_channel_refuses_is_told(failure: Exception, words: str, state: str):
    """Whatever keeps a post from its channel is told in a sentence, is on record, and another preview may be posted."""
    talk = await talk_with(12)
    post = post_button(await talk.says("team summary in <#data>"))
    talk.rooms.failure = failure
    assert words in text(await talk.asks(post))
    (team,) = [one.team for one in await talk.teams.mine(Person("test", "acme", "sam")) if one.manages]
    assert [one.state for one in talk.teams._teams[team.id].readings if one.state != "seen"] == [state]
    talk.rooms.failure = None
    talk.clock.wait(1)
    assert "Posted in" in text(await talk.asks(post_button(await talk.says("team summary in <#data>"))))


async def test_who_manages_is_a_setting():
    """Managers are everybody, or those who are named, or the people of a group; others hear so and change nothing."""
    for managers, allowed in (
        (None, True),
        (frozenset({Person("test", "acme", "sam")}), True),
        (frozenset({Person("test", "acme", "kim")}), False),
        (frozenset({Person("test", "other", "sam")}), False),
        (frozenset({Person("test", "acme", "leads")}), True),
        (frozenset[Person](), False),
    ):
        talk = Talk(lang="en")
        talk.rooms.groups["leads"] = [["sam"]]
        talk.desk = replace(talk.desk, managers=managers)
        assert ("you manage it" in text(await talk.says("make a team search"))) is allowed
        assert bool(await talk.teams.mine(Person("test", "acme", "sam"))) is allowed


async def test_nobody_reaches_the_team_of_others():
    """Whoever does not manage a team sees nothing of it and changes nothing in it, by whatever button."""
    talk = await talk_with(12)
    (team,) = [one.team for one in await talk.teams.mine(Person("test", "acme", "sam"))]
    for intent in (
        AskTeam(team=team.id),
        AskTeam(team=team.id, file=True),
        PostSummary(team=team.id, key="x", channel="data"),
    ):
        for who in ("kim", PEOPLE[0]):
            reply = await talk.asks(intent, who)
            assert "You do not manage that team" in text(reply)
            assert not reply.files
    assert not talk.rooms.posts


@pytest.mark.parametrize(
    ("typed", "channel"),
    [
        ("C0123", "C0123"),
        (" <#C0123|data> ", "C0123"),
        ("https://acme.slack.com/archives/C0123/p17000", "C0123"),
        (
            "https://teams.microsoft.com/l/channel/19%3Aabc%40thread.tacv2/General?groupId=1&tenantId=2",
            "19:abc@thread.tacv2",
        ),
    ],
)
def test_a_channel_is_found_in_what_is_pasted(typed: str, channel: str):
    """A link or a mention of a channel is as good as its id."""
    assert channel_in(typed) == channel
