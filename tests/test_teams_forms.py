"""Walks, forms and the overview in Teams, through the one door: cards that take each other's place."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.teams.press import Misfit
from bot.teams.turns import read_card
from handlers.answer import answer
from handlers.ports import Desk
from handlers.records import State
from handlers.turn import Person, Place
from tests.talk import Clock, make_desk
from tests.teams import TENANT, TEXTS, Listener, Room, payload, plugged, stand_in

Json = dict[str, Any]

EN = TEXTS.voice("en")
ALEX = "00000000-0000-4000-8000-000000000020"
MESSAGE = "application/vnd.microsoft.activity.message"


class Screen:
    """A person's personal chat: the last card, and what they do with it."""

    def __init__(self, room: Room, desk: Desk) -> None:
        self.room, self.desk = room, desk
        self.card: Json = {}
        self.line = ""
        self._ids = itertools.count(1)

    async def say(self, words: str) -> None:
        """Type a message; its answer is the last card."""
        await self.room.post("message_personal", text=words, id=f"m{next(self._ids)}")
        self.card = self.room.teams.calls[-1].card

    async def press(self, title: str, *, write: dict[str, str] | None = None, **changes: Any) -> Json:
        """Press a button, with this in the inputs of the card by label; the answer takes the card's place."""
        self.line = ""
        value = self.value(title, write or {})
        _, body = await self.room.post("action_execute", **{"id": f"f:{next(self._ids)}", "value": value, **changes})
        if body["type"] == MESSAGE:
            self.line = body["value"]
        else:
            self.card = body["value"]
        return dict(body)

    def value(self, title: str, write: dict[str, str]) -> Json:
        """What a client sends when a button is pressed: an action's data, and the inputs it is associated with."""
        action = next(one for one in within(self.card) if one["type"] == "Action.Execute" and one["title"] == title)
        inputs = {one["label"]: one for one in within(self.card) if one["type"].startswith("Input.")}
        filled = {one["id"]: write.get(label, one.get("value", "")) for label, one in inputs.items()}
        assert write.keys() <= inputs.keys()
        sent = {} if action.get("associatedInputs") == "none" else filled
        return {"action": {"type": "Action.Execute", "verb": "rung", "data": action["data"] | sent}}

    @property
    def shown(self) -> str:
        """What the card says."""
        texts = (one.get("text") or one.get("title") or "" for one in within(self.card))
        return "\n".join(texts)

    @property
    def buttons(self) -> list[str]:
        """The titles of the card's buttons."""
        return [one["title"] for one in within(self.card) if one["type"] == "Action.Execute"]

    async def states(self, user: str = ALEX) -> list[State]:
        """How it stands with the milestones of a person."""
        known = await self.desk.store.recall(Person("teams", TENANT, user), Place("x"), self.desk.now())
        return sorted(one.state for one in known.milestones.values()) if known else []

    async def evidence(self, user: str = ALEX) -> list[Any]:
        """What a person noted."""
        return list(await self.desk.store.evidence(Person("teams", TENANT, user)))


def within(card: Json) -> Iterator[Json]:
    """Every typed part of a card that a client of today shows."""
    yield card
    for key, value in card.items():
        for child in value if isinstance(value, list) else ():
            if isinstance(child, dict) and "type" in child and key != "fallback":
                yield from within(child)


@pytest.fixture
async def screen() -> AsyncIterator[Screen]:
    """A chat with the coach."""
    async with a_screen() as made:
        yield made


@contextlib.asynccontextmanager
async def a_screen() -> AsyncIterator[Screen]:
    desk = make_desk(Clock())
    async with stand_in() as teams, plugged(partial(answer, desk=desk)) as client:
        yield Screen(Room(client, teams, Listener()), desk)


async def test_a_walk_takes_place_on_one_card(screen: Screen) -> None:
    """From the first question to the level, every answer takes the place of its question; nothing else is posted."""
    await screen.say("find my level as MLOps engineer")
    await screen.press("Middle")
    answers = iter(
        (EN("level.answer.yes"), EN("level.answer.partly"), EN("level.answer.not-yet"), EN("level.answer.skip"))
    )
    while EN("level.answer.yes") in screen.buttons:
        await screen.press(next(answers))
    assert "MLOps Engineer" in screen.shown
    assert sorted(await screen.states()) == sorted((State.DONE, State.PARTLY, State.NOT_YET, State.SKIPPED))
    assert len(screen.room.teams.calls) == 1


