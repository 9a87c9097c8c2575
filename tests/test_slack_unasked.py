"""What Slack is sent that nobody asked for: every way it can fail, and finding it again."""

from __future__ import annotations

import contextlib
import datetime
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import structlog
from aiohttp import web

from bot.settings import Settings
from bot.slack import limits
from bot.slack.inbound import SlackPlug
from bot.slack.people import People
from bot.slack.sending import Refused
from bot.slack.unasked import Unasked
from handlers.errors import Gone, InDoubt, TryLater
from handlers.intent import StartHere
from handlers.ports import Platform
from handlers.reply import Button, Buttons, Reply, Text
from handlers.turn import Person, Place, Turn
from tests.ports import free_port
from tests.slack import BOT, SECRET, Slack, payload, running
from tests.talk import content

ANNA = Person("slack", "T0TEAM001", "U012ANNA01")
ADDRESS = {"channel": "D0ANNA001", "user": "U012ANNA01"}
HERE = Place("D0ANNA001")
MARK = "0123456789abcdef"
NUDGE = Reply((Text("Your next milestone."), Buttons((Button("Done", StartHere()),))))
LONG = Reply(tuple(Text(f"{place} " + "word " * 500) for place in range(8)))
YESTERDAY = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)


class Cut(web.Response):
    """No answer at all: the connection is closed."""

    async def prepare(self, request: web.BaseRequest) -> None:
        assert request.transport
        request.transport.close()


async def nobody(turn: Turn) -> Reply:
    raise AssertionError(turn)


def settings(api: str) -> Settings:
    return Settings(
        _env_file=None, slack_signing_secret=SECRET, slack_bot_token="xoxb-test", slack_api_url=f"{api}/api/"
    )


@contextlib.asynccontextmanager
async def sending_to(api: str) -> AsyncIterator[Platform]:
    """The platform of a process that only sends."""
    plug = SlackPlug(settings(api), nobody, content().texts)
    await plug.start(receiving=False)
    assert plug.platform
    try:
        yield plug.platform
    finally:
        await plug.stop()


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with running(nobody) as slack:
        yield slack


@pytest.fixture
async def platform(slack: Slack) -> AsyncIterator[Platform]:
    async with sending_to(slack.url) as platform:
        await slack.called("auth.test", 2)
        yield platform


async def test_a_letter_is_posted_once_with_its_mark(slack: Slack, platform: Platform) -> None:
    """A letter goes to the person's own conversation, unfurls nothing, and can be found by our id."""
    assert await platform.place(ANNA, ADDRESS) == HERE
    assert await platform.send(ANNA, HERE, ADDRESS, NUDGE, MARK) == "1.1"
    (call,) = slack.of("chat.postMessage")
    assert call.arguments["channel"] == HERE.id
    assert call.arguments["metadata"] == {"event_type": "rung_letter", "event_payload": {"mark": MARK}}
    assert (call.arguments["unfurl_links"], call.arguments["unfurl_media"]) == (False, False)
    assert "Your next milestone." in call.arguments["text"]
    assert call.arguments["blocks"]
    assert slack.of("conversations.open") == []


async def test_the_mark_stands_on_the_first_of_several_messages(slack: Slack, platform: Platform) -> None:
    """A long letter is several messages, each posted once; the first one tells which letter it is."""
    assert await platform.send(ANNA, HERE, ADDRESS, LONG, MARK) == "1.1"
    calls = slack.of("chat.postMessage")
    assert len(calls) > 1
    assert ["metadata" in call.arguments for call in calls] == [True] + [False] * (len(calls) - 1)


@pytest.mark.parametrize("failure", [Cut(), web.Response(status=500), web.Response(status=429)])
async def test_what_follows_the_first_message_is_not_made_up_for(
    slack: Slack, platform: Platform, failure: web.Response
) -> None:
    """A letter whose first message has arrived is sent, whatever becomes of the rest, and not begun again."""
    slack.failures = [web.json_response({"ok": True, "ts": "7.7"}), failure]
    assert await platform.send(ANNA, HERE, ADDRESS, LONG, MARK) == "7.7"
    assert len(slack.of("chat.postMessage")) == 2


