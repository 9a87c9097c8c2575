"""Slack's requests over real HTTP, and the calls that answer them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.settings import Settings
from bot.slack.inbound import SlackPlug
from handlers.intent import AddEvidence, RateAnswer, ShowExpectations, ShowProfile, StartHere, Unclear
from handlers.reply import Audience, Entry, Form, Note, Reply, Text
from handlers.turn import Person, Place, Turn
from tests.slack import SECRET, Slack, payload, running, signed
from tests.talk import content


class Cut(web.Response):
    """No answer at all: the connection is closed."""

    async def prepare(self, request: web.BaseRequest) -> None:
        assert request.transport
        request.transport.close()


class Coach:
    """Answers everything with one text, and keeps the turns it was asked."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.reply = Reply((Text("An answer."),))
        self.slow = 0.0

    async def __call__(self, turn: Turn) -> Reply:
        self.turns.append(turn)
        await asyncio.sleep(self.slow)
        return self.reply


@pytest.fixture
def coach() -> Coach:
    return Coach()


@pytest.fixture
async def slack(coach: Coach) -> AsyncIterator[Slack]:
    async with running(coach) as slack:
        yield slack


def shown(message: dict[str, Any]) -> str:
    """Everything in a message's blocks, as JSON."""
    return json.dumps(message["blocks"], ensure_ascii=False)


async def test_a_command_is_answered_in_its_acknowledgement(slack: Slack, coach: Coach) -> None:
    """A slash command gets its answer in the same exchange, for the asker only."""
    status, answer = await slack.send(payload("slash"))
    assert status == 200
    assert answer["response_type"] == "ephemeral"
    assert answer["text"] == "An answer."
    assert "An answer." in shown(answer)
    (turn,) = coach.turns
    assert turn.person == Person("slack", "T0TEAM001", "U012ANNA01")
    assert (turn.words, turn.intent, turn.how) == ("ML Engineer senior", None, "command")
    assert turn.place == Place("C0GENERAL", shared=True)


@pytest.mark.parametrize(
    ("enterprise", "everywhere", "tenant"),
    [("", "false", "T0TEAM001"), ("E0ORG0001", "false", "T0TEAM001"), ("E0ORG0001", "true", "E0ORG0001")],
)
async def test_the_tenant_is_where_the_app_is_installed(
    slack: Slack, coach: Coach, enterprise: str, everywhere: str, tenant: str
) -> None:
    """A person belongs to the workspace, or to the organization when the app is installed for all of it."""
    await slack.send(payload("slash", enterprise_id=enterprise, is_enterprise_install=everywhere))
    assert coach.turns[0].person.tenant == tenant


async def test_a_bare_command_starts_with_the_pickers(slack: Slack, coach: Coach) -> None:
    """`/skill` without words asks to start."""
    await slack.send(payload("slash", text="  "))
    assert coach.turns[0].intent == StartHere()


async def test_a_command_does_not_wait_for_the_profile(slack: Slack, coach: Coach) -> None:
    """Language and zone are fetched behind the first command and known at the next."""
    slack.slow = 0.2
    await slack.send(payload("slash"))
    assert coach.turns[0].lang is None
    await slack.called("users.info")
    await asyncio.sleep(0.3)
    await slack.send(payload("slash"))
    assert (coach.turns[1].lang, coach.turns[1].zone) == ("de-DE", "Europe/Berlin")
    assert len(slack.of("users.info")) == 1


async def test_a_changed_profile_is_learnt(slack: Slack, coach: Coach) -> None:
    """After `user_change` the new language and zone hold, without another look-up."""
    assert await slack.send(payload("user_change")) == (200, "")
    await slack.send(payload("slash"))
    assert (coach.turns[0].lang, coach.turns[0].zone) == ("de-DE", "Europe/Vienna")
    assert slack.of("users.info") == []


