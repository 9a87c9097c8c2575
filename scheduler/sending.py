"""The way of one letter: whether it still goes, what it says, through the gate, and out."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog

from handlers.errors import Gone, InDoubt, Refused, TryLater, Unavailable, places
from handlers.intent import ReceiveNudge
from handlers.lateness import Quiet, goes_at
from handlers.ports import Platform
from handlers.reply import Reply
from handlers.turn import Place, Turn
from scheduler.letters import NUDGE, Letter, Settled, State
from scheduler.pace import Gate
from scheduler.watch import Watch

Deliver = Callable[[Turn], Awaitable[Reply | None]]
"""The door: what a letter says now, or None when there is nothing to say any more."""

LEASE = datetime.timedelta(seconds=20)
"""How long a claimed letter may be sent; then another drain may have it."""

SEND_SECONDS = 15.0
"""How long a platform may take for one letter; longer than its own time-outs."""

RETRY_SECONDS = 60.0
"""How long to wait after a failure that tells no time itself; twice as long after each further one, up to an hour."""

OFTEN = 3
"""So many tries are no accident any more."""

MOST_WAIT = 3600.0
"""No platform is left alone longer than that, whatever it asks for: a letter may be too late by then."""

SEARCHED_BEFORE = datetime.timedelta(days=1)
"""How long before its due time a letter in doubt is looked for: clocks differ."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Terms:
    """An operator's terms: how late a letter may be, in which hours a late one waits, and what if it stays in doubt."""

    late: datetime.timedelta
    quiet: Quiet
    rather_twice: bool = False


class Stamp:
    """When something was claimed, on both clocks."""

    __slots__ = ("_at", "_wall", "_watch")

    def __init__(self, watch: Watch) -> None:
        self._watch, self._at, self._wall = watch, watch.monotonic(), watch.now()

    def is_older_than(self, age: datetime.timedelta) -> bool:
        """Whether either clock says so: one stands still while the machine sleeps, the other may be set back."""
        return self._watch.monotonic() - self._at >= age.total_seconds() or self._watch.now() - self._wall >= age


@dataclass(frozen=True, slots=True)
class Sending:
    """Sends letters of one workspace. `halted` says whether no more are to go out, and until when."""

    platform: Platform
    deliver: Deliver
    terms: Terms
    watch: Watch
    gate: Gate
    halted: Callable[[], str]

    async def send(self, letter: Letter, claimed: Stamp) -> Settled:
        """What became of a letter. TryLater when the platform wants no more of them for a while, Unavailable."""
        if settled := self._not_now(letter):
            return settled
        if letter.intent is None and letter.kind != NUDGE:
            # Written by a newer version than this one.
            return Settled(letter, State.SILENT, why="unreadable")
        try:
            async with asyncio.timeout(SEND_SECONDS):
                if letter.kind == NUDGE and await self.platform.is_away(letter.person):
                    return Settled(letter, State.SILENT, why="away")
                place = await self.platform.place(letter.person, letter.address)
                intent = letter.intent or ReceiveNudge(day=letter.day, due=letter.due)
                lang = await self.platform.language(letter.person)
                reply = await self.deliver(Turn(letter.person, place, intent=intent, lang=lang, address=letter.address))
        except Gone:
            return Settled(letter, State.GONE)
        except Refused as refused:
            return self._refused(letter, refused)
        except (TryLater, Unavailable):
            raise
        except Exception as error:
            log.error("letter_failed", mark=letter.mark, error=type(error).__name__, at=places(error))
            return self._later(letter, backoff(letter), type(error).__name__)
        if reply is None:
            return Settled(letter, State.SILENT)
        await self.gate.passing()
        # Nothing may come between this and the sending.
        if why := self.halted():
            return Settled(letter, State.READY, why=why)
        if claimed.is_older_than(LEASE):
            return Settled(letter, State.READY, why="lease")
        return await self._send(letter, place, reply)

    async def _send(self, letter: Letter, place: Place, reply: Reply) -> Settled:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                ref = await self.platform.send(letter.person, place, letter.address, reply, letter.mark)
        except TryLater:
            raise
        except Gone:
            return Settled(letter, State.GONE)
        except Refused as refused:
            return self._refused(letter, refused)
        except (InDoubt, TimeoutError) as error:
            return Settled(letter, State.DOUBT, why=type(error).__name__)
        except Exception as error:
            # It may have happened before or after the platform took the letter.
            log.error("letter_failed", mark=letter.mark, error=type(error).__name__, at=places(error))
            return Settled(letter, State.DOUBT, why=type(error).__name__)
        return Settled(letter, State.SENT, ref)

    def _refused(self, letter: Letter, refused: Refused) -> Settled:
        log.error("letter_refused", mark=letter.mark, why=str(refused))
        return Settled(letter, State.REFUSED, why=str(refused))

    def _not_now(self, letter: Letter) -> Settled | None:
        """The end of a letter that is too late, or its way back where it has to wait."""
        if why := self.halted():
            return Settled(letter, State.READY, why=why)
        now = self.watch.now()
        if letter.rhythm is None:
            return Settled(letter, State.LATE) if now > letter.due + self.terms.late else None
        # Whether a paused nudge is still said something is the door's affair: the last one says that it pauses.
        rhythm = replace(letter.rhythm, paused=False) if letter.rhythm.paused else letter.rhythm
        at = goes_at(rhythm, letter.due, now, quiet=self.terms.quiet, limit=self.terms.late)
        if at is None:
            return Settled(letter, State.LATE)
        return Settled(letter, State.READY, not_before=at, why="quiet") if at > now else None

    def _later(self, letter: Letter, seconds: float, why: str) -> Settled:
        return Settled(letter, State.READY, not_before=self.watch.now() + datetime.timedelta(seconds=seconds), why=why)

    async def look_up(self, letter: Letter) -> Settled:
        """What became of a letter in doubt. TryLater when the platform cannot be asked now."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                place = await self.platform.place(letter.person, letter.address)
                found = await self.platform.find(letter.person, place, letter.mark, letter.due - SEARCHED_BEFORE)
        except Gone:
            return Settled(letter, State.GONE)
        except Exception as error:
            if self.watch.now() > letter.due + self.terms.late:
                return self._unknown(letter)
            if isinstance(error, TryLater):
                raise
            if not isinstance(error, InDoubt | TimeoutError):
                log.error("look_up_failed", mark=letter.mark, error=type(error).__name__, at=places(error))
            raise TryLater(RETRY_SECONDS) from error
        if found is None:
            return self._unknown(letter)
        if found == "absent":
            # What cuts it off again and again will do so once more.
            return self._later(letter, backoff(letter) if letter.tries >= OFTEN else 0.0, "absent")
        return Settled(letter, State.SENT, found, why="found")

    def _unknown(self, letter: Letter) -> Settled:
        # It may have arrived each time: a line that is always cut must not write to somebody all day.
        if self.terms.rather_twice and letter.tries < OFTEN:
            return self._later(letter, backoff(letter), "unknown")
        return Settled(letter, State.LOST, why="unknown")


def backoff(letter: Letter) -> float:
    """Seconds to wait after a failure."""
    return min(RETRY_SECONDS * 2.0 ** min(letter.tries, 10), MOST_WAIT)


def sensible(seconds: float) -> float:
    """How long to leave a platform alone that asks for so many seconds."""
    return min(seconds if seconds > 1 else 1.0, MOST_WAIT)
