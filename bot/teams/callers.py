"""Whether a caller is Microsoft, as botbuilder sees it. The one home of botbuilder, used as token validator only."""

from __future__ import annotations

from botframework.connector.auth import (  # type: ignore[import-untyped]
    AuthenticationConstants,
    ChannelValidation,
    JwtTokenExtractor,
    SimpleCredentialProvider,
)

from bot.teams.keys import SigningKeys


class BotbuilderCallers:
    """Checks the token of a call to an app against Microsoft's keys."""

    def __init__(self, app_id: str | None, keys: SigningKeys) -> None:
        self._extractor = JwtTokenExtractor(
            ChannelValidation.TO_BOT_FROM_CHANNEL_TOKEN_VALIDATION_PARAMETERS,
            "",
            AuthenticationConstants.ALLOWED_SIGNING_ALGORITHMS,
        )
        self._extractor.open_id_metadata = keys
        self._apps = SimpleCredentialProvider(app_id, "")

    async def service_url(self, header: str | None, channel: str) -> str | None:
        """The connector that a good token was made for. Whatever botbuilder raises for a bad one."""
        identity = await self._extractor.get_identity_from_auth_header(header, channel)
        await ChannelValidation.validate_identity(identity, self._apps)
        found: str | None = identity.get_claim_value(ChannelValidation.SERVICE_URL_CLAIM)
        return found
