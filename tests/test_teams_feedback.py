"""Thumbs under answers in Teams: where they are, and that what is written beside them is kept nowhere."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
import structlog

from bot import metrics
from bot.app import make_answer
from handlers.answer import answer
from handlers.intent import RateAnswer, ShowHelp
from handlers.ports import Desk
from handlers.turn import Turn
from tests.talk import Clock, make_desk
from tests.teams import Room, a_room, payload, plugged, stand_in

LOOP = {"feedbackLoop": {"type": "default"}}


@contextlib.asynccontextmanager
async def at_desk(desk: Desk | None = None) -> AsyncIterator[tuple[Room, list[Turn]]]:
    """The whole bot in a room, and the turns it is given."""
    desk, turns = desk or make_desk(Clock()), []

    async def listen(turn: Turn) -> Any:
        turns.append(turn)
        return await answer(turn, desk)

    async with stand_in() as teams, plugged(listen) as client:
        yield Room(client, teams, listen), turns  # type: ignore[arg-type]


def verdict(reaction: object, message: str = "sent-1") -> dict[str, Any]:
    """What a thumb sends for a message."""
    value = {"actionName": "feedback", "actionValue": {"reaction": reaction, "feedback": '{"feedbackText":"a wombat"}'}}
    return {"replyToId": message, "value": value}


@pytest.mark.parametrize(
    ("name", "words", "has"),
    [
        ("message_personal", "senior mle", True),
        ("message_personal", "who needs tensorrt?", True),
        ("message_group", "senior mle", True),
        ("message_channel", "senior mle", True),
        ("message_targeted", "/skill senior mle", False),
        ("message_personal", "help", False),
        ("message_personal", "gardening", False),
        ("message_personal", "what do you know about me?", False),
    ],
)
async def test_where_there_are_thumbs(name: str, words: str, has: bool) -> None:
    """Answers that cite the framework can be rated where Teams shows thumbs; nothing else can."""
    async with at_desk() as (room, _):
        await room.post(name, text=words, entities=[])
        assert room.teams.calls[0].body.get("channelData") == (LOOP if has else None)


@pytest.mark.parametrize(("reaction", "helped"), [("like", True), ("dislike", False)])
async def test_a_thumb_is_a_verdict(reaction: str, helped: bool) -> None:
    """A thumb becomes the verdict of the one who pressed it on what was asked, and nothing is said to it."""
    async with at_desk() as (room, turns):
        await room.post("message_personal", text="who needs tensorrt?")
        status, body = await room.post("feedback", **verdict(reaction))
        assert (status, body) == (200, {})
        assert turns[-1].intent == RateAnswer(about="search", helped=helped)
        assert turns[-1].person.user == payload("feedback")["from"]["aadObjectId"]
        assert len(room.teams.calls) == 1


async def test_a_verdict_is_on_what_stands_there_now() -> None:
    """When a press has put another page in the place of a message, the verdict is on that page."""
    async with at_desk() as (room, turns):
        await room.post("message_personal", text="who needs tensorrt?")
        data = {"rung": {"intent": {"kind": "required", "skill": "model-serving"}}}
        value = {"action": {"type": "Action.Execute", "verb": "rung", "data": data}}
        await room.post("action_execute", replyToId="sent-1", value=value)
        await room.post("feedback", **verdict("like"))
        assert turns[-1].intent == RateAnswer(about="required", helped=True)
        data["rung"]["intent"] = {"kind": ShowHelp().kind}
        await room.post("action_execute", replyToId="sent-1", id="again", value=value)
        await room.post("feedback", **verdict("like"), id="f:2")
        assert turns[-1].intent == RateAnswer(about="other", helped=True)


async def test_an_older_message_can_be_rated() -> None:
    """After a restart a thumb still counts, though nobody knows any more what was asked."""
    async with at_desk() as (room, turns):
        assert (await room.post("feedback", **verdict("dislike", "older")))[0] == 200
        assert [turn.intent for turn in turns] == [RateAnswer(about="other", helped=False)]


async def test_what_is_written_beside_is_kept_nowhere() -> None:
    """Of the free text in Teams' form nothing is in a turn, a log, or the store."""
    desk = make_desk(Clock())
    async with at_desk(desk) as (room, turns):
        with structlog.testing.capture_logs() as logs:
            await room.post("feedback", **verdict("dislike"))
        assert "wombat" not in f"{turns} {logs} {await desk.store.export(turns[0].person)}"


async def test_a_thumb_counts_once() -> None:
    """A thumb that Teams delivers twice is one figure."""
    desk = make_desk(Clock())

    def count() -> float:
        return metrics.FEEDBACK.labels("teams", "other", "helped")._value.get()

    before = count()
    async with stand_in() as teams, plugged(make_answer(desk)) as client:
        room = Room(client, teams, partial(answer, desk=desk))  # type: ignore[arg-type]
        for _ in range(2):
            assert (await room.post("feedback", **verdict("like")))[0] == 200
    assert count() - before == 1


@pytest.mark.parametrize(
    "value",
    [
        None,
        "x",
        {"actionValue": 3},
        {"actionName": "feedback", "actionValue": {"reaction": ["like"]}},
        {"actionName": "feedback", "actionValue": {"reaction": "love"}},
        {"actionName": "other", "actionValue": {"reaction": "like"}},
    ],
)
async def test_odd_feedback_is_taken(value: Any) -> None:
    """Feedback of another shape is acknowledged too, and is no verdict."""
    async with a_room() as room:
        assert (await room.post("feedback", value=value))[0] == 200
        assert not room.listener.turns
