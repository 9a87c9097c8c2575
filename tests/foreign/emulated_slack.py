"""People in the emulated workspace, who use Rung, and read what it did with a client of Slack's own making.

`python -m tests.foreign.emulated_slack WORDS …` writes to Rung there and prints the answers; the emulator then shows on
a page of its own what is in it, until Ctrl-C.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from tests.foreign.emulate import APP, CHANNEL, EXPIRED, TOKEN, Json, Workspace, emulator, seed
from tests.foreign.processes import a_bot
from tests.slack import SECRET, payload

PATIENCE_SECONDS = 20.0

Found = TypeVar("Found")


@contextlib.contextmanager
def with_a_token(folder: Path) -> Iterator[Workspace]:
    """A workspace with Rung in it, by a token that an operator has copied into a setting."""
    with emulator(folder, seed()) as workspace:
        given = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": f"{workspace.wire}/api/"}
        with a_bot(folder, **given) as bot:
            workspace.bot, workspace.secret = bot, SECRET
            yield workspace


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
    found: dict[str, Json] = {each["text"]["text"]: each for each in held if each.get("type") == "button"}
    assert label in found, sorted(found)
    return found[label]


def soon(look: Callable[[], Found]) -> Found:
    """What `look` finds, as soon as it finds anything, or whatever it finds in the end."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def main(*words: str) -> None:
    """Say this, and leave the emulator open."""
    with tempfile.TemporaryDirectory() as folder, with_a_token(Path(folder)) as workspace:
        sam = Person(workspace, "sam")
        for each in words:
            print(sam.write(each)["text"], end="\n\n")
        print(f"What is in the emulated Slack: {workspace.address}; Ctrl-C ends it.")
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
