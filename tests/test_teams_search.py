"""The search beside the box that people write in: what it finds, and what may stand on a card that anybody sees."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.app import make_plugs
from bot.server import make_app
from bot.teams import limits
from bot.teams.connector import Connector
from bot.text import weigh
from handlers.answer import answer, put_off
from handlers.intent import FindCells, SetProfile, ShowEvidence
from handlers.ports import Desk
from handlers.records import EvidenceAdded
from handlers.reply import Heading, Reply, Text
from handlers.turn import Person, Place, Turn
from tests.talk import Clock, Talk, make_desk, text
from tests.teams import TENANT, TEXTS, Listener, Microsoft, a_room, developer, payload, plugged, registered, stand_in
from tests.test_teams_render import check, elements

ALEX = Person("teams", TENANT, "00000000-0000-4000-8000-000000000020")


def asked(words: str | None = None, **changes: Any) -> dict[str, Any]:
    """What Teams posts for words that are typed, or for a search just opened."""
    parameter = {"name": "initialRun", "value": "true"} if words is None else {"name": "words", "value": words}
    value = {"commandId": "search", "parameters": [parameter], "queryOptions": {"skip": 0, "count": 25}}
    return payload("query", **{"value": value, **changes})


async def find(desk: Desk, words: str | None = None, **changes: Any) -> dict[str, Any]:
    """The body of the answer to a search."""
    async with plugged(partial(answer, desk=desk)) as client:
        activity = asked(words, serviceUrl="http://127.0.0.1:1/", **changes)
        async with client.post("/api/messages", json=activity) as told:
            assert told.status == 200
            found: dict[str, Any] = (await told.json())["composeExtension"]
            return found


def titles(found: dict[str, Any]) -> list[str]:
    """The titles of the results."""
    return [each["preview"]["content"]["title"] for each in found["attachments"]]


def desk() -> Desk:
    return make_desk(Clock())


@pytest.mark.parametrize(
    ("words", "first", "count"),
    [
        ("senior mle", "Senior ML Engineer · Model Serving", 1),
        ("SENIOR", "Senior AI Product Engineer · Model Serving", 7),
        ("sen", "Senior AI Product Engineer · Model Serving", 7),
        ("tensorrt", "Junior Computer Vision Engineer · Model Serving", 4),
        ("tensorr", "Junior Computer Vision Engineer · Model Serving", 4),
        ("wer braucht TensorRT?", "Junior Computer Vision Engineer · Model Serving", 4),
        ("Lastspitzen", "Middle AI Product Engineer · Model Serving", 3),
        ("leitender ML-Ingenieur", "Lead / Staff ML Engineer · Model Serving", 1),
        ("leitender ML-Ing", "Lead / Staff ML Engineer · Model Serving", 1),
        ("Modellbereitstellung", "Junior AI Product Engineer · Model Serving", 25),
        ("mle sen", "Senior ML Engineer · Model Serving", 5),
        ("ml engineer canary", "Senior ML Engineer · Model Serving", 5),
    ],
)
@pytest.mark.parametrize("locale", ["en-US", "de-DE"])
async def test_what_is_found(words: str, first: str, count: int, locale: str) -> None:
    """Names, nicknames, terms and words that are not finished yet find cells, in both languages, best first."""
    found = await find(desk(), words, locale=locale, entities=[])
    assert (found["type"], found["attachmentLayout"]) == ("result", "list")
    assert titles(found)[0] == first
    assert len(titles(found)) == count


async def test_a_card_is_the_cell_with_its_source() -> None:
    """A result is a valid card without a button: title, required or not, the cell's own words, their source."""
    on = desk()
    found = await find(on, "senior mle")
    (result,) = found["attachments"]
    card = result["content"]
    assert result["contentType"] == "application/vnd.microsoft.card.adaptive"
    check(card)
    assert weigh(card) <= limits.CARD_BYTES
    assert not [each for each in elements(card) if each["type"].startswith(("Action", "Input"))]
    (cell,) = on.matrix.column("ml-engineer", "senior")
    written = json.dumps(card, ensure_ascii=False)
    assert all(clause.wording in written.replace('\\"', '"') for clause in cell.clauses)
    assert "Required at this level." in written
    assert cell.source.title in written
    preview = result["preview"]
    assert preview["contentType"] == "application/vnd.microsoft.card.thumbnail"
    assert preview["content"]["text"].startswith("Required: ")
    assert len(preview["content"]["text"]) <= limits.PREVIEW


