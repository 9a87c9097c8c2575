"""The doctor: finds what is wrong, says what to do, changes nothing."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.doctor import examine
from bot.finding import Finding, State, compare_clocks
from bot.settings import Settings
from bot.slack.checkup import check_slack
from bot.slack.manifest import SCOPES
from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from bot.teams.checkup import check_teams
from handlers.turn import Person
from scheduler.fleet import scripts
from tests.crowd import gather_crowd
from tests.teams import Microsoft, registered

NOW = datetime.datetime.now(datetime.UTC)
ON_TIME = datetime.timedelta()
LONG_AGO = NOW - datetime.timedelta(hours=3)


def settings_of(**given: object) -> Settings:
    """Settings of these values alone."""
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


def states(found: list[Finding]) -> dict[str, State]:
    """The worst state of each thing."""
    order = list(State)
    return {each.about: each.state for each in sorted(found, key=lambda each: order.index(each.state))}


def said(found: list[Finding], about: str) -> str:
    """What was said about something."""
    return " ".join(each.sentence for each in found if each.about == about)


class Methods:
    """The methods of Slack's Web API that the doctor asks."""

    def __init__(self) -> None:
        self.scopes: str | None = ",".join(SCOPES)
        self.refused = ""
        self.tokens: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        """Answer as Slack does."""
        self.tokens.append(request.headers["Authorization"])
        if self.refused:
            return web.json_response({"ok": False, "error": self.refused})
        return web.json_response({"ok": True}, headers={"X-OAuth-Scopes": self.scopes} if self.scopes else {})


async def ask_slack(methods: Methods, ahead: datetime.timedelta = ON_TIME, **tokens: str) -> list[Finding]:
    """What the doctor finds at Slack, by a clock that is ahead of Slack's."""
    app = web.Application()
    app.router.add_post("/api/{method}", methods.answer)
    given = {"slack_bot_token": "xoxb-1", "slack_signing_secret": "s"} | tokens
    now = datetime.datetime.now(datetime.UTC) + ahead
    async with TestServer(app) as server:
        return await check_slack(settings_of(slack_api_url=str(server.make_url("/api/")), **given), now)


async def test_slack_is_well() -> None:
    """With a good token, every scope and the right time all is well; both tokens are shown to Slack."""
    methods = Methods()
    found = await ask_slack(methods, slack_app_token="xapp-1")
    assert set(states(found).values()) == {State.OK}
    assert methods.tokens == ["Bearer xoxb-1", "Bearer xapp-1"]


async def test_missing_scopes_are_named() -> None:
    """A scope that is missing is a fault with its name and the way, one too many a warning."""
    methods = Methods()
    methods.scopes = "chat:write,commands,im:history,im:write,users:read,app_mentions:read"
    found = await ask_slack(methods)
    assert states(found)["scopes"] is State.FAULT
    assert "files:write" in said(found, "scopes")
    assert "reinstall" in said(found, "scopes")
    methods.scopes = ",".join((*SCOPES, "channels:history"))
    found = await ask_slack(methods)
    assert states(found)["scopes"] is State.WARNING
    assert "channels:history" in said(found, "scopes")


async def test_a_refused_token() -> None:
    """A token that Slack refuses is a fault, with where to get another."""
    methods = Methods()
    methods.refused = "invalid_auth"
    found = await ask_slack(methods, slack_app_token="xapp-1")
    assert (states(found)["SLACK_BOT_TOKEN"], states(found)["SLACK_APP_TOKEN"]) == (State.FAULT, State.FAULT)
    assert "invalid_auth" in said(found, "SLACK_BOT_TOKEN")
    assert "xoxb" not in str(found)


async def test_slack_out_of_reach() -> None:
    """When Slack cannot be reached, that is said, and not that the token is wrong."""
    found = await check_slack(settings_of(slack_bot_token="xoxb-1", slack_api_url="http://127.0.0.1:9/"), NOW)
    assert states(found) == {"Slack": State.FAULT}


