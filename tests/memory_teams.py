"""Teams in memory whose ids and secrets are the same in every run."""

from __future__ import annotations

import datetime
import hashlib

from bot.store.memory_kept import KeptTeam
from bot.store.memory_teams import MemoryTeams
from handlers.team_records import Team
from handlers.turn import Person


class SteadyTeams(MemoryTeams):
    """Teams that live and die with the test."""

    async def create(self, by: Person, name: str, now: datetime.datetime) -> Team | None:
        """A new team, managed by its maker."""
        drawn = hashlib.sha256(f"{by.tenant}\0{name.casefold()}".encode())
        made = Team(drawn.hexdigest()[:12], by.platform, by.tenant, name, drawn.digest()[:16])
        if made.id in self._teams or self._is_taken(made):
            return None
        self._teams[made.id] = KeptTeam(made)
        await self.manage(made, by.user, by, now, manages=True)
        return made
