"""A memory that forgets the oldest first, for things that come twice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """The last so many values by key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        """The value under `key`, unless it was never there or is forgotten."""
        return self._held.get(key)

    def put(self, key: Key, value: Value) -> Value | None:
        """Keep a value; returns the one that was there before."""
        before = self._held.pop(key, None)
        self._held[key] = value
        if len(self._held) > self._most:
            self._held.popitem(last=False)
        return before

    def drop(self, key: Key) -> None:
        """Forget a key."""
        self._held.pop(key, None)
