"""What Teams posts, and what the bot does about it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
import structlog

from bot.teams import limits
from handlers.intent import SetProfile, ShowExpectations, StartHere
from handlers.reply import Audience, Button, Buttons, Heading, Quote, Reply, Text
from tests.teams import TENANT, TEXTS, Listener, Room, a_room, payload, plugged, stand_in

PERSONAL = "/amer/v3/conversations/a%3A1personal-alex/activities"
THREAD = "/amer/v3/conversations/19%3Ateam1%40thread.tacv2%3Bmessageid%3D1763629000000/activities"


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """A room whose answers repeat the words."""
    async with a_room() as made:
        yield made


async def test_personal_message(room: Room) -> None:
    """Words in a personal chat become a turn of that person, in their language and zone, and get a card."""
    assert (await room.post("message_personal"))[0] == 200
    (turn,) = room.listener.turns
    assert turn.words == "ML Engineer senior"
    assert (turn.person.platform, turn.person.tenant) == ("teams", TENANT)
    assert turn.person.user == "00000000-0000-4000-8000-000000000020"
    assert (turn.lang, turn.zone, turn.place.shared, turn.pressed) == ("en-US", "Europe/Berlin", False, False)
    assert not turn.elsewhere
    (call,) = room.teams.calls
    assert (call.method, call.path) == ("POST", f"{PERSONAL}/1763630101123")
    assert call.body["summary"] == "Heard"
    assert call.body["replyToId"] == "1763630101123"
    assert call.card["type"] == "AdaptiveCard"


async def test_channel_message(room: Room) -> None:
    """In a channel the bot's own mention is dropped, other names stay, and the answer goes into the thread."""
    await room.post("message_channel")
    (turn,) = room.listener.turns
    assert turn.words == "what does a senior NLP engineer need & why, <@Robin Beispiel>?"
    assert turn.place.shared
    assert room.teams.calls[0].path == f"{THREAD}/1763630101125"


async def test_group_message(room: Room) -> None:
    """A mention in a group chat leaves no blank in front of the words."""
    await room.post("message_group")
    assert room.listener.turns[0].words == "I am a middle MLOps engineer"
    assert room.listener.turns[0].place.shared
    assert room.listener.turns[0].elsewhere


@pytest.mark.parametrize(
    ("text", "words", "how"),
    [
        ("/skill senior mle", "senior mle", "command"),
        ("/career-coach skill senior mle", "senior mle", "command"),
        ("<at>Rung</at> /skill senior mle", "senior mle", "command"),
        ("skill senior mle", "skill senior mle", "chat"),
        ("skills of a lead", "skills of a lead", "chat"),
        ("/skills of a lead", "/skills of a lead", "chat"),
        ("1 &lt; 2 &amp;amp; **bold**", "1 < 2 &amp; **bold**", "chat"),
        ("lone \ud800 half", "lone ? half", "chat"),
        ("x" * 10_000, "x" * limits.WORDS, "chat"),
    ],
)
async def test_words(room: Room, text: str, words: str, how: str) -> None:
    """Commands, entities and odd characters are read as the person meant them."""
    mention = {"type": "mention", "text": "<at>Rung</at>", "mentioned": {"id": "28:career-coach"}}
    await room.post("message_personal", text=text, entities=[mention])
    (turn,) = room.listener.turns
    assert (turn.words, turn.how) == (words, how)


@pytest.mark.parametrize("text", ["", None, "   ", "/skill", "<at>Rung</at>", "\r\n"])
async def test_no_words_open_the_start_page(room: Room, text: str | None) -> None:
    """A bare command or mention opens the start page."""
    mention = {"type": "mention", "text": "<at>Rung</at>", "mentioned": {"id": "28:career-coach"}}
    await room.post("message_personal", text=text, entities=[mention])
    assert room.listener.turns[0].intent == StartHere()


