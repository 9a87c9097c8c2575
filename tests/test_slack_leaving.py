"""The app goes from a workspace: tokens are erased, letters stop, and later everything that people told there."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import event, select

from bot.app import erase_uninstalled
from bot.recent import Recent
from bot.slack.calls import Calls
from bot.store.erasing import USERS
from bot.store.lags import look_at_lags
from bot.store.migrate import migrate
from bot.store.schema import letter
from bot.store.seal import make_key
from bot.store.sql import SqlStore
from handlers.records import AddressSet, EvidenceAdded, Nudging, NudgingSet, Profile, ProfileSet
from handlers.rhythm import Rhythm
from handlers.team_records import Schedule
from handlers.turn import Person
from scheduler.letters import State
from scheduler.rounds import attempt
from tests.many import DAY, HOURS, Clock, ManySlack, World, bot_beside, leaving, slack_alone

MONDAY = datetime.datetime(2026, 11, 30, 8, 30, tzinfo=datetime.UTC)
RHYTHM = Rhythm(0, 9 * 60, "UTC", MONDAY.date() - datetime.timedelta(days=30))
PEOPLE = 3
"""In each workspace."""


@pytest.fixture
async def slack() -> AsyncIterator[ManySlack]:
    async with slack_alone() as slack:
        yield slack


@pytest.fixture
async def world(slack: ManySlack, database: str) -> AsyncIterator[World]:
    """A bot in two workspaces, on a Monday before nine, at which all people there want a nudge."""
    await migrate(database)
    async with bot_beside(slack, database, Clock(MONDAY)) as world:
        for team in ("T1", "T2"):
            await world.install(team)
            await settle_in(world, team)
        yield world


async def settle_in(world: World, team: str) -> None:
    """People with a nudge to come."""
    due = MONDAY.replace(hour=9, minute=0)
    nudging = Nudging(rhythm=RHYTHM, due=due, due_day=due.date())
    for number in range(PEOPLE):
        person = Person("slack", team, f"U{number}{team}")
        profile = ProfileSet(Profile(role="ml-engineer", level="senior"))
        address = AddressSet({"user": person.user, "channel": f"D{number}{team}"})
        await world.desk.store.record(person, [profile, address, NudgingSet(nudging), EvidenceAdded("x")], MONDAY)


async def sent_by(world: World) -> list[str]:
    """Whose letters were sent so far."""
    return sorted(call.by for call in world.slack.of("chat.postMessage"))


async def people_of(world: World, team: str, table: str = "person") -> int:
    return sum(row["tenant"] == team for row in await world.rows(table))


async def uninstall(world: World, team: str, *kinds: str, at: datetime.datetime | None = None) -> None:
    """Slack takes the tokens back, and tells it."""
    if at is None:
        world.slack.revoke(team)
    for kind in kinds:
        body = leaving(kind, team, at or world.clock(), bot=[f"U{team}"])
        assert (await world.slack.send(body))[0] == 200


@pytest.mark.parametrize(
    "kinds",
    [
        ("app_uninstalled", "tokens_revoked"),
        ("tokens_revoked", "app_uninstalled", "app_uninstalled"),
        ("tokens_revoked", "tokens_revoked"),
    ],
)
async def test_uninstalled(world: World, kinds: tuple[str, ...]) -> None:
    """In whatever order and how often Slack says it: tokens go at once, nothing is planned or sent there any more,
    everything is erased after the delay with an entry in the audit, and the other workspace notices nothing."""
    world.clock.moment += HOURS
    await uninstall(world, "T1", *kinds)
    for row in await world.rows("installation"):
        gone = row["tenant"] == "T1"
        assert (row["bot_token"] is None) == (row["refresh_token"] is None) == (row["gone_at"] is not None) == gone
    assert await world.go_round() == PEOPLE
    assert await sent_by(world) == ["T2"] * PEOPLE
    assert await people_of(world, "T1", "letter") == 0
    world.clock.moment += 29 * DAY
    await installs_of(world).tidy(30)
    assert await people_of(world, "T1") == PEOPLE
    assert not await world.rows("audit")
    world.clock.moment += DAY + HOURS
    await installs_of(world).tidy(30)
    for table in ("person", "evidence", "nudging", "letter", "workspace", "installation"):
        assert await people_of(world, "T1", table) == 0
    assert await people_of(world, "T2") == await people_of(world, "T2", "evidence") == PEOPLE
    assert await people_of(world, "T2", "installation") == 1
    told = await world.rows("audit")
    assert {row["action"] for row in told} == {"uninstalled"}
    assert told[0]["counts"].items() >= {"person": PEOPLE, "evidence": PEOPLE}.items()
    await installs_of(world).tidy(30)
    assert await world.rows("audit") == told


async def test_letters_that_wait(world: World) -> None:
    """Letters that were written already are not sent, nobody is told that they are late, and a drain that is under way
    has nothing to settle any more."""
    world.clock.moment += HOURS
    post = world.post
    planned = await post.plan(world.clock(), 100)
    assert planned.letters == 2 * PEOPLE
    await uninstall(world, "T1", "app_uninstalled")
    waiting = await post.waiting(world.clock())
    assert {workspace.tenant for workspace in waiting} == {"T2"}
    await world.go_round()
    assert await sent_by(world) == ["T2"] * PEOPLE
    store = world.desk.store
    assert isinstance(store, SqlStore)
    world.clock.moment += 3 * DAY
    assert max(await look_at_lags(store.database, world.clock())) == 0.0


async def test_installed_again(world: World) -> None:
    """Whoever installs the app again within the delay finds everything as it was: what came too late is settled as
    late, and the next nudge comes."""
    world.clock.moment += HOURS
    await world.post.plan(world.clock(), 100)
    await uninstall(world, "T1", "app_uninstalled", "tokens_revoked")
    await world.go_round()
    world.clock.moment += 3 * DAY
    await world.install("T1")
    await installs_of(world).tidy(30)
    assert await people_of(world, "T1", "evidence") == PEOPLE
    await world.go_round()
    assert await sent_by(world) == ["T2"] * PEOPLE
    late = [row["state"] for row in await world.rows("letter") if row["tenant"] == "T1"]
    assert late == [State.LATE.value] * PEOPLE
    world.clock.moment = MONDAY + 7 * DAY + HOURS
    assert await world.go_round() == 2 * PEOPLE
    assert await sent_by(world) == ["T1"] * PEOPLE + ["T2"] * 2 * PEOPLE
    assert (await world.say("T1", "hello", user="U0T1"))[0].by == "T1"
    world.clock.moment += 60 * DAY
    await installs_of(world).tidy(30)
    assert await people_of(world, "T1") == PEOPLE


async def test_installed_after_trouble_with_the_token(world: World) -> None:
    """Letters that wait for an hour because Slack took no token go as soon as the app is installed again."""
    world.clock.moment += HOURS
    world.slack.revoke("T1")
    await world.go_round()
    assert await sent_by(world) == ["T2"] * PEOPLE
    world.clock.moment += datetime.timedelta(minutes=1)
    assert not await world.post.waiting(world.clock())
    await world.install("T1")
    await world.go_round()
    assert await sent_by(world) == ["T1"] * PEOPLE + ["T2"] * PEOPLE


async def test_due_while_it_was_gone(world: World) -> None:
    """A nudge that was due while the app was gone is not made up for; the one after it comes."""
    await uninstall(world, "T1", "app_uninstalled")
    world.clock.moment += 8 * DAY
    await world.install("T1")
    await world.go_round()
    assert "T1" not in await sent_by(world)
    rows = [row for row in await world.rows("nudging") if row["tenant"] == "T1"]
    assert {row["due_day"] for row in rows} == {MONDAY.date() + 14 * datetime.timedelta(days=1)}
    assert {row["ignored"] for row in rows} == {0}


async def test_told_too_late(world: World) -> None:
    """What Slack tells of an uninstallation only after the next installation leaves that one alone."""
    at = world.clock()
    world.clock.moment += HOURS
    await uninstall(world, "T1", "app_uninstalled")
    await world.install("T1")
    await uninstall(world, "T1", "tokens_revoked", "app_uninstalled", at=at)
    assert (await world.say("T1", "hello"))[0].by == "T1"


async def test_an_older_token(world: World) -> None:
    """That tokens were revoked is no uninstallation while Slack takes the one that is kept; when Slack cannot say so,
    it is asked to tell it again."""
    world.clock.moment += HOURS
    revoked = leaving("tokens_revoked", "T1", world.clock(), bot=["UT1"])
    assert (await world.slack.send(revoked))[0] == 200
    assert (await world.say("T1", "hello", user="U0T1"))[0].by == "T1"
    client = world.plug._client  # type: ignore[attr-defined]
    api, client.web.base_url = client.web.base_url, "http://127.0.0.1:9/api/"
    assert (await world.slack.send(revoked))[0] == 503
    client.web.base_url = api
    await uninstall(world, "T1", "tokens_revoked")
    assert [row["tenant"] for row in await world.rows("installation") if row["gone_at"]] == ["T1"]


async def test_a_newer_token(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Slack says of a token takes nothing from one that came meanwhile: it is asked to tell it again, and then
    the new one is good."""
    world.clock.moment += HOURS
    world.slack.revoke("T1")
    revoked = leaving("tokens_revoked", "T1", world.clock(), bot=["UT1"])
    is_good = Calls.is_good

    async def install_meanwhile(calls: Calls, seconds: float) -> bool:
        good = await is_good(calls, seconds)
        monkeypatch.setattr(Calls, "is_good", is_good)
        await world.install("T1")
        return good

    monkeypatch.setattr(Calls, "is_good", install_meanwhile)
    assert (await world.slack.send(revoked))[0] == 503
    assert (await world.slack.send(revoked))[0] == 200
    assert (await world.say("T1", "hello", user="U0T1"))[0].by == "T1"


