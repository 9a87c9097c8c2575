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
        Line(f"{count} {part}", style=colour)
        for count, part, (_, colour) in zip(bar.counts, parts, cycle(LOOKS), strict=False)
        if count or not any(bar.counts)
    )
    words.no_wrap = False
    return words


def share(counts: Sequence[int], width: int) -> list[int]:
    """So many cells as there are, by count: none for nothing, one at least for something."""
    total = sum(counts)
    if not total:
        return [0] * len(counts)
    rest = max(width - sum(count > 0 for count in counts), 0)
    cells = [(count > 0) + rest * count // total for count in counts]
    # What rounding has left over goes to those from whom it took most.
    left = sorted(range(len(counts)), key=lambda place: rest * counts[place] % total, reverse=True)
    for place in left[: width - sum(cells)]:
        cells[place] += 1
    return cells