def refused(error: str, status: int = 200, **headers: str) -> web.Response:
    return web.json_response({"ok": False, "error": error}, status=status, headers=headers)


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [
        (refused("ratelimited", 429, **{"Retry-After": "17"}), 17),
        (web.Response(status=429, headers={"Retry-After": "3"}), 3),
        (web.Response(status=429, headers={"Retry-After": "soon"}), 30),
        (web.Response(status=429, headers={"Retry-After": "1.5"}), 1.5),
        (web.Response(status=429, headers={"Retry-After": "9" * 5_000}), 30),
        (refused("ratelimited"), 30),
        (refused("service_unavailable", 503), 30),
        (refused("request_timeout"), 30),
        (web.Response(status=403, text="<html>no way out</html>", content_type="text/html"), 30),
        (refused("invalid_auth"), 3600),
        (refused("account_inactive"), 3600),
        (refused("token_revoked"), 3600),
        (refused("missing_scope"), 3600),
        (refused("messages_tab_disabled"), 3600),
    ],
)
async def test_what_was_not_taken_may_be_later(
    slack: Slack, platform: Platform, failure: web.Response, seconds: float
) -> None:
    """What Slack has certainly not taken is tried later; a refused app costs nobody their nudge."""
    slack.failures = [failure]
    with pytest.raises(TryLater) as caught:
        await platform.send(ANNA, HERE, ADDRESS, NUDGE, MARK)
    assert caught.value.seconds == seconds
    assert len(slack.of("chat.postMessage")) == 1


async def test_a_refused_app_is_an_operators_matter(slack: Slack, platform: Platform) -> None:
    """That the whole workspace refuses the app is logged as an error, by Slack's name for it."""
    slack.failures = [refused("token_revoked")]
    with structlog.testing.capture_logs() as logs, pytest.raises(TryLater):
        await platform.send(ANNA, HERE, ADDRESS, NUDGE, MARK)
    assert {"event": "slack_refuses_the_app", "error": "token_revoked", "log_level": "error"} in logs


@pytest.mark.parametrize("error", ["user_disabled", "is_archived", "cannot_dm_bot", "user_not_found"])
async def test_who_cannot_be_written_to_is_gone(slack: Slack, platform: Platform, error: str) -> None:
    """A person who has left, or cannot be written to, is not tried again."""
    slack.failures = [refused(error)]
    with pytest.raises(Gone):
        await platform.send(ANNA, HERE, ADDRESS, NUDGE, MARK)
    assert len(slack.of("chat.postMessage")) == 1


@pytest.mark.parametrize(
    "failure",
    [
        Cut(),
        web.Response(status=500),
        web.Response(status=502, text="<html>", content_type="text/html"),
        web.Response(status=200, text="<html>", content_type="text/html"),
        web.Response(status=200, text="{", content_type="application/json"),
        web.Response(status=200, text='{"ok": true', content_type="application/json"),
        web.Response(status=200, text="", content_type="application/json"),
        refused("internal_error"),
        refused("fatal_error", 500),
        refused("never_heard_of", 503),
    ],
)
async def test_what_nobody_knows_is_looked_up(slack: Slack, platform: Platform, failure: web.Response) -> None:
    """A cut line or a broken answer leaves a letter in doubt, posted once; it is found if it was taken."""
    slack.failures, slack.takes = [failure], True
    with pytest.raises(InDoubt):
        await platform.send(ANNA, HERE, ADDRESS, NUDGE, MARK)
    assert len(slack.of("chat.postMessage")) == 1
    assert await platform.find(ANNA, HERE, MARK, YESTERDAY) == "1.1"
    assert await platform.find(ANNA, HERE, "another", YESTERDAY) == "absent"


async def test_what_was_cut_off_before_is_absent(slack: Slack, platform: Platform) -> None:
    """A letter that Slack did not take is not found, and may go again."""
    slack.failures = [Cut()]
    with pytest.raises(InDoubt):
        await platform.send(ANNA, HERE, ADDRESS, NUDGE, MARK)
    assert await platform.find(ANNA, HERE, MARK, YESTERDAY) == "absent"


