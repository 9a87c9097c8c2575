"""What time it is."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Watch:
    """The wall clock, which may be set at any time, and one that only ever goes on, in seconds.

    The second is the event loop's own.
    """

    now: Callable[[], datetime.datetime]
    monotonic: Callable[[], float] = time.monotonic
