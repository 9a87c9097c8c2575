"""Files in Teams: offered in the personal chat, put where Teams says once the person agrees."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import structlog
from hypothesis import given

from bot.teams import limits
from bot.teams.consent import offer, read_offer
from bot.teams.hosts import FILES, is_at
from handlers.intent import AskPrivacy, Intent, ShowHelp, ShowPacket
from handlers.reply import File, Heading, Reply
from handlers.turn import Turn
from tests.replies import intents
from tests.teams import TEXTS, Call, Listener, Room, a_room, payload, plugged, registered, stand_in

CONSENT = "application/vnd.microsoft.teams.card.file.consent"
INFO = "application/vnd.microsoft.teams.card.file.info"
EN = TEXTS.voice("en")
PERSONAL = "/amer/v3/conversations/a%3A1personal-alex/activities"
OFFER = f"{PERSONAL}/1763630101300"
SESSION = "/amer/session"

PACKET = File("packet.md", "Your packet as text", "text/markdown", "# Für dich\n")
PAGE = Reply(
    (Heading("Packet"), PACKET, File("packet.html", "To print", "text/html", "<p>Für dich</p>")),
    private=True,
    asked=ShowPacket(level="senior"),
)


def attachment(call: Call) -> dict[str, Any]:
    """What was attached to a message."""
    (attached,) = call.body["attachments"]
    return dict(attached)


def accepted(room: Room, **changes: Any) -> dict[str, Any]:
    """The value of the answer "yes" to the offer of the packet, with a place for it on the loopback."""
    value = payload("file_accepted")["value"]
    place = {"uploadUrl": room.teams.url + "session?guid='1'&tempauth=s", "contentUrl": room.teams.url + "packet.md"}
    return {**value, "uploadInfo": {**value["uploadInfo"], **place, **changes}}


async def test_files_are_offered_after_their_page() -> None:
    """A page comes as a card, then each file as an offer that says what it is and how large, but not what is in it."""
    async with a_room(PAGE) as room:
        await room.post("message_personal")
        page, markdown, html = room.teams.calls
        assert page.card["type"] == "AdaptiveCard"
        assert [attachment(call)["contentType"] for call in (markdown, html)] == [CONSENT, CONSENT]
        assert attachment(markdown)["name"] == "packet.md"
        content = attachment(markdown)["content"]
        assert (content["description"], content["sizeInBytes"]) == (PACKET.label, len(PACKET.content.encode()))
        assert read_offer(content["acceptContext"]) == (ShowPacket(level="senior"), "packet.md")
        assert "Für dich" not in str(markdown.body)


async def test_files_are_offered_after_a_press_too() -> None:
    """A pressed button gets its card at once, and the offers follow."""
    async with a_room(PAGE) as room:
        _, body = await room.post("action_execute")
        assert body["value"]["type"] == "AdaptiveCard"
        await _until(lambda: len(room.teams.calls) == 2)
        assert {call.path for call in room.teams.calls} == {f"{PERSONAL}"}


@pytest.mark.parametrize("name", ["message_group", "message_channel", "message_targeted"])
async def test_files_go_to_the_personal_chat(name: str) -> None:
    """In rooms no file can be offered, not even where only the sender sees the answer."""
    async with a_room(PAGE) as room:
        await room.post(name)
        opened, page, *offers, line = room.teams.calls
        assert opened.path.endswith("/v3/conversations")
        assert {call.path for call in (page, *offers)} == {"/amer/v3/conversations/a%3Aopened/activities"}
        assert [attachment(call)["contentType"] for call in offers] == [CONSENT, CONSENT]
        assert line.body["text"] == EN("teams.privately")
        assert line.query == ({"isTargetedActivity": "true"} if name == "message_targeted" else {})


@pytest.mark.parametrize("name", ["message_personal", "message_group"])
async def test_a_page_is_sent_once_though_its_files_cannot_be_offered(name: str) -> None:
    """Where an offer is not taken, the log says so, and neither Teams nor the person gets the page again."""
    async with a_room(PAGE) as room:
        taken = {"message_personal": 1, "message_group": 2}[name]
        room.teams.script = [(201, {}, '{"id":"a:opened"}')] * taken + [(400, {}, "")] * 2
        with structlog.testing.capture_logs() as logs:
            assert (await room.post(name))[0] == 200
            assert (await room.post(name))[0] == 200
        assert [entry["event"] for entry in logs] == ["teams_file_not_offered"] * 2
        assert sum("card.adaptive" in str(call.body) for call in room.teams.calls) == 1


async def test_an_accepted_file_is_put_where_teams_says() -> None:
    """The file is made anew for the one who agreed, uploaded without a token, and shown in the offer's place."""
    async with a_room(PAGE) as room:
        with structlog.testing.capture_logs() as logs:
            status, body = await room.post("file_accepted", value=accepted(room))
        assert (status, body) == (200, {})
        (turn,) = room.listener.turns
        assert (turn.intent, turn.person.user) == (
            ShowPacket(level="senior"),
            payload("file_accepted")["from"]["aadObjectId"],
        )
        upload, shown = room.teams.calls
        assert (upload.method, upload.path, upload.query) == ("PUT", SESSION, {"guid": "'1'", "tempauth": "s"})
        assert upload.raw == PACKET.content.encode()
        assert upload.headers["Content-Range"] == "bytes 0-11/12"
        assert upload.headers["Content-Type"] == "text/markdown"
        assert upload.authorization is None
        assert (shown.method, shown.path) == ("PUT", OFFER)
        assert attachment(shown)["contentType"] == INFO
        assert attachment(shown)["contentUrl"] == room.teams.url + "packet.md"
        assert [entry["event"] for entry in logs] == ["teams_file_saved"]
        assert "tempauth" not in str(logs)