async def test_an_unreadable_token(world: World) -> None:
    """A token that this process cannot read is none that Slack does not take."""
    revoked = leaving("tokens_revoked", "T1", world.clock(), bot=["UT1"])
    database = world.settings.database_url.get_secret_value()
    async with bot_beside(world.slack, database, world.clock, encryption_keys=make_key()):
        assert (await world.slack.send(revoked))[0] == 503
    assert not any(row["gone_at"] for row in await world.rows("installation"))


async def test_an_organization_takes_over(world: World) -> None:
    """When an organization gets the app and answers in a workspace that had it itself, the nudges that nobody there
    could stop any more rest; they go on when the workspace answers for itself again."""
    await world.install("T1", "E1")
    await world.install(enterprise="E1")
    assert (await world.say("T1", "hello", enterprise="E1"))[0].by == "T1"
    for _ in range(2):
        assert (await world.say("T1", "hello", enterprise="E1", org=True))[0].by == "E1"
    posted = len(world.slack.of("chat.postMessage"))
    world.clock.moment += HOURS
    await until(world, lambda rows: any(row["gate_until"] for row in rows))
    assert await world.go_round() == PEOPLE
    assert (await sent_by(world))[-PEOPLE:] == ["T2"] * PEOPLE
    assert len(await sent_by(world)) == posted + PEOPLE
    assert not any(row["gone_at"] for row in await world.rows("installation"))
    world.plug._admission._seen = Recent(1)  # type: ignore[attr-defined]
    assert (await world.say("T1", "hello", enterprise="E1"))[0].by == "T1"
    await until(world, lambda rows: not any(row["gate_until"] for row in rows))
    assert await world.go_round() == PEOPLE
    assert (await sent_by(world)).count("T1") == 2 + PEOPLE


