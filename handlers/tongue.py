"""In which language somebody is answered, and what their words ask."""

from __future__ import annotations

from collections.abc import Iterator

from content.texts import Voice
from handlers.gaps import follow
from handlers.heard import hear
from handlers.intent import Intent
from handlers.ports import Desk
from handlers.records import Fact, Known, Profile, ProfileSet
from handlers.turn import Turn


def voice_of(turn: Turn, desk: Desk) -> Voice:
    """The language of a turn when nothing is known of the person."""
    return desk.voice(turn.lang if turn.intent else desk.understand(turn.words, hint=turn.lang).lang)


def understand(turn: Turn, known: Known, desk: Desk) -> tuple[Intent, Voice, bool]:
    """What is asked, in which language to answer, and whether the words tell that plainly."""
    hint = (known.subject and known.subject.lang) or known.profile.lang or turn.lang
    if turn.intent:
        return turn.intent, desk.voice(hint), False
    understood = desk.understand(turn.words, hint=hint)
    heard = hear(understood, known.subject)
    asked = heard or follow(understood.intent, known.subject, follows=understood.follows)
    return asked, desk.voice(understood.lang), understood.plain


def went_over(before: str | None, voice: Voice, desk: Desk) -> Iterator[Fact]:
    """The language that somebody goes on writing in, where what is unasked would come in another one.

    One sentence alone changes nothing: the framework's words are quoted, and a language may have been chosen.
    """
    if voice.lang != desk.voice(before).lang:
        yield ProfileSet(Profile(lang=voice.lang), only=frozenset({"lang"}))
