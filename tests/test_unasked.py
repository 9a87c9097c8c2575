"""Letters on their whole way: claimed, sent by the real platforms to stand-ins that fail, looked up and settled."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from bot.settings import Settings
from bot.slack.inbound import SlackPlug
from bot.teams.inbound import TeamsPlug
from handlers.lateness import Quiet
from handlers.ports import Platform
from handlers.records import Address
from handlers.reply import Reply, Text
from handlers.turn import Person, Turn
from scheduler.delivery import Delivery
from scheduler.letters import Letter, State, Workspace
from scheduler.pace import Pace
from scheduler.sending import Terms
from scheduler.watch import Watch
from tests.post import MemoryPost
from tests.slack import SECRET, running
from tests.talk import content
from tests.teams import TENANT, developer, stand_in

PEOPLE = 8


class Cut(web.Response):
    """No answer at all: the connection is closed."""

    async def prepare(self, request: web.BaseRequest) -> None:
        assert request.transport
        request.transport.close()


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


async def nobody(turn: Turn) -> Reply:
    raise AssertionError(turn)


async def nudge(turn: Turn) -> Reply | None:
    """What every letter says."""
    return Reply((Text(f"For {turn.person.user}."),), lang="en")


def post_of(platform: str, tenant: str, address: Callable[[str], Address]) -> MemoryPost:
    """A letter to each of some people, due now."""
    due = now()
    people = (Person(platform, tenant, f"U{number}") for number in range(PEOPLE))
    return MemoryPost(Letter(who, due.date(), "nudge", due, address=address(who.user)) for who in people)


async def drain(post: MemoryPost, platform: Platform, tenant: str) -> Counter[State]:
    """Deliver everything that waits."""
    terms = Terms(datetime.timedelta(hours=12), Quiet(0, 0))
    delivery = Delivery(post, {platform.name: platform}, nudge, terms, Watch(now), Pace({}, Watch(now)))
    await delivery.drain(Workspace(platform.name, tenant))
    return Counter(row.state for row in post.rows.values())


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.delivery.DOUBT_SECONDS", 0.3)
    monkeypatch.setattr("scheduler.delivery.POLL_SECONDS", 0.1)


@pytest.mark.parametrize("takes", [True, False])
async def test_slack_gets_each_letter_once(takes: bool) -> None:
    """Whether Slack took a letter before it cut the line or not: in the end it is there once, with its own mark."""
    async with running(nobody) as slack:
        settings = Settings(
            _env_file=None,
            slack_signing_secret=SECRET,
            slack_bot_token="xoxb-test",
            slack_api_url=f"{slack.url}/api/",
        )
        plug = SlackPlug(settings, nobody, content().texts)
        assert plug.platform
        await plug.start(receiving=False)
        post = post_of("slack", "T0TEAM001", lambda user: {"channel": f"D{user}", "user": user})
        refusal = web.json_response({"ok": False, "error": "msg_too_long"})
        slack.takes, slack.failures = takes, [Cut(), web.Response(status=500), Cut(), refusal, web.Response(status=502)]
        try:
            states = await drain(post, plug.platform, "T0TEAM001")
        finally:
            await plug.stop()
        assert states == {State.REFUSED: 1, State.SENT: PEOPLE - 1}
        assert [row.trail[-1][1] for row in post.rows.values() if row.state is State.REFUSED] == ["msg_too_long"]
        marks: dict[str, Any] = {post["channel"]: post["metadata"]["event_payload"]["mark"] for post in slack.posts}
        assert len(slack.posts) == PEOPLE - 1 + takes
        sent = {f"D{row.letter.person.user}": mark for mark, row in post.rows.items() if row.state is State.SENT}
        assert marks.items() >= sent.items()


async def test_teams_gets_no_letter_twice() -> None:
    """What Teams may have taken is not sent again, because nobody can look it up; all else arrives."""
    async with stand_in() as teams:
        plug = TeamsPlug(developer(), nobody, content().texts)
        assert plug.platform
        await plug.start(receiving=False)
        known = {"service_url": teams.url, "tenant_id": TENANT, "bot_id": "28:bot"}
        post = post_of("teams", TENANT, lambda user: {**known, "user": f"29:{user}", "conversation_id": f"a:{user}"})
        teams.cuts = 1
        never_read = (201, {}, "{}")
        too_big, faulty = (413, {}, ""), (400, {}, '{"error": {"code": "BadSyntax"}}')
        teams.script = [never_read, (504, {}, ""), (429, {"Retry-After": "1"}, ""), (403, {}, ""), too_big, faulty]
        try:
            states = await drain(post, plug.platform, TENANT)
            assert states[State.READY] > 0, "the gate is closed for a second"
            post.gates.clear()
            for row in post.rows.values():
                row.not_before = None
            states = await drain(post, plug.platform, TENANT)
        finally:
            await plug.stop()
        assert states == {State.LOST: 2, State.GONE: 1, State.REFUSED: 2, State.SENT: PEOPLE - 5}
        whys = [row.trail[-1][1] for row in post.rows.values() if row.state is State.REFUSED]
        assert sorted(whys) == ["HTTP 400 BadSyntax", "HTTP 413"]
        busy = 1
        assert len(teams.calls) == PEOPLE + busy
