"""`emulate`, a Slack that others wrote, and people in its workspace who use Rung.

It keeps messages, windows and Home tabs, knows tokens and their scopes, and mints triggers, but tells an app of nothing
that happens: what Slack would send to Rung is sent from here, signed, about what really stands there.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

from slack_sdk import WebClient

from bot.slack.manifest import SCOPES
from tests.clients import MODULES
from tests.foreign.processes import answers, running
from tests.ports import free_port
from tests.slack import INTERACTIONS, payload, signed

COMMAND = ["node", str(MODULES / "emulate" / "dist" / "index.js"), "start", "--service", "slack"]
CHANNEL = "general"
"""Where the response URL leads that stands in for those of Slack: an incoming webhook, whose messages all can read."""
GUILD = "ml-guild"
"""A channel whose members all are."""
EXPIRED = "expired_trigger_id"
PEOPLE = ("sam", "kim")
APP = {"app_id": "A0RUNG001", "bot_id": "B0RUNG001", "bot_user_id": "U0RUNG001", "client_id": "1.2"}
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
PATIENCE_SECONDS = 20.0

Found = TypeVar("Found")
Json = dict[str, Any]


def seed(redirects: Sequence[str] = ()) -> Json:
    """A workspace in which tokens may do what their scopes say, and Rung's are those of its manifest."""
    app = {"name": "Rung", "bot_name": "rung", "client_secret": "secret", "scopes": SCOPES, "redirect_uris": redirects}
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


class Person:
    """Somebody of the workspace, who acts with a token of their own."""

    _counter = itertools.count(1)

    def __init__(self, workspace: Workspace, name: str, bot: str = APP["bot_user_id"]) -> None:
        self._workspace = workspace
        self.web = workspace.client(f"xoxp-{name}")
        about = self.web.auth_test()
        self.id, self.name, self.team = str(about["user_id"]), name, str(about["team_id"])
        self.direct = str(self.web.conversations_open(users=bot)["channel"]["id"])
        self.channel = self.called(CHANNEL)

    def called(self, name: str) -> str:
        """The id of a channel."""
        return next(str(each["id"]) for each in self.web.conversations_list()["channels"] if each["name"] == name)

    def _from_me(self, body: Json) -> Json:
        """A payload that is said to come from this person, with a fresh trigger."""
        minting = self._workspace.client(TOKEN).api_call("views.generateTriggerId", data={"user_id": self.id})
        url = f"{self._workspace.address}/services/{self.team}/{APP['bot_id']}/X000000001"
        common = {"trigger_id": minting["trigger_id"], "response_url": url, "api_app_id": APP["app_id"]}
        if "command" in body:
            return {**body, **common, "team_id": self.team, "user_id": self.id}
        return {
            **body,
            **common,
            "user": {"id": self.id, "name": self.name, "team_id": self.team},
            "team": {"id": self.team, "domain": "example"},
        }

    def _event(self, name: str, **changes: Any) -> None:
        body = payload(name, user=self.id, **changes)
        body |= {"team_id": self.team, "event_id": f"Ev{next(self._counter)}"}
        body["authorizations"][0] |= {"team_id": self.team, "user_id": APP["bot_user_id"]}
        assert self._workspace.send(body) == (200, "")

    def write(self, words: str) -> Json:
        """Write to Rung; the first message it answers with."""
        ts = str(self.web.chat_postMessage(channel=self.direct, text=words)["ts"])
        self._event("message_im", channel=self.direct, text=words, ts=ts, event_ts=ts)
        return soon(lambda: self.replies(self.direct, ts))[0]

    def mention(self, words: str) -> Json:
        """Ask Rung where others read along; the first message it answers with."""
        text = f"<@{APP['bot_user_id']}> {words}"
        ts = str(self.web.chat_postMessage(channel=self.channel, text=text)["ts"])
        self._event("app_mention", channel=self.channel, text=text, ts=ts, event_ts=ts)
        return soon(lambda: self.replies(self.channel, ts))[0]

    def replies(self, channel: str, ts: str) -> list[Json]:
        """What stands under a message."""
        below = self.web.conversations_replies(channel=channel, ts=ts)["messages"]
        return [each for each in below if each["ts"] != ts]

    def returned(self, thread: str = "") -> list[Json]:
        """What came by the response URL, latest first; of what was pressed in a thread, that below it."""
        if thread:
            return self.replies(self.channel, thread)[::-1]
        found: list[Json] = self.web.conversations_history(channel=self.channel)["messages"]
        return [each for each in found if each.get("bot_id") == APP["bot_id"]]

    def command(self, words: str) -> Json:
        """Type the slash command in the channel; the answer, which the acknowledgement has if it is quick enough."""
        body = payload("slash") | {"text": words, "channel_id": self.channel, "channel_name": CHANNEL}
        before = len(self.returned())
        status, said = self._workspace.send(self._from_me(body))
        assert status == 200
        answer: Json = json.loads(said) if said else soon(lambda: self.returned()[: -before or None])[0]
        return answer

    def press(self, message: Json, label: str) -> None:
        """Press a button of a message in the conversation with Rung."""
        body = payload("button_message")
        thread = {"thread_ts": message["thread_ts"]} if "thread_ts" in message else {}
        body |= {"channel": {"id": self.direct, "name": "directmessage"}, "message": message}
        body["container"] = {"type": "message", "message_ts": message["ts"], "channel_id": self.direct, **thread}
        body["actions"] = [{**button(message["blocks"], label), "action_ts": f"{time.time():.6f}"}]
        assert self._workspace.send(self._from_me(body)) == (200, "")

    def save(self, message: Json) -> None:
        """Choose "Save as evidence" in the menu of a message in the channel."""
        body = payload("shortcut") | {"channel": {"id": self.channel, "name": CHANNEL}, "message_ts": message["ts"]}
        body |= {"message": message, "action_ts": f"{time.time():.6f}"}
        assert self._workspace.send(self._from_me(body)) == (200, "")

    def window(self, opening: Callable[[], None]) -> Json:
        """The window that opens; who finds that a busy machine was too slow for the trigger tries it again."""
        for _ in range(5):
            before = len(self._workspace.answered("views.open"))
            opening()
            (answer,) = soon(lambda: self._workspace.answered("views.open")[before:])  # noqa: B023
            if answer.get("error") != EXPIRED:
                break
        view: Json = answer["view"]
        return view

    def submit(self, view: Json, **written: str) -> None:
        """Send a window with words in the fields of these labels; an option is named by its own label."""
        values = {
            block["block_id"]: {block["element"]["action_id"]: _filled(block["element"], _said(written, block))}
            for block in view["blocks"]
            if block["type"] == "input"
        }
        body = payload("submission")
        body["view"] = view | {"state": {"values": values}}
        assert self._workspace.send(self._from_me(body)) == (200, "")

    def open_home(self) -> None:
        """Open the Home tab."""
        self._event("home_opened", channel=self.direct, event_ts=f"{time.time():.6f}")


