"""Letters in SQLite or PostgreSQL."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.columns import PERSON, storable
from bot.store.database import Database
from bot.store.letter_statements import (
    ANY_DUE,
    COUNTS,
    DUE,
    END,
    FENCE,
    GUARD,
    MISFITS,
    SLOTS,
    STALE,
    TRAIL,
    WAITING,
    WORKSPACE,
    LetterStatements,
)
from bot.store.nudges import rhythm, salt_of, zone_data
from bot.store.rows import key, nudging_of, rhythm_of
from handlers.intent import Intent, unpack
from handlers.records import Nudging
from handlers.rhythm import Rhythm, after_ignored, due_on, next_due
from handlers.turn import Person
from scheduler.letters import NUDGE, OPEN, Letter, Planned, Settled, Slot, State, Superseded, Workspace

FIRST = {f"the_{name}": "" for name in PERSON}
"""The parameters of `AFTER` that mean everybody."""


UNSENT = frozenset({State.SILENT, State.LATE, State.REFUSED, State.LOST})
"""Ends of letters that nobody got, as far as is known."""


class SqlPost:
    """The letters beside what people told, in the same database; implements `scheduler.letters.Post`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements = LetterStatements(embedded=database.embedded)
        self._recounted = FIRST

    async def plan(self, now: datetime.datetime, most: int) -> Planned:
        """Write the letters of people who are due, and move each to their next due time: one page, one transaction."""

        async def work(connection: AsyncConnection) -> Planned:
            rows = (await connection.execute(DUE, {"now": now, "most": most})).all()
            if not rows:
                return Planned(0, 0, more=False)
            moves = [_move(row, now) for row in rows]
            told = self._statements.moves.pack(moves)
            letters = sum(letter_due is not None for *_, letter_due in moves)
            if letters:
                trail = [[now.isoformat(), State.READY.value, ""]]
                await connection.execute(self._statements.write, told | {"trail": trail, "now": now})
            await connection.execute(self._statements.move, told)
            return Planned(letters, len(rows) - letters, more=len(rows) == most)

        # Mostly nobody is due, and then there is nothing to write.
        found = await self._database.read(lambda connection: connection.execute(ANY_DUE, {"now": now}))
        return await self._database.write(work) if found.first() else Planned(0, 0, more=False)

    async def waiting(self, now: datetime.datetime) -> Mapping[Workspace, int]:
        """The workspaces where something is to be done now, and with how many letters."""

        found = await self._database.read(lambda connection: connection.execute(WAITING, {"now": now}))
        return {Workspace(platform, tenant): count for platform, tenant, count in found}

    async def begin(self, workspace: Workspace, now: datetime.datetime) -> int:
        """A new epoch of a workspace; what was on its way is in doubt."""

        async def work(connection: AsyncConnection) -> int:
            # The fence first: whoever claims or settles holds on to it.
            row = _where(workspace) | {"epoch": 1}
            epoch: int = (await connection.execute(self._statements.begin, row)).scalar_one()
            told = {"now": now, "stamp": now.isoformat()}
            await connection.execute(self._statements.doubt, _the(_where(workspace)) | told)
            return epoch

        return await self._database.write(work)

    async def claim(
        self, workspace: Workspace, epoch: int, most: int, now: datetime.datetime, lease: datetime.timedelta
    ) -> Sequence[Letter]:
        """At most so many ready letters, which are on their way from now on; none while the gate is closed."""
        asked = _where(workspace) | {"now": now, "most": most}
        told = {"now": now, "until": now + lease, "mine": epoch, "stamp": now.isoformat()}

        async def work(connection: AsyncConnection) -> Sequence[Any]:
            gate = await _guard(connection, workspace, epoch)
            if gate and gate > now:
                return ()
            rows: Sequence[Any] = (await connection.execute(self._statements.ready, asked)).all()
            if rows:
                mine = [(workspace.platform, workspace.tenant, row.user_id, row.day, row.kind) for row in rows]
                await connection.execute(self._statements.claim, told | self._statements.named.pack(mine))
            return rows

        return [_letter(workspace, row) for row in await self._database.write(work)]

    async def doubtful(
        self, workspace: Workspace, epoch: int, most: int, before: datetime.datetime
    ) -> Sequence[Letter]:
        """Letters in doubt since before an instant, those first that were not looked at for longest."""

        async def work(connection: AsyncConnection) -> Sequence[Any]:
            await _guard(connection, workspace, epoch, hold=False)
            told = _where(workspace) | {"most": most, "before": before}
            rows: Sequence[Any] = (await connection.execute(self._statements.doubtful, told)).all()
            return rows

        return [_letter(workspace, row) for row in await self._database.read(work)]

    async def settle(self, epoch: int, settled: Sequence[Settled], now: datetime.datetime) -> None:
        """Write down what became of letters of one workspace. Twice does no harm: what is settled stays as it is.

        What nobody got, nobody ignored: it does not count.
        """
        if not settled:
            return
        (workspace,) = {one.letter.workspace for one in settled}
        when = {"now": now, "stamp": now.isoformat()}
        told = [when | self._statements.ends.pack([_ended(one, now) for one in some]) for some in _once_each(settled)]
        gone = [_the(key(one.letter.person)) for one in settled if one.state is State.GONE]

        unsent = [_name(one.letter) for one in settled if one.state in UNSENT and one.letter.kind == NUDGE]

        async def work(connection: AsyncConnection) -> None:
            await _guard(connection, workspace, epoch)
            if unsent:
                await self._discount(connection, unsent, now)
            for rows in told:
                await connection.execute(self._statements.settle, rows)
            if gone:
                await connection.execute(END, gone)

        await self._database.write(work)

    async def _discount(
        self, connection: AsyncConnection, unsent: Sequence[tuple[Any, ...]], now: datetime.datetime
    ) -> None:
        """Count one ignored letter less for these people, before the letters are settled."""
        rows = (await connection.execute(self._statements.unsent, self._statements.named.pack(unsent))).all()
        if rows:
            moves = self._statements.moves.pack([_discounted(row, now) for row in rows])
            await connection.execute(self._statements.move, moves)

    async def close_gate(self, workspace: Workspace, until: datetime.datetime) -> None:
        """Let nothing more out before an instant; of two the later counts."""
        row = _where(workspace) | {"epoch": 0, "gate_until": until}
        await self._database.write(lambda connection: connection.execute(self._statements.close_gate, row))

    async def recount(self, data: str, now: datetime.datetime, most: int) -> bool:
        """Work out anew, at most so many, the due times that other zone data than this version gave.

        Goes on where the call before stopped, so that it looks at each person once.
        """
        told = self._recounted | {"data": data, "now": now, "most": most}

        async def work(connection: AsyncConnection) -> Sequence[Any]:
            rows = (await connection.execute(STALE, told)).all()
            if rows:
                moves = self._statements.moves.pack([recounted(row, data) for row in rows])
                await connection.execute(self._statements.move, moves)
            return rows

        stale = await self._database.read(lambda connection: connection.execute(STALE, told | {"most": 1}))
        rows = await self._database.write(work) if stale.first() else ()
        more = len(rows) == most
        self._recounted = _the(dict(zip(PERSON, rows[-1][:3], strict=True))) if more else FIRST
        return more

    async def slots(self) -> Sequence[Slot]:
        """Every day and hour at which people of a workspace are to be nudged."""
        found = await self._database.read(lambda connection: connection.execute(SLOTS))
        return [Slot(Workspace(platform, tenant), *rest) for platform, tenant, *rest in found]

    async def fit(self, slot: Slot, window: int, after: str, now: datetime.datetime, most: int) -> str | None:
        """Give the nudges to come of a slot another window, at most so many."""
        named = {"weekday": slot.weekday, "minute": slot.minute, "user_id": after}
        where = _the(_where(slot.workspace) | named)

        async def work(connection: AsyncConnection) -> str | None:
            rows = (await connection.execute(MISFITS, where | {"now": now, "fitting": window, "most": most})).all()
            if rows:
                moves = [recounted(row, zone_data(), window) for row in rows]
                await connection.execute(self._statements.fit, self._statements.moves.pack(moves) | {"fitting": window})
            return rows[-1].user_id if len(rows) == most else None

        return await self._database.write(work)

    async def nudged(self, after: Person | None, most: int) -> Sequence[tuple[Person, Nudging]]:
        """People with a weekly nudge to come, in the order of their keys."""
        told = (_the(key(after)) if after else FIRST) | {"most": most}

        async def work(connection: AsyncConnection) -> Sequence[Any]:
            return (await connection.execute(self._statements.nudged, told)).all()

        return [(Person(*row[:3]), nudging_of(row.nudging)) for row in await self._database.read(work)]

    async def counts(self, since: datetime.datetime) -> Mapping[tuple[Workspace, State], int]:
        """How many letters are in each state, by workspace: of those that are settled, the ones settled since then."""
        found = await self._database.read(lambda connection: connection.execute(COUNTS, {"since": since}))
        return {(Workspace(platform, tenant), State(state)): count for platform, tenant, state, count in found}

    async def trail(self, person: Person, most: int) -> Sequence[Mapping[str, Any]]:
        """A person's letters, newest first, each with the trail of its states."""

        async def work(connection: AsyncConnection) -> Sequence[Mapping[str, Any]]:
            found = await connection.execute(TRAIL, key(person) | {"most": most})
            return [dict(row) for row in found.mappings()]

        return await self._database.read(work)


