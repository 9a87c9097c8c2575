"""The four errors that cross borders. Anything else is a bug."""

from __future__ import annotations


class Sorry(Exception):  # noqa: N818 - its name is what it says
    """Something expected that is said kindly: a text's key and its values."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class TryLater(Exception):  # noqa: N818 - its name is what it says
    """The other side is busy; `seconds` is how long it asked to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"try again in {seconds} s")
        self.seconds = seconds


class Gone(Exception):  # noqa: N818 - its name is what it says
    """The person or place can no longer be reached."""


class Unavailable(Exception):  # noqa: N818 - its name is what it says
    """The store cannot be reached now. Nothing that was confirmed is lost; the next try may succeed."""
