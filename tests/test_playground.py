"""The playground without a browser: who may use it, what its stand-ins refuse, how its clock goes, what is shipped."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import hashlib
import json
import tomllib
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import bot.playground
from bot.playground import cast, slack_side
from bot.playground.clock import MovableClock
from bot.playground.far import FarSide
from bot.playground.play import at_play
from bot.playground.slack_api import TOKEN
from bot.settings import Settings
from tests.browser import playing
from tests.teams import APP

FOLDER = Path(bot.playground.__file__).parent
ROOT = FOLDER.parents[1]
NOON = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)
ADA = cast.PEOPLE["ada"]
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "A window"}, "blocks": []}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A playground."""
    with playing() as found:
        yield found


def asked(address: str, body: dict[str, Any] | None = None, **headers: str) -> tuple[int, str]:
    """The status and the text of an answer."""
    data = None if body is None else json.dumps(body).encode()
    kind = {"Content-Type": "application/json"} if data else {}
    request = urllib.request.Request(address, data, kind | headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_only_its_own_page_may_ask(address: str) -> None:
    """What comes from a page elsewhere, or under another name of this machine, is refused."""
    deed = {"person": "ada", "do": "slack.tab", "tab": "home"}
    assert asked(address)[0] == 200
    assert asked(address, Host="rung.example.com")[0] == 403
    assert asked(f"{address}playground/do", deed, Origin="https://example.com")[0] == 403
    assert asked(f"{address}playground/do", deed, Origin=address.rstrip("/"))[0] == 200
    assert asked(f"{address}playground/do", deed, **{"Content-Type": "text/plain"})[0] == 415


@pytest.mark.parametrize(
    ("deed", "status"),
    [
        ({"person": "nobody", "do": "slack.tab", "tab": "home"}, 400),
        ({"person": "noor", "do": "slack.tab", "tab": "home"}, 400),
        ({"person": "ada", "do": "no such thing"}, 400),
        ({"person": "ada", "do": "teams.say", "room": "a:1ben", "text": "hello"}, 400),
        ({"person": "ada", "do": "slack.say", "room": ADA.direct, "text": 1}, 400),
        ({"person": "ada", "do": "clock", "to": "soon"}, 400),
        ({"person": "ada", "do": "clock", "to": "2020-01-01T09:00"}, 400),
        ({"person": "ada", "do": "slack.press", "room": ADA.direct, "id": "1.1", "action": {}, "state": {}}, 200),
    ],
)
def test_what_cannot_be_done(address: str, deed: dict[str, Any], status: int) -> None:
    """A deed that makes no sense is refused, and what is gone is said to be."""
    answered, text = asked(f"{address}playground/do", deed)
    assert answered == status
    assert status == 400 or "not there any more" in text


@pytest.mark.parametrize("name", ["..%2Fplay.py", "%2e%2e%2fcast.py", "nothing.js"])
def test_only_built_files_are_served(address: str, name: str) -> None:
    """Nothing but the page's files can be had."""
    assert asked(f"{address}playground/page/{name}")[0] == 404


def test_real_credentials_stay_out() -> None:
    """Whatever the operator has set, the playground listens on the loopback and has no credential of theirs."""
    real = {"slack_bot_token": "xoxb-real", "slack_app_token": "xapp-real", "microsoft_app_password": "real"}
    operator = Settings(_env_file=None, host="0.0.0.0", microsoft_app_id=APP, teams_tenants=("real",), **real)
    settings = at_play(operator, "sqlite:///x.db", "http://127.0.0.1:1", "throw-away")
    assert settings.on_loopback
    assert not settings.faults()
    assert "real" not in repr([value for value in settings.model_dump().values() if isinstance(value, str)])
    assert settings.slack_app_token is None
    assert settings.microsoft_app_password is None
    assert settings.slack_bot_token
    assert settings.slack_bot_token.get_secret_value() == TOKEN


@contextlib.asynccontextmanager
async def far_side() -> AsyncIterator[tuple[FarSide, Any]]:
    """The stand-ins, and a way to call Slack's methods."""
    far = FarSide(MovableClock(lambda: NOON))
    async with far.served(), aiohttp.ClientSession() as http:

        async def call(method: str, token: str = TOKEN, **arguments: Any) -> dict[str, Any]:
            headers = {"Authorization": f"Bearer {token}"}
            async with http.post(f"{far.slack.url}/slack/api/{method}", json=arguments, headers=headers) as answer:
                found: dict[str, Any] = await answer.json()
                return found

        yield far, call


async def test_slack_refuses() -> None:
    """The stand-in of Slack refuses what Slack refuses, with the same words."""
    async with far_side() as (_, call):
        refused = [
            await call("auth.test", token="another"),
            await call("no.such"),
            await call("chat.postMessage", channel="C404", text="x"),
            await call("chat.postMessage", channel=ADA.direct),
            await call("chat.postMessage", channel=ADA.direct, blocks=[{"type": "divider"}] * 51),
            await call("chat.update", channel=ADA.direct, ts="1.1", text="x"),
            await call("users.info", user="U404"),
            await call("views.open", trigger_id="none", view=MODAL),
            await call("views.publish", user_id=ADA.slack, view={"type": "home", "blocks": []}, hash="x"),
            await call("files.completeUploadExternal", channel_id=ADA.direct, files=[{"id": "F404"}]),
        ]
    assert [answer.get("error", "taken") for answer in refused] == [
        "not_authed",
        "unknown_method",
        "channel_not_found",
        "no_text",
        "invalid_blocks",
        "message_not_found",
        "user_not_found",
        "invalid_trigger_id",
        "taken",
        "file_not_found",
    ]


async def test_slack_changes_messages() -> None:
    """Messages are posted, changed and deleted; a private one is seen by one person, and cannot be changed."""
    async with far_side() as (far, call):
        ts = (await call("chat.postMessage", channel=ADA.slack, text="one"))["ts"]
        await call("chat.update", channel=ADA.direct, ts=ts, text="two")
        assert [message.text for message in far.slack.rooms[ADA.direct]] == ["two"]
        assert (await call("conversations.history", channel=ADA.direct))["messages"][0]["bot_id"]
        await call("chat.delete", channel=ADA.direct, ts=ts)
        assert not far.slack.rooms[ADA.direct]
        private = await call("chat.postEphemeral", channel="C0GUILD01", user=ADA.slack, text="psst")
        refused = await call("chat.update", channel="C0GUILD01", ts=private["message_ts"], text="x")
        assert refused["error"] == "cant_update_message"


async def test_slack_tells_who_is_where() -> None:
    """A channel has the people of its company and the bot, a user group its own, and what is unknown neither."""
    async with far_side() as (_, call):
        assert (await call("conversations.info", channel="C0GUILD01"))["channel"]["name"] == "ml-guild"
        members = (await call("conversations.members", channel="C0GUILD01"))["members"]
        assert set(members) == {
            slack_side.BOT_USER,
            *(one.slack for one in cast.IN_SLACK.values() if one.company is cast.ACORN),
        }
        assert (await call("usergroups.users.list", usergroup="S0LEADS01"))["users"] == ["U0MIA001"]
        assert (await call("usergroups.users.list", usergroup="S404"))["error"] == "no_such_subteam"


async def test_triggers_and_response_urls_wear_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trigger opens one window and soon, a response URL is good five times."""
    async with far_side() as (far, call), aiohttp.ClientSession() as http:
        trigger = far.slack.trigger(ADA.slack)
        assert (await call("views.open", trigger_id=trigger, view=MODAL))["ok"]
        assert (await call("views.open", trigger_id=trigger, view=MODAL))["error"] == "invalid_trigger_id"
        monkeypatch.setattr(slack_side, "TRIGGER_SECONDS", -1.0)
        late = await call("views.open", trigger_id=far.slack.trigger(ADA.slack), view=MODAL)
        assert late["error"] == "expired_trigger_id"
        url = far.slack.response_url(ADA.slack, "C0GUILD01")
        statuses = []
        for _ in range(6):
            async with http.post(url, json={"text": "x"}) as answer:
                statuses.append(answer.status)
        assert statuses == [200] * 5 + [404]
        assert {message.only_for for message in far.slack.rooms["C0GUILD01"]} == {ADA.slack}


async def test_windows_are_stacked_and_updated() -> None:
    """Three windows lie upon each other at most; the one that is meant is updated, unless it changed meanwhile."""
    async with far_side() as (far, call):
        view = (await call("views.open", trigger_id=far.slack.trigger(ADA.slack), view=MODAL))["view"]
        answers = [await call("views.push", trigger_id=far.slack.trigger(ADA.slack), view=MODAL) for _ in range(3)]
        assert [answer.get("error") for answer in answers] == [None, None, "push_limit_reached"]
        assert (await call("views.update", view_id=view["id"], view=MODAL, hash=view["hash"]))["ok"]
        again = await call("views.update", view_id=view["id"], view=MODAL, hash=view["hash"])
        assert again["error"] == "hash_conflict"


async def test_teams_refuses() -> None:
    """The stand-in of the connector refuses what Microsoft's refuses, and takes the rest."""
    async with far_side() as (far, _), aiohttp.ClientSession() as http:
        base = f"{far.teams.service_url}v3/conversations"
        text = {"type": "message", "text": "hello"}

        async def call(method: str, path: str, body: Any = None) -> int:
            async with http.request(method, base + path, json=body) as answer:
                return answer.status

        chat, sent = f"/{ADA.chat}/activities", []
        assert await call("POST", chat, text) == 201
        sent = far.teams.rooms[ADA.chat]
        assert await call("PUT", f"{chat}/{sent[0].id}", {"text": "again"}) == 200
        assert (sent[0].text, sent[0].edited) == ("again", True)
        assert await call("DELETE", f"{chat}/{sent[0].id}") == 200
        assert not sent
        assert await call("PUT", f"{chat}/404", text) == 404
        assert await call("POST", "/a:404/activities", text) == 404
        assert await call("POST", chat, {"type": "message"}) == 400
        assert await call("POST", chat, {"text": "x" * 200_000}) == 413
        assert await call("POST", f"{chat}?isTargetedActivity=true", text) == 400
        assert await call("GET", f"/{ADA.chat}/pagedmembers") == 200
        assert await call("GET", f"/{ADA.chat}/members/{ADA.directory}") == 200
        assert await call("GET", f"/{ADA.chat}/members/29:1noor") == 404
        member = {"members": [{"id": ADA.teams}], "tenantId": ADA.company.tenant}
        assert await call("POST", "", member) == 201
        assert await call("POST", "", member | {"tenantId": cast.BIRCH.tenant}) == 403


def test_the_clock_goes_forward_only() -> None:
    """It can be put forward, again and again, and never back."""
    clock = MovableClock(lambda: NOON)
    clock.put_forward(NOON + datetime.timedelta(days=7))
    assert clock() == NOON + datetime.timedelta(days=7)
    clock.put_forward(NOON)
    assert clock() == NOON + datetime.timedelta(days=7)


async def test_news_are_waited_for() -> None:
    """Whoever waits for a change hears of it at once, and of none after a while."""
    far = FarSide(MovableClock(lambda: NOON))
    waiting = asyncio.create_task(far.wire.changed(far.wire.version, 5))
    await asyncio.sleep(0)
    await far.wire.keep("slack", "bot", "message", {}, 200, "")
    assert await waiting == far.wire.version == 1
    assert await far.wire.changed(1, 0.01) == 1
    assert [each.name for each in far.wire.after(0)] == ["message"]


def test_the_page_is_built_from_its_sources() -> None:
    """The built files are those of the sources beside them; `make page` builds them anew."""
    lines = (FOLDER / "built" / "sources.sha256").read_text().splitlines()
    told = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    page = FOLDER / "page"
    names = ["build.mjs", "package.json", "package-lock.json"]
    names += [path.relative_to(page).as_posix() for path in sorted((page / "src").iterdir())]
    assert told == {name: hashlib.sha256((page / name).read_bytes()).hexdigest() for name in names}, "run `make page`"


def test_what_is_shipped() -> None:
    """The built page goes along with the package, with the licences of what is in it, and asks nobody else."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert "bot.playground" in project["packages"]
    assert project["package-data"]["bot.playground"] == ["built/*"]
    licences = (FOLDER / "built" / "LICENCES.txt").read_text()
    for name in json.loads((FOLDER / "page" / "package.json").read_text())["dependencies"]:
        assert f"\n{name} " in licences
    assert "http" not in (FOLDER / "built" / "index.html").read_text().replace("http://www.w3.org/2000/svg", "")
    assert "resolved" not in (FOLDER / "page" / "package-lock.json").read_text()


async def test_slack_takes_what_agents_do() -> None:
    """Prompts stand in a conversation, never in a thread, and a line stands in a thread until it is answered."""
    async with far_side() as (far, call):
        prompts = [{"title": "Go", "message": "Go on"}]
        asked = far.slack.add(ADA.direct, ADA.slack, {"text": "hello"})
        about = {"channel_id": ADA.direct, "thread_ts": asked.ts}
        taken = [
            await call("assistant.threads.setSuggestedPrompts", prompts=prompts, **about),
            await call("assistant.threads.setSuggestedPrompts", channel_id=ADA.direct, prompts=prompts * 5),
            await call("assistant.threads.setStatus", channel_id=ADA.direct, thread_ts="1.1", status="is at work"),
        ]
        assert [answer.get("error", "taken") for answer in taken] == ["taken", "invalid_arguments", "message_not_found"]
        assert far.slack.prompts == {}
        await call("assistant.threads.setSuggestedPrompts", channel_id=ADA.direct, prompts=prompts)
        assert far.slack.prompts == {ADA.direct: prompts}
        await call("assistant.threads.setStatus", status="is at work", **about)
        assert far.slack.status(ADA.direct) == {"thread": asked.ts, "line": "is at work"}
        await call("chat.postMessage", channel=ADA.direct, text="Elsewhere.")
        assert far.slack.status(ADA.direct)
        await call("chat.postMessage", channel=ADA.direct, text="Hello.", thread_ts=asked.ts)
        assert far.slack.status(ADA.direct) is None
        await call("assistant.threads.setStatus", status="is at work", **about)
        await call("assistant.threads.setStatus", status="", **about)
        assert far.slack.status(ADA.direct) is None


async def test_slack_windows_are_stacked_and_turned() -> None:
    """A window is pushed above another one, three at most, and turned to its next page by its id."""
    async with far_side() as (far, call):
        for method, error in (
            ("views.open", None),
            ("views.push", None),
            ("views.push", None),
            ("views.push", "limit"),
        ):
            answer = await call(method, trigger_id=far.slack.trigger(ADA.slack), view=MODAL)
            assert answer["ok"] is (error is None)
        lowest = far.slack.windows[ADA.slack][0]["id"]
        turned = MODAL | {"title": {"type": "plain_text", "text": "Its next page"}}
        assert (await call("views.update", view_id=lowest, view=turned))["ok"]
        assert [view["title"]["text"] for view in far.slack.windows[ADA.slack]] == [
            "Its next page",
            "A window",
            "A window",
        ]
        assert (await call("views.update", view_id="V404", view=turned))["error"] == "not_found"


def test_colleagues_answer_only_what_they_were_asked(address: str) -> None:
    """Without an invitation nobody agrees to anything, and it is said what to do first."""
    status, text = asked(f"{address}playground/do", {"person": "mia", "do": "colleagues"})
    assert status == 200
    assert "invite everybody in #ml-guild" in text
    assert "agreed" not in text
