"""What makes the app an agent in Slack: prompts to begin with, and a line that says that it is at work.

Both are extras: without the scope, or when Slack does not take them, the answers are the same.
https://docs.slack.dev/ai/developing-agents
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Final, TypeVar

import structlog

from bot.recent import Recent
from bot.slack.client import Client
from bot.slack.failures import MISSING_SCOPE, NotAllowed
from bot.slack.sending import Json, Refused
from content.texts import Texts, Voice
from handlers.errors import Gone, InDoubt, TryLater, Unavailable
from handlers.turn import Person

PROMPTS: Final = (
    ("profile.find", "example.level"),
    ("button.next", "example.next"),
    ("button.roles", "example.lists"),
    ("button.help", "button.help"),
)
"""What is offered to begin with: what stands on each, and the words that it sends; Slack takes four."""

STATUS_SECONDS: Final = 1.5
"""How long an answer is awaited before the person reads that it is being made; most are there at once."""

WORKSPACES: Final = 10_000

BARRED_SECONDS: Final = 3600.0
"""How long a workspace without the scope is not asked; somebody may have given it meanwhile."""

Made = TypeVar("Made")

log = structlog.get_logger()


def prompts(voice: Voice) -> list[dict[str, str]]:
    """What one can begin with, as the manifest and the Web API have it."""
    return [{"title": voice(title), "message": voice(message)} for title, message in PROMPTS]


class Agent:
    """The extras, for every workspace that allows them."""

    def __init__(self, client: Client, texts: Texts) -> None:
        self._client = client
        self._texts = texts
        self._barred = Recent[str, bool](WORKSPACES, BARRED_SECONDS)

    async def suggest(self, person: Person, channel: str, lang: str | None) -> None:
        """Offer the prompts in a person's own conversation."""
        # With a thread Slack drops them silently: prompts of an agent belong to the whole conversation.
        await self._call(
            person, "assistant.threads.setSuggestedPrompts", channel, prompts=prompts(self._texts.voice(lang))
        )

    async def at_work(
        self, making: Awaitable[Made], person: Person, channel: str, thread: str, lang: str | None
    ) -> Made:
        """What is being made; when that takes a while the person reads that it is, until the answer comes."""
        work = asyncio.ensure_future(making)
        telling: asyncio.Task[None] | None = None
        try:
            ready, _ = await asyncio.wait({work}, timeout=STATUS_SECONDS)
            if not ready:
                status = self._texts.voice(lang)("slack.agent.status")
                telling = asyncio.create_task(
                    self._call(person, "assistant.threads.setStatus", channel, thread_ts=thread, status=status)
                )
            made = await work
            if telling:
                # A line that came after the answer would stay.
                await asyncio.wait({telling}, timeout=STATUS_SECONDS)
            return made
        finally:
            work.cancel()
            if telling:
                telling.cancel()

    async def _call(self, person: Person, method: str, channel: str, **arguments: object) -> None:
        if self._barred.get(person.tenant):
            return
        asked: Json = {"channel_id": channel, **arguments}
        try:
            await self._client.of(person.tenant).once(method, asked)
        except NotAllowed as refusal:
            # That a token is good for nothing says nothing of what the next one is good for.
            if refusal.why == MISSING_SCOPE:
                self._barred.put(person.tenant, True)
                log.warning("slack_lets_no_agent", error=refusal.why, missing=refusal.missing)
            else:
                log.info("slack_took_no_extra", of=method, error=refusal.why)
        except (TryLater, Gone, InDoubt, Refused, Unavailable) as error:
            log.info("slack_took_no_extra", of=method, error=type(error).__name__)