async def test_a_german_client_gets_german_cards() -> None:
    """What the coach says on a card is in the language of the one who puts it there; the framework's words stay."""
    found = await find(desk(), "senior mle", locale="de-DE", entities=[])
    written = json.dumps(found["attachments"][0], ensure_ascii=False)
    assert "Auf dieser Stufe Pflicht." in written
    assert "Designs model serving architecture" in written


@pytest.mark.parametrize(("locale", "said"), [("en-US", "Nothing in "), ("de-DE", "passt")])
@pytest.mark.parametrize("words", ["xyzzy", "team summary", "<at>all</at> *x*", "🦆"])
async def test_nothing_found_is_said(words: str, locale: str, said: str) -> None:
    """Without a result a kind sentence says so; what is a wish elsewhere is only words here."""
    found = await find(desk(), words, locale=locale, entities=[])
    assert found["type"] == "message"
    assert said in found["text"]
    assert "<at>" not in found["text"]


async def test_pages_of_results() -> None:
    """Teams asks for more with a skip; no more than 25 come at once, each cell once."""
    on = desk()
    every = []
    for skip in (0, 25, 50):
        options = {"skip": skip, "count": 100}
        value = {"commandId": "search", "parameters": [{"name": "words", "value": "model serving"}]}
        found = await find(on, value=value | {"queryOptions": options})
        every += titles(found) if found["type"] == "result" else []
        assert skip == 50 or len(found["attachments"]) <= 25
    assert len(every) == len(set(every)) == len(on.matrix.cells)


@pytest.mark.parametrize("words", ["model serving", None])
async def test_the_end_of_the_results(words: str | None) -> None:
    """Whoever scrolls past the last result is shown no more, and not told that nothing fits."""
    value = asked(words)["value"] | {"queryOptions": {"skip": 200, "count": 25}}
    found = await find(desk(), value=value)
    assert found == {"type": "result", "attachmentLayout": "list", "attachments": []}


async def test_a_search_just_opened() -> None:
    """Before anything is typed a stranger sees a bit of every role, and who has told their level sees it first."""
    on = desk()
    assert len({title.split(" ", 1)[1] for title in titles(await find(on))[:7]}) == 7
    profile = SetProfile(role="mlops-engineer", level="senior")
    await answer(Turn(ALEX, Place("a:1"), intent=profile, lang="en"), on)
    first = titles(await find(on))[:5]
    assert first[:3] == [f"{level} MLOps Engineer · Model Serving" for level in ("Senior", "Lead / Staff", "Principal")]
    assert all("MLOps" in title for title in first)


async def test_nothing_on_a_card_is_anyones_own() -> None:
    """The card of somebody who has told a level and written evidence is the card of a stranger, to the byte."""
    on, blank = desk(), desk()
    (cell,) = on.matrix.column("mlops-engineer", "senior")
    await answer(Turn(ALEX, Place("a:1"), intent=SetProfile(role="mlops-engineer", level="senior"), lang="en"), on)
    for clause in cell.clauses:
        added = EvidenceAdded("A wombat of mine", clause.id)
        await on.store.record(ALEX, (added,), on.now())
    assert "wombat" in text(await answer(Turn(ALEX, Place("a:1"), intent=ShowEvidence(), lang="en"), on))
    theirs, nobodys = await find(on), await find(blank)
    cards = {json.dumps(each, sort_keys=True) for each in nobodys["attachments"]}
    cards |= {json.dumps(each, sort_keys=True) for each in (await find(blank, "mlops"))["attachments"]}
    assert {json.dumps(each, sort_keys=True) for each in theirs["attachments"]} <= cards


async def test_a_search_leaves_no_trace() -> None:
    """Typing puts nothing on record: of a stranger nothing is known, and no contact is counted of anybody else."""
    on = desk()
    for words in (None, "senior mle", "forget me", "stop", "my level is senior"):
        await find(on, words)
    assert await on.store.recall(ALEX, Place("a:1"), on.now()) is None
    await answer(Turn(ALEX, Place("a:1"), intent=SetProfile(role="ml-engineer", level="lead"), lang="en"), on)
    before = await on.store.export(ALEX)
    for words in (None, "senior mle", "forget me", "yes"):
        await find(on, words)
    assert await on.store.export(ALEX) == before


async def test_an_own_list_is_private() -> None:
    """A list that begins with a person's own level says so, so that no room is ever shown it."""
    talk = Talk(lang="en")
    assert not (await talk.asks(FindCells())).private
    await talk.asks(SetProfile(role="ml-engineer", level="lead"))
    assert (await talk.asks(FindCells())).private
    assert not (await talk.asks(FindCells(words="mlops"))).private
    shared = await talk.asks(FindCells(), share=True)
    assert "Lead / Staff ML Engineer" not in text(shared).split("\n")[2]


