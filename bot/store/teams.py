"""Teams in SQLite or PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import team_statements as statements
from bot.store.cards import Row, SqlCards, letter_row
from bot.store.columns import storable
from bot.store.database import Database, RefusedError
from bot.store.rows import key
from bot.store.team_counting import COUNT, TALLY
from bot.store.team_rows import entry_of, membership_of, reading_of, reading_row, tally_of, team_of
from bot.store.team_rules import (
    SCHEDULE,
    Deed,
    entry_id,
    invitation,
    may_be_asked,
    next_due,
    repeats,
    said,
)
from handlers.team_names import fitting, fold, spaced
from handlers.team_records import (
    MINIMUM_GROUP,
    Asked,
    Entry,
    Figures,
    Membership,
    Posting,
    Reading,
    Schedule,
    Standing,
    Tally,
    Team,
    TeamId,
)
from handlers.turn import Person

PAGE = 500
"""People asked in one transaction, in which nobody else writes to SQLite."""


class SqlTeams(SqlCards):
    """Teams beside what people told, in the same database; implements `handlers.team_records.Teams`.

    `least` is the smallest group that numbers are shown of.
    """

    def __init__(self, database: Database, least: int = MINIMUM_GROUP) -> None:
        super().__init__(database)
        self._least = least

    async def create(self, by: Person, name: str, now: datetime.datetime) -> Team | None:
        """A new team, managed by its maker."""
        made = Team(secrets.token_hex(6), by.platform, by.tenant, spaced(name), secrets.token_bytes(16))
        row = {"platform": by.platform, "tenant": by.tenant, "id": made.id, "name": made.name, "secret": made.secret}
        note = _note("managing", made, by, now)

        async def work(connection: AsyncConnection) -> Team | None:
            created = await connection.execute(self._statements.create, row | {"folded": fold(name)})
            if created.first() is None:
                # It may be ours: a connection may be lost after all was written.
                there = await connection.execute(statements.NAMED, _at(made) | {"folded": fold(name)})
                return made if there.scalar() == made.id else None
            await self._meet(connection, [by.user], by, now)
            await self._let_manage(connection, made, by.user, note, now)
            return made

        return await self._database.write(work)

    async def mine(self, person: Person) -> Sequence[Membership]:
        """The teams a person manages, is asked by, or is counted in, by name."""
        found = await self._database.read(lambda connection: connection.execute(statements.MINE, key(person)))
        return [membership_of(row) for row in found]

    async def named(self, person: Person, name: str) -> Sequence[Team]:
        """The teams a person manages whose name fits."""
        return fitting((one.team for one in await self.mine(person) if one.manages), name)

    async def managers(self, team: Team) -> Sequence[str]:
        """The user ids of those who manage a team."""
        found = await self._database.read(lambda connection: connection.execute(statements.MANAGERS, _at(team)))
        return list(found.scalars())

    async def rename(self, team: Team, name: str, by: Person, now: datetime.datetime) -> bool:
        """Give a team another name."""
        renamed = replace(team, name=spaced(name))
        note = _note("renamed", renamed, by, now)

        async def work(connection: AsyncConnection) -> bool:
            told = _at(team) | {"folded": fold(name)}
            if (await connection.execute(statements.NAMED, told)).scalar() not in (None, team.id):
                return False
            new = {"new_name": renamed.name, "new_folded": fold(name)}
            if (await connection.execute(statements.RENAME, _the(team) | new)).rowcount:
                await connection.execute(self._statements.note, note)
            return True

        with contextlib.suppress(RefusedError):  # another team got the name at the same moment
            return await self._database.write(work)
        return False

    async def end(self, team: Team, by: Person, now: datetime.datetime) -> None:
        """Erase a team with all that belongs to it."""
        note = _note("ended", team, by, now)

        async def work(connection: AsyncConnection) -> None:
            if (await connection.execute(statements.HOLD, _at(team))).first():
                await connection.execute(self._statements.note, note)
                for statement in statements.END:
                    await connection.execute(statement, _at(team))

        await self._database.write(work)

    async def ask(self, team: Team, users: Sequence[str], by: Person, now: datetime.datetime) -> Asked:
        """Ask people whether they want to be counted, a page of them in each transaction."""
        asked = Asked()
        everybody = list(dict.fromkeys(map(storable, users)))
        for start in range(0, len(everybody), PAGE):
            some = await self._ask(team, everybody[start : start + PAGE], by, now)
            asked = Asked(asked.new + some.new, asked.again + some.again, asked.already + some.already)
        return asked

    async def _ask(self, team: Team, users: Sequence[str], by: Person, now: datetime.datetime) -> Asked:
        letter = letter_row(*invitation(team, by.user), now)
        note = _note("asked", team, by, now)

        async def work(connection: AsyncConnection) -> Asked:
            if (await connection.execute(statements.HOLD, _at(team))).first() is None:
                return Asked()
            told = self._pack(users, team) | _at(team)
            found = (await connection.execute(self._statements.standings, told)).all()
            there = {user: (standing, since) for user, standing, since in found}
            new = [user for user in users if user not in there or may_be_asked(*there[user], now)]
            if new:
                await self._meet(connection, new, by, now)
                rows = self._pack(new, team)
                await connection.execute(self._statements.ask, rows | {"team": team.id, "now": now})
                await connection.execute(self._statements.write, rows | letter)
                await connection.execute(self._statements.note_people, rows | note)
            refused = (standing for user, (standing, _) in there.items() if user not in new)
            again = sum(standing in (Standing.NO, Standing.LEFT) for standing in refused)
            return Asked(len(new), again, len(users) - len(new) - again)

        return await self._database.write(work)

    async def answer(self, person: Person, team_id: TeamId, standing: Standing, now: datetime.datetime) -> Team | None:
        """A person says yes or no, or leaves."""
        asked = key(person) | {"team": team_id}
        entry = entry_id()

        async def work(connection: AsyncConnection) -> Team | None:
            row = (await connection.execute(statements.STANDS, asked)).one_or_none()
            if row is None:
                return None
            team = team_of(row)
            if row.standing != standing:
                stands = _the(team) | {"the_user_id": person.user, "standing": standing.value, "since": now}
                await connection.execute(statements.STAND, stands)
                note = _note(said(standing), team, person, now) | {"note_id": entry}
                await connection.execute(self._statements.note_people, note | self._pack([person.user], team))
            return team

        return await self._database.write(work)

    async def manage(self, team: Team, user: str, by: Person, now: datetime.datetime, *, manages: bool) -> bool:
        """Let somebody manage a team, or no more."""
        note = _note("managing" if manages else "not-managing", team, by, now)

        async def work(connection: AsyncConnection) -> bool:
            if (await connection.execute(statements.HOLD, _at(team))).first() is None:
                return False
            there = set((await connection.execute(statements.MANAGERS, _at(team))).scalars())
            if manages and user not in there:
                await self._meet(connection, [user], by, now)
                await self._let_manage(connection, team, user, note, now)
            elif not manages and user in there:
                if there == {user}:
                    return False
                await connection.execute(statements.STEP_DOWN, _the(team) | {"the_user_id": user})
                await connection.execute(statements.UNRELATED, _at(team))
                await connection.execute(self._statements.note_people, note | self._pack([user], team))
            return True

        return await self._database.write(work)

    async def _let_manage(
        self, connection: AsyncConnection, team: Team, user: str, note: Row, now: datetime.datetime
    ) -> None:
        row = {"platform": team.platform, "tenant": team.tenant, "user_id": user, "team": team.id}
        await connection.execute(self._statements.manage, row | {"standing": None, "manages": True, "since": now})
        await connection.execute(self._statements.note_people, note | self._pack([user], team))

    async def plan(
        self,
        team: Team,
        schedule: Schedule | None,
        channel: str | None,
        lang: str | None,
        due: datetime.datetime | None,
        by: Person,
        now: datetime.datetime,
    ) -> None:
        """Set when, where and in which language a team's summary is posted, and when next."""
        parts = {f"new_{name}": getattr(schedule, name, None) for name in SCHEDULE}
        new = parts | {"new_channel": channel, "new_lang": lang, "new_due": due}
        note = _note("scheduled" if schedule else "unscheduled", team, by, now)

        async def work(connection: AsyncConnection) -> None:
            row = (await connection.execute(statements.HOLD, _at(team))).first()
            if row is not None:
                await connection.execute(statements.PLAN, _the(team) | new)
                if (schedule, channel) != ((before := team_of(row)).schedule, before.channel):
                    await connection.execute(self._statements.note, note)

        await self._database.write(work)

    async def tally(self, team: Team) -> Tally:
        """The exact counts of a team, in one statement."""
        asked = _at(team) | {"least": self._least}

        async def work(connection: AsyncConnection) -> Sequence[Any]:
            rows: Sequence[Any] = (await connection.execute(TALLY, asked)).all()
            return rows

        rows = await self._database.read(work)
        # Hundreds of thousands of clauses, while others want answers.
        return await asyncio.to_thread(tally_of, rows)

    async def published(self, team: Team) -> Reading | None:
        """The latest reading that people have seen, or may have."""
        return await self._reading(statements.PUBLISHED, team)

    async def posted(self, team: Team) -> Reading | None:
        """The latest reading that was posted, or may have been."""
        return await self._reading(statements.POSTED, team)

    async def _reading(self, statement: Select[Any], team: Team) -> Reading | None:
        found = await self._database.read(lambda connection: connection.execute(statement, _at(team)))
        row = found.one_or_none()
        return reading_of(row) if row else None

    async def seen(
        self, team: Team, figures: Figures, by: Person, now: datetime.datetime, tally: Tally | None = None
    ) -> Reading:
        """Write down a reading that a manager is about to be shown, unless it repeats the latest one.

        Of a team that was ended meanwhile nothing is written down, and its number is 0.
        """
        seen = Reading(0, now, figures, by.user, "", "seen", key=f"seen:{entry_id()}")

        async def work(connection: AsyncConnection) -> Reading:
            if (await connection.execute(statements.HOLD, _at(team))).first() is None:
                return seen
            row = (await connection.execute(statements.PUBLISHED, _at(team))).one_or_none()
            if row is not None and repeats(figures, before := reading_of(row)):
                return before
            number = (await connection.execute(self._statements.begin, _at(team) | reading_row(seen))).scalar_one()
            await self._count(connection, team, number, tally)
            await connection.execute(statements.UNCOUNT_SEEN, _at(team) | {"number": number})
            return replace(seen, number=number)

        return await self._database.write(work)

    async def begin(
        self, team: Team, figures: Figures, channel: str, by: Person, key: str, now: datetime.datetime
    ) -> Reading | None:
        """Write down a reading that is about to be posted, with what each person adds to it unless it repeats one.

        After a connection that was lost while it was written it may be there, and None: rather not posted than twice.
        """
        begun = Reading(0, now, figures, by.user, channel, "posting", key=key)

        async def work(connection: AsyncConnection) -> Reading | None:
            if (await connection.execute(statements.HOLD, _at(team))).first() is None:
                return None
            row = (await connection.execute(statements.PUBLISHED, _at(team))).one_or_none()
            number = (await connection.execute(self._statements.begin, _at(team) | reading_row(begun))).scalar()
            if number is None:
                return None
            if not repeats(figures, reading_of(row) if row else None):
                await self._count(connection, team, number)
            return replace(begun, number=number)

        return await self._database.write(work)

    async def _count(self, connection: AsyncConnection, team: Team, number: int, tally: Tally | None = None) -> None:
        """Write down what each person adds to a reading."""
        here = _at(team) | {"number": number}
        if tally and tally.added:
            await connection.execute(self._statements.count, here | self._statements.added.pack(tally.added))
        else:
            await connection.execute(COUNT, here)
        await connection.execute(statements.COUNT_OF, _the(team) | {"the_number": number})

    async def finish(self, team: Team, number: int, state: Posting, ref: str | None, now: datetime.datetime) -> None:
        """Write down what became of a reading; what was posted or failed stays so."""
        ended = _the(team) | {"the_number": number, "new_state": state, "new_ref": ref}

        async def work(connection: AsyncConnection) -> None:
            if not (await connection.execute(statements.FINISH, ended)).rowcount:
                return
            here = _at(team) | {"number": number}
            if state == "failed":
                await connection.execute(statements.UNCOUNT, here)
            if state != "posted":
                return
            basis = (await connection.execute(statements.BASIS, here)).scalar()
            here |= {"number": basis}
            await connection.execute(statements.UNCOUNT_OLDER, here)
            row = (await connection.execute(statements.POSTED_BY, _the(team) | {"the_number": number})).one_or_none()
            if row is not None:
                note = _note("posted", replace(team, name=row.name), None, now) | {"note_by_user": row.by_user}
                await connection.execute(self._statements.note_counted, note | here)

        await self._database.write(work)

    async def due(self, now: datetime.datetime, most: int) -> Sequence[Team]:
        """Teams whose summary is due; their due times are moved on at the same time."""

        async def work(connection: AsyncConnection) -> Sequence[Team]:
            found = await connection.execute(statements.DUE, {"now": now, "most": most})
            teams = [team_of(row) for row in found]
            if teams:
                moved = [_the(team) | {"new_due": next_due(team, now)} for team in teams]
                await connection.execute(statements.MOVE, moved)
            return [team for team in teams if team.schedule]

        return await self._database.write(work)

    async def trail(self, person: Person, most: int) -> Sequence[Entry]:
        """What was done that concerns a person, newest first."""
        asked = key(person) | {"most": most}
        found = await self._database.read(lambda connection: connection.execute(statements.TRAIL, asked))
        return [entry_of(row) for row in found]


def _at(team: Team) -> Row:
    """The parameters that name a team."""
    return {"platform": team.platform, "tenant": team.tenant, "team": team.id}


def _the(team: Team) -> Row:
    """The same for an update, where the plain names are those of columns."""
    return {f"the_{name}": value for name, value in _at(team).items()}


def _note(what: Deed, team: Team, by: Person | None, now: datetime.datetime) -> Row:
    """The parameters of an entry in trails."""
    told = {"id": entry_id(), "what": what, "by_user": by.user if by else None, "team_name": team.name}
    return {f"note_{name}": value for name, value in told.items()} | {"now": now} | _at(team)
