"""What every store of teams keeps, counts and forgets, whatever it is made of."""

from __future__ import annotations

import asyncio
import datetime
import json
import random
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.store.letters import SqlPost
from bot.store.memory_teams import MemoryTeams
from bot.store.schema import counted, letter, reading
from bot.store.sql import SqlStore
from bot.store.teams import PAGE, SqlTeams
from handlers.intent import ReceiveCard, ReceiveInvite, TellPosted
from handlers.ports import Store
from handlers.records import AddressSet, MilestoneSet, Profile, ProfileSet, State
from handlers.team_records import Asked, Card, Figures, Membership, Rung, Schedule, Standing, Tally, Team, Teams
from handlers.team_times import next_post
from handlers.turn import Person, Place
from scheduler.letters import Settled, Workspace
from scheduler.letters import State as LetterState
from tests.test_store_schema import statements

NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
BOSS, DEPUTY = Person("slack", "T1", "BOSS"), Person("slack", "T1", "DEPUTY")
SENIOR = Rung("ml-engineer", "senior")
SERVING, TUNING = "model-serving/ml-engineer/senior/designs", "model-serving/ml-engineer/senior/tunes"
MONDAYS = Schedule("week", 0, 540, "Europe/Berlin")
SOME, OTHER = Figures(3, {SENIOR: 3}, {(SENIOR, SERVING): (3, 0, 0)}), Figures(6)
ADDRESS = {"channel": "D1", "user": "BOSS", "service": "https://example.test"}


def member(number: int, tenant: str = "T1") -> Person:
    """Somebody in a workspace."""
    return Person("slack", tenant, f"U{number}")


async def tell(store: Store, who: Person, *clauses: str, level: str = "senior") -> None:
    """Somebody tells their level, and what is done."""
    facts = [ProfileSet(Profile("ml-engineer", level)), *(MilestoneSet(one, State.DONE) for one in clauses)]
    await store.record(who, facts, NOON - DAY)


async def make(teams: Teams, name: str = "Search", count: int = 0, first: int = 0) -> Team:
    """A team in which so many people are counted."""
    team = await teams.create(BOSS, name, NOON)
    assert team
    users = [member(first + number).user for number in range(count)]
    await teams.ask(team, users, BOSS, NOON)
    for user in users:
        assert await teams.answer(Person("slack", "T1", user), team.id, Standing.YES, NOON)
    return team


async def post(teams: Teams, team: Team, figures: Figures = SOME, key: str = "k") -> int:
    """A reading that was posted."""
    begun = await teams.begin(team, figures, "C1", BOSS, key, NOON)
    assert begun
    await teams.finish(team, begun.number, "posted", "1.2", NOON)
    return begun.number


async def whats(teams: Teams, who: Person) -> list[str]:
    """What somebody's trail tells, oldest first."""
    return [entry.what for entry in reversed(await teams.trail(who, 99))]


async def test_create(teams: Teams) -> None:
    """Whoever makes a team manages it and is not counted; its name is there once in a workspace, in whatever case."""
    team = await teams.create(BOSS, " Search  und Größe ", NOON)
    assert team
    assert (team.name, len(team.id), len(team.secret)) == ("Search und Größe", 12, 16)
    assert await teams.mine(BOSS) == [Membership(team, Standing.NO, True, NOON)]
    assert await teams.managers(team) == ["BOSS"]
    assert await teams.create(DEPUTY, "SEARCH und grösse", NOON) is None
    other = await teams.create(replace(DEPUTY, tenant="T2"), "search und größe", NOON)
    assert other
    assert other.secret != team.secret
    assert await teams.tally(team) == Tally({}, {})


async def test_named(teams: Teams) -> None:
    """A team is found by its name or the beginning of it, by those who manage it."""
    longer, exact = await make(teams, "Search Core"), await make(teams, "search")
    assert await teams.named(BOSS, "SEARCH") == [exact, longer]
    assert await teams.named(BOSS, "search c") == [longer]
    assert await teams.named(BOSS, "core") == []
    assert await teams.named(DEPUTY, "search") == []


async def test_rename(teams: Teams) -> None:
    """A team gets another name unless another team has it; a change of case is no other name."""
    team, _ = await make(teams, "Search", 1), await make(teams, "Ads")
    assert not await teams.rename(team, "ADS", BOSS, NOON + HOUR)
    assert await teams.rename(team, "SEARCH", BOSS, NOON + HOUR)
    assert await teams.rename(team, "Find", BOSS, NOON + HOUR)
    assert [one.team.name for one in await teams.mine(BOSS)] == ["Ads", "Find"]
    (entry, *_) = await teams.trail(member(0), 9)
    assert (entry.what, entry.by, entry.team, entry.at) == ("renamed", "BOSS", "Find", NOON + HOUR)


async def test_who_only_asked_something_can_be_written_to(store: Store, teams: Teams) -> None:
    """Somebody known without an address gets one with the question; somebody who has one keeps it."""
    await store.record(BOSS, [AddressSet(ADDRESS)], NOON)
    await store.record(member(1), [ProfileSet(Profile(role="ml-engineer"), only=frozenset({"role"}))], NOON)
    await store.record(member(2), [AddressSet({"channel": "D2"})], NOON)
    team = await make(teams)
    assert await teams.ask(team, ["U1", "U2"], BOSS, NOON) == Asked(2, 0, 0)
    met, reached = [await store.recall(member(number), Place("D"), NOON) for number in (1, 2)]
    assert met
    assert reached
    assert met.address == {"service": "https://example.test", "user": "U1"}
    assert met.profile.role == "ml-engineer"
    assert reached.address == {"channel": "D2"}


