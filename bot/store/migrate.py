"""Bring a database to the tables this version knows."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError

from bot.store.engine import JournalAloneError, make_engine
from handlers.errors import Unavailable

MIGRATIONS = Path(__file__).with_name("migrations")

REVISIONS = tuple(sorted(path.name[1:5] for path in (MIGRATIONS / "versions").glob("v[0-9]*.py")))
"""The versions of the tables, oldest first, as the files of migrations are named: `v0001_people.py` makes 0001."""

LOCK = 8_024_019
"""PostgreSQL's advisory lock for migrating: any number, as long as it stays the same."""


NO_FILE = (
    "The database's file is gone, but its journal (-wal) is still there, with the latest of what people told: "
    "put the file back beside it. If it is lost, remove the journal as well."
)

DAMAGED = (
    "The database's file is damaged, or no SQLite database at all: restore a backup, or set DATABASE_URL to another."
)


class VersionError(Exception):
    """The database is not fit for this code; the text says what to do."""


async def migrate(url: str) -> None:
    """Upgrade a database of any older version; a process that comes second waits and finds nothing to do.

    Raises `VersionError` when the database is newer than the code.
    """
    await bring_up_to_date(url, upgrade=True)


async def bring_up_to_date(url: str, *, upgrade: bool) -> None:
    """Upgrade a database, or only ask whether it needs to be.

    `VersionError` says in a sentence what does not fit, `Unavailable` means that there is nobody to ask.
    """
    engine = make_engine(url, migrating=True)
    try:
        async with engine.execution_options(writes=upgrade).begin() as connection:
            await connection.run_sync(_upgrade if upgrade else _compare)
    except JournalAloneError as error:
        raise VersionError(NO_FILE) from error
    except (OperationalError, OSError) as error:
        raise Unavailable(f"the database cannot be reached: {type(error).__name__}") from error
    except DatabaseError as error:
        if getattr(error.orig, "sqlite_errorname", "").startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            raise VersionError(DAMAGED) from error
        raise
    finally:
        await engine.dispose()


def _upgrade(connection: Connection) -> None:
    """Everything in one transaction, under a lock that a second process waits for (SQLite: the writer's)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if _is_current(connection):
        return
    # Alembic takes a tenth of a second and 7 MB, which most starts need not spend.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).first():
        raise RuntimeError("a migration left rows without their person")


def _compare(connection: Connection) -> None:
    if not _is_current(connection):
        raise VersionError("The database is older than this version of Rung: run `python -m bot migrate` first.")


def _is_current(connection: Connection) -> bool:
    """Whether the database has the newest tables. VersionError when it has newer ones."""
    revision = None
    if inspect(connection).has_table("alembic_version"):
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is not None and revision not in REVISIONS:
        raise VersionError(
            f"The database was set up by a newer version of Rung (tables {revision}, this version knows "
            f"{REVISIONS[-1]}): start that version, or restore a backup from before the upgrade."
        )
    return revision == REVISIONS[-1]
