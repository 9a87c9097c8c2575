"""When a team's summary is posted: worked out from the local date, never by adding hours."""

from __future__ import annotations

import datetime

from handlers.team_records import Schedule
from handlers.zones import instant, zone

WEEK = 7


def next_post(schedule: Schedule, after: datetime.datetime) -> datetime.datetime:
    """The first instant of a schedule after this one, in UTC. ValueError when there is no such time zone."""
    where = zone(schedule.zone)
    today = after.astimezone(where).date()
    day = today + datetime.timedelta((schedule.weekday - today.weekday()) % WEEK)
    while not (_fits(schedule, day) and (at := instant(day, schedule.minute, where)) > after):
        day += datetime.timedelta(WEEK)
    return at.astimezone(datetime.UTC)


def last_post(schedule: Schedule, until: datetime.datetime) -> datetime.datetime:
    """The last instant of a schedule up to this one, in UTC. ValueError when there is no such time zone."""
    where = zone(schedule.zone)
    today = until.astimezone(where).date()
    day = today - datetime.timedelta((today.weekday() - schedule.weekday) % WEEK)
    while not (_fits(schedule, day) and (at := instant(day, schedule.minute, where)) <= until):
        day -= datetime.timedelta(WEEK)
    return at.astimezone(datetime.UTC)


def _fits(schedule: Schedule, day: datetime.date) -> bool:
    """Whether a day of the right weekday is one of the schedule: of every month the first."""
    return schedule.every == "week" or day.day <= WEEK
