"""Slack's windows, shortcuts, Home tab and files: real payloads over HTTP, and the calls that answer them."""

from __future__ import annotations

import asyncio
import datetime
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import structlog
from aiohttp import web

from bot.slack.addresses import RESPONDING, is_slacks
from handlers.intent import AddEvidence, AskPrivacy, ShowEvidence, ShowProfile
from handlers.reply import Button, Buttons, Entry, File, Form, Heading, Reply, Text
from handlers.turn import Person, Place, Turn
from tests.slack import Call, Slack, payload, running, signed
from tests.slack_check import view_faults

FORM = Form(
    (Entry("text", "What did you do?", "text"), Entry("link", "A link", "link")), "Keep it", AddEvidence(), "Note"
)
ASKS = Reply((Heading("Evidence"), Text("For canary deployments."), FORM), in_place=True)
KEPT = Reply((Text("Kept."),), in_place=True)
HOME = Place("home:D0DIRECT1")
WRITTEN = AddEvidence(clause="a", text="Rolled it out.", day=datetime.date(2026, 3, 17))


class Coach:
    """Answers an intent of a kind with the reply for it, everything else with one text; keeps the turns."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.replies: dict[type[Any], Reply] = {}
        self.slow = 0.0

    async def __call__(self, turn: Turn) -> Reply:
        self.turns.append(turn)
        await asyncio.sleep(self.slow)
        return self.replies.get(type(turn.intent), KEPT)


@pytest.fixture
def coach() -> Coach:
    return Coach()


@pytest.fixture
async def slack(coach: Coach) -> AsyncIterator[Slack]:
    async with running(coach) as slack:
        yield slack


def shown(call: Call) -> str:
    """Everything in a call's blocks, as JSON."""
    return json.dumps(call.arguments.get("view", call.arguments)["blocks"], ensure_ascii=False)


def pressed(name: str = "button_ephemeral", ask: str = '{"ask":{"kind":"evidence"}}', **changes: Any) -> dict[str, Any]:
    """A click on a button that asks this."""
    body = payload(name, **changes)
    body["actions"][0]["value"] = ask
    return body


def sent(view: dict[str, Any], *written: Any, **changes: Any) -> dict[str, Any]:
    """The payload that sends a window with these values in its fields."""
    values = {}
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    for block, value in zip(inputs, written, strict=True):
        element = block["element"]
        held = {"selected_date" if element["type"] == "datepicker" else "value": value, "type": element["type"]}
        values[block["block_id"]] = {element["action_id"]: held}
    body = payload("submission")
    body["view"] = {**body["view"], **view, "state": {"values": values}, **changes}
    return body


async def test_a_click_that_asks_for_words_opens_a_window(slack: Slack, coach: Coach) -> None:
    """A reply with something to write in opens as a window, and the message stays as it is."""
    coach.replies[AddEvidence] = ASKS
    assert await slack.send(pressed()) == (200, "")
    (call,) = await slack.called("views.open")
    assert call.arguments["trigger_id"] == "1.2.abc"
    view = call.arguments["view"]
    assert view_faults(view) == []
    assert (view["title"]["text"], view["submit"]["text"], view["close"]["text"]) == ("Note", "Keep it", "Close")
    assert "For canary deployments." in shown(call)
    assert slack.of("response_url") == []


@pytest.mark.parametrize("replaced", [True, False])
async def test_what_is_written_is_answered_where_the_window_was_opened(
    slack: Slack, coach: Coach, replaced: bool
) -> None:
    """The window closes at once, and the answer takes the place of the message whose button was pressed."""
    coach.replies[AddEvidence] = ASKS
    await slack.send(pressed("button_ephemeral" if replaced else "button_message"))
    (opened,) = await slack.called("views.open")
    coach.replies.clear()
    status, answer = await slack.send(sent(opened.arguments["view"], "Rolled it out.", "https://example.com/a"))
    assert (status, answer) == (200, "")
    (call,) = await slack.called("response_url")
    assert "Kept." in shown(call)
    assert call.arguments["replace_original"] is replaced
    assert call.arguments["response_type"] == "ephemeral"
    assert call.arguments.get("thread_ts") == (None if replaced else "1763800000.000050")
    turn = coach.turns[-1]
    assert turn.intent == AddEvidence(text="Rolled it out.", link="https://example.com/a")
    assert (turn.person, turn.place) == (Person("slack", "T0TEAM001", "U012ANNA01"), Place("C0GENERAL", True))
    assert turn.pressed is replaced


