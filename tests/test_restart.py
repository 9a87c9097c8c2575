"""What the real process told people is there after it was killed, and it copes with a database that comes and goes."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.store.engine import make_engine
from bot.store.migrate import migrate
from tests.databases import Relay
from tests.slack import SECRET, payload, signed
from tests.test_process import fetch, running

SLACK = {"SLACK_SIGNING_SECRET": SECRET, "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_API_URL": "http://127.0.0.1:9/"}
LEVELS = ("Junior", "Middle", "Senior", "Principal")


def say(address: str, words: str) -> str:
    """What `/skill` answers in Slack."""
    body = urllib.parse.urlencode(payload("slash", text=words)).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", **signed(body)}
    request = urllib.request.Request(f"{address}/slack/events", body, headers)
    with urllib.request.urlopen(request, timeout=20) as response:
        answer: str = response.read().decode()
        return answer


async def test_killed_after_an_answer(database: str) -> None:
    """Killed hard right after it confirmed a profile, a milestone and evidence, the bot knows them when it is started
    again."""
    assert run("migrate", database).returncode == 0
    known = ""
    for level in LEVELS:
        with running("web", DATABASE_URL=database, **SLACK) as (process, address):
            assert fetch(f"{address}/healthz") == 200
            if known:
                assert f"{known} MLOps Engineer" in say(address, "show my profile")
            assert f"Got it, saved: {level} MLOps Engineer." in say(address, f"I am a {level} MLOps engineer")
            process.kill()
        known = level
    with running("web", DATABASE_URL=database, **SLACK) as (process, address):
        assert fetch(f"{address}/healthz") == 200
        assert "1." in say(address, "what should I learn next?")
        assert "Done: " in say(address, "done with the first one, see https://example.com/proof-7")
        process.kill()
    with running("all", DATABASE_URL=database, **SLACK) as (_, address):
        assert fetch(f"{address}/healthz") == 200
        assert "already ticked off" in say(address, "done with the first one")
        assert "https://example.com/proof-7" in say(address, "my evidence")


async def test_postgresql_comes_and_goes(postgresql_database: str) -> None:
    """While PostgreSQL is gone people get a kind sentence with the log's reference; then it goes on by itself."""
    await migrate(postgresql_database)
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        relay = Relay(with_password(postgresql_database), Path(folder))
        await relay.mend()
        with running("web", DATABASE_URL=relay.url, **SLACK) as (process, address):
            await asyncio.to_thread(fetch, f"{address}/healthz")
            saved = await asyncio.to_thread(say, address, "I am a middle MLOps engineer")
            assert "Got it, saved: Middle MLOps Engineer." in saved
            await relay.cut()
            away = await asyncio.to_thread(say, address, "I am a senior MLOps engineer")
            assert "cannot get at my memory" in away
            assert "saved:" not in away
            german = await asyncio.to_thread(say, address, "Was weißt du über mich?")
            assert "komme gerade nicht an mein Ged" in german
            await relay.mend()
            assert "Middle MLOps Engineer" in await asyncio.to_thread(say, address, "show my profile")
            process.terminate()
            _, log = process.communicate(timeout=15)
        await relay.cut()
    reference = away.split("run me: ")[1][:8]
    assert reference in log
    assert "hunter2" not in log
    assert "senior" not in log.lower()


def with_password(url: str) -> str:
    """The same address with a password, which the server does not ask for."""
    return make_url(url).set(password="hunter2").render_as_string(hide_password=False)


@pytest.mark.parametrize("command", ["web", "worker", "all", "migrate", "chat"])
def test_unreachable_at_the_start(command: str) -> None:
    """A database that cannot be reached ends the start with a sentence and an exit code, and no password."""
    with running(command, DATABASE_URL="postgresql://me:hunter2@127.0.0.1:9/rung", **SLACK) as (process, _):
        _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "the database cannot be reached" in said
    assert "DATABASE_URL" in said
    assert "Traceback" not in said
    assert "hunter2" not in said


def test_migrate(postgresql_database: str) -> None:
    """A server's database is set up by `migrate` and by nothing else; again does no harm."""
    for command, code, sentence in (
        ("web", 1, "run `python -m bot migrate` first"),
        ("worker", 1, "run `python -m bot migrate` first"),
        ("migrate", 0, "up to date"),
        ("migrate", 0, "up to date"),
    ):
        done = run(command, postgresql_database)
        assert done.returncode == code
        assert sentence in done.stdout + done.stderr
    with running("web", DATABASE_URL=postgresql_database) as (_, address):
        assert fetch(f"{address}/healthz") == 200


async def test_newer_database(database: str) -> None:
    """A database that a newer version has set up is refused with a sentence, by every command."""
    await migrate(database)
    engine = make_engine(database)
    async with engine.execution_options(writes=True).begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    await engine.dispose()
    for command in ("web", "migrate"):
        done = run(command, database)
        assert done.returncode == 1
        assert "newer version of Rung" in done.stderr
        assert "Traceback" not in done.stderr


def run(command: str, database: str) -> subprocess.CompletedProcess[str]:
    """The bot as a process that ends by itself."""
    with running(command, DATABASE_URL=database) as (process, _):
        out, said = process.communicate(timeout=30)
    return subprocess.CompletedProcess(process.args, process.returncode, out or "", said)