async def test_an_example_is_written_into_the_card(screen: Screen) -> None:
    """The example of an answer is kept as evidence, with its link, and the walk goes on."""
    await screen.say("find my level as MLOps engineer")
    await screen.press("Middle")
    await screen.press(EN("level.with-example"))
    labels = [one["label"] for one in within(screen.card) if one["type"] == "Input.Text"]
    written = dict(zip(labels, ("Rolled it out\r\nto a tenth first.  ", "https://example.com/proof"), strict=True))
    await screen.press(EN("level.example-send"), write=written)
    (evidence,) = await screen.evidence()
    assert (evidence.text, evidence.link) == ("Rolled it out\nto a tenth first.", "https://example.com/proof")
    assert await screen.states() == [State.DONE]
    assert EN("level.answer.yes") in screen.buttons


CLAUSE = "model-serving/mlops-engineer/senior/implements-gpu-sharing"


async def _evidence_form(screen: Screen) -> dict[str, str]:
    """The labels of the evidence form's inputs: the clause, the text, the link and the day."""
    await screen.say("I am a middle MLOps engineer")
    await screen.say("add evidence")
    labels = [one["label"] for one in within(screen.card) if one["type"].startswith("Input.")]
    return dict(zip(("clause", "text", "link", "day"), labels, strict=True))


def _submit(screen: Screen) -> str:
    """The button that sends the form."""
    return next(
        one["title"]
        for one in within(screen.card)
        if one["type"] == "Action.Execute" and one.get("associatedInputs") != "none"
    )


async def test_evidence_by_form(screen: Screen) -> None:
    """What is written into the form is kept; what stays empty is left out."""
    labels = await _evidence_form(screen)
    await screen.press(
        _submit(screen), write={labels["clause"]: CLAUSE, labels["text"]: "Ran it.", labels["day"]: "2026-03-17"}
    )
    (evidence,) = await screen.evidence()
    assert (evidence.clause, evidence.text, evidence.link, str(evidence.day)) == (CLAUSE, "Ran it.", None, "2026-03-17")


async def test_what_is_missing_is_asked_for_with_the_rest_in_place(screen: Screen) -> None:
    """Without a milestone nothing is kept, and the form comes again with what was written."""
    labels = await _evidence_form(screen)
    await screen.press(_submit(screen), write={labels["text"]: "Ran it.", labels["day"]: "2026-03-17"})
    assert not await screen.evidence()
    held = [one.get("value") for one in within(screen.card) if one["type"].startswith("Input.")]
    assert "Ran it." in held
    assert "2026-03-17" in held
    await screen.press(_submit(screen), write={labels["clause"]: CLAUSE})
    (evidence,) = await screen.evidence()
    assert (evidence.clause, evidence.text, str(evidence.day)) == (CLAUSE, "Ran it.", "2026-03-17")


async def test_a_text_that_is_too_long_is_not_lost(screen: Screen) -> None:
    """The card stays with all that was written, the person reads what to do, and a shorter text is taken."""
    labels = await _evidence_form(screen)
    before = screen.card
    await screen.press(_submit(screen), write={labels["text"]: "x" * 2001})
    assert screen.line == EN("teams.too-long", most=2000)
    assert screen.card is before
    assert not await screen.evidence()
    await screen.press(_submit(screen), write={labels["clause"]: CLAUSE, labels["text"]: "x" * 2000})
    assert len((await screen.evidence())[0].text) == 2000


async def test_older_clients_hear_of_it_too(screen: Screen) -> None:
    """A form that an older client sends as a message is answered with a line below it."""
    labels = await _evidence_form(screen)
    data = screen.value(_submit(screen), {labels["text"]: "x" * 2001})["action"]["data"]
    await screen.room.post("action_submit", value=data)
    call = screen.room.teams.calls[-1]
    assert (call.method, call.body["text"]) == ("POST", EN("teams.too-long", most=2000))
    assert not await screen.evidence()


async def test_what_does_not_fit_is_said(screen: Screen) -> None:
    """A choice that is none keeps nothing and leaves the card."""
    await screen.say("I am a middle MLOps engineer")
    before = await screen.states()
    screen.card = {
        "type": "AdaptiveCard",
        "body": [
            {"type": "Input.Text", "id": "0-0", "label": "Role"},
            {
                "type": "Action.Execute",
                "title": "Save",
                "data": {"rung": {"intent": {"kind": "set-profile"}, "fill": {"0-0": "role"}}},
            },
        ],
    }
    await screen.press("Save", write={"Role": "<script>"})
    assert screen.line == EN("teams.not-fitting")
    assert await screen.states() == before


