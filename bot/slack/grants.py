"""Which token goes with which workspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from slack_bolt.async_app import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.payload import as_string


@dataclass(frozen=True, slots=True)
class Grant:
    """What the app has where it is installed: a token, and who it is there.

    `tenant` is the workspace, or the organization (`org`) where the app is installed in the whole of it. Without a
    `token` nothing can be called, but what needs none is answered.
    """

    tenant: str
    token: str = field(default="", repr=False)
    bot_id: str = ""
    bot_user: str = ""
    org: bool = False


class Grants(Protocol):
    """The grants of this process."""

    async def find(self, enterprise: str, team: str, *, org: bool) -> Grant | None:
        """What a request of a workspace is answered with, None where the app is not installed.

        `org` is whether Slack says that the whole organization has it. Unavailable.
        """

    async def of(self, tenant: str) -> Grant:
        """A grant with a token that is good for now. TryLater, of which NotAllowed is one, and Unavailable."""

    def doubt(self, tenant: str) -> None:
        """Look again next time: Slack did not take the token."""

    def serves(self, tenant: str) -> bool:
        """Whether the tokens are those of a workspace, as far as it is known at once."""

    def open(self, web: AsyncWebClient) -> None:
        """Exchange tokens through a client that tries once: what they are exchanged by is good once."""

    async def stop(self) -> None:
        """Finish what is under way."""


class OneToken:
    """The token of the settings, whichever workspace it is of."""

    def __init__(self, token: str) -> None:
        self._grant = Grant("", token)
        self._tenants: frozenset[str] = frozenset()

    def learn(self, answer: Mapping[str, Any]) -> frozenset[str]:
        """Keep what `auth.test` tells of the token; the workspace and the organization it is of."""
        bot_id, bot_user = (as_string(answer.get(name)) for name in ("bot_id", "user_id"))
        self._grant = Grant("", self._grant.token, bot_id, bot_user)
        self._tenants = frozenset(filter(None, (as_string(answer.get(n)) for n in ("team_id", "enterprise_id"))))
        return self._tenants

    async def find(self, enterprise: str, team: str, *, org: bool) -> Grant:
        """The one grant, whoever asks."""
        tenant = (enterprise or team) if org else (team or enterprise)
        return Grant(tenant, self._grant.token, self._grant.bot_id, self._grant.bot_user)

    async def of(self, tenant: str) -> Grant:  # noqa: ARG002
        """The one grant."""
        return self._grant

    def doubt(self, tenant: str) -> None:
        """There is no other token to look for."""

    def serves(self, tenant: str) -> bool:
        """Whether it is the token's workspace; every one may be until Slack has said."""
        return not self._tenants or tenant in self._tenants

    def open(self, web: AsyncWebClient) -> None:
        """There is nothing to exchange."""

    async def stop(self) -> None:
        """Nothing is under way."""


def grant_of(context: AsyncBoltContext) -> Grant:
    """What `bot.slack.admission` found for a request."""
    found = context["grant"]
    assert isinstance(found, Grant)
    return found
