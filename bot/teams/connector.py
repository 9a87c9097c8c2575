"""Microsoft's identity rules: who may call the bot, and the token the bot shows. The one home of botbuilder.

botbuilder is used as token validator and token source only. What it does with both is mended here: it
fetches signing keys with blocking calls and keeps them for a day, does not look for a key it does not
know, does not check the tenant, and asks for a fresh token every turn.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import aiohttp
import structlog
from botframework.connector.auth import (  # type: ignore[import-untyped]
    AuthenticationConstants,
    ChannelValidation,
    JwtTokenExtractor,
    MicrosoftAppCredentials,
    SimpleCredentialProvider,
)
from jwt.algorithms import RSAAlgorithm
from msal import ConfidentialClientApplication  # type: ignore[import-untyped]
from yarl import URL

from bot.settings import Settings
from bot.teams import limits
from bot.teams.activity import Activity
from bot.teams.client import NoToken
from bot.teams.hosts import CONNECTORS, is_at, is_loopback

log = structlog.get_logger()

KEYS_URL: str = AuthenticationConstants.TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL
KEYS_HOURS = 12
KEYS_PAUSE_SECONDS = 60.0
"""Between two downloads of the keys, so that forged tokens cannot make the bot a burden to Microsoft."""

TOKEN_SECONDS = 240.0
"""How long a token is used before MSAL is asked again; MSAL hands out none with less than five minutes to live."""


class Refused(Exception):  # noqa: N818
    """The caller may not: the HTTP status to say so with, and the reason for the log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Credentials(Protocol):
    """Where the app's own token comes from; the call blocks."""

    def get_access_token(self) -> str:
        """A token that lives five more minutes at least."""


class Connector:
    """Tells Microsoft's calls from others', and brings the token for calls to Microsoft."""

    def __init__(self, settings: Settings, *, keys_url: str = KEYS_URL, credentials: Credentials | None = None) -> None:
        if not settings.microsoft_app_id and not (settings.rung_dev and settings.on_loopback):
            raise ValueError("Teams needs MICROSOFT_APP_ID; without it, only RUNG_DEV=1 on a loopback HOST opens it.")
        self._app_id = settings.microsoft_app_id
        self._dev = settings.rung_dev
        tenants = (*settings.teams_tenants, settings.microsoft_app_tenant_id)
        self._tenants = frozenset(tenant.lower() for tenant in tenants if tenant)
        self._keys = _SigningKeys(keys_url)
        self._extractor = JwtTokenExtractor(
            ChannelValidation.TO_BOT_FROM_CHANNEL_TOKEN_VALIDATION_PARAMETERS,
            keys_url,
            AuthenticationConstants.ALLOWED_SIGNING_ALGORITHMS,
        )
        self._extractor.open_id_metadata = self._keys
        self._apps = SimpleCredentialProvider(self._app_id, "")
        password = settings.microsoft_app_password.get_secret_value() if settings.microsoft_app_password else ""
        own = settings.microsoft_app_tenant_id if settings.microsoft_app_type == "SingleTenant" else None
        self._credentials = credentials or _AppCredentials(self._app_id, password, channel_auth_tenant=own)
        self._held: tuple[str, float] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def start(self) -> None:
        """Begin to fetch the keys, so that the first message finds them there."""
        if self._app_id:
            self._keys.start()

    async def stop(self) -> None:
        """Stop fetching keys."""
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
            identity = await self._extractor.get_identity_from_auth_header(header, activity.channel_id)
            await ChannelValidation.validate_identity(identity, self._apps)
        except Exception as error:  # botbuilder has no error of its own for a bad token: anything may come
            raise Refused(401, f"token ({type(error).__name__})") from error
        if identity.get_claim_value(ChannelValidation.SERVICE_URL_CLAIM) != activity.service_url:
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
                    fresh = await asyncio.to_thread(self._credentials.get_access_token)
                except Exception as error:  # MSAL raises what it likes
                    raise NoToken(f"no token ({type(error).__name__})") from error
                self._held = (fresh, time.monotonic() + TOKEN_SECONDS)
            return self._held[0]


class _AppCredentials(MicrosoftAppCredentials):  # type: ignore[misc]
    """The app's credentials, with a limit on how long Microsoft may take."""

    app: Any

    def get_access_token(self, force_refresh: bool = False) -> str:
        if self.app is None:
            self.app = ConfidentialClientApplication(
                client_id=self.microsoft_app_id,
                client_credential=self.microsoft_app_password,
                authority=self.oauth_endpoint,
                timeout=limits.CALL_SECONDS,
            )
        token: str = super().get_access_token(force_refresh)
        return token


class _Key(NamedTuple):
    """A key as botbuilder looks at it."""

    public_key: Any
    endorsements: list[str]


class _SigningKeys:
    """Microsoft's signing keys by id, fetched ahead of need. Takes the place of botbuilder's `_OpenIdMetadata`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str | None, _Key] = {}
        self._tried = -KEYS_PAUSE_SECONDS
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep_fresh())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def get(self, key_id: str | None) -> _Key:
        """The key with its endorsements; looked for once more when it is not known. PermissionError without one."""
        if key_id not in self._keys:
            async with self._one_at_a_time:
                if key_id not in self._keys and time.monotonic() - self._tried >= KEYS_PAUSE_SECONDS:
                    await self._fetch()
        if key_id not in self._keys:
            raise PermissionError("unknown key")
        return self._keys[key_id]

    async def _keep_fresh(self) -> None:
        while True:
            async with self._one_at_a_time:
                await self._fetch()
            await asyncio.sleep(KEYS_HOURS * 3600 if self._keys else KEYS_PAUSE_SECONDS)

    async def _fetch(self) -> None:
        self._tried = time.monotonic()
        try:
            timeout = aiohttp.ClientTimeout(total=limits.CALL_SECONDS)
            async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session:
                async with session.get(self._url) as answer:
                    jwks_url = (await answer.json(content_type=None))["jwks_uri"]
                async with session.get(jwks_url) as answer:
                    found = (await answer.json(content_type=None))["keys"]
            self._keys = {
                key["kid"]: _Key(RSAAlgorithm.from_jwk(json.dumps(key)), key.get("endorsements", []))
                for key in found
                if key.get("kty") == "RSA"
            }
        except Exception as error:  # the old keys serve on; without any, every call is refused
            log.warning("teams_keys_not_fetched", error=type(error).__name__)


def _is_from_here(headers: Mapping[str, str]) -> bool:
    """Whether a request was addressed to this machine itself, and not passed on by a proxy or a page elsewhere."""
    passed_on = any(name in headers for name in ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host"))
    try:
        host = URL(f"http://{headers.get('Host', '')}").host or ""
    except ValueError:
        return False
    return not passed_on and is_loopback(host)