async def test_targeted_message_is_answered_to_the_sender_only(room: Room) -> None:
    """What only the sender saw is answered so that only the sender sees it."""
    await room.post("message_targeted")
    (turn,) = room.listener.turns
    assert (turn.words, turn.how) == ("ML Engineer senior", "command")
    (call,) = room.teams.calls
    assert call.query == {"isTargetedActivity": "true"}
    assert call.body["recipient"] == {"id": "29:1alex-aaaa"}


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
async def test_where_teams_has_no_answer_for_one_alone(room: Room, status: int) -> None:
    """When Teams does not take it, the answer comes in the personal chat and says why; the room hears nothing."""
    room.teams.script = [(status, {}, '{"error":{"code":"BadArgument"}}')]
    assert (await room.post("message_targeted"))[0] == 200
    refused, opened, sent = room.teams.calls
    assert (refused.query, opened.path) == ({"isTargetedActivity": "true"}, "/amer/v3/conversations")
    assert (sent.path, sent.query) == ("/amer/v3/conversations/a%3Aopened/activities", {})
    assert TEXTS.voice("en")("teams.from-command") in str(sent.card)
    assert "Heard" in str(sent.card)


@pytest.mark.parametrize("status", [201, 400])
async def test_in_the_personal_chat_there_is_nothing_to_share_with(status: int) -> None:
    """The button that shows an answer to the room is there where the room is, and not in the personal chat."""
    page = Reply((Text("A page"), Buttons((Button("Share it", StartHere(), share=True),))))
    async with a_room(page) as room:
        room.teams.script = [(status, {}, "{}")]
        await room.post("message_targeted")
        assert ("Share it" in str(room.teams.calls[-1].card)) is (status == 201)


async def test_where_nothing_can_be_said_to_one_alone(room: Room) -> None:
    """Without a personal chat either, one line asks to go there; it tells nobody who asked, or what."""
    room.teams.script = [(400, {}, ""), (403, {}, "")]
    assert (await room.post("message_targeted"))[0] == 200
    line = room.teams.calls[-1].body
    assert line["text"] == TEXTS.voice("en")("teams.not-here")
    assert "29:1alex-aaaa" not in str(line)
    assert "Heard" not in str(line)
    assert "replyToId" not in line


async def test_a_busy_connector_is_no_reason_for_another_place(room: Room) -> None:
    """While Teams is only busy or out of order, the answer does not go elsewhere."""
    room.teams.script = [(429, {"Retry-After": "0"}, "")]
    assert (await room.post("message_targeted"))[0] == 200
    assert [call.query for call in room.teams.calls] == [{"isTargetedActivity": "true"}] * 2
    room.teams.script = [(500, {}, "")]
    assert (await room.post("message_targeted", id="another"))[0] == 503
    assert len(room.teams.calls) == 3


async def test_a_pressed_answer_for_one_alone_stays_so(room: Room) -> None:
    """An answer in the place of one that only the sender sees names nobody, because who sees it cannot change."""
    recipient = payload("message_targeted")["recipient"]
    await room.post("action_submit", conversation=payload("message_targeted")["conversation"], recipient=recipient)
    (call,) = room.teams.calls
    assert (call.method, call.query) == ("PUT", {"isTargetedActivity": "true"})
    assert "recipient" not in call.body
    room.teams.script = [(404, {}, "")]
    await room.post(
        "action_submit", id="later", conversation=payload("message_targeted")["conversation"], recipient=recipient
    )
    assert [call.method for call in room.teams.calls[1:]] == ["PUT", "POST"]
    assert room.teams.calls[-1].body["recipient"] == {"id": "29:1alex-aaaa"}


async def test_pressed_button_gets_a_card_in_its_place(room: Room) -> None:
    """The answer to Action.Execute is a card in the HTTP answer; nothing is posted."""
    status, body = await room.post("action_execute")
    assert (status, body["statusCode"], body["type"]) == (200, 200, "application/vnd.microsoft.card.adaptive")
    assert body["value"]["type"] == "AdaptiveCard"
    assert not room.teams.calls
    (turn,) = room.listener.turns
    assert turn.intent == ShowExpectations(role="ml-engineer", level="lead")
    assert turn.pressed


async def test_older_clients_get_a_card_in_its_place_too(room: Room) -> None:
    """The answer to Action.Submit takes the place of the message with the button."""
    await room.post("action_submit")
    assert room.listener.turns[0].intent == ShowExpectations(role="ml-engineer", level="lead")
    (call,) = room.teams.calls
    assert (call.method, call.path) == ("PUT", f"{PERSONAL}/1763630101200")


AWAY = Reply((Text("I cannot get at my notes."), Quote("What I wrote.", "en")), private=True, failed=True)


@pytest.mark.parametrize("place", ["message_personal", "message_group"])
async def test_an_error_leaves_the_pressed_card(place: str) -> None:
    """What can be pressed again stays: an error is a line beside the card, in the same place for everyone."""
    async with a_room(AWAY) as room:
        _, body = await room.post("action_execute", conversation=payload(place)["conversation"])
        assert body["type"] == "application/vnd.microsoft.activity.message"
        assert body["value"] == "I cannot get at my notes."
        assert not room.teams.calls