async def test_an_offer_of_yesterday_brings_the_file_of_today() -> None:
    """The day in a file's name is no reason to refuse it."""
    async with a_room(PAGE) as room:
        context = {"rung": {"intent": {"kind": "packet"}, "file": "packet-of-yesterday.html"}}
        await room.post("file_accepted", value=accepted(room) | {"context": context})
        assert room.teams.calls[0].raw == "<p>Für dich</p>".encode()


async def test_a_declined_offer_goes_away() -> None:
    """Whoever says no is not asked again: a line takes the place of the offer."""
    async with a_room(PAGE) as room:
        assert await room.post("file_declined") == (200, {})
        (call,) = room.teams.calls
        assert (call.method, call.path, call.body["text"]) == ("PUT", OFFER, EN("teams.file-declined"))
        assert call.body["attachments"] == []
        assert not room.listener.turns


async def test_an_offer_that_is_gone_is_answered_below() -> None:
    """Where the offer can no longer be replaced, the file is shown in a message of its own."""
    async with a_room(PAGE) as room:
        room.teams.script = [(201, {}, "{}"), (404, {}, "")]
        await room.post("file_accepted", value=accepted(room))
        assert [call.method for call in room.teams.calls] == ["PUT", "PUT", "POST"]
        assert attachment(room.teams.calls[-1])["contentType"] == INFO


FORGED = [
    "http://169.254.169.254/latest/meta-data",
    "http://example-my.sharepoint.com/x",
    "https://example.com/x",
    "https://sharepoint.com.example.com/x",
    "https://notsharepoint.com/x",
    "https://example.sharepoint.com@example.com/x",
    "https://someone@example.sharepoint.com/x",
    "https://example.sharepoint.com:8443/x",
    "https://[fd00::1]/x",
    "https://10.0.0.1/x",
    "ftp://example.sharepoint.com/x",
    "file:///etc/passwd",
    "//example.sharepoint.com",
    "http://[",
    "",
]


@pytest.mark.parametrize("url", FORGED)
@pytest.mark.parametrize("field", ["uploadUrl", "contentUrl"])
async def test_a_forged_address_gets_nothing(url: str, field: str) -> None:
    """Nothing is sent to a host that is not Microsoft's, and no link to one is shown; the person is told so."""
    async with a_room(PAGE) as room:
        with structlog.testing.capture_logs() as logs:
            assert (await room.post("file_accepted", value=accepted(room, **{field: url})))[0] == 200
        (line,) = room.teams.calls
        assert line.body["text"] == EN("teams.file-failed")
        assert [(entry["event"], entry["why"]) for entry in logs] == [("teams_file_not_saved", "address")]
        assert not url or url not in str(logs)


@pytest.mark.parametrize("host", FILES)
def test_files_go_to_onedrive(host: str) -> None:
    """The OneDrive of an organisation is a host of its own below one of Microsoft's."""
    assert is_at(f"https://example-my.{host}/personal/x", FILES, loopback=False)


async def test_this_machine_takes_files_of_developers_only() -> None:
    """The loopback is a place for files only where a developer said so."""
    for settings, sent in ((registered(), True), (registered(rung_dev=False), False)):
        assert is_at("http://127.0.0.1:9/x", FILES, loopback=settings.rung_dev) is sent


REFUSED = [(401, {}, ""), (404, {}, ""), (302, {"Location": "https://example.com"}, ""), (500, {}, ""), (409, {}, "")]


@pytest.mark.parametrize("failure", REFUSED, ids=[str(status) for status, _, _ in REFUSED])
async def test_a_failed_upload_is_said(failure: tuple[int, dict[str, str], str]) -> None:
    """When the file cannot be put there, the person reads so, the log has the status, and the offer stays."""
    async with a_room(PAGE) as room:
        room.teams.script = [failure]
        with structlog.testing.capture_logs() as logs:
            await room.post("file_accepted", value=accepted(room))
        upload, line = room.teams.calls
        assert (upload.method, line.method, line.body["text"]) == ("PUT", "POST", EN("teams.file-failed"))
        assert [(entry["event"], str(failure[0]) in entry["why"]) for entry in logs] == [("teams_file_not_saved", True)]
        await room.post("file_accepted", value=accepted(room), id="f:again")
        assert attachment(room.teams.calls[-1])["contentType"] == INFO