async def _guard(
    connection: AsyncConnection, workspace: Workspace, epoch: int, *, hold: bool = True
) -> datetime.datetime | None:
    """Until when the gate is closed. Superseded when the epoch is not the newest."""
    fence = (await connection.execute(GUARD if hold else FENCE, _where(workspace))).one_or_none()
    if fence is None or fence.epoch != epoch:
        raise Superseded(f"epoch {epoch} is over")
    until: datetime.datetime | None = fence.gate_until
    return until


def _where(workspace: Workspace) -> dict[str, Any]:
    return dict(zip(WORKSPACE, (workspace.platform, workspace.tenant), strict=True))


def _the(names: dict[str, Any]) -> dict[str, Any]:
    """Columns that say which row to change, under the names that a statement has for them."""
    return {f"the_{name}": value for name, value in names.items()}


def _move(row: Sequence[Any], now: datetime.datetime) -> tuple[Any, ...]:
    """Where a person's nudge stands once the letter is written that is due; the last item is when it was.

    Whose rhythm cannot be gone by is put aside, with no letter. A letter counts as ignored until the person does
    something.
    """
    platform, tenant, user, was_due, _, day, last, ignored, *chosen = row
    mine = (platform, tenant, user)
    try:
        going_on = after_ignored(_rhythm(chosen, day), ignored + 1, day)
        due = next_due(going_on, now, salt=salt_of(mine), last=day)
    except ValueError:
        return (*mine, None, None, None, last, ignored, None)
    if due is None:
        return (*mine, None, None, None, day, ignored + 1, was_due)
    return (*mine, due.at, zone_data(), due.day, day, ignored + 1, was_due)