async def test_an_error_leaves_the_card_of_older_clients() -> None:
    """The answer to Action.Submit that tells of an error comes as a message of its own."""
    async with a_room(AWAY) as room:
        await room.post("action_submit")
        assert [call.method for call in room.teams.calls] == ["POST"]


async def test_card_that_is_gone_is_answered_below(room: Room) -> None:
    """When the message with the button cannot be replaced, the answer is a new message."""
    room.teams.script = [(404, {}, "")]
    await room.post("action_submit")
    assert [call.method for call in room.teams.calls] == ["PUT", "POST"]


def _executed(data: Any) -> dict[str, Any]:
    return {"action": {"type": "Action.Execute", "verb": "rung", "data": data}, "trigger": "manual"}


async def test_form_is_filled_in(room: Room) -> None:
    """What was chosen in a form is put into its intent; what was not chosen stays open."""
    ask = {"intent": {"kind": "expect"}, "fill": {"2-0": "role", "2-1": "level", "2-2": "skill"}}
    data = {"rung": ask, "2-0": "ml-engineer", "2-1": "senior", "2-2": "", "9-0": "junior"}
    await room.post("action_execute", value=_executed(data))
    assert room.listener.turns[0].intent == ShowExpectations(role="ml-engineer", level="senior")


async def test_folded_button_is_found(room: Room) -> None:
    """A choice in a picker that stands for many buttons asks what that button asks."""
    asks = [{"intent": {"kind": "help"}}, {"intent": {"kind": "expect", "role": "ml-engineer"}}]
    data = {"rung": {"pick": "1-pick", "asks": asks}, "1-pick": "1"}
    await room.post("action_execute", value=_executed(data))
    assert room.listener.turns[0].intent == ShowExpectations(role="ml-engineer")


DEEP = json.loads("[" * 200 + "]" * 200)

STALE: list[Any] = [
    None,
    "x",
    [],
    {},
    {"rung": None},
    {"rung": "x"},
    {"rung": {}},
    {"rung": {"intent": {"kind": "no-longer-known"}}},
    {"rung": {"intent": {"kind": "expect", "role": "<script>"}}},
    {"rung": {"intent": {"kind": "expect"}, "fill": {"a": "role"}}, "a": {"b": 1}},
    {"rung": {"intent": {"kind": "expect"}, "fill": [1]}},
    {"rung": {"pick": "a", "asks": []}, "a": "1"},
    {"rung": {"pick": "a"}, "a": "x"},
    {"rung": {"pick": "a", "asks": [{}]}, "a": float("inf")},
    {"rung": {"intent": DEEP}},
    {"rung": {"intent": {"kind": "expect"}, "fill": {"a": "role"}}, "a": DEEP},
]


@pytest.mark.parametrize("data", STALE)
async def test_stale_card_gets_a_fresh_one(room: Room, data: Any) -> None:
    """A press that cannot be understood opens the start page."""
    status, body = await room.post("action_execute", value=_executed(data))
    assert (status, body["statusCode"]) == (200, 200)
    assert room.listener.turns[0].intent == StartHere()


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
async def test_stale_card_of_an_older_client_is_answered_too(room: Room, number: float) -> None:
    """Numbers that are none are no reason to be silent."""
    await room.post("action_submit", value={"rung": {"pick": "a", "asks": [{}]}, "a": number})
    assert room.listener.turns[0].intent == StartHere()
    assert len(room.teams.calls) == 1


SECRET = Reply((Heading("Your profile"), Text("Saved: Middle MLOps Engineer")), lang="de", private=True)


async def test_private_answer_goes_to_the_personal_chat() -> None:
    """What is private is sent to the person alone; the room gets one line, in the same language."""
    async with a_room(SECRET) as room:
        await room.post("message_group")
        opened, sent, line = room.teams.calls
        assert opened.path == "/amer/v3/conversations"
        assert opened.body["members"] == [{"id": "29:1alex-aaaa"}]
        assert opened.body["tenantId"] == TENANT
        assert sent.path == "/amer/v3/conversations/a%3Aopened/activities"
        assert "Saved" in str(sent.card)
        assert line.path.endswith("/19%3Agroup1%40thread.v2/activities/1763630101126")
        assert line.body["text"] == TEXTS.voice("de")("teams.privately")
        assert "attachments" not in line.body


