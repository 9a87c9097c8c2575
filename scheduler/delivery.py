"""Delivery: what waits in a workspace is claimed, sent and settled, and what is in doubt is looked up."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import heapq
import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

import structlog

from handlers.errors import TryLater, Unavailable
from handlers.ports import Platform
from scheduler.letters import Letter, Post, Settled, State, Superseded, Workspace
from scheduler.pace import Pace
from scheduler.sending import LEASE, SEND_SECONDS, Deliver, Sending, Stamp, Terms, sensible
from scheduler.watch import Watch

DOUBT_SECONDS = LEASE.total_seconds() + SEND_SECONDS + 5.0
"""How long a letter in doubt is left alone: after that, whoever had it sends it no more, and no call is under way."""

SETTLE_SECONDS = 0.2
"""How long what became of a letter may wait to be written down together with others."""

INSIST_SECONDS = 60.0
"""How long a drain tries to write down what became of letters while the database is away."""

INSIST_EVERY = 1.0

POLL_SECONDS = 5.0
"""How often a drain that waits for something else looks for further letters."""

CLAIM_SECONDS = 1.0
"""How long before the gate opens for them letters are claimed."""

TAKEOVER_SECONDS = 2.0
"""How long a drain that took over waits with its first letter: the one before may not have noticed yet."""

DOUBTS = 1_000
"""Letters in doubt taken on at once."""

FAR = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)

log = structlog.get_logger()


@dataclass(slots=True)
class Tally:
    """What a drain did: how many letters came into each state, and by how many seconds those sent were late."""

    states: Counter[State] = field(default_factory=Counter)
    lateness: list[float] = field(default_factory=list)
    superseded: bool = False

    def figures(self) -> dict[str, float]:
        """The same for a log."""
        found: dict[str, float] = {state.value: count for state, count in self.states.items()}
        if self.lateness:
            found |= {"late_median": round(median(self.lateness), 1), "late_max": round(max(self.lateness), 1)}
        return found


@dataclass(frozen=True)
class Delivery:
    """All it takes to deliver letters.

    `stopping` ends every drain as soon as what is under way is finished, `handing_over` as soon as what is claimed is.
    """

    post: Post
    platforms: Mapping[str, Platform]
    deliver: Deliver
    terms: Terms
    watch: Watch
    pace: Pace
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    handing_over: asyncio.Event = field(default_factory=asyncio.Event)

    async def drain(self, workspace: Workspace) -> Tally:
        """Deliver what waits in a workspace until nothing is left or it is to be handed over.

        A later drain of it ends an earlier one.

        KeyError when the platform is not at hand, Unavailable when the store is away.
        """
        ids = {"platform": workspace.platform, "tenant": workspace.tenant}
        platform = self.platforms[workspace.platform]
        drain = _Drain(self, workspace, platform, await self.post.begin(workspace, self.watch.now()))
        begun = self.watch.monotonic()
        try:
            await drain.run()
        except* Superseded:
            drain.tally.superseded = True
            log.warning("drain_superseded", **ids)
        except* Unavailable as away:
            raise Unavailable(str(away.exceptions[0])) from away
        finally:
            if drain.tally.states:
                log.info("drained", **ids, seconds=round(self.watch.monotonic() - begun, 1), **drain.tally.figures())
            if lost := drain.tally.states[State.LOST]:
                log.warning("letters_lost", **ids, count=lost)
        return drain.tally


class _Drain:
    """One run through the letters of a workspace, under one epoch.

    One loop alone talks to the store, so that batches form by themselves; each letter under way is a task beside it.
    """

    def __init__(self, delivery: Delivery, workspace: Workspace, platform: Platform, epoch: int) -> None:
        self.tally = Tally()
        self._post, self._watch = delivery.post, delivery.watch
        self._stopping, self._handing_over = delivery.stopping, delivery.handing_over
        self._workspace, self._epoch = workspace, epoch
        self._gate = delivery.pace.gate(workspace)
        self._can_find = platform.can_find
        self._room = self._gate.slots + self._gate.ahead
        self._least, self._most, self._lead = self._gate.batch, self._room, CLAIM_SECONDS
        if not self._can_find:
            # What is claimed and has not gone out when the process is killed would be in doubt for good.
            self._least, self._most, self._lead = 1, self._gate.handful, self._gate.takes(1 + self._gate.handful // 2)
        self._sending = Sending(platform, delivery.deliver, delivery.terms, self._watch, self._gate, self._halted)
        self._slots = asyncio.Semaphore(self._gate.slots)
        self._changed = asyncio.Event()
        self._claimed = 0
        self._claim_at = self._hold_until = self._closed_until = self._settle_at = self._watch.monotonic()
        self._store_away = self._looking_up = False
        self._insist_until: float | None = None
        self._unsettled: list[Settled] = []
        self._doubts: list[tuple[float, int, Letter]] = []
        self._more_doubts = True
        self._numbers = itertools.count()

    async def run(self) -> None:
        """Until nothing is left. Superseded and Unavailable come in a group."""
        async with asyncio.TaskGroup() as group:
            notices = [group.create_task(self._notice(event)) for event in (self._stopping, self._handing_over)]
            while True:
                self._changed.clear()
                await self._settle()
                doubts = await self._reconcile(group)
                ready = await self._claim(group)
                if not (doubts or ready or self._claimed or self._unsettled):
                    break
                await self._wait()
            for notice in notices:
                notice.cancel()

    async def _notice(self, event: asyncio.Event) -> None:
        await event.wait()
        self._changed.set()

    async def _wait(self) -> None:
        """Until something has changed, or it is time for something."""
        now = self._watch.monotonic()
        times = [now + POLL_SECONDS, self._claim_at, self._closed_until]
        if self._unsettled:
            times.append(self._settle_at)
        if self._doubts:
            times.append(self._doubts[0][0])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(time for time in times if time > now) - now):
                await self._changed.wait()

    def _halted(self) -> str:
        """Why nothing more is to go out now, in a word."""
        if self._stopping.is_set():
            return "stopped"
        if self._store_away:
            return "store"
        return "gate" if self._closed_until > self._watch.monotonic() else ""

    async def _claim(self, group: asyncio.TaskGroup) -> bool:
        """Claim letters for what is free, and send them; False when there are none, or none may go out now."""
        if self._halted() or self._handing_over.is_set():
            return False
        now, free = self._watch.monotonic(), self._room - self._claimed
        if self._claimed and (free < self._least or now < self._claim_at):
            return True
        if (early := max(self._gate.busy_for() - self._lead, self._hold_until - now)) > 0:
            self._claim_at = now + early
            return True
        free = min(free, self._most)
        stamp = Stamp(self._watch)
        try:
            letters = await self._post.claim(self._workspace, self._epoch, free, self._watch.now(), LEASE)
        except Unavailable:
            self._store_away = True
            return False
        if len(letters) < free:
            self._claim_at = now + POLL_SECONDS
        elif not self._can_find:
            # Before they are answered they do not stand at the gate.
            self._claim_at = now + self._gate.takes(free)
        self._claimed += len(letters)
        for letter in letters:
            group.create_task(self._send(letter, stamp))
        return bool(letters)

    async def _send(self, letter: Letter, stamp: Stamp) -> None:
        try:
            async with self._slots:
                settled = await self._sending.send(letter, stamp)
        except TryLater as later:
            settled = await self._close_gate(letter, sensible(later.seconds))
        except Unavailable:
            self._store_away = True
            settled = Settled(letter, State.READY, why="store")
        self._claimed -= 1
        self._take(settled)

    async def _close_gate(self, letter: Letter, seconds: float) -> Settled:
        """Let nothing more out for a while, here and elsewhere, and put a letter back until then."""
        until = self._watch.now() + datetime.timedelta(seconds=seconds)
        end = self._watch.monotonic() + seconds
        if end > self._closed_until:
            self._closed_until = end
            with contextlib.suppress(Unavailable):  # then this drain alone keeps to it, and the letter
                await self._post.close_gate(self._workspace, until)
        return Settled(letter, State.READY, not_before=until, why="busy")

    def _take(self, settled: Settled) -> None:
        """Keep what became of a letter until it is written down."""
        self.tally.states[settled.state] += 1
        if settled.state is State.SENT:
            self.tally.lateness.append((self._watch.now() - settled.letter.due).total_seconds())
        elif settled.state is State.DOUBT:
            self._doubt(settled.letter, DOUBT_SECONDS)
        if not self._unsettled:
            self._settle_at = self._watch.monotonic() + SETTLE_SECONDS
        self._unsettled.append(settled)
        self._changed.set()

    async def _settle(self) -> None:
        """Write down what became of letters, when there are enough of them, it is time, or nothing else is to do."""
        now = self._watch.monotonic()
        hurry = self._insist_until is None and (len(self._unsettled) >= self._gate.batch or not self._claimed)
        if not self._unsettled or not (hurry or now >= self._settle_at):
            return
        settled, self._unsettled = self._unsettled, []
        try:
            await self._post.settle(self._epoch, settled, self._watch.now())
        except Unavailable:
            # Otherwise they would be in doubt, and not every platform can be asked.
            self._unsettled = settled + self._unsettled
            self._store_away = True
            self._insist_until = self._insist_until or now + INSIST_SECONDS
            if now > self._insist_until:
                raise
            self._settle_at = now + INSIST_EVERY
        else:
            self._insist_until = None

    def _doubt(self, letter: Letter, seconds: float) -> None:
        heapq.heappush(self._doubts, (self._watch.monotonic() + seconds, next(self._numbers), letter))

    async def _reconcile(self, group: asyncio.TaskGroup) -> bool:
        """Look up a letter in doubt when its time has come, one after the other; False when there is none."""
        if self._looking_up:
            return True
        if self._stopping.is_set() or self._handing_over.is_set() or self._store_away:
            return False
        if self._more_doubts and not (self._doubts or self._unsettled):
            try:
                found = await self._post.doubtful(self._workspace, self._epoch, DOUBTS, FAR)
            except Unavailable:
                self._store_away = True
                return False
            self._more_doubts = len(found) == DOUBTS
            if found:
                self._hold_until = self._watch.monotonic() + TAKEOVER_SECONDS
            for letter in found:
                self._doubt(letter, DOUBT_SECONDS)
        if self._doubts and self._doubts[0][0] <= self._watch.monotonic():
            self._looking_up = True
            group.create_task(self._look_up(heapq.heappop(self._doubts)[2]))
            return True
        return bool(self._doubts or self._more_doubts)

    async def _look_up(self, letter: Letter) -> None:
        try:
            self._take(await self._sending.look_up(letter))
        except TryLater as later:
            self._doubt(letter, sensible(later.seconds))
            self._changed.set()
        finally:
            self._looking_up = False
