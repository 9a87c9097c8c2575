"""Where a person's weekly nudge stands: what a choice, a rest or a sign of life makes of it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace

from handlers.records import Address, AddressSet, Fact, Known, Nudging, NudgingSet
from handlers.rhythm import HALVED_AFTER, PAUSED_AFTER, Rhythm, after_ignored, is_free, is_fresh_start, next_due
from handlers.turn import Person, Turn
from handlers.zones import zone

SCHEDULE = frozenset({"rhythm", "offered", "due", "due_day", "ignored"})
"""What is put on record when a person chooses when to be written to; the plan and the latest nudge stay as they are."""


def salt(person: Person) -> bytes:
    """What a person's own instant in the window goes by."""
    return "\0".join((person.platform, person.tenant, person.user)).encode()


def today_of(nudging: Nudging, now: datetime.datetime) -> datetime.date:
    """The day it is by the nudge's clock."""
    return now.astimezone(zone(nudging.rhythm.zone) if nudging.rhythm else datetime.UTC).date()


def can_reach(turn: Turn) -> bool:
    """Whether the person can be written to unasked."""
    return bool(turn.address or turn.known.address)


def is_on(nudging: Nudging) -> bool:
    """Whether nudges come; not those that are paused, by the person or because they went by."""
    return nudging.rhythm is not None and not nudging.rhythm.paused and nudging.ignored < PAUSED_AFTER


def scheduled(rhythm: Rhythm, turn: Turn, now: datetime.datetime, after: datetime.datetime | None = None) -> Nudging:
    """The person's nudge with this rhythm: when it comes next, or not at all to whom nobody can write."""
    kept = turn.known.nudging
    due = next_due(rhythm, after or now, salt=salt(turn.person), last=kept.last) if can_reach(turn) else None
    at, day = (due.at, due.day) if due else (None, None)
    return replace(kept, rhythm=rhythm, due=at, due_day=day, ignored=0)


def facts_of(nudging: Nudging, turn: Turn, now: datetime.datetime) -> tuple[Fact, ...]:
    """Puts a schedule that was chosen now on record, and with it where to write to."""
    return (*_met(turn.known.address, turn), NudgingSet(replace(nudging, chosen=now), only=SCHEDULE | {"chosen"}))


def met_again(turn: Turn, now: datetime.datetime) -> Nudging:
    """The nudge after a sign of life: as often as was chosen, unless it is paused already.

    Who was met first where they cannot be written to gets a due time as soon as they can.
    """
    kept = turn.known.nudging
    rhythm = kept.rhythm
    if rhythm is None or rhythm.paused:
        return replace(kept, ignored=0)
    if kept.ignored >= PAUSED_AFTER:
        return replace(kept, rhythm=replace(rhythm, paused=True), due=None, due_day=None, ignored=0)
    found = turn.address is not None and turn.known.address is None and kept.due is None
    if kept.ignored >= HALVED_AFTER or found:
        return scheduled(rhythm, turn, now)
    return replace(kept, ignored=0)


def news_of(before: Known, after: Nudging, turn: Turn, *, much: bool) -> Iterator[Fact]:
    """What a sign of life changes, to be put on record; where much else is, what can wait for the next one does."""
    changed = frozenset(name for name in SCHEDULE if getattr(before.nudging, name) != getattr(after, name))
    met = before.address is None and after.due is not None
    much = much and bool(changed)
    if (before.address is not None or met) and not much:
        yield from _met(before.address, turn)
    if changed and not (met and much):
        yield NudgingSet(after, only=changed)


def _met(before: Address | None, turn: Turn) -> Iterator[Fact]:
    """Where to write to, if it is another address now; in a room it has fewer parts than in the person's own chat."""
    known = before or {}
    address = {**known, **(turn.address or {})}
    if address != known:
        yield AddressSet(address)


def in_force(nudging: Nudging, day: datetime.date) -> Rhythm | None:
    """The rhythm from the nudge of a day on, halved where nudges went by."""
    return after_ignored(nudging.rhythm, nudging.ignored, day) if nudging.rhythm else None


def is_month_new(nudging: Nudging, day: datetime.date) -> bool:
    """Whether the nudge of a day is the first of its month, and not the very first."""
    rhythm = nudging.rhythm
    if rhythm is None or rhythm.since >= day.replace(day=1):
        return False
    before = after_ignored(rhythm, min(max(nudging.ignored - 1, 0), HALVED_AFTER), day)
    start = day - datetime.timedelta((day.weekday() - rhythm.weekday) % 7 + 7 * before.every)
    while _is_same_month(start, day) or _is_same_month(start + datetime.timedelta(days=6), day):
        days = (start + datetime.timedelta(step) for step in range(7 - start.weekday()))
        previous = next((one for one in days if not is_free(rhythm, one)), None)
        if previous and not is_fresh_start(day, previous):
            return False
        start -= datetime.timedelta(7 * before.every)
    return True


def _is_same_month(one: datetime.date, other: datetime.date) -> bool:
    return (one.year, one.month) == (other.year, other.month)
