"""Keeps a card within what Teams takes: cut visibly, never refused."""

from __future__ import annotations

from bot.teams import limits
from bot.teams.elements import Json, count_actions, rich
from bot.text import weigh


def fit(body: list[Json], room: int, note: str) -> list[Json]:
    """The elements that fit into `room` bytes and the number of actions; a note stands where the first is missing.

    What can be pressed comes before what can be read, and the beginning before the end.
    """
    sizes = [weigh(element) + 1 for element in body]
    presses = [count_actions(element) for element in body]
    if sum(sizes) <= room and sum(presses) <= limits.ACTIONS:
        return body
    said = rich(note, isSubtle=True, size="small")
    room -= weigh(said) + 1
    kept = _first_that_fit([place for place, count in enumerate(presses) if count], sizes, presses, room)
    room -= sum(sizes[place] for place in kept)
    for place, count in enumerate(presses):
        if not count:
            if sizes[place] > room:
                break
            room -= sizes[place]
            kept.add(place)
    cut = next(place for place in range(len(body)) if place not in kept)
    return [
        *(body[place] for place in range(cut)),
        said,
        *(body[place] for place in range(cut, len(body)) if place in kept),
    ]


def _first_that_fit(places: list[int], sizes: list[int], presses: list[int], room: int) -> set[int]:
    kept: set[int] = set()
    actions = limits.ACTIONS
    for place in places:
        if sizes[place] <= room and presses[place] <= actions:
            kept.add(place)
            room -= sizes[place]
            actions -= presses[place]
    return kept
