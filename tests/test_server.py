"""The server under bad requests, slow senders and at its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Iterable

import pytest
import structlog
from aiohttp import web

from bot import server
from bot.plug import Plug


class Echo:
    """A platform that says how long the body was, and stops as it is told."""

    name = "echo"
    platform = None

    def __init__(self, stops_after: float = 0.0, error: Exception | None = None) -> None:
        self.stops_after, self.error, self.stopped = stops_after, error, False

    def routes(self) -> Iterable[web.RouteDef]:
        return [web.post("/echo", self._answer)]

    async def start(self, *, receiving: bool = True) -> None: ...

    async def stop(self) -> None:
        await asyncio.sleep(self.stops_after)
        if self.error:
            raise self.error
        self.stopped = True

    async def _answer(self, request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))


@contextlib.asynccontextmanager
async def served(*plugs: Plug) -> AsyncIterator[int]:
    """The server on a port of its own."""
    runner = server.make_runner(plugs or (Echo(),))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def converse(port: int, *parts: bytes) -> bytes:
    """What the server says to some bytes until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.05)
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


HEAD = b"POST /echo HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n"


async def test_a_whole_request_is_answered() -> None:
    """What arrives in time is handed on as it is."""
    async with served() as port:
        assert (await converse(port, HEAD + b"Content-Length: 5\r\n\r\nhe", b"llo")).endswith(b"\r\n\r\n5")


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ((HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",), b"400"),
        ((HEAD + b"Content-Encoding: br\r\nContent-Length: 5\r\n\r\nhello",), b"400"),
        ((HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n",), b"400"),
        ((HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"ZZ\r\nhello\r\n"), b"40"),
        ((HEAD + b"Content-Length: 50\r\n\r\nhello",), b"408"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    monkeypatch: pytest.MonkeyPatch, parts: tuple[bytes, ...], status: bytes
) -> None:
    """A body that is compressed, broken or never complete gets an answer, and its connection is closed."""
    monkeypatch.setattr(server, "REQUEST_SECONDS", 0.2)
    async with served() as port:
        said = await converse(port, *parts)
    assert said.split(b" ")[1].startswith(status)


@pytest.mark.parametrize("begun", [b"", b"POST /ec", HEAD + b"X-Half: "])
async def test_a_request_that_never_begins_is_closed(monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    """A connection on which no head of a request is completed is not held for ever."""
    monkeypatch.setattr(server, "IDLE_SECONDS", 0.2)
    async with served() as port:
        assert await converse(port, begun) == b""


async def test_a_sender_who_leaves_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """Someone who goes away in the middle of a body does not fill the log."""
    async with served() as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"Content-Length: 50\r\n\r\nhello")
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.close()
        await asyncio.sleep(0.1)
    assert not caplog.records


async def test_platforms_stop_at_the_same_time() -> None:
    """All platforms finish beside each other, and one that fails does not keep another from it."""

    class Elsewhere(Echo):
        def routes(self) -> Iterable[web.RouteDef]:
            return []

    plugs = (Echo(0.3), Elsewhere(0.3, ZeroDivisionError("wombat")), Elsewhere(0.3))
    with structlog.testing.capture_logs() as logs:
        async with served(*plugs):
            start = time.perf_counter()
    assert time.perf_counter() - start < 0.8
    assert [plug.stopped for plug in plugs] == [True, False, True]
    assert [entry["error"] for entry in logs] == ["ZeroDivisionError"]
    assert "wombat" not in str(logs)


async def test_a_stop_that_what_starts_takes_no_notice_of_is_a_stop() -> None:
    """Where a library forgets that it was cancelled, the process ends as soon as it has started."""

    @contextlib.asynccontextmanager
    async def starting() -> AsyncIterator[None]:
        os.kill(os.getpid(), signal.SIGTERM)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(3600)
        yield

    plug = Echo()
    async with asyncio.timeout(5):
        await server.serve([plug], "127.0.0.1", 0, starting())
    assert plug.stopped


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_while_it_starts_is_a_stop(number: signal.Signals) -> None:
    """Whoever ends the process while something still starts waits for nothing but the end of what has started."""

    @contextlib.asynccontextmanager
    async def starting() -> AsyncIterator[None]:
        os.kill(os.getpid(), number)
        await asyncio.sleep(3600)
        yield

    plug = Echo()
    with structlog.testing.capture_logs() as logs:
        async with asyncio.timeout(5):
            await server.serve([plug], "127.0.0.1", 0, starting())
    assert plug.stopped
    assert [entry["event"] for entry in logs] == ["stopping"]