async def test_a_slow_answer_comes_after_the_acknowledgement(
    slack: Slack, coach: Coach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command whose answer takes too long is acknowledged in time and answered through its response URL."""
    monkeypatch.setattr("bot.slack.listeners.ACK_SECONDS", 0.05)
    coach.slow = 0.2
    assert await slack.send(payload("slash")) == (200, "")
    (call,) = await slack.called("response_url")
    assert call.arguments["response_type"] == "ephemeral"
    assert "An answer." in shown(call.arguments)
    assert len(coach.turns) == 1  # what was asked is done once, however late it is answered


async def test_a_long_answer_continues_in_further_messages(slack: Slack, coach: Coach) -> None:
    """What does not fit into the acknowledgement follows through the response URL."""
    coach.reply = Reply(tuple(Text(f"{place} " + "word " * 500) for place in range(8)))
    _, answer = await slack.send(payload("slash"))
    calls = await slack.called("response_url")
    everything = shown(answer) + "".join(shown(call.arguments) for call in calls)
    assert [everything.count(f'"{place} word') for place in range(8)] == [1] * 8


@pytest.mark.parametrize(("name", "replaced"), [("button_ephemeral", True), ("button_message", False)])
async def test_a_pressed_button_is_answered_where_only_the_presser_sees_it(
    slack: Slack, coach: Coach, name: str, replaced: bool
) -> None:
    """A button replaces a message that only the asker sees, and never one that others see too."""
    coach.reply = Reply((Text("An answer."),), in_place=True)
    assert await slack.send(payload(name)) == (200, "")
    (call,) = await slack.called("response_url")
    assert call.arguments["replace_original"] is replaced
    assert call.arguments["response_type"] == "ephemeral"
    assert coach.turns[0].intent == ShowExpectations(role="ml-engineer", level="lead")
    assert coach.turns[0].pressed is replaced
    assert call.arguments.get("thread_ts") == (None if replaced else "1763800000.000050")


async def test_a_button_in_the_coachs_own_conversation_replaces_its_message(slack: Slack, coach: Coach) -> None:
    """In a direct message to the coach, a pressed button's answer takes the place of the message."""
    coach.reply = Reply((Text("An answer."),), in_place=True)
    body = payload("button_message", channel={"id": "D0DIRECT1", "name": "directmessage"})
    await slack.send(body)
    (call,) = await slack.called("response_url")
    assert call.arguments["replace_original"] is True
    assert coach.turns[0].place == Place("D0DIRECT1", shared=False)


async def test_a_button_between_two_people_stays_private(slack: Slack, coach: Coach) -> None:
    """A command works in a direct message to a colleague too: its buttons answer the presser only."""
    body = payload("button_ephemeral", channel={"id": "D0DIRECT1", "name": "directmessage"})
    await slack.send(body)
    (call,) = await slack.called("response_url")
    assert call.arguments["response_type"] == "ephemeral"


async def test_a_shared_answer_goes_to_the_room(slack: Slack, coach: Coach) -> None:
    """The share button posts to the channel and leaves the private message alone."""
    coach.reply = Reply((Text("An answer."), Note("Shared by", by="U012ANNA01")), Audience.ROOM)
    body = payload("button_ephemeral")
    body["actions"][0]["value"] = '{"ask":{"kind":"expect","role":"ml-engineer"},"share":true}'
    await slack.send(body)
    (call,) = await slack.called("response_url")
    assert call.arguments["response_type"] == "in_channel"
    assert call.arguments["replace_original"] is False
    assert coach.turns[0].share
    assert "<@U012ANNA01>" in shown(call.arguments)


async def test_a_private_answer_is_never_shared(slack: Slack, coach: Coach) -> None:
    """What a person told the coach does not go to the room, whatever the button says."""
    coach.reply = Reply((Text("An answer."),), Audience.ROOM, private=True)
    _, answer = await slack.send(payload("slash"))
    await slack.send(payload("button_message"))
    (call,) = await slack.called("response_url")
    assert answer["response_type"] == call.arguments["response_type"] == "ephemeral"


async def test_a_chosen_entry_fills_the_intent(slack: Slack, coach: Coach) -> None:
    """A menu's entry goes into the field of the intent that the menu carries."""
    await slack.send(payload("menu"))
    await slack.called("response_url")
    assert coach.turns[0].intent == ShowExpectations(role="ml-engineer", level="senior")


async def test_a_form_sends_all_its_choices(slack: Slack, coach: Coach) -> None:
    """The submit button gathers the form's own choices and no others."""
    await slack.send(payload("form"))
    await slack.called("response_url")
    assert coach.turns[0].intent == ShowExpectations(role="ml-engineer", level="senior")


START = '{"ask":{"kind":"start"},"form":'


@pytest.mark.parametrize(
    "value",
    [
        *("", "{}", "null", '{"ask":{"kind":"gone"}}', '{"ask":{"kind":"expect","role":"<!>"}}'),
        *(f"{START}{number}}}" for number in ("Infinity", "1e999", "NaN", "9" * 5_000)),
        "[" * 1_990 + "]" * 1_990,
    ],
)
async def test_a_button_that_says_nothing_known_is_answered(slack: Slack, coach: Coach, value: str) -> None:
    """A button of a lost version is answered like words that are not understood."""
    body = payload("button_ephemeral")
    body["actions"][0]["value"] = value
    assert await slack.send(body) == (200, "")
    await slack.called("response_url")
    assert coach.turns[0].intent == Unclear()


@pytest.mark.parametrize("action_id", ["", "gone", "do:", "pick:0"])
async def test_an_unknown_action_is_answered(slack: Slack, coach: Coach, action_id: str) -> None:
    """A button with an id that no version of ours gives is answered too, and not an error."""
    body = payload("button_ephemeral")
    body["actions"] = [{"type": "button", "action_id": action_id, "value": "1"}]
    assert await slack.send(body) == (200, "")
    await slack.called("response_url")
    assert coach.turns[0].intent == Unclear()


async def test_a_click_delivered_again_is_answered_once(slack: Slack, coach: Coach) -> None:
    """The same click sent again shares nothing twice; another click on the same button does."""
    coach.reply = Reply((Text("An answer."),), Audience.ROOM)
    body = payload("button_ephemeral")
    body["actions"][0]["value"] = '{"ask":{"kind":"expect","role":"ml-engineer"},"share":true}'
    for _ in range(3):
        assert await slack.send(body) == (200, "")
    assert len(await slack.called("response_url")) == 1
    body["actions"][0]["action_ts"] = "1763800000.000101"
    await slack.send(body)
    assert len(await slack.called("response_url", 2)) == 2


async def test_a_command_and_its_buttons_are_in_the_same_place(slack: Slack, coach: Coach) -> None:
    """What is remembered after a command in a direct message holds for the buttons of its answer."""
    await slack.send(payload("slash", channel_id="D0DIRECT1", channel_name="directmessage"))
    await slack.send(payload("button_ephemeral", channel={"id": "D0DIRECT1", "name": "directmessage"}))
    await slack.called("response_url")
    assert [turn.place for turn in coach.turns] == [Place("D0DIRECT1", shared=False)] * 2


async def test_a_choice_in_a_form_waits_for_its_submission(slack: Slack, coach: Coach) -> None:
    """Choosing an entry of a form says nothing yet."""
    body = payload("menu")
    body["actions"][0]["action_id"] = "chosen:1"
    assert await slack.send(body) == (200, "")
    assert coach.turns == []


async def test_who_pressed_comes_from_the_envelope(slack: Slack, coach: Coach) -> None:
    """A button that names a person does not speak for them."""
    body = payload("button_ephemeral")
    body["actions"][0]["value"] = '{"ask":{"kind":"profile"},"user":"U0VICTIM"}'
    await slack.send(body)
    await slack.called("response_url")
    assert coach.turns[0].intent == ShowProfile()
    assert coach.turns[0].person.user == "U012ANNA01"


async def test_a_direct_message_is_answered_in_its_thread(slack: Slack, coach: Coach) -> None:
    """A direct message opens a thread with the answer, in the person's language."""
    assert await slack.send(payload("message_im")) == (200, "")
    (call,) = await slack.called("chat.postMessage")
    assert call.arguments["channel"] == "D0DIRECT1"
    assert call.arguments["thread_ts"] == "1763800001.000100"
    assert call.arguments["text"] == "An answer."
    assert coach.turns[0].lang == "de-DE"
    assert not coach.turns[0].place.shared


async def test_a_mention_is_answered_in_its_thread(slack: Slack, coach: Coach) -> None:
    """A mention within a thread is answered there, and the words go on as they were typed."""
    await slack.send(payload("app_mention", thread_ts="1763800000.000001"))
    (call,) = await slack.called("chat.postMessage")
    assert call.arguments["thread_ts"] == "1763800000.000001"
    assert coach.turns[0].words == "<@U0BOT0001> senior ML engineer &amp; staff"
    assert coach.turns[0].place.shared


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
async def test_words_with_something_attached_are_answered(slack: Slack, coach: Coach, subtype: str) -> None:
    """A message is answered too when a file comes with it, or when the channel sees a reply of a thread."""
    await slack.send(payload("message_im", subtype=subtype))
    await slack.called("chat.postMessage")
    assert coach.turns[0].words == "what does a senior ML engineer need?"


async def test_a_bare_mention_starts_with_the_pickers(slack: Slack, coach: Coach) -> None:
    """Only the coach's name, and nothing else, asks to start."""
    await slack.send(payload("app_mention", text=" <@U0BOT0001> "))
    assert coach.turns[0].intent == StartHere()


async def test_a_private_answer_to_a_mention_is_for_the_asker_only(slack: Slack, coach: Coach) -> None:
    """What a person told the coach is whispered in a channel."""
    coach.reply = Reply((Text("Your profile."),), private=True)
    await slack.send(payload("app_mention"))
    (call,) = await slack.called("chat.postEphemeral")
    assert (call.arguments["channel"], call.arguments["user"]) == ("C0GENERAL", "U012ANNA01")
    assert slack.of("chat.postMessage") == []


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("message_im", {"bot_id": "B0BOT0001"}),
        ("message_im", {"subtype": "message_changed"}),
        ("message_im", {"subtype": {}}),
        ("message_im", {"edited": {"user": "U012ANNA01", "ts": "1.1"}}),
        ("message_im", {"user": "USLACKBOT"}),
        ("message_im", {"channel": "C0GENERAL", "channel_type": "channel"}),
        ("app_mention", {"bot_id": "B0BOT0001"}),
        ("app_mention", {"channel": "D0DIRECT1"}),
        ("message_im", {"type": "reaction_added"}),
        ("message_im", {"user": None}),
        ("message_im", {"ts": 5}),
    ],
)
async def test_what_is_not_for_the_coach_is_left_alone(
    slack: Slack, coach: Coach, name: str, changes: dict[str, Any]
) -> None:
    """Bots, edits, other channels and other events are acknowledged and not answered."""
    assert await slack.send(payload(name, **changes)) == (200, "")
    assert coach.turns == []


