"""A rest from the weekly nudge: paused, away, put off, or off for good; and going on after it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace

from content.texts import Voice
from handlers.heard import UNDO
from handlers.help import examples
from handlers.intent import AskNudges, PutBackNudges, SaidDay, pack
from handlers.nudge_pages import date, rest_form, slot, status
from handlers.nudging import facts_of, is_on, salt, scheduled, today_of
from handlers.ports import Desk
from handlers.records import Nudging, NudgingSet
from handlers.reply import Button, Buttons, Reply, Text
from handlers.rhythm import Rhythm, is_away, snoozed
from handlers.turn import Turn
from handlers.undo import MOST_CARRIED
from handlers.when import find_day, find_span

WEEK = 7


def resume(rhythm: Rhythm, turn: Turn, desk: Desk) -> Reply:
    """Ends a pause or an absence; one that is still to come stays where it was a pause that ended."""
    voice, kept = desk.voice(turn.lang), turn.known.nudging
    going_on = replace(rhythm, paused=False)
    if is_on(kept) or not (rhythm.away_from and rhythm.away_from > today_of(kept, desk.now())):
        going_on = replace(going_on, away_until=None, away_from=None)
    nudging = scheduled(going_on, turn, desk.now())
    told = voice("nudges.resumed", slot=slot(going_on, voice))
    return Reply(status((told,), nudging, turn, desk), facts=facts_of(nudging, turn, desk.now()))


def switch_off(turn: Turn, desk: Desk) -> Reply:
    """Off, with nothing kept but that it need not be offered again; the way back is on the button."""
    voice, kept = desk.voice(turn.lang), turn.known.nudging
    example = examples(desk, voice)["nudges"]
    today = today_of(kept, desk.now())
    nothing = NudgingSet(Nudging(offered=kept.offered or today, last=kept.last))
    if kept.rhythm is None:
        return Reply((Text(voice("nudges.never", example=example)),), facts=(nothing,))
    back = _way_back(kept, kept.rhythm, desk.now())
    # What a person wrote may be too long for a button.
    short = back if len(pack(back).encode()) <= MOST_CARRIED else back.model_copy(update={"when": "", "then": ""})
    undo = Buttons((Button(voice("nudges.undo"), short),))
    return Reply((Text(voice("nudges.off", example=example)), undo), facts=(nothing,), answers={UNDO: back})


def _way_back(kept: Nudging, old: Rhythm, now: datetime.datetime) -> PutBackNudges:
    """All that goes with a nudge; what it was put off by, only where it was."""
    plan = kept.plan
    return PutBackNudges(
        weekday=old.weekday,
        minute=old.minute,
        zone=old.zone,
        since=old.since,
        every=old.every,
        country=old.country,
        away_from=old.away_from,
        away_until=old.away_until,
        paused=old.paused,
        due=kept.due,
        due_day=kept.due_day,
        clause=plan.clause if plan else None,
        when=plan.when if plan else "",
        then=plan.then if plan else "",
        day=plan.day if plan else None,
        outcome=plan.outcome if plan else None,
        at=now,
    )


def rest(intent: AskNudges, rhythm: Rhythm, turn: Turn, desk: Desk) -> Reply:
    """Puts nudges off until a day, for some days, or until the person says so."""
    voice, now, today = desk.voice(turn.lang), desk.now(), today_of(turn.known.nudging, desk.now())
    first, until = _span(intent, today)
    if fault := _odd(intent, first, until, today, voice):
        return Reply((Text(fault), rest_form(voice, first, until if until and until >= today else None)))
    days = intent.days
    if intent.wish == "snooze" and (soon := _soon(intent.till, until, today)):
        until, days = None, soon
    if until:
        # A day on which a pause ends is its end, too; what is said of an absence leaves it as it is.
        resting = replace(rhythm, away_from=first, away_until=until, paused=rhythm.paused and intent.wish == "away")
        nudging = _still_put_off(scheduled(resting, turn, now), rhythm, turn, today)
        span = {"first": date(first, voice)} if first and first < until else {}
        kind = "nudges.away-span" if span else "nudges.away-day" if first else "nudges.away"
        told = voice(kind, date=date(until, voice), **span)
        said = (told, *_given_way(rhythm, resting, today, voice))
        return Reply(status(said, nudging, turn, desk), facts=facts_of(nudging, turn, now))
    if intent.wish in ("pause", "away") or rhythm.paused:
        nudging = scheduled(replace(rhythm, paused=True), turn, now)
        told = voice("nudges.paused")
        rests = (Text(voice("nudges.until-when")), rest_form(voice, None, None))
        return Reply(status((told,), nudging, turn, desk, *rests), facts=facts_of(nudging, turn, now))
    nudging = _snooze(days, rhythm, turn, now)
    told = voice("nudges.later" if days else "nudges.snoozed")
    return Reply(status((told,), nudging, turn, desk), facts=facts_of(nudging, turn, now))


def _still_put_off(nudging: Nudging, before: Rhythm, turn: Turn, today: datetime.date) -> Nudging:
    """The schedule with an absence in it, and no nudge before the day to which one was put off."""
    kept, rhythm = turn.known.nudging, nudging.rhythm
    due, day = kept.due, kept.due_day
    was_away = before.away_until is not None and before.away_until >= today
    if not (rhythm and due and day and nudging.due) or was_away or kept.ignored or due <= nudging.due:
        return nudging
    if not is_away(rhythm, day):
        return replace(nudging, due=due, due_day=day)
    return scheduled(rhythm, turn, due)


def _span(intent: AskNudges, today: datetime.date) -> tuple[datetime.date | None, datetime.date | None]:
    """The first and the last day that are meant; a first one that is not to come any more is none."""
    if intent.till:
        return find_span(intent.starts, intent.till, today)
    first = find_day(intent.starts, today) if intent.starts else None
    if isinstance(intent.first, datetime.date):
        first = intent.first
    first = first if first and first > today else None
    if intent.until or not (intent.days and intent.wish in ("pause", "away")):
        return first, intent.until
    return first, (first or today) + datetime.timedelta(days=intent.days - 1)


def _odd(
    intent: AskNudges, first: datetime.date | None, until: datetime.date | None, today: datetime.date, voice: Voice
) -> str:
    """What is wrong with the days that were named; "" when nothing is."""
    if intent.odd == "span":
        return voice("nudges.odd-span")
    if first and (until < first if until else intent.till):
        return voice("nudges.turned", first=date(first, voice))
    if intent.odd or (until is None and (intent.till or intent.starts)):
        return voice("nudges.odd-day")
    if isinstance(intent.first, str) and intent.first.strip():
        return voice("nudges.odd-day")
    return voice("nudges.past", date=date(until, voice)) if until and until < today else ""


def _given_way(before: Rhythm, after: Rhythm, today: datetime.date, voice: Voice) -> Iterator[str]:
    """That an absence which was to come is no longer noted: there is one at a time."""
    first, until = before.away_from, before.away_until
    if first and until and first > today and (first, until) != (after.away_from, after.away_until):
        span = {"first": date(first, voice)} if first < until else {}
        yield voice("nudges.away-instead" if span else "nudges.away-instead-day", until=date(until, voice), **span)


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
