"""Answers on their way to a person: messages, windows, the Home tab, and files."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

import aiohttp
import structlog

from bot.slack.client import Client
from bot.slack.elements import BlockKit
from bot.slack.failures import MISSING_SCOPE
from bot.slack.render import Message, render
from bot.slack.reply_to import ReplyTo
from bot.slack.sending import NotTaken
from bot.slack.views import render_home, render_modal, render_page
from content.texts import Texts
from handlers.intent import ShowProfile
from handlers.reply import Audience, Block, File, Reply, Text
from handlers.turn import Person, Turn

TRIGGER_SECONDS: Final = 3.0
"""How long a window can be opened after a click."""

log = structlog.get_logger()


class Delivery:
    """Brings replies to where they belong, and insists until the process is `stopping`."""

    def __init__(self, client: Client, texts: Texts, stopping: asyncio.Event) -> None:
        self._client = client
        self._texts = texts
        self._stopping = stopping

    def messages(self, reply: Reply, to: ReplyTo) -> tuple[Message, ...]:
        """The messages of a reply; they tell where its files are when that is elsewhere."""
        places = [place for place, block in enumerate(reply.blocks) if isinstance(block, File)]
        if _is_own(to):
            return render(reply, rating=self._texts.voice(reply.lang))
        if not places:
            return render(reply)
        told: tuple[Block, ...] = (Text(self._texts.voice(reply.lang)("slack.file.elsewhere")),)
        after = places[-1] + 1
        return render(replace(reply, blocks=reply.blocks[:after] + told + reply.blocks[after:]))

    async def give(self, reply: Reply, turn: Turn, to: ReplyTo) -> None:
        """Deliver a reply, and its files after it; an error comes as a message, so that the Home tab keeps its page."""
        if to.home and not reply.failed:
            await self.publish(reply, turn, to)
        elif not (to.window and not reply.failed and await self._turn_page(reply, turn, to)):
            await self._send(self.messages(reply, to), reply, turn.person, to)
        await self.hand_over(reply, turn.person, to)

    async def give_rest(self, messages: tuple[Message, ...], reply: Reply, turn: Turn, to: ReplyTo) -> None:
        """Deliver what did not fit into an acknowledgement."""
        await self._send(messages, reply, turn.person, to)
        await self.hand_over(reply, turn.person, to)

    async def publish(self, reply: Reply, turn: Turn, to: ReplyTo, *, unless: str | None = None) -> None:
        """Make a reply the page of the Home tab, unless that is what stands there by its metadata."""
        overview = isinstance(turn.intent, ShowProfile)
        reply = self._telling_of_files(reply)
        view = render_home(reply, self._texts.voice(reply.lang), to, overview=overview)
        if view["private_metadata"] != unless:
            await self._client.of(turn.person.tenant).publishing(turn.person.user, view).insist(self._stopping)

    async def _turn_page(self, reply: Reply, turn: Turn, to: ReplyTo) -> bool:
        """Make a reply the next page of a window; false when there is no such window any more."""
        page = render_page(self._telling_of_files(reply), self._texts.voice(reply.lang), to)
        turning = self._client.of(turn.person.tenant).turning(to.window, page)
        await turning.insist(self._stopping)
        return not turning.refusal

    def _telling_of_files(self, reply: Reply) -> Reply:
        if not has_files(reply):
            return reply
        told = Text(self._texts.voice(reply.lang)("slack.file.elsewhere"))
        return replace(reply, blocks=(*reply.blocks, told))

    async def start(self, reply: Reply, turn: Turn, to: ReplyTo, trigger: str) -> bool:
        """Open a window with a reply as its first page; false when it is too late."""
        page = render_page(self._telling_of_files(reply), self._texts.voice(reply.lang), to)
        calls = self._client.of(turn.person.tenant)
        return bool(trigger) and await calls.open_view(trigger, page, TRIGGER_SECONDS)

    def window(self, reply: Reply, to: ReplyTo) -> BlockKit | None:
        """The window with a reply's form, where it has one that fits."""
        return render_modal(reply, self._texts.voice(reply.lang), to)

    async def open(self, reply: Reply, turn: Turn, to: ReplyTo, trigger: str, seconds: float = TRIGGER_SECONDS) -> bool:
        """Open the window of a reply; false when it has none, or when it is too late."""
        view = self.window(reply, to) if trigger else None
        calls = self._client.of(turn.person.tenant)
        return view is not None and await calls.open_view(trigger, view, seconds, above=bool(to.window))

    async def hand_over(self, reply: Reply, person: Person, to: ReplyTo) -> None:
        """Put the files of a reply into the person's direct conversation; say so when that fails."""
        files = [block for block in reply.blocks if isinstance(block, File)]
        if not files:
            return
        own, calls = _is_own(to), self._client.of(person.tenant)
        uploading = calls.uploading(files, person.user, to.thread if own else "")
        try:
            await uploading.insist(self._stopping)
            failed = uploading.refusal
        except (NotTaken, aiohttp.ClientError, TimeoutError) as error:
            failed = type(error).__name__
            log.error("slack_took_no_file", error=failed)
        if failed:
            why = "permission" if failed == MISSING_SCOPE else "failed"
            told = render(Reply((Text(self._texts.voice(reply.lang)(f"slack.file.{why}")),)))
            place = {"channel": to.channel, "thread": to.thread} if own else {"channel": person.user}
            await calls.posting(told, **place).insist(self._stopping)

    async def _send(self, messages: tuple[Message, ...], reply: Reply, person: Person, to: ReplyTo) -> None:
        """Send messages through a response URL, and directly what it does not take any more."""
        left = len(messages)
        if to.url:
            everyone = to.alone or is_public(reply)
            replaces = reply.in_place and to.replaces
            answer = self._client.response(
                to.url, messages, everyone=everyone, replace=replaces, thread=to.thread, mark=to.mark
            )
            await answer.insist(self._stopping)
            left = answer.dropped
        if left:
            await self._client.of(person.tenant).posting(messages[-left:], channel=person.user).insist(self._stopping)


def has_files(reply: Reply) -> bool:
    """Whether files come with a reply."""
    return any(isinstance(block, File) for block in reply.blocks)


def is_public(reply: Reply) -> bool:
    """Whether a reply is for everyone in the place."""
    return reply.audience is Audience.ROOM and not reply.private


def _is_own(to: ReplyTo) -> bool:
    """Whether the answer stands among the messages of the person's own conversation with the coach."""
    return to.alone and not to.home
