"""Every turn leaves a line, a figure and, where wanted, a span, every call to a platform a figure; none tells whose."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import aiohttp
import structlog

from bot import metrics
from bot.logs import as_id
from bot.plug import Answer
from bot.traces import span
from handlers.intent import FindCells, RateAnswer
from handlers.reply import Reply
from handlers.turn import Turn

log = structlog.get_logger()

PUT_OFF = frozenset({412, 429})
"""Statuses with which platforms ask to be called later: Slack with the second, Teams with either."""


def watched(answer: Answer) -> Answer:
    """The same door, of which each turn is told: kinds and times, not the person and not their words."""

    async def watch(turn: Turn) -> Reply:
        begun = time.perf_counter()
        platform = turn.person.platform
        about = {"platform": platform, "intent": "none", "outcome": "crashed"}
        try:
            with span("turn", about):
                reply = await answer(turn)
                asked = reply.asked or turn.intent
                about["intent"] = asked.kind if asked else "words"
                about["outcome"] = "failed" if reply.failed else "answered"
                if isinstance(asked, RateAnswer) and not reply.failed:
                    verdict = "helped" if asked.helped else "did_not_help"
                    metrics.FEEDBACK.labels(platform, asked.about, verdict).inc()
            return reply
        finally:
            seconds = time.perf_counter() - begun
            metrics.TURNS.labels(**about).inc()
            metrics.TURN_SECONDS.labels(platform).observe(seconds)
            # A search is asked with every letter that is typed: of one that went well the figures are enough.
            if not (isinstance(turn.intent, FindCells) and about["outcome"] == "answered"):
                log.info("turn", **about, tenant=as_id(turn.person.tenant), how=turn.how, ms=round(seconds * 1000, 1))

    return watch


def watch_calls(platform: str) -> aiohttp.TraceConfig:
    """What a session tells of its calls to a platform."""
    told = aiohttp.TraceConfig()

    async def on_end(_: aiohttp.ClientSession, __: SimpleNamespace, call: aiohttp.TraceRequestEndParams) -> None:
        status = call.response.status
        metrics.CALLS.labels(platform, f"{status // 100}xx").inc()
        if status in PUT_OFF:
            metrics.RATE_LIMITED.labels(platform, "platform").inc()

    async def on_failure(*_: Any) -> None:
        metrics.CALLS.labels(platform, "none").inc()

    told.on_request_end.append(on_end)
    told.on_request_exception.append(on_failure)
    return told