async def test_asking(store: Store, teams: Teams) -> None:
    """Each person is asked once, with a letter, and becomes no more known by it; who said no is left alone for a
    month."""
    await store.record(BOSS, [AddressSet(ADDRESS)], NOON)
    team = await make(teams)
    users = [member(number).user for number in (1, 2, 3, 1)]
    assert await teams.ask(team, users, BOSS, NOON) == Asked(3, 0, 0)
    assert await teams.mine(member(1)) == [Membership(team, Standing.ASKED, False, NOON)]
    await teams.answer(member(1), team.id, Standing.NO, NOON)
    await teams.answer(member(2), team.id, Standing.YES, NOON)
    assert await teams.ask(team, [*users, "U4", "BOSS"], BOSS, NOON + 29 * DAY) == Asked(2, 1, 2)
    assert await teams.ask(team, users, BOSS, NOON + 30 * DAY) == Asked(1, 0, 2)
    known = await store.recall(member(3), Place("D3"), NOON)
    assert known
    assert known.address == {"service": "https://example.test", "user": "U3"}
    asked = ReceiveInvite(team=team.id, by="BOSS")
    found = await letters(store, teams)
    assert {(user, kind) for user, kind, _ in found} == {
        (user, f"invite:{team.id}") for user in ("U1", "U2", "U3", "U4", "BOSS")
    }
    assert all(intent == asked for *_, intent in found)
    assert len(found) == 6


async def letters(store: Store, teams: Teams) -> list[tuple[str, str, object]]:
    """To whom letters were written, of what kind, and what they ask."""
    if isinstance(teams, MemoryTeams):
        return [(one.person.user, one.kind, one.intent) for one in teams.letters]
    assert isinstance(store, SqlStore)
    post = SqlPost(store.database)
    here = Workspace("slack", "T1")
    later = NOON + 30 * DAY
    epoch = await post.begin(here, later)
    return [(one.person.user, one.kind, one.intent) for one in await post.claim(here, epoch, 99, later, HOUR)]


async def test_answers(teams: Teams) -> None:
    """A person says yes, no, or leaves, and may think again; nobody answers who was not asked."""
    team = await make(teams)
    await teams.ask(team, ["U1"], BOSS, NOON)
    assert await teams.answer(member(2), team.id, Standing.YES, NOON) is None
    assert await teams.answer(member(1), "0123456789ab", Standing.YES, NOON) is None
    assert await teams.answer(member(1, "T2"), team.id, Standing.YES, NOON) is None
    for hours, standing in enumerate((Standing.NO, Standing.YES, Standing.YES, Standing.LEFT), 1):
        assert await teams.answer(member(1), team.id, standing, NOON + hours * HOUR) == team
    assert await teams.mine(member(1)) == []
    assert await whats(teams, member(1)) == ["asked", "no", "yes", "left"]
    assert [entry.by for entry in await teams.trail(member(1), 2)] == ["U1", "U1"]
    with pytest.raises(ValueError, match="asks"):
        await teams.answer(member(1), team.id, Standing.ASKED, NOON)


async def test_managing(teams: Teams) -> None:
    """A team is handed over, and never left without anybody to manage it; who steps down goes on being counted."""
    team = await make(teams, count=1)
    assert not await teams.manage(team, "BOSS", BOSS, NOON, manages=False)
    for user in ("DEPUTY", "U0"):
        for _ in range(2):
            assert await teams.manage(team, user, BOSS, NOON, manages=True)
    assert await teams.managers(team) == ["BOSS", "DEPUTY", "U0"]
    for user in ("BOSS", "U0"):
        assert await teams.manage(team, user, DEPUTY, NOON + HOUR, manages=False)
    assert await teams.managers(team) == ["DEPUTY"]
    assert await teams.mine(BOSS) == []
    assert [(one.standing, one.manages) for one in await teams.mine(member(0))] == [(Standing.YES, False)]
    assert await whats(teams, BOSS) == ["managing", "not-managing"]
    assert (await teams.trail(BOSS, 1))[0].by == "DEPUTY"


async def test_tally(store: Store, teams: Teams) -> None:
    """Only those who agreed are counted, by their own rung; what is archived or not begun counts as open."""
    team = await make(teams, count=4)
    await teams.ask(team, ["U9"], BOSS, NOON)
    for number in (0, 1, 9):
        await tell(store, member(number), SERVING, TUNING)
    facts = [
        MilestoneSet(TUNING, State.PARTLY),
        MilestoneSet("a/b/c/d", State.WORKING),
        MilestoneSet("b/b/c/d", State.NOT_YET),
        MilestoneSet("c/b/c/d", State.DONE, archived=True),
    ]
    await store.record(member(1), facts, NOON)
    await tell(store, member(2), level="lead")
    tally = await teams.tally(team)
    assert tally.people == {SENIOR: 2, Rung("ml-engineer", "lead"): 1, None: 1}
    assert tally.clauses == {(SENIOR, SERVING): (2, 0), (SENIOR, TUNING): (1, 1), (SENIOR, "a/b/c/d"): (0, 1)}
    assert (tally.total, tally.changed, tally.alike) == (4, 4, False)


