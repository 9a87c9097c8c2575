"""Making a team, and looking after it: its managers, its name, its end."""

from __future__ import annotations

from content.texts import Voice
from handlers.colleagues import called, fault_in, look_up, mentioned, names_of, rooms_of
from handlers.evidence import written
from handlers.intent import AskTeam, InviteToTeam, ListTeams, MakeTeam, ManageTeam, PlanPosts, TellManaging
from handlers.managing import find_team, refused, teams_of
from handlers.ports import Desk
from handlers.reply import Block, Button, Buttons, Entry, Facts, Form, Heading, Note, Reply, Text
from handlers.team_names import is_nameable
from handlers.team_records import Team
from handlers.turn import Person, Turn

MOST_NAMED = 60
"""Characters of a team's name."""


async def make_team(intent: MakeTeam, turn: Turn, desk: Desk) -> Reply:
    """Makes a team that the person manages, or asks what it is to be called."""
    if reply := await refused(turn, desk):
        return reply
    voice, name = desk.voice(turn.lang), " ".join(written(intent.name).split())
    me = await look_up(turn.person.user, turn, desk)
    if me and me.guest:
        return Reply((Text(voice("team.guest")),))
    if not name:
        return _ask_name(voice("team.name-odd" if intent.cut else "team.name"), turn, desk)
    if fault := _fault(name, voice):
        return _ask_name(fault, turn, desk, name)
    team = await teams_of(desk).create(turn.person, name, desk.now())
    if team is None:
        return _ask_name(voice("team.taken", name=name), turn, desk)
    told = [Text(voice("team.made", team=team.name))]
    if intent.cut:
        told.append(Text(voice("team.name-cut")))
    return Reply((*told, Text(how_to_invite(team, turn, desk)), Buttons(tuple(_controls(team, turn, desk)))))


def _fault(name: str, voice: Voice) -> str:
    """What is wrong with a name, in a sentence; "" when nothing is."""
    if len(name) > MOST_NAMED:
        return voice("team.name-bad", most=MOST_NAMED)
    return "" if is_nameable(name) else voice("team.name-odd")


def _ask_name(ask: str, turn: Turn, desk: Desk, typed: str = "") -> Reply:
    voice = desk.voice(turn.lang)
    entry = Entry("name", voice("team.name"), text=typed[:MOST_NAMED], needed=True, most=MOST_NAMED)
    return Reply((Text(ask), Form((entry,), voice("team.name-make"), MakeTeam(), voice("team.name-title"))))


def how_to_invite(team: Team, turn: Turn, desk: Desk) -> str:
    """The ways to invite people, in a sentence or two."""
    voice = desk.voice(turn.lang)
    return voice("team.invite-how", example=voice("team.invite-example", team=team.name))


def _controls(team: Team, turn: Turn, desk: Desk) -> list[Button]:
    voice = desk.voice(turn.lang)
    return [
        Button(voice("team.summary"), AskTeam(team=team.id)),
        Button(voice("team.invite"), InviteToTeam(team=team.id)),
        Button(voice("team.schedule"), PlanPosts(team=team.id)),
    ]


async def manage_team(intent: ManageTeam, turn: Turn, desk: Desk) -> Reply:
    """Does what is wished about a team's managers, name or end; what cannot be taken back is asked about first."""
    if not intent.user:
        intent = intent.model_copy(update={"user": next(iter(mentioned(turn, "person")), "")})
    team = await find_team(intent, turn, desk)
    if isinstance(team, Reply):
        return team
    match intent.does:
        case "add" | "hand-over":
            return await _let_manage(intent, team, turn, desk)
        case "step-down":
            return await _step_down(team, turn, desk)
        case "rename":
            return await _rename(intent, team, turn, desk)
        case "end":
            return await _end(intent, team, turn, desk)
    if intent.new:
        return _ask_new_name(desk.voice(turn.lang)("team.name"), written(intent.new), team, turn, desk)
    return await _show(team, turn, desk)


async def _show(team: Team, turn: Turn, desk: Desk) -> Reply:
    voice, managers = desk.voice(turn.lang), await teams_of(desk).managers(team)
    names = await names_of(managers, turn, desk)
    told: tuple[Block, ...]
    if all(names.values()):
        told = (Facts(((voice("team.manage.managers"), voice.list(*names.values())),)),)
    else:
        told = tuple(Note(voice("team.manage.managers"), by=user) for user in managers)
    buttons = [
        *_controls(team, turn, desk),
        Button(voice("team.manage.rename"), ManageTeam(team=team.id, does="rename")),
        Button(voice("team.manage.step-down"), ManageTeam(team=team.id, does="step-down")),
        Button(voice("team.manage.end"), ManageTeam(team=team.id, does="end"), "danger"),
    ]
    return Reply(
        (
            Heading(voice("team.manage.title", team=team.name)),
            *told,
            Text(voice("team.manage.who")),
            Note(voice("team.manage.how", team=team.name)),
            Buttons(tuple(buttons)),
        )
    )


