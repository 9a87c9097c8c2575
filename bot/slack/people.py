"""What Slack reports of a person, kept for an hour: language, time zone, and whether they are there."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from handlers.turn import Person

SECONDS: Final = 60 * 60
SECONDS_AFTER_FAILURE: Final = 60
MOST: Final = 10_000

AWAY: Final = frozenset({":palm_tree:", ":desert_island:", ":beach_with_umbrella:", ":umbrella_on_ground:"})
"""Emoji of a status that tells of a vacation; the first is that of Slack's own "Vacationing", in every language."""


@dataclass(frozen=True, slots=True)
class About:
    """A language tag such as `de-DE` and an IANA zone, as far as they are known.

    Until `away` (seconds since 1970) the person is on vacation; who is `gone` has left.
    """

    lang: str | None = None
    zone: str | None = None
    away: float = 0.0
    gone: bool = False


class People:
    """A bounded cache in front of `users.info`; `fetch` returns its user object and may raise anything.

    A person is known by their tenant, too: what one workspace reports says nothing of another's.
    """

    def __init__(
        self, fetch: Callable[[Person], Awaitable[Mapping[str, Any]]], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._now = now
        self._known: OrderedDict[Person, tuple[float, About]] = OrderedDict()
        self._asked: dict[Person, asyncio.Task[About]] = {}

    def known(self, person: Person) -> About:
        """What is known at once; what is not known, or no longer, is asked for in the background."""
        expires, about = self._known.get(person, (0.0, About()))
        if expires <= self._now():
            self._ask(person)
        return about

    def fresh(self, person: Person) -> About | None:
        """What was learnt within the hour; nothing is asked for."""
        expires, about = self._known.get(person, (0.0, None))
        return about if expires > self._now() else None

    async def about(self, person: Person, seconds: float) -> About:
        """What is known after waiting for the answer no longer than this."""
        about = self.known(person)
        if task := self._asked.get(person):
            await asyncio.wait({task}, timeout=seconds)
            return self._known.get(person, (0.0, about))[1]
        return about

    def learn(self, person: Person, user: Mapping[str, Any], seconds: float = SECONDS) -> About:
        """Keep what the user object of a person says."""
        lang, zone = user.get("locale"), user.get("tz")
        about = About(
            lang if isinstance(lang, str) else None,
            zone if isinstance(zone, str) else None,
            _away(user.get("profile")),
            user.get("deleted") is True,
        )
        self._known[person] = (self._now() + seconds, about)
        self._known.move_to_end(person)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return about

    def forget(self, person: Person) -> None:
        """Ask again next time."""
        self._known.pop(person, None)

    async def stop(self) -> None:
        """Stop asking."""
        asked = tuple(self._asked.values())
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    def _ask(self, person: Person) -> None:
        if person not in self._asked:
            self._asked[person] = asyncio.create_task(self._look_up(person))

    async def _look_up(self, person: Person) -> About:
        try:
            return self.learn(person, await self._fetch(person))
        except Exception:
            # Language and zone are hints: an answer without them is better than none.
            _, about = self._known.get(person, (0.0, About()))
            self._known[person] = (self._now() + SECONDS_AFTER_FAILURE, about)
            return about
        finally:
            self._asked.pop(person, None)


def _away(profile: object) -> float:
    """The end of a vacation that a profile tells of; a status without an end has none."""
    match profile:
        case {"status_emoji": str(emoji), **rest} if emoji in AWAY:
            end = rest.get("status_expiration")
            return float(end) if isinstance(end, int | float) and end > 0 else math.inf
    return 0.0