async def test_changed(store: Store, teams: Teams) -> None:
    """Whoever joined, left, was forgotten, or has another role, level or clause since the last reading has changed."""
    team = await make(teams, count=8)
    for number in range(8):
        await tell(store, member(number), SERVING)
    await post(teams, team)
    assert (await teams.tally(team)).changed == 0
    await store.record(member(0), [MilestoneSet(TUNING, State.DONE)], NOON)
    await store.record(member(1), [MilestoneSet(SERVING, State.WORKING)], NOON)
    await tell(store, member(2), level="lead")
    assert (await teams.tally(team)).changed == 3
    await teams.answer(member(3), team.id, Standing.LEFT, NOON)
    await store.forget(member(4), NOON)
    assert (await teams.tally(team)).changed == 5
    await teams.ask(team, ["U20"], BOSS, NOON)
    assert (await teams.tally(team)).changed == 5
    await teams.answer(member(20), team.id, Standing.YES, NOON)
    assert (await teams.tally(team)).changed == 6
    await store.record(member(5), [MilestoneSet("a/b/c/d", State.NOT_YET)], NOON)
    await tell(store, member(2))
    await teams.answer(member(3), team.id, Standing.YES, NOON)
    assert (await teams.tally(team)).changed == 4


async def test_repeated(store: Store, teams: Teams) -> None:
    """A reading that repeats the numbers before it counts nobody anew, so that small changes add up."""
    team = await make(teams, count=4)
    await post(teams, team, key="1")
    await tell(store, member(0))
    await post(teams, team, key="2")
    assert (await teams.tally(team)).changed == 1
    assert await whats(teams, member(1)) == ["asked", "yes", "posted", "posted"]
    await post(teams, team, OTHER, key="3")
    assert (await teams.tally(team)).changed == 0


@pytest.mark.parametrize("state", ["failed", "doubt", "posting"])
async def test_not_posted(store: Store, teams: Teams, state: str) -> None:
    """What was not taken is as if it had never been; what may have been seen counts as seen."""
    team = await make(teams, count=4)
    await post(teams, team, key="1")
    await tell(store, member(0))
    begun = await teams.begin(team, OTHER, "C1", BOSS, "2", NOON)
    assert begun
    assert (begun.number, begun.state, begun.by, begun.channel) == (2, "posting", "BOSS", "C1")
    if state != "posting":
        await teams.finish(team, 2, state, None, NOON)  # type: ignore[arg-type]
    published = await teams.published(team)
    assert published
    assert (await teams.tally(team)).changed == (1 if state == "failed" else 0)
    assert (published.number, published.figures) == ((1, SOME) if state == "failed" else (2, OTHER))
    assert await whats(teams, member(1)) == ["asked", "yes", "posted"]
    for _ in range(2):
        await teams.finish(team, 2, "posted", "1.3", NOON)
    assert len(await whats(teams, member(1))) == (3 if state == "failed" else 4)
    await teams.finish(team, 2, "failed", None, NOON)
    assert (await teams.tally(team)).changed == (1 if state == "failed" else 0)


async def test_seen(store: Store, teams: Teams) -> None:
    """What a manager was shown counts as seen, once for the same figures; what a new post is compared with is only
    what was posted."""
    team = await make(teams, count=4)
    posted = await post(teams, team)
    first = await teams.seen(team, SOME, BOSS, NOON)
    assert (first.number, first.state, first.key) == (posted, "posted", "k")
    await tell(store, member(0))
    fresh = replace(OTHER, round=1, basis=replace(SOME, clauses={(SENIOR, TUNING): (0, 1, 7)}))
    shown = await teams.seen(team, fresh, BOSS, NOON + HOUR)
    assert (shown.number, shown.state, shown.by, shown.channel, shown.at) == (2, "seen", "BOSS", "", NOON + HOUR)
    assert await teams.seen(team, fresh, DEPUTY, NOON + DAY) == shown
    assert await teams.published(team) == shown
    last = await teams.posted(team)
    assert last
    assert (last.number, last.key, last.figures) == (1, "k", SOME)
    assert (await teams.tally(team)).changed == 0
    await teams.finish(team, 2, "failed", None, NOON)
    assert await teams.published(team) == shown
    again = await teams.seen(team, replace(fresh, round=2), BOSS, NOON + DAY)
    other = await teams.seen(team, replace(fresh, round=2, basis=None), BOSS, NOON + DAY)
    assert (again.number, other.number) == (3, 4)
    assert [entry.what for entry in await teams.trail(member(1), 1)] == ["posted"]
    exported = await store.export(member(1))
    assert [row["number"] for row in exported["counted"]] == [4]


async def test_posted_after_it_was_seen(store: Store, teams: Teams) -> None:
    """A post of what was seen counts nobody anew, and those whom it counted can read so; one that was on its way while
    others were seen tells those whom it counted itself."""
    team = await make(teams, count=4)
    await teams.seen(team, SOME, BOSS, NOON)
    await post(teams, team)
    assert (await teams.tally(team)).changed == 0
    assert (await whats(teams, member(1)))[2:] == ["posted"]
    begun = await teams.begin(team, OTHER, "C1", BOSS, "2", NOON)
    assert begun
    await teams.answer(member(0), team.id, Standing.LEFT, NOON)
    await teams.seen(team, SOME, BOSS, NOON)
    await teams.finish(team, begun.number, "posted", "1.3", NOON)
    assert (await whats(teams, member(0)))[2:] == ["posted", "left", "posted"]
    assert (await teams.tally(team)).changed == 0


