"""Planning: who is due gets a letter, a page of people at a time."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Callable, Mapping

import structlog

from handlers.rhythm import LEAST_WINDOW, window_for
from scheduler.letters import Planned, Post

PAGE = 1_000
"""People planned in one transaction."""

log = structlog.get_logger()


async def plan(post: Post, now: Callable[[], datetime.datetime]) -> AsyncIterator[Planned]:
    """Write a letter to everybody who is due, page after page until nobody is left. Unavailable."""
    letters = put_aside = 0
    try:
        while True:
            page = await post.plan(now(), PAGE)
            letters += page.letters
            put_aside += page.put_aside
            yield page
            if not page.more:
                break
    finally:
        if letters or put_aside:
            log.info("planned", letters=letters, put_aside=put_aside)


async def fit_windows(post: Post, per_second: Mapping[str, float], now: Callable[[], datetime.datetime]) -> None:
    """Let nobody be told a window that is too narrow for their workspace's pace. Unavailable.

    It narrows again only where half of it is enough, so that few who come and go move nobody.
    """
    for slot in await post.slots():
        pace = per_second.get(slot.workspace.platform)
        window = window_for(slot.people, 60 * pace) if pace else LEAST_WINDOW
        if slot.narrowest < window or slot.widest >= 2 * window:
            after: str | None = ""
            while after is not None:
                after = await post.fit(slot, window, after, now(), PAGE)
            log.info("window_fitted", platform=slot.workspace.platform, tenant=slot.workspace.tenant, minutes=window)


async def recount(post: Post, data: str, now: Callable[[], datetime.datetime]) -> None:
    """Work out every due time again that other zone data than this version gave. Unavailable."""
    while await post.recount(data, now(), PAGE):
        pass
