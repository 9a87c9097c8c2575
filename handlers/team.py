"""Team summaries: not delivered in this version, or switched off by the works council, and said so."""

from __future__ import annotations

from handlers.intent import AskTeam, StartHere
from handlers.ports import Desk
from handlers.reply import Button, Buttons, Reply, Text
from handlers.turn import Turn


async def ask_team(_intent: AskTeam, turn: Turn, desk: Desk) -> Reply:
    """Says what a summary will hold and never hold, and what there is until then."""
    voice = desk.voice(turn.lang)
    return Reply(
        (
            Text(voice("team.council" if desk.works_council else "team.text")),
            Buttons((Button(voice("button.look-up"), StartHere()),)),
        )
    )
