"""The promotion packet: one page, and the same as files."""

from __future__ import annotations

from handlers.intent import ShowPacket
from handlers.ports import Desk
from handlers.reply import Reply, Text
from handlers.turn import Turn


async def show_packet(_intent: ShowPacket, turn: Turn, desk: Desk) -> Reply:
    """Not yet."""
    return Reply((Text(desk.voice(turn.lang)("next.need-both")),))
