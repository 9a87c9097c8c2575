"""What waits for a workspace that the app has left: parked where it is, so that no question about others is slower.

A parked nudge has the day that it is for, and no instant; a parked letter is to be looked at at the end of all days.
"""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import and_, bindparam, literal, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.letter_statements import STANDING, WORKSPACE, LetterStatements
from bot.store.letters import recounted
from bot.store.nudges import zone_data
from bot.store.schema import letter, nudging, workspace
from scheduler.delivery import FAR
from scheduler.letters import State

PAGE = 1_000
"""Nudges that go on in one transaction."""

Where = dict[str, str]
"""A workspace by its columns."""

_OURS, _THEIRS, _ITS = (
    and_(*(table.c[name] == bindparam(f"the_{name}") for name in WORKSPACE)) for table in (nudging, letter, workspace)
)

PARK_NUDGES = update(nudging).where(_OURS, nudging.c.due.is_not(None)).values(due=null())
PARKED = (
    select(*STANDING)
    .where(_OURS, nudging.c.due.is_(None), nudging.c.due_day.is_not(None))
    .order_by(nudging.c.user_id)
    .limit(literal(PAGE))
    .with_for_update()
)
HOLD_LETTERS = update(letter).where(_THEIRS, letter.c.not_before.is_not(None)).values(not_before=bindparam("far"))
LET_GO = (
    update(letter)
    .where(_THEIRS, letter.c.not_before.is_not(None), letter.c.not_before == bindparam("far"))
    .values(not_before=bindparam("now"))
)
LET_RETURN = (
    update(letter)
    .where(
        _THEIRS,
        letter.c.state == State.READY.value,
        letter.c.not_before > bindparam("now"),
        letter.c.not_before <= select(workspace.c.gate_until).where(_ITS).scalar_subquery(),
    )
    .values(not_before=bindparam("now"))
)
"""Those that were put back until the gate opens."""
OPEN_GATE = update(workspace).where(_ITS, workspace.c.gate_until.is_not(None)).values(gate_until=null())


IS_PARKED = select(workspace.c.gate_until).where(_ITS, workspace.c.gate_until == bindparam("far"))


async def is_parked(connection: AsyncConnection, where: Where) -> bool:
    """Whether a workspace waits to be installed again."""
    told = {**{f"the_{name}": value for name, value in where.items()}, "far": FAR}
    return (await connection.execute(IS_PARKED, told)).first() is not None


async def park(connection: AsyncConnection, statements: LetterStatements, where: Where, now: datetime.datetime) -> None:
    """Let nothing more be planned or sent; a drain that is under way may not settle what it has any more."""
    the = {f"the_{name}": value for name, value in where.items()}
    await connection.execute(statements.begin, where | {"epoch": 1})
    await connection.execute(statements.doubt, the | {"now": now, "stamp": now.isoformat()})
    await connection.execute(statements.close_gate, where | {"epoch": 0, "gate_until": FAR})
    await connection.execute(HOLD_LETTERS, the | {"far": FAR})
    await connection.execute(PARK_NUDGES, the)


async def unpark_some(connection: AsyncConnection, statements: LetterStatements, where: Where) -> bool:
    """Give a page of nudges their instants again, those of past weeks too, so that they move on; True when more may be.

    What is too late then is settled as any late letter is.
    """
    the = {f"the_{name}": value for name, value in where.items()}
    rows: list[Any] = list((await connection.execute(PARKED, the)).all())
    if rows:
        moves = statements.moves.pack([recounted(row, zone_data()) for row in rows])
        await connection.execute(statements.move, moves)
    return len(rows) == PAGE


async def reopen(connection: AsyncConnection, where: Where, now: datetime.datetime) -> None:
    """Let the letters go that waited, also those that waited because the token was good for nothing.

    Where the platform had asked for a pause, it will ask again.
    """
    told = {**{f"the_{name}": value for name, value in where.items()}, "far": FAR}
    await connection.execute(LET_GO, told | {"now": now})
    await connection.execute(LET_RETURN, told | {"now": now})
    await connection.execute(OPEN_GATE, told)
