"""The walk to one's level, clause by clause."""

from __future__ import annotations

from handlers.intent import FindLevel
from handlers.ports import Desk
from handlers.reply import Reply, Text
from handlers.turn import Turn


async def find_level(_intent: FindLevel, turn: Turn, desk: Desk) -> Reply:
    """Not yet."""
    return Reply((Text(desk.voice(turn.lang)("next.need-both")),))