async def test_what_is_asked_again_stays_in_the_window(slack: Slack, coach: Coach) -> None:
    """When something written does not do, the window shows what is asked instead of closing."""
    again = replace(FORM, fields=(replace(FORM.fields[0], text="Rolled"), FORM.fields[1]))  # type: ignore[arg-type]
    coach.replies[AddEvidence] = Reply((Text("That is no address."), again))
    status, answer = await slack.send(payload("submission"))
    assert status == 200
    assert answer["response_action"] == "update"
    assert view_faults(answer["view"]) == []
    assert "That is no address." in json.dumps(answer["view"])
    assert answer["view"]["blocks"][1]["element"]["initial_value"] == "Rolled"
    carried = json.loads(answer["view"]["private_metadata"])
    assert carried["to"] == {"channel": "C0GENERAL", "replaces": True}
    assert slack.calls[-1].method == "users.info"


async def test_a_window_without_a_way_back_is_answered_directly(slack: Slack, coach: Coach) -> None:
    """Where there is no response URL, the answer comes as a direct message."""
    assert await slack.send(payload("submission")) == (200, "")
    (call,) = await slack.called("chat.postMessage")
    assert call.arguments["channel"] == "U012ANNA01"
    assert "Kept." in shown(call)
    assert coach.turns[0].intent == WRITTEN


async def test_a_window_kept_open_for_long_is_answered_directly(slack: Slack, coach: Coach) -> None:
    """A response URL works for half an hour; what is written later is answered in a direct message."""
    slack.failures = [web.Response(text="expired_url", status=404)]
    body = payload("submission")
    to = {"channel": "C0GENERAL", "url": f"{slack.url}/response"}
    body["view"]["private_metadata"] = json.dumps({"ask": {"kind": "evidence"}, "to": to})
    await slack.send(body)
    (call,) = await slack.called("chat.postMessage")
    assert "Kept." in shown(call)
    assert len(slack.of("response_url")) == 1