async def _let_manage(intent: ManageTeam, team: Team, turn: Turn, desk: Desk) -> Reply:
    voice, user = desk.voice(turn.lang), intent.user
    if rooms_of(turn, desk) is None:
        return Reply((Text(voice("team.no-rooms")),))
    if not user:
        example = voice("team.manage.whom-example", team=team.name)
        return Reply((Text(voice("team.manage.whom", example=example)),))
    found = await look_up(user, turn, desk)
    fault = fault_in(found, user, turn, desk)
    if fault or found is None:
        return Reply((Text(fault or ""),))
    teams, now = teams_of(desk), desk.now()
    is_new = found.user not in await teams.managers(team)
    await teams.manage(team, found.user, turn.person, now, manages=True)
    if is_new:
        to = Person(team.platform, team.tenant, found.user)
        await teams.write(to, f"managing:{team.id}", TellManaging(team=team.id, by=turn.person.user), now)
    # The other one manages it before this one stops, so that it is never left alone.
    if intent.does == "hand-over" and found.user != turn.person.user:
        await teams.manage(team, turn.person.user, turn.person, now, manages=False)
        return Reply((Text(voice("team.manage.handed-over", name=found.name or user, team=team.name)),))
    return Reply((Text(voice("team.manage.added", name=found.name or user, team=team.name)),))


async def tell_managing(intent: TellManaging, turn: Turn, desk: Desk) -> Reply | None:
    """Tells somebody that they manage a team now; None when they do so no more."""
    voice, mine = desk.voice(turn.lang), await teams_of(desk).mine(turn.person)
    team = next((one.team for one in mine if one.manages and one.team.id == intent.team), None)
    if team is None:
        return None
    name = await called(intent.by, turn, desk)
    told = (
        voice("team.manage.told-by", name=name, team=team.name) if name else voice("team.manage.told", team=team.name)
    )
    stop = Button(voice("team.manage.step-down"), ManageTeam(team=team.id, does="step-down"))
    return Reply((Text(told), Buttons((*_controls(team, turn, desk), stop))))


async def _step_down(team: Team, turn: Turn, desk: Desk) -> Reply:
    voice = desk.voice(turn.lang)
    if await teams_of(desk).manage(team, turn.person.user, turn.person, desk.now(), manages=False):
        see = Buttons((Button(voice("example.sees"), ListTeams()),))
        return Reply((Text(voice("team.manage.stepped-down", team=team.name)), see))
    end = Button(voice("team.manage.end"), ManageTeam(team=team.id, does="end"), "danger")
    how = Note(voice("team.manage.how", team=team.name))
    return Reply((Text(voice("team.manage.alone", team=team.name)), how, Buttons((end,))))


async def _rename(intent: ManageTeam, team: Team, turn: Turn, desk: Desk) -> Reply:
    voice, name = desk.voice(turn.lang), " ".join(written(intent.name).split())
    ask = voice("team.name")
    if fault := name and _fault(name, voice):
        ask = fault
    elif name:
        if await teams_of(desk).rename(team, name, turn.person, desk.now()):
            return Reply((Text(voice("team.manage.renamed", team=name)),))
        ask = voice("team.taken", name=name)
    return _ask_new_name(ask, team.name, team, turn, desk)


def _ask_new_name(ask: str, name: str, team: Team, turn: Turn, desk: Desk) -> Reply:
    """The form for a team's new name, with `name` standing in it."""
    voice = desk.voice(turn.lang)
    entry = Entry("name", voice("team.manage.name"), text=name, needed=True, most=MOST_NAMED)
    sent = ManageTeam(team=team.id, does="rename")
    return Reply((Text(ask), Form((entry,), voice("team.manage.rename"), sent, voice("team.manage.rename-title"))))


async def _end(intent: ManageTeam, team: Team, turn: Turn, desk: Desk) -> Reply:
    voice = desk.voice(turn.lang)
    if intent.sure:
        await teams_of(desk).end(team, turn.person, desk.now())
        return Reply((Text(voice("team.manage.ended", team=team.name)),))
    yes, no = ManageTeam(team=team.id, does="end", sure=True), ManageTeam(team=team.id)
    buttons = (Button(voice("team.manage.end-yes"), yes, "danger"), Button(voice("team.manage.keep"), no))
    return Reply(
        (Text(voice("team.manage.end-sure", team=team.name)), Buttons(buttons)), answers={"yes": yes, "no": no}
    )