async def until(world: World, so: Callable[[list[dict[str, Any]]], bool]) -> None:
    """Wait until the fences of workspaces are like that."""
    async with asyncio.timeout(5):
        while not so(await world.rows("workspace")):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_only_a_persons_token(world: World) -> None:
    """When one person takes back their own token, the app is still there; so it is when somebody else's workspace
    is left."""
    world.clock.moment += HOURS
    body = leaving("tokens_revoked", "T1", world.clock(), oauth=["U0T1"], bot=[])
    assert (await world.slack.send(body))[0] == 200
    await uninstall(world, "T9", "app_uninstalled")
    await world.go_round()
    assert await sent_by(world) == ["T1"] * PEOPLE + ["T2"] * PEOPLE
    assert len(await world.rows("installation")) == 2


async def test_another_process(world: World) -> None:
    """A process that has not heard of it sends nothing either: its letters wait, and it looks the token up again."""
    world.clock.moment += HOURS
    await world.go_round()
    world.clock.moment += 7 * DAY
    await world.post.plan(world.clock(), 100)
    async with bot_beside(world.slack, world.settings.database_url.get_secret_value(), world.clock) as other:
        await uninstall(other, "T1", "app_uninstalled")
    assert (await attempt(world.delivery, next(iter(await world.post.waiting(world.clock()))))) is not None
    assert (await sent_by(world)).count("T1") == PEOPLE
    assert (await sent_by(world)).count("T2") == 2 * PEOPLE


