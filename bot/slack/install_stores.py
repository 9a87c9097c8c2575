"""The SDK's two stores for an installation, in front of our database."""

from __future__ import annotations

import datetime
import logging
import secrets
from typing import Any, Final

from slack_bolt.error import BoltError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.installed import Bot, Installs, Tokens
from bot.slack.rotation import expiry

STATE_SECONDS: Final = 600
"""How long an installation may take from its first page to its last."""

# What the SDK says may hold a code or a token.
SILENT: Final = logging.getLogger("bot.slack.oauth.complaints")
SILENT.setLevel(logging.CRITICAL)


class InstallationStore(AsyncInstallationStore):
    """Keeps bots and their tokens. Who installed the app, and what else Slack tells, is not kept.

    Bolt's way through OAuth saves and asks nothing: what is kept is found by `bot.slack.many_tokens`.
    """

    def __init__(self, installs: Installs) -> None:
        self._installs = installs

    @property
    def logger(self) -> logging.Logger:
        """One that says nothing."""
        return SILENT

    async def async_save(self, installation: Installation) -> None:
        """Keep what an installation brought. BoltError when it brought no token of a bot; Unavailable."""
        where = installation.enterprise_id if installation.is_enterprise_install else installation.team_id
        if not (where and installation.bot_token):
            raise BoltError("an installation without a bot's token, or without a workspace")
        expires = expiry(installation.bot_token_expires_at, self._installs.now())
        await self._installs.save(
            Bot(
                enterprise=installation.enterprise_id or "",
                team="" if installation.is_enterprise_install else installation.team_id or "",
                org=installation.is_enterprise_install,
                bot_id=installation.bot_id or "",
                bot_user=installation.bot_user_id or "",
                scopes=tuple(installation.bot_scopes or ()),
            ),
            Tokens(installation.bot_token, installation.bot_refresh_token or "", expires),
        )


class StateStore(AsyncOAuthStateStore):
    """Random words that tell who began an installation, each good once and for ten minutes."""

    def __init__(self, installs: Installs) -> None:
        self._installs = installs

    @property
    def logger(self) -> logging.Logger:
        """One that says nothing."""
        return SILENT

    async def async_issue(self, *_: Any, **__: Any) -> str:
        """A new one. Unavailable."""
        state = secrets.token_urlsafe(32)
        await self._installs.issue_state(state, self._installs.now() + datetime.timedelta(seconds=STATE_SECONDS))
        return state

    async def async_consume(self, state: str) -> bool:
        """Whether it was issued, not too long ago, and not used yet. Unavailable."""
        return await self._installs.use_state(state)
