"""Greetings, thanks, and what the coach is not there for."""

from __future__ import annotations

from handlers.help import examples
from handlers.intent import AskPrivacy, OutOfScope, ShowHelp, SmallTalk, StartHere, SuggestNext, Unclear
from handlers.ports import Desk
from handlers.reply import Button, Buttons, Note, Reply, Text
from handlers.turn import Turn


async def small_talk(intent: SmallTalk, turn: Turn, desk: Desk) -> Reply:
    """A friendly word; whoever meets the coach also hears what it is."""
    voice = desk.voice(turn.lang)
    text = Text(voice(f"small-talk.{intent.mood}", framework=desk.matrix.name))
    if intent.mood in ("thanks", "bye", "sorry", "praise", "unchanged"):
        return Reply((text,))
    buttons = [Button(voice("button.look-up"), StartHere()), Button(voice("button.help"), ShowHelp())]
    if intent.mood == "low":
        buttons.insert(0, Button(voice("button.next"), SuggestNext()))
    if intent.mood == "who-are-you":
        buttons.append(Button(voice("button.privacy"), AskPrivacy()))
    return Reply((text, Buttons(tuple(buttons))))


async def out_of_scope(_intent: OutOfScope, turn: Turn, desk: Desk) -> Reply:
    """A kind no, and what there is instead."""
    voice = desk.voice(turn.lang)
    buttons = (Button(voice("button.look-up"), StartHere()), Button(voice("button.help"), ShowHelp()))
    return Reply((Text(voice("out-of-scope.text")), Buttons(buttons)))


async def unclear(_intent: Unclear, turn: Turn, desk: Desk) -> Reply:
    """Asks back, with examples that work and buttons for the usual wishes."""
    voice = desk.voice(turn.lang)
    told = examples(desk, voice)
    example = Note(voice("unclear.example", expect=told["expect"], search=told["search"]))
    buttons = (
        Button(voice("button.look-up"), StartHere()),
        Button(voice("button.next"), SuggestNext()),
        Button(voice("button.help"), ShowHelp()),
    )
    return Reply((Text(voice("unclear.text")), example, Buttons(buttons)))