async def test_back_while_it_is_erased(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who installs the app again while its people are being erased keeps those who are left."""
    monkeypatch.setattr("bot.store.erasing.USERS", USERS.limit(1))
    world.clock.moment += HOURS
    await uninstall(world, "T1", "app_uninstalled")
    world.clock.moment += 31 * DAY
    store = world.desk.store
    assert isinstance(store, SqlStore)
    write, times = store.database.write, 0

    async def write_and_return(work: Any) -> Any:
        nonlocal times
        found = await write(work)
        times += 1
        if times == 2:
            monkeypatch.setattr(store.database, "write", write)
            await world.install("T1")
        return found

    monkeypatch.setattr(store.database, "write", write_and_return)
    await installs_of(world).tidy(30)
    assert await people_of(world, "T1") == PEOPLE - 1
    assert (await world.say("T1", "hello"))[0].by == "T1"


async def test_one_workspace(slack: ManySlack, database: str) -> None:
    """With the one token of the settings letters stop as well, and go on after a start with a token that is good."""
    await migrate(database)
    clock = Clock(MONDAY)
    slack.tokens["xoxb-1"] = slack.codes[slack.allow("T1")]
    async with bot_beside(slack, database, clock, slack_bot_token="xoxb-1", **ONE) as world:
        await slack.called("auth.test")
        await settle_in(world, "T1")
        await uninstall(world, "T1", "tokens_revoked", "app_uninstalled")
        clock.moment += HOURS
        assert await world.go_round() == 0
    slack.tokens["xoxb-2"] = slack.codes[slack.allow("T1")]
    async with bot_beside(slack, database, clock, slack_bot_token="xoxb-2", **ONE) as world:
        async with asyncio.timeout(5):
            while any(row["gone_at"] for row in await world.rows("installation")):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        clock.moment += DAY
        await world.go_round()
        assert await sent_by(world) == []
        clock.moment += 6 * DAY
        assert await world.go_round() == PEOPLE
        assert await sent_by(world) == ["T1"] * PEOPLE


ONE: dict[str, Any] = {"slack_client_id": None, "slack_client_secret": None, "encryption_keys": ""}


async def test_one_workspace_told_too_late(slack: ManySlack, database: str) -> None:
    """What Slack tells of an uninstallation after the one token of the settings is good again takes nothing away, and
    what another process took for gone goes on; when Slack cannot say so, it is asked to tell it again."""
    await migrate(database)
    clock = Clock(MONDAY)
    slack.tokens["xoxb-2"] = slack.codes[slack.allow("T1")]
    async with bot_beside(slack, database, clock, slack_bot_token="xoxb-2", **ONE) as world:
        await slack.called("auth.test")
        await settle_in(world, "T1")
        late = leaving("app_uninstalled", "T1", clock())
        slack.script["auth.test"] = [web.json_response({"ok": False, "error": "internal_error"})]
        assert (await slack.send(late))[0] == 503
        assert (await slack.send(late))[0] == 200
        assert not await world.rows("installation")
        await installs_of(world).leave("T1", clock())
        assert (await slack.send(late))[0] == 200
        clock.moment += HOURS
        assert await world.go_round() == PEOPLE


async def test_one_workspace_is_not_erased(slack: ManySlack, database: str) -> None:
    """Nobody in the workspace of a token that Slack takes is erased by age, nor while Slack does not say; without
    such a token everybody is."""
    await migrate(database)
    clock = Clock(MONDAY)
    slack.tokens["xoxb-2"] = slack.codes[slack.allow("T1")]
    async with bot_beside(slack, database, clock, slack_bot_token="xoxb-2", **ONE) as world:
        await slack.called("auth.test")
        await settle_in(world, "T1")
        for gone in (True, False):
            installs = installs_of(world)
            await installs.leave("T1", clock())
            clock.moment += 31 * DAY
            slack.script["auth.test"] = [web.Response(status=502, text="<html>", content_type="text/html")]
            assert await erase_uninstalled(world.settings, installs) == 0
            assert (await world.rows("installation"))[0]["gone_at"]
            if gone:
                assert await erase_uninstalled(world.settings, installs) == 0
                assert not (await world.rows("installation"))[0]["gone_at"]
        slack.revoke("T1")
        assert await erase_uninstalled(world.settings, installs_of(world)) == PEOPLE


async def test_one_workspace_asks_again(
    slack: ManySlack, sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slack out of order at the start refuses no token: it is asked again, and letters go on."""
    monkeypatch.setattr("bot.slack.inbound.CHECK_SECONDS", 0.05)
    await migrate(sqlite_database)
    slack.tokens["xoxb-1"] = slack.codes[slack.allow("T1")]
    async with bot_beside(slack, sqlite_database, Clock(MONDAY), slack_bot_token="xoxb-1", **ONE) as world:
        await slack.called("auth.test")
        await installs_of(world).leave("T1", MONDAY)
    slack.script["auth.test"] = [
        web.Response(status=502, text="<html>", content_type="text/html"),
        web.json_response({"ok": False, "error": "internal_error"}),
    ]
    async with bot_beside(slack, sqlite_database, Clock(MONDAY), slack_bot_token="xoxb-1", **ONE) as world:
        await slack.called("auth.test", 2)
        assert not (await world.rows("installation"))[0]["gone_at"]


async def test_summaries(world: World) -> None:
    """No summary of a team is due where the app is gone; it is erased with its people, or goes on when the app is
    back."""
    teams = world.desk.teams
    assert teams
    for tenant in ("T1", "T2"):
        anna = Person("slack", tenant, f"U0{tenant}")
        made = await teams.create(anna, "Search", MONDAY)
        assert made
        await teams.plan(made, Schedule("week", 0, 9 * 60, "UTC"), "C0GENERAL", "en", MONDAY, anna, MONDAY)
    await uninstall(world, "T1", "app_uninstalled")
    world.clock.moment += HOURS
    assert [team.tenant for team in await teams.due(world.clock(), 10)] == ["T2"]
    await world.install("T1")
    assert [team.tenant for team in await teams.due(world.clock(), 10)] == ["T1"]
    world.clock.moment += HOURS
    await uninstall(world, "T1", "app_uninstalled")
    world.clock.moment += 31 * DAY
    await installs_of(world).tidy(30)
    for table in ("team", "membership", "trail"):
        assert {row["tenant"] for row in await world.rows(table)} == {"T2"}


async def test_planning_looks_at_nobody_else(world: World) -> None:
    """Nothing of a workspace that was left stands in the way of who is due: no round looks at it again."""
    world.clock.moment += HOURS
    await uninstall(world, "T1", "app_uninstalled")
    store = world.desk.store
    assert isinstance(store, SqlStore)
    asked: list[str] = []

    @event.listens_for(store.engine.sync_engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    await world.post.plan(world.clock(), 100)
    assert len(await world.post.waiting(world.clock())) == 1
    assert asked
    assert not [statement for statement in asked if "installation" in statement]
    async with store.engine.connect() as connection:
        rows = (await connection.execute(select(letter.c.tenant))).scalars().all()
    assert set(rows) == {"T2"}


def installs_of(world: World) -> Any:
    """What the process keeps of installations."""
    return world.plug._installs  # type: ignore[attr-defined]
