"""Letters to one person, and the cards that they bring, in SQLite or PostgreSQL."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import team_statements as statements
from bot.store.columns import storable
from bot.store.database import Database
from bot.store.rows import key
from bot.store.team_rows import card_of
from bot.store.team_rules import address_beside
from bot.store.team_statements import TeamStatements
from handlers.intent import Intent, ReceiveCard, pack
from handlers.team_records import Card, Team
from handlers.turn import Person
from scheduler.letters import Kind

Row = dict[str, Any]


class SqlCards:
    """The part of `SqlTeams` that people write to each other through the coach with."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements = TeamStatements(embedded=database.embedded)

    async def write(self, to: Person, kind: str, intent: Intent, now: datetime.datetime) -> None:
        """Write a letter that goes as soon as it can, at most one of a kind a day."""
        letter = letter_row(kind, intent, now)

        async def work(connection: AsyncConnection) -> None:
            await self._meet(connection, [to.user], to, now)
            await connection.execute(self._statements.write, letter | self._pack([to.user], to))

        await self._database.write(work)

    async def keep_card(self, card: Card, now: datetime.datetime) -> None:
        """Keep a card, and write the letter that brings it."""
        row = key(card.owner) | {"id": card.id, "to_user": card.to, "lines": list(card.lines), "text": card.text}
        row |= {"at": card.at, "place": card.place}
        letter = letter_row(f"card:{card.id}", ReceiveCard(card=card.id), now)

        async def work(connection: AsyncConnection) -> None:
            await self._meet(connection, [card.owner.user, card.to], card.owner, now)
            if (await connection.execute(self._statements.keep_card, row)).rowcount:
                await connection.execute(self._statements.write, letter | self._pack([card.to], card.owner))

        await self._database.write(work)

    async def card(self, card_id: str, place: str | None = None) -> Card | None:
        """A card, or None when it was taken back; with a `place` that is where its message is from now on."""
        asked = {"card": card_id}

        async def work(connection: AsyncConnection) -> Card | None:
            if place is not None:
                await connection.execute(statements.ARRIVED, asked | {"new_place": place})
            row = (await connection.execute(statements.CARD_OF, asked)).one_or_none()
            return card_of(row) if row else None

        return await (self._database.read(work) if place is None else self._database.write(work))

    async def cards(self, owner: Person) -> Sequence[Card]:
        """The cards somebody has sent and not taken back, newest first."""
        found = await self._database.read(lambda connection: connection.execute(statements.CARDS, key(owner)))
        return [card_of(row) for row in found]

    async def drop_card(self, owner: Person, card_id: str) -> Card | None:
        """Erase a card of somebody's and return what it was."""
        asked = key(owner) | {"card": card_id}

        async def work(connection: AsyncConnection) -> Card | None:
            row = (await connection.execute(statements.DROPPED, asked)).one_or_none()
            await connection.execute(statements.DROP_CARD, asked)
            return card_of(row) if row else None

        dropped = await self._database.write(work)
        self._database.unwiped |= self._database.embedded and dropped is not None
        return dropped

    def _pack(self, users: Sequence[str], where: Team | Person, address: Row | None = None) -> Row:
        """People of a workspace as one parameter, each with an address."""
        rows = [(where.platform, where.tenant, storable(user), address_beside(address, user)) for user in users]
        return dict(self._statements.people.pack(rows))

    async def _meet(
        self, connection: AsyncConnection, users: Sequence[str], by: Person, now: datetime.datetime
    ) -> None:
        """See that people have a row to which the rest belongs, and an address to write to."""
        address = (await connection.execute(statements.ADDRESS, key(by))).scalar()
        if address is None:
            address = (await connection.execute(statements.ANY_ADDRESS, key(by))).scalar()
        day = now.astimezone(datetime.UTC).date()
        await connection.execute(self._statements.meet, self._pack(users, by, address) | {"day": day})


def letter_row(kind: Kind, intent: Intent, now: datetime.datetime) -> Row:
    """The parameters of a letter that is due now, but for whom it is to."""
    day, written = now.astimezone(datetime.UTC).date(), json.loads(pack(intent))
    return {"kind": kind, "intent": written, "day": day, "now": now, "letter_trail": [[now.isoformat(), "ready", ""]]}
