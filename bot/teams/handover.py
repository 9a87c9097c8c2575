"""Hands files over in personal chats: offered first, then made anew and put where Teams says."""

from __future__ import annotations

from pathlib import PurePath

import structlog
from pydantic import ValidationError

from bot.plug import Answer
from bot.teams.activity import Activity
from bot.teams.client import UNSENT, Client
from bot.teams.consent import Consent, Upload, handed_over, read_offer
from bot.teams.hosts import FILES, is_at
from bot.teams.sending import Sending
from bot.teams.turns import turn_of
from content.texts import Texts
from handlers.intent import AskPrivacy, Intent, ShowPacket
from handlers.reply import File

log = structlog.get_logger()


class Handover:
    """Does what a person answered to the offer of a file. Nothing of the file is kept in between."""

    def __init__(self, answer: Answer, texts: Texts, client: Client, sending: Sending, *, loopback: bool) -> None:
        self._answer = answer
        self._texts = texts
        self._client = client
        self._sending = sending
        self._loopback = loopback
        self._busy: set[tuple[str, str | None]] = set()

    async def hand_over(self, activity: Activity) -> None:
        """Put the file where Teams says, or take the offer back; a second press meanwhile does nothing."""
        offer = (activity.conversation.id, activity.reply_to_id or activity.id)
        if offer in self._busy:
            return
        self._busy.add(offer)
        try:
            if said := await self._hand_over(activity):
                await self._sending.send_line(activity, self._texts.voice(activity.lang)(said))
        finally:
            self._busy.discard(offer)

    async def _hand_over(self, activity: Activity) -> str | None:
        """What to say where it did not work; the offer then stays."""
        try:
            consent = Consent.model_validate(activity.value)
        except ValidationError:
            return "teams.file-gone"
        if consent.action == "decline":
            line = self._texts.voice(activity.lang)("teams.file-declined")
            await self._sending.put(activity, {"type": "message", "text": line, "attachments": []})
            return None
        file, upload = await self._make(activity, consent), consent.upload_info
        if file is None or upload is None:
            log.info("teams_file_gone", conversation=activity.conversation.id)
            return "teams.file-gone"
        if not await self._upload(activity, upload, file):
            return "teams.file-failed"
        await self._sending.put(activity, handed_over(upload))
        return None

    async def _make(self, activity: Activity, consent: Consent) -> File | None:
        """The file as it is now, of the one who pressed."""
        try:
            asked, name = read_offer(consent.context)
        except ValueError:
            return None
        if not _makes_files(asked):
            return None
        reply = await self._answer(turn_of(activity, intent=asked))
        # Its name may tell the day, and the offer may be older; a page has one file of each kind.
        alike = (file for file in reply.files if PurePath(file.name).suffix == PurePath(name).suffix)
        return next(alike, None)

    async def _upload(self, activity: Activity, upload: Upload, file: File) -> bool:
        content = file.content.encode()
        ids = {"conversation": activity.conversation.id, "activity": activity.id}
        if not all(is_at(url, FILES, loopback=self._loopback) for url in (upload.upload_url, upload.content_url)):
            log.warning("teams_file_not_saved", why="address", **ids)
            return False
        try:
            await self._client.upload(upload.upload_url, content, file.kind)
        except UNSENT as error:
            log.warning("teams_file_not_saved", error=type(error).__name__, why=str(error), **ids)
            return False
        log.info("teams_file_saved", bytes=len(content), **ids)
        return True


def _makes_files(asked: Intent) -> bool:
    """Whether an offer may ask this: what comes back with one was in other hands, and changes nothing."""
    match asked:
        case ShowPacket() | AskPrivacy(export=True, forget=False):
            return True
    return False
