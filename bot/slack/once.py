"""Things that must happen once, although they are delivered several times."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

SECONDS: Final = 15 * 60
"""How long a thing is remembered: Slack's last retry comes about six minutes after the first delivery."""

MOST: Final = 10_000


class Once:
    """Remembers what was begun, so that a second delivery is left alone, unless the first one failed."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._begun: OrderedDict[Hashable, float] = OrderedDict()

    def begin(self, key: Hashable) -> bool:
        """True when this is the first time; it then counts as begun."""
        now = self._now()
        while self._begun and (len(self._begun) >= MOST or next(iter(self._begun.values())) <= now - SECONDS):
            self._begun.popitem(last=False)
        if key in self._begun:
            return False
        self._begun[key] = now
        return True

    def failed(self, key: Hashable) -> None:
        """It did not happen: the next delivery may try again."""
        self._begun.pop(key, None)
