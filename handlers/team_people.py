"""Teams as people meet them: who sees me, the question whether to be counted, the answer to it, and the trail."""

from __future__ import annotations

from content.texts import Voice
from handlers.colleagues import address_of, called, fault_in, look_up, names_of, rooms_of
from handlers.day import day_of
from handlers.intent import (
    AnswerInvite,
    AskPrivacy,
    AskTeam,
    FindLevel,
    Intent,
    ListTeams,
    MakeTeam,
    ManageTeam,
    ReceiveInvite,
    RevokeCard,
    SetProfile,
    ShowTrail,
)
from handlers.managing import closed, may_manage, teams_of
from handlers.milestones import own_rung
from handlers.phrase import said
from handlers.ports import Desk
from handlers.reply import Block, Bullets, Button, Buttons, Heading, Item, Note, Reply, Text
from handlers.team_names import meant
from handlers.team_records import Membership, Standing, Team
from handlers.turn import Turn

MOST_TEAMS = 6
"""Teams of one sort on one page; a message holds only so many blocks."""

MOST_ENTRIES = 20
"""Entries of the trail that are shown, the newest first."""

STANDINGS = {"yes": Standing.YES, "no": Standing.NO, "leave": Standing.LEFT}


async def list_teams(_intent: Intent, turn: Turn, desk: Desk) -> Reply:
    """Who sees me: the teams that count me, ask me, and are mine to manage, and the cards that I have sent."""
    if reply := closed(turn, desk):
        return reply
    voice = desk.voice(turn.lang)
    mine = await teams_of(desk).mine(turn.person)
    sorts = [
        [one for one in mine if one.standing is Standing.YES],
        [one for one in mine if one.standing is Standing.ASKED],
        [one for one in mine if one.manages],
    ]
    blocks: list[Block] = [Heading(voice("team.mine.title"))]
    if not (sorts[0] or sorts[1]):
        blocks.append(Text(voice("team.mine.none")))
    for sort, show in zip(sorts, (_counted, _asked, _managed), strict=True):
        for one in sort[:MOST_TEAMS]:
            blocks += await show(one, turn, desk, voice)
        if len(sort) > MOST_TEAMS:
            blocks.append(Note(voice("team.mine.more", count=len(sort) - MOST_TEAMS)))
    blocks += await _cards(turn, desk, voice)
    further = [
        Button(voice("team.mine.trail"), ShowTrail()),
        Button(voice("team.mine.privacy"), AskPrivacy(who=True)),
    ]
    if await may_manage(turn.person, address_of(turn), desk):
        further.append(Button(voice("team.new"), MakeTeam()))
    return Reply((*blocks, Note(voice("team.mine.what", step=desk.minimum_group)), Buttons(tuple(further))))


async def _counted(one: Membership, turn: Turn, desk: Desk, voice: Voice) -> tuple[Block, ...]:
    text = voice("team.mine.counted", team=one.team.name, date=voice.date(day_of(one.since, turn)))
    return (Text(text), *await managed_by(one.team, turn, desk), Buttons((_leave(one.team, voice),)))


async def _asked(one: Membership, turn: Turn, desk: Desk, voice: Voice) -> tuple[Block, ...]:
    text = Text(voice("team.mine.asked", team=one.team.name))
    return (text, *await managed_by(one.team, turn, desk), _yes_or_no(one.team, voice))


async def _managed(one: Membership, _turn: Turn, _desk: Desk, voice: Voice) -> tuple[Block, ...]:
    team = one.team
    buttons = (
        Button(voice("team.summary-of", team=team.name), AskTeam(team=team.id)),
        Button(voice("team.people-of", team=team.name), ManageTeam(team=team.id)),
    )
    return Text(voice("team.mine.managed", team=team.name)), Buttons(buttons)


