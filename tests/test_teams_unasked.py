"""What Teams is sent that nobody asked for: every way it can fail, and where it may go."""

from __future__ import annotations

import contextlib
import datetime
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog

from bot.settings import Settings
from bot.teams import limits
from bot.teams.client import Client
from bot.teams.connector import Connector
from bot.teams.inbound import TeamsPlug
from bot.teams.unasked import Unasked
from handlers.errors import Gone, InDoubt, Refused, TryLater
from handlers.intent import StartHere
from handlers.ports import Platform
from handlers.reply import Button, Buttons, Reply, Text
from handlers.turn import Person, Place, Turn
from tests.ports import free_port
from tests.teams import TENANT, TEXTS, StandIn, a_room, developer, registered, stand_in

ANNA = Person("teams", TENANT, "00000000-0000-4000-8000-000000000001")
CHAT = Place("a:chat")
MARK = "0123456789abcdef"
NUDGE = Reply((Text("Your next milestone."), Buttons((Button("Done", StartHere()),))), lang="en")
YESTERDAY = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)


async def nobody(turn: Turn) -> Reply:
    raise AssertionError(turn)


def address(url: str, **changes: Any) -> dict[str, Any]:
    known = {"service_url": url, "tenant_id": TENANT, "bot_id": "28:bot", "user": "29:anna"}
    return {**known, "conversation_id": CHAT.id, **changes}


@contextlib.asynccontextmanager
async def sending(settings: Settings | None = None) -> AsyncIterator[Platform]:
    """The platform of a process that only sends."""
    plug = TeamsPlug(settings or developer(), nobody, TEXTS)
    await plug.start(receiving=False)
    assert plug.platform
    try:
        yield plug.platform
    finally:
        await plug.stop()


@pytest.fixture
async def teams() -> AsyncIterator[StandIn]:
    async with stand_in() as teams:
        yield teams


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with sending() as platform:
        yield platform


async def test_a_letter_is_posted_once_to_the_personal_chat(teams: StandIn, platform: Platform) -> None:
    """A letter is a card in the personal chat that the address names, of the right tenant."""
    assert await platform.place(ANNA, address(teams.url)) == CHAT
    assert await platform.send(ANNA, CHAT, address(teams.url), NUDGE, MARK) == "sent-1"
    (call,) = teams.calls
    assert (call.method, call.path) == ("POST", "/amer/v3/conversations/a%3Achat/activities")
    assert call.body["channelData"] == {"tenant": {"id": TENANT}}
    assert call.body["summary"].startswith("Your next milestone.")
    assert "Your next milestone." in json.dumps(call.card)
    assert '"kind": "start"' in json.dumps(call.card).replace("\\", "")


async def test_a_chat_is_opened_once(teams: StandIn, platform: Platform) -> None:
    """Who was only met in a channel gets a personal chat, which is remembered."""
    met = address(teams.url, conversation_id=None)
    assert await platform.place(ANNA, met) == await platform.place(ANNA, met) == Place("a:opened")
    (call,) = teams.calls
    assert call.path == "/amer/v3/conversations"
    assert call.body["members"] == [{"id": "29:anna"}]
    assert call.body["tenantId"] == TENANT


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, {"Retry-After": "17"}, 17),
        (429, {"Retry-After": "0"}, 15),
        (429, {}, 15),
        (412, {}, 15),
        (503, {"Retry-After": "5"}, 5),
        (401, {}, 3600),
    ],
)
async def test_what_was_not_taken_may_be_later(
    teams: StandIn, platform: Platform, status: int, headers: dict[str, str], seconds: float
) -> None:
    """A call that the connector has refused for now is left to the scheduler, not repeated here."""
    teams.script = [(status, headers, "")]
    with pytest.raises(TryLater) as caught:
        await platform.send(ANNA, CHAT, address(teams.url), NUDGE, MARK)
    assert caught.value.seconds == seconds
    assert len(teams.calls) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_broken_answer_is_a_doubt(teams: StandIn, platform: Platform, status: int) -> None:
    """What a gateway answers for a connector does not tell whether that one took the letter."""
    teams.script = [(status, {}, "<html>")]
    with pytest.raises(InDoubt):
        await platform.send(ANNA, CHAT, address(teams.url), NUDGE, MARK)
    assert len(teams.calls) == 1


async def test_a_cut_line_is_a_doubt(teams: StandIn, platform: Platform) -> None:
    """A line that is cut after the letter was read leaves it in doubt; it is posted once."""
    teams.cuts = 1
    with pytest.raises(InDoubt):
        await platform.send(ANNA, CHAT, address(teams.url), NUDGE, MARK)
    assert len(teams.calls) == 1


