"""A rest from the weekly nudge: paused, away, put off, or off for good; and going on after it."""

from __future__ import annotations

import datetime
from dataclasses import replace

from handlers.help import examples
from handlers.intent import AskNudges, SaidDay
from handlers.nudge_pages import date, rest_form, slot, status
from handlers.nudging import facts_of, is_on, salt, scheduled, today_of
from handlers.ports import Desk
from handlers.records import Nudging, NudgingSet
from handlers.reply import Button, Buttons, Reply, Text
from handlers.rhythm import Rhythm, snoozed
from handlers.turn import Turn
from handlers.when import find_span

WEEK = 7


def resume(rhythm: Rhythm, turn: Turn, desk: Desk) -> Reply:
    """Ends a pause or an absence; one that is still to come stays where it was a pause that ended."""
    voice, kept = desk.voice(turn.lang), turn.known.nudging
    going_on = replace(rhythm, paused=False)
    if is_on(kept) or not (rhythm.away_from and rhythm.away_from > today_of(kept, desk.now())):
        going_on = replace(going_on, away_until=None, away_from=None)
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
    first, until = find_span(intent.starts, intent.till, today) if intent.till else (None, None)
    until = intent.until or until
    if intent.odd or (intent.till and until is None):
        return Reply((Text(voice("nudges.odd-day")), rest_form(voice)))
    if until and until < today:
        return Reply((Text(voice("nudges.past", date=date(until, voice))), rest_form(voice)))
    days = intent.days
    if intent.wish == "snooze" and (soon := _soon(intent.till, until, today)):
        until, days = None, soon
    elif intent.wish == "pause" and until is None and days:
        until = today + datetime.timedelta(days=days - 1)
    if until:
        # A day that is chosen is the end of a pause, too; what is said of an absence leaves it as it is.
        resting = replace(rhythm, away_from=first, away_until=until, paused=rhythm.paused and intent.until is None)
        nudging = scheduled(resting, turn, now)
        span = {"first": date(first, voice)} if first else {}
        told = voice("nudges.away-span" if first else "nudges.away", date=date(until, voice), **span)
    elif intent.wish == "pause" or rhythm.paused:
        nudging = scheduled(replace(rhythm, paused=True), turn, now)
        told = voice("nudges.paused")
        rests = (Text(voice("nudges.until-when")), rest_form(voice))
        return Reply(status((told,), nudging, turn, desk, *rests), facts=facts_of(nudging, turn))
    else:
        nudging = _snooze(days, rhythm, turn, now)
        told = voice("nudges.later" if days else "nudges.snoozed")
    return Reply(status((told,), nudging, turn, desk), facts=facts_of(nudging, turn))


def _soon(till: SaidDay | None, until: datetime.date | None, today: datetime.date) -> int | None:
    """In how many days one is asked for, where that is within a week: "remind me tomorrow"."""
    if not (till and till.before and till.ahead is None and until):
        return None
    days = (until - today).days + 1
    return days if days < WEEK else None


def _snooze(days: int | None, rhythm: Rhythm, turn: Turn, now: datetime.datetime) -> Nudging:
    """Leaves the next one out; a rest of weeks all in it, and after a shorter one the nudge has a day of its own."""
    nudging = scheduled(rhythm, turn, now)
    if days is None:
        return scheduled(rhythm, turn, now, nudging.due)
    if days >= WEEK:
        return scheduled(rhythm, turn, now, now + datetime.timedelta(days=days))
    due = snoozed(rhythm, now, days, salt=salt(turn.person)) if nudging.due else None
    return replace(nudging, due=due.at, due_day=due.day) if due else nudging
