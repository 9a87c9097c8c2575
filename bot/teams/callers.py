"""Whether a caller is Microsoft. The one home of botbuilder.

botbuilder is used as token validator only. What it does is mended here: it fetches signing keys with blocking calls
and keeps them for a day, and does not look for a key it does not know.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import Any, NamedTuple

import aiohttp
import structlog
from botframework.connector.auth import (  # type: ignore[import-untyped]
    AuthenticationConstants,
    ChannelValidation,
    JwtTokenExtractor,
    SimpleCredentialProvider,
)
from jwt.algorithms import RSAAlgorithm

from bot.teams import limits

log = structlog.get_logger()

KEYS_HOURS = 12
KEYS_PAUSE_SECONDS = 60.0
"""Between two downloads of the keys, so that forged tokens cannot make the bot a burden to Microsoft."""


class Callers:
    """Checks the token of a call to an app against Microsoft's keys."""

    def __init__(self, app_id: str | None, keys_url: str) -> None:
        self._keys = _SigningKeys(keys_url)
        self._extractor = JwtTokenExtractor(
            ChannelValidation.TO_BOT_FROM_CHANNEL_TOKEN_VALIDATION_PARAMETERS,
            keys_url,
            AuthenticationConstants.ALLOWED_SIGNING_ALGORITHMS,
        )
        self._extractor.open_id_metadata = self._keys
        self._apps = SimpleCredentialProvider(app_id, "")

    def start(self) -> None:
        """Begin to fetch the keys."""
        self._keys.start()

    async def stop(self) -> None:
        """Stop fetching keys."""
        await self._keys.stop()

    async def service_url(self, header: str | None, channel: str) -> str | None:
        """The connector that a good token was made for. Whatever botbuilder raises for a bad one."""
        identity = await self._extractor.get_identity_from_auth_header(header, channel)
        await ChannelValidation.validate_identity(identity, self._apps)
        found: str | None = identity.get_claim_value(ChannelValidation.SERVICE_URL_CLAIM)
        return found


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
