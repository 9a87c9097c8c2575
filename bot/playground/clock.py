"""A wall clock that can be put forward."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Final

MOST: Final = datetime.timedelta(days=400)
"""How far it goes at once; further on nobody would look at what happens on the way."""


class MovableClock:
    """The time of `real`, and as much later as it was put forward. It never goes back, as databases rely on."""

    def __init__(self, real: Callable[[], datetime.datetime]) -> None:
        self._real = real
        self._ahead = datetime.timedelta()

    def __call__(self) -> datetime.datetime:
        """The time."""
        return self._real() + self._ahead

    def put_forward(self, to: datetime.datetime) -> None:
        """Make it this late. Nothing happens when it is later already."""
        self._ahead += max(to - self(), datetime.timedelta())