async def test_an_answer_that_is_too_late_is_a_doubt(teams: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connector may have taken what it does not answer in time."""
    monkeypatch.setattr(limits, "CALL_SECONDS", 0.2)
    teams.delay = 0.5
    async with sending() as platform:
        with pytest.raises(InDoubt):
            await platform.send(ANNA, CHAT, address(teams.url), NUDGE, MARK)
        assert len(teams.calls) == 1
        with pytest.raises(TryLater):
            await platform.place(ANNA, address(teams.url, conversation_id=None))


async def test_where_nobody_listens_nothing_is_taken(platform: Platform) -> None:
    """A connection that cannot be made leaves no doubt."""
    nowhere = address(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(TryLater):
        await platform.send(ANNA, CHAT, nowhere, NUDGE, MARK)


async def test_a_status_without_its_answer_is_an_answer(teams: StandIn, platform: Platform) -> None:
    """When the status says that a letter was taken, it was, even if the rest is cut off."""
    teams.script = [(201, {"Content-Length": "50", "Connection": "close"}, "{}")]
    assert await platform.send(ANNA, CHAT, address(teams.url), NUDGE, MARK) == ""


def blocked(code: str) -> str:
    return json.dumps({"error": {"code": code, "message": "…"}})


@pytest.mark.parametrize(
    "body",
    [
        "",
        blocked("MessageWritesBlocked"),
        blocked("ConversationBlockedByUser"),
        '{"subCode":"MessageWritesBlocked"}',
        json.dumps({"errorCode": 209, "message": '{\r\n "subCode": "MessageWritesBlocked"}'}),
    ],
)
async def test_who_blocked_the_bot_is_gone(teams: StandIn, platform: Platform, body: str) -> None:
    """A person who has blocked or removed the bot is not written to any more."""
    teams.script = [(403, {}, body)]
    with pytest.raises(Gone):
        await platform.send(ANNA, CHAT, address(teams.url), NUDGE, MARK)
    assert len(teams.calls) == 1


@pytest.mark.parametrize(
    "body", [blocked("BotDisabledByAdmin"), json.dumps({"message": '{"subCode":"BotDisabledByAdmin"}'})]
)
async def test_a_disabled_bot_ends_nobodys_nudge(teams: StandIn, platform: Platform, body: str) -> None:
    """What concerns a whole tenant lets it wait, and is an error in the log."""
    teams.script = [(403, {}, body)]
    with structlog.testing.capture_logs() as logs, pytest.raises(TryLater) as caught:
        await platform.send(ANNA, CHAT, address(teams.url), NUDGE, MARK)
    assert caught.value.seconds == 3600
    assert [entry["log_level"] for entry in logs] == ["error"]


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (403, blocked("NeverHeardOf"), "HTTP 403 NeverHeardOf"),
        (400, blocked("BadSyntax"), "HTTP 400 BadSyntax"),
        (413, "", "HTTP 413"),
    ],
)
async def test_what_is_not_understood_costs_one_letter(
    teams: StandIn, platform: Platform, status: int, body: str, why: str
) -> None:
    """A refusal that is not understood neither ends a person's nudge nor stops a tenant, and is no doubt."""
    teams.script = [(status, {}, body)]
    with pytest.raises(Refused) as caught:
        await platform.send(ANNA, CHAT, address(teams.url), NUDGE, MARK)
    assert str(caught.value) == why


@pytest.mark.parametrize(("status", "code"), [(404, "ConversationNotFound"), (403, "BotNotInConversationRoster")])
async def test_a_chat_that_is_gone_is_opened_again(teams: StandIn, platform: Platform, status: int, code: str) -> None:
    """Where the old chat is not there any more, or another bot's, the letter goes to the new one, once."""
    teams.script = [(status, {}, blocked(code))]
    assert await platform.send(ANNA, CHAT, address(teams.url), NUDGE, MARK) == "sent-3"
    assert [call.path.removeprefix("/amer/v3/conversations") for call in teams.calls] == [
        "/a%3Achat/activities",
        "",
        "/a%3Aopened/activities",
    ]


async def test_a_chat_that_stays_gone_is_given_up(teams: StandIn, platform: Platform) -> None:
    """When the new chat is the old one, or cannot be written to either, there is nobody to write to."""
    teams.script = [(404, {}, "")]
    with pytest.raises(Gone):
        await platform.send(ANNA, Place("a:opened"), address(teams.url), NUDGE, MARK)
    assert len(teams.calls) == 2
    teams.script = [(404, {}, ""), (201, {}, '{"id":"a:new"}'), (404, {}, "")]
    with pytest.raises(Gone):
        await platform.send(ANNA, CHAT, address(teams.url), NUDGE, MARK)
    assert len(teams.calls) == 5
    teams.script = [(403, {}, blocked("BotNotInConversationRoster"))] * 2
    with pytest.raises(Gone):
        await platform.send(ANNA, CHAT, address(teams.url), NUDGE, MARK)
    assert len(teams.calls) == 7


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (403, "", Gone),
        (404, "", Gone),
        (429, "", TryLater),
        (500, "", TryLater),
        (504, "", TryLater),
        (401, "", TryLater),
        (201, "{}", Refused),
    ],
)
async def test_a_chat_may_not_be_had(
    teams: StandIn, platform: Platform, status: int, body: str, meaning: type[Exception]
) -> None:
    """A chat may be opened as often as it takes, so nothing about that is a doubt."""
    teams.script = [(status, {}, body)]
    with pytest.raises(meaning):
        await platform.place(ANNA, address(teams.url, conversation_id=None))
    assert len(teams.calls) == 1


