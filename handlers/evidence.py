"""Evidence: what a person notes as proof of a milestone."""

from __future__ import annotations

from handlers.intent import AddEvidence, ShowEvidence
from handlers.ports import Desk
from handlers.reply import Reply, Text
from handlers.turn import Turn


async def add_evidence(_intent: AddEvidence, turn: Turn, desk: Desk) -> Reply:
    """Not yet."""
    return Reply((Text(desk.voice(turn.lang)("next.need-both")),))


async def show_evidence(_intent: ShowEvidence, turn: Turn, desk: Desk) -> Reply:
    """Not yet."""
    return Reply((Text(desk.voice(turn.lang)("next.need-both")),))
