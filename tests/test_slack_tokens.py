"""Tokens of many workspaces: exchanged in time, by one of several processes; of organizations; under changed keys."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.doctor import examine
from bot.finding import State
from bot.slack import many_tokens
from bot.store.installs import SqlInstalls
from bot.store.migrate import migrate
from bot.store.seal import Seal, UnreadableError, make_key
from bot.store.sql import SqlStore
from handlers.errors import TryLater, Unavailable
from handlers.turn import Person
from tests.many import HOURS, KEY, Clock, ManySlack, World, bot_beside, leaving, of_team, slack_alone
from tests.slack import payload
from tests.test_doctor import said, states

MINUTES = datetime.timedelta(minutes=1)
SOON = 10 * HOURS + 5 * MINUTES
"""After that a token of twelve hours is to be exchanged."""


@pytest.fixture
async def slack() -> AsyncIterator[ManySlack]:
    async with slack_alone() as slack:
        yield slack


@pytest.fixture
async def world(slack: ManySlack, database: str) -> AsyncIterator[World]:
    """A bot for many workspaces; one test for each database."""
    await migrate(database)
    async with bot_beside(slack, database) as world:
        yield world


def forget(*worlds: World) -> None:
    """What processes have in memory, as after a minute."""
    for world in worlds:
        world.plug._client.grants._held.clear()  # type: ignore[attr-defined]


async def settled(world: World) -> None:
    """Wait until what was begun with tokens has come to an end."""
    grants = world.plug._client.grants  # type: ignore[attr-defined]
    async with asyncio.timeout(20):
        while grants._exchanges:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_exchanged_in_time(world: World) -> None:
    """Two hours before its end a token is exchanged while it is still used; nobody waits, and the next answer has the
    new one."""
    slack, clock = world.slack, world.clock
    await world.install("T1")
    first = slack.token_of("T1")
    clock.moment += 9 * HOURS
    await world.say("T1", "hello")
    assert not slack.exchanged
    clock.moment += SOON - 9 * HOURS
    assert len(await world.say("T1", "hello")) == 1
    await settled(world)
    assert slack.exchanged == ["T1"]
    del slack.tokens[first]
    assert len(await world.say("T1", "hello")) == 1
    assert slack.exchanged == ["T1"]
    (row,) = await world.rows("installation")
    assert row["expires_at"].replace(tzinfo=datetime.UTC) > clock.moment + 11 * HOURS


async def test_exchanged_when_it_is_over(world: World) -> None:
    """After a quiet day the token is exchanged first, and then the answer goes out."""
    await world.install("T1")
    world.slack.tokens.clear()
    world.clock.moment += 30 * HOURS
    assert len(await world.say("T1", "hello")) == 1
    assert world.slack.exchanged == ["T1"]


async def test_two_processes(slack: ManySlack, database: str) -> None:
    """Two processes that need a new token at once exchange it once, and both go on with what came of it."""
    await migrate(database)
    clock = Clock()
    async with bot_beside(slack, database, clock) as one:
        await one.install("T1")
        async with bot_beside(slack, database, clock) as two:
            for _ in range(3):
                slack.exchange_slow = 0.4
                slack.tokens.clear()
                clock.moment += 13 * HOURS
                forget(one, two)
                calls = [world.plug._client.of("T1").who() for world in (one, two, one, two)]  # type: ignore[attr-defined]
                grants = await asyncio.gather(*calls)
                assert {grant.token for grant in grants} == set(slack.tokens)
            assert slack.exchanged == ["T1"] * 3
            assert slack.wrong_exchanges == []


async def test_a_result_that_comes_too_late(world: World) -> None:
    """When the app is installed anew while a token is exchanged, the newer token stays."""
    await world.install("T1")
    world.clock.moment += SOON
    world.slack.exchange_slow = 2
    forget(world)
    await world.plug._client.of("T1").who()  # type: ignore[attr-defined]
    await world.slack.called("oauth.v2.access", 2)
    await world.install("T1")
    newest = world.slack.token_of("T1")
    await settled(world)
    assert len(world.slack.exchanged) == 1
    forget(world)
    assert (await world.plug._client.of("T1").who()).token == newest  # type: ignore[attr-defined]


async def test_refused(world: World) -> None:
    """A refused exchange is a fault in the log and for the doctor; while the token lasts it is used, then what is
    unasked waits; installing the app again mends it."""
    slack, clock, platform = world.slack, world.clock, world.plug.platform
    assert platform
    anna = Person("slack", "T1", "U012ANNA01")
    await world.install("T1")
    slack.refuses_exchange = "invalid_refresh_token"
    clock.moment += SOON
    with capture_logs() as logs:
        assert len(await world.say("T1", "hello")) == 1
        await settled(world)
        assert len(await world.say("T1", "hello")) == 1
    (line,) = [line for line in logs if line["event"] == "slack_refuses_to_exchange_the_token"]
    assert (line["tenant"], line["error"], line["log_level"]) == ("T1", "invalid_refresh_token", "error")
    found = await examine(world.settings, clock())
    assert states(found)["token rotation"] is State.FAULT
    assert "T1" in said(found, "token rotation")
    assert "scopes" not in states(found)
    clock.moment += 3 * HOURS
    with pytest.raises(TryLater) as later:
        await platform.place(anna, None)
    assert later.value.seconds >= 600
    status, said_ = await slack.send(of_team(payload("slash"), "T1"))
    assert (status, said_["response_type"]) == (200, "ephemeral")
    slack.refuses_exchange = ""
    await world.install("T1")
    assert (await platform.place(anna, None)).id == "D0DIRECT1"
    assert "token rotation" not in states(await examine(world.settings, clock()))


async def test_refused_elsewhere(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that finds that Slack has refused another one leaves the token alone for a while."""
    await world.install("T1")
    world.slack.refuses_exchange = "invalid_refresh_token"
    world.clock.moment += SOON
    await world.plug._client.of("T1").who()  # type: ignore[attr-defined]
    await settled(world)
    async with bot_beside(world.slack, world.settings.database_url.get_secret_value(), world.clock) as other:
        grants, claims = other.plug._client.grants, 0  # type: ignore[attr-defined]
        claim = grants._installs.claim

        async def count(*given: Any) -> Any:
            nonlocal claims
            claims += 1
            return await claim(*given)

        monkeypatch.setattr(grants._installs, "claim", count)
        for _ in range(3):
            await grants.of("T1")
            await asyncio.sleep(0.2)
        assert claims == 1


