"""Talk to the coach in a terminal: type words, or the number of a button."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.console.files import save
from bot.console.render import Press, numbered, show
from content.texts import Voice
from handlers.answer import answer
from handlers.intent import Intent, StartHere, fill
from handlers.ports import Desk
from handlers.reply import Choice, Entry, Form, Picker, Reply
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
        voice = desk.texts.voice(reply.lang)
        presses = show(console, reply)
        _save_files(console, reply, voice)
        try:
            said = _listen(console, presses, voice)
        except (EOFError, KeyboardInterrupt):
            console.print(Text(voice("console.goodbye"), style="dim"))
            return
        turn = replace(here, words=said) if isinstance(said, str) else replace(here, intent=said, pressed=True)
        reply = runner.run(answer(turn, desk))


def _save_files(console: Console, reply: Reply, voice: Voice) -> None:
    for file in reply.files:
        try:
            said = voice("console.saved", path=save(file, Path.cwd()))
        except OSError:
            said = voice("console.not-saved", name=file.name)
        console.print(Text(f" {said}\n", style="dim"), soft_wrap=True)


def _listen(console: Console, presses: list[Press], voice: Voice) -> str | Intent:
    """What the person says: words, or the intent behind a number. EOFError when they leave."""
    while True:
        words = _read(console, voice("console.prompt"))
        if words.strip().casefold() in voice("console.leave").split():
            raise EOFError
        if not (words.strip().isdecimal() and 1 <= int(words) <= len(presses)):
            return words
        press = presses[int(words) - 1]
        if press.form is None:
            return press.intent
        try:
            return _fill_in(console, press.form, voice)
        except KeyboardInterrupt:
            console.print(Text(f"\n {voice('console.form-left')}", style="dim"))


def _fill_in(console: Console, form: Form, voice: Voice) -> Intent:
    """The intent of a form, its questions asked one after the other."""
    if form.is_written:
        console.print(Text(f" {voice('console.form')}", style="dim"))
    given: list[tuple[str, str]] = []
    for field in form.fields:
        while value := _ask_for(console, field):
            try:
                fill(form.intent, [(field.field, value)])
            except ValueError:
                console.print(Text(f" {voice('console.not-fitting')}", style="dim"))
            else:
                given.append((field.field, value))
                break
    return fill(form.intent, given)


def _ask_for(console: Console, field: Picker | Entry) -> str:
    """What the person gives for a field of a form; an empty line keeps what stood there."""
    if isinstance(field, Entry):
        held = " ".join(field.text.split())
        return _read(console, f"{field.label} [{held}]: " if held else f"{field.label}: ").strip() or field.text
    entries = [(str(place), choice.label) for place, choice in enumerate(field.choices, start=1)]
    console.print(Padding(numbered(entries), (1, 1, 0, 1)))
    choice = _choice(field, _read(console, f"{field.label}: ").strip().casefold())
    return choice.value if choice else field.chosen or ""


def _choice(picker: Picker, said: str) -> Choice | None:
    """The choice that is named by its number, its label or the beginning of it."""
    labels = [choice.label.casefold() for choice in picker.choices]
    if said.isdecimal() and 1 <= int(said) <= len(labels):
        return picker.choices[int(said) - 1]
    return next((picker.choices[place] for place, label in enumerate(labels) if said and label.startswith(said)), None)


def _read(console: Console, prompt: str) -> str:
    """A line from the person. EOFError when there will be no more, KeyboardInterrupt on Ctrl-C."""
    return console.input(Text(prompt, style="bold"))
