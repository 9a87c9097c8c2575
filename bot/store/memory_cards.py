"""Letters to one person, and the cards that they bring, beside a store in memory."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.store.memory_kept import Kept
from bot.store.team_rules import address_beside
from handlers.intent import Intent, ReceiveCard
from handlers.team_records import Card
from handlers.turn import Person
from scheduler.letters import Letter

if TYPE_CHECKING:  # which tidies with what stands in memory_teams
    from bot.store.memory import MemoryStore


class MemoryCards:
    """The part of `MemoryTeams` that people write to each other through the coach with."""

    def __init__(self, store: MemoryStore) -> None:
        self.letters: list[Letter] = []
        self._people = store.people

    async def write(self, to: Person, kind: str, intent: Intent, now: datetime.datetime) -> None:
        """Write a letter that goes as soon as it can, at most one of a kind a day."""
        kept, day = self._meet(to, to, now), now.astimezone(datetime.UTC).date()
        if (to, day, kind) not in {(one.person, one.day, one.kind) for one in self.letters}:
            self.letters.append(Letter(to, day, kind, now, address=kept.address, intent=intent))

    async def keep_card(self, card: Card, now: datetime.datetime) -> None:
        """Keep a card, and write the letter that brings it."""
        kept = self._meet(card.owner, card.owner, now)
        to = replace(card.owner, user=card.to)
        self._meet(to, card.owner, now)
        if card.id not in kept.cards:
            kept.cards[card.id] = card
            await self.write(to, f"card:{card.id}", ReceiveCard(card=card.id), now)

    async def card(self, card_id: str, place: str | None = None) -> Card | None:
        """A card, or None when it was taken back; it has arrived where somebody looks at it."""
        kept = next((kept for kept in self._people.values() if card_id in kept.cards), None)
        if kept is None:
            return None
        if place is not None:
            # Nobody sends it, so no platform gives it an id.
            kept.cards[card_id] = replace(kept.cards[card_id], place=place, ref=card_id)
        return kept.cards[card_id]

    async def cards(self, owner: Person) -> Sequence[Card]:
        """The cards somebody has sent and not taken back, newest first."""
        kept = self._people.get(owner)
        mine = sorted(kept.cards.values() if kept else (), key=lambda one: one.id)
        return sorted(mine, key=lambda one: one.at, reverse=True)

    async def drop_card(self, owner: Person, card_id: str) -> Card | None:
        """Erase a card of somebody's and return what it was."""
        kept = self._people.get(owner)
        return kept.cards.pop(card_id, None) if kept else None

    def _meet(self, person: Person, by: Person, now: datetime.datetime) -> Kept:
        """Somebody, of whom nothing may have been known, with an address to write to."""
        known = self._people.get(by)
        anybody = (kept.address for kept in self._people.values() if kept.address)
        address = (known and known.address) or next(anybody, None)
        day = now.astimezone(datetime.UTC).date()
        kept = self._people.setdefault(person, Kept(day))
        if kept.address is None:
            kept.address = address_beside(address, person.user)
        return kept
