"""Summaries that are posted by themselves: when and where, and what the clock and the letters say of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

import structlog

from content.texts import Voice
from handlers.colleagues import address_of, mentioned, rooms_of
from handlers.heard import UNDO
from handlers.intent import AskTeam, PlanPosts, TellPosted
from handlers.managing import find_team, may_manage, teams_of
from handlers.nudge_pages import LONGEST_ZONE, MONDAY, NINE, STEP
from handlers.nudge_pages import date as dated
from handlers.phrase import said
from handlers.ports import Desk, Room
from handlers.reply import Block, Button, Buttons, Choice, Entry, Form, Picker, Reply, Text
from handlers.rhythm import DAY
from handlers.team import told
from handlers.team_posting import (
    OUTCOMES,
    Outcome,
    channel_entry,
    channel_in,
    draw_up,
    fault_in_room,
    put_up,
    room_name,
)
from handlers.team_records import Schedule, Team
from handlers.team_times import last_post, next_post
from handlers.turn import Person, Place, Turn
from handlers.whereabouts import find_there, is_country_there, which_there
from handlers.zones import is_zone, zone

NOWHERE = Place("")
"""No conversation: only the person is looked up."""

_log = structlog.get_logger()


async def plan_posts(intent: PlanPosts, turn: Turn, desk: Desk) -> Reply:
    """Sets the schedule, ends it, or asks for what is missing; what cannot be is asked again in a form."""
    team = await find_team(intent, turn, desk)
    if isinstance(team, Reply):
        return team
    voice, rooms = desk.voice(turn.lang), rooms_of(turn, desk)
    if intent.every == "off":
        return await _stop(team, turn, desk)
    if rooms is None:
        return Reply((Text(voice("team.no-rooms")),))
    draft = _draft(intent, team, turn, desk)
    if intent.back and team.schedule and team.schedule != draft:
        return _ask(
            voice("team.plan.ask", team=team.name), PlanPosts(), team, team.schedule, team.channel or "", turn, desk
        )
    said_ = channel_in(intent.channel) or next(iter(mentioned(turn, "channel")), "")
    named = said_ or turn.room or team.channel or await _last_channel(team, desk)
    if intent.zone and not find_there(intent.zone, _here(team, turn), desk):
        page = _ask(_where(intent.zone, desk, voice), intent, team, draft, named, turn, desk)
        asked = intent.model_copy(update={"team": team.id, "zone": "", "channel": intent.channel or named})
        return replace(page, answers={"fill": asked})
    if intent.odd:
        return _ask(voice(f"team.plan.odd-{intent.odd}"), intent, team, draft, named, turn, desk)
    room = await rooms.room(turn.person, address_of(turn), named) if named else None
    if said_ and room is None:
        return _ask(voice("team.preview.channel-unknown"), intent, team, draft, named, turn, desk)
    if room and (fault := fault_in_room(room, turn, desk)):
        return _ask(fault, intent, team, draft, named, turn, desk)
    bare = intent.every is None or intent.weekday is None or intent.minute is None
    if room is None or bare or not (intent.zone or team.schedule or _known_zone(turn)):
        return _ask(voice("team.plan.ask", team=team.name), intent, team, draft, named, turn, desk)
    return await _set(draft, room, team, turn, desk, lang=(intent.back and team.lang) or voice.lang)


async def _last_channel(team: Team, desk: Desk) -> str:
    last = await teams_of(desk).posted(team)
    return last.channel if last else ""


def _known_zone(turn: Turn) -> str | None:
    return next((one for one in (turn.zone, turn.known.profile.zone) if one and is_zone(one)), None)


def _here(team: Team, turn: Turn) -> str | None:
    """The zone that the schedule goes by now, or else that of whoever asks."""
    return team.schedule.zone if team.schedule else _known_zone(turn)


def _where(typed: str, desk: Desk, voice: Voice) -> str:
    """What is said of a place without a zone of its own: it may have been meant as a channel."""
    if is_country_there(typed, desk):
        return which_there(typed, desk, voice)
    return voice("team.plan.odd-place", place=said(typed) or "?")


def _draft(intent: PlanPosts, team: Team, turn: Turn, desk: Desk) -> Schedule:
    """The schedule with what was named, as far as it can be; Monday at nine where nothing is known."""
    kept, here = team.schedule, _here(team, turn)
    where = (intent.zone and find_there(intent.zone, here, desk)) or here or "UTC"
    weekday = intent.weekday if intent.weekday is not None else kept.weekday if kept else MONDAY
    minute = intent.minute if intent.minute is not None else kept.minute if kept else NINE
    every = intent.every if intent.every in ("week", "month") else kept.every if kept else "week"
    return Schedule(every, weekday, minute, where)


async def _set(schedule: Schedule, room: Room, team: Team, turn: Turn, desk: Desk, *, lang: str) -> Reply:
    voice, now = desk.voice(turn.lang), desk.now()
    due = next_post(schedule, now)
    await teams_of(desk).plan(team, schedule, room.id, lang, due, turn.person, now)
    text = voice(f"team.plan.set-{schedule.every}", channel=room_name(room, voice), **_slot(schedule, voice))
    first = voice("team.plan.next", date=dated(due.astimezone(zone(schedule.zone)).date(), voice))
    buttons = (
        Button(voice("team.plan.look"), AskTeam(team=team.id)),
        Button(voice("team.plan.stop"), PlanPosts(team=team.id, every="off")),
    )
    return Reply((Text(text), Text(first), Buttons(buttons)))


def _slot(schedule: Schedule, voice: Voice) -> dict[str, str]:
    return {"day": voice.weekday(schedule.weekday), "time": voice.time(schedule.minute), "zone": schedule.zone}


async def _stop(team: Team, turn: Turn, desk: Desk) -> Reply:
    voice = desk.voice(turn.lang)
    old = team.schedule
    if old is None:
        return Reply((Text(voice("team.plan.was-off", team=team.name)),))
    await teams_of(desk).plan(team, None, team.channel, team.lang, None, turn.person, desk.now())
    back = PlanPosts(
        team=team.id,
        channel=team.channel or "",
        every=old.every,
        weekday=old.weekday,
        minute=old.minute,
        zone=old.zone,
        back=True,
    )
    page = (Text(voice("team.plan.off", team=team.name)), Buttons((Button(voice("done.undo"), back),)))
    return Reply(page, answers={UNDO: back})


def _ask(ask: str, intent: PlanPosts, team: Team, draft: Schedule, usual: str, turn: Turn, desk: Desk) -> Reply:
    """The form, with all that was named or is set standing in it; `usual` is the channel where none was named."""
    voice = desk.voice(turn.lang)
    here = _here(team, turn)
    known = intent.zone or (draft.zone if here else "")
    if intent.zone and not find_there(intent.zone, here, desk) and is_country_there(intent.zone, desk):
        known = ""
    days = tuple(Choice(voice.weekday(day), str(day)) for day in range(7))
    hours = tuple(Choice(voice.time(one), str(one)) for one in sorted({*range(0, DAY, STEP), draft.minute}))
    rhythms = tuple(Choice(voice(f"team.plan.{one}"), one) for one in ("week", "month"))
    form = Form(
        (
            Picker("every", voice("team.plan.every"), rhythms, draft.every),
            Picker("weekday", voice("nudges.weekday"), days, str(draft.weekday)),
            Picker("minute", voice("nudges.hour"), hours, str(draft.minute)),
            Entry("zone", voice("nudges.zone-entry"), text=known, needed=True, most=LONGEST_ZONE),
            channel_entry(intent.channel or usual, voice),
        ),
        voice("team.plan.save"),
        PlanPosts(team=team.id),
        voice("team.plan.title"),
    )
    blocks: list[Block] = [Text(ask)]
    if team.schedule:
        slot = voice(f"team.plan.slot-{team.schedule.every}", **_slot(team.schedule, voice))
        blocks.append(Text(voice("team.plan.now", slot=slot)))
    blocks.append(form)
    if team.schedule:
        blocks.append(Buttons((Button(voice("team.plan.stop"), PlanPosts(team=team.id, every="off")),)))
    return Reply(tuple(blocks))


async def post_due(team: Team, desk: Desk, late: datetime.timedelta) -> Outcome | Literal["late"] | None:
    """Posts a summary whose time has come, once a day at most; None when nobody may have it posted any more.

    What fails, is in doubt, or would be later than `late`, is told to the managers by letter. Unavailable.
    """
    if (
        desk.works_council
        or desk.teams is None
        or team.platform not in desk.rooms
        or not (team.schedule and team.channel)
    ):
        return None
    now, teams = desk.now(), desk.teams
    managers = [Person(team.platform, team.tenant, user) for user in await teams.managers(team)]
    addresses = {one: known.address for one in managers if (known := await desk.store.recall(one, NOWHERE, now))}
    allowed = [one for one, address in addresses.items() if await may_manage(one, address, desk)]
    if not allowed:
        return None
    by = allowed[0]
    where = zone(team.schedule.zone) if is_zone(team.schedule.zone) else None
    # Its due time has moved on already. Of several that were missed the last one counts, which may be today's.
    if where and now > last_post(team.schedule, now) + late:
        await _tell(managers, TellPosted(team=team.id, number=0, outcome="late"), now, desk)
        return "late"
    lang = desk.voice(team.lang).lang
    post = await draw_up(team, by, None, lang, desk, scheduled=True)
    outcome, number = await put_up(post, team.channel, by, addresses[by], f"due:{now.astimezone(where).date()}", desk)
    if outcome not in ("posted", "twice"):
        await _tell(managers, TellPosted(team=team.id, number=number, outcome=outcome), now, desk)
    return outcome


async def _tell(managers: Iterable[Person], letter: TellPosted, now: datetime.datetime, desk: Desk) -> None:
    _log.warning("summary_not_posted", why=letter.outcome)
    for one in managers:
        await teams_of(desk).write(one, f"posted:{letter.team}:{letter.number}", letter, now)


async def tell_posted(intent: TellPosted, turn: Turn, desk: Desk) -> Reply | None:
    """What became of a planned post, told to a manager; None when the person manages the team no more."""
    voice = desk.voice(turn.lang)
    mine = await teams_of(desk).mine(turn.person)
    team = next((one.team for one in mine if one.manages and one.team.id == intent.team), None)
    if team is None:
        return None
    buttons = (
        Button(voice("team.plan.look"), AskTeam(team=team.id)),
        Button(voice("team.preview.schedule"), PlanPosts(team=team.id)),
    )
    if intent.outcome == "doubt":
        return Reply((Text(voice("team.plan.doubt", team=team.name)), Buttons(buttons)))
    if intent.outcome == "late":
        return Reply((Text(voice("team.plan.late", team=team.name)), *_next(team, voice, desk), Buttons(buttons)))
    outcome: Outcome = next((one for one in OUTCOMES if one == intent.outcome), "refused")
    why = Text(told(outcome, "", voice))
    return Reply((Text(voice("team.plan.failed", team=team.name)), why, Buttons(buttons)))


def _next(team: Team, voice: Voice, desk: Desk) -> tuple[Text, ...]:
    """When a team's summary comes next, where it is still planned."""
    if not (team.schedule and is_zone(team.schedule.zone)):
        return ()
    due = next_post(team.schedule, desk.now())
    return (Text(voice("team.plan.after", date=dated(due.astimezone(zone(team.schedule.zone)).date(), voice))),)
