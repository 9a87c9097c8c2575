"""A memory that forgets the oldest first, for things that come twice."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """The last so many values by key, each for so many seconds."""

    def __init__(self, most: int, seconds: float = math.inf, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._seconds = seconds
        self._now = now
        self._held: OrderedDict[Key, tuple[float, Value]] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        """The value under `key`, unless it was never there or is forgotten."""
        expires, value = self._held.get(key, (-math.inf, None))
        return value if expires > self._now() else None

    def put(self, key: Key, value: Value) -> Value | None:
        """Keep a value; returns the one that was there before."""
        now, before = self._now(), self.get(key)
        self._held.pop(key, None)
        self._held[key] = (now + self._seconds, value)
        while len(self._held) > self._most or next(iter(self._held.values()))[0] <= now:
            self._held.popitem(last=False)
        return before

    def drop(self, key: Key) -> None:
        """Forget a key."""
        self._held.pop(key, None)