async def _cards(turn: Turn, desk: Desk, voice: Voice) -> list[Block]:
    blocks: list[Block] = []
    for card in (await teams_of(desk).cards(turn.person))[:MOST_TEAMS]:
        name = await called(card.to, turn, desk) or voice("team.whoever")
        text = voice("team.mine.card", to=name, date=voice.date(day_of(card.at, turn)))
        blocks += (Text(text), Buttons((Button(voice("team.mine.revoke", to=name), RevokeCard(card=card.id)),)))
    return blocks


async def managed_by(team: Team, turn: Turn, desk: Desk) -> tuple[Block, ...]:
    """Who manages a team, by name, or as mentions where no names are known."""
    voice = desk.voice(turn.lang)
    users = list(await teams_of(desk).managers(team))[:MOST_TEAMS]
    names = await names_of(users, turn, desk)
    if users and all(names.values()):
        return (Note(voice("team.mine.by", names=voice.list(*names.values()))),)
    return tuple(Note(voice("team.mine.by-note"), by=user) for user in users)


def _leave(team: Team, voice: Voice) -> Button:
    return Button(voice("team.mine.leave", team=team.name), AnswerInvite(team=team.id, answer="leave"))


def _yes_or_no(team: Team, voice: Voice) -> Buttons:
    return Buttons(
        (
            Button(voice("team.asked.yes"), AnswerInvite(team=team.id, answer="yes"), "primary"),
            Button(voice("team.asked.no"), AnswerInvite(team=team.id, answer="no")),
        )
    )


async def receive_invite(intent: ReceiveInvite, turn: Turn, desk: Desk) -> Reply | None:
    """The question whether a team may count the person; None when it is no longer open."""
    voice = desk.voice(turn.lang)
    mine = await teams_of(desk).mine(turn.person)
    team = next((one.team for one in mine if one.team.id == intent.team and one.standing is Standing.ASKED), None)
    if team is None or not await _can_be_counted(turn, desk):
        return None
    name = await called(intent.by, turn, desk)
    ask = voice("team.asked.by", name=name, team=team.name) if name else voice("team.asked.plain", team=team.name)
    by = () if name else (Note(voice("team.asked.asked-by"), by=intent.by),)
    yes, no = AnswerInvite(team=team.id, answer="yes"), AnswerInvite(team=team.id, answer="no")
    return Reply(
        (
            Text(ask, strong=True),
            *by,
            Text(voice("team.asked.what")),
            Text(voice("team.asked.never", step=desk.minimum_group)),
            Text(voice("team.asked.free")),
            _yes_or_no(team, voice),
        ),
        answers={"yes": yes, "no": no},
    )


async def _can_be_counted(turn: Turn, desk: Desk) -> bool:
    """Whether the platform knows the person as one whom a team may count: a list holds guests and apps, too."""
    if rooms_of(turn, desk) is None:
        return True
    user = turn.person.user
    found = await look_up(user, turn, desk)
    # Whoever the platform does not know cannot be written to either, which delivery finds out.
    return found is None or fault_in(found, user, turn, desk) is None


async def answer_invite(intent: AnswerInvite, turn: Turn, desk: Desk) -> Reply:
    """Writes down yes, no or leaving, and says what that means."""
    if reply := closed(turn, desk):
        return reply
    if intent.answer is None:
        return await list_teams(ListTeams(), turn, desk)
    team_id = intent.team or await _named(intent.name, turn, desk)
    if team_id is None:
        return await _not_in(intent, turn, desk)
    voice = desk.voice(turn.lang)
    team = await teams_of(desk).answer(turn.person, team_id, STANDINGS[intent.answer], desk.now())
    see = Button(voice("example.sees"), ListTeams())
    if team is None:
        return Reply((Text(voice("team.asked.open")), Buttons((see,))))
    if intent.answer == "yes":
        return Reply((*_thanks(team, turn, desk), Buttons((_leave(team, voice), see))))
    back = Button(voice("team.asked.after-all"), AnswerInvite(team=team.id, answer="yes"))
    if intent.answer == "no":
        return Reply((Text(voice("team.asked.said-no", team=team.name)), Buttons((back, see))))
    told, ways = await _still_managed(team, turn, desk)
    return Reply((Text(voice("team.asked.left", team=team.name)), *told, Buttons((back, *ways, see))))


