"""What Teams tells of people, teams and channels, what is posted there, and every way that fails."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.app import make_desk, make_plugs
from bot.teams import limits
from bot.teams.client import Client
from bot.teams.connector import Connector
from bot.teams.inbound import TeamsPlug
from handlers.errors import Barred, Gone, InDoubt, TryLater
from handlers.intent import StartHere
from handlers.ports import Colleague, Room, Rooms
from handlers.reply import Button, Buttons, Note, Reply, Text
from handlers.turn import Mention, Person, Turn
from tests.teams import TENANT, TEXTS, StandIn, a_room, developer, stand_in

ANNA = Person("teams", TENANT, "00000000-0000-4000-8000-000000000001")
BOB = "00000000-0000-4000-8000-000000000002"
HERE = "19:channel1@thread.tacv2"
TEAM = "19:team1@thread.tacv2"
MARK = "0123456789abcdef"
SUMMARY = Reply((Text("At least 10 people."), Buttons((Button("More", StartHere()),))), lang="en")


async def nobody(turn: Turn) -> Reply:
    raise AssertionError(turn)


def address(url: str, **changes: Any) -> dict[str, Any]:
    known = {"service_url": url, "tenant_id": TENANT, "bot_id": "28:bot", "user": "29:anna"}
    return {**known, "conversation_id": "a:chat", **changes}


def member(number: int, **changes: Any) -> dict[str, Any]:
    """Somebody as a roster lists them."""
    known = {
        "id": f"29:{number}",
        "aadObjectId": f"00000000-0000-4000-8000-{number:012}",
        "name": "Bob Example",
        "tenantId": TENANT,
        "userRole": "user",
        "userPrincipalName": "bob@example.com",
    }
    return {**known, **changes}


def says(body: object, status: int = 200, **headers: str) -> tuple[int, dict[str, str], str]:
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps(body)


def refuses(status: int, code: str) -> tuple[int, dict[str, str], str]:
    return says({"error": {"code": code, "message": "what was sent"}}, status)


@pytest.fixture
async def teams() -> AsyncIterator[StandIn]:
    async with stand_in() as teams:
        yield teams


@pytest.fixture
async def rooms() -> AsyncIterator[Rooms]:
    settings = developer()
    connector = Connector(settings)
    plug = TeamsPlug(settings, nobody, TEXTS, connector=connector, client=Client(connector.token, patience=3.0))
    await plug.start(receiving=False)
    assert plug.rooms
    try:
        yield plug.rooms
    finally:
        await plug.stop()


async def everybody(rooms: Rooms, teams: StandIn, **where: str) -> list[str]:
    return [user async for page in rooms.members(ANNA, address(teams.url), **where) for user in page]


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({}, {}),
        ({"userRole": "guest"}, {"guest": True}),
        ({"userRole": "anonymous"}, {"guest": True}),
        ({"userPrincipalName": "bob_other.com#EXT#@example.onmicrosoft.com"}, {"guest": True}),
        ({"tenantId": "00000000-0000-4000-8000-0000000000ff"}, {"ours": False}),
        ({"tenantId": TENANT.upper()}, {}),
        ({"aadObjectId": None, "objectId": BOB}, {}),
    ],
)
async def test_a_colleague_is_known_by_a_mention(
    teams: StandIn, rooms: Rooms, about: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Whom somebody mentions in a room has another id there; guests and people of other tenants are told apart."""
    teams.script = [says(member(2, **about))]
    found = await rooms.who(ANNA, address(teams.url), "29:2", f"{HERE};messageid=17")
    assert found == Colleague(BOB, **{"name": "Bob Example", **expected})
    (call,) = teams.calls
    assert (call.method, call.path) == ("GET", "/amer/v3/conversations/19%3Achannel1%40thread.tacv2/members/29%3A2")


async def test_a_colleague_without_a_room_is_looked_up_in_their_own_chat(teams: StandIn, rooms: Rooms) -> None:
    """Whoever can be written to can be looked up, and nothing is sent to them for it."""
    teams.script = [says({"id": "a:bob"}), says(member(2))]
    assert await rooms.who(ANNA, address(teams.url), BOB) == Colleague(BOB, "Bob Example")
    opened, asked = teams.calls
    assert opened.body["members"] == [{"id": BOB}]
    assert (asked.method, asked.path) == ("GET", f"/amer/v3/conversations/a%3Abob/members/{BOB}")


@pytest.mark.parametrize("refusal", [refuses(404, "NotFound"), refuses(403, "Forbidden")])
async def test_nobody_can_be_reached_under_that_id(teams: StandIn, rooms: Rooms, refusal: Any) -> None:
    """Who is not there, or does not have the app, is nobody to the coach."""
    teams.script = [refusal]
    assert await rooms.who(ANNA, address(teams.url), BOB) is None


