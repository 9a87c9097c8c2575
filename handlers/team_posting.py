"""What goes to a channel: looked at before, posted once, and what became of it."""

from __future__ import annotations

import datetime
import hashlib
import re
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import unquote

from content.texts import Voice
from handlers.errors import Barred, Gone, InDoubt, TryLater
from handlers.managing import teams_of
from handlers.plain import plain
from handlers.ports import Desk, Room
from handlers.records import Address
from handlers.reply import Audience, Block, Entry, Reply
from handlers.team_figures import read
from handlers.team_pages import Look, summary
from handlers.team_records import Figures, Team
from handlers.team_times import WEEK
from handlers.turn import Person, Turn

Outcome = Literal[
    "posted", "twice", "doubt", "busy", "gone", "archived", "not-in-channel", "no-scope", "not-found", "refused"
]
"""What became of a post; the last are those of Barred."""

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

_SLACK_LINK = re.compile(r"/archives/([CG][A-Z0-9]+)")
_SLACK_MENTION = re.compile(r"<#(\w+)(?:\|[^<>]*)?>")
_TEAMS_LINK = re.compile(r"/l/channel/([^/?#\s]+)")

_STAMP, _DIGEST = 12, 16


@dataclass(frozen=True, slots=True)
class Post:
    """A page that may be posted, in which language, and the figures it goes down with."""

    look: Look
    lang: str
    blocks: tuple[Block, ...]

    @property
    def digest(self) -> str:
        """Tells this page from any other."""
        return hashlib.sha256(plain(Reply(self.blocks)).encode()).hexdigest()[:_DIGEST]

    def key(self, person: Person, now: datetime.datetime) -> str:
        """The key of one preview of this page."""
        seed = f"{self.look.team.id}\0{person.user}\0{now.isoformat()}"
        return f"{hashlib.sha256(seed.encode()).hexdigest()[:_STAMP]}-{self.digest}"

    def is_of(self, key: str) -> bool:
        """Whether a key was made for a preview of this page as it is now."""
        return key.partition("-")[2] == self.digest


async def draw_up(team: Team, by: Person, role: str | None, lang: str, desk: Desk, *, scheduled: bool = False) -> Post:
    """The page of a team as it is now; its figures are written down as seen before anybody sees them."""
    teams, now = teams_of(desk), desk.now()
    tally, latest = await teams.tally(team), await teams.published(team)
    shown = read(tally, latest, team.secret, desk.matrix, desk.minimum_group)
    if shown.figures is not None and not scheduled:
        await teams.seen(team, shown.figures, by, now, tally)
    look = Look(team, shown.figures, await teams.posted(team), role or _any_role(desk, scheduled=scheduled))
    return Post(look, lang, summary(look, by.user, desk, lang, scheduled=scheduled))


def _any_role(desk: Desk, *, scheduled: bool) -> str:
    """A role whose ladder shows much: what a page without numbers tells of must not depend on who is counted.

    Week by week it is another one's turn where nobody looks at the page before it is posted.
    """
    longest = max(len(role.ladder) for role in desk.matrix.roles.values())
    roles = [role.id for role in desk.matrix.roles.values() if len(role.ladder) == longest]
    return roles[desk.now().date().toordinal() // WEEK % len(roles) if scheduled else 0]


async def put_up(
    post: Post, channel: str, by: Person, address: Address | None, key: str, desk: Desk
) -> tuple[Outcome, int]:
    """Posts a page, once under a key; what became of it, and the number of its reading (0: there is none)."""
    teams, team = teams_of(desk), post.look.team
    figures = post.look.figures
    if figures is None:
        # A page without numbers takes nothing back of those that were seen.
        latest = await teams.published(team)
        figures = latest.figures if latest else Figures()
    reading = await teams.begin(team, figures, channel, by, key, desk.now())
    if reading is None:
        return "twice", 0
    outcome, ref = await _send(post, channel, by, address, f"{team.id}-{reading.number}", desk)
    state: Literal["posted", "doubt", "failed"] = outcome if outcome in ("posted", "doubt") else "failed"
    await teams.finish(team, reading.number, state, ref, desk.now())
    return outcome, reading.number


async def _send(
    post: Post, channel: str, by: Person, address: Address | None, mark: str, desk: Desk
) -> tuple[Outcome, str | None]:
    reply = Reply(post.blocks, Audience.ROOM, lang=post.lang)
    try:
        return "posted", await desk.rooms[by.platform].post(by, address, channel, reply, mark)
    except InDoubt:
        return "doubt", None
    except TryLater:
        return "busy", None
    except Gone:
        return "gone", None
    except Barred as barred:
        return barred.why, None


def fault_in_room(room: Room, turn: Turn, desk: Desk) -> str | None:
    """Why nothing can be posted in a channel, in a sentence; None when it can."""
    voice = desk.voice(turn.lang)
    if not room.ours:
        return voice("team.preview.channel-foreign")
    if room.archived:
        return voice("team.barred.archived")
    return None if room.inside else voice("team.barred.not-in-channel")


def channel_entry(channel: str, voice: Voice) -> Entry:
    """The field for a channel."""
    label, hint = voice("team.preview.channel-entry"), voice("team.preview.channel-hint")
    return Entry("channel", label, "channel", channel, needed=True, most=200, hint=hint)


def room_name(room: Room, voice: Voice) -> str:
    """What a channel is called in a sentence."""
    return voice("name.quoted", words=room.name) if room.name else voice("team.that-channel")


def channel_in(typed: str) -> str:
    """The id of a channel in what somebody wrote: a link to it, a mention, or the id itself."""
    if found := _SLACK_LINK.search(typed) or _SLACK_MENTION.search(typed):
        return found[1]
    if found := _TEAMS_LINK.search(typed):
        return unquote(found[1])
    return typed.strip()
