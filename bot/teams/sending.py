"""Replies on their way to Teams: to the room, in the place of a card, or to one person alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import structlog

from bot.recent import Recent
from bot.teams.activity import Activity
from bot.teams.client import UNSENT, Address, Broken, Client, Failed, Json
from bot.teams.consent import offer
from bot.teams.feedback import Rated, thumbs
from bot.teams.render import render
from bot.teams.turns import asker
from content.texts import Texts, Voice
from handlers.errors import Gone
from handlers.reply import Audience, Note, Reply, Text

CHATS: Final = 10_000
"""Personal chats that are remembered while the process runs."""

NOT_THERE: Final = frozenset({501})
"""Statuses from 500 on after which it is certain that nothing was sent."""

log = structlog.get_logger()


class Sending:
    """Sends replies to activities. Each call may end with what `client.UNSENT` names."""

    def __init__(self, client: Client, texts: Texts) -> None:
        self._client = client
        self._texts = texts
        self._chats = Recent[tuple[str, str, str], Address](CHATS)
        self.rated = Rated()

    async def send(self, activity: Activity, reply: Reply, *, in_place_of: str | None = None) -> None:
        """Send a reply to where the activity came from, in the place of an earlier message if there is one."""
        alone = activity.targeted and reply.audience is not Audience.ROOM
        message = _envelope(activity) | self._render(activity, reply) | ({} if alone else thumbs(reply))
        if in_place_of and await self._update(activity, in_place_of, message):
            self.rated.put(activity.conversation.id, in_place_of, reply)
        elif alone:
            await self._whisper(activity, message, reply)
        else:
            sent = await self._client.send(activity.address, message)
            self.rated.put(activity.conversation.id, sent, reply)
        await self.offer_files(activity, reply)

    async def _whisper(self, activity: Activity, message: Json, reply: Reply) -> None:
        """Send a message that only the sender of the activity sees; to their personal chat where Teams does not do so.

        Not every client and conversation has such messages, and the rules for them still change.
        """
        try:
            await self._client.send(activity.address, message, targeted=True)
        except (Gone, Failed) as refused:
            if isinstance(refused, Broken) and refused.status not in NOT_THERE:
                raise
            log.info("teams_not_targeted", why=str(refused), conversation=activity.conversation.id)
            voice = self._texts.voice(reply.lang)
            if await self._send_to_chat(activity, reply, "teams.from-command"):
                return
            # To everybody, because there is no other way left; so it tells neither who asked nor what.
            line = {"type": "message", "text": voice("teams.not-here"), "from": {"id": activity.recipient.id}}
            await self._client.send(activity.address, line)

    async def put(self, activity: Activity, message: Json) -> None:
        """Put a message in the place of the one that was pressed, or below where that one is gone."""
        message = _envelope(activity) | message
        if not (activity.reply_to_id and await self._update(activity, activity.reply_to_id, message)):
            await self._client.send(activity.address, message)

    async def send_line(self, activity: Activity, line: str) -> None:
        """Send one line of text to where the activity came from, and to whom."""
        message = _envelope(activity) | {"type": "message", "text": line}
        if activity.targeted:
            await self._whisper(activity, message, Reply((Text(line),), lang=self._texts.voice(activity.lang).lang))
        else:
            await self._client.send(activity.address, message)

    async def send_personally(self, activity: Activity, reply: Reply) -> str:
        """Send a reply to the sender's personal chat; returns the line that tells the room so."""
        sent = await self._send_to_chat(activity, reply, "teams.from-room")
        return self._texts.voice(reply.lang)("teams.privately" if sent else "teams.write-me")

    async def _send_to_chat(self, activity: Activity, reply: Reply, why: str) -> bool:
        """Whether a reply was sent to the sender's personal chat, with a line about why it comes there."""
        blocks = (Note(self._texts.voice(reply.lang)(why)), *reply.blocks)
        message = self._render(activity, replace(reply, blocks=blocks), share=False) | thumbs(reply)
        sender = {"from": {"id": activity.recipient.id}}
        try:
            chat = await self._personal_chat(activity)
            self.rated.put(chat.conversation_id, await self._client.send(chat, message | sender), reply)
        except Gone as gone:
            log.info("teams_no_personal_chat", why=str(gone), conversation=activity.conversation.id)
            return False
        await self._offer(chat, reply, sender)
        return True

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
            await self._client.update(activity.address, message_id, message, targeted=activity.targeted)
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

    def _render(self, activity: Activity, reply: Reply, *, share: bool = True) -> Json:
        voice: Voice = self._texts.voice(reply.lang)
        names = {activity.person.user: activity.sender.name} if activity.sender.name else {}
        return render(reply, voice, share=share and activity.targeted, names=names, asker=asker(activity))


def _envelope(activity: Activity) -> Json:
    """The parts of a message that make it an answer to an activity."""
    return {
        "from": {"id": activity.recipient.id, "name": activity.recipient.name or ""},
        "recipient": {"id": activity.sender.id},
        "conversation": {"id": activity.conversation.id},
        **({"replyToId": activity.id} if activity.id and activity.type == "message" else {}),
    }
