"""What is kept about a person in teams and on cards, told so that they can read it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from content.texts import Voice
from handlers.day import day_of
from handlers.phrase import level_name, role_name
from handlers.ports import Desk
from handlers.reply import Block, Bullets, Heading, Item, Note, Text
from handlers.turn import Turn

Row = Mapping[str, Any]

MOST_LISTED = 5
"""Cards, and entries of a trail, that are shown, the newest first; the file holds all of them."""


def show_teams(
    kept: Mapping[str, Sequence[Row]], names: Mapping[str, str], turn: Turn, desk: Desk, voice: Voice
) -> Iterator[Block]:
    """How the person stands to teams, what was counted of them, their cards, and what was done that concerns them."""
    if stands := kept.get("membership", ()):
        yield Heading(voice("privacy.teams", count=len(stands)))
        yield Bullets(tuple(_membership(row, names, turn, voice) for row in stands))
    if counts := kept.get("counted", ()):
        yield Heading(voice("privacy.counted"))
        yield Bullets(tuple(_counted(row, names, turn, desk, voice) for row in counts))
    if cards := sorted(kept.get("card", ()), key=lambda row: (row["at"], row["id"]), reverse=True):
        yield Heading(voice("privacy.cards", count=len(cards)))
        yield Bullets(tuple(_card(row, turn, voice) for row in cards[:MOST_LISTED]))
        if len(cards) > MOST_LISTED:
            yield Text(voice("privacy.more", count=len(cards) - MOST_LISTED))
        yield Note(voice("privacy.cards-file"))
    if entries := sorted(kept.get("trail", ()), key=lambda row: (row["at"], row["id"]), reverse=True):
        yield Heading(voice("privacy.trail", count=len(entries)))
        yield Bullets(tuple(_entry(row, turn, voice) for row in entries[:MOST_LISTED]))
        if len(entries) > MOST_LISTED:
            yield Text(voice("privacy.more", count=len(entries) - MOST_LISTED))


def _membership(row: Row, names: Mapping[str, str], turn: Turn, voice: Voice) -> Item:
    parts = [voice(f"privacy.team-standings.{row['standing'] or 'none'}")]
    if row["manages"]:
        parts.append(voice("privacy.team-manages"))
    since = voice("privacy.since", date=_date(row["since"], turn, voice))
    return Item(voice("privacy.team", team=names.get(row["team"], row["team"])), voice.list(*parts), since)


def _counted(row: Row, names: Mapping[str, str], turn: Turn, desk: Desk, voice: Voice) -> Item:
    matrix, role, level = desk.matrix, row["role"], row["level"]
    parts = [
        role_name(desk, voice, role) if role in matrix.roles else role,
        level_name(desk, voice, level) if level in matrix.levels else level,
        voice("privacy.counted-clauses", count=row["clauses"]),
        voice("privacy.counted-newest", date=_date(row["newest"], turn, voice)) if row["newest"] else None,
    ]
    summary = voice("privacy.counted-summary", team=names.get(row["team"], row["team"]), number=row["number"])
    return Item(" · ".join(filter(None, parts)), detail=summary)


def _card(row: Row, turn: Turn, voice: Voice) -> Item:
    """For whom a card is, and the question on it."""
    parts = (voice("privacy.card", to=row["to_user"]), voice("privacy.card-lines", count=len(row["lines"])))
    return Item(" · ".join(filter(None, (*parts, row["text"]))), detail=_date(row["at"], turn, voice))


def _entry(row: Row, turn: Turn, voice: Voice) -> Item:
    """What was done, by whom where that is still known."""
    by = voice("privacy.trail-by", by=row["by_user"]) if row["by_user"] else None
    said = " · ".join(filter(None, (voice(f"privacy.trail-whats.{row['what']}"), row["team_name"], by)))
    return Item(said, detail=_date(row["at"], turn, voice))


def _date(moment: str, turn: Turn, voice: Voice) -> str:
    return voice.date(day_of(datetime.datetime.fromisoformat(moment), turn))
