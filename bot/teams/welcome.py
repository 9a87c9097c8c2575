"""Says hello where the app was added: once, and to nobody in particular where there are several."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.plug import Answer
from bot.recent import Recent
from bot.teams.activity import Activity
from bot.teams.sending import Sending
from bot.teams.turns import turn_of
from content.texts import Texts
from handlers.intent import StartHere
from handlers.reply import Note, Reply, Text

REMEMBERED: Final = 10_000
"""Conversations that were greeted, remembered while the process runs."""


class Welcome:
    """Greets conversations. Teams tells of an installation twice, in either order."""

    def __init__(self, answer: Answer, texts: Texts, sending: Sending) -> None:
        self._answer = answer
        self._texts = texts
        self._sending = sending
        self._greeted = Recent[tuple[str, str], bool](REMEMBERED)

    async def greet(self, activity: Activity) -> None:
        """Say hello once: in a personal chat what the coach does and how to stop it, elsewhere one line."""
        key = (activity.person.tenant, activity.conversation.id)
        if activity.type == "installationUpdate" and activity.action != "add":
            if activity.action and activity.action.startswith("remove"):
                self._greeted.drop(key)
            return
        if activity.type == "conversationUpdate" and all(
            member.id != activity.recipient.id for member in activity.members_added or ()
        ):
            return
        if self._greeted.put(key, True):
            return
        try:
            await self._send(activity)
        except Exception:
            self._greeted.drop(key)
            raise

    async def _send(self, activity: Activity) -> None:
        voice = self._texts.voice(activity.lang)
        if activity.place.shared:
            await self._sending.send(activity, Reply((Text(voice("teams.hello")),), lang=voice.lang))
            return
        start = await self._answer(turn_of(activity, intent=StartHere()))
        how_to_stop = Note(self._texts.voice(start.lang)("teams.welcome"))
        await self._sending.send(activity, replace(start, blocks=(*start.blocks, how_to_stop)))