async def test_personal_chat_is_opened_once() -> None:
    """The personal chat of a person is opened once, then used again."""
    async with a_room(SECRET) as room:
        for number in range(3):
            await room.post("message_group", id=f"m{number}")
        assert sum(call.path == "/amer/v3/conversations" for call in room.teams.calls) == 1


async def test_private_answer_is_never_shown_to_the_room() -> None:
    """When the person cannot be reached alone, the room is told how to ask, not the answer."""
    async with a_room(SECRET) as room:
        room.teams.script = [(403, {}, '{"error":{"code":"BotNotInConversationRoster"}}')]
        await room.post("message_group")
        _, line = room.teams.calls
        assert line.body["text"] == TEXTS.voice("de")("teams.write-me")


async def test_private_press_in_a_room_leaves_the_card() -> None:
    """A private button pressed in a room is answered to that person alone; the card stays for all."""
    async with a_room(SECRET) as room:
        group = payload("message_group")["conversation"]
        status, body = await room.post("action_execute", conversation=group)
        assert (status, body["type"]) == (200, "application/vnd.microsoft.activity.message")
        assert body["value"] == TEXTS.voice("de")("teams.privately")
        assert [call.path for call in room.teams.calls] == [
            "/amer/v3/conversations",
            "/amer/v3/conversations/a%3Aopened/activities",
        ]


async def test_private_answer_in_a_personal_chat_stays_there() -> None:
    """In a personal chat there is nothing to hide from anyone."""
    async with a_room(SECRET) as room:
        await room.post("message_personal")
        (call,) = room.teams.calls
        assert call.path.startswith(PERSONAL)


SHAREABLE = Reply((Text("Hi"), Buttons((Button("Share", ShowExpectations(role="a"), share=True),))))


async def test_share_is_offered_where_only_the_sender_reads() -> None:
    """Where everyone sees the answer anyway, or nobody else is there, nothing is offered to share."""
    async with a_room(SHAREABLE) as room:
        for name in ("message_personal", "message_channel", "message_targeted"):
            await room.post(name)
        personal, channel, targeted = (call.card["body"] for call in room.teams.calls)
        assert "Share" not in str(personal) + str(channel)
        assert "Share" in str(targeted)


async def test_sharing_posts_to_the_room(room: Room) -> None:
    """A press on share posts the answer for everyone and leaves a card for the one who pressed."""
    targeted = payload("message_targeted")
    data = {"rung": {"intent": {"kind": "expect", "role": "ml-engineer"}, "share": True}}
    status, body = await room.post(
        "action_execute",
        recipient=targeted["recipient"],
        conversation=targeted["conversation"],
        value=_executed(data),
    )
    assert (status, body["statusCode"]) == (200, 200)
    assert [turn.share for turn in room.listener.turns] == [True, False]
    (call,) = room.teams.calls
    assert call.query == {}


async def test_repeated_delivery_is_answered_once(room: Room) -> None:
    """The same activity delivered again, even while the first is under way, is answered once."""
    room.teams.delay = 0.2
    answers = await asyncio.gather(*(room.post("message_personal") for _ in range(5)))
    assert {status for status, _ in answers} == {200}
    assert len(room.teams.calls) == 1
    await room.post("message_personal", id="another")
    await room.post("message_group", id="another")
    assert len(room.teams.calls) == 3


def _pressed_by(person: str, asker: str, name: str) -> dict[str, Any]:
    """A press in a group on a card that answers someone."""
    data = {"rung": {"intent": {"kind": "expect", "role": "ml-engineer"}, "for": asker}}
    return {
        "conversation": payload("message_group")["conversation"],
        "from": payload("message_group")["from"] | {"id": f"29:{person}", "aadObjectId": person},
        "value": _executed(data) if name == "action_execute" else data,
    }


@pytest.mark.parametrize("name", ["action_execute", "action_submit"])
@pytest.mark.parametrize("asker", ["alex", ""])
async def test_a_card_in_a_room_is_replaced_for_its_asker_only(room: Room, name: str, asker: str) -> None:
    """In a room, the answer to someone else's press is a message of its own, and the card stays as it is."""
    _, body = await room.post(name, **_pressed_by("robin", asker, name))
    assert [(call.method, call.path.count("group1")) for call in room.teams.calls] == [("POST", 1)]
    if name == "action_execute":
        assert body == {
            "statusCode": 200,
            "type": "application/vnd.microsoft.activity.message",
            "value": TEXTS.voice("en")("teams.below"),
        }