@pytest.mark.parametrize(("off", "state"), [(2, State.OK), (-60, State.WARNING), (400, State.FAULT)])
async def test_the_clock(off: int, state: State) -> None:
    """A clock that is off by a minute is a warning, by more than Slack allows a fault."""
    found = await ask_slack(Methods(), datetime.timedelta(seconds=off))
    assert states(found)["clock"] is state


def test_a_time_that_is_none() -> None:
    """Where the other side tells no time, nothing is said about the clock."""
    assert compare_clocks("Slack", "", NOW) is None
    assert compare_clocks("Slack", "soon", NOW) is None


class Secret:
    """Credentials that are taken, or fail."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def get_access_token(self, scope: str) -> str:
        """A token, or the failure."""
        if self.error:
            raise self.error
        return "token"


async def test_teams() -> None:
    """A good secret is well, one that Microsoft refuses a fault, and a line that is down is not taken for it."""
    microsoft = Microsoft()
    async with microsoft.serve():
        for error, about in (
            (None, None),
            (PermissionError("invalid_client"), "MICROSOFT_APP_PASSWORD"),
            (ConnectionError("x"), "Microsoft"),
        ):
            keys = f"{microsoft.url}metadata"
            found = await check_teams(
                registered(), datetime.datetime.now(datetime.UTC), credentials=Secret(error), keys_url=keys
            )
            assert [name for name, state in states(found).items() if state is State.FAULT] == ([about] if about else [])
        microsoft.down = True
        found = await check_teams(
            registered(), datetime.datetime.now(datetime.UTC), credentials=Secret(), keys_url=keys
        )
    assert states(found)["Microsoft's keys"] is State.FAULT


async def test_the_database(database: str) -> None:
    """An old database is a fault that names the command, a good one is well, and nobody who waits goes unseen."""
    given = settings_of(database_url=SecretStr(database))
    found = await examine(given, NOW)
    assert states(found)["database"] is (State.OK if given.embedded else State.FAULT)
    if not given.embedded:
        assert "python -m bot migrate" in said(found, "database")
    await migrate(database, None if given.embedded else scripts())
    found = await examine(given, NOW)
    assert states(found)["database"] is State.OK
    assert "worker" not in states(found)
    store = SqlStore(database)
    await gather_crowd(store, [(Person("slack", "T1", "U1"), LONG_AGO)])
    await store.close()
    found = await examine(given, NOW)
    assert states(found)["worker"] is State.WARNING
    assert "180 minutes" in said(found, "worker")


async def test_a_database_out_of_reach() -> None:
    """A database that does not answer is a fault; its password is not told."""
    found = await examine(settings_of(database_url=SecretStr("postgresql://u:wombat@127.0.0.1:9/x")), NOW)
    assert states(found)["database"] is State.FAULT
    assert "wombat" not in str(found)


async def test_an_open_teams_is_a_warning() -> None:
    """The developer's switch is told, and a host that others reach."""
    found = await examine(settings_of(rung_dev=True, database_url=SecretStr("sqlite:////nowhere/rung.db")), NOW)
    assert states(found)["Teams"] is State.WARNING
    found = await examine(settings_of(host="0.0.0.0", database_url=SecretStr("sqlite:////nowhere/rung.db")), NOW)
    assert states(found)["HOST"] is State.WARNING


def run(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parent.parent)} | variables
    command = [sys.executable, "-m", "bot", "doctor"]
    return subprocess.run(command, env=given, capture_output=True, text=True, timeout=60, check=False, cwd=folder)


def test_the_command(tmp_path: Path) -> None:
    """One line each, exit code 0 without a fault and 1 with one; no file is made, and no secret told."""
    well = run(tmp_path)
    assert well.returncode == 0
    assert {line.split()[0] for line in well.stdout.splitlines()} <= {"ok", "warning"}
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".env").write_text("SLACK_APP_TOKEN=xapp-wombat\nSLACK_API_URL=http://127.0.0.1:9/\n")
    (tmp_path / ".env").chmod(0o644)
    bad = run(tmp_path)
    assert bad.returncode == 1
    assert "fault    settings: SLACK_BOT_TOKEN is missing" in bad.stdout
    assert "chmod 600 .env" in bad.stdout
    assert "wombat" not in bad.stdout + bad.stderr
