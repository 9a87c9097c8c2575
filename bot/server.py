"""One HTTP server for all platforms."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Sequence

import structlog
from aiohttp import web

from bot.plug import Plug

BODY_LIMIT = 1024 * 1024
"""Bytes of a request's body; neither Slack nor Teams sends more than a quarter of this. Larger ones get 413."""

STOP_SECONDS = 10
"""How long requests under way may take to end when the process is told to stop."""

log = structlog.get_logger()


def make_app(plugs: Sequence[Plug]) -> web.Application:
    """The web application: every platform's routes, and `/healthz`."""
    app = web.Application(client_max_size=BODY_LIMIT)
    app.router.add_get("/healthz", _say_healthy)
    for plug in plugs:
        app.router.add_routes(plug.routes())

    async def run_plugs(_: web.Application) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for plug in plugs:
                await plug.start()
                stack.push_async_callback(plug.stop)
            yield

    app.cleanup_ctx.append(run_plugs)
    return app


async def serve(plugs: Sequence[Plug], host: str, port: int) -> None:
    """Serve until the process is told to stop, then finish what is under way. OSError when the port is taken."""
    runner = web.AppRunner(make_app(plugs), access_log=None, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        log.info("ready", address=runner.addresses[0][:2], platforms=[plug.name for plug in plugs])
        await wait_for_stop()
    finally:
        await runner.cleanup()


async def wait_for_stop() -> None:
    """Return when SIGINT or SIGTERM comes."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    log.info("stopping")


async def _say_healthy(_: web.Request) -> web.Response:
    return web.Response(text="ok")
