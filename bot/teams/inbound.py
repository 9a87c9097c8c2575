"""Teams' way in: activities at /api/messages become turns, replies become cards."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections.abc import Coroutine, Iterable
from dataclasses import replace
from typing import Any

import structlog
from aiohttp import web

from bot.plug import Answer
from bot.press import Press
from bot.recent import Recent
from bot.settings import Settings
from bot.teams import limits
from bot.teams.activity import Activity
from bot.teams.client import Address, Client, Failed, Json, TooBig
from bot.teams.connector import Connector, Refused
from bot.teams.press import read_press
from bot.teams.render import CARD, render, render_card
from content.texts import Texts, Voice
from handlers.errors import Gone, TryLater
from handlers.intent import StartHere
from handlers.reply import Audience, Note, Reply, Text
from handlers.turn import Turn

log = structlog.get_logger()

REMEMBERED = 10_000
"""Activities, welcomes and personal chats that are remembered while the process runs."""

STOP_SECONDS = 8.0
"""How long answers under way may take when the process stops."""


class TeamsPlug:
    """Microsoft Teams."""

    name = "teams"

    def __init__(
        self,
        settings: Settings,
        answer: Answer,
        texts: Texts,
        *,
        connector: Connector | None = None,
        client: Client | None = None,
    ) -> None:
        self._answer = answer
        self._texts = texts
        self._connector = connector or Connector(settings)
        self._client = client or Client(self._connector.token)
        self._seen = Recent[tuple[str, str], bool](REMEMBERED)
        self._welcomed = Recent[tuple[str, str], bool](REMEMBERED)
        self._chats = Recent[tuple[str, str, str], Address](REMEMBERED)
        self._tasks: set[asyncio.Task[None]] = set()

    def routes(self) -> Iterable[web.RouteDef]:
        """The one route Teams posts to."""
        return (web.post("/api/messages", self._receive),)

    async def start(self) -> None:
        """Open the session and begin to fetch Microsoft's keys."""
        await self._client.start()
        await self._connector.start()

    async def stop(self) -> None:
        """Finish the answers under way."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        await self._connector.stop()
        await self._client.stop()

    async def _receive(self, request: web.Request) -> web.Response:
        try:
            activity = await _read(request)
            await self._connector.authenticate(request.headers.get("Authorization"), activity)
        except Refused as refused:
            log.warning("teams_refused", status=refused.status, reason=str(refused))
            return web.json_response({"error": "not authorized"}, status=refused.status)
        except ValueError as error:
            log.warning("teams_bad_request", error=type(error).__name__)
            return web.json_response({"error": "not an activity"}, status=400)
        except OverflowError:
            return web.json_response({"error": "too large"}, status=413)
        return await self._dispatch(activity)

    async def _dispatch(self, activity: Activity) -> web.Response:
        match activity.type, activity.name:
            case "invoke", "adaptiveCard/action":
                return web.json_response(await self._on_action(activity))
            case "invoke", "message/submitAction":
                log.info("teams_feedback", reaction=_reaction(activity.value))
                return web.json_response({})
            case "invoke", _:
                return web.json_response(_problem(400, "NotSupported", "This bot does not do that."))
            case "message", _ if not self._is_repeated(activity):
                return await self._soon(activity, self._on_message(activity))
            case (("installationUpdate" | "conversationUpdate"), _):
                return await self._soon(activity, self._on_install(activity))
            case _:  # edited and deleted messages, reactions, typing, and whatever comes next
                return web.json_response({})

    def _is_repeated(self, activity: Activity) -> bool:
        """Whether Teams delivered this before; it does when an answer takes long."""
        return activity.id is not None and self._seen.put((activity.conversation.id, activity.id), True) is not None

    async def _soon(self, activity: Activity, work: Coroutine[Any, Any, None]) -> web.Response:
        """Do the work; when it takes long, acknowledge first and finish it afterwards."""
        task = asyncio.create_task(self._guarded(activity, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        done, _ = await asyncio.wait({task}, timeout=limits.ACK_SECONDS)
        return web.json_response({}, status=200 if done else 202)

    async def _guarded(self, activity: Activity, work: Coroutine[Any, Any, None]) -> None:
        ids = {"conversation": activity.conversation.id, "activity": activity.id}
        try:
            await work
        except (TryLater, Gone, TooBig, Failed, Refused) as error:
            log.warning("teams_not_sent", error=type(error).__name__, why=str(error), **ids)
        except Exception as error:
            log.error("teams_failed", error=type(error).__name__, at=_places(error), **ids)

    async def _on_message(self, activity: Activity) -> None:
        press = _press(activity.value)
        turn = _pressed(activity, press) if press else _spoken(activity)
        reply = await self._answer(turn)
        if _is_personal(reply, turn, activity):
            line = await self._send_personally(activity, reply)
            await self._client.send(activity.address, _envelope(activity) | {"type": "message", "text": line})
            return
        await self._send(activity, reply, in_place_of=activity.reply_to_id if press and not turn.share else None)

    async def _on_action(self, activity: Activity) -> Json:
        """The body of the answer to a pressed Action.Execute; an error is an answer too."""
        ids = {"conversation": activity.conversation.id, "activity": activity.id}
        try:
            return await self._next_card(activity)
        except (TryLater, Gone, TooBig, Failed, Refused) as error:
            log.warning("teams_not_sent", error=type(error).__name__, why=str(error), **ids)
        except Exception as error:
            log.error("teams_failed", error=type(error).__name__, at=_places(error), **ids)
        return _problem(500, "Failed", self._texts.voice(activity.lang)("teams.failed"))

    async def _next_card(self, activity: Activity) -> Json:
        """A card that takes the place of the pressed one."""
        action = activity.value.get("action") if isinstance(activity.value, dict) else None
        press = _press(action.get("data") if isinstance(action, dict) else None)
        turn = _pressed(activity, press or Press(StartHere()))
        reply = await self._answer(turn)
        if _is_personal(reply, turn, activity):
            return _told(await self._send_personally(activity, reply))
        if turn.share:
            await self._send(activity, reply)
            reply = await self._answer(replace(turn, share=False))
        card = render_card(reply, self._texts.voice(reply.lang), share=activity.targeted)
        return {"statusCode": 200, "type": CARD, "value": card}

    async def _on_install(self, activity: Activity) -> None:
        """Say hello once: in a personal chat what the coach does and how to stop it, in a team one line."""
        key = (activity.person.tenant, activity.conversation.id)
        if activity.type == "installationUpdate" and activity.action != "add":
            if activity.action and activity.action.startswith("remove"):
                self._welcomed.drop(key)
            return
        if activity.type == "conversationUpdate" and all(
            member.id != activity.recipient.id for member in activity.members_added or ()
        ):
            return
        if self._welcomed.put(key, True):
            return
        voice = self._texts.voice(activity.lang)
        if activity.place.shared:
            await self._send(activity, Reply((Text(voice("teams.hello")),), lang=voice.lang))
            return
        start = await self._answer(_turn(activity, intent=StartHere()))
        how_to_stop = Note(self._texts.voice(start.lang)("teams.welcome"))
        await self._send(activity, replace(start, blocks=(*start.blocks, how_to_stop)))

    async def _send(self, activity: Activity, reply: Reply, *, in_place_of: str | None = None) -> None:
        """Send a reply to where the activity came from, in the place of an earlier message if there is one."""
        public = reply.audience is Audience.ROOM
        message = _envelope(activity) | self._render(activity, reply)
        if in_place_of:
            try:
                await self._client.update(activity.address, in_place_of, message)
            except (Gone, Failed):
                log.info("teams_not_updated", conversation=activity.conversation.id)
            else:
                return
        await self._client.send(activity.address, message, targeted=activity.targeted and not public)

    async def _send_personally(self, activity: Activity, reply: Reply) -> str:
        """Send a reply to the sender's personal chat; returns the line that tells the room so."""
        voice = self._texts.voice(reply.lang)
        where_from = Note(voice("teams.from-room"))
        message = self._render(activity, replace(reply, blocks=(where_from, *reply.blocks)))
        try:
            chat = await self._personal_chat(activity)
            await self._client.send(chat, message | {"from": {"id": activity.recipient.id}})
        except Gone as gone:
            log.info("teams_no_personal_chat", why=str(gone), conversation=activity.conversation.id)
            return voice("teams.write-me")
        return voice("teams.privately")

    async def _personal_chat(self, activity: Activity) -> Address:
        address = activity.address
        key = (address.tenant_id, address.bot_id, activity.sender.id)
        chat = self._chats.get(key)
        if chat is None or chat.service_url != address.service_url:
            chat = await self._client.open_personal(address, activity.sender.id)
            self._chats.put(key, chat)
        return chat

    def _render(self, activity: Activity, reply: Reply) -> Json:
        voice: Voice = self._texts.voice(reply.lang)
        names = {activity.person.user: activity.sender.name} if activity.sender.name else {}
        return render(reply, voice, share=activity.targeted, names=names)