def _said(written: dict[str, str], block: Json) -> str | None:
    label = block["label"]["text"]
    return next((value for name, value in written.items() if label.lower().startswith(name)), None)


def _filled(element: Json, words: str | None) -> Json:
    """The state of a field that somebody wrote into, or left as it was."""
    kind = element["type"]
    if kind == "static_select":
        options = [
            *element.get("options", ()),
            *(one for each in element.get("option_groups", ()) for one in each["options"]),
        ]
        chosen = next((each for each in options if each["text"]["text"] == words), element.get("initial_option"))
        return {"type": kind, "selected_option": chosen}
    if kind == "datepicker":
        return {"type": kind, "selected_date": words or element.get("initial_date")}
    return {"type": kind, "value": words or element.get("initial_value")}


def button(blocks: Sequence[Json], label: str) -> Json:
    """The button of that label."""
    held = [one for block in blocks for one in (*block.get("elements", ()), block.get("accessory") or {})]
    found = {each["text"]["text"]: each for each in held if each.get("type") == "button"}
    assert label in found, sorted(found)
    return found[label]


def soon(look: Callable[[], Found]) -> Found:
    """What `look` finds, as soon as it finds anything, or whatever it finds in the end."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


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
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0))
            far = http.client.HTTPConnection("localhost", to, timeout=30)
            passed = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            far.request("POST", self.path, body, passed)
            answer = far.getresponse()
            said = answer.read()
            far.close()
            answered.append((self.path.rsplit("/", 1)[1], json.loads(said)))
            self.send_response(answer.status)
            for name in ("Content-Type", "X-OAuth-Scopes"):
                if answer.headers[name]:
                    self.send_header(name, answer.headers[name])
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

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