async def test_seen_is_what_was_counted(store: Store, teams: Teams) -> None:
    """What somebody says between counting and writing down was not shown, and so it has changed since; whoever is
    forgotten meanwhile is not written down."""
    team = await make(teams, count=6)
    for number in range(6):
        await tell(store, member(number), "a", "b")
    tally = await teams.tally(team)
    await tell(store, member(0), "c")
    await store.forget(member(1), NOON)
    await teams.seen(team, SOME, BOSS, NOON, tally)
    assert (await teams.tally(team)).changed == 1
    assert (await teams.tally(team)).total == 5


async def test_seen_of_a_team_that_was_ended(teams: Teams) -> None:
    """Of a team that was ended meanwhile nothing is written down."""
    team = await make(teams, count=1)
    await teams.end(team, BOSS, NOON)
    assert (await teams.seen(team, SOME, BOSS, NOON)).number == 0
    assert await teams.published(team) is None
    assert await teams.posted(team) is None


async def test_a_page_without_numbers(teams: Teams) -> None:
    """A page that was posted without any numbers counts nobody, so that the first numbers count everybody."""
    team = await make(teams, count=4)
    await post(teams, team, Figures())
    assert (await teams.tally(team)).changed == 4
    await post(teams, team, key="l")
    assert (await teams.tally(team)).changed == 0


async def test_pressed_twice(teams: Teams) -> None:
    """There is one reading under a key in a team, whatever became of it."""
    team, other = await make(teams, count=3), await make(teams, "Ads")
    assert await teams.published(team) is None
    begun = await teams.begin(team, SOME, "C1", BOSS, "k", NOON)
    assert begun
    assert await teams.published(team) == begun
    assert await teams.begin(team, SOME, "C1", BOSS, "k", NOON) is None
    await teams.finish(team, begun.number, "failed", None, NOON)
    assert await teams.begin(team, OTHER, "C1", BOSS, "k", NOON) is None
    assert await teams.begin(other, SOME, "C1", BOSS, "k", NOON)
    again = await teams.begin(team, SOME, "C1", BOSS, "l", NOON)
    assert again
    assert again.number == 2
    await teams.finish(team, 2, "posted", "1.2", NOON)
    assert await teams.published(team) == replace(again, state="posted", ref="1.2")


@pytest.mark.parametrize(
    ("first", "count", "alike"),
    [
        (0, 5, True),
        (0, 6, True),
        (0, 7, True),
        (0, 8, False),
        (0, 4, True),
        (0, 2, False),
        (1, 5, True),
        (3, 5, False),
        (9, 5, False),
    ],
)
async def test_alike(teams: Teams, first: int, count: int, alike: bool) -> None:
    """A team is held back that is the same people as another one that was posted, or differs by one or two of them."""
    await post(teams, await make(teams, "Ads", 5))
    team = await make(teams, "Search", count, first)
    assert (await teams.tally(team)).alike is alike


async def test_alike_to_what_was_seen(store: Store, teams: Teams) -> None:
    """What was seen of another team holds a team back, also when somebody was forgotten since; what was not, does
    not."""
    other, team = await make(teams, "Ads", 5), await make(teams, "Search", 5)
    await teams.ask(team, ["U7"], BOSS, NOON)
    begun = await teams.begin(other, SOME, "C1", BOSS, "k", NOON)
    assert begun
    await teams.answer(member(4), team.id, Standing.LEFT, NOON)
    assert (await teams.tally(team)).alike
    await teams.finish(other, begun.number, "failed", None, NOON)
    assert not (await teams.tally(team)).alike
    await post(teams, other, key="l")
    await store.forget(member(4), NOON)
    assert (await teams.tally(team)).alike
    await teams.end(other, BOSS, NOON)
    assert not (await teams.tally(team)).alike


async def test_alike_to_what_a_manager_saw(teams: Teams) -> None:
    """What was only seen in a preview of another team holds a team back as well, but for what it has shown before."""
    other, team = await make(teams, "Ads", 5), await make(teams, "Search", 6)
    await teams.seen(other, SOME, BOSS, NOON)
    assert (await teams.tally(team)).alike
    assert not (await teams.tally(other)).alike
    for number in range(5, 11):
        await teams.ask(other, [f"U{number}"], BOSS, NOON)
        await teams.answer(member(number), other.id, Standing.YES, NOON)
    assert (await teams.tally(team)).alike
    await teams.seen(other, OTHER, BOSS, NOON)
    assert not (await teams.tally(team)).alike


async def test_plan(teams: Teams) -> None:
    """A team whose summary is due is found once, and is due again a week later; the trail tells who set it."""
    team = await make(teams, count=1)
    assert await teams.due(NOON, 9) == []
    due = next_post(MONDAYS, NOON)
    await teams.plan(team, MONDAYS, "C1", "de", due, BOSS, NOON)
    planned = replace(team, schedule=MONDAYS, channel="C1", lang="de")
    assert [one.team for one in await teams.mine(BOSS)] == [planned]
    assert await teams.due(due - HOUR, 9) == []
    assert await teams.due(due, 9) == [planned]
    assert await teams.due(due + 6 * DAY, 9) == []
    assert await teams.due(due + 7 * DAY, 9) == [planned]
    await teams.plan(team, MONDAYS, "C1", "en", due, BOSS, NOON)
    await teams.plan(team, None, "C1", "de", None, BOSS, NOON)
    assert await teams.due(NOON + 99 * DAY, 9) == []
    assert (await whats(teams, member(0)))[2:] == ["scheduled", "unscheduled"]


