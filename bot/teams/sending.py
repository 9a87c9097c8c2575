"""Replies on their way to Teams: to the room, in the place of a card, or to one person alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import structlog

from bot.recent import Recent
from bot.teams.activity import Activity
from bot.teams.client import UNSENT, Address, Client, Failed, Json
from bot.teams.consent import offer
from bot.teams.render import render
from bot.teams.turns import asker
from content.texts import Texts, Voice
from handlers.errors import Gone
from handlers.reply import Audience, Note, Reply

CHATS: Final = 10_000
"""Personal chats that are remembered while the process runs."""

log = structlog.get_logger()


class Sending:
    """Sends replies to activities. Each call may end with what `client.UNSENT` names."""

    def __init__(self, client: Client, texts: Texts) -> None:
        self._client = client
        self._texts = texts
        self._chats = Recent[tuple[str, str, str], Address](CHATS)

    async def send(self, activity: Activity, reply: Reply, *, in_place_of: str | None = None) -> None:
        """Send a reply to where the activity came from, in the place of an earlier message if there is one."""
        public = reply.audience is Audience.ROOM
        message = _envelope(activity) | self._render(activity, reply)
        if not (in_place_of and await self._update(activity, in_place_of, message)):
            await self._client.send(activity.address, message, targeted=activity.targeted and not public)
        await self.offer_files(activity, reply)

    async def put(self, activity: Activity, message: Json) -> None:
        """Put a message in the place of the one that was pressed, or below where that one is gone."""
        message = _envelope(activity) | message
        if not (activity.reply_to_id and await self._update(activity, activity.reply_to_id, message)):
            await self._client.send(activity.address, message)

    async def send_line(self, activity: Activity, line: str) -> None:
        """Send one line of text to where the activity came from, and to whom."""
        message = _envelope(activity) | {"type": "message", "text": line}
        await self._client.send(activity.address, message, targeted=activity.targeted)

    async def send_personally(self, activity: Activity, reply: Reply) -> str:
        """Send a reply to the sender's personal chat; returns the line that tells the room so."""
        voice = self._texts.voice(reply.lang)
        where_from = Note(voice("teams.from-room"))
        message = self._render(activity, replace(reply, blocks=(where_from, *reply.blocks)))
        try:
            chat = await self._personal_chat(activity)
            await self._client.send(chat, message | {"from": {"id": activity.recipient.id}})
        except Gone as gone:
            log.info("teams_no_personal_chat", why=str(gone), conversation=activity.conversation.id)
            return voice("teams.write-me")
        await self._offer(chat, reply, {"from": {"id": activity.recipient.id}})
        return voice("teams.privately")

    async def offer_files(self, activity: Activity, reply: Reply) -> None:
        """Offer the files of a reply that was sent to a personal chat, each in a message of its own."""
        await self._offer(activity.address, reply, _envelope(activity))

    async def _offer(self, chat: Address, reply: Reply, envelope: Json) -> None:
        """Offer files; a page that has arrived is not sent again because an offer has not."""
        if reply.asked is None:
            return
        for file in reply.files:
            try:
                await self._client.send(chat, envelope | offer(file, reply.asked))
            except UNSENT as error:
                why = {"error": type(error).__name__, "why": str(error)}
                log.warning("teams_file_not_offered", conversation=chat.conversation_id, **why)

    async def _update(self, activity: Activity, message_id: str, message: Json) -> bool:
        """Whether the message took the place of an earlier one."""
        try:
            await self._client.update(activity.address, message_id, message)
        except (Gone, Failed):
            log.info("teams_not_updated", conversation=activity.conversation.id)
            return False
        return True

    async def _personal_chat(self, activity: Activity) -> Address:
        address = activity.address
        key = (address.tenant_id, address.bot_id, activity.sender.id)
        chat = self._chats.get(key)
        if chat is None or chat.service_url != address.service_url:
            chat = await self._client.open_personal(address, activity.sender.id)
            self._chats.put(key, chat)
        return chat

    def _render(self, activity: Activity, reply: Reply) -> Json:
        voice: Voice = self._texts.voice(reply.lang)
        names = {activity.person.user: activity.sender.name} if activity.sender.name else {}
        return render(reply, voice, share=activity.targeted, names=names, asker=asker(activity))


def _envelope(activity: Activity) -> Json:
    """The parts of a message that make it an answer to an activity."""
    return {
        "from": {"id": activity.recipient.id, "name": activity.recipient.name or ""},
        "recipient": {"id": activity.sender.id},
        "conversation": {"id": activity.conversation.id},
        **({"replyToId": activity.id} if activity.id and activity.type == "message" else {}),
    }
