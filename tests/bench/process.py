"""Start to ready, and resident memory, of the real process with both platforms on."""

from __future__ import annotations

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

from tests.ports import free_port

ENVIRONMENT = {
    "SLACK_SIGNING_SECRET": "bench",
    "SLACK_BOT_TOKEN": "xoxb-bench",
    "SLACK_API_URL": "http://127.0.0.1:9/",
    "RUNG_DEV": "1",
}


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
        process = subprocess.Popen([sys.executable, "-m", "bot", "all"], env=environment, stderr=subprocess.DEVNULL)
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz")
            seconds = time.perf_counter() - start
            status = Path(f"/proc/{process.pid}/status").read_text()
            kibibytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(15)
    return Footprint(seconds, kibibytes / 1024)


def _wait_for(url: str, seconds: float = 30) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.01)
    raise TimeoutError(url)
