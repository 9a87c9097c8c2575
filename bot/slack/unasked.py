"""What the coach writes to people in Slack who have not just written to it."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal

import structlog

from bot.recent import Recent
from bot.slack import limits
from bot.slack.client import Client
from bot.slack.failures import LATER_SECONDS, REFUSED_SECONDS, NoConversation, NotAllowed
from bot.slack.mark import metadata, read_mark
from bot.slack.payload import as_dict, as_string, is_direct
from bot.slack.people import About, People
from bot.slack.render import Message, render
from bot.slack.sending import Json, Refused
from handlers.errors import Gone, InDoubt, TryLater
from handlers.records import Address
from handlers.reply import Reply
from handlers.turn import Person, Place

CONVERSATIONS: Final = 10_000
"""Opened conversations that are remembered while the process runs."""

WORKSPACES: Final = 10_000
"""Workspaces of which it is known until when they are not to be asked about people."""

log = structlog.get_logger()


class Unasked:
    """Slack as a `handlers.ports.Platform`: everything goes to the person's own conversation with the coach."""

    name = "slack"
    can_find = True

    def __init__(self, client: Client, people: People, now: Callable[[], float] = time.time) -> None:
        self._client = client
        self._people = people
        self._now = now
        self._opened = Recent[Person, str](CONVERSATIONS)
        self._ask_after = Recent[str, float](WORKSPACES)

    async def place(self, person: Person, address: Address | None) -> Place:
        """The conversation of the address, or the one that is there or opened."""
        if not self._client.grants.serves(person.tenant):
            # Somebody else's token tells nothing about a person.
            log.error("slack_token_of_another_workspace", tenant=person.tenant)
            raise TryLater(REFUSED_SECONDS)
        known = as_string((address or {}).get("channel"))
        return Place(known if is_direct(known) else self._opened.get(person) or await self._open(person))

    async def is_away(self, person: Person) -> bool:
        """Whether the person's status tells of a vacation; not, when Slack does not say."""
        return (await self._about(person)).away > self._now()

    async def language(self, person: Person) -> str | None:
        """The language that the person has chosen in Slack."""
        return (await self._about(person)).lang

    async def send(self, person: Person, place: Place, address: Address | None, reply: Reply, mark: str) -> str:  # noqa: ARG002
        """Post a reply. Its first message has the mark and decides; what fails of the others is not made up for."""
        first, *more = render(reply)
        marked = {"metadata": metadata(mark)}
        channel = place.id
        try:
            ts = await self._post(person, channel, first, marked)
        except NoConversation:
            # The app may have been made anew, and with it everybody's conversation.
            channel = await self._open(person)
            if channel == place.id:
                raise
            ts = await self._post(person, channel, first, marked)
        for message in more:
            try:
                await self._post(person, channel, message)
            except (TryLater, Gone, InDoubt, Refused) as error:
                log.warning("slack_message_cut_short", mark=mark, error=type(error).__name__)
                break
        return ts

    async def find(
        self, person: Person, place: Place, mark: str, since: datetime.datetime
    ) -> str | Literal["absent"] | None:
        """Look for the mark in the conversation."""
        arguments: Json = {
            "channel": place.id,
            "oldest": f"{since.timestamp():.6f}",
            "limit": limits.HISTORY,
            "include_all_metadata": "true",
        }
        for _ in range(limits.HISTORY_PAGES):
            try:
                page = await self._ask(person, "conversations.history", arguments)
            except Refused:
                return None
            except NotAllowed as error:
                if error.why != "missing_scope":
                    raise
                return None
            if not isinstance(page.get("messages"), list):
                return None
            bot_id = (await self._client.of(person.tenant).who()).bot_id
            for message in _ours(page, bot_id):
                if read_mark(message) == mark:
                    return as_string(message.get("ts"))
            cursor = as_string(as_dict(page.get("response_metadata")).get("next_cursor"))
            if not (page.get("has_more") is True and cursor):
                return "absent"
            arguments |= {"cursor": cursor}
        return None

    async def _post(self, person: Person, channel: str, message: Message, more: Mapping[str, Any] | None = None) -> str:
        body: Json = {"channel": channel, "text": message.text, "blocks": list(message.blocks)}
        body |= {"unfurl_links": False, "unfurl_media": False, **(more or {})}
        return as_string((await self._client.of(person.tenant).once("chat.postMessage", body)).get("ts"))

    async def _open(self, person: Person) -> str:
        answer = await self._ask(person, "conversations.open", {"users": person.user})
        channel = as_string(as_dict(answer.get("channel")).get("id"))
        if not channel:
            raise TryLater(LATER_SECONDS)
        self._opened.put(person, channel)
        return channel

    async def _about(self, person: Person) -> About:
        """What Slack says of a person; Gone when they have left."""
        about = self._people.fresh(person) or await self._look_up(person)
        if about.gone:
            raise Gone("deactivated")
        return about

    async def _look_up(self, person: Person) -> About:
        """What Slack says of a person now; while it does not, nothing is known of those not asked about."""
        if time.monotonic() < (self._ask_after.get(person.tenant) or 0.0):
            return About()
        try:
            answer = await self._ask(person, "users.info", {"user": person.user, "include_locale": "true"})
        except TryLater as later:
            self._ask_after.put(person.tenant, time.monotonic() + later.seconds)
            return About()
        except Refused:
            return About()
        return self._people.learn(person, as_dict(answer.get("user")))

    async def _ask(self, person: Person, method: str, arguments: Json) -> Mapping[str, Any]:
        """A call that may be made again without harm."""
        try:
            return await self._client.of(person.tenant).once(method, arguments, as_form=True)
        except InDoubt as error:
            raise TryLater(LATER_SECONDS) from error


def _ours(page: Mapping[str, Any], bot_id: str) -> Iterator[Mapping[str, Any]]:
    """The messages of a page of history that the bot wrote; of any bot, while it does not know its own id."""
    for message in page["messages"]:
        by = as_string(as_dict(message).get("bot_id"))
        if by and by == (bot_id or by):
            yield message