async def test_an_answer_that_is_too_late_is_a_doubt(slack: Slack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack may have taken what it does not answer in time."""
    monkeypatch.setattr("bot.slack.client.TIMEOUT", aiohttp.ClientTimeout(total=0.2))
    async with sending_to(slack.url) as platform:
        slack.slow = 0.5
        with pytest.raises(InDoubt):
            await platform.send(ANNA, HERE, ADDRESS, NUDGE, MARK)
        slack.slow = 0
        assert await platform.find(ANNA, HERE, MARK, YESTERDAY) == "1.1"
        assert len(slack.of("chat.postMessage")) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
async def test_where_nobody_listens_nothing_is_taken(host: str) -> None:
    """A connection that cannot be made leaves no doubt."""
    async with sending_to(f"http://{host}:{free_port()}") as platform:
        with pytest.raises(TryLater):
            await platform.send(ANNA, HERE, ADDRESS, NUDGE, MARK)
        with pytest.raises(TryLater):
            await platform.place(ANNA, None)
        with pytest.raises(TryLater):
            await platform.find(ANNA, HERE, MARK, YESTERDAY)


async def test_a_message_that_slack_will_not_have_is_our_fault(slack: Slack, platform: Platform) -> None:
    """A fault of ours neither ends a person's nudge nor stops a workspace."""
    slack.failures = [refused("invalid_blocks")]
    with pytest.raises(Refused, match="invalid_blocks"):
        await platform.send(ANNA, HERE, ADDRESS, NUDGE, MARK)


async def test_a_conversation_is_opened_once(slack: Slack, platform: Platform) -> None:
    """Who never wrote to the coach directly gets a conversation, which is remembered."""
    assert await platform.place(ANNA, None) == await platform.place(ANNA, {}) == Place("D0DIRECT1")
    (call,) = slack.of("conversations.open")
    assert call.arguments["users"] == ANNA.user


@pytest.mark.parametrize(("error", "meaning"), [("user_disabled", Gone), ("ratelimited", TryLater)])
async def test_a_conversation_may_not_be_had(
    slack: Slack, platform: Platform, error: str, meaning: type[Exception]
) -> None:
    """Nobody opens a conversation with who has left; a busy Slack may do it later."""
    slack.refusals = {"conversations.open": error}
    with pytest.raises(meaning):
        await platform.place(ANNA, None)


async def test_a_conversation_of_another_app_is_replaced(slack: Slack, platform: Platform) -> None:
    """When the app was made anew, a letter goes to the new conversation; it is posted there once."""
    slack.missing = {HERE.id}
    await platform.send(ANNA, HERE, ADDRESS, NUDGE, MARK)
    assert [post["channel"] for post in slack.posts] == ["D0DIRECT1"]


async def test_a_conversation_that_stays_missing_is_gone(slack: Slack, platform: Platform) -> None:
    """Where there is no other conversation there is nobody to write to."""
    slack.missing = {"D0DIRECT1"}
    with pytest.raises(Gone):
        await platform.send(ANNA, Place("D0DIRECT1"), {"user": ANNA.user}, NUDGE, MARK)
    assert len(slack.of("chat.postMessage")) == 1


async def test_the_token_of_another_workspace_ends_nothing(slack: Slack, platform: Platform) -> None:
    """With a token of another workspace nobody is found; their nudges wait instead of ending."""
    with pytest.raises(TryLater) as caught:
        await platform.place(Person("slack", "T0OTHER01", "U1"), ADDRESS)
    assert caught.value.seconds == 3600


async def test_a_letter_is_found_beyond_the_first_page(slack: Slack, platform: Platform) -> None:
    """The conversation is read on where Slack gives it in small portions, but not for ever."""
    slack.page = 2
    await platform.send(ANNA, HERE, ADDRESS, NUDGE, MARK)
    slack.said = [{"ts": "9.9", "user": ANNA.user, "text": "Hello"}] * 5
    assert await platform.find(ANNA, HERE, MARK, YESTERDAY) == "1.1"
    slack.said *= limits.HISTORY_PAGES
    assert await platform.find(ANNA, HERE, MARK, YESTERDAY) is None


async def test_only_our_own_message_counts(slack: Slack, platform: Platform) -> None:
    """A mark on somebody else's message is no proof that ours was taken."""
    marked = {"metadata": {"event_type": "rung_letter", "event_payload": {"mark": MARK}}}
    slack.said = [
        {"ts": "9.1", "user": ANNA.user, **marked},
        {"ts": "9.2", "bot_id": "B0OTHER01", **marked},
        {"ts": "9.3", "bot_id": BOT, "metadata": {"event_type": "other", "event_payload": {"mark": MARK}}},
        {"ts": "9.4", "bot_id": BOT, "metadata": "none"},
    ]
    assert await platform.find(ANNA, HERE, MARK, YESTERDAY) == "absent"


@pytest.mark.parametrize("error", ["missing_scope", "invalid_arguments"])
async def test_a_history_that_may_not_be_read_tells_nothing(slack: Slack, platform: Platform, error: str) -> None:
    """Without the right to read, nobody can say what became of a letter."""
    slack.refusals = {"conversations.history": error}
    assert await platform.find(ANNA, HERE, MARK, YESTERDAY) is None


@pytest.mark.parametrize("error", ["ratelimited", "internal_error", "token_revoked"])
async def test_a_look_up_is_put_off(slack: Slack, platform: Platform, error: str) -> None:
    """While Slack cannot be asked, a letter stays in doubt."""
    slack.refusals = {"conversations.history": error}
    with pytest.raises(TryLater):
        await platform.find(ANNA, HERE, MARK, YESTERDAY)


@pytest.mark.parametrize(
    ("profile", "away"),
    [
        ({}, False),
        ({"status_emoji": ":palm_tree:", "status_expiration": 0}, True),
        ({"status_emoji": ":palm_tree:", "status_expiration": time.time() + 3600}, True),
        ({"status_emoji": ":palm_tree:", "status_expiration": time.time() - 3600}, False),
        ({"status_emoji": ":coffee:", "status_expiration": 0}, False),
        ({"status_emoji": None, "status_expiration": "never"}, False),
    ],
)
async def test_a_vacation_is_seen_in_the_status(
    slack: Slack, platform: Platform, profile: dict[str, Any], away: bool
) -> None:
    """Who has Slack's vacation status is away until it ends; Slack is asked once in an hour."""
    slack.user["profile"] = profile
    assert [await platform.is_away(ANNA) for _ in range(3)] == [away] * 3
    assert len(slack.of("users.info")) == 1


async def test_who_is_deactivated_is_gone(slack: Slack, platform: Platform) -> None:
    """A deactivated person is not written to any more."""
    slack.user["deleted"] = True
    with pytest.raises(Gone):
        await platform.is_away(ANNA)
    slack.refusals = {"users.info": "user_not_found"}
    with pytest.raises(Gone):
        await platform.is_away(Person("slack", "T0TEAM001", "U0NOBODY"))


async def test_a_letter_has_the_language_of_the_profile(slack: Slack, platform: Platform) -> None:
    """The language that somebody chose in Slack is known of who never wrote, with the same question."""
    slack.user["locale"] = "de-DE"
    assert [await platform.language(ANNA) for _ in range(2)] == ["de-DE"] * 2
    assert not await platform.is_away(ANNA)
    assert len(slack.of("users.info")) == 1
    slack.refusals = {"users.info": "ratelimited"}
    assert await platform.language(Person("slack", "T0TEAM001", "U0OTHER01")) is None


async def test_nobody_waits_for_a_status(slack: Slack, platform: Platform) -> None:
    """While Slack holds back profiles everybody counts as there, and it is left alone for a while."""
    slack.refusals = {"users.info": "ratelimited"}
    assert not await platform.is_away(ANNA)
    assert not await platform.is_away(Person("slack", "T0TEAM001", "U0OTHER01"))
    assert len(slack.of("users.info")) == 1


async def test_a_changed_status_holds_at_once() -> None:
    """In the one process, a vacation that begins is learnt when Slack reports it, without a question."""
    async with running(nobody) as slack:
        plug = SlackPlug(settings(slack.url), nobody, content().texts)
        assert isinstance(plug.platform, Unasked)
        people: People = plug.platform._people
        changed = payload("user_change")["event"]["user"]
        people.learn(ANNA, {**changed, "profile": {"status_emoji": ":palm_tree:", "status_expiration": 0}})
        assert await plug.platform.is_away(ANNA)
        assert slack.of("users.info") == []