@pytest.mark.parametrize("given", [None, {}, {"service_url": 1}])
async def test_without_an_address_there_is_nobody(platform: Platform, given: dict[str, Any] | None) -> None:
    """Who cannot be addressed is gone."""
    with pytest.raises(Gone):
        await platform.place(ANNA, given)


class Token:
    """The app's credentials; each use is counted, and it may fail."""

    def __init__(self) -> None:
        self.used = 0
        self.broken = False

    async def get_access_token(self, scope: str) -> str:
        self.used += 1
        if self.broken:
            raise OSError
        return "token"


@pytest.mark.parametrize("url", ["https://example.com/", "http://smba.trafficmanager.net/", "http://127.0.0.1:9/"])
async def test_the_token_goes_to_microsoft_only(url: str) -> None:
    """An address that is not one of Microsoft's connectors gets nothing, whatever the database says."""
    token = Token()
    settings = registered(rung_dev=False)
    connector = Connector(settings, credentials=token)
    platform = Unasked(Client(connector.token, patience=0), connector, TEXTS)
    with pytest.raises(Gone):
        await platform.place(ANNA, address(url, conversation_id=None))
    with pytest.raises(Gone):
        await platform.send(ANNA, CHAT, address(url), NUDGE, MARK)
    assert token.used == 0


async def test_without_a_token_nothing_is_sent(teams: StandIn) -> None:
    """While there is no token to be had, letters wait, and none of them is in doubt."""
    token = Token()
    token.broken = True
    connector = Connector(registered(), credentials=token)
    client = Client(connector.token, patience=0)
    await client.start()
    platform = Unasked(client, connector, TEXTS)
    with pytest.raises(TryLater):
        await platform.send(ANNA, CHAT, address(teams.url), NUDGE, MARK)
    assert teams.calls == []
    token.broken = False
    await platform.send(ANNA, CHAT, address(teams.url), NUDGE, MARK)
    assert teams.calls[0].authorization == "Bearer token"
    await client.stop()


async def test_a_tenant_that_is_not_served_is_not_written_to(teams: StandIn) -> None:
    """Nobody of a tenant that the operator took from the list is written to; their nudges wait."""
    async with sending(registered()) as platform:
        with pytest.raises(TryLater) as caught:
            await platform.place(Person("teams", "another", "anna"), address(teams.url))
        assert caught.value.seconds == 3600


async def test_nothing_can_be_looked_up(platform: Platform) -> None:
    """A bot does not read a chat, so what became of a letter in doubt stays unknown; nor does it know who is away."""
    assert await platform.find(ANNA, CHAT, MARK, YESTERDAY) is None
    assert not await platform.is_away(ANNA)
    assert await platform.language(ANNA) is None


@pytest.mark.parametrize(
    ("name", "personal"),
    [("message_personal", True), ("action_execute", True), ("message_channel", False), ("message_group", False)],
)
async def test_every_turn_tells_where_to_write(name: str, personal: bool) -> None:
    """Each turn carries the way to the person as JSON; a chat is named only where nobody else reads along."""
    async with a_room() as room:
        status, _ = await room.post(name)
        assert status == 200
        (turn,) = room.listener.turns
        assert turn.address is not None
        assert json.loads(json.dumps(turn.address)) == turn.address
        assert turn.address.get("conversation_id") == (turn.place.id if personal else None)
        assert turn.address["service_url"] == room.teams.url
        plug = TeamsPlug(developer(), nobody, TEXTS)
        assert plug.platform
        if personal:
            assert await plug.platform.place(turn.person, turn.address) == turn.place
