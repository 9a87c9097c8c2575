"""An activity as Teams posts it: the fields that matter, straight from the JSON."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from bot.teams import limits
from bot.teams.client import Address
from bot.text import clean, named
from handlers import zones
from handlers.turn import Mention, Person, Place

_AT = re.compile(r"</?at\b[^>]*>", re.IGNORECASE)
_EMBEDDED = re.compile(r"</?(?:span|attachment)\b[^>]*>", re.IGNORECASE)
"""What stands in a text where a card is shown in it."""
_COMMAND = re.compile(r"/(?:career-?coach\s+)?/?skill\b\s*", re.IGNORECASE)


Key = tuple[str, str, str, str]

CARD: Final = "application/vnd.microsoft.card.adaptive"
"""The content type of an Adaptive Card."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class Account(_Model):
    """A person or the bot; `id` differs from bot to bot, `aad_object_id` is the directory's."""

    id: str = Field(default="", max_length=500)
    name: str | None = None
    aad_object_id: str | None = Field(default=None, max_length=100)
    is_targeted: bool | None = None


class Conversation(_Model):
    """Where it happened; in a channel the id names the thread too."""

    id: str = Field(min_length=1, max_length=1000)
    conversation_type: str | None = None
    is_group: bool | None = None
    tenant_id: str | None = None


class _Tenant(_Model):
    id: str | None = None


class _Team(_Model):
    id: str | None = Field(default=None, max_length=500)


class _Channel(_Model):
    type: str | None = None


class _Attachment(_Model):
    content_type: str | None = None


class _ChannelData(_Model):
    tenant: _Tenant | None = None
    team: _Team | None = None
    channel: _Channel | None = None


def read_json(body: bytes) -> Any:
    """The value of a JSON text, without half characters: they are legal in JSON and nowhere else. ValueError."""
    try:
        value = json.loads(body)
        if b"\\u" in body:
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


class Activity(_Model):
    """Something that happened in Teams. pydantic.ValidationError when the JSON has another shape."""

    type: str
    id: str | None = Field(default=None, max_length=500)
    name: str | None = None
    action: str | None = None
    channel_id: str | None = None
    service_url: str = Field(max_length=1000)
    sender: Account = Field(default=Account(), alias="from")
    recipient: Account = Account()
    conversation: Conversation
    text: str | None = None
    value: Any = None
    reply_to_id: str | None = Field(default=None, max_length=500)
    locale: str | None = None
    local_timezone: str | None = None
    entities: list[dict[str, Any]] | None = None
    attachments: list[_Attachment] | None = None
    members_added: list[Account] | None = None
    channel_data: _ChannelData | None = None

    @property
    def tenants(self) -> frozenset[str]:
        """Every tenant the activity claims to be from: one, unless something is wrong."""
        data = self.channel_data
        named = (self.conversation.tenant_id, data.tenant.id if data and data.tenant else None)
        return frozenset(tenant.lower() for tenant in named if tenant)

    @property
    def key(self) -> Key | None:
        """The same for every delivery of the activity, when it has an id; Teams repeats one when it waits for long."""
        return (self.type, self.conversation.id, self.person.user, self.id) if self.id else None

    @property
    def person(self) -> Person:
        """Who did it."""
        user = self.sender.aad_object_id or self.sender.id
        return Person(platform="teams", tenant=min(self.tenants, default=""), user=user)

    @property
    def place(self) -> Place:
        """Where it happened."""
        kind = self.conversation.conversation_type
        shared = bool(self.conversation.is_group) or kind not in (None, "personal")
        return Place(id=self.conversation.id, shared=shared)

    @property
    def room(self) -> str:
        """The channel, without the thread, or the group chat; nothing in a personal chat."""
        return self.conversation.id.partition(";")[0] if self.place.shared else ""

    @property
    def group(self) -> str:
        """The team that a channel belongs to, unless the channel has people of its own."""
        data = self.channel_data
        own = data and data.channel and data.channel.type in ("private", "shared")
        return "" if own or not (data and data.team and self.place.shared) else data.team.id or ""

    @property
    def address(self) -> Address:
        """Where to answer."""
        return Address(
            service_url=self.service_url,
            conversation_id=self.conversation.id,
            conversation_type=self.conversation.conversation_type or "personal",
            tenant_id=min(self.tenants, default=""),
            bot_id=self.recipient.id,
        )

    @property
    def targeted(self) -> bool:
        """Whether only the sender saw it: a slash command in a shared place."""
        return bool(self.recipient.is_targeted)

    @property
    def lang(self) -> str | None:
        """The language of the person's client."""
        return self.locale or self._client("locale")

    @property
    def zone(self) -> str | None:
        """The person's time zone, as an IANA name."""
        name = self.local_timezone or self._client("timezone")
        return zones.find_zone(name) if name else None

    @property
    def words(self) -> str:
        """What the person typed, without the mention of the bot; others' names stay, marked as `handlers.turn` says."""
        text = _EMBEDDED.sub(" ", self.text or "") if self._has_card else self.text or ""
        for about, shown in self._mentions():
            if about["id"] == self.recipient.id:
                text = text.replace(shown, " ", 1) if shown else text
            elif _AT.match(shown):
                mark: Literal["@", "#"] = "#" if self._kind(about) == "channel" else "@"
                text = text.replace(shown, named(mark, _name(shown)), 1)
        return " ".join(html.unescape(_AT.sub("", text)).split())[: limits.WORDS]

    @property
    def is_card(self) -> bool:
        """Whether somebody put a card of a search into their chat with the bot, and said nothing with it."""
        return self._has_card and self.value is None and not self.words

    @property
    def mentioned(self) -> tuple[Mention, ...]:
        """Whom the words mention but the bot. A name of several words may come as several mentions."""
        found: dict[str, Mention] = {}
        for about, shown in self._mentions():
            if about["id"] != self.recipient.id:
                found.setdefault(about["id"], Mention(self._kind(about), about["id"], _name(shown)))
        return tuple(found.values())

    @property
    def _has_card(self) -> bool:
        return any(each.content_type == CARD for each in self.attachments or ())

    def without_command(self) -> tuple[str, bool]:
        """The words after `/skill` or `/career-coach skill`, and whether it was there."""
        words = self.words
        command = _COMMAND.match(words)
        return (words[command.end() :], True) if command else (words, self.targeted)

    def _mentions(self) -> Iterator[tuple[dict[str, Any], str]]:
        """What is told of each that is mentioned, with an id at least, and how the mention stands in the text."""
        for mention in self._entities("mention"):
            about, shown = mention.get("mentioned"), mention.get("text")
            if isinstance(about, dict) and isinstance(shown, str) and isinstance(about.get("id"), str) and about["id"]:
                yield about, shown

    def _kind(self, about: dict[str, Any]) -> Literal["person", "group", "channel"]:
        """A team has the id of its first channel."""
        if about.get("type") in ("tag", "team") or about["id"] == self.group:
            return "group"
        return "channel" if about["id"].startswith("19:") else "person"

    def _client(self, field: str) -> str | None:
        values = (entity.get(field) for entity in self._entities("clientInfo"))
        return next((value for value in values if isinstance(value, str) and value), None)

    def _entities(self, kind: str) -> list[dict[str, Any]]:
        return [entity for entity in self.entities or () if entity.get("type") == kind]


def _name(shown: str) -> str:
    """The name in a mention."""
    return clean(" ".join(html.unescape(_AT.sub("", shown)).split()))
