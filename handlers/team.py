"""A team's summary: the private preview, and posting it."""

from __future__ import annotations

from content.texts import Voice
from handlers import pick
from handlers.colleagues import address_of, mentioned, rooms_of
from handlers.intent import AskTeam, PlanPosts, PostSummary, SmallTalk
from handlers.managing import find_team
from handlers.ports import Desk, Room
from handlers.reply import Block, Button, Buttons, Form, Menu, Note, Reply, Text
from handlers.team_pages import numbers_file
from handlers.team_posting import Outcome, Post, channel_entry, channel_in, draw_up, fault_in_room, put_up, room_name
from handlers.team_records import Team
from handlers.turn import Turn


async def ask_team(intent: AskTeam, turn: Turn, desk: Desk) -> Reply:
    """The preview of a team's summary, exactly as it would be posted; or its numbers as a file."""
    team = await find_team(intent, turn, desk)
    if isinstance(team, Reply):
        return team
    voice = desk.voice(turn.lang)
    if intent.file:
        post = await draw_up(team, turn.person, intent.role, voice.lang, desk)
        text = Text(voice("team.preview.file-text", team=team.name))
        return Reply((text, numbers_file(post.look, desk, voice.lang)))
    return await preview(team, "", intent.role, turn, desk)


async def preview(team: Team, channel: str, role: str | None, turn: Turn, desk: Desk, told: str = "") -> Reply:
    """The page as it would be posted, and what can be done with it; `told` goes before."""
    voice = desk.voice(turn.lang)
    post = await draw_up(team, turn.person, role or _first_role(turn, desk), voice.lang, desk)
    room = await _usual(team, channel, post, turn, desk)
    first = (Text(told),) if told else ()
    note = voice("team.preview.private-in", channel=room_name(room, voice)) if room else voice("team.preview.private")
    menu: tuple[Block, ...] = ()
    if not post.look.has_rungs:
        picker = pick.role_picker(desk, voice, chosen=post.look.role)
        menu = (Menu(picker, AskTeam(team=team.id)),)
    return Reply((*first, Note(note), *post.blocks, *menu, Buttons(tuple(_controls(post, room, turn, desk)))))


def _first_role(turn: Turn, desk: Desk) -> str | None:
    """The role to begin with where there are no numbers: the one last spoken of, which tells nothing of anybody.

    The manager sees it before it is posted, and can choose another one.
    """
    spoken = turn.known.subject.role if turn.known.subject else None
    return spoken if spoken in desk.matrix.roles else None


def _controls(post: Post, room: Room | None, turn: Turn, desk: Desk) -> list[Button]:
    voice, team = desk.voice(turn.lang), post.look.team
    role = None if post.look.has_rungs else post.look.role
    found = []
    if room:
        sent = PostSummary(team=team.id, key=post.key(turn.person, desk.now()), channel=room.id, role=role)
        found.append(Button(voice("team.preview.post", channel=room_name(room, voice)), sent, "primary"))
    other = PostSummary(team=team.id, role=role)
    found.append(Button(voice("team.preview.other" if room else "team.preview.choose"), other))
    found.append(Button(voice("team.preview.schedule"), PlanPosts(team=team.id)))
    if post.look.has_numbers:
        found.append(Button(voice("team.preview.file"), AskTeam(team=team.id, file=True)))
    found.append(Button(voice("team.preview.cancel"), SmallTalk(mood="unchanged")))
    return found


async def _usual(team: Team, channel: str, post: Post, turn: Turn, desk: Desk) -> Room | None:
    """The channel to post in: the one named, where this is asked, where it is planned, or where it was last."""
    rooms = rooms_of(turn, desk)
    last = post.look.last
    said = channel or next(iter(mentioned(turn, "channel")), "")
    named = said or turn.room or team.channel or (last.channel if last else "")
    found = await rooms.room(turn.person, address_of(turn), named) if rooms and named else None
    return found if found and not fault_in_room(found, turn, desk) else None


async def post_summary(intent: PostSummary, turn: Turn, desk: Desk) -> Reply:
    """Posts the page that was shown, once; what is not as it was shown is shown anew and not posted."""
    team = await find_team(intent, turn, desk)
    if isinstance(team, Reply):
        return team
    voice, rooms = desk.voice(turn.lang), rooms_of(turn, desk)
    if rooms is None:
        return Reply((Text(voice("team.no-rooms")),))
    if not intent.channel:
        return ask_channel(voice("team.preview.no-channel"), intent, team, voice)
    room = await rooms.room(turn.person, address_of(turn), channel_in(intent.channel))
    if room is None:
        return ask_channel(voice("team.preview.channel-unknown"), intent, team, voice)
    if fault := fault_in_room(room, turn, desk):
        return ask_channel(fault, intent, team, voice)
    if not intent.key:
        return await preview(team, room.id, intent.role, turn, desk)
    post = await draw_up(team, turn.person, intent.role, voice.lang, desk)
    if post.look.last and post.look.last.key == intent.key:
        return Reply((Text(voice("team.preview.twice")),))
    if not post.is_of(intent.key):
        return await preview(team, room.id, intent.role, turn, desk, voice("team.preview.changed"))
    outcome, _ = await put_up(post, room.id, turn.person, address_of(turn), intent.key, desk)
    schedule = Buttons((Button(voice("team.preview.schedule"), PlanPosts(team=team.id)),))
    if outcome == "posted":
        return Reply((Text(voice("team.preview.posted", channel=room_name(room, voice))), schedule))
    again = Buttons((Button(voice("team.preview.other"), PostSummary(team=team.id, role=intent.role)),))
    return Reply((Text(told(outcome, room_name(room, voice), voice)), *(() if outcome == "twice" else (again,))))


def told(outcome: Outcome, channel: str, voice: Voice) -> str:
    """What became of a post, in a sentence."""
    match outcome:
        case "posted" | "twice" | "doubt":
            return voice(f"team.preview.{outcome}", channel=channel)
        case "busy":
            return voice("team.busy")
        case "gone":
            return voice("team.gone")
    return voice(f"team.barred.{outcome}")


def ask_channel(ask: str, intent: PostSummary, team: Team, voice: Voice) -> Reply:
    """A form for the channel, with what was named standing in it; what is sent shows the preview with it."""
    sent = PostSummary(team=team.id, role=intent.role)
    form = Form(
        (channel_entry(intent.channel, voice),),
        voice("team.preview.channel-show"),
        sent,
        voice("team.preview.channel-title"),
    )
    return Reply((Text(ask), form))