async def test_a_bot_is_no_person(teams: StandIn, rooms: Rooms) -> None:
    """Another bot that is mentioned is not looked up."""
    found = await rooms.who(ANNA, address(teams.url), "28:other-bot", HERE)
    assert found
    assert not found.person
    assert teams.calls == []


MANY = [f"00000000-0000-4000-8000-{number:012}" for number in range(5_000)]


def pages() -> list[tuple[int, dict[str, str], str]]:
    """A team of 5,000, and on each page a guest, a bot and somebody of another tenant."""
    others = [member(0, userRole="guest"), {"id": "28:bot", "name": "Rung"}, member(0, tenantId="other")]
    found = []
    for first in range(0, 5_000, limits.MEMBERS):
        people = [member(number) for number in range(first, first + limits.MEMBERS)]
        more = {"continuationToken": f"after {first}"} if first + limits.MEMBERS < 5_000 else {}
        found.append(says({"members": [*people, *others], **more}))
    return found


async def test_a_large_team_comes_in_pages(teams: StandIn, rooms: Rooms) -> None:
    """All of 5,000 people come, each once, and nobody else."""
    teams.script = pages()
    assert await everybody(rooms, teams, group=TEAM) == MANY
    assert len(teams.calls) == 10
    assert teams.calls[0].path == "/amer/v3/conversations/19%3Ateam1%40thread.tacv2/pagedmembers"
    assert teams.calls[0].query == {"pageSize": "500"}
    assert teams.calls[1].query == {"pageSize": "500", "continuationToken": "after 0"}


async def test_pages_wait_when_teams_asks_for_it(teams: StandIn, rooms: Rooms) -> None:
    """A page that is refused for a moment is asked for again, and none is lost."""
    teams.script = pages()
    teams.script.insert(3, says({}, 429, Retry_After="1"))
    assert await everybody(rooms, teams, group=TEAM) == MANY
    assert len(teams.calls) == 11


async def test_pages_do_not_wait_for_ever(teams: StandIn, rooms: Rooms) -> None:
    """Who would have to wait for too long is told for how long."""
    teams.script = [says({}, 429, Retry_After="17")]
    with pytest.raises(TryLater) as caught:
        await everybody(rooms, teams, channel=HERE)
    assert caught.value.seconds == 17


async def test_what_is_only_looked_up_is_never_in_doubt(teams: StandIn, rooms: Rooms) -> None:
    """A look-up that is cut off, or fails at Microsoft's, may be made again later."""
    teams.script = [says({}, 500)]
    with pytest.raises(TryLater):
        await everybody(rooms, teams, channel=HERE)
    teams.cuts = 100
    with pytest.raises(TryLater):
        await everybody(rooms, teams, channel=HERE)


async def test_a_room_is_known_to_those_in_it(teams: StandIn, rooms: Rooms) -> None:
    """A thread is in its channel; the coach may be outside, and of what the asker is not in nothing is told."""
    teams.script = [says(member(1)), refuses(403, "BotNotInConversationRoster"), refuses(404, "NotFound")]
    assert await rooms.room(ANNA, address(teams.url), f"{HERE};messageid=17") == Room(HERE)
    assert await rooms.room(ANNA, address(teams.url), HERE) == Room(HERE, inside=False)
    assert await rooms.room(ANNA, address(teams.url), HERE) is None


@pytest.mark.parametrize("channel", ["a:chat", "29:bob", "general", ""])
async def test_what_is_no_room_is_none(teams: StandIn, rooms: Rooms, channel: str) -> None:
    """Nothing is posted into somebody's personal chat, nor where there is no channel."""
    assert await rooms.room(ANNA, address(teams.url), channel) is None
    with pytest.raises(Barred, match="not-found"):
        await everybody(rooms, teams, channel=channel)
    with pytest.raises(Barred, match="not-found"):
        await rooms.post(ANNA, address(teams.url), channel, SUMMARY, MARK)
    assert teams.calls == []


async def test_a_summary_is_posted_once(teams: StandIn, rooms: Rooms) -> None:
    """A summary begins a new conversation of the channel, and its buttons are nobody's own."""
    assert await rooms.post(ANNA, address(teams.url), f"{HERE};messageid=17", SUMMARY, MARK) == "sent-1"
    (call,) = teams.calls
    assert (call.method, call.path) == ("POST", "/amer/v3/conversations/19%3Achannel1%40thread.tacv2/activities")
    assert call.body["channelData"] == {"tenant": {"id": TENANT}}
    assert "At least 10 people." in json.dumps(call.card)
    assert ANNA.user not in json.dumps(call.body)


