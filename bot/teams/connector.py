"""Microsoft's identity rules: who may call the bot, and the token the bot shows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

from yarl import URL

from bot.proxy import is_passed_on
from bot.settings import Settings
from bot.teams import limits
from bot.teams.activity import Activity
from bot.teams.client import NoToken
from bot.teams.hosts import CONNECTORS, is_at, is_loopback

if TYPE_CHECKING:
    from bot.teams.keys import SigningKeys

KEYS_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"
SCOPE = "https://api.botframework.com/.default"

TOKEN_SECONDS = 240.0
"""How long a token is used before MSAL is asked again; MSAL hands out none with less than five minutes to live."""


class Refused(Exception):  # noqa: N818
    """The caller may not: the HTTP status to say so with, and the reason for the log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Credentials(Protocol):
    """Where the app's own token comes from."""

    async def get_access_token(self, scope: str) -> str:
        """A token that lives five more minutes at least. PermissionError with a code when Microsoft gives none."""


class Callers(Protocol):
    """Tells whether a caller is Microsoft."""

    async def service_url(self, header: str | None, channel: str) -> str | None:
        """The connector that a good token of a channel was made for. Whatever the SDK raises for a bad one."""


class Connector:
    """Tells Microsoft's calls from others', and brings the token for calls to Microsoft."""

    def __init__(self, settings: Settings, *, keys_url: str = KEYS_URL, credentials: Credentials | None = None) -> None:
        if not settings.microsoft_app_id and not (settings.rung_dev and settings.on_loopback):
            raise ValueError("Teams needs MICROSOFT_APP_ID; without it, only RUNG_DEV=1 on a loopback HOST opens it.")
        self._app_id = settings.microsoft_app_id
        self._dev = settings.rung_dev
        tenants = (*settings.teams_tenants, settings.microsoft_app_tenant_id)
        self._tenants = frozenset(tenant.lower() for tenant in tenants if tenant)
        self._sdk = settings.teams_sdk
        self._keys_url = keys_url
        password = settings.microsoft_app_password.get_secret_value() if settings.microsoft_app_password else ""
        own = settings.microsoft_app_tenant_id if settings.microsoft_app_type == "SingleTenant" else None
        self._credentials = credentials or _credentials(self._sdk, self._app_id, password, own)
        self._held: tuple[str, float] | None = None
        self._one_at_a_time = asyncio.Lock()

    @cached_property
    def _keys(self) -> SigningKeys:
        from bot.teams.keys import SigningKeys  # with the SDK 20 MB, which who only sends need not spend

        return SigningKeys(self._keys_url)

    @cached_property
    def _callers(self) -> Callers:
        if self._sdk == "agents":
            from bot.teams.agents import AgentsCallers

            return AgentsCallers(self._app_id, self._keys)
        from bot.teams.callers import BotbuilderCallers

        return BotbuilderCallers(self._app_id, self._keys)

    async def start(self) -> None:
        """Begin to fetch the keys, so that the first message finds them there."""
        if self._app_id:
            self._keys.start()
            _ = self._callers

    async def stop(self) -> None:
        """Stop fetching keys."""
        if "_keys" in vars(self):
            await self._keys.stop()

    async def authenticate(self, headers: Mapping[str, str], activity: Activity) -> None:
        """Let the activity pass, or raise Refused."""
        if self._app_id:
            await self._check_token(headers.get("Authorization"), activity)
        elif not _is_from_here(headers):
            raise Refused(403, "not from this machine")
        if not self.knows(activity.service_url):
            raise Refused(403, "service URL")
        tenants = activity.tenants
        if len(tenants) > 1:
            raise Refused(403, "two tenants")
        if not self.serves(min(tenants, default="")):
            raise Refused(403, "tenant")

    def knows(self, service_url: str) -> bool:
        """Whether a connector is Microsoft's, so that the token may be shown there."""
        return is_at(service_url, CONNECTORS, loopback=self._dev)

    def serves(self, tenant: str) -> bool:
        """Whether the operator lets the people of a tenant talk to the bot."""
        return tenant in self._tenants or not (self._app_id or self._tenants)

    async def _check_token(self, header: str | None, activity: Activity) -> None:
        if activity.channel_id != "msteams":  # other channels let their callers write what they like as tenant
            raise Refused(401, "channel")
        try:
            service_url = await self._callers.service_url(header, activity.channel_id)
        except Exception as error:  # the SDKs have no error of their own for a bad token: anything may come
            raise Refused(401, f"token ({type(error).__name__})") from error
        if service_url != activity.service_url:
            raise Refused(401, "service URL claim")

    async def token(self, service_url: str) -> str | None:
        """The app's token for a connector; None when the bot runs without an app. Refused for any other host."""
        if not self._app_id:
            return None
        if not self.knows(service_url):
            raise Refused(403, "service URL")
        async with self._one_at_a_time:
            if self._held is None or self._held[1] < time.monotonic():
                try:
                    fresh = await self._credentials.get_access_token(SCOPE)
                except Exception as error:  # MSAL raises what it likes
                    raise NoToken(f"no token ({type(error).__name__})") from error
                self._held = (fresh, time.monotonic() + TOKEN_SECONDS)
            return self._held[0]


def _credentials(
    sdk: Literal["botbuilder", "agents"], app_id: str | None, password: str, tenant: str | None
) -> Credentials:
    if sdk == "agents":
        from bot.teams.agents import AgentsCredentials

        return AgentsCredentials(app_id, password, tenant)
    return _AppCredentials(app_id, password, tenant)


class _AppCredentials:
    """The app's credentials, with a limit on how long Microsoft may take; MSAL keeps the token as long as it lives."""

    def __init__(self, app_id: str | None, password: str, tenant: str | None) -> None:
        self.app_id = app_id
        self.authority = f"https://login.microsoftonline.com/{tenant or 'botframework.com'}"
        self._password = password
        self._app: Any = None

    async def get_access_token(self, scope: str) -> str:
        """A token. PermissionError when Microsoft gives none."""
        return await asyncio.to_thread(self._ask, scope)

    def _ask(self, scope: str) -> str:
        if self._app is None:
            from msal import ConfidentialClientApplication  # type: ignore[import-untyped]  # 14 MB with cryptography

            self._app = ConfidentialClientApplication(
                client_id=self.app_id,
                client_credential=self._password,
                authority=self.authority,
                timeout=limits.CALL_SECONDS,
            )
        answer = self._app.acquire_token_for_client(scopes=[scope])
        if "access_token" not in answer:
            raise PermissionError(answer.get("error", "no token"))
        token: str = answer["access_token"]
        return token


def _is_from_here(headers: Mapping[str, str]) -> bool:
    """Whether a request was addressed to this machine itself, and not passed on by a proxy or a page elsewhere."""
    try:
        host = URL(f"http://{headers.get('Host', '')}").host or ""
    except ValueError:
        return False
    return not is_passed_on(headers) and is_loopback(host)
