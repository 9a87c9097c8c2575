"""What a person does in Teams, as the activities that Teams sends to the bot."""

from __future__ import annotations

import html
import json
from typing import Any, Final

import aiohttp

from bot.playground import cast
from bot.playground.clock import MovableClock
from bot.playground.teams_side import BOT_ACCOUNT, THREAD, Json, Post, Refusal, TeamsSide
from bot.playground.wire import Wire

PATIENCE: Final = aiohttp.ClientTimeout(total=20)
CARD: Final = "application/vnd.microsoft.card.adaptive"
LINE: Final = "application/vnd.microsoft.activity.message"
CONSENT: Final = "application/vnd.microsoft.teams.card.file.consent"

NO_ANSWER: Final = "Rung did not answer as Teams expects it to ({status}). The wire shows what it said."


class TeamsPerson:
    """Acts for people. `bot` is the bot's address; every method returns a line for the person, or nothing."""

    def __init__(self, side: TeamsSide, wire: Wire, now: MovableClock) -> None:
        self._side = side
        self._wire = wire
        self._now = now
        self._installed: set[str] = set()
        self.bot = ""
        self.http: aiohttp.ClientSession | None = None

    async def install(self, someone: cast.Someone) -> str:
        """Add the bot to the person's chats, once."""
        if someone.key in self._installed:
            return ""
        self._installed.add(someone.key)
        activity = self._activity(someone, someone.chat, "installationUpdate") | {"action": "add"}
        status, _ = await self._post("installationUpdate", activity)
        if status >= 300:
            self._installed.discard(someone.key)
            return NO_ANSWER.format(status=status)
        return ""

    async def say(self, someone: cast.Someone, room: str, text: str, thread: str = "") -> str:
        """Type something: a command, a mention or a message."""
        place = cast.TEAMS_ROOMS[room]
        if not place.shows(someone):
            raise KeyError(room)
        if place.person is None and text.startswith("/"):
            return await self._command(someone, room, text)
        written, mentions = _written(someone, text)
        mentioned = any(each["mentioned"]["id"] == BOT_ACCOUNT for each in mentions)
        post = Post(self._side.stamp(), someone.teams, text, thread=thread)
        self._side.rooms[room].append(post)
        await self._wire.tell()
        if place.person is None and not mentioned:
            return f"Nobody heard that but the channel: mention @{cast.BOT} to ask it."
        activity = self._activity(someone, room, "message", thread or post.id) | {
            "id": post.id,
            "text": written,
            "textFormat": "plain",
        }
        activity["entities"] += mentions
        return await self._deliver("message", activity)

    async def press(self, someone: cast.Someone, room: str, key: str, action: Json) -> str:
        """Press a button of a card: Action.Execute as an invoke, Action.Submit as a message with a value."""
        post = self._seen(someone, room, key)
        post.told.pop(someone.teams, None)
        activity = self._activity(someone, room, "invoke", post.thread)
        activity |= {"replyToId": key, "recipient": self._recipient(targeted=bool(post.only_for))}
        if action.get("type") == "Action.Submit":
            return await self._deliver("card submit", activity | {"type": "message", "value": action.get("data")})
        value = {"action": action, "trigger": "manual"}
        status, answer = await self._post("adaptiveCard/action", activity | {"name": "adaptiveCard/action"}, value)
        self._follow(someone, post, status, answer if isinstance(answer, dict) else {})
        await self._wire.tell()
        return ""

    async def consent(self, someone: cast.Someone, room: str, key: str, *, accept: bool) -> str:
        """Take a file that is offered, or not."""
        post = self._seen(someone, room, key)
        offers = [each for each in post.attachments if each.get("contentType") == CONSENT]
        if not offers:
            raise Refusal(404, "no offer")
        content = offers[0]["content"]
        value: Json = {"type": "fileUpload", "action": "accept" if accept else "decline"}
        value["context"] = content["acceptContext" if accept else "declineContext"]
        if accept:
            value["uploadInfo"] = self._side.session(str(offers[0]["name"]), someone)
        activity = self._activity(someone, room, "invoke") | {"replyToId": key, "name": "fileConsent/invoke"}
        status, _ = await self._post("fileConsent/invoke", activity, value)
        return "" if status < 300 else NO_ANSWER.format(status=status)

    async def search(self, someone: cast.Someone, room: str, words: str | None) -> Json:
        """Type into the search beside the box; without words it has just been opened. What the list shows."""
        if not cast.TEAMS_ROOMS[room].shows(someone):
            raise KeyError(room)
        typed = {"name": "words", "value": words} if words else {"name": "initialRun", "value": "true"}
        value = {"commandId": "search", "parameters": [typed], "queryOptions": {"skip": 0, "count": 25}}
        activity = self._activity(someone, room, "invoke") | {"name": "composeExtension/query"}
        status, answer = await self._post("composeExtension/query", activity, value)
        found = answer.get("composeExtension") if isinstance(answer, dict) else None
        if not isinstance(found, dict):
            return {"results": [], "line": NO_ANSWER.format(status=status)}
        return {"results": found.get("attachments") or [], "line": found.get("text") or ""}

    async def insert(self, someone: cast.Someone, room: str, card: Json, thread: str = "") -> None:
        """Put a result into the conversation, as a message of the person's own."""
        place = cast.TEAMS_ROOMS[room]
        if not place.shows(someone):
            raise KeyError(room)
        shown: Json = {"contentType": CARD, "content": card}
        post = Post(self._side.stamp(), someone.teams, attachments=[shown], thread=thread)
        self._side.rooms[room].append(post)
        await self._wire.tell()
        if place.person is not None:  # a bot hears of everything in its own chats
            activity = self._activity(someone, room, "message") | {"id": post.id, "attachments": [shown]}
            await self._post("message", activity)

    async def rate(self, someone: cast.Someone, room: str, key: str, reaction: str) -> str:
        """Press a thumb under an answer; Teams' form for words is left out here."""
        post = self._seen(someone, room, key)
        if not post.thumbs or reaction not in ("like", "dislike"):
            raise Refusal(400, "BadArgument")
        value = {"actionName": "feedback", "actionValue": {"reaction": reaction, "feedback": '{"feedbackText":""}'}}
        activity = self._activity(someone, room, "invoke", post.thread)
        activity |= {"name": "message/submitAction", "replyToId": key}
        status, _ = await self._post("message/submitAction", activity, value)
        if status >= 300:
            return NO_ANSWER.format(status=status)
        post.rated[someone.teams] = reaction
        await self._wire.tell()
        return ""

    async def _command(self, someone: cast.Someone, room: str, text: str) -> str:
        """A slash command in a channel: only the bot and the person see it and its answer."""
        post = Post(self._side.stamp(), someone.teams, text, only_for=someone.teams)
        self._side.rooms[room].append(post)
        await self._wire.tell()
        written, mentions = _written(someone, text)
        activity = self._activity(someone, room, "message") | {"id": post.id, "text": written, "textFormat": "plain"}
        activity["entities"] += mentions
        return await self._deliver("slash command", activity | {"recipient": self._recipient(targeted=True)})

    async def _deliver(self, name: str, activity: Json) -> str:
        status, _ = await self._post(name, activity)
        return "" if status < 300 else NO_ANSWER.format(status=status)

    async def _post(self, name: str, activity: Json, value: Any = None) -> tuple[int, Any]:
        """Send an activity; the status, and what the bot answers an invoke with."""
        assert self.http
        activity = activity if value is None else activity | {"value": value}
        url = f"{self.bot}/api/messages"
        try:
            async with self.http.post(url, json=activity, timeout=PATIENCE) as response:
                status, text = response.status, await response.text()
        except (aiohttp.ClientError, TimeoutError) as error:
            status, text = 504, type(error).__name__
        answer = json.loads(text) if text[:1] in ("{", "[") else text
        await self._wire.keep("teams", "bot", name, activity, status, answer)
        return status, answer

    def _follow(self, someone: cast.Someone, post: Post, status: int, answer: Json) -> None:
        """Do what the answer to a pressed Action.Execute says: another card, or a line under this one."""
        value = answer.get("value")
        match answer.get("type"):
            case kind if kind == CARD and isinstance(value, dict):
                post.attachments, post.edited = [{"contentType": CARD, "content": value}], True
            case kind if kind == LINE:
                post.told[someone.teams] = str(value)
            case _:
                said = value.get("message") if isinstance(value, dict) else None
                post.told[someone.teams] = str(said or NO_ANSWER.format(status=answer.get("statusCode", status)))

    def _seen(self, someone: cast.Someone, room: str, key: str) -> Post:
        """A message that a person sees. Refusal, KeyError."""
        post = self._side.find(room, key)
        if not cast.TEAMS_ROOMS[room].shows(someone) or post.only_for not in ("", someone.teams):
            raise Refusal(404, "ActivityNotFoundInConversation")
        return post

    def _recipient(self, *, targeted: bool = False) -> Json:
        return {"id": BOT_ACCOUNT, "name": cast.BOT} | ({"isTargeted": True} if targeted else {})

    def _activity(self, someone: cast.Someone, room: str, kind: str, thread: str = "") -> Json:
        now, tenant = self._now(), {"id": someone.company.tenant}
        shared = cast.TEAMS_ROOMS[room].person is None
        conversation: Json = {
            "id": f"{room}{THREAD}{thread}" if shared and thread else room,
            "conversationType": "channel" if shared else "personal",
            "tenantId": someone.company.tenant,
        }
        data: Json = {"tenant": tenant}
        if shared:
            conversation["isGroup"] = True
            data |= {"teamsChannelId": room, "teamsTeamId": room, "channel": {"id": room}, "team": {"id": room}}
        client = {"type": "clientInfo", "locale": someone.locale, "timezone": someone.zone, "platform": "Web"}
        return {
            "type": kind,
            "id": f"f:{self._side.stamp()}",
            "timestamp": now.isoformat(),
            "localTimestamp": now.astimezone(someone.clock).isoformat(),
            "localTimezone": someone.zone,
            "channelId": "msteams",
            "serviceUrl": self._side.service_url,
            "from": {"id": someone.teams, "name": someone.name, "aadObjectId": someone.directory},
            "recipient": self._recipient(),
            "conversation": conversation,
            "channelData": data,
            "locale": someone.locale,
            "entities": [client],
        }


def _written(someone: cast.Someone, text: str) -> tuple[str, list[Json]]:
    """Typed text as Teams hands it on, and the mentions in it: of the bot, and of people of the same company."""
    names = {one.name: one.teams for one in cast.PEOPLE.values() if one.company is someone.company}
    text, mentions = html.escape(text, quote=False), []
    for name, key in (names | {cast.BOT: BOT_ACCOUNT}).items():
        if f"@{name}" in text:
            shown = f"<at>{name}</at>"
            text = text.replace(f"@{name}", shown)
            mentions.append({"type": "mention", "mentioned": {"id": key, "name": name}, "text": shown})
    return text, mentions