async def test_due_without_a_manager(store: Store, teams: Teams) -> None:
    """Nothing is posted where nobody manages the team, or its zone has been given up."""
    team, other = await make(teams), await make(teams, "Ads")
    await teams.plan(other, replace(MONDAYS, zone="Europe/Atlantis"), "C1", "de", NOON, BOSS, NOON)
    await teams.plan(team, MONDAYS, "C1", "de", NOON, BOSS, NOON)
    assert {one.id for one in await teams.due(NOON, 9)} == {team.id, other.id}
    assert await teams.due(NOON + HOUR, 9) == []
    await store.forget(BOSS, NOON)
    assert await teams.due(NOON + 99 * DAY, 9) == []


async def test_end(teams: Teams) -> None:
    """A team that is ended is gone, and everybody whom it concerned can read that it is."""
    team = await make(teams, count=2)
    await teams.ask(team, ["U5", "U6"], BOSS, NOON)
    await teams.answer(member(6), team.id, Standing.NO, NOON)
    await post(teams, team)
    await teams.end(team, BOSS, NOON + HOUR)
    await teams.end(team, BOSS, NOON + HOUR)
    for who, told in ((BOSS, True), (member(0), True), (member(5), True), (member(6), False)):
        assert await teams.mine(who) == []
        assert ((await whats(teams, who))[-1] == "ended") is told
    assert await teams.published(team) is None
    assert await teams.begin(team, SOME, "C1", BOSS, "l", NOON) is None
    assert await teams.answer(member(0), team.id, Standing.YES, NOON) is None
    assert await teams.ask(team, ["U8"], BOSS, NOON) == Asked()
    assert not await teams.manage(team, "U8", BOSS, NOON, manages=True)
    assert await teams.tally(team) == Tally({}, {})
    assert await make(teams)


async def test_forget(store: Store, teams: Teams) -> None:
    """Whoever is forgotten stands in no team and no trail, not even as who did something that concerns others."""
    team = await make(teams, count=4)
    await teams.manage(team, "DEPUTY", BOSS, NOON, manages=True)
    await post(teams, team)
    assert (await store.forget(member(0), NOON)).counts.items() >= {"membership": 1, "counted": 1, "trail": 3}.items()
    assert (await teams.tally(team)).total == 3
    receipt = await store.forget(BOSS, NOON)
    assert receipt.counts["membership"] == 1
    assert "named" not in receipt.counts
    assert await teams.managers(team) == ["DEPUTY"]
    for who in (member(0), BOSS):
        assert await teams.mine(who) == []
        assert await teams.trail(who, 9) == []
        assert await store.export(who) == {}
    published = await teams.published(team)
    assert published
    assert published.by == ""
    assert [entry.by for entry in await teams.trail(member(1), 9)] == [None, "U1", None]
    assert not [one for one in await letters(store, teams) if isinstance(store, SqlStore) and one[2] is not None]


async def test_letters(store: Store, teams: Teams) -> None:
    """A letter goes to one person, of one kind at most one a day, also to who is not known yet."""
    await store.record(BOSS, [AddressSet(ADDRESS)], NOON)
    asked = TellPosted(team="0123456789ab", number=1, outcome="doubt")
    for _ in range(2):
        await teams.write(member(1), "posted:1", asked, NOON)
    await teams.write(member(1), "posted:2", asked, NOON)
    await teams.write(member(1), "posted:1", asked, NOON + DAY)
    await teams.write(BOSS, "posted:1", asked, NOON)
    found = await letters(store, teams)
    assert sorted((user, kind) for user, kind, _ in found) == [
        ("BOSS", "posted:1"),
        *[("U1", "posted:1")] * 2,
        ("U1", "posted:2"),
    ]
    assert all(intent == asked for *_, intent in found)
    known = await store.recall(member(1), Place("D1"), NOON)
    assert known
    assert known.address == {"service": "https://example.test", "user": "U1"}


def a_card(number: int = 1, owner: Person = BOSS, to: str = "U1") -> Card:
    """A card with two lines and a question."""
    at = NOON + number * HOUR
    return Card(f"{number:016x}", owner, to, (SERVING, "evidence:1"), "Shall we?\0", at)