async def test_a_slow_answer_to_a_window_comes_afterwards(
    slack: Slack, coach: Coach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window does not wait: it closes, and the answer follows, even when it asks again."""
    monkeypatch.setattr("bot.slack.listeners.ACK_SECONDS", 0.05)
    coach.slow, coach.replies[AddEvidence] = 0.2, ASKS
    assert await slack.send(payload("submission")) == (200, "")
    (call,) = await slack.called("chat.postMessage")
    assert '"type": "plain_text_input"' in shown(call)
    assert len(coach.turns) == 1


@pytest.mark.parametrize("refusal", ["expired_trigger_id", "trigger_exchanged", "invalid_arguments"])
async def test_an_expired_trigger_leaves_no_dead_end(slack: Slack, coach: Coach, refusal: str) -> None:
    """When no window opens, the form stands in the message, and what is written there is read the same way."""
    coach.replies[AddEvidence] = ASKS
    slack.refusals["views.open"] = refusal
    await slack.send(pressed())
    (call,) = await slack.called("response_url")
    *_, text, link, actions = call.arguments["blocks"]
    (button,) = actions["elements"]
    body = payload("button_ephemeral", actions=[button])
    values = {text["block_id"]: {"a": {"value": "Rolled it out."}}, link["block_id"]: {"b": {"value": None}}}
    body["state"] = {"values": values}
    coach.replies.clear()
    await slack.send(body)
    await slack.called("response_url", 2)
    assert coach.turns[-1].intent == AddEvidence(text="Rolled it out.")


async def test_a_click_without_a_trigger_gets_the_form_in_a_message(slack: Slack, coach: Coach) -> None:
    """Nothing is asked of Slack that it cannot do."""
    coach.replies[AddEvidence] = ASKS
    await slack.send(pressed(trigger_id=None))
    (call,) = await slack.called("response_url")
    assert '"type": "plain_text_input"' in shown(call)
    assert slack.of("views.open") == []


async def test_a_command_that_asks_for_words_opens_a_window(slack: Slack, coach: Coach) -> None:
    """A slash command has a trigger too: its window opens in place of a message."""
    coach.replies[type(None)] = ASKS
    assert await slack.send(payload("slash", trigger_id="1.2.abc")) == (200, "")
    assert len(await slack.called("views.open")) == 1
    assert slack.of("response_url") == []


async def test_a_command_without_a_window_is_answered_with_the_form(slack: Slack, coach: Coach) -> None:
    """When the window does not open in time, the acknowledgement holds the form."""
    coach.replies[type(None)] = ASKS
    slack.refusals["views.open"] = "expired_trigger_id"
    status, answer = await slack.send(payload("slash", trigger_id="1.2.abc"))
    assert (status, [block["type"] for block in answer["blocks"][-3:]]) == (200, ["input", "input", "actions"])


async def test_typed_words_get_the_form_in_a_message(slack: Slack, coach: Coach) -> None:
    """A message has no trigger, so what is asked is asked in the answer."""
    coach.replies[type(None)] = ASKS
    await slack.send(payload("message_im"))
    (call,) = await slack.called("chat.postMessage")
    assert '"type": "plain_text_input"' in shown(call)


async def test_the_same_window_sent_twice_is_answered_once(slack: Slack, coach: Coach) -> None:
    """What is delivered again is acknowledged only; what was changed in between counts."""
    for _ in range(3):
        assert await slack.send(payload("submission")) == (200, "")
    assert len(await slack.called("chat.postMessage")) == 1
    body = payload("submission")
    body["view"]["state"]["values"]["form:0:0:text:1a2b"]["chosen:0"]["value"] = "Another text."
    await slack.send(body)
    assert len(await slack.called("chat.postMessage", 2)) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("callback_id", "foreign"),
        ("callback_id", ""),
        ("callback_id", 5),
        ("callback_id", None),
        ("private_metadata", ""),
        ("private_metadata", "{"),
        ("private_metadata", "[]"),
        ("private_metadata", None),
        ("private_metadata", 5),
        ("private_metadata", '{"to":{}}'),
        ("private_metadata", '{"ask":5}'),
        ("private_metadata", '{"ask":[["kind","evidence"]]}'),
        ("private_metadata", '{"ask":{"kind":"gone"}}'),
        ("private_metadata", '{"ask":{"kind":"evidence","clause":{}}}'),
        ("private_metadata", "[" * 100_000),
        ("state", None),
        ("state", {}),
        ("state", {"values": []}),
        ("state", {"values": {"form:0:0:text:1": []}}),
        ("state", {"values": {"form:0:0:text:1": {"x": 5}, "form:0:0:day:1": {"x": {"value": "some day " * 10}}}}),
        ("state", {"values": {"form:0:0:kind:1": {"x": {"value": "gone"}}}}),
        ("state", {"values": {"form:0:0:text:1": {"x": {"value": "long" * 600}}}}),
    ],
)
async def test_a_forged_window_does_nothing(slack: Slack, coach: Coach, field: str, value: Any) -> None:
    """A window of nobody's, or with anything else in it, is a bad request and asks nothing of the coach."""
    body = payload("submission")
    body["view"][field] = value
    assert (await slack.send(body))[0] == 400
    assert coach.turns == []


@pytest.mark.parametrize("body", [{"view": None}, {"view": []}, {"view": {}}, {"user": None}, {"user": {"id": 5}}])
async def test_a_malformed_window_is_refused(slack: Slack, coach: Coach, body: dict[str, Any]) -> None:
    """A submission without a window or without a person is a bad request."""
    assert (await slack.send(payload("submission") | body))[0] == 400
    assert coach.turns == []


async def test_a_window_speaks_for_nobody_else(slack: Slack, coach: Coach) -> None:
    """Whoever a window names, what it says is said by whom the envelope names, in their tenant."""
    body = payload("submission")
    carried = {"kind": "evidence", "user": "U0VICTIM", "person": {"user": "U0VICTIM"}}
    to = {"channel": "D0VICTIM1", "user": "U0VICTIM"}
    body["view"]["private_metadata"] = json.dumps({"ask": carried, "to": to, "user": "U0VICTIM"})
    body["view"]["team_id"] = "T0OTHER01"
    await slack.send(body)
    (call,) = await slack.called("chat.postMessage")
    assert call.arguments["channel"] == "U012ANNA01"
    assert coach.turns[0].person == Person("slack", "T0TEAM001", "U012ANNA01")


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.slack.com/actions/1",
        "https://hooks.slack.com.example.com/1",
        "https://hooks.slack.com@example.com/1",
        "https://slack.com/1",
        "http://[::1/",
        "file:///etc/passwd",
        "nonsense",
    ],
)
async def test_nothing_is_posted_anywhere_else(slack: Slack, coach: Coach, url: str) -> None:
    """An answer goes to Slack's addresses only, wherever a window or a click would have it; nothing is lost."""
    body = payload("submission")
    body["view"]["private_metadata"] = json.dumps({"ask": {"kind": "evidence"}, "to": {"url": url}})
    with structlog.testing.capture_logs() as logs:
        await slack.send(body)
        (call,) = await slack.called("chat.postMessage")
    assert "Kept." in shown(call)
    assert [entry["error"] for entry in logs if entry["event"] == "slack_refused_a_message"] == ["foreign_address"]
    data = json.dumps(payload("button_ephemeral", response_url=url)).encode()
    await slack.send_raw(data, {"Content-Type": "application/json", **signed(data)})
    assert len(await slack.called("chat.postMessage", 2)) == 2


