"""One person cannot keep the coach from everybody else."""

from __future__ import annotations

import asyncio
import urllib.parse
from functools import partial

import pytest

import bot.limited
from bot.app import make_desk, make_plugs
from bot.limited import limited
from bot.settings import Settings
from handlers.answer import put_off
from handlers.intent import AddEvidence, FindCells
from handlers.reply import Reply, Text
from handlers.turn import Person, Place, Turn
from tests.slack import payload, signed
from tests.talk import text

PLACE = Place("D1")
ME, OTHER = Person("slack", "T1", "U1"), Person("slack", "T1", "U2")


class Hour:
    """A clock in seconds."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


async def answered(turn: Turn) -> Reply:
    """An answer to everything."""
    return Reply((Text("An answer."),), lang="en")


async def test_a_person_who_asks_too_much() -> None:
    """So many turns are answered at once, the next are put off kindly until time has passed; others do not wait."""
    clock = Hour()
    door = limited(answered, partial(put_off, desk=make_desk()), 6, clock)
    turn = Turn(ME, PLACE, words="hi", lang="de")
    assert not any([(await door(turn)).failed for _ in range(6)])
    late = await door(turn)
    assert late.failed
    assert late.private
    assert "schneller" in text(late)
    assert not (await door(Turn(OTHER, PLACE, words="hi"))).failed
    clock.now += 9
    assert (await door(turn)).failed
    clock.now += 1
    assert not (await door(turn)).failed
    assert (await door(turn)).failed
    clock.now += 3600
    assert [(await door(turn)).failed for _ in range(7)] == [False] * 6 + [True]


async def test_what_is_typed_into_a_search_leaves_enough_for_questions() -> None:
    """A search, asked with every letter, has a limit of its own of the same size; neither takes from the other."""
    door = limited(answered, partial(put_off, desk=make_desk()), 6, Hour())
    search, question = Turn(ME, PLACE, intent=FindCells(words="tens")), Turn(ME, PLACE, words="hi")
    assert [(await door(search)).failed for _ in range(7)] == [False] * 6 + [True]
    assert [(await door(question)).failed for _ in range(7)] == [False] * 6 + [True]
    assert (await door(search)).failed


async def test_what_was_written_is_given_back() -> None:
    """Words of a form that is not dealt with are shown again, so that they are not lost."""
    door = limited(answered, partial(put_off, desk=make_desk()), 1, Hour())
    turn = Turn(ME, PLACE, intent=AddEvidence(text="I shipped the wombat service", sure=False))
    await door(turn)
    assert "wombat" in text(await door(turn))


async def test_an_answer_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever hangs is given up, and the person hears of it."""
    monkeypatch.setattr(bot.limited, "ANSWER_SECONDS", 0.01)

    async def hang(_: Turn) -> Reply:
        await asyncio.sleep(60)
        raise AssertionError

    reply = await limited(hang, partial(put_off, desk=make_desk()), 60)(Turn(ME, PLACE, words="hi"))
    assert reply.failed
    assert "took too long" in text(reply)


async def test_the_process_keeps_the_limit() -> None:
    """What the settings say holds at the platforms' doors."""
    settings = Settings(_env_file=None, slack_signing_secret="s", slack_bot_token="xoxb-1", person_per_minute=2)
    desk = make_desk()
    _, (plug,) = make_plugs(settings, desk)
    shown = []
    for _ in range(3):
        body = urllib.parse.urlencode({**payload("slash"), "text": "help"}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", **signed(body, secret="s")}
        answer = await plug.receive(body, headers)  # type: ignore[attr-defined]
        assert answer.status == 200
        shown.append("faster than I can follow" in answer.body or "schneller" in answer.body)
    assert shown == [False, False, True]