async def test_cards(store: Store, teams: Teams) -> None:
    """A card is kept once and brought by a letter; it knows where it arrived, and its owner alone takes it back."""
    first, second = a_card(1), a_card(2, to="U2")
    for card in (first, second, replace(first, text="Another")):
        await teams.keep_card(card, NOON)
    assert {(user, kind, intent) for user, kind, intent in await letters(store, teams)} == {
        ("U1", f"card:{first.id}", ReceiveCard(card=first.id)),
        ("U2", f"card:{second.id}", ReceiveCard(card=second.id)),
    }
    kept = await teams.card(first.id)
    assert kept
    assert replace(kept, text="") == replace(first, text="")
    assert kept.text.startswith("Shall we?")
    assert [one.id for one in await teams.cards(BOSS)] == [second.id, first.id]
    assert await teams.cards(member(1)) == []
    arrived = await teams.card(first.id, "D1")
    assert arrived
    assert (arrived.place, (await teams.cards(BOSS))[1].place) == ("D1", "D1")
    for somebody in (member(1), replace(BOSS, tenant="T2")):
        assert await teams.drop_card(somebody, first.id) is None
    assert await teams.drop_card(BOSS, first.id) == arrived
    assert await teams.drop_card(BOSS, first.id) is None
    assert await teams.card(first.id) is None
    assert await teams.card(first.id, "D1") is None
    assert [one.id for one in await teams.cards(BOSS)] == [second.id]


async def test_a_card_goes_with_both(store: Store, teams: Teams) -> None:
    """A card is erased with its owner, and with whom it is for; it is in its owner's export alone."""
    for number, to in ((1, "U1"), (2, "U2"), (3, "U2")):
        await teams.keep_card(a_card(number, to=to), NOON)
    await teams.keep_card(a_card(4, replace(BOSS, tenant="T2"), "U2"), NOON)
    (one, *_) = (await store.export(BOSS))["card"]
    assert (one["id"], one["to_user"], one["lines"], one["place"]) == (a_card().id, "U1", [SERVING, "evidence:1"], None)
    assert "card" not in await store.export(member(1))
    assert (await store.forget(member(2), NOON)).counts["card"] == 0
    assert [card.id for card in await teams.cards(BOSS)] == [a_card().id]
    assert await teams.card(a_card(4).id)
    assert (await store.forget(BOSS, NOON)).counts["card"] == 1
    assert await teams.card(a_card().id) is None
    assert await store.export(BOSS) == {}


async def test_who_was_only_shown_a_card_goes(store: Store, teams: Teams) -> None:
    """Whoever did nothing but get a card is known for as long as the card is there."""
    await store.record(BOSS, [AddressSet(ADDRESS), ProfileSet(Profile("ml-engineer"))], NOON)
    await teams.keep_card(a_card(), NOON)
    assert (await store.tidy(NOON + 9 * DAY, 300)).counts["visitor"] == 0
    assert await store.recall(member(1), Place("D1"), NOON)
    await teams.drop_card(BOSS, a_card().id)
    assert (await store.tidy(NOON + 9 * DAY, 300)).counts["visitor"] == 1
    assert await store.recall(member(1), Place("D1"), NOON) is None
    assert await store.recall(BOSS, Place("D1"), NOON)


async def test_where_a_card_is(sql_store: SqlStore) -> None:
    """The platform's id of a card's message is that of its letter, which stays for as long as the card."""
    teams, post, here = sql_teams(sql_store), SqlPost(sql_store.database), Workspace("slack", "T1")
    await teams.keep_card(a_card(), NOON)
    epoch = await post.begin(here, NOON)
    (brought,) = await post.claim(here, epoch, 9, NOON, HOUR)
    await post.settle(epoch, [Settled(brought, LetterState.SENT, "1.2")], NOON)
    for days in (0, 40):
        assert (await sql_store.tidy(NOON + days * DAY, 300)).counts["letter"] == 0
        found = await teams.card(a_card().id)
        assert found
        assert found.ref == "1.2"
    assert [one.ref for one in await teams.cards(BOSS)] == ["1.2"]
    dropped = await teams.drop_card(BOSS, a_card().id)
    assert dropped
    assert dropped.ref == "1.2"
    assert (await sql_store.tidy(NOON + 40 * DAY, 300)).counts["letter"] == 1


async def test_export(store: Store, teams: Teams) -> None:
    """The export holds how a person stands, what was counted of them and what was done, as JSON has it."""
    team = await make(teams, count=1)
    await tell(store, member(0), SERVING)
    number = await post(teams, team)
    kept = await store.export(member(0))
    assert json.loads(json.dumps(kept)) == kept
    (stands,), (counts,) = kept["membership"], kept["counted"]
    assert stands["since"] == NOON.isoformat()
    assert (stands["team"], stands["standing"], stands["manages"]) == (team.id, "yes", False)
    assert (counts["team"], counts["number"], counts["level"], counts["clauses"]) == (team.id, number, "senior", 1)
    assert {row["what"] for row in kept["trail"]} == {"asked", "yes", "posted"}


async def test_who_does_not_answer_goes(store: Store, teams: Teams) -> None:
    """A question waits for two weeks; with it goes whoever is known by nothing else."""
    team = await make(teams)
    await tell(store, member(1))
    await teams.ask(team, ["U1", "U2"], BOSS, NOON)
    for _, state in ((0, "sent"),):
        await settle_letters(store, state)
    assert (await store.tidy(NOON + 13 * DAY, 300)).counts["invitation"] == 0
    assert await store.recall(member(2), Place("D"), NOON)
    counts = (await store.tidy(NOON + 15 * DAY, 300)).counts
    assert (counts["invitation"], counts["visitor"]) == (2, 1)
    assert await store.recall(member(2), Place("D"), NOON) is None
    assert await store.recall(member(1), Place("D"), NOON)
    assert await teams.answer(member(1), team.id, Standing.YES, NOON) is None


