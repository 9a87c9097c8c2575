"""Charts as Teams draws them; no version of Adaptive Cards knows them, and older clients show their fallback.

learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/charts-in-adaptive-cards
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from bot.teams import limits
from bot.teams.elements import Json, container, line
from bot.text import one_line
from handlers.plain import counted
from handlers.reply import Bar, Chart, Item

COLOURS = ("good", "categoricalMarigold", "neutral")
"""Of the parts, in their order: names for which Teams has a colour in its light and its dark theme."""


def draw(chart: Chart) -> Iterator[Json]:
    """The bars, stacked, with their words and numbers; in words alone where there is nothing to draw."""
    if len(set(chart.parts)) < len(chart.parts) or not all(sum(bar.counts) for bar in chart.bars):
        yield from _in_words(chart, chart.bars)
        return
    # The short one comes first: Teams draws no legend under a single bar, so that five look like one chart.
    ends = range(len(chart.bars), 0, -limits.BARS)
    for end in reversed(ends):
        bars = chart.bars[max(end - limits.BARS, 0) : end]
        yield {
            "type": "Chart.HorizontalBar.Stacked",
            "title": one_line(chart.caption, limits.TEXT),
            "data": [_bar(chart.parts, bar) for bar in bars],
            "spacing": "small",
            "fallback": container(list(_in_words(chart, bars))),
        }


def _bar(parts: tuple[str, ...], bar: Bar) -> Json:
    pieces = zip(parts, bar.counts, cycle(COLOURS), strict=False)
    return {
        # Teams draws no numbers, so the title of a bar says them; it wraps.
        "title": one_line(f"{bar.label}: {counted(parts, bar.counts)}", limits.TEXT),
        "data": [
            {"legend": one_line(part, limits.LABEL), "value": count, "color": colour}
            for part, count, colour in pieces
            if count
        ],
    }


def _in_words(chart: Chart, bars: tuple[Bar, ...]) -> Iterator[Json]:
    for place, bar in enumerate(bars):
        yield line(Item(counted(chart.parts, bar.counts), bar.label), "•", first=place == 0)
