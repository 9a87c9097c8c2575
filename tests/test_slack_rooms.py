"""What Slack tells of people, user groups and channels, what is posted there, and every way that fails."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from bot.settings import Settings
from bot.slack import limits
from bot.slack.inbound import SlackPlug
from handlers.errors import Barred, InDoubt, TryLater
from handlers.intent import StartHere
from handlers.ports import Colleague, Room, Rooms
from handlers.reply import Button, Buttons, Reply, Text
from handlers.rooms import why_not
from handlers.turn import Mention, Person, Turn
from tests.slack import BOT_USER, SECRET, Slack, payload, running
from tests.talk import content

ANNA = Person("slack", "T0TEAM001", "U012ANNA01")
ADDRESS = {"channel": "D0ANNA001", "user": "U012ANNA01"}
HERE = "C0GENERAL"
GROUP = "S0PLATFORM"
MARK = "0123456789abcdef"
SUMMARY = Reply((Text("At least 10 people."), Buttons((Button("More", StartHere()),))))
LONG = Reply(tuple(Text(f"{place} " + "word " * 500) for place in range(8)))
MANY = [f"U{number:09}" for number in range(5_000)]


class Cut(web.Response):
    """No answer at all: the connection is closed."""

    async def prepare(self, request: web.BaseRequest) -> None:
        assert request.transport
        request.transport.close()


def refused(error: str, status: int = 200, headers: dict[str, str] | None = None, **more: Any) -> web.Response:
    return web.json_response({"ok": False, "error": error, **more}, status=status, headers=headers)


class Listener:
    """An answer that keeps the turns it was given."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []

    async def __call__(self, turn: Turn) -> Reply:
        self.turns.append(turn)
        return Reply((Text("An answer."),), lang="en")


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def slack(listener: Listener) -> AsyncIterator[Slack]:
    async with running(listener) as slack:
        yield slack


@contextlib.asynccontextmanager
async def rooms_of(api: str, listener: Listener) -> AsyncIterator[Rooms]:
    settings = Settings(
        _env_file=None, slack_signing_secret=SECRET, slack_bot_token="xoxb-test", slack_api_url=f"{api}/api/"
    )
    plug = SlackPlug(settings, listener, content().texts)
    await plug.start(receiving=False)
    assert plug.rooms
    try:
        yield plug.rooms
    finally:
        await plug.stop()


@pytest.fixture
async def rooms(slack: Slack, listener: Listener) -> AsyncIterator[Rooms]:
    async with rooms_of(slack.url, listener) as rooms:
        await slack.called("auth.test", 2)
        yield rooms


async def everybody(rooms: Rooms, **where: str) -> list[str]:
    return [user async for page in rooms.members(ANNA, ADDRESS, **where) for user in page]