async def settle_letters(store: Store, state: str) -> None:
    """All letters came to an end."""
    if isinstance(store, SqlStore):
        async with store.engine.execution_options(writes=True).begin() as connection:
            await connection.execute(letter.update().values(state=state, not_before=None))


async def test_who_said_no_goes(store: Store, teams: Teams) -> None:
    """A no is kept for a month, so that nobody asks again; an entry of a trail as long as people are."""
    team = await make(teams, count=1)
    await teams.ask(team, ["U1"], BOSS, NOON)
    await teams.answer(member(1), team.id, Standing.NO, NOON)
    assert (await store.tidy(NOON + 29 * DAY, 300)).counts["refusal"] == 0
    counts = (await store.tidy(NOON + 31 * DAY, 300)).counts
    assert (counts["refusal"], counts["visitor"]) == (1, 1)
    assert (await teams.tally(team)).total == 1
    await tell(store, member(0))
    await store.record(member(0), [], NOON + 299 * DAY)
    assert (await store.tidy(NOON + 301 * DAY, 300)).counts["trail"] >= 2
    assert await teams.trail(member(0), 9) == []
    assert [one.standing for one in await teams.mine(member(0))] == [Standing.YES]


async def test_a_team_alone(store: Store, teams: Teams) -> None:
    """A team that nobody manages any more goes on for a month, and then ends, unless somebody does again."""
    team, other = await make(teams, "Search", 2), await make(teams, "Ads")
    await tell(store, member(0))
    await store.forget(BOSS, NOON)
    await store.tidy(NOON, 300)
    await teams.manage(other, "DEPUTY", DEPUTY, NOON, manages=True)
    assert (await store.tidy(NOON + 30 * DAY, 300)).counts["team"] == 0
    assert len(await teams.mine(member(0))) == 1
    assert (await store.tidy(NOON + 31 * DAY, 300)).counts["team"] == 1
    assert await teams.mine(member(0)) == []
    (entry, *_) = await teams.trail(member(0), 1)
    assert (entry.what, entry.by, entry.team) == ("ended", None, team.name)
    assert await teams.managers(other) == ["DEPUTY"]


async def test_unheard_of(store: Store, teams: Teams) -> None:
    """A reading that was on its way when its process ended is in doubt an hour later."""
    team = await make(teams, count=1)
    await teams.begin(team, SOME, "C1", BOSS, "k", NOON)
    await store.tidy(NOON + HOUR / 2, 300)
    before = await teams.published(team)
    await store.tidy(NOON + 2 * HOUR, 300)
    after = await teams.published(team)
    assert before
    assert after
    assert (before.state, after.state) == ("posting", "doubt")


async def test_long_unseen(store: Store, teams: Teams) -> None:
    """Who is erased because nobody has seen them for long leaves the teams, and their name stays with nobody."""
    await make(teams, count=1)
    await store.record(member(0), [ProfileSet(Profile("ml-engineer"))], NOON + 200 * DAY)
    assert (await store.tidy(NOON + 250 * DAY, 230)).counts["person"] == 1
    assert await teams.mine(BOSS) == []
    assert all(entry.by != "BOSS" for entry in await teams.trail(member(0), 9))


def sql_teams(sql_store: SqlStore) -> SqlTeams:
    return SqlTeams(sql_store.database, least=3)


async def test_statements(sql_store: SqlStore) -> None:
    """A summary takes as many statements for many people as for few: one to count, and no more to ask in pages than
    there are pages."""
    teams = sql_teams(sql_store)
    few, many = await make(teams, "few", 2), await make(teams, "many")
    users = [f"M{number}" for number in range(2 * PAGE + 1)]
    with statements(sql_store) as seen:
        assert await teams.ask(many, users, BOSS, NOON) == Asked(len(users))
        assert len(seen) <= 3 * 8
        for team in (few, many):
            seen.clear()
            await teams.tally(team)
            assert len(seen) == 1
            seen.clear()
            assert await teams.begin(team, SOME, "C1", BOSS, "k", NOON)
            assert len(seen) == 5
            seen.clear()
            await teams.finish(team, 1, "posted", "1.2", NOON)
            assert len(seen) == 5
            seen.clear()
            await teams.published(team)
            await teams.posted(team)
            await teams.mine(BOSS)
            assert len(seen) == 3
            seen.clear()
            await teams.seen(team, OTHER, BOSS, NOON)
            assert len(seen) == 6


async def test_indexes(sql_store: SqlStore) -> None:
    """Whatever is asked of a team is found by an index, not by reading a table."""
    if sql_store.engine.dialect.name != "sqlite":
        pytest.skip("a server chooses by its statistics")
    teams = sql_teams(sql_store)
    with statements(sql_store) as seen:
        team = await make(teams, "Search", 2)
        await post(teams, team)
        await teams.tally(team)
        await teams.rename(team, "Find", BOSS, NOON)
        await teams.plan(team, MONDAYS, "C1", "de", NOON, BOSS, NOON)
        await teams.due(NOON, 9)
        await teams.trail(BOSS, 9)
        await teams.mine(BOSS)
        await teams.manage(team, "U1", BOSS, NOON, manages=True)
        await teams.seen(team, OTHER, BOSS, NOON)
        await teams.posted(team)
        await teams.write(BOSS, "posted", TellPosted(team=team.id, number=1), NOON)
        for number in (1, 2):
            await teams.keep_card(a_card(number, member(3), "U4"), NOON)
            await teams.card(a_card(number).id, "D1")
        await teams.cards(member(3))
        await teams.drop_card(member(3), a_card(1).id)
        await sql_store.forget(member(4), NOON)
        await sql_store.forget(BOSS, NOON)
        await teams.end(team, DEPUTY, NOON)
    async with sql_store.engine.connect() as connection:
        for statement in dict.fromkeys(seen):
            if statement.startswith(("PRAGMA", "INSERT INTO team", "INSERT INTO audit")):
                continue
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (None,) * statement.count("?"))
            steps = [row[3] for row in plan]
            scans = [one for one in steps if one.startswith("SCAN") and "USING" not in one]
            # What was found once by an index is walked through in memory.
            bare = [one for one in scans if not any(word in one for word in ("bulk", "CONSTANT", "theirs", "said"))]
            assert not bare, (statement, steps)