async def test_a_retry_is_not_answered_twice(slack: Slack, coach: Coach) -> None:
    """The same message delivered again, during the answer or after it, is acknowledged only."""
    slack.slow = 0.1
    retry = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    first = asyncio.create_task(slack.send(payload("message_im")))
    await asyncio.sleep(0.05)
    assert await slack.send(payload("message_im"), retry) == (200, "")
    assert await first == (200, "")
    assert await slack.send(payload("message_im"), retry) == (200, "")
    assert len(await slack.called("chat.postMessage")) == 1


async def test_a_failed_answer_is_tried_again(slack: Slack, coach: Coach) -> None:
    """When the answer could not be posted, Slack is told so, and its retry is answered."""
    slack.failures = [web.json_response({"ok": False, "error": "internal_error"})]
    status, _ = await slack.send(payload("message_im"))
    assert status == 503
    assert await slack.send(payload("message_im"), {"X-Slack-Retry-Num": "1"}) == (200, "")
    assert len(await slack.called("chat.postMessage", 2)) == 2


async def test_a_refused_answer_is_not_tried_again(slack: Slack, coach: Coach) -> None:
    """What Slack will refuse next time too is not asked for again."""
    slack.failures = [web.json_response({"ok": False, "error": "channel_not_found"})]
    assert await slack.send(payload("message_im")) == (200, "")


