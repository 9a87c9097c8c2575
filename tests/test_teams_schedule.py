"""Summaries that are posted by themselves, and what is told when they are not."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from handlers.errors import Gone, InDoubt, TryLater
from handlers.intent import PlanPosts, TellPosted
from handlers.team_schedule import post_due
from handlers.turn import Person
from tests.talk import Talk, buttons, text
from tests.test_teams_people import SAM, make

LATE = datetime.timedelta(hours=12)
WEEKLY = {"every": "week", "weekday": 4, "minute": 9 * 60, "zone": "Europe/Berlin", "channel": "data"}


async def planned(lang: str = "en") -> Talk:
    """A team whose summary is posted on Fridays at nine in Berlin."""
    talk = Talk(lang=lang)
    await talk.asks(PlanPosts.model_validate({"team": await make(talk), **WEEKLY}))
    return talk


async def run(talk: Talk) -> list[str | None]:
    """What becomes of all that is due now."""
    return [await post_due(team, talk.desk, LATE) for team in await talk.teams.due(talk.clock.now, 10)]


async def test_a_summary_is_posted_when_it_is_due():
    """Nothing is posted before its time; then once, in the language of who planned it, and again a week later."""
    talk = await planned("de")
    assert await run(talk) == []
    talk.clock.now = datetime.datetime(2026, 4, 3, 7, 0, tzinfo=datetime.UTC)
    assert await run(talk) == ["posted"]
    assert await run(talk) == []
    (posted,) = talk.rooms.posts["data"]
    assert "woran als Nächstes arbeiten" in text(posted)
    assert "Regelmäßig gepostet, eingerichtet von" in text(posted)
    talk.clock.wait(60 * 24 * 7)
    assert await run(talk) == ["posted"]


async def test_two_clocks_post_once():
    """Two processes that take the same team at once post one summary a day."""
    talk = await planned()
    talk.clock.now = datetime.datetime(2026, 4, 3, 7, 0, tzinfo=datetime.UTC)
    (team,) = await talk.teams.due(talk.clock.now, 10)
    assert [await post_due(team, talk.desk, LATE) for _ in range(2)] == ["posted", "twice"]
    assert len(talk.rooms.posts["data"]) == 1


@pytest.mark.parametrize(("lang", "told"), [("en", "Friday, April 10, 2026"), ("de", "Freitag, 10. April 2026")])
async def test_a_summary_that_would_come_too_late_is_not_posted(lang: str, told: str):
    """After days without a worker nothing is posted; the managers hear so once, and the next one comes as planned."""
    talk = await planned(lang)
    talk.clock.now = datetime.datetime(2026, 4, 6, 7, 0, tzinfo=datetime.UTC)
    assert await run(talk) == ["late"]
    assert not talk.rooms.posts
    letter = await talk.opens()
    assert letter
    assert talk.desk.voice(lang)("team.plan.late", team="search") in text(letter)
    assert told in text(letter)
    assert not talk.teams.letters
    talk.clock.now = datetime.datetime(2026, 4, 10, 7, 0, tzinfo=datetime.UTC)
    assert await run(talk) == ["posted"]


@pytest.mark.parametrize(("hours", "outcome"), [(12, "posted"), (12.1, "late"), (24 * 7 + 1, "posted")])
async def test_how_late_a_summary_may_be(hours: float, outcome: str):
    """Up to the limit it is posted; of two that were missed the later one counts, which may be of this hour."""
    talk = await planned()
    talk.clock.now = datetime.datetime(2026, 4, 3, 7, 0, tzinfo=datetime.UTC) + datetime.timedelta(hours=hours)
    assert await run(talk) == [outcome]


async def test_a_monthly_summary_is_late_by_its_own_day():
    """A summary of every month that was missed by a week is late, though its weekday is today."""
    talk = await planned()
    team = (await talk.teams.mine(SAM))[0].team.id
    await talk.asks(PlanPosts.model_validate({"team": team, **WEEKLY, "every": "month"}))
    talk.clock.now = datetime.datetime(2026, 4, 10, 7, 0, tzinfo=datetime.UTC)
    assert await run(talk) == ["late"]


@pytest.mark.parametrize("lang", ["en", "de"])
@pytest.mark.parametrize(("failure", "key"), [(Gone(), "failed"), (InDoubt(), "doubt"), (TryLater(1), "failed")])
async def test_what_was_not_posted_is_told(failure: Exception, key: str, lang: str):
    """Every manager hears by letter what became of a summary that failed or is in doubt, once."""
    talk = await planned(lang)
    await talk.says("make <@kim> a manager of search")
    talk.clock.now = datetime.datetime(2026, 4, 3, 7, 0, tzinfo=datetime.UTC)
    talk.rooms.failure = failure
    await run(talk)
    assert {one.person.user for one in talk.teams.letters if isinstance(one.intent, TellPosted)} == {"sam", "kim"}
    told = await talk.opens()
    assert told
    assert talk.desk.voice(lang)(f"team.plan.{key}", team="search") in text(told)


async def test_nobody_left_who_may_post():
    """Where no manager may manage teams any more, or in works-council mode, nothing is posted."""
    talk = await planned()
    talk.clock.now = datetime.datetime(2026, 4, 3, 7, 0, tzinfo=datetime.UTC)
    (team,) = await talk.teams.due(talk.clock.now, 10)
    for desk in (
        replace(talk.desk, works_council=True),
        replace(talk.desk, managers=frozenset[Person]()),
        replace(talk.desk, rooms={}),
    ):
        assert await post_due(team, desk, LATE) is None
    assert not talk.rooms.posts


async def test_a_schedule_is_asked_for_and_ended():
    """What is missing is asked for with the rest standing there; an unknown zone or channel is told; off is off."""
    talk = Talk(lang="en")
    team = await make(talk)
    assert "When and where" in text(await talk.asks(PlanPosts(team=team)))
    odd = PlanPosts.model_validate({"team": team, **WEEKLY, "zone": "Atlantis"})
    assert "I know no city or time zone called “Atlantis”" in text(await talk.asks(odd))
    gone = PlanPosts.model_validate({"team": team, **WEEKLY, "channel": "nowhere"})
    assert "I find no channel there" in text(await talk.asks(gone))
    old = PlanPosts.model_validate({"team": team, **WEEKLY, "channel": "old"})
    assert "archived" in text(await talk.asks(old))
    assert "Nothing was planned" in text(await talk.asks(PlanPosts(team=team, every="off")))
    assert "Planned: every Friday" in text(await talk.asks(PlanPosts.model_validate({"team": team, **WEEKLY})))
    assert (await talk.teams.mine(SAM))[0].team.schedule
    await talk.asks(PlanPosts(team=team, every="off"))
    assert (await talk.teams.mine(SAM))[0].team.schedule is None


async def test_an_ended_schedule_comes_back_unless_there_is_a_newer_one():
    """Undo puts an ended schedule back, in the team's language; a later schedule is not overwritten by it."""
    talk = Talk(lang="en")
    team = await make(talk)
    await talk.asks(PlanPosts.model_validate({"team": team, **WEEKLY}))
    before = (await talk.teams.mine(SAM))[0].team
    (undo,) = buttons(await talk.asks(PlanPosts(team=team, every="off")))
    assert (await talk.teams.mine(SAM))[0].team.schedule is None
    talk.lang = "de"
    assert "Geplant: jeden Freitag" in text(await talk.asks(undo.intent))
    assert (await talk.teams.mine(SAM))[0].team == before
    newer = PlanPosts.model_validate({"team": team, **WEEKLY, "weekday": 1})
    await talk.asks(newer)
    assert "Jetzt kommt sie jeden Dienstag" in text(await talk.asks(undo.intent))
    kept = (await talk.teams.mine(SAM))[0].team.schedule
    assert kept
    assert kept.weekday == 1


async def test_without_numbers_the_roles_take_turns():
    """A planned page without numbers shows another role each week, whoever is counted, until each had its turn."""
    talk = await planned()
    talk.clock.now = datetime.datetime(2026, 4, 3, 7, 0, tzinfo=datetime.UTC)
    roles = len(talk.desk.matrix.roles)
    for _ in range(roles):
        assert await run(talk) == ["posted"]
        talk.clock.wait(60 * 24 * 7)
    pages = [text(one) for one in talk.rooms.posts["data"]]
    titles = {line for page in pages for line in page.splitlines() if line.startswith("What each next level asks as")}
    assert len(titles) == len(pages) == roles