EMBEDDED = """
<span class="inline-compose-card" itemid="0" itemtype="http://schema.skype.com/InputExtension">
  <span content="0" itemprop="cardId"></span>
</span>
"""
"""How a client says in the text where the card is."""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", None),
        (None, None),
        (EMBEDDED, None),
        ('<attachment id="0"></attachment>', None),
        (f"{EMBEDDED} what about a lead?", "what about a lead?"),
        ("is 1 < 2?", "is 1 < 2?"),
    ],
)
async def test_a_card_put_into_the_chat_with_the_bot(text: str | None, words: str | None) -> None:
    """A card that somebody puts into their own chat with the bot is no question; words that go with it are."""
    found = (await find(desk(), "senior mle"))["attachments"]
    attachments = [found[0], {"contentType": "text/html", "content": "<p></p>"}]
    async with a_room() as room:
        assert (await room.post("message_personal", text=text, attachments=attachments))[0] == 200
        assert [turn.words for turn in room.listener.turns] == ([words] if words else [])
        assert len(room.teams.calls) == bool(words)


async def test_who_asks_comes_from_the_envelope() -> None:
    """Whatever the query says of somebody, the turn is the sender's, with no address in a chat of people."""
    listener = Listener()
    async with plugged(listener) as client:
        value = asked("x")["value"] | {"from": {"id": "29:other"}, "aadObjectId": "other"}
        async with client.post("/api/messages", json=asked(serviceUrl="http://127.0.0.1:1/", value=value)):
            pass
    (turn,) = listener.turns
    assert (turn.person, turn.address, turn.lang) == (ALEX, None, "en-US")


@pytest.mark.parametrize(
    "value",
    [
        None,
        "x",
        {},
        {"commandId": "other", "parameters": []},
        {"commandId": "search", "parameters": [{"value": "x"}]},
        {"commandId": "search", "parameters": "x"},
        {"commandId": "search", "queryOptions": {"skip": "many"}},
    ],
)
async def test_what_is_no_search(value: Any) -> None:
    """Another command, or what is no query, is refused without a turn."""
    listener = Listener()
    async with plugged(listener) as client:
        activity = payload("query", serviceUrl="http://127.0.0.1:1/", value=value)
        async with client.post("/api/messages", json=activity) as told:
            assert (await told.json())["statusCode"] == 400
    assert not listener.turns


async def test_only_tenants_and_tokens_that_may() -> None:
    """Without a token, or out of another tenant, a search finds nothing."""
    microsoft, listener = Microsoft(), Listener()
    async with microsoft.serve(), stand_in() as teams:
        settings = registered()
        gate = Connector(settings, keys_url=f"{microsoft.url}metadata")
        async with plugged(listener, settings, connector=gate) as client:
            other = {**asked()["conversation"], "tenantId": "another"}
            cases = [
                ({}, {}, 401),
                ({"conversation": other, "channelData": {}}, {"good": True}, 403),
                ({}, {"good": 1}, 200),
            ]
            for changes, how, status in cases:
                headers = {"Authorization": microsoft.token(teams.url)} if how else {}
                activity = asked("x", serviceUrl=teams.url, **changes)
                async with client.post("/api/messages", json=activity, headers=headers) as told:
                    assert told.status == status
    assert len(listener.turns) == 1


async def test_too_many_searches_are_put_off() -> None:
    """Beyond so many a minute a person is asked to wait, in the list itself."""
    on, (plug,) = make_plugs(developer(person_per_minute=3), desk())
    async with TestClient(TestServer(make_app([plug]))) as client:
        said = []
        for _ in range(5):
            async with client.post("/api/messages", json=asked("mle", serviceUrl="http://127.0.0.1:1/")) as told:
                said.append((await told.json())["composeExtension"])
    assert [one["type"] for one in said] == ["result"] * 3 + ["message"] * 2
    late = put_off(Turn(ALEX, Place("x"), intent=FindCells(), lang="en"), "error.too-fast", on)
    assert said[-1]["text"] == late.title


async def test_a_slow_answer_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the answer does not come in time for Teams, the list says to try again."""
    monkeypatch.setattr(limits, "INVOKE_SECONDS", 0.05)

    async def slow(turn: Turn) -> Reply:
        await asyncio.sleep(5)
        return Reply((Heading("late"), Text(turn.words)))

    activity = asked("mle", serviceUrl="http://127.0.0.1:1/")
    async with plugged(slow) as client, client.post("/api/messages", json=activity) as told:
        found = (await told.json())["composeExtension"]
    assert found == {"type": "message", "text": TEXTS.voice("en")("teams.search.failed")}
