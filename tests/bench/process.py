"""Start to ready, and resident memory, of the real process with both platforms on."""

from __future__ import annotations

import asyncio
import datetime
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from handlers.turn import Person
from tests.crowd import gather_crowd
from tests.ports import free_port

ENVIRONMENT = {
    "SLACK_SIGNING_SECRET": "bench",
    "SLACK_BOT_TOKEN": "xoxb-bench",
    "SLACK_API_URL": "http://127.0.0.1:9/",
    "RUNG_DEV": "1",
}

CHECKING_CALLERS = (
    "import runpy, sys, bot.teams.callers; sys.argv[1:] = ['all']; runpy.run_module('bot', run_name='__main__')"
)
"""`python -m bot all` with what checks who calls, as with credentials; those would have it look for keys."""


@dataclass(frozen=True)
class Footprint:
    """Seconds from the command to the first answer on /healthz, and MiB resident then."""

    seconds: float
    mebibytes: float


def measure() -> Footprint:
    """Start `python -m bot all`, wait until it answers, look, and stop it."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | ENVIRONMENT | {"PORT": str(port), "DATABASE_URL": f"sqlite:///{folder}/rung.db"}
        subprocess.run([sys.executable, "-m", "bot", "migrate"], env=environment, stdout=subprocess.DEVNULL, check=True)
        start = time.perf_counter()
        command = [sys.executable, "-c", CHECKING_CALLERS]
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz")
            seconds = time.perf_counter() - start
            status = Path(f"/proc/{process.pid}/status").read_text()
            kibibytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(15)
    return Footprint(seconds, kibibytes / 1024)


def worker_with_people(people: int) -> float:
    """MiB that a worker has resident at most while it goes its rounds over so many people, of whom some are due."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/rung.db"
        asyncio.run(_fill(url, people))
        command = [sys.executable, "-m", "bot", "worker"]
        environment = os.environ | ENVIRONMENT | {"DATABASE_URL": url}
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            try:
                assert process.stderr
                assert any("planned" in line for line in process.stderr)
                time.sleep(3)
                status = Path(f"/proc/{process.pid}/status").read_text()
            finally:
                process.kill()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


async def _fill(url: str, people: int) -> None:
    await migrate(url)
    store = SqlStore(url)
    now = datetime.datetime.now(datetime.UTC)
    due, later = now - datetime.timedelta(minutes=1), now + datetime.timedelta(days=1)
    users = (Person("slack", "T1", f"U{number:07}") for number in range(people))
    await gather_crowd(store, ((user, later if number % 100 else due) for number, user in enumerate(users)))
    await store.close()


def _wait_for(url: str, seconds: float = 30) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.01)
    raise TimeoutError(url)
