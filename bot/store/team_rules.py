"""What every store of teams goes by, whatever it is made of."""

from __future__ import annotations

import contextlib
import datetime
import secrets
import time
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Literal

from handlers.intent import ReceiveInvite
from handlers.team_records import Figures, Reading, Schedule, Standing, Team
from handlers.team_times import next_post
from scheduler.letters import Kind

AGAIN_AFTER = datetime.timedelta(days=30)
"""How long nobody asks a person again who has said no or left."""

INVITED_FOR = datetime.timedelta(days=14)
"""How long a question waits for an answer."""

ALONE_FOR = datetime.timedelta(days=30)
"""How long a team may have nobody who manages it."""

UNDERWAY_FOR = datetime.timedelta(hours=1)
"""Longer than anybody takes to post a reading: after that nobody knows what became of it."""

SEPARATOR = "\n"
"""Between the clauses of one person."""

Deed = Literal[
    "asked", "yes", "no", "left", "managing", "not-managing", "renamed", "ended", "posted", "scheduled", "unscheduled"
]
"""What a trail tells of. The values lie in databases: they never change."""

SCHEDULE = tuple(item.name for item in fields(Schedule))

OWN_ADDRESS = ("channel", "conversation_id")
"""What of an address only who wrote to the coach has: their own conversation with it."""

PERSONAL = (*OWN_ADDRESS, "user")
"""What of an address is one person's own."""


def entry_id() -> str:
    """What tells two entries of a trail apart; of two of one instant the later one has the greater."""
    return f"{time.time_ns():016x}{secrets.token_hex(2)}"


def invitation(team: Team, by: str) -> tuple[Kind, ReceiveInvite]:
    """The kind of the letter that asks somebody, and what it asks."""
    return f"invite:{team.id}", ReceiveInvite(team=team.id, by=by)


def address_beside(address: Mapping[str, Any] | None, user: str) -> dict[str, Any]:
    """Where somebody can be written to, made from the address of somebody else in their workspace."""
    return {name: value for name, value in (address or {}).items() if name not in PERSONAL} | {"user": user}


def may_be_asked(standing: str | None, since: datetime.datetime, now: datetime.datetime) -> bool:
    """Whether somebody with a row can be asked: who was never asked, or has said no long ago."""
    return standing is None or (standing in (Standing.NO, Standing.LEFT) and since <= now - AGAIN_AFTER)


def next_due(team: Team, now: datetime.datetime) -> datetime.datetime | None:
    """When a team's summary is posted next; never, where its zone was given up."""
    with contextlib.suppress(ValueError):
        return next_post(team.schedule, now) if team.schedule else None
    return None


def repeats(figures: Figures, latest: Reading | None) -> bool:
    """Whether figures are those of the latest reading; where there is none, having none repeats it."""
    return figures == (latest.figures if latest else Figures())


def said(standing: Standing) -> Deed:
    """What the trail says of an answer. ValueError when it is none."""
    match standing:
        case Standing.YES:
            return "yes"
        case Standing.NO:
            return "no"
        case Standing.LEFT:
            return "left"
    raise ValueError("nobody asks themselves")
