"""Rung as an agent of Slack: prompts to begin with, a line while it works, and what it is told of people's screens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import structlog
from aiohttp import web

from bot.slack import limits
from bot.slack.agent import PROMPTS, prompts
from handlers.intent import AskPrivacy, FindLevel, ListRoles, ShowHelp, SuggestNext
from handlers.reply import Reply, Text
from tests.slack import Slack, payload, running
from tests.talk import Talk, content
from tests.test_slack_inbound import Coach

SUGGEST, STATUS = "assistant.threads.setSuggestedPrompts", "assistant.threads.setStatus"


@pytest.fixture
def coach() -> Coach:
    return Coach()


@pytest.fixture
async def slack(coach: Coach, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Slack]:
    monkeypatch.setattr("bot.slack.agent.STATUS_SECONDS", 0.1)
    async with running(coach) as slack:
        yield slack


def opened(**changes: Any) -> dict[str, Any]:
    """Somebody opened their direct messages with the coach."""
    return payload("home_opened", tab="messages", **changes)


def asked(lang: str) -> list[dict[str, str]]:
    """The prompts in a language."""
    return prompts(content().texts.voice(lang))


async def test_whoever_opens_the_messages_is_offered_something(slack: Slack, coach: Coach) -> None:
    """Up to four prompts in the person's language stand there, of the whole conversation and not of a thread."""
    assert await slack.send(opened()) == (200, "")
    (call,) = await slack.called(SUGGEST)
    assert call.arguments == {"channel_id": "D0DIRECT1", "prompts": asked("de")}
    assert 0 < len(PROMPTS) <= limits.AGENT_PROMPTS
    assert coach.turns == []
    assert slack.of("views.publish") == []


async def test_prompts_are_in_the_language_last_spoken(slack: Slack, coach: Coach) -> None:
    """Who speaks English with a German client reads English prompts, until they are forgotten."""
    coach.reply = Reply((Text("An answer."),), lang="en")
    await slack.send(payload("message_im"))
    await slack.called("chat.postMessage")
    await slack.send(opened())
    (call,) = await slack.called(SUGGEST)
    assert call.arguments["prompts"] == asked("en")
    coach.reply = replace(coach.reply, asked=AskPrivacy(forget=True, sure=True))
    await slack.send(payload("message_im", ts="1763800009.000100"))
    await slack.called("chat.postMessage", 2)
    await slack.send(opened(event_ts="1763800010.000100"))
    _, call = await slack.called(SUGGEST, 2)
    assert call.arguments["prompts"] == asked("de")


@pytest.mark.parametrize("works_council", [False, True])
@pytest.mark.parametrize("lang", ["en", "de"])
async def test_every_prompt_is_understood(lang: str, works_council: bool) -> None:
    """What a prompt sends is understood as what stands on it, and nothing that is switched off is offered."""
    understood = []
    for prompt in asked(lang):
        reply = await Talk(lang=lang, works_council=works_council).says(prompt["message"])
        understood.append(type(reply.asked))
    assert understood == [FindLevel, SuggestNext, ListRoles, ShowHelp]


async def test_a_quick_answer_tells_of_no_work(slack: Slack, coach: Coach) -> None:
    """An answer that is there at once costs no call more, and a mention in a channel never does."""
    await slack.send(payload("message_im"))
    await slack.called("chat.postMessage")
    coach.slow = 0.3
    await slack.send(payload("app_mention"))
    await slack.called("chat.postMessage", 2)
    assert slack.of(STATUS) == []


async def test_a_slow_answer_tells_that_it_is_made(slack: Slack, coach: Coach) -> None:
    """After a moment the person reads in their thread that the coach is at work, before the answer comes."""
    coach.slow = 0.3
    await slack.send(payload("message_im"))
    await slack.called("chat.postMessage")
    told = [call for call in slack.calls if call.method in (STATUS, "chat.postMessage")]
    assert [call.method for call in told] == [STATUS, "chat.postMessage"]
    status, answer = (call.arguments for call in told)
    assert status["channel_id"] == answer["channel"]
    assert status["thread_ts"] == answer["thread_ts"]
    assert status["status"] in {content().texts.voice(lang)("slack.agent.status") for lang in ("en", "de")}
    assert len(coach.turns) == 1