async def test_slack_away(world: World) -> None:
    """An exchange that Slack did not answer is tried again, and no fault."""
    slack, clock = world.slack, world.clock
    await world.install("T1")
    slack.refuses_exchange = "internal_error"
    clock.moment += 13 * HOURS
    with pytest.raises(TryLater) as later:
        await world.plug._client.of("T1").who()  # type: ignore[attr-defined]
    assert later.value.seconds < 60
    slack.refuses_exchange = ""
    clock.moment += MINUTES
    assert (await world.plug._client.of("T1").who()).token == slack.token_of("T1")  # type: ignore[attr-defined]
    assert "token rotation" not in states(await examine(world.settings, clock()))


async def test_without_rotation(world: World) -> None:
    """A token without an end is never exchanged."""
    world.slack.rotates = False
    await world.install("T1")
    world.clock.moment += 1000 * HOURS
    assert len(await world.say("T1", "hello")) == 1
    assert not world.slack.exchanged


async def test_organization(world: World) -> None:
    """An app in a whole organization answers in each of its workspaces with one token; a workspace that has the app
    itself has its own, and one of another organization has none."""
    slack = world.slack
    page = await world.install(enterprise="E1")
    assert "Rung is in Acorn &amp; Co now" in page
    for team in ("T1", "T2"):
        (answer,) = await world.say(team, "hello", enterprise="E1", org=True)
        assert answer.by == "E1"
        (answer,) = await world.say(team, "hello", enterprise="E1")
        assert answer.by == "E1"
    await world.install("T2", "E1")
    assert (await world.say("T2", "hello", enterprise="E1"))[0].by == "T2"
    assert (await world.say("T1", "hello", enterprise="E1"))[0].by == "E1"
    count = len(slack.of("chat.postMessage"))
    await slack.send(of_team(payload("slash"), "T3", "E2"))
    assert len(slack.of("chat.postMessage")) == count
    assert {row["tenant"] for row in await world.rows("person")} == {"E1", "T2"}


