"""By how much the unasked side is behind, as the database shows it."""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database
from bot.store.unasked import OPEN, letter, nudging


class Lags(NamedTuple):
    """Seconds; 0 when nobody waits."""

    clock: float
    """For how long the person who waits longest has been due for a letter that is not written."""
    letters: float
    """For how long the letter that waits longest could have been sent."""


_OLDEST = select(
    select(func.min(nudging.c.due)).where(nudging.c.due.is_not(None)).scalar_subquery(),
    select(func.min(letter.c.not_before)).where(OPEN).scalar_subquery(),
)


async def look_at_lags(database: Database, now: datetime.datetime) -> Lags:
    """The lags now. Unavailable when the database is away."""

    async def work(connection: AsyncConnection) -> Any:
        return (await connection.execute(_OLDEST)).one()

    return Lags(*(max(0.0, (now - oldest).total_seconds()) if oldest else 0.0 for oldest in await database.read(work)))
