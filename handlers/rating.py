"""Whether an answer helped. A word of thanks, and where to look next; who said so is kept nowhere."""

from __future__ import annotations

from handlers.help import examples
from handlers.intent import RateAnswer, ShowHelp, StartHere
from handlers.ports import Desk
from handlers.reply import Button, Buttons, Note, Reply, Text
from handlers.turn import Turn


async def rate_answer(intent: RateAnswer, turn: Turn, desk: Desk) -> Reply:
    """Thanks for the verdict, which whoever watches over the process counts; after a bad one, what helps next."""
    voice = desk.voice(turn.lang)
    if intent.helped:
        return Reply((Text(voice("rate.helped")), Note(voice("rate.counted"))))
    told = examples(desk, voice)
    example = Text(voice("rate.example", expect=told["expect"], search=told["search"]))
    buttons = (Button(voice("button.help"), ShowHelp()), Button(voice("button.look-up"), StartHere()))
    return Reply((Text(voice("rate.not-helped")), example, Note(voice("rate.counted")), Buttons(buttons)))