async def test_leaving_an_organization(world: World) -> None:
    """A workspace that leaves takes nothing from its organization, and an organization that leaves nothing from a
    workspace that has the app itself."""
    slack = world.slack
    await world.install(enterprise="E1")
    await world.install("T2", "E1")
    world.clock.moment += HOURS
    gone = leaving("app_uninstalled", "T1", world.clock())
    await slack.send({**gone, **of_team(gone, "T1", "E1")})
    assert (await world.say("T1", "hello", enterprise="E1", org=True))[0].by == "E1"
    await slack.send({**gone, **of_team(gone, "T1", "E1", org=True)})
    assert {row["tenant"]: bool(row["gone_at"]) for row in await world.rows("installation")} == {
        "E1": True,
        "T2": False,
    }
    assert (await world.say("T2", "hello", enterprise="E1"))[0].by == "T2"
    await slack.send(of_team(payload("slash"), "T1", "E1", org=True))
    assert {row["tenant"] for row in await world.rows("person")} == {"E1", "T2"}


async def test_organization_names_the_workspace(slack: ManySlack, sqlite_database: str) -> None:
    """Where the token is an organization's, the calls that need a workspace get the asker's."""
    managers = "slack/E1/S0MANAGERS"
    async with bot_beside(slack, sqlite_database, managers=managers) as world:
        await world.install(enterprise="E1")
        slack.people = ["U012ANNA01"]
        await world.say("T1", "make a team called Search", enterprise="E1", org=True)
        (call, *_) = slack.of("usergroups.users.list")
        assert (call.by, call.arguments) == ("E1", {"usergroup": "S0MANAGERS", "team_id": "T1"})


async def test_a_lost_key(slack: ManySlack, database: str) -> None:
    """With another key nothing breaks: commands are answered, messages are not, the log and the doctor say why, and
    installing the app again mends it."""
    await migrate(database)
    async with bot_beside(slack, database) as world:
        await world.install("T1")
    with capture_logs() as logs:
        async with bot_beside(slack, database, encryption_keys=make_key()) as world:
            status, answer = await slack.send(of_team(payload("slash"), "T1"))
            assert (status, answer["response_type"]) == (200, "ephemeral")
            posted = len(slack.of("chat.postMessage"))
            assert (await slack.send(of_team(payload("message_im"), "T1")))[0] == 200
            await asyncio.sleep(0.2)
            assert len(slack.of("chat.postMessage")) == posted
            assert world.plug.platform
            with pytest.raises(TryLater):
                await world.plug.platform.place(Person("slack", "T1", "U012ANNA01"), None)
            found = await examine(world.settings, world.clock())
            assert states(found)["ENCRYPTION_KEYS"] is State.FAULT
            await world.install("T1")
            assert (await world.say("T1", "hello"))[0].by == "T1"
            assert states(await examine(world.settings, world.clock()))["ENCRYPTION_KEYS"] is State.OK
    (line, *_) = [line for line in logs if line["event"] == "slack_token_unreadable"]
    assert (line["tenant"], line["log_level"]) == ("T1", "error")


async def test_a_new_key(slack: ManySlack, database: str) -> None:
    """A new key in front of the old one reads everything; a worker puts all under it, and then the old one can go."""
    await migrate(database)
    new = make_key()
    async with bot_beside(slack, database) as world:
        await world.install("T1")
    async with bot_beside(slack, database, encryption_keys=f"{new}, {KEY}") as world:
        assert (await world.say("T1", "hello"))[0].by == "T1"
        assert states(await examine(world.settings, world.clock()))["ENCRYPTION_KEYS"] is State.WARNING
        assert await world.plug._installs.seal_anew() == 1  # type: ignore[attr-defined]
        assert states(await examine(world.settings, world.clock()))["ENCRYPTION_KEYS"] is State.OK
        assert await world.plug._installs.seal_anew() == 0  # type: ignore[attr-defined]
    async with bot_beside(slack, database, encryption_keys=new) as world:
        assert (await world.say("T1", "hello"))[0].by == "T1"


def test_sealed_for_one() -> None:
    """What is sealed for one tenant opens for no other, with no other key, and not once it was changed."""
    seal = Seal([KEY])
    sealed = seal.close("T1", "xoxb-secret")
    assert "secret" not in sealed
    assert seal.open("T1", sealed) == "xoxb-secret"
    for other, tenant, what in ((seal, "T2", sealed), (Seal([make_key()]), "T1", sealed), (seal, "T1", sealed[:-9])):
        with pytest.raises(UnreadableError):
            other.open(tenant, what)