KNOWN = {"team_id": "T0TEAM001", "real_name": "Bob Example", "profile": {"display_name": "bob"}}


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({}, {}),
        ({"profile": {"display_name": ""}}, {"name": "Bob Example"}),
        ({"is_restricted": True}, {"guest": True}),
        ({"is_ultra_restricted": True}, {"guest": True}),
        ({"deleted": True}, {"active": False}),
        ({"is_bot": True}, {"person": False}),
        ({"team_id": "T0OTHER01", "is_stranger": True}, {"ours": False}),
        ({"team_id": "T0OTHER01"}, {"ours": False}),
        ({"team_id": "T0OTHER01", "enterprise_user": {"teams": ["T0OTHER01", "T0TEAM001"]}}, {}),
    ],
)
async def test_a_colleague_is_known_by_id(
    slack: Slack, rooms: Rooms, about: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Guests, bots, people who have left and people of other organizations are told from colleagues."""
    slack.user = {**KNOWN, **about}
    assert await rooms.who(ANNA, ADDRESS, "U0BOBBY01") == Colleague("U0BOBBY01", **{"name": "bob", **expected})


@pytest.mark.parametrize("error", ["user_not_found", "user_not_visible"])
async def test_nobody_has_that_id(slack: Slack, rooms: Rooms, error: str) -> None:
    """Of an id that nobody has there is no colleague, and what is no id is not even asked for."""
    slack.refusals = {"users.info": error}
    assert await rooms.who(ANNA, ADDRESS, "U0NOBODY1") is None
    assert await rooms.who(ANNA, ADDRESS, "anna") is None
    assert len(slack.of("users.info")) == 1


async def test_a_large_channel_comes_in_pages(slack: Slack, rooms: Rooms) -> None:
    """All of 5,000 people come, each once, without the coach; and no page is larger than Slack advises."""
    slack.people = [BOT_USER, *MANY]
    assert await everybody(rooms, channel=HERE) == MANY
    calls = slack.of("conversations.members")
    assert len(calls) == 26
    assert {call.arguments["limit"] for call in calls} == {str(limits.MEMBERS)}


async def test_a_large_user_group_comes_in_pages(slack: Slack, rooms: Rooms) -> None:
    """Slack tells a whole user group at once; it is handed on in pages all the same."""
    slack.people = MANY
    pages = [page async for page in rooms.members(ANNA, ADDRESS, group=GROUP)]
    assert [user for page in pages for user in page] == MANY
    assert max(map(len, pages)) == limits.MEMBERS
    assert len(slack.of("usergroups.users.list")) == 1


async def test_pages_wait_when_slack_asks_for_it(slack: Slack, rooms: Rooms) -> None:
    """A page that is refused for a moment is asked for again after as long as Slack said, and none is lost."""
    slack.people = MANY
    pages = rooms.members(ANNA, ADDRESS, channel=HERE)
    first = await anext(aiter(pages))
    slack.script = {"conversations.members": [refused("ratelimited", 429, {"Retry-After": "1"})]}
    begun = time.monotonic()
    rest = [user async for page in pages for user in page]
    assert [*first, *rest] == MANY
    assert time.monotonic() - begun >= 1


async def test_pages_do_not_wait_for_ever(slack: Slack, rooms: Rooms) -> None:
    """Who is put off again is told for how long."""
    slack.script = {
        "conversations.members": [refused("ratelimited", 429, {"Retry-After": wait}) for wait in ("0", "17")],
    }
    with pytest.raises(TryLater) as caught:
        await everybody(rooms, channel=HERE)
    assert caught.value.seconds == 17


@pytest.mark.parametrize("failure", [Cut, lambda: web.Response(status=500), lambda: refused("fetch_members_failed")])
async def test_what_is_only_looked_up_is_never_in_doubt(slack: Slack, rooms: Rooms, failure: Any) -> None:
    """A look-up that is cut off, or fails at Slack, may be made again later."""
    slack.script = {"conversations.members": [failure(), failure(), failure()]}
    with pytest.raises(TryLater):
        await everybody(rooms, channel=HERE)


async def test_a_channel_is_known(slack: Slack, rooms: Rooms) -> None:
    """A channel has a name, and is archived, without the coach, or read by other organizations."""
    assert await rooms.room(ANNA, ADDRESS, HERE) == Room(HERE, "general")
    slack.channel = {"name": "old", "is_member": False, "is_archived": True}
    assert await rooms.room(ANNA, ADDRESS, HERE) == Room(HERE, "old", archived=True, inside=False)
    slack.channel = {"name": "both", "is_member": True, "is_ext_shared": True}
    assert await rooms.room(ANNA, ADDRESS, HERE) == Room(HERE, "both", ours=False)


async def test_a_private_channel_is_known_to_its_people_only(slack: Slack, rooms: Rooms) -> None:
    """Who is not in a private channel does not even learn its name."""
    slack.channel = {"name": "secret", "is_member": True, "is_private": True}
    slack.people = [ANNA.user]
    assert await rooms.room(ANNA, ADDRESS, HERE) == Room(HERE, "secret")
    slack.people = ["U0BOBBY01"]
    assert await rooms.room(ANNA, ADDRESS, HERE) is None


@pytest.mark.parametrize("channel", ["D0ANNA001", "U012ANNA01", "general", ""])
async def test_what_is_no_channel_is_none(slack: Slack, rooms: Rooms, channel: str) -> None:
    """Nothing is posted into somebody's direct conversation, nor where there is no channel."""
    assert await rooms.room(ANNA, ADDRESS, channel) is None
    with pytest.raises(Barred, match="not-found"):
        await everybody(rooms, channel=channel)
    with pytest.raises(Barred, match="not-found"):
        await rooms.post(ANNA, ADDRESS, channel, SUMMARY, MARK)
    assert {call.method for call in slack.calls} == {"auth.test"}


async def test_an_unknown_channel_is_none(slack: Slack, rooms: Rooms) -> None:
    """Slack says the same of a channel that is gone and of a private one without the coach."""
    slack.refusals = {"conversations.info": "channel_not_found"}
    assert await rooms.room(ANNA, ADDRESS, HERE) is None


MISSING = {"needed": "groups:read", "provided": "chat:write"}


@pytest.mark.parametrize(
    ("method", "where"), [("usergroups.users.list", {"group": GROUP}), ("conversations.members", {"channel": HERE})]
)
async def test_a_missing_scope_is_named(slack: Slack, rooms: Rooms, method: str, where: dict[str, str]) -> None:
    """Without an optional scope a sentence says which one the app would need."""
    slack.script = {method: [refused("missing_scope", **MISSING)]}
    with pytest.raises(Barred, match="no-scope") as caught:
        await everybody(rooms, **where)
    assert "groups:read" in why_not(caught.value, content().texts.voice("en"))
    assert "groups:read" in why_not(caught.value, content().texts.voice("de"))


@pytest.mark.parametrize("error", ["no_such_subteam", "plan_upgrade_required"])
async def test_an_unknown_group_is_said_so(slack: Slack, rooms: Rooms, error: str) -> None:
    """A user group may be gone, or not there at all on a free plan."""
    slack.refusals = {"usergroups.users.list": error}
    with pytest.raises(Barred, match="not-found"):
        await everybody(rooms, group=GROUP)


async def test_a_summary_is_posted_once_with_its_mark(slack: Slack, rooms: Rooms) -> None:
    """A summary is one message for everybody in the channel, and unfurls nothing."""
    assert await rooms.post(ANNA, ADDRESS, HERE, SUMMARY, MARK) == "1.1"
    (call,) = slack.of("chat.postMessage")
    assert call.arguments["channel"] == HERE
    assert call.arguments["metadata"] == {"event_type": "rung_letter", "event_payload": {"mark": MARK}}
    assert (call.arguments["unfurl_links"], call.arguments["unfurl_media"]) == (False, False)
    assert "At least 10 people." in call.arguments["text"]


async def test_a_long_summary_goes_on_in_its_thread(slack: Slack, rooms: Rooms) -> None:
    """What has no room in the first message does not flood the channel, and its failure is not made up for."""
    slack.failures = [web.json_response({"ok": True, "ts": "7.7"}), web.Response(status=500)]
    assert await rooms.post(ANNA, ADDRESS, HERE, LONG, MARK) == "7.7"
    first, second = slack.of("chat.postMessage")
    assert "thread_ts" not in first.arguments
    assert second.arguments["thread_ts"] == "7.7"
    assert "metadata" not in second.arguments


@pytest.mark.parametrize(
    ("error", "why"),
    [
        ("is_archived", "archived"),
        ("not_in_channel", "not-in-channel"),
        ("channel_not_found", "not-found"),
        ("missing_scope", "no-scope"),
        ("restricted_action", "refused"),
        ("restricted_action_read_only_channel", "refused"),
        ("msg_too_long", "refused"),
    ],
)
async def test_what_bars_the_way_is_told_apart(slack: Slack, rooms: Rooms, error: str, why: str) -> None:
    """What a channel stands in the way of is said in a sentence of its own, and nothing is tried again."""
    slack.failures = [refused(error)]
    with pytest.raises(Barred) as caught:
        await rooms.post(ANNA, ADDRESS, HERE, SUMMARY, MARK)
    assert caught.value.why == why
    assert why_not(caught.value, content().texts.voice("en")) != why_not(caught.value, content().texts.voice("de"))
    assert len(slack.of("chat.postMessage")) == 1


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [
        (refused("ratelimited", 429, {"Retry-After": "17"}), 17),
        (refused("service_unavailable", 503), 30),
        (refused("token_revoked"), 3600),
    ],
)
async def test_what_was_not_taken_may_be_later(
    slack: Slack, rooms: Rooms, failure: web.Response, seconds: float
) -> None:
    """A post that Slack has certainly not taken is left to whoever asked for it, not repeated here."""
    slack.failures = [failure]
    with pytest.raises(TryLater) as caught:
        await rooms.post(ANNA, ADDRESS, HERE, SUMMARY, MARK)
    assert caught.value.seconds == seconds
    assert len(slack.of("chat.postMessage")) == 1


