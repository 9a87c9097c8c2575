"""On which day something is or was, where the person lives."""

from __future__ import annotations

import datetime

from handlers import zones
from handlers.turn import Turn


def day_of(moment: datetime.datetime, turn: Turn) -> datetime.date:
    """The day of a moment in the person's zone; in UTC where none is known."""
    name = turn.zone or turn.known.profile.zone
    zone = zones.zone(name) if name and zones.is_zone(name) else datetime.UTC
    try:
        return moment.astimezone(zone).date()
    except OverflowError:  # the first and the last day that there is
        return moment.date()
