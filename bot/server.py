"""One HTTP server for all platforms."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Final

import structlog
from aiohttp import web

from bot.plug import Plug

BODY_LIMIT: Final = 1024 * 1024
"""Bytes of a request's body; neither Slack nor Teams sends more than a quarter of this. Larger ones get 413."""

REQUEST_SECONDS = 10.0
"""How long a request's body may take to arrive."""

IDLE_SECONDS = 75.0
"""How long a connection may wait for a request, or take to send the head of one; aiohttp has no other limit for that.

Longer than the 60 s after which proxies usually close a connection, because the one who sends should close first.
"""

LINGER_SECONDS = 1.0
"""How long more of a refused request is read and thrown away, so that its sender gets to read the refusal."""

STOP_SECONDS = 28.0
"""How long the process may take to stop, with letters on their way; many hosts kill it after thirty.

Without them it takes less than ten seconds, after which Docker kills a container.
"""

REQUESTS_STOP_SECONDS: Final = 2.0
"""How long requests under way may take of that to end, and once more to end when they are cut off."""

log = structlog.get_logger()


def make_app(plugs: Sequence[Plug], pages: Iterable[web.RouteDef] = ()) -> web.Application:
    """The web application: every platform's routes, `/healthz`, and further pages."""
    app = web.Application(client_max_size=BODY_LIMIT, middlewares=[_read_body])
    app.router.add_get("/healthz", _say_healthy)
    app.router.add_routes(pages)
    for plug in plugs:
        app.router.add_routes(plug.routes())

    async def run_plugs(_: web.Application) -> AsyncIterator[None]:
        async with _running(plugs):
            yield

    app.cleanup_ctx.append(run_plugs)
    return app


def make_runner(plugs: Sequence[Plug], pages: Iterable[web.RouteDef] = ()) -> web.AppRunner:
    """The server around the application, with its limits in time."""
    return web.AppRunner(
        make_app(plugs, pages),
        access_log=None,
        auto_decompress=False,
        keepalive_timeout=IDLE_SECONDS,
        lingering_time=LINGER_SECONDS,
        shutdown_timeout=REQUESTS_STOP_SECONDS,
    )


async def serve(
    plugs: Sequence[Plug],
    host: str,
    port: int,
    meanwhile: contextlib.AbstractAsyncContextManager[object],
    pages: Iterable[web.RouteDef] = (),
) -> None:
    """Serve until the process is told to stop, then finish what is under way. OSError when the port is taken.

    `meanwhile` is open as long as the platforms can be written to.
    """
    runner = make_runner(plugs, pages)
    with _until_stop() as told:
        async with _stopping_in_time() as stack:
            stack.push_async_callback(runner.cleanup)
            await runner.setup()
            await web.TCPSite(runner, host, port).start()
            await stack.enter_async_context(meanwhile)
            log.info("ready", address=runner.addresses[0][:2], platforms=[plug.name for plug in plugs])
            await told.wait()


async def stay(
    plugs: Sequence[Plug],
    meanwhile: contextlib.AbstractAsyncContextManager[object],
    host: str = "",
    port: int | None = None,
    pages: Iterable[web.RouteDef] = (),
) -> None:
    """Receive nothing, but keep the platforms ready to be written to until the process is told to stop.

    With a port `/healthz` and further pages are served. OSError when it is taken.
    """
    with _until_stop() as told:
        async with _stopping_in_time() as stack:
            if port is not None:
                runner = make_runner((), pages)
                stack.push_async_callback(runner.cleanup)
                await runner.setup()
                await web.TCPSite(runner, host, port).start()
            await stack.enter_async_context(_running(plugs, receiving=False))
            await stack.enter_async_context(meanwhile)
            log.info("ready", platforms=[plug.name for plug in plugs])
            await told.wait()


@contextlib.contextmanager
def _until_stop() -> Iterator[asyncio.Event]:
    """Leave the block, wherever it is, when SIGINT or SIGTERM comes; also while something is still starting.

    The event tells of it, too: what was starting may have taken no notice.
    """
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task
    told = asyncio.Event()

    def stop() -> None:
        if not told.is_set():
            told.set()
            log.info("stopping")
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        yield told
    except asyncio.CancelledError:
        if not told.is_set() or task.uncancel():
            raise


@contextlib.asynccontextmanager
async def _stopping_in_time() -> AsyncIterator[contextlib.AsyncExitStack]:
    """What is on the stack is closed in the end, and given up when that takes too long."""
    stack = contextlib.AsyncExitStack()
    try:
        yield stack
    finally:
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await stack.aclose()
        except TimeoutError:
            log.error("stop_cut_short", after=STOP_SECONDS)


@contextlib.asynccontextmanager
async def _running(plugs: Sequence[Plug], *, receiving: bool = True) -> AsyncIterator[None]:
    started: list[Plug] = []
    try:
        for plug in plugs:
            await plug.start(receiving=receiving)
            started.append(plug)
        yield
    finally:
        await _stop(started)


async def _stop(plugs: Sequence[Plug]) -> None:
    """Stop all at the same time; one that fails does not hold up the others."""
    results = await asyncio.gather(*(plug.stop() for plug in plugs), return_exceptions=True)
    for plug, result in zip(plugs, results, strict=True):
        if isinstance(result, Exception):
            log.error("not_stopped_well", platform=plug.name, error=type(result).__name__)


@web.middleware
async def _read_body(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Read the whole body before its handler asks for it: 408 when it takes too long, 400 when it cannot be read."""
    # No platform compresses what it sends, and a kilobyte may stand for a gigabyte.
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise web.HTTPBadRequest
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            await request.read()
    except TimeoutError:
        late = web.HTTPRequestTimeout()
        late.force_close()
        raise late from None
    except (web.RequestPayloadError, ConnectionError) as error:
        raise web.HTTPBadRequest from error
    return await handler(request)


async def _say_healthy(_: web.Request) -> web.Response:
    return web.Response(text="ok")
