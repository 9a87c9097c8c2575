"""A bar of a chart in coloured squares, which every client draws, on a dark ground too, and its words and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.slack import limits
from bot.slack.elements import BlockKit, emoji, run
from bot.text import clean, cut
from handlers.plain import counted
from handlers.reply import Bar

SQUARES: Final = 10
COLOURS: Final = ("large_green_square", "large_yellow_square", "large_blue_square", "large_purple_square")
REST: Final = "white_large_square"
"""The last of several parts is what is left."""
LABEL: Final = 500


def bar_of(parts: Sequence[str], bar: Bar) -> tuple[BlockKit, ...]:
    """Ten squares, shared out among the parts, and what they stand for."""
    last = len(parts) - 1
    squares = [
        emoji(REST if place == last > 0 else COLOURS[place % len(COLOURS)])
        for place, count in enumerate(shares(bar.counts))
        for _ in range(count)
    ]
    apart = "  " if squares else ""
    label = cut(clean(bar.label).strip(), LABEL)
    words = cut(clean(counted(parts, bar.counts)).strip(), limits.TEXT)
    # A narrow screen breaks the line between two parts, not between a part and its number.
    words = words.replace(" ", "\xa0").replace("·\xa0", "· ")
    named = [run(apart + label, "bold")] if label else []
    said = [run((": " if label else apart) + words)] if words else []
    return (*squares, *named, *said)


def shares(counts: Sequence[int], squares: int = SQUARES) -> tuple[int, ...]:
    """How many squares each part gets: in proportion, at least one for each that is not nothing, and none left."""
    total = sum(max(count, 0) for count in counts)
    if not total:
        return (0,) * len(counts)
    exact = [squares * max(count, 0) / total for count in counts]
    given = [max(int(share), 1) if share else 0 for share in exact]
    while (over := sum(given) - squares) != 0:
        # Where there are more parts than squares, each keeps its one.
        if over > 0 and max(given) == 1:
            break
        step = -1 if over > 0 else 1
        movable = [place for place, held in enumerate(given) if exact[place] and (over < 0 or held > 1)]
        given[max(movable, key=lambda place: step * (exact[place] - given[place]))] += step
    return tuple(given)
