"""Talk to the coach in a terminal: type words, or the number of a button."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.console.render import Press, numbered, show
from handlers.answer import answer
from handlers.intent import Intent, StartHere, unpack
from handlers.ports import Desk
from handlers.reply import Choice, Form, Picker
from handlers.turn import Person, Place, Turn


async def talk(desk: Desk, lang: str) -> None:
    """Read and answer until the person leaves (Ctrl-D, or the word for it)."""
    console = Console()
    voice = desk.texts.voice(lang)
    here = Turn(person=Person("console", "local", "you"), place=Place("console"), lang=lang)
    reply = await answer(replace(here, intent=StartHere()), desk)
    console.print(Text(f"\n {voice('console.hint')}", style="dim"))
    while True:
        presses = show(console, reply)
        voice = desk.texts.voice(reply.lang)
        words = await _read(console, voice("console.prompt"))
        if words is None or words.strip().casefold() in voice("console.leave").split():
            console.print(Text(voice("console.goodbye"), style="dim"))
            return
        intent = await _pressed(console, words, presses)
        turn = replace(here, intent=intent, pressed=True) if intent else replace(here, words=words)
        reply = await answer(turn, desk)


async def _pressed(console: Console, words: str, presses: list[Press]) -> Intent | None:
    """The intent behind a number, with a form's questions asked one after the other; None for other words."""
    if not (words.strip().isdigit() and 1 <= int(words) <= len(presses)):
        return None
    press = presses[int(words) - 1]
    return await _fill_in(console, press.form) if press.form else press.intent


async def _fill_in(console: Console, form: Form) -> Intent:
    fields = form.intent.model_dump()
    for picker in form.pickers:
        entries = [(str(place), choice.label) for place, choice in enumerate(picker.choices, start=1)]
        console.print(Padding(numbered(entries), (1, 1, 0, 1)))
        said = await _read(console, f"{picker.label}: ")
        chosen = _choice(picker, (said or "").strip().casefold())
        if chosen:
            fields[picker.field] = chosen.value
    return unpack(fields)


def _choice(picker: Picker, said: str) -> Choice | None:
    """The choice that is named by its number, its label or the beginning of it."""
    labels = [choice.label.casefold() for choice in picker.choices]
    if said.isdigit() and 1 <= int(said) <= len(labels):
        return picker.choices[int(said) - 1]
    return next((picker.choices[place] for place, label in enumerate(labels) if said and label.startswith(said)), None)


async def _read(console: Console, prompt: str) -> str | None:
    """A line from the person, or None when there will be no more."""
    try:
        return await asyncio.to_thread(console.input, Text(prompt, style="bold"))
    except (EOFError, KeyboardInterrupt):
        return None
