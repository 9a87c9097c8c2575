"""Whether Slack takes what the settings hold: the tokens, and what the bot may do."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.finding import Finding, compare_clocks, fault, ok, warning
from bot.settings import Settings
from bot.slack.client import TIMEOUT
from bot.slack.failures import reason
from bot.slack.manifest import SCOPES

_REFUSED = "Slack refuses it ({why}): copy it again from {place}; after an uninstall it is another one."


async def check_slack(settings: Settings, now: datetime.datetime) -> list[Finding]:
    """What Slack says of the tokens and scopes; the signing secret shows only when Slack calls."""
    bot, app = settings.slack_bot_token, settings.slack_app_token
    found: list[Finding] = []
    async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
        web = AsyncWebClient(base_url=settings.slack_api_url, session=session, retry_handlers=[])
        if bot:
            found += await _check_bot(web, bot.get_secret_value(), now)
        if app:
            found.append(await _check_app(web, app.get_secret_value()))
    if settings.slack_signing_secret:
        found.append(ok("signing secret", "It is set; whether it is right shows when Slack verifies the address."))
    return found


async def _check_bot(web: AsyncWebClient, token: str, now: datetime.datetime) -> list[Finding]:
    try:
        answer = await web.api_call("auth.test", headers={"Authorization": f"Bearer {token}"})
    except SlackApiError as error:
        place = "OAuth & Permissions"
        return [fault("SLACK_BOT_TOKEN", _REFUSED.format(why=reason(error), place=place))]
    except (aiohttp.ClientError, TimeoutError, AttributeError, ValueError) as error:
        return [fault("Slack", f"It cannot be reached ({type(error).__name__}): let Rung out to slack.com over https.")]
    headers = {name.lower(): value for name, value in (answer.headers or {}).items()}
    found = [ok("SLACK_BOT_TOKEN", "Slack takes it."), *_compare_scopes(headers.get("x-oauth-scopes"))]
    clock = compare_clocks("Slack", headers.get("date", ""), now)
    return [*found, clock] if clock else found


def _compare_scopes(said: str | None) -> Iterator[Finding]:
    """The scopes that the token has beside those that the code needs."""
    if said is None:
        yield warning("scopes", "Slack did not say which there are; compare them with `manifest slack`.")
        return
    has = set(filter(None, map(str.strip, said.split(","))))
    if missing := sorted(set(SCOPES) - has):
        what = f"{', '.join(missing)}: missing. Put the manifest into the app's settings again and reinstall the app."
        yield fault("scopes", what)
    elif more := sorted(has - set(SCOPES)):
        yield warning("scopes", f"{', '.join(more)}: not needed. Take them out of the app's settings.")
    else:
        yield ok("scopes", "The app may do what it has to, and nothing else.")


async def _check_app(web: AsyncWebClient, token: str) -> Finding:
    """Ask for a socket, and leave it alone."""
    try:
        await web.api_call("apps.connections.open", headers={"Authorization": f"Bearer {token}"})
    except SlackApiError as error:
        place = "Basic Information, with connections:write"
        return fault("SLACK_APP_TOKEN", _REFUSED.format(why=reason(error), place=place))
    except (aiohttp.ClientError, TimeoutError, AttributeError, ValueError) as error:
        return fault("Slack", f"It gives no socket ({type(error).__name__}): let Rung out to slack.com over https.")
    return ok("SLACK_APP_TOKEN", "Slack takes it.")