@pytest.mark.parametrize(("name", "methods"), [("action_execute", []), ("action_submit", ["PUT"])])
async def test_the_asker_of_a_card_in_a_room_gets_it_replaced(room: Room, name: str, methods: list[str]) -> None:
    """In a room too, a card changes in its place for the one it answers."""
    _, body = await room.post(name, **_pressed_by("alex", "alex", name))
    assert [call.method for call in room.teams.calls] == methods
    assert body.get("type") in (None, "application/vnd.microsoft.card.adaptive")


async def test_cards_in_a_room_say_whom_they_answer() -> None:
    """Every button of a card in a room carries its asker's id, and none in a personal chat does."""
    buttons = tuple(Button(f"Button {number}", ShowExpectations(role="a")) for number in range(9))
    async with a_room(Reply((Buttons(buttons[:2]), Buttons(buttons)))) as room:
        await room.post("message_group")
        await room.post("message_personal")
        group, personal = (str(call.card) for call in room.teams.calls)
    asker = payload("message_group")["from"]["aadObjectId"]
    assert group.count(f"'for': '{asker}'") == 2 * 3
    assert asker not in personal


async def test_a_press_delivered_again_gets_the_same_card(room: Room) -> None:
    """A share that is delivered twice, even at the same time, is posted once, and both get the same answer."""
    targeted = payload("message_targeted")
    data = {"rung": {"intent": {"kind": "expect", "role": "ml-engineer"}, "share": True}}
    room.teams.delay = 0.1
    changes = {"recipient": targeted["recipient"], "conversation": targeted["conversation"], "value": _executed(data)}
    first, second = await asyncio.gather(*(room.post("action_execute", **changes) for _ in range(2)))
    assert first == second == await room.post("action_execute", **changes)
    assert first[1]["type"] == "application/vnd.microsoft.card.adaptive"
    assert len(room.teams.calls) == 1
    await room.post("action_execute", **changes, id="f:another")
    assert len(room.teams.calls) == 2


async def test_a_press_that_failed_is_tried_again() -> None:
    """An error is not kept as the answer to a press."""
    async with a_room(SECRET) as room:
        room.teams.script = [(500, {}, "")]
        group = payload("message_group")["conversation"]
        assert (await room.post("action_execute", conversation=group))[1]["statusCode"] == 500
        assert (await room.post("action_execute", conversation=group))[1]["statusCode"] == 200


@pytest.mark.parametrize(
    "failure", [(500, {}, ""), (429, {"Retry-After": "86400"}, ""), (503, {"Retry-After": "99"}, "")]
)
async def test_what_was_not_sent_is_sent_when_delivered_again(
    room: Room, failure: tuple[int, dict[str, str], str]
) -> None:
    """An answer that the connector did not take is said not to be sent, and the next delivery gets it."""
    room.teams.script = [failure]
    assert (await room.post("message_personal"))[0] == 503
    assert (await room.post("message_personal"))[0] == 200
    assert (await room.post("message_personal"))[0] == 200
    assert len(room.teams.calls) == 2