@pytest.mark.parametrize(
    ("url", "api", "allowed"),
    [
        ("https://hooks.slack.com/actions/1", "https://slack.com/api/", True),
        ("https://hooks.slack.com:443/actions/1", "http://127.0.0.1:4003/api/", True),
        ("https://slack.com/actions/1", "https://slack.com/api/", False),
        ("http://127.0.0.1:9/1", "https://slack.com/api/", False),
        ("http://localhost/1", "https://slack.com/api/", False),
        ("https://hooks.slack.com@127.0.0.1/1", "https://slack.com/api/", False),
        ("https://gateway.example.com/1", "https://gateway.example.com/api/", True),
        ("https://gateway.example.com:8443/1", "https://gateway.example.com/api/", False),
        ("http://127.0.0.1/1", "https://gateway.example.com/api/", False),
        ("http://localhost:4003/1", "http://127.0.0.1:4003/api/", True),
    ],
)
def test_slacks_addresses_are_known(url: str, api: str, allowed: bool) -> None:
    """Slack's own hosts are, and the server that stands in for them, under any of this machine's names."""
    assert is_slacks(url, RESPONDING, api) is allowed


async def test_a_click_in_a_window_is_left_alone(slack: Slack, coach: Coach) -> None:
    """Windows hold nothing to press; what a client reports of their fields says nothing yet."""
    body = payload("button_home")
    body["view"]["type"] = "modal"
    assert await slack.send(body) == (200, "")
    assert coach.turns == []


async def test_a_message_becomes_evidence(slack: Slack, coach: Coach) -> None:
    """The shortcut opens a window with the message's words, its address and its day in the person's zone."""
    coach.replies[AddEvidence] = ASKS
    assert await slack.send(payload("shortcut")) == (200, "")
    (opened,) = await slack.called("views.open")
    (turn,) = coach.turns
    assert turn.intent == AddEvidence(
        text="Rolled out the canary (https://example.com/canary) with @…: p99 < 80 ms :tada:",
        link="https://example.slack.com/archives/C0GENERAL/p1",
        day=datetime.date(2025, 11, 22),
        sure=False,
    )
    assert (turn.lang, turn.person.user, turn.place) == ("de-DE", "U012ANNA01", Place("C0GENERAL", True))
    (asked,) = slack.of("chat.getPermalink")
    assert asked.arguments == {"channel": "C0GENERAL", "message_ts": "1763852340.000050"}
    coach.replies.clear()
    assert await slack.send(sent(opened.arguments["view"], "Rolled it out.", None)) == (200, "")
    (call,) = await slack.called("response_url")
    assert (call.arguments["response_type"], call.arguments["replace_original"]) == ("ephemeral", False)


