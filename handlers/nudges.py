"""The weekly nudge as a person sets it: on, off, when and where, a rest from it, and a look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from content.texts import Voice
from handlers import pick
from handlers.calendar import countries
from handlers.intent import AskNudges, FindLevel
from handlers.milestones import own_rung
from handlers.nudge import preview
from handlers.nudge_pages import (
    MONDAY,
    NINE,
    capital,
    choose_slot,
    council,
    moved,
    off,
    rows,
    slot,
    status,
    unusual,
    whole_form,
    zone_form,
)
from handlers.nudge_rest import rest, resume, switch_off
from handlers.nudging import facts_of, is_on, scheduled, today_of
from handlers.phrase import said
from handlers.ports import Desk
from handlers.profile import choose
from handlers.records import Fact, Profile, ProfileSet
from handlers.reply import Block, Button, Buttons, Form, Reply, Text
from handlers.rhythm import MOST_WEEKS, Rhythm, first_day
from handlers.turn import Turn
from handlers.whereabouts import find_there, is_country_there, which_there
from handlers.zones import is_zone

_NEEDS_PROFILE = ("on", "set", "preview")


class _Fault(Exception):  # noqa: N818 - it is a question back, not an error
    """Something that cannot be; says so kindly. With `place` it asks for a city or a zone."""

    def __init__(self, told: str, *, place: bool = False) -> None:
        super().__init__(told)
        self.place = place


async def ask_nudges(intent: AskNudges, turn: Turn, desk: Desk) -> Reply:
    """Does what is wished about the weekly nudge, or asks for what is missing."""
    if desk.works_council:
        return council(turn, desk)
    whereabouts = intent.wish == "set" and (intent.zone or intent.country) and not _names_time(intent)
    if whereabouts and turn.known.nudging.rhythm is None:
        return _keep_zone(intent, turn, desk)
    facts: tuple[Fact, ...] = ()
    if intent.role and intent.level:
        turn, facts = _with_profile(intent.role, intent.level, turn, desk)
    if intent.wish in _NEEDS_PROFILE and not all(own_rung(desk.matrix, turn.known.profile)):
        return _ask_profile(intent, turn, desk)
    reply = await _do(intent, turn, desk)
    return replace(reply, facts=(*facts, *reply.facts))


async def _do(intent: AskNudges, turn: Turn, desk: Desk) -> Reply:
    rhythm = turn.known.nudging.rhythm
    if intent.wish == "off":
        return switch_off(turn, desk)
    if intent.wish == "preview":
        return preview(turn, desk)
    if intent.wish in ("on", "set"):
        return await _choose(intent, turn, desk)
    if rhythm is None:
        return off(turn, desk)  # there is nothing to resume, either: who never asked for nudges does not get them
    if intent.wish == "resume":
        return resume(rhythm, turn, desk)
    if intent.wish in ("pause", "away", "snooze"):
        return rest(intent, rhythm, turn, desk)
    voice, kept = desk.voice(turn.lang), turn.known.nudging
    told = rows(kept, today_of(kept, desk.now()), voice)
    return Reply(status((), kept, turn, desk, told, *moved(rhythm, turn, voice)))


def _names_time(intent: AskNudges) -> bool:
    """Whether it is said when to write, not only where the person is."""
    return any(one is not None for one in (intent.weekday, intent.minute, intent.every, intent.odd))


def _keep_zone(intent: AskNudges, turn: Turn, desk: Desk) -> Reply:
    """Who only tells where they are has not asked for nudges."""
    voice, told = desk.voice(turn.lang), off(turn, desk)
    if not intent.zone:
        return told
    found = find_there(intent.zone, _zone(turn), desk)
    if not found:
        which = zone_form("" if is_country_there(intent.zone, desk) else intent.zone, voice)
        blocks = (Text(which_there(intent.zone, desk, voice)), which, *told.blocks)
        return Reply(blocks, answers={"fill": AskNudges(wish="set")})
    fact = ProfileSet(Profile(zone=found), only=frozenset({"zone"}))
    return Reply((Text(voice("nudges.zone-noted", zone=found)), *told.blocks), facts=(fact,))


def _with_profile(role: str, level: str, turn: Turn, desk: Desk) -> tuple[Turn, tuple[Fact, ...]]:
    """The turn of somebody with this role and level, which were chosen on the way."""
    profile, fact = choose(Profile(role, level, "button"), ("role", "level"), turn, desk)
    return replace(turn, known=replace(turn.known, profile=profile)), (fact,)


def _ask_profile(intent: AskNudges, turn: Turn, desk: Desk) -> Reply:
    """Asks for role and level; the form carries the wish along, and the time that was named is said back."""
    voice = desk.voice(turn.lang)
    ask = voice("nudges.need-both")
    if _names_time(intent):
        draft = _draft(intent, turn, desk)
        if fault := _odd(intent, draft, voice):
            return Reply((Text(fault), whole_form(draft, intent, _zone_named(intent, turn, desk), voice)))
        ask = voice("nudges.need-both-slot", slot=capital(slot(draft, voice)))
    role, level = own_rung(desk.matrix, turn.known.profile)
    chosen = (intent.role or role, intent.level or level)
    form = pick.both_form(desk, voice, intent, voice("nudges.go-on"), chosen)
    find = Buttons((Button(voice("profile.find"), FindLevel()),))
    return Reply((Text(ask), form, find))


async def _choose(intent: AskNudges, turn: Turn, desk: Desk) -> Reply:
    """Switches nudges on, or changes when they come; what cannot be is asked again in a form."""
    voice, kept = desk.voice(turn.lang), turn.known.nudging
    given = (intent.weekday, intent.minute, intent.every, intent.zone, intent.country)
    bare = all(one is None for one in given)
    draft = _draft(intent, turn, desk)
    if bare and intent.wish == "set" and not intent.odd:
        return Reply((Text(voice("nudges.choose")), whole_form(draft, intent, _zone_named(intent, turn, desk), voice)))
    if bare and is_on(kept) and not intent.odd:
        return Reply(status((voice("nudges.already", slot=slot(draft, voice)),), kept, turn, desk))
    try:
        rhythm = _chosen(intent, draft, turn, desk, voice)
    except _Fault as fault:
        form = whole_form(draft, intent, _zone_named(intent, turn, desk), voice)
        fill = {"fill": intent.model_copy(update={"zone": None})} if fault.place else {}
        return Reply((Text(str(fault)), form), answers=fill)
    rhythm = replace(rhythm, window=await desk.store.window(turn.person, rhythm.weekday, rhythm.minute))
    nudging = scheduled(rhythm, turn, desk.now())
    nudging = replace(nudging, offered=nudging.offered or today_of(replace(kept, rhythm=rhythm), desk.now()))
    fresh = kept.rhythm is None and intent.weekday is None and intent.minute is None
    kind = "nudges.changed" if kept.rhythm else "nudges.set"
    told = [voice(kind, slot=slot(rhythm, voice), zone=rhythm.zone, count=rhythm.every)]
    if _names_time(intent):
        told += unusual(rhythm, desk, voice)
    told += _holidays(intent, kept.rhythm, rhythm, voice)
    blocks: tuple[Block, ...] = ()
    if fresh:
        blocks = (
            Text(voice("nudges.default")),
            Form(choose_slot(rhythm, voice), voice("profile.save"), AskNudges(wish="set")),
        )
    other = intent.zone is not None and rhythm.zone != turn.known.profile.zone
    facts = (ProfileSet(Profile(zone=rhythm.zone), only=frozenset({"zone"})),) if other else ()
    return Reply(status(told, nudging, turn, desk, *blocks), facts=(*facts, *facts_of(nudging, turn, desk.now())))


def _holidays(intent: AskNudges, before: Rhythm | None, rhythm: Rhythm, voice: Voice) -> Iterator[str]:
    """Whose public holidays are kept free, where that was all that was said or is another country now."""
    if intent.country is None or (_names_time(intent) and rhythm.country == (before.country if before else None)):
        return
    if rhythm.country:
        yield voice("nudges.holidays-kept", country=voice.country(rhythm.country))
    else:
        yield voice("nudges.holidays-none")


def _draft(intent: AskNudges, turn: Turn, desk: Desk) -> Rhythm:
    """The rhythm with what was named, as far as it can be; Monday at nine where nothing is known."""
    kept, here = turn.known.nudging.rhythm, _zone(turn)
    where = (intent.zone and find_there(intent.zone, here, desk)) or here or "UTC"
    minute = intent.minute if intent.minute is not None else kept.minute if kept else NINE
    weekday = intent.weekday if intent.weekday is not None else kept.weekday if kept else MONDAY
    every = intent.every if intent.every is not None and 1 <= intent.every <= MOST_WEEKS else kept.every if kept else 1
    since = first_day(desk.now(), minute, where)
    if kept is None:
        return Rhythm(weekday, minute, where, since, every)
    same = (kept.weekday, kept.minute, kept.zone, kept.every) == (weekday, minute, where, every)
    rests = kept.paused and intent.wish == "set" and not _names_time(intent)
    changed = replace(kept, weekday=weekday, minute=minute, zone=where, every=every, paused=rests)
    return changed if same else replace(changed, since=since)


def _chosen(intent: AskNudges, draft: Rhythm, turn: Turn, desk: Desk, voice: Voice) -> Rhythm:
    """The draft, where everything that was named can be. _Fault."""
    if fault := _odd(intent, draft, voice):
        raise _Fault(fault)
    if intent.zone and not find_there(intent.zone, _zone(turn), desk):
        raise _Fault(which_there(intent.zone, desk, voice), place=True)
    if not (intent.zone or _zone(turn)):
        raise _Fault(voice("nudges.which-zone"), place=True)
    if intent.country is None:
        return draft
    code = _country(intent.country, desk)
    if code is None and intent.country.strip():
        raise _Fault(voice("nudges.odd-country-named", country=said(intent.country) or "?"))
    return replace(draft, country=code)


def _odd(intent: AskNudges, draft: Rhythm, voice: Voice) -> str:
    """What is wrong with the time that was named; "" when nothing is."""
    if intent.odd:
        return voice(f"nudges.odd-{intent.odd}")
    if intent.every is not None and intent.every != draft.every:
        return voice("nudges.odd-every", most=MOST_WEEKS)
    return ""


def _zone(turn: Turn) -> str | None:
    """The zone that is known: of the nudge, or as the platform or the profile has it."""
    kept = turn.known.nudging.rhythm
    known = (kept.zone if kept else None, turn.zone, turn.known.profile.zone)
    return next((one for one in known if one and is_zone(one)), None)


def _zone_named(intent: AskNudges, turn: Turn, desk: Desk) -> str:
    """What stands in the field for the zone: nothing where a country was named that has several."""
    known = _zone(turn)
    if not intent.zone:
        return known or ""
    return intent.zone if find_there(intent.zone, known, desk) or not is_country_there(intent.zone, desk) else ""


def _country(typed: str, desk: Desk) -> str | None:
    """The code of a country by its code or its name in any language of the coach; None when it is none."""
    typed = typed.strip()
    if typed.upper() in countries():
        return typed.upper()
    voices = [desk.voice(lang) for lang in desk.texts.languages]
    named = (
        code for code in sorted(countries()) for voice in voices if voice.country(code).casefold() == typed.casefold()
    )
    return next(named, None)
