"""What is left of a workspace is erased some time after the app has gone from it."""

from __future__ import annotations

import datetime
from typing import Any

import structlog
from sqlalchemy import Select, Table, and_, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database
from bot.store.schema import installation, person, personal, reading, team, workspace
from bot.store.sql import note

WORKSPACE = ("platform", "tenant")

PAGE = 500
"""People erased in one transaction, with all that hangs on them; everyone else waits meanwhile in SQLite."""

UNINSTALLED = "uninstalled"
"""The action in the audit."""

log = structlog.get_logger()


def _ours(table: Table) -> Any:
    return and_(*(table.c[name] == bindparam(f"the_{name}") for name in WORKSPACE))


def _some(table: Table) -> Any:
    return and_(_ours(table), table.c.user_id.in_(bindparam("users", expanding=True)))


GONE = select(*(installation.c[name] for name in WORKSPACE)).where(installation.c.gone_at < bindparam("before"))
ANY_GONE = GONE.limit(1)
STILL_GONE: Select[Any] = GONE.where(_ours(installation)).with_for_update()
USERS = select(person.c.user_id).where(_ours(person)).order_by(person.c.user_id).limit(PAGE)
COUNTS = {table.name: select(func.count()).select_from(table).where(_some(table)) for table in personal()}
PEOPLE = delete(person).where(_some(person))
REST = tuple((table.name, delete(table).where(_ours(table))) for table in (reading, team, workspace, installation))
"""What is about nobody; the installation goes last, because it says that all of it is to go."""


async def are_overdue(database: Database, now: datetime.datetime, days: int) -> bool:
    """Whether there is a workspace that the app left so many days ago. Unavailable."""
    before = {"before": now - datetime.timedelta(days=days)}
    return (await database.read(lambda connection: connection.execute(ANY_GONE, before))).first() is not None


async def erase_uninstalled(database: Database, now: datetime.datetime, days: int) -> int:
    """Erase everything of workspaces that the app left so many days ago; how many people were there.

    A workspace into which it comes back meanwhile keeps what is left. Unavailable.
    """
    before = {"before": now - datetime.timedelta(days=days)}
    gone = (await database.read(lambda connection: connection.execute(GONE, before))).all()
    people = 0
    for row in gone:
        the = {f"the_{name}": getattr(row, name) for name in WORKSPACE}
        while erased := await _erase_some(database, before | the, now):
            people += erased
        if erased is not None:
            log.info("workspace_erased", platform=row.platform, tenant=row.tenant)
    return people


async def _erase_some(database: Database, told: dict[str, Any], now: datetime.datetime) -> int | None:
    """Erase a page of people, or what else there is when they are gone; how many, or None where the app is back."""

    async def work(connection: AsyncConnection) -> int | None:
        if (await connection.execute(STILL_GONE, told)).first() is None:
            return None
        users = list((await connection.execute(USERS, told)).scalars())
        if users:
            some = told | {"users": users}
            counts = {name: (await connection.execute(count, some)).scalar_one() for name, count in COUNTS.items()}
            await connection.execute(PEOPLE, some)
        else:
            counts = {name: (await connection.execute(rest, told)).rowcount for name, rest in REST}
        await note(connection, now, UNINSTALLED, counts)
        return len(users)

    erased = await database.write(work)
    database.unwiped = database.embedded
    return erased
