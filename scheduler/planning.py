"""Planning: who is due gets a letter, a page of people at a time."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Callable

import structlog

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


async def recount(post: Post, data: str, now: Callable[[], datetime.datetime]) -> None:
    """Work out every due time again that other zone data than this version gave. Unavailable."""
    while await post.recount(data, now(), PAGE):
        pass
