"""A process that plans, claims and settles letters for ever, until somebody kills it."""

from __future__ import annotations

import asyncio
import datetime
import sys

from bot.store.letters import SqlPost
from bot.store.sql import SqlStore
from scheduler.letters import Settled, State, Superseded, Workspace

NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
HERE = Workspace("slack", "T1")


async def work(url: str) -> None:
    """A line for each page that was planned, and for each batch that was settled."""
    store = SqlStore(url, patience=30)
    post = SqlPost(store.database)
    while True:
        page = await post.plan(NOON, 10)
        print("planned", page.letters, flush=True)
        epoch = await post.begin(HERE, NOON)
        try:
            letters = await post.claim(HERE, epoch, 7, NOON, datetime.timedelta(minutes=1))
            await post.settle(epoch, [Settled(letter, State.SENT, "1.2") for letter in letters], NOON)
        except Superseded:
            continue
        print("settled", len(letters), flush=True)


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))