async def test_without_the_scope_the_answers_are_the_same(slack: Slack, coach: Coach) -> None:
    """A workspace that lets Rung be no agent is told of in the log once, and not asked again."""
    for method in (SUGGEST, STATUS):
        refusal = {"ok": False, "error": "missing_scope", "needed": "assistant:write"}
        slack.script[method] = [web.json_response(refusal) for _ in range(3)]
    coach.slow = 0.3
    with structlog.testing.capture_logs() as logs:
        await slack.send(opened())
        await slack.called(SUGGEST)
        await slack.send(opened(event_ts="1763800010.000100"))
        await slack.send(payload("message_im"))
        (answer,) = await slack.called("chat.postMessage")
    assert answer.arguments["text"] == "An answer."
    assert len(slack.of(SUGGEST)) + len(slack.of(STATUS)) == 1
    (line,) = [log for log in logs if log["event"] == "slack_lets_no_agent"]
    assert line["missing"] == "assistant:write"


@pytest.mark.parametrize(("why", "times"), [("token_revoked", 2), ("missing_scope", 1)])
async def test_the_scope_may_come(coach: Coach, monkeypatch: pytest.MonkeyPatch, why: str, times: int) -> None:
    """A workspace without the scope is asked again after an hour; a token that is good for nothing bars nobody."""
    monkeypatch.setattr("bot.slack.agent.BARRED_SECONDS", 1.0)
    async with running(coach) as slack:
        slack.script[SUGGEST] = [web.json_response({"ok": False, "error": why})]
        await slack.send(opened())
        await slack.called(SUGGEST)
        await slack.send(opened(event_ts="1763800010.000100"))
        await asyncio.sleep(0.3)
        assert len(slack.of(SUGGEST)) == times
        await asyncio.sleep(1.0)
        await slack.send(opened(event_ts="1763800020.000100"))
        await slack.called(SUGGEST, times + 1)


@pytest.mark.parametrize("failure", [{"status": 500}, {"text": '{"ok":false,"error":"invalid_thread_ts"}'}])
async def test_a_line_that_is_not_taken_disturbs_nothing(slack: Slack, coach: Coach, failure: dict[str, Any]) -> None:
    """The answer comes whatever becomes of the line before it."""
    slack.script[STATUS] = [web.Response(content_type="application/json", **failure)]
    coach.slow = 0.3
    await slack.send(payload("message_im"))
    assert len(await slack.called("chat.postMessage")) == 1
    assert len(slack.of(STATUS)) == 1


async def test_a_line_that_hangs_holds_up_no_answer(slack: Slack, coach: Coach) -> None:
    """An answer does not wait for Slack to take the line for long."""
    coach.slow = 0.2
    slack.hangs.add(STATUS)
    async with asyncio.timeout(6):
        await slack.send(payload("message_im"))
        assert len(await slack.called("chat.postMessage")) == 1


async def test_what_people_look_at_is_left_unread(slack: Slack, coach: Coach) -> None:
    """A change of what somebody has open is acknowledged, and nothing is made of it."""
    entities = [{"type": "slack#/types/channel_id", "value": "C0SECRET01", "team_id": "T0TEAM001"}]
    body = opened()
    body["event"] = {"type": "app_context_changed", "user": "U012ANNA01", "context": {"entities": entities}}
    before = list(slack.calls)
    with structlog.testing.capture_logs() as logs:
        assert await slack.send(body) == (200, "")
    assert coach.turns == []
    assert [call for call in slack.calls if call not in before and call.method != "auth.test"] == []
    assert "C0SECRET01" not in str(logs)
