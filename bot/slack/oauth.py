"""Slack for one workspace or for many, put together from the settings."""

from __future__ import annotations

import aiohttp
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from bot.installed import Installs
from bot.settings import Settings
from bot.slack.client import Client
from bot.slack.grants import OneToken
from bot.slack.install import InstallPages
from bot.slack.install_stores import InstallationStore, StateStore
from bot.slack.many_tokens import ManyTokens
from bot.slack.rotation import Exchange, exchange_by
from content.texts import Texts
from handlers.errors import TryLater


def one_token(settings: Settings) -> OneToken:
    """The token of the settings."""
    token = settings.slack_bot_token
    return OneToken(token.get_secret_value() if token else "")


def many_tokens(settings: Settings, installs: Installs) -> ManyTokens:
    """The tokens of the workspaces."""
    client_id, secret = settings.slack_client_id, settings.slack_client_secret
    assert client_id
    assert secret

    def exchange(web: AsyncWebClient) -> Exchange:
        rotator = AsyncTokenRotator(client_id=client_id, client_secret=secret.get_secret_value(), client=web)
        return exchange_by(rotator, installs.now)

    return ManyTokens(installs, exchange)


async def bring_back(settings: Settings, installs: Installs) -> bool:
    """Let letters go on in the workspace of the settings' token, if it is good; false when Slack did not say so.

    Unavailable.
    """
    token = one_token(settings)
    client = Client(settings, token)
    await client.open()
    try:
        for tenant in await client.check(token):
            await installs.come_back(tenant)
    except (aiohttp.ClientError, TimeoutError, TryLater):
        return False
    finally:
        await client.close()
    return True


def install_pages(settings: Settings, client: Client, installs: Installs, texts: Texts) -> InstallPages:
    """The pages on which the app is installed."""
    stores = InstallationStore(installs), StateStore(installs)
    return InstallPages(settings, client.web, stores, texts, client.grants.doubt)