@pytest.mark.parametrize("failure", [Cut(), web.Response(status=500), web.Response(status=502)])
async def test_a_line_cut_after_the_post_was_taken_is_a_doubt(
    slack: Slack, rooms: Rooms, failure: web.Response
) -> None:
    """Nobody knows what became of such a post; it stands there once, not twice."""
    slack.takes, slack.failures = True, [failure]
    with pytest.raises(InDoubt):
        await rooms.post(ANNA, ADDRESS, HERE, SUMMARY, MARK)
    assert len(slack.posts) == 1
    assert len(slack.of("chat.postMessage")) == 1


async def test_a_post_is_replaced(slack: Slack, rooms: Rooms) -> None:
    """Another page takes the place of what was posted; when that is in doubt, it may be tried again."""
    await rooms.replace(ANNA, ADDRESS, HERE, "7.7", Reply((Text("Withdrawn."),)))
    (call,) = slack.of("chat.update")
    assert (call.arguments["channel"], call.arguments["ts"], call.arguments["text"]) == (HERE, "7.7", "Withdrawn.")
    slack.failures = [Cut()]
    with pytest.raises(TryLater):
        await rooms.replace(ANNA, ADDRESS, HERE, "7.7", Reply((Text("Withdrawn."),)))
    slack.failures = [refused("message_not_found")]
    with pytest.raises(Barred, match="not-found"):
        await rooms.replace(ANNA, ADDRESS, HERE, "7.7", Reply((Text("Withdrawn."),)))


