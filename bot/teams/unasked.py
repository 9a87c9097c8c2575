"""What the coach writes to people in Teams who have not just written to it."""

from __future__ import annotations

import datetime
from typing import Final, Literal

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.recent import Recent
from bot.teams.client import BUSY_SECONDS, Address, Blocked, Broken, Client, Failed, Gone, NoToken, NotTaken, TooBig
from bot.teams.connector import Connector
from bot.teams.render import render
from content.texts import Texts
from handlers import errors, records
from handlers.errors import InDoubt, Refused, TryLater
from handlers.reply import Reply
from handlers.turn import Person, Place

CHATS: Final = 10_000
"""Opened chats that are remembered while the process runs."""

LATER_SECONDS: Final = 15.0
"""How long to wait when the connector does not say how long."""

REFUSED_SECONDS: Final = 3600.0
"""How long to wait when Microsoft or a tenant refuses the bot; someone has to do something about it first."""

PERSONAL: Final = frozenset(
    {"", "BotNotInConversationRoster", "ConversationBlockedByUser", "Forbidden", "MessageWritesBlocked"}
)
"""Codes of a 403 that concern one person, who has blocked the bot or does not have it; often there is none."""

GENERAL: Final = frozenset({"BotDisabledByAdmin", "BotNotRegistered", "InvalidBotApiHost", "NotEnoughPermissions"})
"""Codes of a 403 that concern the whole tenant.

learn.microsoft.com/microsoftteams/platform/bots/build-notification-capability
"""

log = structlog.get_logger()


class Stored(BaseModel):
    """An address as `bot.teams.turns` makes it."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    service_url: str
    tenant_id: str
    bot_id: str
    user: str
    conversation_id: str | None = None


class Unasked:
    """Teams as a `handlers.ports.Platform`: everything goes to personal chats. `client` makes each call once."""

    name = "teams"
    can_find = False

    def __init__(self, client: Client, connector: Connector, texts: Texts) -> None:
        self._client = client
        self._connector = connector
        self._texts = texts
        self._chats = Recent[tuple[str, str, str], str](CHATS)

    async def place(self, person: Person, address: records.Address | None) -> Place:
        """The personal chat of the address, or the one that is there or opened."""
        if not self._connector.serves(person.tenant):
            log.error("teams_tenant_not_served", tenant=person.tenant)
            raise TryLater(REFUSED_SECONDS)
        to = read_address(address, self._connector)
        return Place(to.conversation_id or self._chats.get(_key(to)) or await self._open(to))

    async def is_away(self, person: Person) -> bool:  # noqa: ARG002
        """Never: a bot is not told."""
        return False

    async def language(self, person: Person) -> str | None:  # noqa: ARG002
        """None: a bot is told only with what a person writes."""
        return None

    async def send(
        self,
        person: Person,  # noqa: ARG002
        place: Place,
        address: records.Address | None,
        reply: Reply,
        mark: str,
    ) -> str:
        """Post a reply; when the chat is not there any more, to the one that is opened instead."""
        to = read_address(address, self._connector)
        try:
            return await self._post(to, place.id, reply)
        except (Gone, Blocked) as error:
            # The bot may have been registered anew, and with it everybody's chat.
            if error.status == 403 and error.code != "BotNotInConversationRoster":
                raise
            chat = await self._open(to)
            if chat == place.id:
                raise
            log.info("teams_chat_opened_again", mark=mark)
            return await self._post(to, chat, reply)

    async def find(
        self,
        person: Person,  # noqa: ARG002
        place: Place,  # noqa: ARG002
        mark: str,  # noqa: ARG002
        since: datetime.datetime,  # noqa: ARG002
    ) -> str | Literal["absent"] | None:
        """None: a bot does not read what stands in a chat."""
        return None

    async def _post(self, to: Stored, chat: str, reply: Reply) -> str:
        message = render(reply, self._texts.voice(reply.lang)) | {
            "from": {"id": to.bot_id},
            "recipient": {"id": to.user},
            "conversation": {"id": chat, "conversationType": "personal", "tenantId": to.tenant_id},
            "channelData": {"tenant": {"id": to.tenant_id}},
        }
        try:
            return await self._client.send(_connector_address(to, chat), message)
        except (NotTaken, Blocked, Failed, TooBig) as error:
            raise outcome(error) from None

    async def _open(self, to: Stored) -> str:
        """Open the chat with a person; there is but one, however often it is opened."""
        try:
            chat = await self._client.open_personal(_connector_address(to, ""), to.user)
        except (NotTaken, Blocked, Failed) as error:
            meaning = outcome(error)
            raise (TryLater(LATER_SECONDS) if isinstance(meaning, InDoubt) else meaning) from None
        self._chats.put(_key(to), chat.conversation_id)
        return chat.conversation_id


def read_address(address: records.Address | None, connector: Connector) -> Stored:
    """The parts of an address. Gone when there is none that a token may be sent to."""
    try:
        to = Stored.model_validate(address)
    except ValidationError as error:
        raise errors.Gone("no address") from error
    if not connector.knows(to.service_url):
        raise errors.Gone("service URL")
    return to


def outcome(error: NotTaken | Blocked | Failed | TooBig) -> Exception:
    """The error that tells what a failure of one call means: try later, not this, never again, or nobody knows."""
    match error:
        case NotTaken(sure=True):
            return TryLater(error.seconds if error.seconds > BUSY_SECONDS else LATER_SECONDS)
        case NoToken():
            log.error("teams_no_token", why=str(error))
            return TryLater(LATER_SECONDS)
        case NotTaken() | Broken():
            return InDoubt(str(error))
        case Blocked(code=code) if code in PERSONAL:
            return error
        case Blocked(code=code) if code not in GENERAL:
            # Of what is not known nobody's nudge ends, nor does everybody's wait.
            return Refused(str(error).rstrip())
        case Blocked() | Failed(status=401):
            log.error("teams_refuses_the_bot", why=str(error))
            return TryLater(REFUSED_SECONDS)
    return Refused(str(error).rstrip())


def _connector_address(to: Stored, chat: str) -> Address:
    return Address(to.service_url, chat, "personal", to.tenant_id, to.bot_id)


def _key(to: Stored) -> tuple[str, str, str]:
    return to.tenant_id, to.bot_id, to.user
