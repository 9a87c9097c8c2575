"""When a late letter may still go: quiet hours, free days, and when it is too late."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from handlers.rhythm import DAY, Rhythm, is_away, is_free
from handlers.zones import instant, zone

PUNCTUAL = datetime.timedelta(minutes=15)
"""A letter no later than that is on time, and goes whatever the hour."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours in which nobody is written to by the coach's own choice: from `start` until before `end`.

    Both are minutes after midnight on the person's clock. They may go over midnight; none are meant when equal.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not (0 <= self.start < DAY and 0 <= self.end < DAY):
            raise ValueError(f"quiet hours lie between 0 and {DAY - 1} minutes, not {self.start} to {self.end}")

    def __contains__(self, minute: int) -> bool:
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


NIGHT = Quiet(20 * 60, 7 * 60)
"""The quiet hours where none are set."""


def in_quiet_hours(quiet: Quiet, moment: datetime.datetime, zone_name: str) -> bool:
    """Whether an instant lies in the quiet hours on the clock of a zone."""
    return _minute(moment.astimezone(zone(zone_name))) in quiet


def goes_at(
    rhythm: Rhythm, due: datetime.datetime, now: datetime.datetime, *, quiet: Quiet, limit: datetime.timedelta
) -> datetime.datetime | None:
    """When a letter that was due at `due` may go: now, or later, or not at all when it would be later than `limit`.

    A late letter waits for the end of the quiet hours and of free days. A person whose own hour is a quiet one chose
    to be written to at that time, so for them no hour is quiet.
    """
    if rhythm.paused:
        return None
    where = zone(rhythm.zone)
    anytime = in_quiet_hours(quiet, due, rhythm.zone)
    at = max(now, due)
    while at <= due + limit:
        local = at.astimezone(where)
        if not is_away(rhythm, local.date()) and at <= due + PUNCTUAL:
            return at
        if is_free(rhythm, local.date()):
            day, minute = local.date() + datetime.timedelta(days=1), 0
        elif _minute(local) in quiet and not anytime:
            over = _minute(local) >= quiet.end
            day, minute = local.date() + datetime.timedelta(days=over), quiet.end
        else:
            return at
        # Where a clock is set back, the first of two equal times may have passed; then minute by minute.
        at = max(instant(day, minute, where), at + datetime.timedelta(minutes=1))
    return None


def _minute(local: datetime.datetime) -> int:
    return local.hour * 60 + local.minute