async def test_who_posts_is_named(teams: StandIn, rooms: Rooms) -> None:
    """A note that names somebody shows their name in the channel, and goes without when it is not to be had."""
    told = Reply((Text("At least 10 people."), Note("Posted by", by=ANNA.user)), lang="en")
    teams.script = [says(member(1, name="Anna Example"))]
    await rooms.post(ANNA, address(teams.url), HERE, told, MARK)
    assert "<at>Anna Example</at>" in json.dumps(teams.calls[-1].card)
    teams.script = [refuses(404, "NotFound")]
    await rooms.post(ANNA, address(teams.url), HERE, told, MARK)
    assert [call.method for call in teams.calls] == ["GET", "POST", "GET", "POST"]


@pytest.mark.parametrize(
    ("refusal", "why"),
    [
        (refuses(403, "BotNotInConversationRoster"), "not-in-channel"),
        (refuses(404, "ConversationNotFound"), "not-found"),
        (refuses(403, "MessageWritesBlocked"), "refused"),
        (refuses(403, "SomethingNew"), "refused"),
        (refuses(400, "BadSyntax"), "refused"),
        (refuses(413, "MessageSizeTooBig"), "refused"),
    ],
)
async def test_what_bars_the_way_is_told_apart(teams: StandIn, rooms: Rooms, refusal: Any, why: str) -> None:
    """What a channel stands in the way of is told, and nothing is tried again."""
    teams.script = [refusal]
    with pytest.raises(Barred) as caught:
        await rooms.post(ANNA, address(teams.url), HERE, SUMMARY, MARK)
    assert caught.value.why == why
    assert len(teams.calls) == 1


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [
        (says({}, 429, Retry_After="17"), 17),
        (says({}, 429), 15),
        (says({}, 401), 3600),
        (refuses(403, "BotDisabledByAdmin"), 3600),
    ],
)
async def test_what_was_not_taken_may_be_later(teams: StandIn, rooms: Rooms, refusal: Any, seconds: float) -> None:
    """A post that Teams has certainly not taken is left to whoever asked for it, not repeated here."""
    teams.script = [refusal]
    with pytest.raises(TryLater) as caught:
        await rooms.post(ANNA, address(teams.url), HERE, SUMMARY, MARK)
    assert caught.value.seconds == seconds
    assert len(teams.calls) == 1


@pytest.mark.parametrize("status", [0, 500, 502, 503, 504])
async def test_a_line_cut_after_the_post_was_taken_is_a_doubt(teams: StandIn, rooms: Rooms, status: int) -> None:
    """Nobody knows what became of such a post; it is sent once, not twice."""
    if status:
        teams.script = [says({}, status)]
    else:
        teams.cuts = 1
    with pytest.raises(InDoubt):
        await rooms.post(ANNA, address(teams.url), HERE, SUMMARY, MARK)
    assert len(teams.calls) == 1


async def test_a_post_is_replaced(teams: StandIn, rooms: Rooms) -> None:
    """Another card takes the place of what was posted; when that is in doubt, it may be tried again."""
    gone = Reply((Text("Withdrawn."),), lang="en")
    await rooms.replace(ANNA, address(teams.url), HERE, "17", gone)
    (call,) = teams.calls
    assert (call.method, call.path) == ("PUT", "/amer/v3/conversations/19%3Achannel1%40thread.tacv2/activities/17")
    teams.script = [says({}, 500), refuses(404, "ActivityNotFound")]
    with pytest.raises(TryLater):
        await rooms.replace(ANNA, address(teams.url), HERE, "17", gone)
    with pytest.raises(Barred, match="not-found"):
        await rooms.replace(ANNA, address(teams.url), HERE, "17", gone)


async def test_a_card_in_a_personal_chat_is_replaced(teams: StandIn, rooms: Rooms) -> None:
    """What stands in somebody's own chat is replaced there, while nothing new is posted to it from a room."""
    gone = Reply((Text("Withdrawn."),), lang="en")
    await rooms.replace(ANNA, address(teams.url), "a:bob", "17", gone)
    (call,) = teams.calls
    assert (call.method, call.path) == ("PUT", "/amer/v3/conversations/a%3Abob/activities/17")
    assert call.body["conversation"]["isGroup"] is False
    with pytest.raises(Barred, match="not-found"):
        await rooms.post(ANNA, address(teams.url), "a:bob", gone, MARK)


async def test_somebody_is_looked_up_once_a_minute(teams: StandIn, rooms: Rooms) -> None:
    """Whoever invites thousands is asked about once; whether somebody is in a room is asked each time."""
    teams.script = [says({"id": "a:opened"}), says(member(1)), says(member(1)), says(member(1))]
    for _ in range(3):
        assert await rooms.who(ANNA, address(teams.url), BOB)
    assert len(teams.calls) == 2
    for _ in range(2):
        assert await rooms.who(ANNA, address(teams.url), BOB, HERE)
    assert len(teams.calls) == 4