def recounted(row: Sequence[Any], data: str, window: int | None = None) -> tuple[Any, ...]:
    """Where a person's nudge stands with other zone data, or in another window."""
    platform, tenant, user, _, _, day, last, ignored, *chosen = row
    mine = (platform, tenant, user)
    try:
        rhythm_now = _rhythm(chosen, day)
        if window is not None:
            rhythm_now = replace(rhythm_now, window=window)
        due = due_on(rhythm_now, day, salt_of(mine))
    except ValueError:
        return (*mine, None, None, None, last, ignored, None)
    return (*mine, due.at, data, due.day, last, ignored, None)


def _discounted(row: Sequence[Any], now: datetime.datetime) -> tuple[Any, ...]:
    """Where a person's nudge stands when the latest letter does not count: it may go on where that one ended it."""
    platform, tenant, user, was_due, data, day, last, ignored, *chosen = row
    mine = (platform, tenant, user)
    if was_due is None:
        with contextlib.suppress(ValueError):
            going_on = after_ignored(_rhythm(chosen, last), ignored - 1, last)
            if due := next_due(going_on, now, salt=salt_of(mine), last=last):
                return (*mine, due.at, zone_data(), due.day, last, ignored - 1, None)
    return (*mine, was_due, data, day, last, ignored - 1, None)


def _name(letter: Letter) -> tuple[Any, ...]:
    """The key of a letter."""
    return (*key(letter.person).values(), letter.day, letter.kind)


def _rhythm(values: Sequence[Any], day: datetime.date | None) -> Rhythm:
    """The rhythm of somebody who is due on a day. ValueError when it cannot be gone by, or there is no day."""
    chosen = rhythm(values)
    if chosen is None or day is None:
        raise ValueError("due without a rhythm or a day")
    return chosen


def _once_each(settled: Sequence[Settled]) -> Sequence[Sequence[Settled]]:
    """In groups in which no letter comes twice: it may have been in doubt and found since the last batch."""
    groups: list[dict[Any, Settled]] = [{}]
    for one in settled:
        name = _name(one.letter)
        group = next((group for group in groups if name not in group), None)
        if group is None:
            groups.append(group := {})
        group[name] = one
    return [list(group.values()) for group in groups]


def _ended(one: Settled, now: datetime.datetime) -> tuple[Any, ...]:
    """What became of a letter. ValueError when it is still on its way: that is no end."""
    if one.state is State.SENDING:
        raise ValueError("a letter on its way is not settled")
    until = (one.not_before or now) if one.state in OPEN else None
    return (*_name(one.letter), one.state.value, until, storable(one.ref), storable(one.why))


def _letter(workspace: Workspace, row: Row[Any]) -> Letter:
    person = Person(workspace.platform, workspace.tenant, row.user_id)
    chosen = rhythm_of(row.rhythm) if row.kind == NUDGE else None
    intent = _intent(row.intent)
    return Letter(person, row.day, row.kind, row.due, State(row.state), row.tries, row.address, chosen, intent)


def _intent(packed: dict[str, Any] | None) -> Intent | None:
    """What a letter asks; None where it is the nudge of its day, or of a version that this one cannot read."""
    with contextlib.suppress(ValueError):
        return unpack(packed) if packed else None
    return None
