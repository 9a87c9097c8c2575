"""A chart in a terminal: bars in colours and shades, with their words and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

from rich.console import Group, RenderableType
from rich.table import Table as Grid
from rich.text import Text as Line

from handlers.reply import Bar, Chart

WIDTH = 24
"""Cells of a bar."""

LOOKS = (("█", "green"), ("▓", "yellow"), ("░", "bright_black"))
"""How the parts look, in their order; the shades tell them apart without colours."""


def draw(chart: Chart) -> RenderableType:
    """The chart; its numbers wrap in a narrow terminal, its bars do not."""
    grid = Grid.grid(padding=(0, 2))
    for bar in chart.bars:
        grid.add_row(Line(bar.label, style="bold"), _bar(bar), _words(chart.parts, bar))
    return Group(Line(chart.caption, style="bold"), grid)


def _bar(bar: Bar) -> Line:
    pieces = zip(share(bar.counts, WIDTH), cycle(LOOKS), strict=False)
    return Line.assemble(*((shade * cells, colour) for cells, (shade, colour) in pieces), no_wrap=True)


def _words(parts: Sequence[str], bar: Bar) -> Line:
    words = Line(" · ").join(
        Line(f"{count} {part}", style=colour if count else "dim")
        for count, part, (_, colour) in zip(bar.counts, parts, cycle(LOOKS), strict=False)
    )
    words.no_wrap = False
    return words


def share(counts: Sequence[int], width: int) -> list[int]:
    """So many cells as are there, by count: none for nothing, one at least for something."""
    total = sum(counts)
    cells = [max(1, width * count // total) if count else 0 for count in counts]
    largest = max(range(len(cells)), key=cells.__getitem__, default=0)
    if total:
        cells[largest] = max(1, cells[largest] + width - sum(cells))
    return cells
