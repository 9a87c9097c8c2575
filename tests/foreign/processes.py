"""Processes for the tests: Rung itself, and the clients that others wrote."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 120.0
END_SECONDS = 20.0

Found = TypeVar("Found")


class Process:
    """A process in a group of its own, and the file with what it says."""

    def __init__(self, command: Sequence[str], folder: Path, log: Path, env: Mapping[str, str]) -> None:
        self._log = log
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                command, cwd=folder, env=dict(env), stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )

    @property
    def said(self) -> str:
        """What it has said so far."""
        return self._log.read_text(errors="replace")

    def until(self, look: Callable[[], Found | None]) -> Found:
        """What `look` finds, as soon as it finds anything. RuntimeError with what was said when it never does."""
        end = time.monotonic() + START_SECONDS
        while (found := look()) is None:
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self._process.args!r} did not start: {self.said[-2000:]}")
            time.sleep(0.05)
        return found

    def end(self) -> None:
        """End it, and whatever it has started."""
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@contextlib.contextmanager
def running(command: Sequence[str], folder: Path, log: Path, env: Mapping[str, str] | None = None) -> Iterator[Process]:
    """A process, for as long as it is needed."""
    process = Process(command, folder, log, os.environ if env is None else env)
    try:
        yield process
    finally:
        process.end()


@contextlib.contextmanager
def a_bot(folder: Path, **settings: str) -> Iterator[str]:
    """The address of Rung as people run it, over a file of its own, with these settings and no others."""
    address = f"http://127.0.0.1:{free_port()}"
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    given = {"PORT": address.rsplit(":", 1)[1], "DATABASE_URL": f"sqlite:///{folder}/rung.db", "PYTHONPATH": str(ROOT)}
    # It runs in the folder, so that a `.env` of whoever runs the tests counts for nothing.
    with running([sys.executable, "-m", "bot", "all"], folder, folder / "rung.log", kept | given | settings) as bot:
        bot.until(lambda: answers(f"{address}/readyz"))
        yield address


def answers(address: str) -> bytes | None:
    """The body that an address answers with, or None while it does not answer."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            body: bytes = answer.read()
            return body
    except (urllib.error.URLError, OSError):
        return None
