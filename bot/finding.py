"""What a check found."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It runs, but not as it should."""
    FAULT = "fault"
    """It does not run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and a sentence about it: what to do, unless all is well."""

    state: State
    about: str
    sentence: str


def ok(about: str, sentence: str) -> Finding:
    """All is well."""
    return Finding(State.OK, about, sentence)


def warning(about: str, sentence: str) -> Finding:
    """Something should be looked after."""
    return Finding(State.WARNING, about, sentence)


def fault(about: str, sentence: str) -> Finding:
    """Something has to be mended."""
    return Finding(State.FAULT, about, sentence)


CLOCK_WARNING, CLOCK_FAULT = 10.0, 240.0
"""Seconds. Slack refuses requests, and we Microsoft's tokens, when a clock is off by five minutes."""


def compare_clocks(elsewhere: str, said: str, now: datetime.datetime) -> Finding | None:
    """This machine's clock beside the one in the Date header of somebody else's answer; None where there is none."""
    try:
        theirs = parsedate_to_datetime(said)
        off = (now - theirs).total_seconds()
    except (TypeError, ValueError):
        return None
    if abs(off) <= CLOCK_WARNING:
        return ok("clock", f"It agrees with that of {elsewhere}.")
    sentence = f"It is {abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} that of {elsewhere}: set it by NTP."
    return fault("clock", sentence) if abs(off) > CLOCK_FAULT else warning("clock", sentence)
