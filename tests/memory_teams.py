"""Teams in memory whose ids and secrets are the same in every run, with what a store brings beside."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import replace

from bot.store.memory import MemoryStore
from bot.store.memory_kept import KeptTeam
from bot.store.memory_teams import MemoryTeams
from handlers.intent import Intent, ReceiveCard
from handlers.team_records import Card, Figures, Reading, Team
from handlers.turn import Person
from scheduler.letters import Letter


class SteadyTeams(MemoryTeams):
    """Teams that live and die with the test."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self._cards: dict[str, Card] = {}

    async def create(self, by: Person, name: str, now: datetime.datetime) -> Team | None:
        """A new team, managed by its maker."""
        drawn = hashlib.sha256(f"{by.tenant}\0{name.casefold()}".encode())
        made = Team(drawn.hexdigest()[:12], by.platform, by.tenant, name, drawn.digest()[:16])
        if made.id in self._teams or self._is_taken(made):
            return None
        self._teams[made.id] = KeptTeam(made)
        await self.manage(made, by.user, by, now, manages=True)
        return made

    async def begin(
        self, team: Team, figures: Figures, channel: str, by: Person, key: str, now: datetime.datetime
    ) -> Reading | None:
        """Write down a reading that is about to be posted."""
        begun = await super().begin(team, figures, channel, by, key, now)
        if begun:
            begun = replace(begun, key=key)
            self._teams[team.id].readings[begun.number - 1] = begun
        return begun

    async def posted(self, team: Team) -> Reading | None:
        """The latest reading that was posted, or may have been."""
        kept = self._teams[team.id].readings
        return next((one for one in reversed(kept) if one.state in ("posting", "posted", "doubt")), None)

    async def seen(self, team: Team, figures: Figures, by: Person, now: datetime.datetime) -> Reading:
        """Write down a reading that a manager is about to be shown."""
        before, readings = await self.published(team), self._teams[team.id].readings
        if before and before.figures == figures:
            return before
        made = await self.begin(team, figures, "", by, f"seen:{len(readings)}", now)
        assert made
        readings[made.number - 1] = replace(made, state="seen")
        return readings[made.number - 1]

    async def write(self, to: Person, kind: str, intent: Intent, now: datetime.datetime) -> None:
        """Write a letter; of one kind a person gets no more than one a day."""
        kept, day = self._meet(to, to, now), now.date()
        if (to, day, kind) not in {(one.person, one.day, one.kind) for one in self.letters}:
            self.letters.append(Letter(to, day, kind, now, address=kept.address, intent=intent))

    async def keep_card(self, card: Card, now: datetime.datetime) -> None:
        """Keep a card, and write the letter that brings it."""
        if card.id not in self._cards:
            self._cards[card.id] = card
            to = Person(card.owner.platform, card.owner.tenant, card.to)
            await self.write(to, f"card:{card.id}", ReceiveCard(card=card.id), now)

    async def card(self, card_id: str, place: str | None = None) -> Card | None:
        """A card, or None when it was taken back."""
        if place and card_id in self._cards:
            self._cards[card_id] = replace(self._cards[card_id], place=place, ref=f"ref-{card_id}")
        return self._cards.get(card_id)

    async def cards(self, owner: Person) -> Sequence[Card]:
        """The cards somebody has sent and not taken back."""
        return [card for card in self._cards.values() if card.owner == owner][::-1]

    async def drop_card(self, owner: Person, card_id: str) -> Card | None:
        """Erase a card of somebody's."""
        card = self._cards.get(card_id)
        return self._cards.pop(card_id) if card and card.owner == owner else None
