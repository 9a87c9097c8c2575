"""What a person does in Slack, as the payloads that Slack sends to the bot, signed as Slack signs them."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.parse
from typing import Any, Final

import aiohttp

from bot.playground import cast
from bot.playground.slack_side import APP, BOT_ID, BOT_USER, Json, Message, Refusal, SlackSide
from bot.playground.wire import Wire

COMMAND: Final = "/skill"
SHORTCUT: Final = "save_as_evidence"
START: Final = "find_my_level"
PATIENCE: Final = aiohttp.ClientTimeout(total=15)

NO_ANSWER: Final = "Rung did not answer as Slack expects it to ({status}). The wire shows what it said."


class SlackPerson:
    """Acts for people. `bot` is the bot's address; every method returns a line for the person, or nothing."""

    def __init__(self, side: SlackSide, wire: Wire, secret: str) -> None:
        self._side = side
        self._wire = wire
        self._secret = secret
        self.bot = ""
        self.http: aiohttp.ClientSession | None = None

    async def say(self, someone: cast.Someone, room: str, text: str, thread: str = "") -> str:
        """Type something: a command, a mention or a message."""
        if not cast.SLACK_ROOMS[room].shows(someone):
            raise KeyError(room)
        if text.startswith("/"):
            return await self._command(someone, room, *_parted(text))
        direct = room == someone.direct
        said = _written(text)
        message = self._side.add(room, someone.slack, {"text": said, "thread_ts": thread})
        await self._wire.tell()
        if not direct and BOT_USER not in said:
            return f"Nobody heard that but the channel: mention @{cast.BOT} to ask it."
        event = {
            "type": "message" if direct else "app_mention",
            "user": someone.slack,
            "ts": message.ts,
            "text": said,
            "team": someone.company.team,
            "channel": room,
            "event_ts": message.ts,
            **({"channel_type": "im"} if direct else {}),
            **({"thread_ts": thread} if thread else {}),
        }
        return await self._event(someone, event)

    async def open_home(self, someone: cast.Someone, tab: str) -> str:
        """Open the conversation with the bot on a tab, "home" or "messages"."""
        event: Json = {
            "type": "app_home_opened",
            "user": someone.slack,
            "channel": someone.direct,
            "tab": tab,
            "event_ts": self._side.stamp(),
        }
        if tab == "home" and (view := self._side.homes.get(someone.slack)):
            event["view"] = view
        return await self._event(someone, event)

    async def press(self, someone: cast.Someone, room: str, ts: str, action: Json, state: Json) -> str:
        """Press a button, or choose an entry of a menu, in a message."""
        message = self._seen(someone, room, ts)
        container = {"type": "message", "message_ts": ts, "channel_id": room, "is_ephemeral": bool(message.only_for)}
        within = {"thread_ts": message.thread} if message.thread else {}
        payload = self._interaction(someone, "block_actions") | {
            "channel": self._channel(room),
            "container": container | within,
            "actions": [action | {"action_ts": self._side.stamp()}],
            "state": {"values": state},
            "response_url": self._side.response_url(someone.slack, room, ts),
        }
        # Slack does not say what stands in a message that only one person sees.
        if not message.only_for:
            payload["message"] = message.as_json()
        return await self._interact("block_actions", payload)

    async def press_home(self, someone: cast.Someone, action: Json, state: Json) -> str:
        """Press something in the Home tab."""
        view = self._side.homes[someone.slack]
        payload = self._interaction(someone, "block_actions") | {
            "container": {"type": "view", "view_id": view["id"]},
            "view": self._whole(someone, view, state),
            "actions": [action | {"action_ts": self._side.stamp()}],
        }
        return await self._interact("block_actions", payload)

    async def press_window(self, someone: cast.Someone, view_id: str, action: Json, state: Json) -> str:
        """Press something in a window."""
        view = self._window(someone, view_id)
        payload = self._interaction(someone, "block_actions") | {
            "container": {"type": "view", "view_id": view_id},
            "view": self._whole(someone, view, state),
            "actions": [action | {"action_ts": self._side.stamp()}],
        }
        return await self._interact("block_actions", payload)

    async def submit(self, someone: cast.Someone, view_id: str, state: Json) -> tuple[str, Json]:
        """Send the uppermost window: a line, and what is wrong with its fields by the ids of their blocks."""
        view = self._window(someone, view_id)
        payload = self._interaction(someone, "view_submission")
        payload |= {"view": self._whole(someone, view, state), "response_urls": []}
        status, answer = await self._send("view_submission", payload)
        if status != 200:
            return NO_ANSWER.format(status=status), {}
        errors = self._follow(someone, answer if isinstance(answer, dict) else {})
        await self._wire.tell()
        return "", errors

    async def close(self, someone: cast.Someone, view_id: str) -> str:
        """Close the uppermost window; the bot asked for no word of that."""
        self._side.windows[someone.slack].remove(self._window(someone, view_id))
        await self._wire.tell()
        return ""

    async def save(self, someone: cast.Someone, room: str, ts: str) -> str:
        """Choose the shortcut in the menu of a message."""
        message = self._seen(someone, room, ts)
        payload = self._interaction(someone, "message_action") | {
            "callback_id": SHORTCUT,
            "channel": self._channel(room),
            "message_ts": ts,
            "message": message.as_json(),
            "action_ts": self._side.stamp(),
            "response_url": self._side.response_url(someone.slack, room),
        }
        return await self._interact("message_action", payload)

    async def start(self, someone: cast.Someone) -> str:
        """Choose the shortcut that is there everywhere."""
        payload = self._interaction(someone, "shortcut") | {"callback_id": START, "action_ts": self._side.stamp()}
        return await self._interact("shortcut", payload)

    async def _command(self, someone: cast.Someone, room: str, command: str, words: str) -> str:
        if command != COMMAND:
            return f"{command} is no command here; {COMMAND} is."
        body = {
            "team_id": someone.company.team,
            "team_domain": someone.company.key,
            "channel_id": room,
            "channel_name": self._channel(room)["name"],
            "user_id": someone.slack,
            "user_name": someone.key,
            "command": command,
            "text": _written(words),
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "response_url": self._side.response_url(someone.slack, room),
            "trigger_id": self._side.trigger(someone.slack),
        }
        status, answer = await self._post(f"{command} …", body, urllib.parse.urlencode(body).encode())
        if status != 200:
            return NO_ANSWER.format(status=status)
        if isinstance(answer, dict):
            self._side.answer_command(someone.slack, room, answer)
            await self._wire.tell()
        return ""

    async def _event(self, someone: cast.Someone, event: Json) -> str:
        body = {
            "type": "event_callback",
            "team_id": someone.company.team,
            "api_app_id": APP,
            "event": event,
            "event_id": f"Ev{self._side.number():08}",
            "event_time": int(float(event["event_ts"])),
            "authorizations": [{"team_id": someone.company.team, "user_id": BOT_USER, "is_bot": True}],
        }
        status, _ = await self._post(event["type"], body, json.dumps(body).encode())
        return "" if status == 200 else NO_ANSWER.format(status=status)

    async def _interact(self, name: str, payload: Json) -> str:
        status, _ = await self._send(name, payload)
        return "" if status == 200 else NO_ANSWER.format(status=status)

    async def _send(self, name: str, payload: Json) -> tuple[int, Any]:
        return await self._post(name, payload, urllib.parse.urlencode({"payload": json.dumps(payload)}).encode())

    async def _post(self, name: str, shown: Json, data: bytes) -> tuple[int, Any]:
        """Send bytes to the bot; the status, and the acknowledgement, decoded where it is JSON."""
        assert self.http
        # The signature goes by the real clock, whatever the playground's says.
        stamp = str(int(time.time()))
        digest = hmac.new(self._secret.encode(), f"v0:{stamp}:".encode() + data, hashlib.sha256).hexdigest()
        kind = "application/json" if data[:1] == b"{" else "application/x-www-form-urlencoded"
        headers = {"Content-Type": kind, "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}
        url = f"{self.bot}/slack/events"
        try:
            async with self.http.post(url, data=data, headers=headers, timeout=PATIENCE) as response:
                status, text = response.status, await response.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            status, text = 504, type(error).__name__
        answer = json.loads(text) if text.startswith("{") else text
        await self._wire.keep("slack", "bot", name, shown, status, answer)
        return status, answer

    def _follow(self, someone: cast.Someone, answer: Json) -> Json:
        """Do what the acknowledgement of a sent window says; the errors that it names."""
        match answer.get("response_action"):
            case "errors":
                return dict(answer.get("errors") or {})
            case "update":
                self._side.put_view(someone.slack, answer["view"], instead=True)
            case "push":
                self._side.put_view(someone.slack, answer["view"])
            case "clear":
                self._side.close_windows(someone.slack)
            case _:
                self._side.windows[someone.slack].pop()
        return {}

    def _seen(self, someone: cast.Someone, room: str, ts: str) -> Message:
        """A message that a person sees. Refusal, KeyError."""
        message = self._side.find(room, ts)
        if not cast.SLACK_ROOMS[room].shows(someone) or message.only_for not in ("", someone.slack):
            raise Refusal("message_not_found")
        return message

    def _window(self, someone: cast.Someone, view_id: str) -> Json:
        stack = self._side.windows.get(someone.slack)
        if not stack or stack[-1]["id"] != view_id:
            raise Refusal("not_found")
        return stack[-1]

    def _interaction(self, someone: cast.Someone, kind: str) -> Json:
        return {
            "type": kind,
            "user": {"id": someone.slack, "name": someone.key, "team_id": someone.company.team},
            "api_app_id": APP,
            "trigger_id": self._side.trigger(someone.slack),
            "team": {"id": someone.company.team, "domain": someone.company.key},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _whole(self, someone: cast.Someone, view: Json, state: Json) -> Json:
        stack = self._side.windows.get(someone.slack) or [view]
        return view | {
            "team_id": someone.company.team,
            "app_id": APP,
            "bot_id": BOT_ID,
            "state": {"values": state},
            "callback_id": view.get("callback_id", ""),
            "root_view_id": stack[0]["id"] if view["type"] == "modal" else view["id"],
            "previous_view_id": None,
        }

    def _channel(self, room: str) -> Json:
        found = cast.SLACK_ROOMS[room]
        return {"id": room, "name": "directmessage" if found.person else found.name}


def _parted(text: str) -> tuple[str, str]:
    command, _, words = text.partition(" ")
    return command, words.strip()


def _written(text: str) -> str:
    """Typed text as Slack hands it on (https://docs.slack.dev/messaging/formatting-message-text)."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    people = {one.name: one.slack for one in cast.IN_SLACK.values()} | {cast.BOT: BOT_USER}
    for name, user in people.items():
        text = text.replace(f"@{name}", f"<@{user}>")
    for room in cast.SLACK_ROOMS.values():
        text = text if room.person else text.replace(f"#{room.name}", f"<#{room.id}|{room.name}>")
    return text
