"""A rest from the weekly nudge: paused, away, put off, or off for good; and going on after it."""

from __future__ import annotations

import datetime
from dataclasses import replace

from handlers.help import examples
from handlers.intent import AskNudges
from handlers.nudge_pages import date, rest_form, slot, status
from handlers.nudging import facts_of, salt, scheduled, today_of
from handlers.ports import Desk
from handlers.records import Nudging, NudgingSet
from handlers.reply import Button, Buttons, Reply, Text
from handlers.rhythm import Rhythm, snoozed
from handlers.turn import Turn
from handlers.when import find_day

WEEK = 7


def resume(rhythm: Rhythm, turn: Turn, desk: Desk) -> Reply:
    """Ends a pause or an absence."""
    voice = desk.voice(turn.lang)
    going_on = replace(rhythm, paused=False, away_until=None)
    nudging = scheduled(going_on, turn, desk.now())
    told = voice("nudges.resumed", slot=slot(going_on, voice))
    return Reply(status((told,), nudging, turn, desk), facts=facts_of(nudging, turn))


def switch_off(turn: Turn, desk: Desk) -> Reply:
    """Off, with nothing kept but that it need not be offered again; the way back is on the button."""
    voice, kept = desk.voice(turn.lang), turn.known.nudging
    example = examples(desk, voice)["nudges"]
    today = today_of(kept, desk.now())
    nothing = NudgingSet(Nudging(offered=kept.offered or today, last=kept.last))
    if kept.rhythm is None:
        return Reply((Text(voice("nudges.never", example=example)),), facts=(nothing,))
    old = kept.rhythm
    back = AskNudges(
        wish="set",
        weekday=old.weekday,
        minute=old.minute,
        every=old.every,
        zone=old.zone,
        country=old.country,
    )
    undo = Buttons((Button(voice("nudges.undo"), back),))
    return Reply((Text(voice("nudges.off", example=example)), undo), facts=(nothing,))


def rest(intent: AskNudges, rhythm: Rhythm, turn: Turn, desk: Desk) -> Reply:
    """Puts nudges off until a day, for some days, or until the person says so."""
    voice, now, today = desk.voice(turn.lang), desk.now(), today_of(turn.known.nudging, desk.now())
    until = intent.until or (find_day(intent.till, today) if intent.till else None)
    if intent.odd or (intent.till and until is None):
        return Reply((Text(voice("nudges.odd-day")), rest_form(voice)))
    if until and until < today:
        return Reply((Text(voice("nudges.past", date=date(until, voice))), rest_form(voice)))
    if until is None and intent.days and intent.wish == "pause":
        until = today + datetime.timedelta(days=intent.days - 1)
    if until:
        nudging = scheduled(replace(rhythm, away_until=until), turn, now)
        told = voice("nudges.away", date=date(until, voice))
    elif intent.wish == "pause" or rhythm.paused:
        nudging = scheduled(replace(rhythm, paused=True), turn, now)
        told = voice("nudges.paused")
    else:
        nudging = _snooze(intent.days or WEEK, rhythm, turn, now)
        told = voice("nudges.snoozed")
    return Reply(status((told,), nudging, turn, desk), facts=facts_of(nudging, turn))


def _snooze(days: int, rhythm: Rhythm, turn: Turn, now: datetime.datetime) -> Nudging:
    """A rest of whole weeks leaves slots out; a shorter one brings the nudge on its own day."""
    if days >= WEEK:
        return scheduled(rhythm, turn, now, now + datetime.timedelta(days=days))
    nudging = scheduled(rhythm, turn, now)
    due = snoozed(rhythm, now, days, salt=salt(turn.person)) if nudging.due else None
    return replace(nudging, due=due.at, due_day=due.day) if due else nudging
