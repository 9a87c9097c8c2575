"""The store in SQLite or PostgreSQL."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Executable, Row, insert, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.recent import Recent
from bot.store.database import Database, RefusedError
from bot.store.engine import PATIENCE, make_engine
from bot.store.migrate import bring_up_to_date
from bot.store.nudges import nudging_row
from bot.store.rows import evidence_row, export, key, known_of, milestone_row, subject_row
from bot.store.schema import audit, nudging
from bot.store.schema import person as person_table
from bot.store.statements import (
    CLAUSES,
    EVIDENCE,
    EXPIRED_SUBJECTS,
    FORGET,
    LAST_EDITIONS,
    LONG_UNSEEN,
    OLD_AUDIT,
    OLD_LETTERS,
    PASSING,
    UNNEEDED_EDITIONS,
    WINDOW,
    Statements,
)
from bot.store.team_statements import TeamStatements
from bot.store.team_tidying import tidy_teams, unname
from handlers.errors import Erased, Unavailable
from handlers.records import (
    SUBJECT_LIFE,
    Evidence,
    EvidenceAdded,
    EvidenceRemoved,
    Fact,
    Known,
    MilestoneDropped,
    MilestoneSet,
    Receipt,
    Settled,
    settle,
)
from handlers.rhythm import LEAST_WINDOW
from handlers.turn import Person, Place

MOST_SEEN = 10_000
"""People of whom the day that stands in their row is known; one more statement for everyone else."""

LETTER_LIFE = datetime.timedelta(days=30)
"""How long settled letters are kept, to find out what became of them."""

LETTERS_AT_ONCE = 5_000
"""Letters erased in one transaction: some hundredths of a second, in which nobody else writes to SQLite."""

MOST_KINDS = 3
"""Kinds of facts in one turn beside which the day of contact takes a statement too many."""

MOST_EDITIONS = 3
"""Editions of the framework in memory, for telling people what has changed since."""

_log = structlog.get_logger()


class SqlStore:
    """People, milestones, evidence and subjects in a database; implements `handlers.ports.Store`."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        self.engine = make_engine(url, patience)
        self._url = url
        self.database = Database(self.engine, patience)
        self._statements = Statements(self.engine.dialect.name)
        self._team_statements = TeamStatements(embedded=self.database.embedded)
        self._seen = Recent[Person, datetime.date](MOST_SEEN)
        self._editions = Recent[str, Mapping[str, str]](MOST_EDITIONS)

    async def open(self) -> None:
        """Bring an embedded database up to date; `migrate.VersionError` when another one is not."""
        await bring_up_to_date(self._url, upgrade=self.database.embedded)

        async def work(connection: AsyncConnection) -> None:
            for edition, clauses in await connection.execute(LAST_EDITIONS, {"most": MOST_EDITIONS}):
                self._editions.put(edition, clauses)

        await self.database.read(work)

    async def close(self) -> None:
        """Let go of every connection."""
        await self.database.close()

    async def window(self, person: Person, weekday: int, minute: int) -> int:
        """Within how many minutes the weekly nudges of a slot come in the person's workspace: as the others have it."""
        slot = {"platform": person.platform, "tenant": person.tenant, "weekday": weekday, "minute": minute}
        found = await self.database.read(lambda connection: connection.execute(WINDOW, slot))
        return found.scalar_one_or_none() or LEAST_WINDOW

    async def check(self) -> None:
        """Return when the database answers."""
        await self.database.read(lambda connection: connection.execute(text("SELECT 1")))

    async def recall(self, person: Person, place: Place, now: datetime.datetime) -> Known | None:
        """What is known of a person who speaks in a place: one statement."""
        asked = key(person) | {"place": place.id, "after": now - SUBJECT_LIFE}

        async def work(connection: AsyncConnection) -> Row[Any] | None:
            found = await connection.execute(self._statements.recall, asked)
            row: Row[Any] | None = found.one_or_none()
            return row

        row = await self.database.read(work)
        if row is None:
            self._seen.drop(person)
            return None
        self._seen.put(person, row.seen_on)
        return known_of(row)

    async def record(
        self,
        person: Person,
        facts: Sequence[Fact],
        now: datetime.datetime,
        known: Known | None = None,
        *,
        unasked: bool = False,
    ) -> None:
        """Keep the facts of a turn: a statement for each kind, and one for the person once a day."""
        settled = settle(facts)
        today = now.astimezone(datetime.UTC).date()
        seen = self._seen.get(person)
        told = bool(settled.profile) or settled.address is not None
        rest = self._rest(key(person), settled, now, heard=None if unasked else today)
        # Where much is written already the day can wait: the time of the subject tells it until then, and without one
        # the next turn.
        waits = seen is not None and len(rest) >= (2 if settled.subjects else 3)
        day = told or not (unasked or seen == today or waits)
        if not (facts or day):
            return

        async def work(connection: AsyncConnection, *, day: bool) -> None:
            if day:
                await self._record_person(connection, person, settled, None if unasked else today, known)
            for statement, values in rest:
                await connection.execute(statement, values)

        try:
            await self.database.write(partial(work, day=day))
        except RefusedError as refused:
            # The person's row went meanwhile: another process erased it.
            if unasked:
                raise Erased from refused
            day = True
            await self.database.write(partial(work, day=day))
        if day and not unasked:
            self._seen.put(person, today)
        if any(isinstance(fact, EvidenceRemoved) for fact in settled.evidence.values()):
            self.database.unwiped = self.database.embedded

    async def _record_person(
        self,
        connection: AsyncConnection,
        person: Person,
        settled: Settled,
        today: datetime.date | None,
        known: Known | None,
    ) -> None:
        values: dict[str, Any] = {**({"seen_on": today} if today else {}), **settled.profile}
        if settled.address is not None:
            values["address"] = dict(settled.address)
        if known is None:
            upsert = self._statements.upsert(person_table, tuple(sorted(values)))
            await connection.execute(upsert, [key(person) | values])
            return
        theirs = (person_table.c[name] == value for name, value in key(person).items())
        if not (await connection.execute(update(person_table).where(*theirs).values(values))).rowcount:
            raise Erased

    def _rest(
        self, mine: dict[str, Any], settled: Settled, now: datetime.datetime, heard: datetime.date | None
    ) -> list[tuple[Executable, dict[str, Any] | list[dict[str, Any]]]]:
        """The statements that keep all but what stands in the person's own row, with their values."""
        sets = [milestone_row(fact, now) for fact in settled.milestones.values() if isinstance(fact, MilestoneSet)]
        drops = [clause for clause, fact in settled.milestones.items() if isinstance(fact, MilestoneDropped)]
        added = [fact for fact in settled.evidence.values() if isinstance(fact, EvidenceAdded)]
        removed = [name for name, fact in settled.evidence.items() if isinstance(fact, EvidenceRemoved)]
        spoken = {"heard": heard} if heard else {}
        subjects = [mine | subject_row(place, said, now) | spoken for place, said in settled.subjects.items()]
        told = nudging_row(settled.nudging)
        every: tuple[tuple[bool, Executable, dict[str, Any] | list[dict[str, Any]]], ...] = (
            (bool(sets), self._statements.milestones, [mine | row for row in sets]),
            (bool(drops), self._statements.drop_milestones, mine | {"some": drops}),
            (bool(added), self._statements.evidence, [mine | evidence_row(fact, now) for fact in added]),
            (bool(removed), self._statements.remove_evidence, mine | {"some": removed}),
            (
                bool(told),
                self._statements.upsert(nudging, tuple(sorted(told))) if told else self._statements.subjects,
                [mine | {"ignored": 0} | told],
            ),
            (bool(subjects), self._statements.subjects if heard else self._statements.subjects_unasked, subjects),
        )
        return [(statement, values) for needed, statement, values in every if needed]

    async def evidence(self, person: Person, clause: str | None = None) -> tuple[Evidence, ...]:
        """The person's evidence, newest first: all of it, or that of one clause."""

        async def work(connection: AsyncConnection) -> Sequence[Row[Any]]:
            return (await connection.execute(EVIDENCE, key(person) | {"clause": clause})).all()

        return tuple(
            Evidence(row.id, row.clause, row.text, row.link, row.day, row.at) for row in await self.database.read(work)
        )

    async def export(self, person: Person) -> dict[str, list[dict[str, Any]]]:
        """Everything that is kept about a person, by table, in one statement: whatever columns and tables there are."""

        async def work(connection: AsyncConnection) -> Row[Any]:
            return (await connection.execute(self._statements.export, key(person))).one()

        return export(await self.database.read(work))

    async def forget(self, person: Person, now: datetime.datetime) -> Receipt:
        """Erase everything about a person in one transaction."""

        async def work(connection: AsyncConnection) -> dict[str, int]:
            found = (await connection.execute(self._statements.counts, key(person))).mappings().one_or_none()
            if found is None:
                return {}
            counts = dict(found)
            if counts.pop("named"):
                await unname(connection, [tuple(key(person).values())], letters=True)
            await connection.execute(FORGET, key(person))
            await note(connection, now, "forgotten", counts)
            return counts

        receipt = Receipt(await self.database.write(work))
        self._seen.drop(person)
        await self._wipe()
        return receipt

    async def tidy(self, now: datetime.datetime, retention_days: int) -> Receipt:
        """Erase what is too old."""
        before = now - datetime.timedelta(days=retention_days)
        day = before.astimezone(datetime.UTC).date()

        async def work(connection: AsyncConnection) -> dict[str, int]:
            await connection.execute(self._statements.days)
            counts = await tidy_teams(connection, self._team_statements, now, before)
            for name, statement, moment in (
                ("subject", EXPIRED_SUBJECTS, now - SUBJECT_LIFE),
                # In one statement, and their rows by cascade: who comes back at this moment loses nothing, because
                # the first turn of a day sets the day, or its subject tells it.
                ("person", LONG_UNSEEN, day),
                ("visitor", PASSING, now.astimezone(datetime.UTC).date() - datetime.timedelta(days=1)),
                ("edition", UNNEEDED_EDITIONS, before),
                ("audit", OLD_AUDIT, day),
            ):
                gone = await connection.execute(statement, {"before": moment})
                if gone.returns_rows:
                    people = gone.all()
                    counts[name] = len(people)
                    await unname(connection, people, letters=False)
                else:
                    counts[name] = gone.rowcount
            if counts["person"]:
                await note(connection, now, "tidied", counts)
            return counts

        letters = await self._tidy_letters(now - LETTER_LIFE)
        receipt = Receipt(await self.database.write(work) | {"letter": letters})
        if receipt.total or self.database.unwiped:
            await self._wipe()
        return receipt

    async def _tidy_letters(self, before: datetime.datetime) -> int:
        """Erase letters that were settled long ago, some in each transaction."""
        page = {"before": before, "most": LETTERS_AT_ONCE}
        erased = 0
        while True:
            some = (await self.database.write(lambda connection: connection.execute(OLD_LETTERS, page))).rowcount
            erased += some
            if some < LETTERS_AT_ONCE:
                return erased

    async def remember_edition(self, edition: str, clauses: Mapping[str, str], now: datetime.datetime) -> None:
        """Keep what an edition of the framework says."""
        row = {"edition": edition, "clauses": dict(clauses), "at": now}
        await self.database.write(lambda connection: connection.execute(self._statements.edition, [row]))

    async def edition(self, edition: str) -> Mapping[str, str] | None:
        """What an edition said, or None if the edition is unknown. It never changes, so it is asked for once."""
        if known := self._editions.get(edition):
            return known

        async def work(connection: AsyncConnection) -> dict[str, str] | None:
            return (await connection.execute(CLAUSES, {"edition": edition})).scalar_one_or_none()

        found = await self.database.read(work)
        if found is not None:
            self._editions.put(edition, found)
        return found

    async def _wipe(self) -> None:
        """Take erased words out of SQLite's journal too; a reader in the way puts it off to the next tidying."""
        if not self.database.embedded:
            return

        async def work(connection: AsyncConnection) -> int:
            busy: int = (await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))).one()[0]
            return busy

        self.database.unwiped, busy = False, 1
        with contextlib.suppress(Unavailable):  # what was erased stays erased
            busy = await self.database.read(work)
        if busy:
            self.database.unwiped = True
            _log.warning("wiping_put_off")


async def note(connection: AsyncConnection, now: datetime.datetime, action: str, counts: dict[str, int]) -> None:
    row = {"day": now.astimezone(datetime.UTC).date(), "action": action, "counts": counts}
    await connection.execute(insert(audit), [row])
