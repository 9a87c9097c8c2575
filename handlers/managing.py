"""Who may manage teams, which team is meant, and what is said where there are none."""

from __future__ import annotations

from handlers.colleagues import address_of
from handlers.intent import AskTeam, InviteToTeam, ListTeams, MakeTeam, ManageTeam, PlanPosts, PostSummary, StartHere
from handlers.phrase import said
from handlers.pick import MOST_CHOICES
from handlers.ports import Desk
from handlers.records import Address
from handlers.reply import Block, Button, Buttons, Choice, Menu, Picker, Reply, Text
from handlers.team_names import meant
from handlers.team_records import Team, Teams
from handlers.turn import Person, Turn

AboutTeam = AskTeam | InviteToTeam | ManageTeam | PlanPosts | PostSummary
"""What is asked about one team."""


def closed(turn: Turn, desk: Desk) -> Reply | None:
    """What is said where there are no teams: in works-council mode, or without a store for them."""
    voice = desk.voice(turn.lang)
    if desk.works_council or desk.teams is None:
        text = Text(voice("team.council" if desk.works_council else "team.absent"))
        return Reply((text, Buttons((Button(voice("button.look-up"), StartHere()),))))
    return None


def teams_of(desk: Desk) -> Teams:
    """The teams, where `closed` says nothing."""
    assert desk.teams is not None
    return desk.teams


async def may_manage(person: Person, address: Address | None, desk: Desk) -> bool:
    """Whether the setting lets a person manage teams: everybody, by name, or as one of a user group."""
    if desk.managers is None or person in desk.managers:
        return True
    rooms = desk.rooms.get(person.platform)
    return rooms is not None and await rooms.manages(person, address, desk.managers)


async def refused(turn: Turn, desk: Desk) -> Reply | None:
    """What is said to somebody who may not manage teams here."""
    if reply := closed(turn, desk):
        return reply
    if await may_manage(turn.person, address_of(turn), desk):
        return None
    voice = desk.voice(turn.lang)
    return Reply((Text(voice("team.not-manager")), Buttons((Button(voice("example.sees"), ListTeams()),))))


async def find_team(intent: AboutTeam, turn: Turn, desk: Desk) -> Team | Reply:
    """The team that is meant, of those the person manages; or what is said instead."""
    if reply := await refused(turn, desk):
        return reply
    teams, voice = teams_of(desk), desk.voice(turn.lang)
    mine = [one.team for one in await teams.mine(turn.person) if one.manages]
    if intent.team:
        found = next((team for team in mine if team.id == intent.team), None)
        return found or Reply((Text(voice("team.not-yours")), *_which(intent, mine, desk, turn)))
    named = "" if isinstance(intent, PostSummary) or _renames(intent) else intent.name
    if named:
        named_so = meant(mine, named)
        if not named_so:
            text = Text(voice("team.unknown", name=said(named) or "?"))
            return Reply((text, *_which(intent, mine, desk, turn)))
        mine = named_so
    if len(mine) == 1:
        return mine[0]
    if mine:
        return Reply((Text(voice("team.which")), *_which(intent, mine, desk, turn)))
    return Reply((Text(voice("team.about", step=desk.minimum_group)), Text(voice("team.begin")), _begin(turn, desk)))


def _renames(intent: AboutTeam) -> bool:
    return isinstance(intent, ManageTeam) and intent.does == "rename"


def _which(intent: AboutTeam, mine: list[Team], desk: Desk, turn: Turn) -> tuple[Block, ...]:
    """The teams to choose from; where there are none, how to begin."""
    if not mine:
        return (_begin(turn, desk),)
    choices = tuple(Choice(team.name, team.id) for team in mine[:MOST_CHOICES])
    blank = intent if _renames(intent) or isinstance(intent, PostSummary) else intent.model_copy(update={"name": ""})
    return (Menu(Picker("team", desk.voice(turn.lang)("team.which-label"), choices), blank),)


def _begin(turn: Turn, desk: Desk) -> Buttons:
    voice = desk.voice(turn.lang)
    return Buttons((Button(voice("team.new"), MakeTeam()), Button(voice("example.sees"), ListTeams())))