async def test_a_rate_limit_is_waited_for(slack: Slack, coach: Coach) -> None:
    """When Slack asks to wait, the answer comes afterwards."""
    slack.failures = [
        web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "0"})
    ]
    assert await slack.send(payload("message_im")) == (200, "")
    assert len(await slack.called("chat.postMessage", 2)) == 2


@pytest.mark.parametrize("said", ["Wed, 21 Oct 2026 07:28:00 GMT", "0.01", "", "86400"])
async def test_whatever_slack_asks_for_is_waited_for_within_reason(
    slack: Slack, coach: Coach, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """A time to wait that is no number, or a whole day, does not cost the answer."""
    monkeypatch.setattr("bot.slack.client.MOST_PATIENCE", 0.05)
    limited = {"ok": False, "error": "ratelimited"}
    slack.failures = [web.json_response(limited, status=429, headers={"Retry-After": said})]
    assert await slack.send(payload("message_im")) == (200, "")
    assert len(await slack.called("chat.postMessage", 2)) == 2


@pytest.mark.parametrize(
    ("body", "kind"),
    [("ok", "text/plain"), ("[1]", "application/json"), ("<p>Hello</p>", "text/html"), ("{", "application/json")],
)
async def test_an_answer_that_is_not_slacks_is_no_answer(slack: Slack, coach: Coach, body: str, kind: str) -> None:
    """When a gateway answers in the place of Slack, the message is asked for again, and the log has a code."""
    slack.failures = [web.Response(text=body, content_type=kind)]
    with structlog.testing.capture_logs() as logs:
        assert (await slack.send(payload("message_im")))[0] == 503
    assert [entry["error"] for entry in logs if entry["event"] == "slack_answer_failed"] == ["not_from_the_api"]
    assert (await slack.send(payload("message_im")))[0] == 200


LONG = Reply(tuple(Text(f"{place} " + "word " * 500) for place in range(8)))
OUT_OF_ORDER = {"text": "<html>Bad gateway</html>", "status": 502, "content_type": "text/html"}


async def test_a_retry_posts_only_what_is_missing(slack: Slack, coach: Coach) -> None:
    """When a long answer breaks off, Slack's retry continues it and says nothing twice."""
    coach.reply = LONG
    slack.failures = [web.json_response({"ok": True}), web.Response(**OUT_OF_ORDER)]
    status, _ = await slack.send(payload("message_im"))
    assert status == 503
    _, failed = await slack.called("chat.postMessage", 2)
    assert await slack.send(payload("message_im"), {"X-Slack-Retry-Num": "1"}) == (200, "")
    taken = [call for call in slack.of("chat.postMessage") if call is not failed]
    everything = "".join(shown(call.arguments) for call in taken)
    assert [everything.count(f'"{place} word') for place in range(8)] == [1] * 8
    assert len(coach.turns) == 1


async def test_a_failure_after_the_acknowledgement_is_made_up_for(
    slack: Slack, coach: Coach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Slack was told to be answered is sent again by the coach, because Slack does not ask again."""
    monkeypatch.setattr("bot.slack.listeners.ACK_SECONDS", 0.05)
    monkeypatch.setattr("bot.slack.sending.PAUSES", (0.01, 0.01))
    coach.slow = 0.2
    slack.failures = [web.Response(**OUT_OF_ORDER), web.Response(**OUT_OF_ORDER)]
    assert await slack.send(payload("message_im")) == (200, "")
    assert len(await slack.called("chat.postMessage", 3)) == 3


async def test_an_answer_to_a_click_is_sent_until_it_is_taken(
    slack: Slack, coach: Coach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the response URL is out of order, the answer comes later, and replaces the message only once."""
    monkeypatch.setattr("bot.slack.sending.PAUSES", (0.01, 0.01))
    coach.reply = Reply(LONG.blocks, in_place=True)
    slack.failures = [web.Response(**OUT_OF_ORDER), web.Response(text="ok"), web.Response(**OUT_OF_ORDER)]
    await slack.send(payload("button_ephemeral"))
    calls = await slack.called("response_url", 4)
    assert [call.arguments["replace_original"] for call in calls] == [True, True, False, False]


@pytest.mark.parametrize("broken", [500, 503, None])
async def test_a_response_url_that_took_nothing_is_tried_again(
    slack: Slack, coach: Coach, monkeypatch: pytest.MonkeyPatch, broken: int | None
) -> None:
    """An error of Slack's servers, or a connection that is cut instead of an answer, does not cost the answer."""
    monkeypatch.setattr("bot.slack.sending.PAUSES", (0.01, 0.01))
    slack.failures = [web.Response(status=broken) if broken else Cut(), Cut()]
    await slack.send(payload("button_ephemeral"))
    assert len(await slack.called("response_url", 3)) == 3


async def test_what_slack_calls_an_error_is_logged_only_when_it_is_a_name(slack: Slack, coach: Coach) -> None:
    """Whatever stands where the name of an error is expected, the log holds no sentences."""
    slack.failures = [web.json_response({"ok": False, "error": "wombat said:\nno"})]
    with structlog.testing.capture_logs() as logs:
        assert await slack.send(payload("message_im")) == (200, "")
    assert [entry["error"] for entry in logs if entry["event"] == "slack_refused_a_message"] == ["other"]


async def test_an_expired_response_url_is_let_go(slack: Slack, coach: Coach) -> None:
    """An answer that comes too late is not sent again."""
    slack.failures = [web.Response(text="expired_url", status=404)]
    await slack.send(payload("button_ephemeral"))
    assert len(await slack.called("response_url")) == 1


async def test_a_stopping_process_tries_once_more(coach: Coach) -> None:
    """A process that stops does not wait for its next attempt, but makes it."""
    async with running(coach) as slack:
        slack.failures = [web.Response(**OUT_OF_ORDER)]
        await slack.send(payload("button_ephemeral"))
        await slack.called("response_url")
    assert len(slack.of("response_url")) == 2


async def test_without_slack_a_message_is_left_to_its_retry(coach: Coach) -> None:
    """While Slack cannot be reached, commands are answered, and messages are asked for again."""
    async with running(coach, api="http://127.0.0.1:9/api/") as slack:
        status, answer = await slack.send(payload("slash"))
        assert (status, answer["text"]) == (200, "An answer.")
        status, _ = await slack.send(payload("message_im"))
        assert status == 503


async def test_stopping_finishes_answers_under_way(coach: Coach) -> None:
    """A process that stops still answers what it has acknowledged."""
    coach.slow = 0.3
    async with running(coach) as slack:
        await slack.send(payload("button_ephemeral"))
    assert len(slack.of("response_url")) == 1


async def test_the_address_is_verified(slack: Slack) -> None:
    """Slack's check of the address gets its challenge back, when it is signed."""
    body = payload("url_verification")
    assert await slack.send(body) == (200, {"challenge": body["challenge"]})
    status, _ = await slack.send_raw(json.dumps(body).encode(), {"Content-Type": "application/json"})
    assert status == 401


async def test_the_certificate_is_checked(slack: Slack, coach: Coach) -> None:
    """Slack's check of the server's certificate is acknowledged, and is not a command."""
    body = b"ssl_check=1&token=verification"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert await slack.send_raw(body, {**kind, **signed(body)}) == (200, "")
    assert await slack.send_raw(body, kind) == (401, "")
    assert coach.turns == []


async def test_a_warning_of_too_many_events_is_acknowledged(slack: Slack, coach: Coach) -> None:
    """Slack's note that it holds events back is not a bad request."""
    assert await slack.send({"type": "app_rate_limited", "team_id": "T0TEAM001"}) == (200, "")
    assert coach.turns == []


GOOD = b"command=%2Fskill&text=help&user_id=U1&channel_id=C1&team_id=T1"


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (GOOD, {}, {401}),
        (b"{", {"Content-Type": "application/json"}, {401}),
        (b"\xff\xfe", {}, {401}),
        (b"", {}, {401}),
        (b"\xff\xfe", signed(b"\xff\xfe"), {401}),
        (GOOD, {**signed(GOOD), "X-Slack-Request-Timestamp": "9" * 5000}, {401}),
        (GOOD, signed(GOOD, age=301), {401}),
        (GOOD, signed(GOOD, age=-3600), {401}),
        (GOOD, signed(GOOD, secret="another"), {401}),
        (GOOD, signed(b"other"), {401}),
        (GOOD, {**signed(GOOD), "X-Slack-Request-Timestamp": "abc"}, {401}),
        (GOOD, {**signed(GOOD), "X-Slack-Request-Timestamp": "9" * 400}, {401}),
        (GOOD, {**signed(GOOD), "X-Slack-Request-Timestamp": "-5"}, {401}),
        (GOOD, {**signed(GOOD), "X-Slack-Signature": "v0=ü"}, {401}),
        (GOOD, {"X-Slack-Signature": signed(GOOD)["X-Slack-Signature"]}, {401}),
        (b"x" * (1024 * 1024 + 1), {}, {413}),
    ],
)
async def test_unsigned_requests_are_refused(
    slack: Slack, coach: Coach, body: bytes, headers: dict[str, str], expected: set[int]
) -> None:
    """What was not signed with the secret, just now, is refused before it is read."""
    status, _ = await slack.send_raw(body, headers)
    assert status in expected
    assert coach.turns == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'"text"', "application/json"),
        (b"null", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"{}", "application/json"),
        (b"", "application/json"),
        (GOOD, "application/json"),
        (b"payload=%7B", "application/x-www-form-urlencoded"),
        (b"payload=5", "application/x-www-form-urlencoded"),
        (b"command=%2Fskill", "application/x-www-form-urlencoded"),
        (b"hello", "text/plain"),
        (b'{"type":"event_callback"}', "application/json"),
        (b'{"type":"event_callback","event":"message"}', "application/json"),
        (b'{"type":"event_callback","event":{"type":5}}', "application/json"),
        (b'{"type":"block_actions","actions":[]}', "application/json"),
        (b'{"type":"block_actions","actions":[5],"user":{"id":"U1"}}', "application/json"),
        (b'{"command":{},"user_id":"U1","channel_id":"C1"}', "application/json"),
        (b'{"type":"url_verification"}', "application/json"),
        (json.dumps(payload("button_ephemeral") | {"team": {"id": ["T"]}}).encode(), "application/json"),
        (json.dumps(payload("message_im") | {"team_id": ["T"], "authorizations": None}).encode(), "application/json"),
        (json.dumps(payload("app_mention") | {"authorizations": [{"team_id": {"a": 1}}]}).encode(), "application/json"),
        (json.dumps(payload("button_ephemeral") | {"enterprise": {"id": [1]}}).encode(), "application/json"),
    ],
)
async def test_signed_garbage_is_refused(slack: Slack, coach: Coach, body: bytes, kind: str) -> None:
    """A signed request that is malformed is a bad request, never an error of ours."""
    status, _ = await slack.send_raw(body, {"Content-Type": kind, **signed(body)})
    assert status == 400
    assert coach.turns == []


