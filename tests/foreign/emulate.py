"""`emulate`, a server that others wrote and that speaks Slack's Web API, with a workspace in it.

It keeps messages, windows and Home tabs, knows tokens and their scopes, and mints triggers, but tells an app of nothing
that happens: what Slack would send to Rung is sent from here, signed, about what really stands there.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from slack_sdk import WebClient

from bot.slack.manifest import SCOPES
from tests.clients import MODULES
from tests.foreign.processes import answers, running
from tests.ports import free_port
from tests.slack import INTERACTIONS, signed

COMMAND = ["node", str(MODULES / "emulate" / "dist" / "index.js"), "start", "--service", "slack"]
CHANNEL = "general"
"""Where the response URL leads that stands in for those of Slack: an incoming webhook, whose messages all can read."""
GUILD = "ml-guild"
"""A channel whose members all are."""
EXPIRED = "expired_trigger_id"
PEOPLE = ("sam", "kim")
APP = {"app_id": "A0RUNG001", "bot_id": "B0RUNG001", "bot_user_id": "U0RUNG001", "client_id": "1.2"}
CLIENT_SECRET = "secret-of-the-app"
TOKEN = "xoxb-rung"
PERSONS_SCOPES = (
    "channels:history",
    "channels:manage",
    "channels:read",
    "chat:write",
    "files:read",
    "im:history",
    "im:read",
    "im:write",
)

Json = dict[str, Any]


def seed(redirects: Sequence[str] = ()) -> Json:
    """A workspace in which tokens may do what their scopes say, and Rung's are those of its manifest."""
    app = {
        "name": "Rung",
        "bot_name": "rung",
        "client_secret": CLIENT_SECRET,
        "scopes": SCOPES,
        "redirect_uris": redirects,
    }
    bot = {"token": TOKEN, "type": "bot", "user": APP["bot_user_id"], "scopes": SCOPES}
    people = [
        {"token": f"xoxp-{name}", "type": "user", "user": name, "scopes": PERSONS_SCOPES, "app_id": "A0OTHER01"}
        for name in PEOPLE
    ]
    return {
        "strict_scopes": True,
        "team": {"name": "Example", "domain": "example"},
        "users": [{"name": name, "real_name": name.title()} for name in PEOPLE],
        "channels": [{"name": GUILD}],
        "oauth_apps": [{**APP, **app}],
        "tokens": [{**APP, **bot}, *people],
    }


class Workspace:
    """The emulator, and the way from Rung to it, on which what it answers is kept."""

    def __init__(self, address: str, wire: str, answered: list[tuple[str, Json]]) -> None:
        self.address, self.wire, self._answered = address, wire, answered
        self.bot = ""
        """Where Rung listens."""
        self.secret = ""
        self.landing = ""
        """The page on which whoever installed Rung here has ended, if somebody has."""

    def client(self, token: str) -> WebClient:
        """A client of Slack's own making that has nothing to do with Rung's."""
        return WebClient(token, base_url=f"{self.address}/api/")

    @property
    def refused(self) -> list[tuple[str, str]]:
        """What the emulator refused, and why."""
        return [(called, answer["error"]) for called, answer in self._answered if not answer["ok"]]

    def answered(self, method: str) -> list[Json]:
        """What the emulator answered to Rung's calls of a method so far."""
        return [answer for called, answer in list(self._answered) if called == method]

    def inspected(self, tab: str) -> str:
        """A page of the emulator about itself."""
        return (answers(f"{self.address}/?tab={tab}") or b"").decode()

    def send(self, body: Json) -> tuple[int, str]:
        """Send a payload to Rung as Slack does; the status and the acknowledgement."""
        if "command" in body or body.get("type") in INTERACTIONS:
            form = body if "command" in body else {"payload": json.dumps(body)}
            data, kind = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
        else:
            data, kind = json.dumps(body).encode(), "application/json"
        headers = {"Content-Type": kind, **signed(data, secret=self.secret)}
        with urllib.request.urlopen(urllib.request.Request(f"{self.bot}/slack/events", data, headers)) as answer:
            return answer.status, answer.read().decode()


@contextlib.contextmanager
def emulator(folder: Path, seeded: Json) -> Iterator[Workspace]:
    """An emulator with this in it."""
    (folder / "seed.yaml").write_text(json.dumps({"slack": seeded}))
    port = free_port()
    address = f"http://localhost:{port}"
    command = [*COMMAND, "--port", str(port), "--seed", str(folder / "seed.yaml")]
    with running(command, folder, folder / "emulate.log") as process, _wire(port) as (wire, answered):
        process.until(lambda: answers(f"{address}/?tab=auth"))
        yield Workspace(address, wire, answered)


@contextlib.contextmanager
def _wire(to: int) -> Iterator[tuple[str, list[tuple[str, Json]]]]:
    """A proxy in front of the emulator, and what was answered through it."""
    answered: list[tuple[str, Json]] = []

    class Pass(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            far = http.client.HTTPConnection("localhost", to, timeout=30)
            passed = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            far.request(self.command, self.path, body, passed)
            answer = far.getresponse()
            said = answer.read()
            far.close()
            if self.path.startswith("/api/"):
                answered.append((self.path.removeprefix("/api/"), json.loads(said)))
            self.send_response(answer.status)
            for name in ("Content-Type", "Location", "X-OAuth-Scopes"):
                if answer.headers[name]:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pass)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", answered
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
