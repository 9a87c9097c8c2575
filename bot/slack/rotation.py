"""The exchange of a token that will not be good for much longer, by Slack's SDK.

https://docs.slack.dev/authentication/using-token-rotation
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Awaitable, Callable

import aiohttp
from slack_sdk.errors import SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator

from bot.installed import Installed, Tokens
from bot.slack import failures
from bot.slack.failures import reason

PASSING = failures.PASSING | failures.UNCLEAR | {failures.FOREIGN}

Exchange = Callable[[Installed], Awaitable[Tokens]]
"""New tokens for old ones, which are good for nothing then. ExchangeError."""


class ExchangeError(Exception):
    """Slack gave no token. `why` is its code when it said no for good, or nothing when it may do so later."""

    def __init__(self, why: str, told: str = "") -> None:
        super().__init__(why or told)
        self.why = why


def exchange_by(rotator: AsyncTokenRotator, now: Callable[[], datetime.datetime]) -> Exchange:
    """An exchange by the SDK; whether it is time for one is not its affair."""

    async def exchange(installed: Installed) -> Tokens:
        assert installed.tokens
        bot, tokens = installed.bot, installed.tokens
        old = Bot(
            enterprise_id=bot.enterprise or None,
            team_id=bot.team or None,
            bot_token=tokens.token,
            bot_id=bot.bot_id,
            bot_user_id=bot.bot_user,
            bot_refresh_token=tokens.refresh,
            bot_token_expires_at=0,
            is_enterprise_install=bot.org,
            installed_at=0.0,
        )
        try:
            new = await rotator.perform_bot_token_rotation(bot=old)
        except SlackTokenRotationError as error:
            why = reason(error.api_error)
            raise ExchangeError("" if why in PASSING else why, why) from error
        except (aiohttp.ClientError, TimeoutError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise ExchangeError("", type(error).__name__) from error
        if new is None or not new.bot_refresh_token:
            raise ExchangeError("no_bot_token")
        return Tokens(new.bot_token, new.bot_refresh_token, expiry(new.bot_token_expires_at, now()))

    return exchange


def expiry(moment: int | None, now: datetime.datetime) -> datetime.datetime | None:
    """When a token ends that the SDK says ends at a moment by its own clock."""
    return None if moment is None else now + datetime.timedelta(seconds=moment - int(time.time()))