async def test_a_hanging_connector_costs_no_answer(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the connector does not answer in time, the next delivery is not refused as a repetition."""
    monkeypatch.setattr(limits, "CALL_SECONDS", 0.2)
    async with a_room() as room:
        room.teams.delay = 0.4
        assert (await room.post("message_personal"))[0] == 503
        room.teams.delay = 0
        assert (await room.post("message_personal"))[0] == 200


@pytest.mark.parametrize("failure", [(502, {}, ""), (429, {"Retry-After": "0"}, ""), None])
async def test_a_passing_failure_costs_no_answer(room: Room, failure: tuple[int, dict[str, str], str] | None) -> None:
    """A connector that is busy for a moment, or cuts the line, gets the answer a second time."""
    room.teams.script = [failure] if failure else []
    room.teams.cuts = 0 if failure else 1
    assert (await room.post("message_personal"))[0] == 200
    assert len(room.teams.calls) == 2


async def test_a_welcome_that_failed_comes_with_the_next_occasion(room: Room) -> None:
    """A welcome counts only when it was sent."""
    room.teams.script = [(500, {}, "")]
    await room.post("installation_update")
    assert (await room.post("conversation_update_personal"))[0] == 200
    assert len(room.teams.calls) == 2


async def test_a_private_answer_is_sent_once_though_the_room_is_not_told() -> None:
    """When only the line for the room fails, a repetition does not bring the answer again."""
    async with a_room(SECRET) as room:
        room.teams.script = [(201, {}, '{"id":"a:opened"}'), (201, {}, "{}"), (500, {}, "")]
        assert (await room.post("message_group"))[0] == 200
        assert (await room.post("message_group"))[0] == 200
        assert len(room.teams.calls) == 3


async def test_half_characters_do_not_keep_an_answer_back(room: Room) -> None:
    """Ids and names with half characters, which UTF-8 cannot hold, are echoed without them."""
    recipient = payload("message_personal")["recipient"] | {"name": "Rung \ud83d"}
    conversation = payload("message_personal")["conversation"] | {"id": "a:\udc00"}
    await room.post("message_personal", recipient=recipient, conversation=conversation)
    (call,) = room.teams.calls
    assert call.body["from"]["name"] == "Rung ?"
    assert call.body["conversation"]["id"] == "a:?"


async def test_slow_connector_is_not_waited_for(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the connector is slow, the request is acknowledged first and the answer is sent all the same."""
    monkeypatch.setattr(limits, "ACK_SECONDS", 0.05)
    room.teams.delay = 0.3
    assert (await room.post("message_personal"))[0] == 202
    await asyncio.sleep(0.4)
    assert len(room.teams.calls) == 1


async def test_answers_under_way_are_finished_when_the_bot_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopping waits for the answers that are being sent."""
    monkeypatch.setattr(limits, "ACK_SECONDS", 0.05)
    async with stand_in() as teams:
        teams.delay = 0.1
        teams.script = [(429, {"Retry-After": "0"}, "")]
        async with plugged(Listener()) as client:
            assert (await Room(client, teams, Listener()).post("message_personal"))[0] == 202
        assert len(teams.calls) == 2


async def test_welcome_comes_once(room: Room) -> None:
    """Installing sends two activities and gets one welcome, with what to do and how to stop."""
    await room.post("installation_update")
    await room.post("conversation_update_personal")
    assert [turn.intent for turn in room.listener.turns] == [StartHere()]
    (call,) = room.teams.calls
    assert call.path == PERSONAL
    assert TEXTS.voice("en")("teams.welcome") in str(call.card)


async def test_welcome_comes_again_after_removal(room: Room) -> None:
    """Who removes the app and adds it again is welcomed again; an upgrade is no reason to speak."""
    await room.post("installation_update")
    await room.post("installation_update", action="add-upgrade")
    await room.post("installation_update", action="remove-upgrade")
    await room.post("installation_update", action="remove")
    assert len(room.teams.calls) == 1
    await room.post("installation_update")
    assert len(room.teams.calls) == 2


async def test_team_gets_one_hello(room: Room) -> None:
    """A team is greeted once with a few words; its members are not greeted at all."""
    await room.post("conversation_update_team")
    await room.post("conversation_update_member")
    (call,) = room.teams.calls
    assert TEXTS.voice("en")("teams.hello") in str(call.card)
    assert not room.listener.turns


GROUP = payload("message_group")["conversation"]


@pytest.mark.parametrize("first", ["installation_update", "conversation_update_personal"])
async def test_a_group_chat_gets_one_hello(room: Room, first: str) -> None:
    """A group chat is greeted in one line, by whichever of the two activities comes first; the other says nothing."""
    for name in (first, "installation_update", "conversation_update_personal", "conversation_update_member"):
        await room.post(name, conversation=GROUP)
    (call,) = room.teams.calls
    assert TEXTS.voice("en")("teams.hello") in str(call.card)
    assert call.path.endswith(f"/{quote(GROUP['id'], safe='')}/activities")
    assert not room.listener.turns


@pytest.mark.parametrize("kind", ["messageUpdate", "messageDelete", "messageReaction", "typing", "event", "new-thing"])
async def test_other_activities_are_ignored(room: Room, kind: str) -> None:
    """Edits, reactions and things unheard of get 200 and no answer."""
    assert (await room.post("message_update", type=kind))[0] == 200
    assert not room.teams.calls
    assert not room.listener.turns


@pytest.mark.parametrize("name", ["composeExtension/query", "task/fetch", "signin/verifyState", None])
async def test_unknown_invokes_get_a_polite_no(room: Room, name: str | None) -> None:
    """What the bot does not do is said in the body, not by a server error."""
    status, body = await room.post("action_execute", name=name)
    assert (status, body["statusCode"]) == (200, 400)


BAD_BODIES = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"1",
    b'"x"',
    b"\xff\xfe",
    b"{}",
    b'{"type":"message"}',
    b'{"type":1}',
    b'{"type":"message","conversation":{"id":""},"serviceUrl":"http://127.0.0.1"}',
    b'{"type":"message","conversation":[],"serviceUrl":{}}',
    b'{"type":"message","conversation":{"id":"a"},"serviceUrl":"http://127.0.0.1","from":7}',
    b'{"type":"message","conversation":{"id":"a"},"serviceUrl":"http://127.0.0.1"}',
    b"[" * 100_000,
    b'{"a":' * 40_000,
    b"9" * 10_000,
]


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
async def test_malformed_bodies_are_refused(room: Room, body: bytes) -> None:
    """What is no activity gets 400."""
    answer = await room.client.post("/api/messages", data=body, headers={"Content-Type": "application/json"})
    assert answer.status == 400


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_other_content_types_are_refused(room: Room, kind: str) -> None:
    """Only JSON is read, so a web page cannot post here across origins."""
    activity = b'{"type":"message","conversation":{"id":"a"},"serviceUrl":"http://127.0.0.1"}'
    answer = await room.client.post("/api/messages", data=activity, headers={"Content-Type": kind})
    assert answer.status == 400


async def test_huge_bodies_are_refused(room: Room) -> None:
    """A body over the limit gets 413, whether or not its length was told."""
    huge = b" " * (limits.BODY_BYTES + 1)

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(huge), 1 << 16):
            yield huge[start : start + (1 << 16)]

    for body in (huge, in_pieces()):
        answer = await room.client.post("/api/messages", data=body, headers={"Content-Type": "application/json"})
        assert answer.status == 413


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
async def test_refused_answer_is_logged_by_ids_only(room: Room, status: int) -> None:
    """When the connector refuses an answer, the request is acknowledged and the log tells ids, not words."""
    room.teams.script = [(status, {}, '{"error":{"code":"Nope","message":"ML Engineer senior"}}')]
    with structlog.testing.capture_logs() as logs:
        assert (await room.post("message_personal"))[0] == 200
    (entry,) = logs
    assert entry["event"] == "teams_not_sent"
    assert entry["conversation"] == "a:1personal-alex"
    assert "ML Engineer" not in str(entry)


async def test_failure_is_answered() -> None:
    """When an answer cannot be drawn, a press gets an error to show and a message is acknowledged."""

    async def broken(_: Any) -> Reply:
        raise ZeroDivisionError

    async with stand_in() as teams, plugged(broken) as client:
        room = Room(client, teams, Listener())
        with structlog.testing.capture_logs() as logs:
            status, body = await room.post("action_execute")
            assert (status, body["type"]) == (200, "application/vnd.microsoft.error")
            assert (await room.post("message_personal"))[0] == 200
        assert {entry["error"] for entry in logs} == {"ZeroDivisionError"}


async def test_german_client(room: Room) -> None:
    """The client's language is passed on."""
    await room.post("message_personal_de")
    assert room.listener.turns[0].lang == "de-DE"


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../../etc/passwd", "x" * 5000, "", None])
async def test_unknown_zone_is_no_zone(room: Room, zone: str | None) -> None:
    """A time zone that does not exist is ignored."""
    await room.post("message_personal", localTimezone=zone, entities=[])
    assert room.listener.turns[0].zone is None


async def test_who_comes_from_the_envelope(room: Room) -> None:
    """The person is the one who pressed, whatever the button's data claims."""
    data = {"rung": {"intent": {"kind": "set-profile", "role": "ml-engineer"}, "person": "x"}, "from": {"id": "y"}}
    await room.post("action_execute", value=_executed(data))
    (turn,) = room.listener.turns
    assert turn.person.user == "00000000-0000-4000-8000-000000000020"
    assert turn.intent == SetProfile(role="ml-engineer")


async def test_room_replies_reach_the_room() -> None:
    """A reply for the room is not targeted, even when the question was."""
    async with a_room(Reply((Text("Hi all"),), Audience.ROOM)) as room:
        await room.post("message_targeted")
        assert room.teams.calls[0].query == {}
