"""How fast letters go out: evenly, and each workspace at its own pace."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping

from scheduler.letters import Workspace
from scheduler.watch import Watch

HEADROOM = 1.03
"""How much further apart letters go than the limit asks, so that a line which delays some of them a little does not
bring one more of them into a second."""

SLOTS = 200
"""Letters under way at once where nothing limits the pace."""

MOMENT = 0.05
"""How many seconds' worth of letters are claimed at once where none should wait at the gate for long."""


class Gate:
    """What the letters of one workspace pass one by one, so many seconds apart."""

    def __init__(self, interval: float, watch: Watch) -> None:
        self._interval = interval
        self._watch = watch
        # Another process may have sent a moment ago.
        self._opens = watch.monotonic() + interval
        self._turns = asyncio.Lock()
        self._standing = 0

    @property
    def slots(self) -> int:
        """How many letters are worth sending at once: what passes in a second, by then an answer is there."""
        return min(SLOTS, math.ceil(1 / self._interval)) if self._interval else SLOTS

    @property
    def ahead(self) -> int:
        """How many more to have at hand, so that no slot waits for the database; at a slow gate none has to."""
        return 0 if self._interval else SLOTS // 2

    @property
    def batch(self) -> int:
        """How many free places are worth a question to the database."""
        return max(1, self.slots // 2 if self._interval else SLOTS // 4)

    @property
    def handful(self) -> int:
        """How many pass in a moment, and one at least."""
        return max(1, int(MOMENT / self._interval)) if self._interval else SLOTS

    def closed_for(self) -> float:
        """Seconds until the gate opens next."""
        return max(0.0, self._opens - self._watch.monotonic())

    def takes(self, count: int) -> float:
        """Seconds in which so many pass."""
        return count * self._interval

    def busy_for(self) -> float:
        """Seconds until all who stand here have passed and it opens for the next."""
        return self.closed_for() + self.takes(self._standing)

    async def passing(self) -> None:
        """Wait for one's turn, first come, first served."""
        if not self._interval:
            return
        self._standing += 1
        try:
            async with self._turns:
                await asyncio.sleep(self.closed_for())
                # From now and not from when it opened: after a stall nothing is made up for.
                self._opens = self._watch.monotonic() + self._interval
        finally:
            self._standing -= 1


class Pace:
    """The gates of all workspaces; they outlast a drain. A platform without a limit has open ones."""

    def __init__(self, per_second: Mapping[str, float], watch: Watch) -> None:
        self._per_second = per_second
        self._watch = watch
        self._gates: dict[Workspace, Gate] = {}

    def anew(self) -> Pace:
        """The same pace with gates that know of nothing sent, for a drain that may follow one of another process."""
        return Pace(self._per_second, self._watch)

    def gate(self, workspace: Workspace) -> Gate:
        """The gate of a workspace."""
        gate = self._gates.get(workspace)
        if gate is None:
            limit = self._per_second.get(workspace.platform)
            gate = self._gates[workspace] = Gate(HEADROOM / limit if limit else 0.0, self._watch)
        return gate