async def test_a_token_that_was_taken_back(world: World) -> None:
    """A token that Slack no longer takes is looked up again at once, and a newer one of another process is used."""
    await world.install("T1")
    await world.say("T1", "hello")
    clock = world.clock
    async with bot_beside(world.slack, world.settings.database_url.get_secret_value(), clock) as other:
        world.slack.revoke("T1")
        await other.install("T1")
        bot = world.plug
        assert bot.platform
        anna = Person("slack", "T1", "U012ANNA01")
        assert (await bot.platform.place(anna, None)).id == "D0DIRECT1"


async def test_the_database_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the database is away a known workspace stays known; of an unknown one commands get a kind sentence."""
    await world.install("T1")
    await world.say("T1", "hello")
    monkeypatch.setattr(many_tokens, "KNOWN_SECONDS", 0.0)
    await world.say("T1", "hello")
    store = world.desk.store
    assert isinstance(store, SqlStore)

    async def fail(_: Any) -> Any:
        raise Unavailable("away")

    monkeypatch.setattr(store.database, "read", fail)
    assert (await world.plug._client.of("T1").who()).tenant == "T1"  # type: ignore[attr-defined]
    status, answer = await world.slack.send(of_team(payload("slash"), "T9"))
    assert status == 200
    assert "memory" in answer["text"]
    assert (await world.slack.send(of_team(payload("message_im"), "T9")))[0] == 503


async def test_a_slow_database(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the database takes long a known workspace is answered with what was known, and it is asked once; who is
    unknown waits a second; after a doubt what was on its way counts no more."""
    await world.install("T1")
    await world.say("T1", "hello")
    grants = world.plug._client.grants  # type: ignore[attr-defined]
    monkeypatch.setattr(many_tokens, "KNOWN_SECONDS", 0.0)
    grants.doubt("T1")
    await grants.find("", "T1", org=False)
    find, asked, slow = grants._installs.find, [], asyncio.Event()

    async def wait(tenant: str) -> Any:
        asked.append(tenant)
        found = await find(tenant)
        await slow.wait()
        return found

    monkeypatch.setattr(grants._installs, "find", wait)
    for _ in range(3):
        async with asyncio.timeout(0.3):
            assert await grants.find("", "T1", org=False)
        await asyncio.sleep(0.01)
    assert asked == ["T1"]
    async with asyncio.timeout(2.5):
        with pytest.raises(Unavailable):
            await grants.find("E9", "T9", org=False)
    monkeypatch.setattr(grants._installs, "find", find)
    monkeypatch.setattr(many_tokens, "KNOWN_SECONDS", 60.0)
    async with bot_beside(world.slack, world.settings.database_url.get_secret_value(), world.clock) as other:
        await other.install("T1")
    grants.doubt("T1")
    newest = await grants.of("T1")
    slow.set()
    await asyncio.sleep(0.1)
    assert (await grants.of("T1")).token == newest.token == world.slack.token_of("T1")


async def test_the_database_is_not_asked_all_the_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was known counts some seconds longer when the database is away."""
    await world.install("T1")
    grants = world.plug._client.grants  # type: ignore[attr-defined]
    monkeypatch.setattr(many_tokens, "KNOWN_SECONDS", 0.0)
    await grants.find("", "T1", org=False)
    asked = 0

    async def fail(_: str) -> Any:
        nonlocal asked
        asked += 1
        raise Unavailable("away")

    monkeypatch.setattr(grants._installs, "find", fail)
    for _ in range(5):
        assert await grants.find("", "T1", org=False)
        await asyncio.sleep(0.01)
    assert asked == 1


async def test_versions(world: World) -> None:
    """Only who has the tokens as they are may claim, renew or give up an exchange, and only one may claim it."""
    await world.install("T1")
    store = world.desk.store
    assert isinstance(store, SqlStore)
    installs = SqlInstalls(store.database, Seal([KEY]), world.clock)
    first = await installs.find("T1")
    assert first
    assert first.tokens
    lease = world.clock() + MINUTES
    claims = await asyncio.gather(*(installs.claim(first, lease) for _ in range(5)))
    assert sorted(claims) == [False] * 4 + [True]
    assert await installs.renew(first, first.tokens)
    assert not await installs.renew(first, first.tokens)
    assert not await installs.claim(first, lease)
    second = await installs.find("T1")
    assert second
    assert second.version == first.version + 1
    assert "xox" not in repr(second)