@pytest.mark.parametrize(
    ("changes", "link"),
    [
        ({}, "https://example.slack.com/archives/C0GENERAL/p1763852340000050"),
        (
            {"thread_ts": "1763852000.000010"},
            "https://example.slack.com/archives/C0GENERAL/p1763852340000050?thread_ts=1763852000.000010&cid=C0GENERAL",
        ),
        ({"ts": "1/../2"}, ""),
    ],
)
async def test_an_address_that_is_not_told_is_worked_out(
    slack: Slack, coach: Coach, changes: dict[str, Any], link: str
) -> None:
    """In a channel without the coach Slack tells no address: it is made as Slack makes them, or left out."""
    coach.replies[AddEvidence] = ASKS
    slack.refusals["chat.getPermalink"] = "channel_not_found"
    body = payload("shortcut")
    body["message"] |= changes
    await slack.send(body)
    await slack.called("views.open")
    assert coach.turns[0].intent.link == link  # type: ignore[union-attr]


async def test_a_slow_look_up_costs_no_window(slack: Slack, coach: Coach, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the address nor the profile is waited for so long that the window could not open."""
    monkeypatch.setattr("bot.slack.listeners.PROFILE_SECONDS", 0.05)
    coach.replies[AddEvidence] = ASKS
    slack.slow = 0.4
    started = asyncio.get_running_loop().time()
    await slack.send(payload("shortcut"))
    await slack.called("views.open")
    assert asyncio.get_running_loop().time() - started < 0.35
    assert coach.turns[0].intent.link.endswith("/p1763852340000050")  # type: ignore[union-attr]


@pytest.mark.parametrize(("zone", "day"), [("Europe/Berlin", 22), ("Asia/Tokyo", 23), ("Nowhere/At all", 22)])
async def test_the_day_of_a_message_is_the_persons(slack: Slack, coach: Coach, zone: str, day: int) -> None:
    """A message written late in the evening was written on the next day further east."""
    slack.user["tz"] = zone
    await slack.send(payload("shortcut"))
    await slack.called("response_url")
    assert coach.turns[0].intent.day == datetime.date(2025, 11, day)  # type: ignore[union-attr]


async def test_a_shortcut_that_cannot_ask_is_answered(slack: Slack, coach: Coach) -> None:
    """When the coach has something else to say first, it says so to the person alone."""
    await slack.send(payload("shortcut"))
    (call,) = await slack.called("response_url")
    assert call.arguments["response_type"] == "ephemeral"


@pytest.mark.parametrize(
    "changes",
    [{"callback_id": "foreign"}, {"callback_id": ""}],
)
async def test_an_unknown_shortcut_is_left_alone(slack: Slack, coach: Coach, changes: dict[str, Any]) -> None:
    """A shortcut of another version asks nothing."""
    assert await slack.send(payload("shortcut") | changes) == (200, "")
    assert coach.turns == []


@pytest.mark.parametrize("changes", [{"message": None}, {"message": []}, {"callback_id": 5}, {"user": "U1"}])
async def test_a_malformed_shortcut_is_refused(slack: Slack, coach: Coach, changes: dict[str, Any]) -> None:
    """A shortcut without a message, a name or a person is a bad request."""
    assert (await slack.send(payload("shortcut") | changes))[0] == 400
    assert coach.turns == []


@pytest.mark.parametrize("field", ["channel", "team", "trigger_id", "message", "response_url", "action_ts"])
@pytest.mark.parametrize("value", [None, 5, [], {}, {"ts": 5, "text": ["x"], "thread_ts": {}}])
async def test_no_shortcut_breaks_the_bot(slack: Slack, coach: Coach, field: str, value: Any) -> None:
    """Whatever stands in a field of a shortcut, the answer is none of an error."""
    assert (await slack.send(payload("shortcut") | {field: value}))[0] in (200, 400)


async def test_the_home_tab_shows_the_overview(slack: Slack, coach: Coach) -> None:
    """Whoever opens the Home tab sees what the coach knows of them, in a place of its own."""
    assert await slack.send(payload("home_opened")) == (200, "")
    (call,) = await slack.called("views.publish")
    assert call.arguments["user_id"] == "U012ANNA01"
    assert view_faults(call.arguments["view"]) == []
    (turn,) = coach.turns
    assert (turn.intent, turn.place, turn.lang) == (ShowProfile(), HOME, "de-DE")
    assert turn.address == {"user": "U012ANNA01", "channel": "D0DIRECT1"}
    assert json.loads(call.arguments["view"]["private_metadata"])["to"]["channel"] == "D0DIRECT1"


async def test_a_home_tab_that_says_so_already_is_left_as_it_is(slack: Slack, coach: Coach) -> None:
    """An overview that has not changed is not published again, nor at once one that is opened twice in a second."""
    await slack.send(payload("home_opened"))
    (call,) = await slack.called("views.publish")
    await slack.send(payload("home_opened", event_ts="1763800002.500000"))
    assert len(coach.turns) == 1
    again = payload("home_opened", user="U0OTHER01", view=call.arguments["view"])
    await slack.send(again)
    assert len(await slack.called("views.publish")) == 1
    assert len(coach.turns) == 2
    coach.replies[ShowProfile] = Reply((Text("News."),))
    await slack.send(payload("home_opened", user="U0THIRD01", view=call.arguments["view"]))
    assert len(await slack.called("views.publish", 2)) == 2


async def test_a_home_tab_opened_again_at_once_is_not_left_behind(slack: Slack, coach: Coach) -> None:
    """What changed between two openings within a second shows a moment later, however often it was opened."""
    await slack.send(payload("home_opened"))
    await slack.called("views.publish")
    coach.replies[ShowProfile] = Reply((Text("News."),))
    for number in range(3):
        await slack.send(payload("home_opened", event_ts=f"1763800002.50000{number}"))
    _, call = await slack.called("views.publish", 2)
    assert "News." in shown(call)
    assert len(coach.turns) == 2


@pytest.mark.parametrize("name", ["slash", "message_im", "button_ephemeral"])
async def test_forgetting_leaves_nothing_in_the_home_tab(slack: Slack, coach: Coach, name: str) -> None:
    """Whoever is forgotten finds that said in the Home tab, too, wherever they asked for it."""
    forget = AskPrivacy(forget=True, sure=True)
    forgotten = Reply((Text("All forgotten."),), private=True, asked=forget)
    coach.replies = dict.fromkeys((type(None), AddEvidence), forgotten)
    await slack.send(pressed() if name == "button_ephemeral" else payload(name))
    (call,) = await slack.called("views.publish")
    assert call.arguments["user_id"] == coach.turns[0].person.user
    assert "All forgotten." in shown(call)


async def test_an_error_does_not_take_the_place_of_the_home_tab(slack: Slack, coach: Coach) -> None:
    """What can be pressed again stays: the error comes as a message, and an opened tab keeps what it shows."""
    coach.replies[ShowProfile] = coach.replies[ShowEvidence] = Reply((Text("No notes now."),), failed=True)
    await slack.send(pressed("button_home", '{"ask":{"kind":"evidence-list"}}'))
    (call,) = await slack.called("chat.postMessage")
    assert (call.arguments["channel"], call.arguments["text"]) == ("U012ANNA01", "No notes now.")
    await slack.send(payload("home_opened", user="U0OTHER01", view={"private_metadata": "{}"}))
    assert not await slack.called("views.publish", 0)
    await slack.send(payload("home_opened"))
    assert await slack.called("views.publish")


@pytest.mark.parametrize("changes", [{"tab": "messages"}, {"tab": None}, {"user": None}, {"channel": 5}])
async def test_other_openings_are_left_alone(slack: Slack, coach: Coach, changes: dict[str, Any]) -> None:
    """An opened Messages tab is acknowledged and not answered."""
    assert (await slack.send(payload("home_opened", **changes)))[0] == (400 if "channel" in changes else 200)
    await asyncio.sleep(0.05)
    assert coach.turns == []


async def test_a_click_in_the_home_tab_turns_its_page(slack: Slack, coach: Coach) -> None:
    """The answer takes the place of the page, with a button that leads back to the overview."""
    await slack.send(pressed("button_home", '{"ask":{"kind":"evidence-list"},"share":true}'))
    (call,) = await slack.called("views.publish")
    assert coach.turns[0].intent == ShowEvidence()
    assert (coach.turns[0].place, coach.turns[0].share) == (HOME, False)
    back = call.arguments["view"]["blocks"][-1]["elements"][0]
    assert back["text"]["text"] == "Back to the overview"
    body = payload("button_home", actions=[{**back, "action_ts": "1763800009.000000"}])
    body["view"]["private_metadata"] = call.arguments["view"]["private_metadata"]
    await slack.send(body)
    _, call = await slack.called("views.publish", 2)
    assert coach.turns[1].intent == ShowProfile()
    assert "Back to the overview" not in shown(call)
    assert slack.of("chat.postMessage") == slack.of("response_url") == []


async def test_a_form_in_the_home_tab_sends_its_choices(slack: Slack, coach: Coach) -> None:
    """The choices of a page stand in its view, not in a message."""
    body = pressed("button_home", '{"ask":{"kind":"set-profile"},"form":3}')
    option = {"selected_option": {"value": "senior"}}
    body["view"]["state"] = {"values": {"form:3:0:level:1": {"chosen:0": option}}}
    await slack.send(body)
    await slack.called("views.publish")
    assert coach.turns[0].intent.level == "senior"  # type: ignore[union-attr]


async def test_a_window_of_the_home_tab_is_answered_there(slack: Slack, coach: Coach) -> None:
    """What is asked for in the Home tab opens as a window, and the answer is the next page."""
    coach.replies[AddEvidence] = ASKS
    await slack.send(pressed("button_home"))
    (opened,) = await slack.called("views.open")
    coach.replies.clear()
    await slack.send(sent(opened.arguments["view"], "Rolled it out.", None))
    (call,) = await slack.called("views.publish")
    assert "Kept." in shown(call)
    assert coach.turns[-1].place == HOME


async def test_a_home_tab_without_a_window_shows_the_form(slack: Slack, coach: Coach) -> None:
    """When no window opens, the form is the next page."""
    coach.replies[AddEvidence] = ASKS
    slack.refusals["views.open"] = "expired_trigger_id"
    await slack.send(pressed("button_home"))
    (call,) = await slack.called("views.publish")
    assert '"type": "plain_text_input"' in shown(call)
    assert view_faults(call.arguments["view"]) == []


@pytest.mark.parametrize("metadata", ["", "{", None, 5, '{"to":[]}'])
async def test_a_home_tab_of_another_version_still_answers(slack: Slack, coach: Coach, metadata: Any) -> None:
    """Whatever a page carries, its buttons are answered there, and the person comes from the envelope."""
    body = pressed("button_home")
    body["view"]["private_metadata"] = metadata
    await slack.send(body)
    (call,) = await slack.called("views.publish")
    assert call.arguments["user_id"] == "U012ANNA01"
    assert coach.turns[0].place == Place("home:U012ANNA01")


PACKET = Reply(
    (
        Heading("Packet"),
        File("packet.md", "As Markdown", "text/markdown", "# Überblick\n"),
        Buttons((Button("More", ShowProfile()),)),
    ),
    private=True,
)


async def test_a_file_goes_to_the_persons_own_conversation(slack: Slack, coach: Coach) -> None:
    """A file asked for in a direct message follows the answer into its thread."""
    coach.replies[type(None)] = PACKET
    await slack.send(payload("message_im"))
    (done,) = await slack.called("files.completeUploadExternal")
    assert done.arguments == {
        "files": [{"id": "F1", "title": "As Markdown"}],
        "channel_id": "D0DIRECT1",
        "thread_ts": "1763800001.000100",
    }
    (asked,) = slack.of("files.getUploadURLExternal")
    assert asked.arguments == {"filename": "packet.md", "length": str(len("# Überblick\n".encode()))}
    (upload,) = slack.of("upload")
    assert upload.arguments["content"] == "# Überblick\n".encode()
    (opened,) = slack.of("conversations.open")
    assert opened.arguments["users"] == "U012ANNA01"
    (call,) = slack.of("chat.postMessage")
    assert "direct messages" not in shown(call)
    assert [entry.method for entry in slack.calls].index("chat.postMessage") < slack.calls.index(upload)


@pytest.mark.parametrize("name", ["slash", "app_mention", "button_ephemeral", "button_message", "button_home"])
async def test_a_room_never_gets_a_file(slack: Slack, coach: Coach, name: str) -> None:
    """Wherever it is asked for, the file goes to the direct conversation, and the answer says so."""
    coach.replies = dict.fromkeys((type(None), AddEvidence), PACKET)
    body = payload(name) if name in ("slash", "app_mention") else pressed(name)
    _, answer = await slack.send(body)
    (done,) = await slack.called("files.completeUploadExternal")
    assert done.arguments["channel_id"] == "D0DIRECT1"
    assert "thread_ts" not in done.arguments
    answers = [
        answer,
        *(c.arguments for c in slack.calls if c.method in ("response_url", "chat.postEphemeral", "views.publish")),
    ]
    assert sum("You find the file in our direct messages." in json.dumps(one) for one in answers) == 1


@pytest.mark.parametrize(
    ("method", "refusal", "said"),
    [
        ("files.getUploadURLExternal", "missing_scope", "may not send files"),
        ("files.completeUploadExternal", "missing_scope", "may not send files"),
        ("files.completeUploadExternal", "channel_not_found", "did not take the file"),
        ("conversations.open", "missing_scope", "may not send files"),
    ],
)
async def test_a_file_that_slack_does_not_take_is_said(
    slack: Slack, coach: Coach, method: str, refusal: str, said: str
) -> None:
    """When the app may not send files, the person reads so, and the log has the code."""
    coach.replies[type(None)] = PACKET
    slack.refusals[method] = refusal
    with structlog.testing.capture_logs() as logs:
        await slack.send(payload("message_im"))
        _, call = await slack.called("chat.postMessage", 2)
    assert said in shown(call)
    assert "files:write" not in shown(call)
    assert (call.arguments["channel"], call.arguments["thread_ts"]) == ("D0DIRECT1", "1763800001.000100")
    (entry,) = [entry for entry in logs if entry["event"] == "slack_refused_a_message"]
    assert (entry["error"], entry["of"]) == (refusal, method)


async def test_no_redirect_is_followed(slack: Slack, coach: Coach) -> None:
    """An address that leads elsewhere gets nothing there, neither a file nor an answer, and the log has the code."""
    coach.replies[type(None)] = PACKET
    slack.moved = {"upload", "response_url"}
    with structlog.testing.capture_logs() as logs:
        await slack.send(payload("message_im"))
        _, call = await slack.called("chat.postMessage", 2)
        assert "did not take the file" in shown(call)
        await slack.send(pressed())
        assert len(await slack.called("chat.postMessage", 3)) == 3
    assert slack.of("elsewhere") == []
    refused = [(entry["error"], entry["of"]) for entry in logs if entry["event"] == "slack_refused_a_message"]
    assert refused == [("307", "upload_url"), ("307", "response_url")]


@pytest.mark.parametrize(
    "url",
    ["https://example.com/upload", "http://files.slack.com/upload", "https://slack.com.example.com/", "http://[", ""],
)
async def test_a_file_goes_to_slacks_addresses_only(slack: Slack, coach: Coach, url: str) -> None:
    """An address for the file that is not Slack's gets nothing."""
    coach.replies[type(None)] = PACKET
    slack.upload_url = url or "x"
    await slack.send(payload("message_im"))
    _, call = await slack.called("chat.postMessage", 2)
    assert "did not take the file" in shown(call)
    assert slack.of("files.completeUploadExternal") == []


async def test_a_file_that_was_taken_is_not_sent_again(
    slack: Slack, coach: Coach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the second of two files breaks off, only that one is sent again."""
    monkeypatch.setattr("bot.slack.sending.PAUSES", (0.01, 0.01))
    files = tuple(File(name, name, "text/plain", name) for name in ("one.txt", "two.txt"))
    coach.replies[type(None)] = Reply((Text("Two files."), *files))
    slack.uploads = [200, 503, 200]
    await slack.send(payload("message_im"))
    await slack.called("files.completeUploadExternal", 2)
    assert [call.arguments["content"] for call in slack.of("upload")] == [b"one.txt", b"two.txt", b"two.txt"]
    assert len(slack.of("chat.postMessage")) == 1
