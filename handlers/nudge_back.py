"""Undo for a weekly nudge that was stopped: all of it as it was, unless something newer is there."""

from __future__ import annotations

import datetime
from dataclasses import replace

from handlers.intent import AskNudges, PutBackNudges
from handlers.milestones import own_rung
from handlers.nudge_pages import rows, status
from handlers.nudges import ask_nudges
from handlers.nudging import facts_of, scheduled, today_of
from handlers.ports import Desk
from handlers.records import Nudging, NudgingSet, Plan
from handlers.reply import Reply
from handlers.rhythm import Rhythm
from handlers.turn import Turn


async def put_back_nudges(intent: PutBackNudges, turn: Turn, desk: Desk) -> Reply:
    """The nudge with its rests and its plan; where it cannot be as it was, its time alone, as if it were chosen now."""
    known, now = turn.known, desk.now()
    old = None if desk.works_council or not _is_known_since(intent, turn, desk) else _rhythm(intent)
    if known.nudging.rhythm:
        return await ask_nudges(AskNudges(), turn, desk)
    if old is None:
        again = AskNudges(wish="set", **intent.model_dump(include={"weekday", "minute", "every", "zone", "country"}))
        return await ask_nudges(again, turn, desk)
    voice = desk.voice(turn.lang)
    old = replace(old, window=await desk.store.window(turn.person, old.weekday, old.minute))
    nudging = _put_off(intent, replace(scheduled(old, turn, now), plan=_plan(intent)))
    page = status((voice("nudges.restored"),), nudging, turn, desk, rows(nudging, today_of(nudging, now), voice))
    plan = (NudgingSet(nudging, only=frozenset({"plan"})),) if nudging.plan else ()
    return Reply(page, facts=(*facts_of(nudging, turn, now), *plan))


def _is_known_since(intent: PutBackNudges, turn: Turn, desk: Desk) -> bool:
    """Whether the person has the profile still that they had then; nothing that was erased comes back."""
    chosen = turn.known.profile.set_at
    return all(own_rung(desk.matrix, turn.known.profile)) and bool(chosen and intent.at and chosen <= intent.at)


def _rhythm(intent: PutBackNudges) -> Rhythm | None:
    fields = intent.model_dump(exclude={"kind", "due", "due_day", "clause", "when", "then", "day", "outcome", "at"})
    try:
        return Rhythm(**fields)
    except ValueError:
        return None


def _put_off(intent: PutBackNudges, nudging: Nudging) -> Nudging:
    """The nudge on the day to which it was put off, where that is still to come."""
    if not (nudging.due and intent.due and intent.due_day and intent.due.tzinfo and intent.due > nudging.due):
        return nudging
    return replace(nudging, due=intent.due.astimezone(datetime.UTC), due_day=intent.due_day)


def _plan(intent: PutBackNudges) -> Plan | None:
    if not (intent.clause and intent.when and intent.then and intent.day):
        return None
    return Plan(intent.clause, intent.when, intent.then, intent.day, intent.outcome)
