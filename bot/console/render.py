"""A reply drawn in the terminal; what can be pressed gets a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from rich.box import ROUNDED
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table as Grid
from rich.text import Text as Line

from bot.console import chart
from handlers.intent import Intent, fill
from handlers.plain import plain_block
from handlers.reply import (
    Block,
    Bullets,
    Buttons,
    Chart,
    Facts,
    File,
    Form,
    Heading,
    Item,
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
    for place, block in enumerate(reply.blocks):
        heads = isinstance(block, Heading) and place > 0
        parts.append(_draw(block, number, opens=place == 0))
        parts += [] if heads else [""]
    return Group(*parts), presses


def show(console: Console, reply: Reply) -> list[Press]:
    """Print a reply; returns what the numbers on it stand for."""
    drawn, presses = render(reply)
    console.print(Padding(drawn, (1, 1, 0, 1)))
    return presses


def _draw(block: Block, number: Callable[[Press], str], *, opens: bool) -> RenderableType:
    match block:
        case Heading(text):
            return Line(text, style="bold underline" if opens else "bold")
        case Text(text, strong):
            return Line(text, style="bold" if strong else "")
        case Quote(text):
            return Panel(Line(text), border_style="dim", expand=False)
        case Bullets(items, counted, first):
            return _list(items, "{}." if counted else "•", first)
        case Note():
            return Line(plain_block(block), style="dim")
        case Table(caption, header, rows):
            grid = Grid(
                *header,
                title=Line(caption) if caption else None,
                title_justify="left",
                header_style="bold",
                box=ROUNDED,
            )
            for row in rows:
                grid.add_row(*map(Line, row))
            return grid
        case Facts(pairs):
            grid = Grid.grid(padding=(0, 2))
            for label, value in pairs:
                grid.add_row(Line(label, style="bold"), Line(value))
            return grid
        case Progress(label, done, total):
            return Line.assemble((label, "bold"), f"  {block.bar}  {done}/{total}")
        case Chart():
            return chart.draw(block)
        case File(_, label):
            return Line(label)  # its name is told with the folder, once it is saved
        case Buttons(buttons):
            return numbered([(number(Press(button.intent)), button.label) for button in buttons])
        case Menu(picker, intent):
            entries = [
                (number(Press(fill(intent, [(picker.field, choice.value)]))), choice.label) for choice in picker.choices
            ]
            return Group(Line(picker.label, style="bold"), numbered(entries))
        case Form(fields, submit, intent):
            asks = " · ".join(field.label for field in fields)
            return numbered([(number(Press(intent, form=block)), f"{submit}: {asks} …")])
        case _:
            assert_never(block)


def _list(items: tuple[Item, ...], mark: str, first: int = 1) -> RenderableType:
    """Lines that hang beside their mark."""
    grid = Grid.grid(padding=(0, 1))
    for place, item in enumerate(items, start=first):
        line = Line(f"{item.label}: ", style="bold") if item.label else Line()
        line.append(item.text, style="not bold")
        if item.detail:
            line.append(f"\n{item.detail}", style="not bold dim")
        grid.add_row(mark.format(place), line)
    return grid


def numbered(entries: list[tuple[str, str]]) -> RenderableType:
    """Numbers and labels side by side; a label is never parted."""
    parts = (Line.assemble((f"[{place}]", "bold cyan"), f" {label}  ") for place, label in entries)
    return Columns(parts)
