"""What is said about the weekly nudge: its time in words, the form to change it, and the page of how it stands."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator

from content.texts import Voice
from handlers.calendar import is_weekend
from handlers.help import examples
from handlers.intent import AskNudges, SuggestNext
from handlers.nudging import can_reach, is_on, salt
from handlers.plan_words import sentence
from handlers.ports import Desk
from handlers.records import Nudging
from handlers.reply import Block, Button, Buttons, Choice, Entry, Facts, Form, Picker, Reply, Text
from handlers.rhythm import DAY, Rhythm, due_on
from handlers.turn import Turn
from handlers.zones import canonical, is_zone, zone

STEP = 30
"""Minutes between the hours that a form offers."""

OFTEN = (1, 2, 4)
"""Every how many weeks, in a form."""

MONDAY, NINE = 0, 9 * 60
"""The slot where none was named."""

LONGEST_ZONE = 60
"""Characters of a zone or a country, as the intent has it."""


def slot(rhythm: Rhythm, voice: Voice) -> str:
    """When nudges come: "every Monday at 9:00"."""
    kind = {1: "one", 2: "two"}.get(rhythm.every, "more")
    day, time = voice.weekday(rhythm.weekday), voice.time(rhythm.minute)
    return voice(f"nudges.slot-{kind}", day=day, time=time, count=rhythm.every)


def date(day: datetime.date, voice: Voice) -> str:
    """A date with its weekday."""
    return voice("nudges.date", day=voice.weekday(day.weekday()), date=voice.date(day))


def window(nudging: Nudging, turn: Turn, voice: Voice) -> str:
    """The window in which the next nudge comes, on the person's clock; "" when none is planned."""
    rhythm, day = nudging.rhythm, nudging.due_day
    if not (rhythm and day):
        return ""
    due = due_on(rhythm, day, salt(turn.person))
    opens, closes = (one.astimezone(zone(rhythm.zone)) for one in (due.opens, due.closes))
    start, end = (voice.time(one.hour * 60 + one.minute) for one in (opens, closes))
    return voice("nudges.window", date=date(day, voice), start=start, end=end)


def upcoming(nudging: Nudging, turn: Turn, voice: Voice) -> str:
    """When the next one comes, or why none does."""
    if not is_on(nudging):
        return voice("nudges.none-paused")
    if told := window(nudging, turn, voice):
        return voice("nudges.next", when=told)
    return voice("nudges.none-free" if can_reach(turn) else "nudges.unreachable")


