"""Talk to the coach in a terminal: type words, or the number of a button."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.console.render import Press, numbered, show
from handlers.answer import answer
from handlers.intent import Intent, StartHere, fill
from handlers.ports import Desk
from handlers.reply import Choice, Entry, Form, Picker
from handlers.turn import Person, Place, Turn


def talk(desk: Desk, lang: str, runner: asyncio.Runner) -> None:
    """Read and answer until the person leaves (Ctrl-C, Ctrl-D, or the word for it).

    Lines are read outside the event loop: inside it a Ctrl-C would wait for the line.
    """
    console = Console()
    here = Turn(person=Person("console", "local", "you"), place=Place("console"), lang=lang)
    reply = runner.run(answer(replace(here, intent=StartHere()), desk))
    console.print(Text(f"\n {desk.texts.voice(lang)('console.hint')}", style="dim"))
    while True:
        presses = show(console, reply)
        voice = desk.texts.voice(reply.lang)
        try:
            words = _read(console, voice("console.prompt"))
            if words.strip().casefold() in voice("console.leave").split():
                raise EOFError
            intent = _pressed(console, words, presses)
        except (EOFError, KeyboardInterrupt):
            console.print(Text(voice("console.goodbye"), style="dim"))
            return
        turn = replace(here, intent=intent, pressed=True) if intent else replace(here, words=words)
        reply = runner.run(answer(turn, desk))


def _pressed(console: Console, words: str, presses: list[Press]) -> Intent | None:
    """The intent behind a number, with a form's questions asked one after the other; None for other words."""
    if not (words.strip().isdigit() and 1 <= int(words) <= len(presses)):
        return None
    press = presses[int(words) - 1]
    return _fill_in(console, press.form) if press.form else press.intent


def _fill_in(console: Console, form: Form) -> Intent:
    chosen: list[tuple[str, str]] = []
    for picker in form.fields:
        if isinstance(picker, Entry):
            if written := _read(console, f"{picker.label}: ").strip():
                chosen.append((picker.field, written))
            continue
        entries = [(str(place), choice.label) for place, choice in enumerate(picker.choices, start=1)]
        console.print(Padding(numbered(entries), (1, 1, 0, 1)))
        choice = _choice(picker, _read(console, f"{picker.label}: ").strip().casefold())
        if choice:
            chosen.append((picker.field, choice.value))
    return fill(form.intent, chosen)


def _choice(picker: Picker, said: str) -> Choice | None:
    """The choice that is named by its number, its label or the beginning of it."""
    labels = [choice.label.casefold() for choice in picker.choices]
    if said.isdigit() and 1 <= int(said) <= len(labels):
        return picker.choices[int(said) - 1]
    return next((picker.choices[place] for place, label in enumerate(labels) if said and label.startswith(said)), None)


def _read(console: Console, prompt: str) -> str:
    """A line from the person. EOFError when there will be no more, KeyboardInterrupt on Ctrl-C."""
    return console.input(Text(prompt, style="bold"))