FIELDS = ("type", "event", "actions", "user", "channel", "team", "container", "message", "state", "enterprise", "view")
FIELDS += ("authorizations", "is_enterprise_install", "response_url", "team_id", "function_data", "command", "values")
FIELDS += (
    "action_id",
    "value",
    "id",
    "ts",
    "thread_ts",
    "tab",
    "callback_id",
    "private_metadata",
    "hash",
    "trigger_id",
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=5),
    max_leaves=20,
)
KINDS = ("message_im", "app_mention", "user_change", "button_message", "form", "url_verification")
KINDS += ("submission", "shortcut", "home_opened", "button_home")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(KINDS),
    field=st.sampled_from(FIELDS),
    value=JSON,
    inside=st.sampled_from(("", "event", "view")),
)
def test_no_signed_payload_breaks_the_bot(name: str, field: str, value: Any, inside: str) -> None:
    """Whatever is put into one field of a payload, the status is never 500, and no answer fails for another reason."""

    async def run() -> None:
        plug = SlackPlug(
            Settings(
                _env_file=None,
                slack_signing_secret=SECRET,
                slack_bot_token="xoxb-test",
                slack_api_url="http://127.0.0.1:9/",
            ),
            Coach(),
            content().texts,
        )
        body = payload(name)
        body.get(inside, body)[field] = value
        if "response_url" in body:
            body["response_url"] = None
        data = json.dumps(body).encode()
        with structlog.testing.capture_logs() as logs:
            response = await plug.receive(data, {"Content-Type": "application/json", **signed(data)})
            await plug.stop()
        assert response.status != 500, response.body
        failed = {entry["error"] for entry in logs if entry["event"] == "slack_answer_failed"}
        assert failed <= {"ClientConnectorError"}  # nobody answers on that port

    asyncio.run(run())


