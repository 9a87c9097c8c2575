"""Slack for many workspaces: installed by HTTP, each answered with its own token, and no token in clear anywhere."""

from __future__ import annotations

import asyncio
import datetime
import logging
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from sqlalchemy import event

from bot.doctor import examine
from bot.finding import State
from bot.recent import Recent
from bot.slack.install import BEGUN, BEGUN_SECONDS, authorize_url
from bot.slack.landing import voice_for
from bot.slack.manifest import SCOPES
from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from tests.many import HOURS, PUBLIC, Browser, World, bot_beside, message, of_team, slack_alone, state_in
from tests.slack import payload
from tests.talk import content
from tests.test_doctor import said, states


@pytest.fixture
async def world(database: str) -> AsyncIterator[World]:
    """A bot for many workspaces, in which it is not installed yet; one test for each database."""
    await migrate(database)
    async with slack_alone() as slack, bot_beside(slack, database) as world:
        yield world


@pytest.fixture
async def small(sqlite_database: str) -> AsyncIterator[World]:
    """The same over SQLite alone."""
    async with slack_alone() as slack, bot_beside(slack, sqlite_database) as world:
        yield world


async def test_two_workspaces(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Two workspaces install the app; commands and messages of each are answered with its own token, and no token,
    code or random word stands in the database, its files or the log."""
    caplog.set_level(logging.WARNING)
    with structlog.testing.capture_logs() as logs:
        for team in ("T1", "T2"):
            page = await world.install(team)
            assert f"Rung is in Workspace &lt;{team}&gt; now" in page
            assert f"app=A0APP0001&amp;team={team}" in page
        for team in ("T1", "T2", "T1"):
            (answer,) = await world.say(team, "what does a senior ML engineer need?")
            assert answer.by == team
            status, said = await world.slack.send(of_team(payload("slash"), team))
            assert (status, said["response_type"]) == (200, "ephemeral")
            await world.slack.send(of_team(payload("button_home"), team))
        assert {call.by for call in await world.slack.called("views.publish", 2)} == {"T1", "T2"}
        assert {call.by for call in world.slack.of("users.info")} == {"T1", "T2"}
    written, secrets = await world.stored(), world.slack.issued() | {"client-secret"}
    assert len(await world.rows("installation")) == 2
    for secret in secrets:
        assert secret not in written
        assert secret not in str(logs)
        assert secret not in caplog.text


async def test_no_question_for_a_click(small: World) -> None:
    """A request of a known workspace asks neither the database nor Slack for the token."""
    await small.install("T1")
    await small.say("T1", "hello")
    asked: list[str] = []
    assert isinstance(small.desk.store, SqlStore)

    @event.listens_for(small.desk.store.engine.sync_engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    tests = len(small.slack.of("auth.test"))
    for place in range(5):
        button = of_team(payload("button_home"), "T1")
        button["actions"][0]["action_ts"] = f"179604{place:04}.1"
        await small.slack.send(button)
    await small.slack.called("views.publish", 5)
    assert asked
    assert not [statement for statement in asked if "installation" in statement]
    assert len(small.slack.of("auth.test")) == tests


async def test_the_way_through_slack(small: World) -> None:
    """The first page leads to Slack's with the scopes of the manifest, a random word, and the way back; a workspace
    to install in may be named, and nothing else."""
    browser = small.browser()
    leads = urlsplit(await browser.begin("?team=T0TEAM001"))
    asked = {name: values[0] for name, values in parse_qs(leads.query).items()}
    assert f"{leads.scheme}://{leads.netloc}{leads.path}" == f"{small.slack.url}/oauth/v2/authorize"
    assert asked.pop("state")
    assert asked == {
        "client_id": "1.2",
        "scope": ",".join(SCOPES),
        "redirect_uri": f"{PUBLIC}/slack/oauth_redirect",
        "team": "T0TEAM001",
    }
    assert "team=" not in await small.browser().begin("?team=x%26scope=admin")


@pytest.mark.parametrize(
    ("api", "page"),
    [
        ("https://slack.com/api/", "https://slack.com/oauth/v2/authorize"),
        ("http://127.0.0.1:4003/api", "http://127.0.0.1:4003/oauth/v2/authorize"),
        ("http://localhost:4003/slack/api/", "http://localhost:4003/slack/oauth/v2/authorize"),
        ("http://localhost:4003/", "http://localhost:4003/oauth/v2/authorize"),
    ],
)
def test_the_page_beside_an_api(api: str, page: str) -> None:
    """The page on which the app is allowed is on the server that stands in for Slack."""
    assert authorize_url(api) == page


async def is_refused(world: World, browser: Browser, path: str, status: int, told: str) -> None:
    """Nothing is kept, and the page says why in a safe way."""
    answered, headers, page = await browser.get(path)
    assert answered == status
    assert told in page
    assert 'href="/slack/install"' in page
    assert "script-src" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")
    assert not await world.rows("installation")


async def test_installations_that_fail(world: World) -> None:
    """Another browser, a word that is wrong, used or too old, a refusal and a bad code end on a page that says so."""
    slack, path = world.slack, "/slack/oauth_redirect"
    browser, other = world.browser(), world.browser("de")
    state, code = state_in(await browser.begin()), slack.allow("T1")
    await other.begin()
    await is_refused(world, other, f"{path}?code={code}&state={state}", 400, "Diese Installation ist abgelaufen")
    await is_refused(world, browser, f"{path}?code={code}&state=another", 400, "This installation has expired")
    await is_refused(world, browser, f"{path}?error=access_denied&state={state}", 200, "Nothing was installed")
    await is_refused(world, browser, f"{path}?error=<script>&state={state}", 200, "That did not work")
    await is_refused(world, browser, f"{path}?code=unknown&state={state}", 401, "This installation has expired")
    await is_refused(world, browser, f"{path}?code={code}&state={state}", 401, "This installation has expired")
    late = state_in(await browser.begin())
    world.clock.moment += datetime.timedelta(seconds=601)
    await is_refused(world, browser, f"{path}?code={code}&state={late}", 401, "This installation has expired")
    assert code in slack.codes


async def test_what_was_begun_is_forgotten(world: World) -> None:
    """Installations that were begun and never finished are erased once they are too old."""
    await world.browser().begin()
    assert len(await world.rows("oauth_state")) == 1
    await installs_of(world).tidy(30)
    assert len(await world.rows("oauth_state")) == 1
    world.clock.moment += HOURS
    await installs_of(world).tidy(30)
    assert not await world.rows("oauth_state")


async def test_slack_away(small: World) -> None:
    """When Slack does not answer in its own way the installer hears so, and nothing is kept."""
    browser = small.browser()
    state = state_in(await browser.begin())
    small.slack.url = "http://127.0.0.1:9"
    client = small.plug._client  # type: ignore[attr-defined]
    client.web.base_url = "http://127.0.0.1:9/api/"
    await is_refused(small, browser, f"/slack/oauth_redirect?code=c&state={state}", 502, "That did not work")


async def test_too_many_at_once(small: World) -> None:
    """Only so many installations may begin in a minute; they are rows in the database. Who is refused does not count:
    a minute later the next may begin, however many have asked meanwhile."""
    seconds = 0.0
    pages = small.plug._pages  # type: ignore[attr-defined]
    pages._begun = Recent(BEGUN, BEGUN_SECONDS, lambda: seconds)
    for _ in range(BEGUN):
        await small.browser().begin()
    seconds = 30.0
    for _ in range(BEGUN + 1):
        status, _, page = await small.browser().get("/slack/install")
        assert status == 429
        assert "Too many at once" in page
    assert len(await small.rows("oauth_state")) == BEGUN
    seconds = 61.0
    await small.browser().begin()


async def test_not_installed(small: World) -> None:
    """Where the app is not installed, commands and clicks get a kind sentence with the way to it, what was written into
    a window stays there, and all else has no answer."""
    status, said = await small.slack.send(of_team(payload("slash"), "T9"))
    assert status == 200
    assert said["response_type"] == "ephemeral"
    assert f"{PUBLIC}/slack/install" in said["text"]
    for body in (message("T9", "hello"), of_team(payload("button_message"), "T9"), of_team(payload("shortcut"), "T9")):
        status, _ = await small.slack.send(body)
        assert status == 200
    for told in await small.slack.called("response_url", 2):
        assert f"{PUBLIC}/slack/install" in told.arguments["text"]
        assert told.arguments["response_type"] == "ephemeral"
    assert {call.method for call in small.slack.calls} == {"response_url"}
    status, _ = await small.slack.send(of_team(payload("submission"), "T9"))
    assert status == 400
    status, said = await small.slack.send(payload("url_verification"))
    assert (status, said) == (200, {"challenge": payload("url_verification")["challenge"]})


async def test_installed_twice_at_once(world: World) -> None:
    """Two people who install the app in one workspace at the same time both see that it is there."""
    pages = await asyncio.gather(*(world.install("T1") for _ in range(3)))
    assert len(pages) == 3
    assert len(await world.rows("installation")) == 1
    assert (await world.say("T1", "hello"))[0].by == "T1"


async def test_too_few_scopes(small: World) -> None:
    """The doctor names workspaces where the app may do less than it could, and counts all."""
    await small.install("T1")
    small.slack.scopes = "commands,chat:write"
    await small.install("T2")
    found = await examine(small.settings, small.clock())
    assert states(found)["scopes"] is State.WARNING
    assert "T2" in said(found, "scopes")
    assert "T1" not in said(found, "scopes")
    assert said(found, "installations").startswith("2 in workspaces")


async def test_installed_moments_later(small: World) -> None:
    """Whoever asked before the installation is answered right after it."""
    await small.slack.send(message("T1", "hello"))
    await small.install("T1")
    assert (await small.say("T1", "hello"))[0].by == "T1"


@pytest.mark.parametrize(
    ("accepts", "lang"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("fr,en;q=0.2,de;q=0.7", "de"),
        ("en-GB,de", "en"),
        ("de;q=0,en;q=0.1", "en"),
        ("*", "en"),
        ("x" * 100_000, "en"),
        (";;q=,", "en"),
    ],
)
def test_language(accepts: str, lang: str) -> None:
    """The pages speak the language that the browser would like best, of those that there are."""
    assert voice_for(content().texts, accepts).lang == lang


def installs_of(world: World) -> Any:
    """What the process keeps of installations."""
    return world.plug._installs  # type: ignore[attr-defined]
