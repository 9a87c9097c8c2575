"""On which day something is or was, where the person lives."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from handlers.turn import Turn


def day_of(moment: datetime.datetime, turn: Turn) -> datetime.date:
    """The day of a moment in the person's zone; in UTC where none is known."""
    name = turn.zone or turn.known.profile.zone
    try:
        zone: datetime.tzinfo = ZoneInfo(name) if name else datetime.UTC
    except (OSError, ValueError, KeyError):  # not a zone, or one the machine does not know
        zone = datetime.UTC
    return moment.astimezone(zone).date()
