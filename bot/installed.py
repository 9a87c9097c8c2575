"""What is known of a workspace in which the app was installed by OAuth, and who keeps it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tokens:
    """A token, and with token rotation the one that is exchanged for the next, and until when it is good."""

    token: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Bot:
    """Who the app is where it is installed: in a workspace, or in an organization as a whole (`org`)."""

    enterprise: str
    team: str
    org: bool
    bot_id: str
    bot_user: str
    scopes: tuple[str, ...]

    @property
    def tenant(self) -> str:
        """Whose people's data is kept together: the workspace's, or the organization's."""
        return self.enterprise if self.org else self.team


@dataclass(frozen=True, slots=True)
class Installed:
    """An installation. `tokens` is None when they cannot be decrypted, or when the app is `gone`.

    `version` grows with every change of the tokens. `trouble` is why Slack would not exchange them the last time.
    """

    bot: Bot
    tokens: Tokens | None
    version: int
    gone: bool = False
    trouble: str = ""

    @property
    def tenant(self) -> str:
        """The key."""
        return self.bot.tenant


@dataclass(frozen=True, slots=True)
class Survey:
    """How many installations there are, and what is wrong with them; `old_key` counts tokens under another first key.

    `troubled` are the tenants whose tokens Slack would not exchange, `scopes` what the app may do where.
    """

    installed: int = 0
    gone: int = 0
    unreadable: int = 0
    old_key: int = 0
    troubled: tuple[str, ...] = ()
    scopes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Installs(Protocol):
    """The installations. Every method but `now` is one transaction, and raises Unavailable as a `Store` does."""

    def now(self) -> datetime.datetime:
        """The time by which tokens end."""

    async def find(self, tenant: str) -> Installed | None:
        """What is known of a workspace or an organization, also when the app is gone from it."""

    async def save(self, bot: Bot, tokens: Tokens) -> None:
        """Keep an installation, in the place of an earlier one; letters that waited since it went go on."""

    async def claim(self, installed: Installed, until: datetime.datetime) -> bool:
        """Whether the caller alone exchanges these tokens, until an instant; false also when they are others by now."""

    async def renew(self, installed: Installed, tokens: Tokens) -> bool:
        """Put tokens into the place of others; false when these are not there any more, and then nothing is done."""

    async def fail(self, installed: Installed, why: str, until: datetime.datetime) -> None:
        """Let nobody exchange these tokens before an instant; `why` is Slack's reason, if it gave one."""

    async def leave(self, tenant: str, happened: datetime.datetime, version: int | None = None) -> bool:
        """Erase the tokens, and stop letters; false when the app was gone already, or has been installed since.

        With the `version` of the tokens that are good for nothing, others are left alone.
        """

    async def come_back(self, tenant: str) -> None:
        """Let letters go on where the app went, and is there again without having been installed by OAuth."""

    async def rest(self, tenant: str) -> bool:
        """Stop letters of a workspace whose people are served by its organization; false where there are none."""

    async def resume(self, tenant: str) -> bool:
        """Let letters go on in a workspace that answers by its own installation again; false where they did."""

    async def issue_state(self, key: str, until: datetime.datetime) -> None:
        """Keep what an installation that begins will be known by, until an instant."""

    async def use_state(self, key: str) -> bool:
        """Whether it was kept, and is not too old; it is not from then on."""
