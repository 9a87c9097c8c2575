"""The real process: it starts, answers, refuses and stops."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.ports import free_port
from tests.teams import APP


@contextmanager
def running(command: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The bot as a process of its own, ready to answer, and its address."""
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "MICROSOFT_"))}
    with tempfile.TemporaryDirectory() as folder:
        given = {"PORT": str(port), "DATABASE_URL": f"sqlite:///{folder}/rung.db"} | variables
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", command],
            env=clean | given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.communicate()


def fetch(url: str, body: bytes | None = None, headers: dict[str, str] | None = None, wait: float = 60) -> int:
    """The status of a request, trying again while nobody listens yet."""
    end = time.monotonic() + wait
    while True:
        try:
            request = urllib.request.Request(url, body, headers or {})
            with urllib.request.urlopen(request, timeout=5) as response:
                return response.status
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code
        except urllib.error.URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


@pytest.mark.parametrize("command", ["web", "all"])
def test_it_answers_and_ends_gracefully(command: str):
    """The server says that it is healthy, and ends without an error when told to."""
    with running(command, RUNG_DEV="1") as (process, address):
        assert fetch(f"{address}/healthz") == 200
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=15)
        assert process.returncode == 0
        assert "Traceback" not in log
        assert '"event": "stopping"' in log


def test_it_ends_in_time_with_requests_half_sent():
    """Someone who sends half a request does not hold up the end: it comes before Docker would kill the process."""
    with running("web", RUNG_DEV="1") as (process, address):
        assert fetch(f"{address}/healthz") == 200
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as slow:
            slow.sendall(b"POST /api/messages HTTP/1.1\r\nHost: bot\r\nContent-Length: 9\r\n\r\n{")
            time.sleep(0.2)
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=9.5)
        assert process.returncode == 0
        assert "Traceback" not in log


def test_the_worker_waits_and_ends_gracefully(database: str):
    """The worker keeps the clock until it is told to stop."""
    with running("migrate", DATABASE_URL=database) as (process, _):
        assert process.wait(15) == 0
    with running("worker", DATABASE_URL=database) as (process, _):
        assert process.stderr
        assert any('"event": "ready"' in line for line in process.stderr)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0


def test_platforms_without_credentials_are_off():
    """Without credentials neither platform's address exists, and the log says why and what to set."""
    with running("web") as (process, address):
        assert fetch(f"{address}/healthz") == 200
        assert fetch(f"{address}/slack/events", b"{}") == 404
        assert fetch(f"{address}/api/messages", b"{}") == 404
        process.send_signal(signal.SIGTERM)
        log = process.communicate(timeout=15)[1]
        assert "no_platform" in log
        assert "SLACK_BOT_TOKEN" in log


def test_missing_settings_stop_the_start_with_sentences():
    """What is missing is named on the terminal, all at once, and nothing starts."""
    with running("web", SLACK_APP_TOKEN="xapp-secret", MICROSOFT_APP_ID=APP) as (process, _):
        _, said = process.communicate(timeout=15)
        assert process.returncode == 2
        for name in ("SLACK_BOT_TOKEN", "MICROSOFT_APP_PASSWORD", "MICROSOFT_APP_TENANT_ID"):
            assert name in said
        assert "xapp-secret" not in said
        assert "Traceback" not in said


def test_a_taken_port_is_said_in_a_sentence():
    """A second bot on the same port ends with a sentence, not a traceback."""
    with running("web") as (_, address):
        assert fetch(f"{address}/healthz") == 200
        with running("web", PORT=address.rsplit(":", 1)[1]) as (second, _):
            _, said = second.communicate(timeout=15)
            assert second.returncode == 1
            assert "cannot listen" in said
            assert "Traceback" not in said


def test_what_people_write_and_secrets_never_reach_the_log():
    """Words, names and secrets sent to the bot are not found in its log, nor in its complaints about bad requests."""
    secrets = {
        "SLACK_SIGNING_SECRET": "sign-7f3a",
        "SLACK_BOT_TOKEN": "xoxb-7f3a",
        "SLACK_API_URL": "http://127.0.0.1:9/",
    }
    with running("web", RUNG_DEV="1", **secrets) as (process, address):
        assert fetch(f"{address}/healthz") == 200
        for path in ("/slack/events", "/api/messages"):
            for body in (
                b"text=wombat-secret-words",
                b'{"type": "message", "text": "wombat-secret-words"}',
                b"{wombat",
            ):
                assert fetch(f"{address}{path}", body, {"Content-Type": "application/json"}) < 500
        process.send_signal(signal.SIGTERM)
        log = process.communicate(timeout=15)[1]
        assert "wombat" not in log
        assert "7f3a" not in log
