"""The errors that cross borders, and where a bug happened. Anything else is a bug."""

from __future__ import annotations

import traceback
from typing import Literal


class TryLater(Exception):  # noqa: N818 - its name is what it says
    """The other side is busy; `seconds` is how long it asked to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"try again in {seconds} s")
        self.seconds = seconds


class Gone(Exception):  # noqa: N818 - its name is what it says
    """The person or place can no longer be reached."""


class Refused(Exception):  # noqa: N818 - its name is what it says
    """The other side has said no to this one thing and has not taken it; its text is a code for why."""


class Barred(Exception):  # noqa: N818 - its name is what it says
    """The coach may not or cannot do that in a channel or with a group; nothing was done, and waiting does not help.

    `missing` is the platform's name of the permission that the coach would need, where it tells.
    """

    def __init__(
        self, why: Literal["archived", "not-in-channel", "no-scope", "not-found", "refused"], missing: str = ""
    ) -> None:
        super().__init__(why)
        self.why = why
        self.missing = missing


class InDoubt(Exception):  # noqa: N818 - its name is what it says
    """The line was cut, or nobody answered in time: nobody knows whether the other side has taken it."""


class Unavailable(Exception):  # noqa: N818 - its name is what it says
    """The store cannot be reached now. Nothing that was confirmed is lost; the next try may succeed."""


class Erased(Exception):  # noqa: N818 - its name is what it says
    """The person was erased after it was asked what is known of them; nothing was put on record."""


def places(error: BaseException) -> list[str]:
    """Where in the code it happened; no messages or values, which may hold what a person wrote."""
    frames = traceback.extract_tb(error.__traceback__, limit=-12)
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}:{frame.name}" for frame in frames]
