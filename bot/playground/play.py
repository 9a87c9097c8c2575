"""The playground put together: the real bot, the far side that it calls, and the page that calls it."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from pydantic import SecretStr

from bot.app import keep_clock, make_delivery, make_plugs, open_desk, real_now
from bot.playground.clock import MovableClock
from bot.playground.far import LOOPBACK, FarSide
from bot.playground.routes import PagePlug
from bot.playground.slack_api import TOKEN
from bot.server import serve
from bot.settings import Settings


async def play(settings: Settings, database: str | None = None) -> None:
    """Serve the playground until the process is told to stop; OSError when the port is taken.

    Errors of the content and the database are those of `bot.app.open_desk`.
    """
    clock = MovableClock(real_now)
    far, secret = FarSide(clock), secrets.token_hex(16)
    with _database(database) as address:
        async with far.served():
            settings = at_play(settings, address, far.slack.url, secret)
            async with open_desk(settings, now=clock) as (opened, letters):
                bot = f"http://{LOOPBACK}:{settings.port}"
                desk, plugs = make_plugs(settings, opened)
                page = PagePlug(far, clock, letters, secret=secret, bot=bot)
                meanwhile = keep_clock(settings, desk, make_delivery(settings, desk, letters, plugs))
                await serve((*plugs, page), LOOPBACK, settings.port, _told(bot, meanwhile))


def at_play(settings: Settings, database: str, far: str, secret: str) -> Settings:
    """The operator's settings, but on the loopback, and with no credential that is good for anything."""
    return settings.model_copy(
        update={
            "host": LOOPBACK,
            "database_url": SecretStr(database),
            "rung_dev": True,
            "slack_signing_secret": SecretStr(secret),
            "slack_bot_token": SecretStr(TOKEN),
            "slack_app_token": None,
            "slack_client_id": None,
            "slack_client_secret": None,
            "slack_api_url": f"{far}/slack/api/",
            "microsoft_app_id": None,
            "microsoft_app_password": None,
            "microsoft_app_tenant_id": None,
            "teams_tenants": (),
        }
    )


@contextlib.contextmanager
def _database(path: str | None) -> Iterator[str]:
    """The address of the database: of the file that was asked for, or of one that is gone in the end."""
    if path:
        yield f"sqlite:///{Path(path).absolute()}"
        return
    with tempfile.TemporaryDirectory(prefix="rung-playground-") as folder:
        yield f"sqlite:///{folder}/rung.db"


@contextlib.asynccontextmanager
async def _told(address: str, meanwhile: contextlib.AbstractAsyncContextManager[None]) -> AsyncIterator[None]:
    async with meanwhile:
        print(f"\n  Rung's playground: {address}/\n  (Ctrl-C ends it)\n", flush=True)  # noqa: T201
        yield
