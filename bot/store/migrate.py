"""Bring a database to the tables this version knows."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError

from bot.store.engine import JournalAloneError, make_engine
from handlers.errors import Unavailable

if TYPE_CHECKING:
    from scheduler.fleet import Scripts

MIGRATIONS = Path(__file__).with_name("migrations")

REVISIONS = tuple(sorted(path.name[1:5] for path in (MIGRATIONS / "versions").glob("v[0-9]*.py")))
"""The versions of the tables, oldest first, as the files of migrations are named: `v0001_people.py` makes 0001."""

QUEUE = "procrastinate_jobs"
"""The table of another library whose comment says which of its changes were made; it keeps no such record itself."""

LOCK = 8_024_019
"""PostgreSQL's advisory lock for migrating: any number, as long as it stays the same."""


OLDER = "The database is older than this version of Rung: run `python -m bot migrate` first."


NO_FILE = (
    "The database's file is gone, but its journal (-wal) is still there, with the latest of what people told: "
    "put the file back beside it. If it is lost, remove the journal as well."
)

DAMAGED = (
    "The database's file is damaged, or no SQLite database at all: restore a backup, or set DATABASE_URL to another."
)


class VersionError(Exception):
    """The database is not fit for this code; the text says what to do."""


async def migrate(url: str, queue: Scripts | None = None) -> None:
    """Upgrade a database of any older version; a process that comes second waits and finds nothing to do.

    Raises `VersionError` when the database is newer than the code. With `queue` it gets the tables of the fleet, too.
    """
    await bring_up_to_date(url, upgrade=True, queue=queue)


async def bring_up_to_date(url: str, *, upgrade: bool, queue: Scripts | None = None) -> None:
    """Upgrade a database, or only ask whether it needs to be.

    `VersionError` says in a sentence what does not fit, `Unavailable` means that there is nobody to ask.
    """
    engine = make_engine(url, migrating=True)
    try:
        async with engine.execution_options(writes=upgrade).begin() as connection:
            await connection.run_sync(_upgrade if upgrade else _compare)
            if queue:
                await connection.run_sync(partial(_upgrade_queue if upgrade else _compare_queue, queue))
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
        raise VersionError(OLDER)


def _upgrade_queue(queue: Scripts, connection: Connection) -> None:
    """In the transaction, and under the lock, of the tables of our own."""
    done, changes = _done(queue, connection), tuple(queue.changes)
    if done == changes[-1]:
        return
    scripts = [queue.changes[name] for name in changes if name > done] if done else [queue.schema]
    for script in (*scripts, f"COMMENT ON TABLE {QUEUE} IS '{changes[-1]}'"):
        # Without parameters a percent sign is one.
        connection.execution_options(no_parameters=True).exec_driver_sql(script)


def _compare_queue(queue: Scripts, connection: Connection) -> None:
    if _done(queue, connection) != tuple(queue.changes)[-1]:
        raise VersionError(OLDER)


def _done(queue: Scripts, connection: Connection) -> str:
    """The last change that was made to the queue's tables, or "" when there are none."""
    if not inspect(connection).has_table(QUEUE):
        return ""
    done: str | None = inspect(connection).get_table_comment(QUEUE)["text"]
    if done is None:
        raise VersionError(f"The table {QUEUE} in the database is not Rung's: give Rung a database of its own.")
    if done not in queue.changes:
        raise VersionError(_newer(done, tuple(queue.changes)[-1]))
    return done


def _is_current(connection: Connection) -> bool:
    """Whether the database has the newest tables. VersionError when it has newer ones."""
    revision = None
    if inspect(connection).has_table("alembic_version"):
        revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is not None and revision not in REVISIONS:
        raise VersionError(_newer(revision, REVISIONS[-1]))
    return revision == REVISIONS[-1]


def _newer(found: str, known: str) -> str:
    return (
        f"The database was set up by a newer version of Rung (tables {found}, this version knows {known}): "
        "start that version, or restore a backup from before the upgrade."
    )
