"""A reply drawn in the terminal; what can be pressed gets a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table as Grid
from rich.text import Text as Line

from handlers.intent import Intent
from handlers.plain import plain_block
from handlers.reply import (
    Block,
    Bullets,
    Buttons,
    Facts,
    Form,
    Heading,
    Menu,
    Note,
    Progress,
    Quote,
    Reply,
    Table,
    Text,
)


@dataclass(frozen=True)
class Press:
    """What a number in the terminal stands for: an intent, or a form to be filled in first."""

    intent: Intent
    form: Form | None = None


def render(reply: Reply) -> tuple[RenderableType, list[Press]]:
    """The reply as something rich can draw, and what the numbers on it stand for, from 1."""
    presses: list[Press] = []

    def number(press: Press) -> str:
        presses.append(press)
        return str(len(presses))

    parts: list[RenderableType] = []
    for block in reply.blocks:
        parts += [_draw(block, number), ""]
    return Group(*parts), presses


def show(console: Console, reply: Reply) -> list[Press]:
    """Print a reply; returns what the numbers on it stand for."""
    drawn, presses = render(reply)
    console.print(Padding(drawn, (0, 1)))
    return presses


def _draw(block: Block, number: Callable[[Press], str]) -> RenderableType:
    match block:
        case Heading(text):
            return Line(text, style="bold")
        case Quote(text):
            return Panel(Line(text), border_style="dim", expand=False)
        case Note(text):
            return Line(text, style="dim")
        case Table(caption, header, rows):
            grid = Grid(*header, title=Line(caption) if caption else None, title_justify="left", header_style="bold")
            for row in rows:
                grid.add_row(*map(Line, row))
            return grid
        case Facts(rows):
            grid = Grid.grid(padding=(0, 2))
            for label, value in rows:
                grid.add_row(Line(label, style="bold"), Line(value))
            return grid
        case Buttons(buttons):
            return _numbered([(number(Press(button.intent)), button.label) for button in buttons])
        case Menu(picker, intent):
            entries = [
                (number(Press(intent.model_copy(update={picker.field: choice.value}))), choice.label)
                for choice in picker.choices
            ]
            return Group(Line(picker.label), _numbered(entries))
        case Form(_, submit, intent):
            return _numbered([(number(Press(intent, form=block)), submit)])
        case Text() | Bullets() | Progress():
            return Line(plain_block(block))
        case _:
            assert_never(block)


def _numbered(entries: list[tuple[str, str]]) -> RenderableType:
    line = Line()
    for place, label in entries:
        line.append(f"[{place}]", style="bold cyan").append(f" {label}   ")
    return line