def _places(error: BaseException) -> list[str]:
    """Where in the code it happened; messages and values may hold what a person wrote."""
    return [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__, limit=-12)]


async def _read(request: web.Request) -> Activity:
    """The activity in a request. ValueError when it is none, OverflowError when it is too large."""
    if request.content_type != "application/json":
        raise ValueError("content type")
    try:
        await request.content.readexactly(limits.BODY_BYTES + 1)
    except asyncio.IncompleteReadError as whole:
        body = whole.partial
    else:
        raise OverflowError
    try:
        activity = Activity.model_validate(json.loads(body))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if activity.type in ("message", "invoke") and not activity.person.user:
        raise ValueError("from nobody")
    return activity


def _press(data: Any) -> Press | None:
    """What was pressed; the start page for a press that is no longer understood."""
    try:
        return read_press(data)
    except ValueError:
        return Press(StartHere())


def _spoken(activity: Activity) -> Turn:
    words, is_command = activity.without_command()
    turn = _turn(activity, how="command" if is_command else "chat")
    return replace(turn, words=words) if words else replace(turn, intent=StartHere())


def _pressed(activity: Activity, press: Press) -> Turn:
    return _turn(activity, intent=press.intent, pressed=True, share=press.share and activity.targeted)


def _turn(activity: Activity, **more: Any) -> Turn:
    return Turn(activity.person, activity.place, lang=activity.lang, zone=activity.zone, **more)


def _is_personal(reply: Reply, turn: Turn, activity: Activity) -> bool:
    """Whether a reply must not be shown where it was asked for."""
    return reply.private and turn.place.shared and not activity.targeted


def _envelope(activity: Activity) -> Json:
    """The parts of a message that make it an answer to an activity."""
    return {
        "from": {"id": activity.recipient.id, "name": activity.recipient.name or ""},
        "recipient": {"id": activity.sender.id},
        "conversation": {"id": activity.conversation.id},
        **({"replyToId": activity.id} if activity.id and activity.type == "message" else {}),
    }


def _told(line: str) -> Json:
    """The answer to a press that leaves the card as it is."""
    return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": line}


def _problem(status: int, code: str, message: str) -> Json:
    return {
        "statusCode": status,
        "type": "application/vnd.microsoft.error",
        "value": {"code": code, "message": message},
    }


def _reaction(value: Any) -> str:
    """ "like" or "dislike"; what people write beside it is not looked at."""
    given = value.get("actionValue") if isinstance(value, dict) else None
    reaction = given.get("reaction") if isinstance(given, dict) else None
    return reaction if reaction in ("like", "dislike") else "other"
