"""What is kept about a person, and forgetting it."""

from __future__ import annotations

from content.texts import Voice
from handlers.intent import AskPrivacy
from handlers.phrase import level_name, role_name, rung
from handlers.ports import Desk, Subject
from handlers.profile import facts_of
from handlers.reply import Button, Buttons, Facts, Heading, Reply, Text
from handlers.turn import Turn


async def ask_privacy(intent: AskPrivacy, turn: Turn, desk: Desk) -> Reply:
    """Everything that is kept, readable; or asks once, then erases and says what was erased."""
    voice = desk.voice(turn.lang)
    if intent.forget and intent.sure:
        return await _erase(turn, desk, voice)
    if intent.forget:
        buttons = (
            Button(voice("privacy.yes"), AskPrivacy(forget=True, sure=True), "danger"),
            Button(voice("privacy.no"), AskPrivacy()),
        )
        return Reply((Text(voice("privacy.sure")), Buttons(buttons)))
    return await _show(turn, desk, voice)


async def _erase(turn: Turn, desk: Desk, voice: Voice) -> Reply:
    records = await desk.store.forget(turn.person)
    if not records:
        return Reply((Text(voice("privacy.erased-nothing")),))
    day = voice.date(desk.now().date())
    return Reply((Text(voice("privacy.erased", count=records, date=day)),))


async def _show(turn: Turn, desk: Desk, voice: Voice) -> Reply:
    profile = await desk.store.profile(turn.person)
    subject = await desk.store.subject(turn.person, turn.place, desk.now())
    rows = facts_of(desk, voice, profile) if profile else ()
    lang = (subject and subject.lang) or (profile and profile.lang)
    if lang:
        rows = (*rows, (voice("privacy.language"), voice.language(lang)))
    spoken = _spoken_of(desk, voice, subject) if subject else ""
    if spoken:
        rows = (*rows, (voice("privacy.subject"), spoken))
    heading, where = Heading(voice("privacy.title")), Text(voice("privacy.where"))
    if not rows:
        return Reply((heading, Text(voice("privacy.nothing")), where))
    forget = Buttons((Button(voice("privacy.forget"), AskPrivacy(forget=True), "danger"),))
    return Reply((heading, Text(voice("privacy.held")), Facts(rows), where, forget))


def _spoken_of(desk: Desk, voice: Voice, subject: Subject) -> str:
    role = subject.role if subject.role in desk.matrix.roles else None
    level = subject.level if subject.level in desk.matrix.levels else None
    if role and level:
        return rung(desk, voice, role, level)
    if role:
        return role_name(desk, voice, role)
    return level_name(desk, voice, level) if level else ""
