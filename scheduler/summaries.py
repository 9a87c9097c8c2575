"""Summaries that are due: each team's is drawn up and posted, a few at a time."""

from __future__ import annotations

import asyncio
import datetime

import structlog

from handlers.errors import TryLater, Unavailable, places
from handlers.ports import Desk
from handlers.team_records import Team
from handlers.team_schedule import post_due

AT_ONCE = 5
"""Teams taken at once. Their due times have moved on by then, so a process that dies posts none of them any more."""

TRIES = 3
RETRY_SECONDS = 60.0
"""How long to wait where the database or the platform is away."""

log = structlog.get_logger()


class Summaries:
    """Posts what is due and no later than `late`, with a desk that knows the rooms of the platforms."""

    def __init__(self, desk: Desk, late: datetime.timedelta) -> None:
        self._desk = desk
        self._late = late
        self._posts: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def post_summaries(self) -> None:
        """Post until nothing is due any more."""
        teams = self._desk.teams
        if teams is None or not self._desk.rooms:
            return
        try:
            while not self._stopping and (due := await teams.due(self._desk.now(), AT_ONCE)):
                posts = [asyncio.create_task(self._post(team)) for team in due]
                self._posts |= set(posts)
                for post in posts:
                    post.add_done_callback(self._posts.discard)
                # Whoever ends the clock does not cut off what may be at the platform already.
                await asyncio.shield(asyncio.gather(*posts))
        except Unavailable as error:
            log.warning("summaries_put_off", why=str(error))

    async def _post(self, team: Team) -> None:
        """What was begun is not begun again, so that a further try posts nothing twice."""
        for rest in reversed(range(TRIES)):
            try:
                outcome = await post_due(team, self._desk, self._late)
            except (TryLater, Unavailable) as error:
                log.warning("summary_put_off", team=team.id, error=type(error).__name__, tries_left=rest)
            except Exception as error:
                log.error("summary_failed", team=team.id, error=type(error).__name__, at=places(error))
                return
            else:
                log.info("summary", team=team.id, outcome=outcome or "nobody")
                return
            if rest:
                await asyncio.sleep(RETRY_SECONDS)

    async def stop(self, seconds: float) -> None:
        """Begin no more, and finish what is under way; what takes longer is in doubt."""
        self._stopping = True
        if self._posts:
            _, late = await asyncio.wait(self._posts, timeout=seconds)
            for post in late:
                post.cancel()