async def test_people_of_a_team_may_manage(teams: StandIn, rooms: Rooms) -> None:
    """Who is in a team among the managers is one, guests are not, and other tenants' teams are not looked up."""
    others = [Person("teams", "other", TEAM), Person("teams", TENANT, BOB)]
    assert not await rooms.manages(ANNA, address(teams.url), others)
    assert teams.calls == []
    teams.script = [says(member(1)), says(member(1, userRole="guest")), refuses(404, "NotFound")]
    managers = [*others, Person("teams", TENANT, TEAM)]
    assert await rooms.manages(ANNA, address(teams.url), managers)
    assert not await rooms.manages(ANNA, address(teams.url), managers)
    assert not await rooms.manages(ANNA, address(teams.url), managers)


async def test_nothing_goes_where_the_token_may_not(teams: StandIn, rooms: Rooms) -> None:
    """An address that is not Microsoft's is asked nothing."""
    with pytest.raises(Gone):
        await rooms.post(ANNA, address("https://example.com/"), HERE, SUMMARY, MARK)
    with pytest.raises(Gone):
        await rooms.who(ANNA, None, BOB)


async def test_somebody_invited_can_be_written_to(teams: StandIn) -> None:
    """Who never wrote to the coach is reached by the asker's way: their chat is opened, and a letter is sent there."""
    plug = TeamsPlug(developer(), nobody, TEXTS)
    await plug.start(receiving=False)
    try:
        assert plug.rooms
        assert plug.platform
        to = plug.rooms.address(address(teams.url), BOB)
        assert to == {"service_url": teams.url, "tenant_id": TENANT, "bot_id": "28:bot", "user": BOB}
        bob = Person("teams", TENANT, BOB)
        place = await plug.platform.place(bob, to)
        await plug.platform.send(bob, place, to, SUMMARY, MARK)
    finally:
        await plug.stop()
    opened, sent = teams.calls
    assert opened.body["members"] == [{"id": BOB}]
    assert sent.path == "/amer/v3/conversations/a%3Aopened/activities"


def mention(id_: str, name: str, **more: Any) -> dict[str, Any]:
    return {"type": "mention", "text": f"<at>{name}</at>", "mentioned": {"id": id_, "name": name, **more}}


async def test_whom_a_message_mentions() -> None:
    """People, teams, tags and channels that are mentioned are handed on, each once and without the coach."""
    text = (
        "<at>Rung</at> invite <at>Robin</at> <at>Beispiel</at>, <at>A &amp; B</at>, <at>Data Team</at> and"
        " <at>Leads</at> to <at>General</at>"
    )
    entities = [
        mention("28:career-coach", "Rung"),
        mention("29:robin", "Robin"),
        mention("29:robin", "Beispiel"),
        mention("29:ab", "A &amp; B"),
        mention(TEAM, "Data Team"),
        mention("tag-1", "Leads", type="tag"),
        mention("19:general@thread.tacv2", "General"),
        {"type": "mention", "text": None, "mentioned": {"id": 5}},
    ]
    async with a_room() as room:
        await room.post("message_channel", text=text, entities=entities)
        (turn,) = room.listener.turns
    assert turn.words == "invite <@Robin> <@Beispiel>, <@A B>, <@Data Team> and <@Leads> to <#General>"
    assert turn.mentioned == (
        Mention("person", "29:robin", "Robin"),
        Mention("person", "29:ab", "A & B"),
        Mention("group", TEAM, "Data Team"),
        Mention("group", "tag-1", "Leads"),
        Mention("channel", "19:general@thread.tacv2", "General"),
    )


async def test_a_room_is_where_others_read() -> None:
    """A channel is told without its thread and with its team, unless it has people of its own; a chat is itself."""
    async with a_room() as room:
        for name in ("message_channel", "message_group", "message_personal"):
            await room.post(name)
        private = {"team": {"id": TEAM}, "channel": {"id": HERE, "type": "private"}, "tenant": {"id": TENANT}}
        await room.post("message_channel", id="2", channelData=private)
        turns = [(turn.room, turn.group) for turn in room.listener.turns]
    assert turns == [(TEAM, TEAM), ("19:group1@thread.v2", ""), ("", ""), (TEAM, "")]


def test_the_desk_has_the_rooms_of_every_platform() -> None:
    """Handlers and letters find a platform's rooms by its name, and none where it is off."""
    both = developer(slack_bot_token="xoxb-test", slack_signing_secret="secret")
    desk, plugs = make_plugs(both, make_desk())
    assert desk.rooms == {plug.name: plug.rooms for plug in plugs}
    assert set(desk.rooms) == {"slack", "teams"}
    desk, _ = make_plugs(developer(), make_desk())
    assert set(desk.rooms) == {"teams"}
