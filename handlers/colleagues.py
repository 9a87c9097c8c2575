"""Other people as the platform knows them: what they are called, and whether a team can count them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from handlers.errors import Barred, Gone, InDoubt, TryLater
from handlers.phrase import said
from handlers.ports import Colleague, Desk, Rooms
from handlers.records import Address
from handlers.turn import Turn

_MARKED = re.compile(r"<[^<>]*>")
_TYPED = re.compile(r"(?<![\w.@])@(\w[\w.\-]*)")


def rooms_of(turn: Turn, desk: Desk) -> Rooms | None:
    """The people and channels of the platform where this happens, if it tells them."""
    return desk.rooms.get(turn.person.platform)


def address_of(turn: Turn) -> Address | None:
    """The way to whoever asks, as it stands on the turn or is known."""
    return turn.address or turn.known.address


def mentioned(turn: Turn, kind: Literal["person", "group", "channel"]) -> tuple[str, ...]:
    """The ids of the people, groups or channels that the words name."""
    return tuple(dict.fromkeys(one.id for one in turn.mentioned if one.kind == kind))


def unresolved(turn: Turn) -> tuple[str, ...]:
    """The names with an "@" in the words that the platform took for no mention."""
    return tuple(dict.fromkeys(_TYPED.findall(_MARKED.sub(" ", turn.words))))


async def look_up(user: str, turn: Turn, desk: Desk) -> Colleague | None:
    """Somebody by their id; None when there is nobody, or no platform that tells. TryLater, Barred."""
    rooms = rooms_of(turn, desk)
    return await rooms.who(turn.person, address_of(turn), user, turn.room) if rooms and user else None


async def called(user: str, turn: Turn, desk: Desk) -> str:
    """What somebody is called; "" where the platform does not tell now."""
    try:
        found = await look_up(user, turn, desk)
    except (TryLater, Barred, Gone, InDoubt):
        return ""  # a name is only a help
    return found.name if found else ""


async def names_of(users: Iterable[str], turn: Turn, desk: Desk) -> dict[str, str]:
    """What people are called, as far as the platform tells."""
    return {user: await called(user, turn, desk) for user in dict.fromkeys(users)}


def fault_in(found: Colleague | None, user: str, turn: Turn, desk: Desk) -> str | None:
    """Why a team cannot have somebody, in a sentence; None when it can."""
    voice = desk.voice(turn.lang)
    if found is None:
        return voice("team.invited.nobody", user=said(user) or "?")
    checks = (
        (found.person, "bot"),
        (found.ours, "foreign"),
        (found.active, "inactive"),
        (not found.guest, "guest"),
    )
    wrong = next((key for well, key in checks if not well), None)
    return voice(f"team.invited.{wrong}", name=found.name or user) if wrong else None
