"""What Slack reports, into turns; and the answers back. One listener for each kind of request, behind Bolt."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Coroutine, Hashable
from dataclasses import replace
from typing import Any, Final, TypeVar

import structlog
from slack_bolt.async_app import AsyncBoltContext
from slack_bolt.response import BoltResponse

from bot.plug import Answer
from bot.recent import Recent
from bot.slack.agent import Agent
from bot.slack.client import Client
from bot.slack.delivery import Delivery, has_files, is_public
from bot.slack.grants import grant_of
from bot.slack.payload import (
    Click,
    Command,
    Opening,
    Post,
    Submission,
    as_string,
    read_click,
    read_command,
    read_opening,
    read_post,
    read_submission,
)
from bot.slack.people import People
from bot.slack.reply_to import ReplyTo
from bot.slack.sending import Json, NotTaken, Sending
from bot.slack.shortcut import Saved, Started, moment_of, read_shortcut, read_start
from bot.text import dump
from bot.underway import Underway
from content.texts import Texts
from handlers.day import day_of
from handlers.intent import MOST_WRITTEN, AddEvidence, AskPrivacy
from handlers.reply import Reply
from handlers.turn import Person, Turn

ACK_SECONDS: Final = 2.5
"""How long an acknowledgement may wait for the answer; Slack gives up after three seconds."""

PROFILE_SECONDS: Final = 1.0
"""How long an answer waits for the person's language and zone; a slash command's does not wait."""

HOME_SECONDS: Final = 1.0
"""A Home tab that is opened again so soon is looked after once more, afterwards."""

REPEAT_SECONDS: Final = 15 * 60
"""How long a delivery is remembered: Slack's last retry comes about six minutes after the first."""

REMEMBERED: Final = 10_000

UNSENT: Final = 1_000
"""How many answers that could not be posted are kept for Slack's retries."""

Read = TypeVar("Read", Command, Click | None, Submission | None, Opening | None, Post | None, Started | None)

log = structlog.get_logger()


