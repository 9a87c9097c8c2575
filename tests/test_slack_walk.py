"""A person at work in Slack, with the shipped content: real payloads, clicks, windows and the Home tab over HTTP."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from bot.app import make_answer, make_desk
from content.texts import Voice
from handlers.ports import Desk
from handlers.records import Known, State
from handlers.turn import Person, Place
from tests.slack import Call, Slack, payload, running
from tests.slack_check import view_faults

ANNA = Person("slack", "T0TEAM001", "U012ANNA01")
PAGES = ("response_url", "views.open", "views.publish", "views.push", "views.update")


class Screen:
    """What a person sees of the coach, and what they do with it: a message in a channel, or the Home tab."""

    def __init__(self, slack: Slack, voice: Voice) -> None:
        self.slack = slack
        self.voice = voice
        self.blocks: list[dict[str, Any]] = []
        self.window: dict[str, Any] | None = None
        self.home: dict[str, Any] | None = None
        self.page: dict[str, Any] | None = None
        self._times = itertools.count(1_763_800_100)
        self._seen = 0

    def labels(self) -> list[str]:
        """What can be pressed."""
        return [one["text"]["text"] for one in self._buttons()]

    @property
    def shown(self) -> str:
        return json.dumps(self.window["blocks"] if self.window else self.blocks, ensure_ascii=False)

    async def types(self, words: str) -> None:
        _, answer = await self.slack.send(payload("slash", text=words))
        self.blocks = answer["blocks"]

    async def opens_home(self) -> None:
        self.home = {"private_metadata": ""}
        event = payload("home_opened", event_ts=f"{next(self._times)}.000000")
        await self._acts(event)

    async def starts(self) -> None:
        await self._acts(payload("find_level", action_ts=f"{next(self._times)}.000000"))

    async def chooses(self, label: str) -> None:
        """Chooses an entry of the only menu."""
        (menu,) = [
            one for block in self.blocks if block["type"] == "actions" for one in block["elements"] if "options" in one
        ]
        (option,) = [one for one in menu["options"] if one["text"]["text"] == label]
        await self._press({**menu, "selected_option": option})

    async def presses(self, label: str) -> None:
        label = self.voice(label) if label.islower() and "." in label else label

        (button,) = [one for one in self._buttons() if one["text"]["text"] == label]
        await self._press(button)

    async def _press(self, element: dict[str, Any]) -> None:
        view = self.page or self.home
        body = payload("button_home" if view else "button_ephemeral")
        body["actions"] = [{**element, "action_ts": f"{next(self._times)}.000000"}]
        if view:
            body["view"] |= view
        await self._acts(body)

    async def writes(self, **fields: str) -> None:
        """Fills in fields of the window, by the names of what they fill, and sends it; the others stay as they are."""
        assert self.window
        values: dict[str, Any] = {}
        for block in self.window["blocks"]:
            if block["type"] == "input":
                element, field = block["element"], block["block_id"].split(":")[3]
                name = {"datepicker": "selected_date", "static_select": "selected_option"}.get(element["type"], "value")
                held = element.get(name.replace("selected", "initial"), element.get("initial_value"))
                if name == "selected_option" and field in fields:
                    held = next(one for one in element["options"] if one["value"] == fields[field])
                else:
                    held = fields.get(field, held)
                values[block["block_id"]] = {element["action_id"]: {"type": element["type"], name: held}}
        body = payload("submission")
        body["view"] |= self.window | {"state": {"values": values}}
        await self._acts(body)

    def _buttons(self) -> list[dict[str, Any]]:
        elements = [one for block in self.blocks if block["type"] == "actions" for one in block["elements"]]
        return [one for one in elements if one["type"] == "button"]

    async def _acts(self, body: dict[str, Any]) -> None:
        status, answer = await self.slack.send(body)
        assert status == 200
        if answer:
            self._look(answer)
            return
        calls = await self._calls()
        (call,) = calls[self._seen :]
        self._seen = len(calls)
        self._look(call.arguments)

    async def _calls(self) -> list[Call]:
        async with self.slack.changed:
            await self.slack.changed.wait_for(lambda: len(self._pages()) > self._seen)
        return self._pages()

    def _pages(self) -> list[Call]:
        return [call for call in self.slack.calls if call.method in PAGES]

    def _look(self, page: dict[str, Any]) -> None:
        self.window = None
        view = page.get("view")
        if view is None:
            assert page["replace_original"]
            self.blocks = page["blocks"]
            return
        assert view_faults(view) == []
        if view["type"] == "modal" and view["callback_id"] == "page":
            assert page.get("view_id", "V0PAGE001") == "V0PAGE001"
            self.blocks, self.page = view["blocks"], {**view, "id": "V0PAGE001"}
        elif view["type"] == "modal":
            self.window = view
        else:
            self.blocks, self.home = view["blocks"], view


def pressed(name: str, value: dict[str, Any]) -> dict[str, Any]:
    """A click on a button that carries this."""
    body = payload(name)
    body["actions"][0]["value"] = json.dumps(value)
    return body


async def known(desk: Desk) -> Known:
    found = await desk.store.recall(ANNA, Place("C0GENERAL"), desk.now())
    assert found
    return found


async def test_a_level_is_found_by_buttons_and_a_window() -> None:
    """A whole walk in one message that replaces itself: answers, an example in a window, and the level chosen."""
    desk = make_desk()
    voice = desk.voice("en")
    async with running(make_answer(desk)) as slack:
        slack.user["locale"] = "en-GB"
        screen = Screen(slack, voice)
        await screen.types("I am a middle ML engineer")
        await screen.types("help me find my level")
        await screen.presses("level.with-example")
        assert screen.window
        await screen.writes(answer="yes", text="Served two models.", link="no address")
        assert screen.window, "a link that is none is asked for again in the window"
        assert "Served two models." in screen.shown
        await screen.writes(link="https://example.com/models")
        assert screen.window is None
        answers = itertools.cycle(
            ("level.answer.yes", "level.answer.partly", "level.answer.not-yet", "level.answer.skip")
        )
        sure = voice("level.both-right")
        for _ in range(60):
            if sure in screen.labels():
                await screen.presses(sure)
            elif voice("level.answer.yes") in screen.labels():
                await screen.presses(next(answers))
        assert "The answers point to" in screen.shown
        chosen = next(label for label in screen.labels() if "Middle" in label)
        await screen.presses(chosen)
    told = await known(desk)
    assert (told.profile.role, told.profile.level) == ("ml-engineer", "middle")
    assert len({one.state for one in told.milestones.values()}) >= 3
    (example,) = await desk.store.evidence(ANNA)
    assert (example.text, example.link) == ("Served two models.", "https://example.com/models")


async def test_a_level_is_found_in_a_window() -> None:
    """A whole walk in the window of the shortcut: page after page, an example in a window above, and the level."""
    desk = make_desk()
    voice = desk.voice("en")
    async with running(make_answer(desk)) as slack:
        slack.user["locale"] = "en-GB"
        screen = Screen(slack, voice)
        await screen.starts()
        assert [call.method for call in slack.calls if call.method in PAGES] == ["views.open"]
        await screen.chooses("ML Engineer")
        await screen.presses(next(label for label in screen.labels() if "Middle" in label))
        await screen.presses("level.with-example")
        assert slack.calls[-1].method == "views.push"
        await screen.writes(answer="yes", text="Served two models.", link="no address")
        assert screen.window, "a link that is none is asked for again in the window above"
        await screen.writes(link="https://example.com/models")
        assert screen.window is None
        sure = voice("level.both-right")
        for _ in range(60):
            if sure in screen.labels():
                await screen.presses(sure)
            elif voice("level.answer.yes") in screen.labels():
                await screen.presses("level.answer.yes")
        assert "The answers point to" in screen.shown
        await screen.presses(next(label for label in screen.labels() if "Principal" in label))
        assert not slack.of("chat.postMessage") + slack.of("response_url")
    told = await known(desk)
    assert (told.profile.role, told.profile.level) == ("ml-engineer", "principal")
    (example,) = await desk.store.evidence(ANNA)
    assert (example.text, example.link) == ("Served two models.", "https://example.com/models")


@pytest.mark.parametrize("method", ["views.open", "views.update"])
async def test_a_window_that_is_gone_leads_to_the_messages(method: str) -> None:
    """Where no window opens, or it was closed meanwhile, the walk goes on in the person's own conversation."""
    desk = make_desk()
    async with running(make_answer(desk)) as slack:
        slack.refusals[method] = "expired_trigger_id" if method == "views.open" else "not_found"
        slack.user["locale"] = "en-GB"
        screen = Screen(slack, desk.voice("en"))
        await slack.send(payload("find_level"))
        if method == "views.update":
            (opened,) = await slack.called("views.open")
            screen._look(opened.arguments)
            screen._seen = 1
            await slack.send(pressed_in(screen.page, screen.blocks))
        (post,) = await slack.called("chat.postMessage")
        assert post.arguments["channel"] == ANNA.user
        assert "level" in post.arguments["text"]


