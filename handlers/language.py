"""The language to answer in."""

from __future__ import annotations

from content.texts import Voice
from handlers.intent import SetLanguage, ShowProfile
from handlers.ports import Desk
from handlers.records import Profile, ProfileSet
from handlers.reply import Button, Buttons, Heading, Reply, Text
from handlers.turn import Turn


async def set_language(intent: SetLanguage, turn: Turn, desk: Desk) -> Reply:
    """Keeps the language and answers in it at once; one that the coach does not speak is asked for again.

    The door has seen to it that the turn speaks the language already.
    """
    voice = desk.voice(turn.lang)
    if intent.lang not in desk.texts.languages:
        key = "language.unknown" if intent.lang else "language.which"
        ask = Text(voice(key, languages=voice.list(*map(voice.language, desk.texts.languages))))
        return Reply((Heading(voice("language.title")), ask, Buttons(language_buttons(desk, voice))))
    fact = ProfileSet(Profile(lang=intent.lang), only=frozenset({"lang"}))
    back = Button(voice("button.profile"), ShowProfile())
    text = Text(voice("language.set", language=voice.language(intent.lang)))
    return Reply((text, Buttons((back, *language_buttons(desk, voice)))), facts=(fact,))


def language_buttons(desk: Desk, voice: Voice) -> tuple[Button, ...]:
    """A button for each other language that the coach speaks, by its own name."""
    others = [lang for lang in desk.texts.languages if lang != voice.lang]
    return tuple(Button(desk.voice(lang).language(lang), SetLanguage(lang=lang)) for lang in others)
