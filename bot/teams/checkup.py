"""Whether Microsoft takes what the settings hold, and can be reached."""

from __future__ import annotations

import asyncio
import datetime

import aiohttp

from bot.finding import Finding, compare_clocks, fault, ok, warning
from bot.logs import as_code
from bot.settings import Settings
from bot.teams import limits
from bot.teams.client import NoToken
from bot.teams.connector import KEYS_URL, Connector, Credentials
from bot.teams.hosts import CONNECTORS


async def check_teams(
    settings: Settings, now: datetime.datetime, *, credentials: Credentials | None = None, keys_url: str = KEYS_URL
) -> list[Finding]:
    """What Microsoft says of the app's credentials, and whether its keys can be fetched."""
    if not settings.microsoft_app_id:
        return [warning("Teams", "RUNG_DEV=1 lets everybody on this machine talk to the bot: never use it for real.")]
    own, keys = await asyncio.gather(_check_credentials(settings, credentials), _check_keys(keys_url, now))
    tenants = {settings.microsoft_app_tenant_id, *settings.teams_tenants} - {None}
    return [own, *keys, ok("tenants", f"The people of {len(tenants)} get an answer; nobody else does.")]


async def _check_credentials(settings: Settings, credentials: Credentials | None) -> Finding:
    connector = Connector(settings, credentials=credentials)
    try:
        await connector.token(f"https://{CONNECTORS[0]}/")
    except NoToken as error:
        if not isinstance(error.__cause__, PermissionError):
            what = "let Rung out to login.microsoftonline.com, and look whether MICROSOFT_APP_TENANT_ID is right"
            return fault("Microsoft", f"It cannot be asked ({type(error.__cause__).__name__}): {what}.")
        what = "make a new secret under Certificates & secrets (its value, not its id), and compare the two ids"
        return fault("MICROSOFT_APP_PASSWORD", f"Microsoft refuses it ({as_code(str(error.__cause__))}): {what}.")
    return ok("MICROSOFT_APP_PASSWORD", "Microsoft takes it. Secrets expire: put the day into your calendar.")


async def _check_keys(url: str, now: datetime.datetime) -> list[Finding]:
    try:
        timeout = aiohttp.ClientTimeout(total=limits.CALL_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session, session.get(url) as answer:
            clock = compare_clocks("Microsoft", answer.headers.get("Date", ""), now)
    except (aiohttp.ClientError, TimeoutError) as error:
        what = "let Rung out to login.botframework.com over https"
        return [fault("Microsoft's keys", f"They cannot be fetched ({type(error).__name__}): {what}.")]
    found = [ok("Microsoft's keys", "They can be fetched.")]
    return [*found, clock] if clock else found