def pressed_in(page: dict[str, Any] | None, blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """The first entry of a page's menu, chosen."""
    assert page
    (menu,) = [one for block in blocks if block["type"] == "actions" for one in block["elements"] if "options" in one]
    body = payload("button_home")
    return body | {"view": body["view"] | page, "actions": [{**menu, "selected_option": menu["options"][0]}]}


async def test_a_shortcut_sent_twice_opens_once() -> None:
    """A shortcut that Slack delivers again is answered once, and an unknown one not at all."""
    async with running(make_answer(make_desk())) as slack:
        for changes in ({}, {}, {"callback_id": "another", "action_ts": "1.2"}):
            assert await slack.send(payload("find_level", **changes)) == (200, "")
        assert len(await slack.called("views.open")) == 1


async def test_a_message_is_kept_for_a_milestone() -> None:
    """A message saved as evidence is shown for a choice of milestone, and kept once."""
    desk = make_desk()
    async with running(make_answer(desk)) as slack:
        slack.user["locale"] = "en-GB"
        screen = Screen(slack, desk.voice("en"))
        await screen.types("I am a middle ML engineer")
        await slack.send(payload("shortcut"))
        (opened,) = await slack.called("views.open")
        screen.window, screen._seen = opened.arguments["view"], 1
        assert view_faults(screen.window) == []
        (picker,) = [one["element"] for one in screen.window["blocks"] if one.get("element", {}).get("options")]
        clause = picker["options"][2]["value"]
        body = payload("submission")
        status, answer = await slack.send(body | {"view": body["view"] | screen.window | {"state": {"values": {}}}})
        assert (status, answer["response_action"]) == (200, "update"), (
            "without a milestone and a text it is asked again"
        )
        await slack.send(_filled(screen.window, clause))
        await slack.called("response_url")
        await slack.send(_filled(screen.window, clause))
        await slack.called("response_url")
    (kept,) = await desk.store.evidence(ANNA)
    assert kept.clause == clause
    assert kept.text.startswith("Rolled out the canary")
    assert (kept.link, str(kept.day)) == ("https://example.slack.com/archives/C0GENERAL/p1", "2025-11-22")


def _filled(window: dict[str, Any], clause: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for block in window["blocks"]:
        match block.get("element"):
            case {"type": "static_select", "action_id": name}:
                values[block["block_id"]] = {name: {"selected_option": {"value": clause}}}
            case {"type": "datepicker", "action_id": name, "initial_date": day}:
                values[block["block_id"]] = {name: {"selected_date": day}}
            case {"type": "plain_text_input", "action_id": name, "initial_value": text}:
                values[block["block_id"]] = {name: {"value": text}}
    body = payload("submission")
    return body | {"view": body["view"] | window | {"state": {"values": values}}}


async def test_the_home_tab_is_enough() -> None:
    """From the overview to a milestone, to evidence in a window, and back, all in the Home tab."""
    desk = make_desk()
    voice = desk.voice("en")
    async with running(make_answer(desk)) as slack:
        slack.user["locale"] = "en-GB"
        screen = Screen(slack, voice)
        await screen.types("I am a middle ML engineer")
        await screen.opens_home()
        assert "Middle" in screen.shown
        assert "large_green_square" not in screen.shown
        await screen.presses("button.next")
        assert voice("slack.back") in screen.labels()
        await screen.presses(next(label for label in screen.labels() if label.endswith("1")))
        await screen.presses("slack.back")
        assert voice("slack.back") not in screen.labels()
        assert "large_yellow_square" in screen.shown
        add = next(label for label in screen.labels() if "evidence" in label.lower())
        await screen.presses(add)
        assert screen.window
        (clause,) = [
            one["element"]["options"][0]["value"]
            for one in screen.window["blocks"]
            if one.get("element", {}).get("options")
        ]
        await screen.writes(clause=clause, text="Designed it.")
        assert screen.window is None
        assert "Designed it." in screen.shown
        assert slack.of("chat.postMessage") == slack.of("response_url") == []
    (kept,) = await desk.store.evidence(ANNA)
    assert (kept.clause, kept.text) == (clause, "Designed it.")
    told = await known(desk)
    assert [one.state for one in told.milestones.values()] == [State.WORKING]


async def test_what_home_asks_is_not_answered_among_the_messages() -> None:
    """A "yes" in the direct conversation confirms nothing that the Home tab asked; the button there does."""
    desk = make_desk()
    voice = desk.voice("en")
    async with running(make_answer(desk)) as slack:
        slack.user["locale"] = "en-GB"
        screen = Screen(slack, voice)
        await screen.types("I am a middle ML engineer")
        await screen.opens_home()
        forget = pressed("button_home", {"ask": {"kind": "privacy", "forget": True}})
        await screen._acts(forget)
        assert voice("privacy.yes") in screen.labels()
        await slack.send(payload("message_im", text="yes"))
        await slack.called("chat.postMessage")
        assert (await known(desk)).profile.level == "middle"
        await screen.presses("privacy.yes")
    assert await desk.store.recall(ANNA, Place("C0GENERAL"), desk.now()) is None
