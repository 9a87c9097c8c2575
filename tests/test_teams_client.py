"""Calls to the connector: what is sent, what is tried again, and what is given up."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from bot.teams import limits
from bot.teams.client import Address, Blocked, Broken, Client, Failed, Gone, NotTaken, TooBig
from handlers import errors
from tests.ports import free_port
from tests.teams import StandIn, stand_in


@contextlib.asynccontextmanager
async def a_client(patience: float = 1.0) -> AsyncIterator[tuple[Client, StandIn, Address]]:
    """A client without a token, a connector, and an address there."""

    async def no_token(_: str) -> None:
        return None

    client = Client(no_token, patience=patience)
    await client.start()
    try:
        async with stand_in() as teams:
            yield client, teams, Address(teams.url, "19:a@thread.v2;messageid=1", "channel", "tenant", "28:bot")
    finally:
        await client.stop()


async def test_operations() -> None:
    """Each operation calls the path that Microsoft documents, with ids quoted."""
    async with a_client() as (client, teams, address):
        assert await client.send(address, {"type": "message", "replyToId": "1/2"}) == "sent-1"
        await client.update(address, "3", {"type": "message"})
        await client.delete(address, "4")
        teams.script = [(200, {}, '{"members":[{"id":"29:a"}],"continuationToken":"next page"}')]
        assert await client.members(address) == ([{"id": "29:a"}], "next page")
        assert await client.members(address, "next page") == ([], None)
        chat = await client.open_personal(address, "29:a")
        assert (chat.conversation_id, chat.conversation_type) == ("a:opened", "personal")
        base = "/amer/v3/conversations/19%3Aa%40thread.v2%3Bmessageid%3D1"
        assert [(call.method, call.path) for call in teams.calls] == [
            ("POST", f"{base}/activities/1%2F2"),
            ("PUT", f"{base}/activities/3"),
            ("DELETE", f"{base}/activities/4"),
            ("GET", f"{base}/pagedmembers"),
            ("GET", f"{base}/pagedmembers"),
            ("POST", "/amer/v3/conversations"),
        ]
        assert teams.calls[4].query == {"pageSize": "500", "continuationToken": "next page"}


@pytest.mark.parametrize("status", [412, 429, 502, 503, 504])
async def test_busy_connector_is_asked_again(status: int) -> None:
    """A connector that is busy for a moment gets the message in the end."""
    async with a_client(patience=5) as (client, teams, address):
        teams.script = [(status, {"Retry-After": "0"}, "")] * 2
        assert await client.send(address, {"type": "message"}) == "sent-3"


async def test_retry_after_is_honoured() -> None:
    """The connector says how long to wait, and so long is waited."""
    async with a_client(patience=5) as (client, teams, address):
        teams.script = [(429, {"Retry-After": "1"}, "")]
        start = time.perf_counter()
        await client.send(address, {"type": "message"})
        assert time.perf_counter() - start >= 1


async def test_long_waits_are_left_to_the_caller() -> None:
    """A wait longer than patience is not begun; the error says how long it is."""
    async with a_client() as (client, teams, address):
        teams.script = [(429, {"Retry-After": "90"}, "")]
        with pytest.raises(NotTaken) as caught:
            await client.send(address, {"type": "message"})
        assert caught.value.seconds == 90
        assert isinstance(caught.value, errors.TryLater)
        assert len(teams.calls) == 1


@pytest.mark.parametrize(
    ("status", "error", "common"),
    [(403, Blocked, errors.Gone), (404, Gone, errors.Gone), (413, TooBig, TooBig), (500, Broken, Failed)],
)
async def test_refusals_are_not_tried_again(status: int, error: type[Exception], common: type[Exception]) -> None:
    """What will not get better is said once, with Microsoft's code but not its message."""
    async with a_client() as (client, teams, address):
        teams.script = [(status, {}, '{"error":{"code":"SomeCode","message":"quoted words"}}')]
        with pytest.raises(error, match="SomeCode") as caught:
            await client.send(address, {"type": "message"})
        assert isinstance(caught.value, common)
        assert "quoted" not in str(caught.value)
        assert len(teams.calls) == 1


@pytest.mark.parametrize("body", ["", "[]", "<html>", '{"error":"x"}'])
async def test_odd_answers_are_taken(body: str) -> None:
    """An answer of another shape is no reason to fail."""
    async with a_client() as (client, teams, address):
        teams.script = [(201, {}, body)]
        assert await client.send(address, {"type": "message"}) == ""
        teams.script = [(403, {}, body)]
        with pytest.raises(Blocked):
            await client.send(address, {"type": "message"})


async def test_redirects_are_not_followed() -> None:
    """The token is not carried to where a redirect points."""
    async with a_client() as (client, teams, address):
        teams.script = [(302, {"Location": "/elsewhere"}, "")]
        with pytest.raises(Failed):
            await client.send(address, {"type": "message"})
        assert len(teams.calls) == 1


async def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connector that does not answer, or answers too late, is a failure, not a crash."""
    monkeypatch.setattr(limits, "CALL_SECONDS", 0.2)
    async with a_client() as (client, teams, address):
        teams.delay = 0.5
        with pytest.raises(Failed, match="Timeout"):
            await client.send(address, {"type": "message"})
        nowhere = Address(f"http://127.0.0.1:{free_port()}", "a", "personal", "t", "b")
        with pytest.raises(NotTaken, match="Connect"):
            await client.send(nowhere, {"type": "message"})


async def test_a_cut_line_is_tried_again() -> None:
    """A connection that is closed before an answer comes does not cost the message."""
    async with a_client() as (client, teams, address):
        teams.cuts = 1
        assert await client.send(address, {"type": "message"}) == "sent-2"


async def test_an_answer_cut_short_is_an_answer() -> None:
    """When the status says that a message was taken, it is not sent again for the rest of the answer."""
    async with a_client() as (client, teams, address):
        teams.script = [(201, {"Content-Length": "50", "Connection": "close"}, "{}")]
        await client.send(address, {"type": "message"})
        assert len(teams.calls) == 1
        teams.script = [(200, {"Content-Length": "50", "Connection": "close"}, "{}")]
        with pytest.raises(Broken):
            await client.members(address)


async def test_errors_are_logged_by_their_names_only() -> None:
    """What stands where the name of an error is expected is told only when it has the form of one."""
    async with a_client() as (client, teams, address):
        teams.script = [(400, {}, '{"error":{"code":"wombat said: no"}}')]
        with pytest.raises(Failed, match="HTTP 400 other"):
            await client.send(address, {"type": "message"})