async def test_what_cannot_be_seen_is_not_kept(screen: Screen) -> None:
    """Control characters and direction overrides are left out, line breaks are kept."""
    labels = await _evidence_form(screen)
    await screen.press(_submit(screen), write={labels["clause"]: CLAUSE, labels["text"]: " a\x00b\u202e\r\nc\rd\n "})
    assert (await screen.evidence())[0].text == "a b\nc\nd"


async def test_blank_is_empty(screen: Screen) -> None:
    """A text of nothing but blanks keeps nothing; the form comes again."""
    labels = await _evidence_form(screen)
    await screen.press(_submit(screen), write={labels["text"]: " \n\t "})
    assert not await screen.evidence()
    assert any(one["type"] == "Input.Text" for one in within(screen.card))


async def test_the_same_press_counts_once(screen: Screen) -> None:
    """A form that is delivered three times, twice of it at once, leaves one piece of evidence."""
    labels = await _evidence_form(screen)
    value = screen.value(_submit(screen), {labels["clause"]: CLAUSE, labels["text"]: "Once."})
    first, second = await asyncio.gather(
        *(screen.room.post("action_execute", value=value, id="f:same") for _ in range(2))
    )
    assert first == second == await screen.room.post("action_execute", value=value, id="f:same")
    assert len(await screen.evidence()) == 1


async def test_someone_elses_press_is_their_own(screen: Screen) -> None:
    """In a room, a press on somebody's card changes nothing of theirs; the presser is answered in private."""
    await screen.say("find my level as MLOps engineer")
    await screen.press("Middle")
    await screen.press(EN("level.answer.yes"))
    before, card = await screen.states(), screen.card
    group = payload("message_group")
    robin = group["from"] | {"id": "29:robin", "aadObjectId": "robin"}
    body = await screen.press(EN("level.answer.partly"), conversation=group["conversation"], **{"from": robin})
    assert (body["type"], screen.line) == (MESSAGE, EN("teams.privately"))
    assert screen.card is card
    assert await screen.states() == before
    assert await screen.states("robin") == [State.PARTLY]
    opened, sent = screen.room.teams.calls[-2:]
    assert opened.body["members"] == [{"id": "29:robin"}]
    assert "/a%3Aopened/" in sent.path


async def test_the_overview_draws_the_ladder(screen: Screen) -> None:
    """What is done, begun and open at each level is drawn, and said in numbers."""
    await screen.say("find my level as MLOps engineer")
    await screen.press("Middle")
    await screen.press(EN("level.answer.yes"))
    await screen.say("I am a middle MLOps engineer")
    await screen.say("my profile")
    bars = [bar for one in within(screen.card) if one["type"].startswith("Chart.") for bar in one["data"]]
    assert len(bars) == len(screen.desk.matrix.roles["mlops-engineer"].ladder)
    (middle,) = (bar for bar in bars if bar["title"].startswith("Middle"))
    assert middle["data"][0] == {"legend": EN("profile.parts.done"), "value": 1, "color": "good"}
    assert "1 done" in middle["title"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = st.sampled_from(("text", "link", "day", "words", "number", "clause", "done", "kind", "nothing"))
_ASKS = st.fixed_dictionaries(
    {},
    optional={
        "intent": st.fixed_dictionaries({"kind": st.sampled_from(("evidence", "done", "expect"))}) | _JSON,
        "fill": st.dictionaries(st.sampled_from("abc"), _FIELDS) | _JSON,
        "pick": st.sampled_from("abc") | _JSON,
        "asks": _JSON,
        "for": _JSON,
        "share": _JSON,
    },
)


@given(st.fixed_dictionaries({}, optional={"rung": _ASKS | _JSON, "a": _JSON, "b": _JSON, "c": st.text(min_size=2001)}))
def test_whatever_a_card_sends_can_be_read(data: Json) -> None:
    """Forged, old or broken, what an action carries is a press, nothing of ours, or a form to be put right."""
    with contextlib.suppress(Misfit):
        assert (read_card(data) is None) == ("rung" not in data)
