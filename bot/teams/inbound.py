"""Teams' way in: activities at /api/messages become turns, replies become cards."""

from __future__ import annotations

import asyncio
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
from bot.teams.activity import CARD, Activity, Key
from bot.teams.client import UNSENT, Broken, Client, Json
from bot.teams.connector import Connector, Refused
from bot.teams.extension import no_results, results, searched
from bot.teams.feedback import read_reaction
from bot.teams.handover import Handover
from bot.teams.press import Misfit
from bot.teams.render import render_card
from bot.teams.rooms import TeamsRooms
from bot.teams.sending import Sending
from bot.teams.turns import asker, is_personal, pressed, read_activity, read_card, spoken, turn_of
from bot.teams.unasked import Unasked
from bot.teams.welcome import Welcome
from bot.underway import Underway
from content.texts import Texts
from handlers.errors import TryLater, places
from handlers.intent import StartHere
from handlers.ports import Platform, Rooms
from handlers.turn import Turn

log = structlog.get_logger()

REMEMBERED = 10_000
"""Activities that are remembered while the process runs."""

REPEAT_SECONDS = 15 * 60
PRESSES = 500
"""Answers to presses that are kept, whole cards, in case Teams delivers the press again."""


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
        # Of its own, so that letters and answers do not wait for each other; and every call is made once.
        self._letters = Client(self._connector.token, patience=0)
        self.platform: Platform | None = Unasked(self._letters, self._connector, texts)
        self.rooms: Rooms | None = TeamsRooms(self._client, self._letters, self._connector, texts)
        self._seen = Recent[Key | None, bool](REMEMBERED)
        self._presses = Recent[Key | None, asyncio.Task[Json]](PRESSES, REPEAT_SECONDS)
        self._sending = Sending(self._client, texts)
        self._welcome = Welcome(answer, texts, self._sending)
        self._handover = Handover(answer, texts, self._client, self._sending, loopback=settings.rung_dev)
        self._underway = Underway()

    def routes(self) -> Iterable[web.RouteDef]:
        """The one route Teams posts to."""
        return (web.post("/api/messages", self._receive),)

    async def start(self, *, receiving: bool = True) -> None:
        """Open the session and begin to fetch Microsoft's keys."""
        await self._client.start()
        await self._letters.start()
        if receiving:
            await self._connector.start()

    async def stop(self) -> None:
        """Finish the answers under way."""
        await self._underway.finish(self.name)
        await self._connector.stop()
        await self._client.stop()
        await self._letters.stop()

    async def _receive(self, request: web.Request) -> web.Response:
        try:
            activity = read_activity(request.content_type, await request.read())
            await self._connector.authenticate(request.headers, activity)
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
            case "invoke", "composeExtension/query":
                return web.json_response(await self._on_query(activity))
            case "invoke", "message/submitAction":
                return web.json_response({}) if self._is_repeated(activity) else await self._on_feedback(activity)
            case "invoke", "fileConsent/invoke" if not activity.place.shared:
                return web.json_response({}) if self._is_repeated(activity) else await self._on_consent(activity)
            case "invoke", _:
                return web.json_response(_problem(400, "NotSupported", "This bot does not do that."))
            case "message", _ if not (activity.is_card or self._is_repeated(activity)):
                return await self._soon(activity, self._on_message(activity))
            case (("installationUpdate" | "conversationUpdate"), _):
                return await self._soon(activity, self._welcome.greet(activity))
            case _:  # cards without a word, edited and deleted messages, reactions, typing, and whatever comes next
                return web.json_response({})

    def _is_repeated(self, activity: Activity) -> bool:
        return activity.key is not None and self._seen.put(activity.key, True) is not None

    async def _soon(self, activity: Activity, work: Coroutine[Any, Any, None]) -> web.Response:
        """Do the work; when it takes long, acknowledge first and finish it afterwards."""
        task = self._underway.start(self._guarded(activity, work))
        done, _ = await asyncio.wait({task}, timeout=limits.ACK_SECONDS)
        return web.json_response({}, status=task.result() if done else 202)

    async def _on_consent(self, activity: Activity) -> web.Response:
        """Hand a file over; when it takes long, the answer comes first, and what went wrong is said in the chat."""
        task = self._underway.start(self._guarded(activity, self._handover.hand_over(activity)))
        await asyncio.wait({task}, timeout=limits.INVOKE_SECONDS)
        return web.json_response({})

    async def _on_feedback(self, activity: Activity) -> web.Response:
        """Take a thumb as a verdict on the answer. Teams thanks people itself, so nothing is said."""
        if reaction := read_reaction(activity.value):
            asked = self._sending.rated.verdict(activity.conversation.id, activity.reply_to_id, reaction)
            task = self._underway.start(self._guarded(activity, self._take(turn_of(activity, intent=asked))))
            await asyncio.wait({task}, timeout=limits.INVOKE_SECONDS)
        return web.json_response({})

    async def _take(self, turn: Turn) -> None:
        await self._answer(turn)

    async def _guarded(self, activity: Activity, work: Coroutine[Any, Any, None]) -> int:
        """The status for some work: 503 when it may succeed if Teams delivers the activity again."""
        try:
            await work
        except Exception as error:
            _complain(error, activity)
            if isinstance(error, TryLater | Broken):
                self._seen.drop(activity.key)
                return 503
        return 200

    async def _on_message(self, activity: Activity) -> None:
        try:
            press = read_card(activity.value)
        except Misfit as misfit:
            await self._sending.send_line(activity, self._put_right(activity, misfit))
            return
        turn = pressed(activity, press) if press else spoken(activity)
        reply = await self._answer(turn)
        if is_personal(reply, turn):
            line = await self._sending.send_personally(activity, reply)
            try:
                await self._sending.send_line(activity, line)
            except (*UNSENT, Refused) as error:  # the answer itself has arrived
                _complain(error, activity)
            return
        await self._sending.send(
            activity,
            reply,
            in_place_of=activity.reply_to_id if turn.pressed and not (turn.share or reply.failed) else None,
        )

    async def _on_action(self, activity: Activity) -> Json:
        """The body of the answer to a pressed Action.Execute: the same one when Teams delivers the press again."""
        task = self._presses.get(activity.key)
        if task is None:
            task = self._underway.start(self._answer_action(activity))
            if activity.key:
                self._presses.put(activity.key, task)
        return await asyncio.shield(task)

    async def _answer_action(self, activity: Activity) -> Json:
        """The body of the answer; an error is one too, but the next delivery may do better."""
        try:
            return await self._next_card(activity)
        except Exception as error:
            _complain(error, activity)
            self._presses.drop(activity.key)
        return _problem(500, "Failed", self._texts.voice(activity.lang)("teams.failed"))

    async def _next_card(self, activity: Activity) -> Json:
        """A card that takes the place of the pressed one, or a line where that one belongs to someone else."""
        action = activity.value.get("action") if isinstance(activity.value, dict) else None
        try:
            press = read_card(action.get("data") if isinstance(action, dict) else None)
        except Misfit as misfit:
            return _told(self._put_right(activity, misfit))
        turn = pressed(activity, press or Press(StartHere()))
        reply = await self._answer(turn)
        if reply.failed:
            return _told(reply.title)
        if is_personal(reply, turn):
            return _told(await self._sending.send_personally(activity, reply))
        if turn.share:
            await self._sending.send(activity, reply)
            reply = await self._answer(replace(turn, share=False))
            if reply.failed:
                return _told(reply.title)
        voice = self._texts.voice(reply.lang)
        if not turn.pressed:
            await self._sending.send(activity, reply)
            return _told(voice("teams.below"))
        if reply.files:
            # After the card, which the person waits for.
            self._underway.start(self._guarded(activity, self._sending.offer_files(activity, reply)))
        if activity.reply_to_id:
            self._sending.rated.put(activity.conversation.id, activity.reply_to_id, reply)
        card = render_card(reply, voice, share=activity.targeted, asker=asker(activity))
        return {"statusCode": 200, "type": CARD, "value": card}

    async def _on_query(self, activity: Activity) -> Json:
        """The body of the answer to what somebody types into the search; nobody else sees it."""
        try:
            turn = searched(activity)
        except ValueError:
            return _problem(400, "BadRequest", "This is no search of this bot.")
        try:
            async with asyncio.timeout(limits.INVOKE_SECONDS):
                reply = await self._answer(turn)
            return results(reply, self._texts.voice(reply.lang))
        except Exception as error:
            _complain(error, activity)
        return no_results(self._texts.voice(activity.lang)("teams.search.failed"))

    def _put_right(self, activity: Activity, misfit: Misfit) -> str:
        """What to do about a form; the card stays, and with it all that was written."""
        voice = self._texts.voice(activity.lang)
        return voice("teams.too-long", most=misfit.most) if misfit.most else voice("teams.not-fitting")


def _complain(error: Exception, activity: Activity) -> None:
    """Log why something was not sent; of an error that is not expected, the place only."""
    ids = {"conversation": activity.conversation.id, "activity": activity.id}
    if isinstance(error, (*UNSENT, Refused)):
        log.warning("teams_not_sent", error=type(error).__name__, why=str(error), **ids)
    else:
        log.error("teams_failed", error=type(error).__name__, at=places(error), **ids)


def _told(line: str) -> Json:
    """The answer to a press that leaves the card as it is."""
    return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": line}


def _problem(status: int, code: str, message: str) -> Json:
    return {
        "statusCode": status,
        "type": "application/vnd.microsoft.error",
        "value": {"code": code, "message": message},
    }