async def test_a_card_in_a_direct_conversation_is_replaced(slack: Slack, rooms: Rooms) -> None:
    """What stands in somebody's own conversation is replaced there, while nothing new is posted to it from a room."""
    await rooms.replace(ANNA, ADDRESS, "D0DIRECT1", "7.7", Reply((Text("Withdrawn."),)))
    (call,) = slack.of("chat.update")
    assert (call.arguments["channel"], call.arguments["ts"]) == ("D0DIRECT1", "7.7")
    with pytest.raises(Barred, match="not-found"):
        await rooms.post(ANNA, ADDRESS, "D0DIRECT1", Reply((Text("More."),)), "mark")


async def test_somebody_is_looked_up_once_a_minute(slack: Slack, rooms: Rooms) -> None:
    """Slack tells of some hundred people a minute, and whoever invites thousands is named in each question."""
    for _ in range(3):
        assert await rooms.who(ANNA, ADDRESS, "U0BOBBY01")
    assert len(slack.of("users.info")) == 1


async def test_people_of_a_user_group_may_manage(slack: Slack, rooms: Rooms) -> None:
    """Who is in a user group among the managers is one; people and other workspaces' groups are not looked up."""
    others = [Person("slack", "T0OTHER01", "S0OTHER01"), Person("slack", ANNA.tenant, "U0BOBBY01")]
    assert not await rooms.manages(ANNA, ADDRESS, others)
    assert slack.of("usergroups.users.list") == []
    managers = [*others, Person("slack", ANNA.tenant, GROUP)]
    slack.people = ["U0BOBBY01", ANNA.user]
    assert await rooms.manages(ANNA, ADDRESS, managers)
    assert not await rooms.manages(Person("slack", ANNA.tenant, "U0CARLO01"), None, managers)
    assert len(slack.of("usergroups.users.list")) == 1


async def test_another_workspace_is_not_looked_into(slack: Slack, rooms: Rooms) -> None:
    """The token's workspace tells nothing to people of another one."""
    stranger = Person("slack", "T0OTHER01", "U0STRANGE1")
    with pytest.raises(TryLater):
        await rooms.who(stranger, None, "U0BOBBY01")
    with pytest.raises(TryLater):
        await rooms.post(stranger, None, HERE, SUMMARY, MARK)
    assert {call.method for call in slack.calls} == {"auth.test"}


async def test_somebody_invited_can_be_written_to(slack: Slack, rooms: Rooms) -> None:
    """Of somebody who never wrote to the coach the id is enough."""
    assert rooms.address(ADDRESS, "U0BOBBY01") == {"user": "U0BOBBY01"}


TYPED = (
    "<@U0BOT0001> invite <@U012ANNA01|anna> and <@U0BOBBY01> and <@U012ANNA01> and <!subteam^S0PLATFORM|@data platform>"
    " to <#C0GENERAL|general> &amp; <!here>"
)
NAMED = (
    Mention("person", "U012ANNA01", "anna"),
    Mention("person", "U0BOBBY01"),
    Mention("group", "S0PLATFORM", "data platform"),
    Mention("channel", "C0GENERAL", "general"),
)


async def test_whom_a_message_mentions(slack: Slack, listener: Listener) -> None:
    """People, groups and channels that are mentioned are handed on, each once and without the coach."""
    await slack.send(payload("app_mention", text=TYPED))
    (turn,) = listener.turns
    assert turn.mentioned == NAMED
    assert turn.words == (
        "<@U0BOT0001> invite <@anna> and <@U0BOBBY01> and <@U012ANNA01> and <@data platform>"
        " to <#general> &amp; <!here>"
    )
    assert (turn.room, turn.group) == ("C0GENERAL", "")


async def test_whom_a_command_mentions(slack: Slack, listener: Listener) -> None:
    """A slash command tells the room it was typed in, too, which a direct conversation is not."""
    await slack.called("auth.test")
    await slack.send(payload("slash") | {"text": TYPED})
    await slack.send(payload("slash") | {"text": "senior mle", "channel_id": "D0DIRECT1"})
    await slack.send(payload("message_im"))
    command, alone, direct = listener.turns
    assert (command.mentioned, command.room) == (NAMED, "C0GENERAL")
    assert [(turn.mentioned, turn.room) for turn in (alone, direct)] == [((), "")] * 2
