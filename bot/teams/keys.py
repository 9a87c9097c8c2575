"""Microsoft's signing keys, fetched ahead of need.

What the SDKs do is mended here: botbuilder fetches keys with blocking calls, keeps them for a day and does not look for
one that it does not know; the Agents SDK looks for each unknown one at once, so that forged tokens make it a burden.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import Any, NamedTuple

import aiohttp
import structlog
from jwt.algorithms import RSAAlgorithm

from bot.teams import limits

log = structlog.get_logger()

KEYS_HOURS = 12
KEYS_PAUSE_SECONDS = 60.0
"""Between two downloads of the keys, so that forged tokens cannot make the bot a burden to Microsoft."""


class Key(NamedTuple):
    """A key, and the channels whose tokens it may sign, as botbuilder looks at it."""

    public_key: Any
    endorsements: list[str]


class SigningKeys:
    """The keys by their ids, from OpenID metadata at an address. They take the place of botbuilder's own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str | None, Key] = {}
        self._tried = -KEYS_PAUSE_SECONDS
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to fetch them."""
        self._task = asyncio.create_task(self._keep_fresh())

    async def stop(self) -> None:
        """Stop fetching them."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def get(self, key_id: str | None) -> Key:
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
                key["kid"]: Key(RSAAlgorithm.from_jwk(json.dumps(key)), key.get("endorsements", []))
                for key in found
                if key.get("kty") == "RSA"
            }
        except Exception as error:  # the old keys serve on; without any, every call is refused
            log.warning("teams_keys_not_fetched", error=type(error).__name__)