async def test_an_upload_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The invoke is answered in time, and the person hears of a slow upload that failed."""
    monkeypatch.setattr(limits, "INVOKE_SECONDS", 0.05)
    monkeypatch.setattr(limits, "UPLOAD_SECONDS", 0.2)
    async with a_room(PAGE) as room:
        room.teams.delay = 0.4
        assert await asyncio.wait_for(room.post("file_accepted", value=accepted(room)), 0.3) == (200, {})
        await _until(lambda: len(room.teams.calls) == 2)
        assert room.teams.calls[1].body["text"] == EN("teams.file-failed")


FOREIGN: list[Any] = [
    None,
    {},
    "x",
    [],
    {"rung": None},
    {"rung": {"intent": {"kind": "packet"}}},
    {"rung": {"intent": {"kind": "no-longer-known"}, "file": "packet.md"}},
    {"rung": {"intent": {"kind": "packet"}, "file": "packet.exe"}},
    {"rung": {"intent": {"kind": "packet"}, "file": ""}},
    {"rung": {"intent": {"kind": "packet"}, "file": {"a": 1}}},
    {"filename": "packet.md"},
]


@pytest.mark.parametrize("context", FOREIGN)
async def test_a_foreign_offer_gets_no_file(context: Any) -> None:
    """What was not offered like this is not handed over; the person is told to ask again."""
    async with a_room(PAGE) as room:
        value = accepted(room) | {"context": context}
        assert (await room.post("file_accepted", value=value))[0] == 200
        (line,) = room.teams.calls
        assert line.body["text"] == EN("teams.file-gone")


@pytest.mark.parametrize(
    "asked", [AskPrivacy(forget=True, sure=True), AskPrivacy(forget=True, sure=True, export=True), ShowHelp()]
)
async def test_an_offer_asks_for_nothing_but_files(asked: Intent) -> None:
    """What an offer carries back may have been changed on its way: it makes files, and does nothing else."""
    async with a_room(PAGE) as room:
        context = offer(PACKET, asked)["attachments"][0]["content"]["acceptContext"]
        await room.post("file_accepted", value=accepted(room) | {"context": context})
        assert not room.listener.turns
        assert room.teams.calls[0].body["text"] == EN("teams.file-gone")


@pytest.mark.parametrize("value", [None, "x", {}, {"action": "maybe"}, {"action": "accept", "uploadInfo": 3}])
async def test_an_odd_answer_is_answered(value: Any) -> None:
    """An answer of another shape hands nothing over."""
    async with a_room(PAGE) as room:
        assert await room.post("file_accepted", value=value) == (200, {})
        assert room.teams.calls[0].body["text"] == EN("teams.file-gone")


async def test_no_file_changes_hands_in_a_room() -> None:
    """Teams knows no offers in rooms, so an answer to one there is refused."""
    async with a_room(PAGE) as room:
        group = payload("message_group")["conversation"]
        _, body = await room.post("file_accepted", value=accepted(room), conversation=group)
        assert body["statusCode"] == 400
        assert not room.teams.calls
        assert not room.listener.turns


async def test_the_same_press_hands_over_once() -> None:
    """Delivered twice, or pressed twice while it is under way, a file is uploaded once."""
    async with a_room(PAGE) as room:
        room.teams.delay = 0.1
        value = accepted(room)
        presses = (room.post("file_accepted", value=value, id=name) for name in ("f:1", "f:1", "f:2"))
        assert await asyncio.gather(*presses) == [(200, {})] * 3
        assert [call.path for call in room.teams.calls].count(SESSION) == 1


async def test_everyone_gets_their_own_file() -> None:
    """The file is of the one who presses, whoever it was offered to."""
    async with _mirror() as room:
        other = payload("file_accepted")["from"] | {"id": "29:robin", "aadObjectId": "robin"}
        await room.post("file_accepted", value=accepted(room), **{"from": other})
        assert room.teams.calls[0].raw == b"of robin"


@contextlib.asynccontextmanager
async def _mirror() -> AsyncIterator[Room]:
    """A room in which everybody's packet holds their id."""

    async def mirror(turn: Turn) -> Reply:
        return Reply((File("packet.md", "x", "text/plain", f"of {turn.person.user}"),), asked=turn.intent)

    async with stand_in() as teams, plugged(mirror) as client:
        yield Room(client, teams, Listener())


async def _until(done: Callable[[], bool]) -> None:
    for _ in range(500):
        if done():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen")


@given(intents)
def test_an_offer_is_read_back(intent: Intent) -> None:
    """Whatever made the file, its offer tells it again."""
    file = File("a.json", "All of it", "application/json", "{}")
    context = offer(file, intent)["attachments"][0]["content"]["acceptContext"]
    assert read_offer(context) == (intent, "a.json")


def test_an_offer_carries_little() -> None:
    """The question goes along, not the file, however large it is."""
    file = File("data.json", "x" * 5000, "application/json", "secret" * 100_000)
    message = str(offer(file, AskPrivacy(export=True)))
    assert "secret" not in message
    assert len(message) < 1000
