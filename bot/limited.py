"""How much one person may ask of the coach, and for how long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog

from bot import metrics
from bot.plug import Answer
from bot.recent import Recent
from handlers.intent import FindCells
from handlers.reply import Reply
from handlers.turn import Person, Turn

ANSWER_SECONDS = 20.0
"""How long an answer may take: longer than the store's patience, and than the platforms wait."""

REMEMBERED: Final = 10_000
"""People of whom it is known how much they asked lately; more of them ask at once nowhere."""

log = structlog.get_logger()


def limited(
    answer: Answer,
    put_off: Callable[[Turn, str], Reply],
    per_minute: int,
    now: Callable[[], float] = time.monotonic,
) -> Answer:
    """The same door, through which a person comes so many times a minute, also all at once, and no more often.

    `put_off` says why, by the key of a sentence. Everybody else is answered meanwhile.
    """
    per_second = per_minute / 60
    # A search is asked with every letter that is typed, and has as much of its own: it would leave none to be answered.
    left = Recent[tuple[Person, bool], tuple[float, float]](2 * REMEMBERED, 60.0, now)

    async def limit(turn: Turn) -> Reply:
        moment, who = now(), (turn.person, isinstance(turn.intent, FindCells))
        before, at = left.get(who) or (float(per_minute), moment)
        allowed = min(before + (moment - at) * per_second, per_minute)
        if allowed < 1:
            metrics.RATE_LIMITED.labels(turn.person.platform, "rung").inc()
            return put_off(turn, "error.too-fast")
        left.put(who, (allowed - 1, moment))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await answer(turn)
        except TimeoutError:
            log.error("answer_took_too_long", platform=turn.person.platform, seconds=ANSWER_SECONDS)
            return put_off(turn, "error.too-long")

    return limit