async def test_race(database: str, sql_store: SqlStore) -> None:
    """Of several processes that begin a reading under one key at once one does; of several teams of a name one is."""
    others = [SqlStore(database) for _ in range(3)]
    every = [sql_teams(store) for store in (sql_store, *others)]
    made = await asyncio.gather(*(one.create(BOSS, "Search", NOON) for one in every))
    (team,) = [one for one in made if one]
    for key in range(5):
        begun = await asyncio.gather(*(one.begin(team, SOME, "C1", BOSS, f"k{key}", NOON) for one in every))
        assert len([one for one in begun if one]) == 1
    assert [one.number for one in await asyncio.gather(*(one.published(team) for one in every)) if one] == [5] * 4
    names = await asyncio.gather(*(one.create(BOSS, f"T{number}", NOON) for number, one in enumerate(every)))
    renamed = await asyncio.gather(
        *(one.rename(named, "Same", BOSS, NOON) for one, named in zip(every, names, strict=True) if named)
    )
    assert sum(renamed) == 1
    asked = await asyncio.gather(*(one.ask(team, ["U1", "U2"], BOSS, NOON) for one in every))
    assert sum(one.new for one in asked) == 2
    for number in range(2):
        assert await whats(every[0], member(number + 1)) == ["asked"]
    for store in others:
        await store.close()


async def test_last_managers_race(database: str, sql_store: SqlStore) -> None:
    """Two managers who step down at the same moment leave one."""
    other = SqlStore(database)
    every = [sql_teams(sql_store), sql_teams(other)]
    for number in range(5):
        team = await every[0].create(BOSS, f"Team {number}", NOON)
        assert team
        await every[0].manage(team, "DEPUTY", BOSS, NOON, manages=True)
        done = await asyncio.gather(
            *(
                one.manage(team, user, BOSS, NOON, manages=False)
                for one, user in zip(every, ("BOSS", "DEPUTY"), strict=True)
            )
        )
        assert sorted(done) == [False, True]
        assert len(await every[0].managers(team)) == 1
    await other.close()


async def test_killed(database: str, sql_store: SqlStore) -> None:
    """Processes that are killed while they begin and finish readings leave each key with one reading, and with each
    new one what it counted."""
    teams, chance = sql_teams(sql_store), random.Random(42)
    team = await make(teams, count=4)
    for _ in range(4):
        kill_some(database, team, chance)
    await sql_store.tidy(NOON + DAY, 300)
    async with sql_store.engine.connect() as connection:
        rows = (await connection.execute(select(reading).order_by(reading.c.number))).all()
        held = {row.number for row in await connection.execute(select(counted.c.number))}
    assert rows
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert len({row.key for row in rows}) == len(rows)
    assert {row.state for row in rows} <= {"posted", "doubt"}
    assert all(row.people == 4 for row in rows)
    assert rows[-1].number in held
    assert (await teams.tally(team)).changed == 0


def kill_some(database: str, team: Team, chance: random.Random) -> None:
    """Start some workers, and kill each at some moment."""
    command = [sys.executable, "-m", "tests.teams_writer", database, team.id]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    for worker in workers:
        assert worker.stdout
        with worker:
            for _ in range(chance.randint(1, 6)):
                worker.stdout.readline()
            time.sleep(chance.uniform(0, 0.01))
            worker.kill()


@pytest.mark.parametrize(
    ("schedule", "after", "at"),
    [
        (MONDAYS, "2026-11-23T07:59+00:00", "2026-11-23T08:00+00:00"),
        (MONDAYS, "2026-11-23T08:00+00:00", "2026-11-30T08:00+00:00"),
        (MONDAYS, "2026-03-23T08:00+00:00", "2026-03-30T07:00+00:00"),
        (replace(MONDAYS, every="month"), "2026-11-23T08:00+00:00", "2026-12-07T08:00+00:00"),
        (replace(MONDAYS, every="month"), "2026-06-01T06:59+00:00", "2026-06-01T07:00+00:00"),
        (Schedule("month", 4, 0, "Pacific/Auckland"), "2026-12-31T10:00+00:00", "2026-12-31T11:00+00:00"),
    ],
)
def test_next_post(schedule: Schedule, after: str, at: str) -> None:
    """The next post is at its local hour, whatever clocks do; once a month it is on the first such weekday."""
    assert next_post(schedule, datetime.datetime.fromisoformat(after)) == datetime.datetime.fromisoformat(at)
