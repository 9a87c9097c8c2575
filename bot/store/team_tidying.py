"""What is erased of teams by itself: old questions and entries, names of the forgotten, and teams nobody manages."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, Update, bindparam, delete, exists, literal, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.schema import PERSON, letter, membership, reading, team, trail
from bot.store.team_rules import AGAIN_AFTER, ALONE_FOR, INVITED_FOR, UNDERWAY_FOR, entry_id
from bot.store.team_statements import END, TeamStatements
from handlers.team_records import Standing

WORKSPACE = ("platform", "tenant")

MANAGED = exists(
    select(literal(1)).where(
        *(membership.c[name] == team.c[name] for name in WORKSPACE),
        membership.c.team == team.c.id,
        membership.c.manages,
    )
)

UNANSWERED, REFUSED = (
    delete(membership).where(
        membership.c.standing.in_(standings), membership.c.since < bindparam("before"), ~membership.c.manages
    )
    for standings in ((Standing.ASKED.value,), (Standing.NO.value, Standing.LEFT.value))
)
OLD_ENTRIES = delete(trail).where(trail.c.at < bindparam("before"))
UNHEARD_OF = (
    update(reading)
    .where(reading.c.state == "posting", reading.c.at < bindparam("before"))
    .values(state=literal("doubt"))
)
MANAGED_AGAIN = update(team).where(team.c.alone.is_not(None), MANAGED).values(alone=null())
LEFT_ALONE = update(team).where(team.c.alone.is_(None), ~MANAGED).values(alone=bindparam("since"))
ABANDONED = select(team.c.platform, team.c.tenant, team.c.id, team.c.name).where(team.c.alone < bindparam("before"))


def _unnamed(table: Table) -> Update:
    """Takes out that it was one person who did something."""
    theirs = (table.c[name] == bindparam(f"the_{name}") for name in WORKSPACE)
    return update(table).where(*theirs, table.c.by_user == bindparam("the_user_id")).values(by_user=null())


NAMED = (_unnamed(trail), _unnamed(reading))
ASKED_BY = (
    update(letter)
    .where(
        *(letter.c[name] == bindparam(f"the_{name}") for name in WORKSPACE),
        letter.c.not_before.is_not(None),
        letter.c.intent["by"].as_string() == bindparam("the_user_id"),
    )
    .values(intent=null())
)
"""Letters in which somebody asks: without what they ask they are not sent."""


async def unname(connection: AsyncConnection, people: Sequence[Sequence[Any]], *, letters: bool) -> None:
    """Leave nothing with others of people, by their keys, who did something that concerns these."""
    if people:
        told = [{f"the_{name}": value for name, value in zip(PERSON, one, strict=True)} for one in people]
        for statement in (*NAMED, ASKED_BY) if letters else NAMED:
            await connection.execute(statement, told)


async def tidy_teams(
    connection: AsyncConnection, statements: TeamStatements, now: datetime.datetime, before: datetime.datetime
) -> dict[str, int]:
    """Erase what nobody needs any more; `before` is when an entry of a trail is too old."""
    counts = {}
    for name, statement, moment in (
        ("invitation", UNANSWERED, now - INVITED_FOR),
        ("refusal", REFUSED, now - AGAIN_AFTER),
        ("trail", OLD_ENTRIES, before),
    ):
        counts[name] = (await connection.execute(statement, {"before": moment})).rowcount
    await connection.execute(UNHEARD_OF, {"before": now - UNDERWAY_FOR})
    await connection.execute(MANAGED_AGAIN)
    await connection.execute(LEFT_ALONE, {"since": now})
    abandoned = (await connection.execute(ABANDONED, {"before": now - ALONE_FOR})).all()
    for platform, tenant, name, called in abandoned:
        told = {"note_id": entry_id(), "note_what": "ended", "note_by_user": None, "note_team_name": called}
        whose = {"platform": platform, "tenant": tenant, "team": name}
        await connection.execute(statements.note, whose | told | {"now": now})
        for statement in END:
            await connection.execute(statement, whose)
    return counts | {"team": len(abandoned)}