class Listeners:
    """Commands, buttons, windows, shortcuts, direct messages, mentions and the Home tab."""

    def __init__(self, client: Client, answer: Answer, texts: Texts, people: People) -> None:
        self._client = client
        self._reply = answer
        self._people = people
        self._begun = Recent[Hashable, bool](REMEMBERED, REPEAT_SECONDS)
        self._opened = Recent[Person, bool](REMEMBERED, HOME_SECONDS)
        self._reopened: dict[Person, Opening] = {}
        self._unsent = Recent[Hashable, tuple[Sending[Json], Reply]](UNSENT)
        self._stopping = asyncio.Event()
        self._delivery = Delivery(client, texts, self._stopping)
        self._agent = Agent(client, texts)
        self._spoken = Recent[Person, str](REMEMBERED)
        self._underway = Underway()

    def hurry(self) -> None:
        """Put nothing off any more: the process stops."""
        self._stopping.set()

    async def stop(self, platform: str) -> None:
        """Finish the answers under way."""
        await self._underway.finish(platform)
        await self._people.stop()

    async def on_command(self, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse:
        """Answer a slash command in its acknowledgement; what takes too long comes later."""
        command = _placed(read_command(body, _tenant(context), grant_of(context).bot_user), context)
        about = self._people.known(command.turn.person)
        turn = replace(command.turn, lang=about.lang, zone=about.zone)
        loop = asyncio.get_running_loop()
        ends = loop.time() + ACK_SECONDS
        work = asyncio.ensure_future(self._answer(turn))
        ready, _ = await asyncio.wait({work}, timeout=ACK_SECONDS)
        if not ready:
            self._spawn(self._answer_later(work, turn, command.to))
            return BoltResponse(status=200)
        reply = work.result()
        if reply.form and await self._delivery.open(reply, turn, command.to, command.trigger, ends - loop.time()):
            return BoltResponse(status=200)
        first, *more = self._delivery.messages(reply, command.to)
        if more or has_files(reply):
            self._spawn(self._delivery.give_rest(tuple(more), reply, turn, command.to))
        visible = "in_channel" if is_public(reply) else "ephemeral"
        return BoltResponse(status=200, body=f'{{"response_type":"{visible}",{first.json}}}')

    async def _answer_later(self, work: Awaitable[Reply], turn: Turn, to: ReplyTo) -> None:
        """Deliver what took too long for the acknowledgement; the work itself goes on and is not begun again."""
        await self._delivery.give(await work, turn, to)

    async def on_click(self, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse:
        """Acknowledge a click at once and answer it in a window, or where it was made."""
        click = _placed(read_click(body, _tenant(context)), context)
        if click and (click.to.url or click.to.home or click.to.window) and self._is_new(click.key):
            self._spawn(self._answer_press(click.turn, click.to, click.trigger))
        return BoltResponse(status=200)

    async def _answer_press(self, turn: Turn, to: ReplyTo, trigger: str) -> None:
        turn = await self._told_about(turn)
        reply = await self._answer(turn)
        if not await self._delivery.open(reply, turn, to, trigger):
            await self._delivery.give(reply, turn, to)

    async def on_submission(self, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse:
        """Close the window and answer where it was opened, or show in it what is asked again."""
        sent = _placed(read_submission(body, _tenant(context)), context)
        if sent is None:
            # Slack then tells the person that it did not work, and what they wrote stays in the window.
            log.warning("slack_window_unknown")
            return BoltResponse(status=400)
        if not self._is_new(sent.key):
            return BoltResponse(status=200)
        work = self._underway.start(self._answer_told(sent.turn))
        ready, _ = await asyncio.wait({work}, timeout=ACK_SECONDS)
        if ready and (view := self._delivery.window(work.result(), sent.to)):
            return BoltResponse(status=200, body=dump({"response_action": "update", "view": view}))
        self._spawn(self._answer_later(work, sent.turn, sent.to))
        return BoltResponse(status=200)

    async def on_shortcut(self, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse:
        """Acknowledge a shortcut at once, and open its window."""
        if body["type"] == "shortcut":
            started = _placed(read_start(body, _tenant(context)), context)
            if started and self._is_new(started.key):
                self._spawn(self._answer_started(started))
            return BoltResponse(status=200)
        saved = read_shortcut(body, _tenant(context))
        if saved and self._is_new(saved.key):
            self._spawn(self._answer_saved(saved))
        return BoltResponse(status=200)

    async def _answer_started(self, started: Started) -> None:
        """Open a window in which one page leads to the next, or begin among the messages when it is too late."""
        turn = await self._told_about(started.turn)
        reply = await self._answer(turn)
        if reply.failed or not await self._delivery.start(reply, turn, started.to, started.trigger):
            await self._delivery.give(reply, turn, started.to)

    async def _answer_saved(self, saved: Saved) -> None:
        """Show a form with the message in it; its address must not take so long that no window opens any more."""
        about, link = await asyncio.gather(
            self._people.about(saved.person, PROFILE_SECONDS),
            self._client.of(saved.person.tenant).permalink(saved.channel, saved.ts, PROFILE_SECONDS),
        )
        turn = Turn(saved.person, saved.place, lang=about.lang, zone=about.zone)
        moment = moment_of(saved.ts)
        day = day_of(moment, turn) if moment else None
        intent = AddEvidence(text=saved.text, link=(link or saved.link)[:MOST_WRITTEN], day=day, sure=False)
        await self._answer_press(replace(turn, intent=intent), saved.to, saved.trigger)

    async def on_event(self, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse:
        """Answer a message before acknowledging it, so that Slack sends it again when that fails."""
        event = body["event"]
        match event:
            case {"type": "app_context_changed"}:
                # What somebody has open in Slack is nobody's business here, and goes unread.
                return BoltResponse(status=200)
            case {"type": "app_home_opened", "tab": "messages", "user": str(user_id), "channel": str(channel)}:
                self._spawn(self._suggest(Person("slack", _tenant(context), user_id), channel))
            case {"type": "user_change", "user": {"id": str(user_id), "locale": str()} as user}:
                self._people.learn(Person("slack", _tenant(context), user_id), user)
            case {"type": "user_change", "user": {"id": str(user_id)}}:
                self._people.forget(Person("slack", _tenant(context), user_id))
        opening = _placed(read_opening(event, _tenant(context)), context)
        if opening and self._is_new(opening.key):
            self._spawn(self._show_home(opening))
        post = _placed(read_post(event, _tenant(context), _bot_user(body) or grant_of(context).bot_user), context)
        if post is None or not self._is_new(post.key):
            return BoltResponse(status=200)
        acknowledged = asyncio.Event()
        task = self._spawn(self._answer_post(post, acknowledged))
        await asyncio.wait({task}, timeout=ACK_SECONDS)
        acknowledged.set()
        return BoltResponse(status=503 if _failed(task) else 200)

    async def _answer_post(self, post: Post, acknowledged: asyncio.Event) -> None:
        """Post the answer, or what a failed delivery left of it."""
        held = self._unsent.get(post.key)
        try:
            held = held or await self._answer_to(post)
            await held[0].send()
        except Exception as error:
            if not acknowledged.is_set():
                self._begun.drop(post.key)
                if held:
                    self._unsent.put(post.key, held)
                raise
            if not (held and isinstance(error, NotTaken)):
                raise
            await held[0].insist(self._stopping)
        self._unsent.drop(post.key)
        self._spawn(self._delivery.hand_over(held[1], post.turn.person, post.to))

    async def _answer_to(self, post: Post) -> tuple[Sending[Json], Reply]:
        making, person = self._answer_told(post.turn), post.turn.person
        if post.to.alone:
            lang = self._spoken.get(person) or self._people.known(person).lang
            making = self._agent.at_work(making, person, post.channel, post.to.thread, lang)
        reply = await making
        messages, calls = self._delivery.messages(reply, post.to), self._client.of(person.tenant)
        if reply.private and post.turn.place.shared:
            # Slack shows it only in a thread that is there already.
            return calls.posting(messages, channel=post.channel, thread=post.within, only_for=person.user), reply
        return calls.posting(messages, channel=post.channel, thread=post.to.thread), reply

    async def _suggest(self, person: Person, channel: str) -> None:
        about = await self._people.about(person, PROFILE_SECONDS)
        await self._agent.suggest(person, channel, self._spoken.get(person) or about.lang)

    async def _show_home(self, opening: Opening) -> None:
        person = opening.turn.person
        if self._opened.put(person, True):
            waiting = person in self._reopened
            self._reopened[person] = opening
            if waiting:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), HOME_SECONDS)
            opening = self._reopened.pop(person)
        reply = await self._answer_told(opening.turn)
        if reply.failed and opening.shown:
            return  # The page that stands there serves better than an error, and the next opening may do better.
        await self._delivery.publish(reply, opening.turn, opening.to, unless=opening.shown)

    async def _answer_told(self, turn: Turn) -> Reply:
        return await self._answer(await self._told_about(turn))

    async def _told_about(self, turn: Turn) -> Turn:
        about = await self._people.about(turn.person, PROFILE_SECONDS)
        return replace(turn, lang=about.lang, zone=about.zone)

    async def _answer(self, turn: Turn) -> Reply:
        """The reply; after one that tells that all was forgotten, nothing from before stands in the Home tab either."""
        reply = await self._reply(turn)
        self._spoken.put(turn.person, reply.lang)
        match reply.asked:
            case AskPrivacy(forget=True, sure=True):
                self._spoken.drop(turn.person)
                home = ReplyTo(as_string((turn.address or {}).get("channel")), alone=True, replaces=True, home=True)
                self._spawn(self._delivery.publish(reply, turn, home))
        return reply

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._underway.start(work)
        task.add_done_callback(_complain)
        return task

    def _is_new(self, key: Hashable) -> bool:
        """Whether something is delivered for the first time; it then counts as begun."""
        return not self._begun.put(key, True)


def _tenant(context: AsyncBoltContext) -> str:
    """Where the app is installed: the workspace, or the whole organization."""
    return grant_of(context).tenant


def _placed(read: Read, context: AsyncBoltContext) -> Read:
    """What was read, with the workspace in the asker's address where the token is that of a whole organization."""
    team = as_string(context.get("team"))
    if read is None or not team:
        return read
    return replace(read, turn=replace(read.turn, address={**(read.turn.address or {}), "team": team}))


def _bot_user(body: dict[str, Any]) -> str:
    """The coach's own user id, as an event names whom it is delivered for."""
    match body.get("authorizations"):
        case [{"is_bot": True, "user_id": str(user)}, *_]:
            return user
    return ""


def _failed(task: asyncio.Task[None]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is not None


def _complain(task: asyncio.Task[None]) -> None:
    if _failed(task):
        error = task.exception()
        # What other errors say may hold what people wrote.
        log.error("slack_answer_failed", error=str(error) if isinstance(error, NotTaken) else type(error).__name__)
