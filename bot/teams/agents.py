"""The Microsoft 365 Agents SDK in botbuilder's place: whether a caller is Microsoft, and the app's own token.

The one home of the SDK; `TEAMS_SDK=agents` chooses it. Its own middleware takes tokens of any of Microsoft's issuers,
looks at no endorsements and fetches keys for whoever asks, so that its validator is used with our keys and rules.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import jwt
from microsoft_agents.authentication.msal import MsalAuth
from microsoft_agents.hosting.core.authorization.agent_auth_configuration import AgentAuthConfiguration
from microsoft_agents.hosting.core.authorization.auth_types import AuthTypes
from microsoft_agents.hosting.core.authorization.jwt import JwtTokenValidator

from bot.teams import limits
from bot.teams.keys import SigningKeys

ISSUER = "https://api.botframework.com"
"""Of tokens that the connector shows to bots."""

_REFUSED = re.compile(r"'error': '(\w+)'")


class AgentsCallers:
    """Checks the token of a call to an app against Microsoft's keys."""

    def __init__(self, app_id: str | None, keys: SigningKeys) -> None:
        self._keys = keys
        self._validator = JwtTokenValidator(
            AgentAuthConfiguration(client_id=app_id, issuers=[ISSUER], validate_issuer=True)
        )
        self._validator._jwk_client_manager = _OurKeys(keys)  # type: ignore[assignment]

    async def service_url(self, header: str | None, channel: str) -> str | None:
        """The connector that a good token was made for. Whatever the SDK raises for a bad one."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.casefold() != "bearer":
            raise PermissionError("no bearer token")
        identity = await self._validator.validate_token(token)
        if identity.get_claim_value("iss") != ISSUER:
            raise PermissionError("issuer")
        key = await self._keys.get(jwt.get_unverified_header(token)["kid"])  # the one that has just been checked
        if channel not in key.endorsements:
            raise PermissionError("endorsement")
        found: str | None = identity.get_claim_value("serviceurl")
        return found


class _OurKeys:
    """Takes the place of the SDK's `_JwkClientManager`, which waits for Microsoft in a thread."""

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys

    async def get_signing_key(self, jwks_uri: str, header: dict[str, Any]) -> Any:  # noqa: ARG002
        """The key that a token names. PermissionError for an unknown one."""
        return (await self._keys.get(header.get("kid"))).public_key


class AgentsCredentials:
    """The app's credentials; MSAL keeps the token as long as it lives."""

    def __init__(self, app_id: str | None, password: str, tenant: str | None) -> None:
        self._provider = MsalAuth(
            AgentAuthConfiguration(
                auth_type=AuthTypes.client_secret,
                client_id=app_id,
                client_secret=password,
                tenant_id=tenant or "botframework.com",
            )
        )

    async def get_access_token(self, scope: str) -> str:
        """A token. PermissionError when Microsoft gives none."""
        try:
            async with asyncio.timeout(limits.CALL_SECONDS):  # MSAL is given none
                token: str = await self._provider.get_access_token(scope, [scope])
                return token
        except ValueError as error:
            if refused := _REFUSED.search(str(error)):
                raise PermissionError(refused[1]) from None
            raise