def unusual(rhythm: Rhythm, desk: Desk, voice: Voice) -> Iterator[str]:
    """That an hour or a day at which most people rest stands as it was chosen."""
    hour = ("late" if rhythm.minute >= DAY // 2 else "early") if rhythm.minute in desk.quiet else ""
    day = datetime.date.fromordinal(1 + rhythm.weekday)  # day 1 of the calendar is a Monday
    rest = "weekend" if is_weekend(day, rhythm.country) else ""
    if told := "-".join(filter(None, (hour, rest))):
        yield voice(f"nudges.{told}", day=voice.weekday(rhythm.weekday))


def status(told: Iterable[str], nudging: Nudging, turn: Turn, desk: Desk, *blocks: Block) -> tuple[Block, ...]:
    """Sentences, when the next one comes, other blocks, and what can be done about it."""
    voice = desk.voice(turn.lang)
    said = list(told)
    if voice("nudges.paused") not in said:
        said.append(upcoming(nudging, turn, voice))
    return (*map(Text, said), *blocks, Buttons(tuple(controls(nudging, voice))))


def controls(nudging: Nudging, voice: Voice) -> Iterator[Button]:
    """What can be done about a nudge that is on, or paused."""
    if is_on(nudging):
        yield Button(voice("nudges.preview-button"), AskNudges(wish="preview"))
        yield Button(voice("nudges.change"), AskNudges(wish="set"))
        yield Button(voice("nudges.pause"), AskNudges(wish="pause"))
    else:
        yield Button(voice("nudges.resume"), AskNudges(wish="resume"), "primary")
        yield Button(voice("nudges.change"), AskNudges(wish="set"))
    yield Button(voice("nudges.stop"), AskNudges(wish="off"))


def moved(rhythm: Rhythm, turn: Turn, voice: Voice) -> tuple[Block, ...]:
    """A way to take the nudge along, for whom the platform has another zone now."""
    here = turn.zone
    if here is None or not is_zone(here) or canonical(here) == canonical(rhythm.zone):
        return ()
    go = Button(voice("nudges.move", here=here), AskNudges(wish="set", zone=here))
    return Text(voice("nudges.moved", here=here, zone=rhythm.zone)), Buttons((go,))


def rows(nudging: Nudging, today: datetime.date, voice: Voice) -> Facts:
    """All that is set about the nudge, and the plan."""
    rhythm, plan = nudging.rhythm, nudging.plan
    assert rhythm
    told = [(voice("nudges.slot"), capital(slot(rhythm, voice))), (voice("nudges.zone"), rhythm.zone)]
    country = voice.country(rhythm.country) if rhythm.country else voice("nudges.no-country")
    told.append((voice("nudges.holidays"), country))
    if rhythm.away_until and rhythm.away_until >= today:
        if rhythm.away_from and rhythm.away_from > today:
            told.append((voice("nudges.away-from"), date(rhythm.away_from, voice)))
        told.append((voice("nudges.away-until"), date(rhythm.away_until, voice)))
    if plan:
        told.append((voice("plan.title"), sentence(plan.when, plan.then, voice)))
    return Facts(tuple(told))


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def off(turn: Turn, desk: Desk) -> Reply:
    """That there are none, and how to have them."""
    voice = desk.voice(turn.lang)
    text = Text(voice("nudges.info-off", example=examples(desk, voice)["nudges"]))
    return Reply((text, Buttons(tuple(offer_buttons(voice)))))


def offer_buttons(voice: Voice) -> Iterator[Button]:
    """Yes, with the usual slot; a look at one first; no."""
    yield Button(voice("nudges.yes"), AskNudges(wish="on"), "primary")
    yield Button(voice("nudges.preview-button"), AskNudges(wish="preview"))
    yield Button(voice("nudges.no"), AskNudges(wish="off"))


def council(turn: Turn, desk: Desk) -> Reply:
    """That there are none in works-council mode."""
    voice = desk.voice(turn.lang)
    return Reply((Text(voice("nudges.council")), Buttons((Button(voice("button.next"), SuggestNext()),))))


def choose_slot(rhythm: Rhythm, voice: Voice) -> tuple[Picker, ...]:
    """Pickers for the day, the hour and how often."""
    weekday, minute, every = rhythm.weekday, rhythm.minute, rhythm.every
    days = tuple(Choice(voice.weekday(day), str(day)) for day in range(7))
    hours = tuple(Choice(voice.time(one), str(one)) for one in sorted({*range(0, DAY, STEP), minute}))
    weeks = tuple(Choice(voice("nudges.weeks", count=one), str(one)) for one in sorted({*OFTEN, every}))
    return (
        Picker("weekday", voice("nudges.weekday"), days, str(weekday)),
        Picker("minute", voice("nudges.hour"), hours, str(minute)),
        Picker("every", voice("nudges.often"), weeks, str(every)),
    )


def whole_form(rhythm: Rhythm, typed: AskNudges, zone_name: str, voice: Voice) -> Form:
    """Everything that can be set, as it stands or was typed; the zone must be known, and its name stands there."""
    country = voice.country(typed.country or rhythm.country or "")
    where = _zone_entry(zone_name, voice)
    holidays = Entry("country", voice("nudges.country-entry"), text=country, most=LONGEST_ZONE)
    return Form(
        (*choose_slot(rhythm, voice), where, holidays),
        voice("profile.save"),
        AskNudges(wish="set", country=""),
        voice("nudges.title"),
    )


def zone_form(zone_name: str, voice: Voice) -> Form:
    """The zone alone, of somebody who has not asked for nudges."""
    return Form(
        (_zone_entry(zone_name, voice),), voice("profile.save"), AskNudges(wish="set"), voice("nudges.zone-title")
    )


def _zone_entry(zone_name: str, voice: Voice) -> Entry:
    return Entry("zone", voice("nudges.zone-entry"), text=zone_name, needed=True, most=LONGEST_ZONE)


def rest_form(voice: Voice, first: datetime.date | None, until: datetime.date | None) -> Form:
    """The first and the last day of an absence; without a first one it has begun."""
    begin = Entry("first", voice("nudges.first-entry"), "day", text=first.isoformat() if first else "")
    end = Entry("until", voice("nudges.until-entry"), "day", text=until.isoformat() if until else "", needed=True)
    return Form((begin, end), voice("profile.save"), AskNudges(wish="pause"), voice("nudges.until-title"))