@pytest.mark.parametrize(("kind", "name"), [("slash_commands", "slash"), ("interactive", "submission")])
async def test_socket_mode_answers_without_an_address(coach: Coach, kind: str, name: str) -> None:
    """With an app token the bot opens a socket at the same API address, and answers commands and windows over it."""
    answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    envelope = {"type": kind, "envelope_id": "e1", "accepts_response_payload": True}
    if kind == "interactive":
        form = Form((Entry("text", "Once more"),), "Keep it", AddEvidence())
        coach.reply = Reply((Text("An answer."), form))

    async def open_connection(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer xapp-test"
        return web.json_response({"ok": True, "url": str(request.url.with_path("/socket").with_scheme("ws"))})

    async def socket(request: web.Request) -> web.WebSocketResponse:
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        await connection.send_json({**envelope, "payload": payload(name)})
        async for message in connection:
            answers.put_nowait(message.json())
        return connection

    api = web.Application()
    api.router.add_post("/api/apps.connections.open", open_connection)
    api.router.add_get("/socket", socket)
    async with TestServer(api) as far:
        plug = SlackPlug(
            Settings(
                _env_file=None,
                slack_bot_token="xoxb-test",
                slack_app_token="xapp-test",
                slack_api_url=str(far.make_url("/api")),
            ),
            coach,
            content().texts,
        )
        assert list(plug.routes()) == []
        await plug.start()
        answer = await asyncio.wait_for(answers.get(), 5)
        await plug.stop()
    assert answer["envelope_id"] == "e1"
    if kind == "interactive":
        assert answer["payload"]["response_action"] == "update"
        assert "An answer." in json.dumps(answer["payload"]["view"])
    else:
        assert answer["payload"]["text"] == "An answer."


@pytest.mark.parametrize(
    ("name", "changes", "address"),
    [
        ("message_im", {}, True),
        ("home_opened", {}, True),
        ("button_home", {}, True),
        ("app_mention", {}, False),
        ("slash", {}, False),
        ("slash", {"channel_id": "D0ANNA001"}, False),
        ("button_message", {}, False),
        ("button_ephemeral", {}, False),
    ],
)
async def test_own_conversations_are_addresses(
    slack: Slack, coach: Coach, name: str, changes: dict[str, Any], address: bool
) -> None:
    """Everybody can be written to unasked; what happens in their own conversation with the coach tells which it is.

    A command may be given in the conversation of two other people, so it does not tell.
    """
    await slack.send(payload(name, **changes))
    await asyncio.sleep(0.1)
    (turn,) = coach.turns
    channel = {"channel": turn.place.id.removeprefix("home:")} if address else {}
    assert turn.address == {"user": turn.person.user} | channel


async def test_what_replaces_a_marked_message_keeps_its_mark(slack: Slack, coach: Coach) -> None:
    """A pressed button of a letter replaces it in place, and the letter is still found by our id."""
    coach.reply = Reply((Text("Done."),), in_place=True)
    marked = {"event_type": "rung_letter", "event_payload": {"mark": "0123"}}
    direct = {"channel": {"id": "D0ANNA001"}, "container": {"message_ts": "1763800000.000200"}}
    message = {"ts": "1763800000.000200", "bot_id": "B0BOT0001", "metadata": marked}
    await slack.send(payload("button_message") | direct | {"message": message})
    (call,) = await slack.called("response_url")
    assert call.arguments["replace_original"] is True
    assert call.arguments["metadata"] == marked
    assert "Done." in shown(call.arguments)


async def test_a_window_of_no_kind_is_refused(slack: Slack) -> None:
    """A sent window that does not say what it is, which Bolt stumbles over, gets 400."""
    body = payload("submission")
    del body["view"]["type"]
    assert (await slack.send(body))[0] == 400


CITING = Reply((Text("An answer."), Note("Its source.", cites=True)), asked=ShowExpectations(role="ml-engineer"))


async def test_an_answer_in_the_coachs_own_conversation_can_be_rated(slack: Slack, coach: Coach) -> None:
    """What cites the framework ends with two thumbs there, and nowhere else; the plain text is without them."""
    coach.reply = CITING
    await slack.send(payload("message_im"))
    (direct,) = await slack.called("chat.postMessage")
    assert direct.arguments["blocks"][-1]["type"] == "context_actions"
    assert "It helped" not in direct.arguments["text"]
    await slack.send(payload("app_mention"))
    _, room = await slack.called("chat.postMessage", 2)
    _, command = await slack.send(payload("slash"))
    body = payload("button_ephemeral")
    await slack.send(body)
    (click,) = await slack.called("response_url")
    for message in (room.arguments, command, click.arguments):
        assert "context_actions" not in shown(message)


@pytest.mark.parametrize("thread", ["1763800000.000050", ""])
async def test_a_thumb_is_thanked_for_beside_the_answer(slack: Slack, coach: Coach, thread: str) -> None:
    """A verdict names no question, is answered in the answer's thread, and leaves the answer as it is."""
    coach.reply = CITING
    await slack.send(payload("message_im"))
    (posted,) = await slack.called("chat.postMessage")
    (element,) = posted.arguments["blocks"][-1]["elements"]
    body = payload("button_message")
    body["channel"]["id"] = body["container"]["channel_id"] = "D0DIRECT1"
    if not thread:
        del body["container"]["thread_ts"], body["message"]["thread_ts"]
    verdict = {"type": "feedback_buttons", "value": element["negative_button"]["value"], "action_ts": "1763800001.000"}
    body["actions"] = [{"action_id": element["action_id"], "block_id": "Xq9", **verdict}]
    coach.reply = Reply((Text("Thanks."),), private=True)
    assert await slack.send(body) == (200, "")
    assert await slack.send(body) == (200, "")
    (thanks,) = await slack.called("response_url")
    assert coach.turns[-1].intent == RateAnswer(about="expect", helped=False)
    assert thanks.arguments["replace_original"] is False
    assert thanks.arguments["thread_ts"] == (thread or "1763800000.000200")