async def _still_managed(team: Team, turn: Turn, desk: Desk) -> tuple[tuple[Block, ...], tuple[Button, ...]]:
    """That somebody who is not counted any more manages the team still, and the way out of that, too."""
    voice, managers = desk.voice(turn.lang), await teams_of(desk).managers(team)
    if turn.person.user not in managers:
        return (), ()
    if len(managers) > 1:
        stop = Button(voice("team.manage.step-down"), ManageTeam(team=team.id, does="step-down"))
        return (Text(voice("team.manage.still")),), (stop,)
    example = voice("team.manage.whom-example", team=team.name)
    end = Button(voice("team.manage.end"), ManageTeam(team=team.id, does="end"), "danger")
    return (Text(voice("team.manage.still-alone", example=example)),), (end,)


def _thanks(team: Team, turn: Turn, desk: Desk) -> tuple[Block, ...]:
    voice = desk.voice(turn.lang)
    thanks = Text(voice("team.asked.said-yes", team=team.name))
    if all(own_rung(desk.matrix, turn.known.profile)):
        return (thanks,)
    set_it = (Button(voice("profile.find"), FindLevel()), Button(voice("profile.change"), SetProfile()))
    return thanks, Text(voice("team.asked.bare")), Buttons(set_it)


async def _named(name: str, turn: Turn, desk: Desk) -> str | None:
    """The only team of the person's with this name; without a name the only one there is."""
    mine = [
        one.team for one in await teams_of(desk).mine(turn.person) if one.standing in (Standing.YES, Standing.ASKED)
    ]
    found = meant(mine, name)
    return found[0].id if len(found) == 1 else None


async def _not_in(intent: AnswerInvite, turn: Turn, desk: Desk) -> Reply:
    page, voice = await list_teams(ListTeams(), turn, desk), desk.voice(turn.lang)
    if not intent.name:
        return page
    managed = meant([one.team for one in await teams_of(desk).mine(turn.person) if one.manages], intent.name)
    if len(managed) == 1 and intent.answer == "leave":
        told, ways = await _still_managed(managed[0], turn, desk)
        see = Button(voice("example.sees"), ListTeams())
        return Reply((Text(voice("team.asked.not-counted", team=managed[0].name)), *told, Buttons((*ways, see))))
    return Reply((Text(voice("team.asked.not-in", name=said(intent.name) or "?")), *page.blocks))


async def show_trail(_intent: ShowTrail, turn: Turn, desk: Desk) -> Reply:
    """What was done with teams that concerns the person, newest first."""
    if reply := closed(turn, desk):
        return reply
    voice = desk.voice(turn.lang)
    entries = await teams_of(desk).trail(turn.person, MOST_ENTRIES)
    see = Buttons((Button(voice("example.sees"), ListTeams()),))
    if not entries:
        return Reply((Heading(voice("team.trail.title")), Text(voice("team.trail.none")), see))
    names = await names_of((one.by for one in entries if one.by), turn, desk)
    names[turn.person.user] = voice("team.trail.you")
    items = []
    for one in entries:
        date, by = voice.date(day_of(one.at, turn)), names.get(one.by or "") or one.by
        detail = voice("team.trail.by", date=date, name=by) if by else voice("team.trail.date", date=date)
        what = one.what if one.what in DEEDS else "other"
        items.append(Item(voice(f"team.trail.{what}", team=one.team), detail=detail))
    return Reply((Heading(voice("team.trail.title")), Bullets(tuple(items)), see))


DEEDS = frozenset(
    {
        *("asked", "yes", "no", "left", "managing", "not-managing"),
        *("renamed", "ended", "posted", "scheduled", "unscheduled"),
    }
)
"""What a trail tells of, as the store has it; of another version there may be more."""
