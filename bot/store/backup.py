"""Copy the database's file while others work with it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from bot.store.engine import database_url


class NoBackupError(Exception):
    """Nothing was copied; the text says why, and what to do."""


def back_up(url: str, copy: Path) -> int:
    """Write everything that is committed into one new file, and return its size in bytes. NoBackupError.

    The copy is one moment's, whoever writes meanwhile, is readable for its owner only, and holds no erased words. It
    has its name only once it is whole, looked through, and on disk.
    """
    address = database_url(url)
    if address.get_backend_name() != "sqlite":
        raise NoBackupError("This is for a database in a file. Back up a PostgreSQL with its own pg_dump.")
    file = Path(str(address.database)).absolute()
    if not file.exists():
        raise NoBackupError(f"There is no database {file.name} yet, so there is nothing to back up.")
    if copy.exists():
        raise NoBackupError(f"{copy.name} is there already, and a backup overwrites nothing: choose another name.")
    part = copy.with_name(f"{copy.name}.part")
    try:
        # SQLite writes into an empty file as it finds it, with these rights.
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, isolation_level=None)) as source:
            source.execute("VACUUM INTO ?", (str(part),))
        _look_through(part)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        # A link, unlike a new name, takes the place of nothing that came meanwhile.
        copy.hardlink_to(part)
        return copy.stat().st_size
    except FileExistsError:
        raise NoBackupError(f"{copy.name} has come up meanwhile: choose another name.") from None
    except (OSError, sqlite3.DatabaseError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise NoBackupError(f"The backup could not be written: {why}.") from None
    finally:
        part.unlink(missing_ok=True)


def _look_through(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as copy:
        (found,) = copy.execute("PRAGMA integrity_check").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError("the copy is damaged, and so the database may be: python -m bot doctor")
