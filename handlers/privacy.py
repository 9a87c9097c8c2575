"""What is kept about a person, and forgetting it."""

from __future__ import annotations

from collections.abc import Iterator

from content.texts import Voice
from handlers.intent import AskPrivacy
from handlers.phrase import level_name, role_name, rung
from handlers.ports import Desk
from handlers.profile import facts_of
from handlers.records import Profile, Subject
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
    return _show(turn, desk, voice)


async def _erase(turn: Turn, desk: Desk, voice: Voice) -> Reply:
    receipt = await desk.store.forget(turn.person, desk.now())
    if not receipt.total:
        return Reply((Text(voice("privacy.erased-nothing")),))
    day = voice.date(desk.now().date())
    return Reply((Text(voice("privacy.erased", count=receipt.total, date=day)),))


def _show(turn: Turn, desk: Desk, voice: Voice) -> Reply:
    rows = tuple(_told(turn, desk, voice))
    heading, where = Heading(voice("privacy.title")), Text(voice("privacy.where"))
    if not rows:
        return Reply((heading, Text(voice("privacy.nothing")), where))
    forget = Buttons((Button(voice("privacy.forget"), AskPrivacy(forget=True), "danger"),))
    return Reply((heading, Text(voice("privacy.held")), Facts(rows), where, forget))


def _told(turn: Turn, desk: Desk, voice: Voice) -> Iterator[tuple[str, str]]:
    """Who the person is, when they were here, and what they told of themselves."""
    known = turn.known
    profile, subject = known.profile, known.subject or Subject()
    if known.seen_on or subject != Subject():
        yield voice("privacy.id"), turn.person.user
    if known.seen_on:
        yield voice("privacy.seen"), voice.date(known.seen_on)
    if profile != Profile() or known.milestones:
        yield from facts_of(desk, voice, profile)
        yield voice("profile.done"), str(len(known.done))
    if archived := sum(one.archived for one in known.milestones.values()):
        yield voice("privacy.archived"), str(archived)
    if profile.set_at:
        yield voice("privacy.set-at"), voice.date(profile.set_at.date())
    if profile.edition:
        yield voice("privacy.edition"), profile.edition
    if lang := subject.lang or profile.lang:
        yield voice("privacy.language"), voice.language(lang)
    if spoken := _spoken_of(desk, voice, subject):
        yield voice("privacy.subject"), spoken


def _spoken_of(desk: Desk, voice: Voice, subject: Subject) -> str:
    role = subject.role if subject.role in desk.matrix.roles else None
    level = subject.level if subject.level in desk.matrix.levels else None
    if role and level:
        return rung(desk, voice, role, level)
    if role:
        return role_name(desk, voice, role)
    return level_name(desk, voice, level) if level else ""
