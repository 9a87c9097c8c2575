"""Inviting people to a team: by mention, or all members of a group, a channel or a place."""

from __future__ import annotations

import hashlib

from handlers.colleagues import address_of, fault_in, look_up, mentioned, rooms_of, unresolved
from handlers.errors import Barred, Gone
from handlers.intent import MOST_INVITED, AskTeam, GatherRoster, InviteToTeam, SmallTalk
from handlers.managing import find_team, may_manage, teams_of
from handlers.phrase import said
from handlers.ports import Desk
from handlers.reply import Block, Bullets, Button, Buttons, Item, Note, Reply, Text
from handlers.team_making import how_to_invite
from handlers.team_posting import fault_in_room, room_name
from handlers.team_records import Team
from handlers.turn import Turn


async def invite_to_team(intent: InviteToTeam, turn: Turn, desk: Desk) -> Reply:
    """Asks the people who are mentioned; all members of something only after a yes, and by the worker."""
    intent = _with_mentioned(intent, turn)
    team = await find_team(intent, turn, desk)
    if isinstance(team, Reply):
        return team
    voice = desk.voice(turn.lang)
    if rooms_of(turn, desk) is None:
        return Reply((Text(voice("team.no-rooms")),))
    if intent.here and not turn.place.shared:
        return Reply((Text(voice("team.invited.not-here")),))
    if intent.group or intent.channel:
        return await _ask_all(intent, team, turn, desk)
    if intent.people:
        return await _ask(intent.people, team, turn, desk)
    if intent.team:
        return Reply((Text(how_to_invite(team, turn, desk)),))
    example = voice("team.invite-example", team=team.name)
    unknown = (Text(voice("team.invited.nobody", user=said(name) or "?")) for name in unresolved(turn))
    return Reply((*unknown, Text(voice("team.invited.none", example=example))))


def _with_mentioned(intent: InviteToTeam, turn: Turn) -> InviteToTeam:
    """The intent with whom the words mention, so that buttons carry it along."""
    people = tuple(dict.fromkeys((*intent.people, *mentioned(turn, "person"))))[:MOST_INVITED]
    group = intent.group or next(iter(mentioned(turn, "group")), "")
    channel = intent.channel or next(iter(mentioned(turn, "channel")), "")
    here = intent.here and not (people or group or channel)
    if here and turn.place.shared:
        group, channel = turn.group, "" if turn.group else turn.room
    return intent.model_copy(update={"people": people, "group": group, "channel": channel, "here": here})


async def _ask(people: tuple[str, ...], team: Team, turn: Turn, desk: Desk) -> Reply:
    """Asks these people; who cannot be counted is named, each with the reason, and the others are asked."""
    voice = desk.voice(turn.lang)
    asked: list[str] = []
    faults = [voice("team.invited.nobody", user=said(name) or "?") for name in unresolved(turn)]
    for user in people:
        found = await look_up(user, turn, desk)
        if (fault := fault_in(found, user, turn, desk)) or found is None:
            faults.append(fault or "")
        else:
            asked.append(found.user)
    blocks: list[Block] = []
    if asked:
        await teams_of(desk).ask(team, asked, turn.person, desk.now())
        # No word about who had been asked before: whom it is said of, that would tell of their answer.
        blocks += (Text(voice("team.invited.people", count=len(asked))), Text(voice("team.invited.silent")))
    if faults:
        blocks += (Text(voice("team.invited.not-asked")), Bullets(tuple(map(Item, faults))))
    return Reply((*blocks, Buttons((Button(voice("team.summary"), AskTeam(team=team.id)),))))


async def _ask_all(intent: InviteToTeam, team: Team, turn: Turn, desk: Desk) -> Reply:
    """Asks whether all members are to be asked, and then leaves it to the worker."""
    voice, channel, rooms = desk.voice(turn.lang), intent.channel, rooms_of(turn, desk)
    ask = voice("team.invited.sure-group", team=team.name)
    if channel and rooms:
        room = await rooms.room(turn.person, address_of(turn), channel)
        if room is None:
            return Reply((Text(voice("team.preview.channel-unknown")),))
        if room.archived or not room.inside:
            return Reply((Text(fault_in_room(room, turn, desk) or ""),))
        channel = room.id
        ask = voice("team.invited.sure-channel", team=team.name, channel=room_name(room, voice))
    sure = InviteToTeam(team=team.id, group=intent.group, channel=channel, sure=True)
    if not intent.sure:
        no = SmallTalk(mood="unchanged")
        buttons = (Button(voice("team.invited.yes"), sure, "primary"), Button(voice("team.invited.no"), no))
        return Reply((Text(ask), Buttons(buttons)), answers={"yes": sure, "no": no})
    source = hashlib.sha256(f"{intent.group}\0{channel}".encode()).hexdigest()[:8]
    letter = GatherRoster(team=team.id, group=intent.group, channel=channel)
    await teams_of(desk).write(turn.person, f"gather:{team.id}:{source}", letter, desk.now())
    return Reply((Text(voice("team.invited.gathering")), Text(voice("team.invited.silent"))))


async def gather_roster(intent: GatherRoster, turn: Turn, desk: Desk) -> Reply | None:
    """Asks all members page by page, and says so to the manager; None when the person manages the team no more.

    Asked again after an interruption, it asks nobody twice. TryLater.
    """
    voice, rooms, teams = desk.voice(turn.lang), rooms_of(turn, desk), teams_of(desk)
    mine = await teams.mine(turn.person)
    team = next((one.team for one in mine if one.manages and one.team.id == intent.team), None)
    if team is None or rooms is None or not await may_manage(turn.person, address_of(turn), desk):
        return None
    count = 0
    try:
        async for users in rooms.members(turn.person, address_of(turn), group=intent.group, channel=intent.channel):
            await teams.ask(team, users, turn.person, desk.now())
            count += len(users)
    except (Barred, Gone):
        return Reply((Text(voice("team.invited.failed", team=team.name)),))
    if not count:
        return Reply((Text(voice("team.invited.empty", team=team.name)),))
    told = Text(voice("team.invited.gathered", count=count, team=team.name))
    button = Button(voice("team.summary"), AskTeam(team=team.id))
    return Reply((told, Note(voice("team.invited.left-out")), Buttons((button,))))
