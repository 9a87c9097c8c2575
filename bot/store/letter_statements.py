"""The statements about letters, the same for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Insert,
    Select,
    Table,
    Text,
    Update,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.dialects import sqlite

from bot.store.bulk import Bulk
from bot.store.columns import PERSON, Document
from bot.store.nudges import NUDGING, RHYTHM
from bot.store.schema import letter, nudging, person, workspace
from bot.store.statements import json_row
from scheduler.letters import NUDGE, OPEN, State

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

WORKSPACE = ("platform", "tenant")
KEY = tuple(column.name for column in letter.primary_key)

LETTER = tuple(letter.c[name] for name in ("user_id", "day", "kind", "due", "state", "tries", "intent"))
"""What a letter is made of, but for its workspace and address."""

MOVED = ("due", "zone_data", "due_day", "last", "ignored")
"""Where a person's nudge stands."""

AFTER = tuple_(*nudging.primary_key) > tuple_(*(bindparam(f"the_{name}") for name in PERSON))
"""People after one, in the order of their keys."""

STANDING = tuple(nudging.c[name] for name in (*PERSON, "due", "zone_data", "due_day", "last", "ignored", *RHYTHM))
"""Where a person's nudge stands, and then its rhythm."""

MOST_TOLD = 30
"""Tries that the trail of a letter tells of; a platform may be away for hours."""

GOING_ON = sorted(state.value for state in OPEN)

UNFINISHED = or_(letter.c.state == State.SENDING.value, letter.c.state == State.DOUBT.value)


def _same(table: Table, names: tuple[str, ...], prefix: str = "") -> ColumnElement[bool]:
    """The rows whose columns are the parameters of these names."""
    return and_(*(table.c[name] == bindparam(prefix + name) for name in names))


class LetterStatements:
    """Every statement, built once so that the compiled form is found again."""

    def __init__(self, *, embedded: bool) -> None:
        self._lite = embedded
        self._insert: Callable[[Table], sqlite.Insert | postgresql.Insert] = sqlite.insert
        if not embedded:
            from sqlalchemy.dialects import postgresql  # 2 MB, which an embedded database need not spend

            self._insert = postgresql.insert
        self.moves = _bulk(nudging, (*PERSON, *MOVED), {"letter_due": nudging.c.due}, embedded=embedded)
        self.ends = _bulk(letter, (*KEY, "state", "not_before", "ref"), {"why": letter.c.ref}, embedded=embedded)
        self.named = _bulk(letter, KEY, {}, embedded=embedded)
        self.write = self._write()
        latest = and_(*(letter.c[name] == nudging.c[name] for name in PERSON), letter.c.day == nudging.c.last)
        self.unsent = (
            select(*STANDING)
            .select_from(nudging.join(letter, latest))
            .where(self.named.of(letter, KEY), UNFINISHED, nudging.c.ignored > 0)
            .with_for_update(of=nudging)
        )
        self.move = update(nudging).where(self.moves.of(nudging, PERSON)).values(self.moves.values(*MOVED))
        self.fit = self.move.values(window=bindparam("fitting"))
        fence = self._insert(workspace)
        self.begin = fence.on_conflict_do_update(
            index_elements=workspace.primary_key, set_={"epoch": workspace.c.epoch + 1}
        ).returning(workspace.c.epoch)
        gate, told = workspace.c.gate_until, fence.excluded.gate_until
        self.close_gate = fence.on_conflict_do_update(
            index_elements=workspace.primary_key, set_={"gate_until": case((gate > told, gate), else_=told)}
        )
        self.doubt = self._doubt()
        self.claim = self._claim()
        self.settle = self._settle()
        self.doubtful = (
            self._letters(State.DOUBT).where(letter.c.at < bindparam("before")).order_by(letter.c.at, letter.c.due)
        )
        self.ready = (
            self._letters(State.READY)
            .where(letter.c.not_before <= bindparam("now"))
            .order_by(letter.c.due)
            .with_for_update(skip_locked=True, of=letter)
        )
        self.nudged = (
            select(
                *(nudging.c[name] for name in PERSON), json_row(nudging, *NUDGING, embedded=embedded).label("nudging")
            )
            .where(nudging.c.due.is_not(None), AFTER)
            .order_by(*nudging.primary_key)
            .limit(bindparam("most"))
        )

    def _write(self) -> Insert:
        """A letter for each person that has one now."""
        told: dict[str, Any] = {
            **self.moves.values(*PERSON),
            "day": self.moves["last"],
            "kind": literal(NUDGE),
            "state": literal(State.READY.value),
            "due": self.moves["letter_due"],
            "not_before": self.moves["letter_due"],
            "tries": literal(0),
            "trail": bindparam("trail", type_=Document()),
            "at": bindparam("now", type_=letter.c.at.type),
        }
        rows = select(*told.values()).where(self.moves["letter_due"].is_not(None))
        return self._insert(letter).from_select(list(told), rows).on_conflict_do_nothing()

    def _and_then(self, state: ColumnElement[Any], why: ColumnElement[Any]) -> ColumnElement[Any]:
        """The trail with one more entry; after very many tries nothing more is told but the end."""
        entry = (bindparam("stamp", type_=Text()), state, why)
        if self._lite:
            longer: ColumnElement[Any] = func.json_insert(letter.c.trail, "$[#]", func.json_array(*entry))
        else:
            texts = (cast(part, Text) for part in entry)
            longer = letter.c.trail.op("||")(func.jsonb_build_array(func.jsonb_build_array(*texts)))
        return case((or_(letter.c.tries < MOST_TOLD, state.not_in(GOING_ON)), longer), else_=letter.c.trail)

    def _letters(self, state: State) -> Select[Any]:
        """Letters of a workspace in a state, with where their people are written to and their rhythm."""
        whose, theirs = (and_(*(table.c[name] == letter.c[name] for name in PERSON)) for table in (person, nudging))
        chosen = json_row(nudging, *RHYTHM, embedded=self._lite)
        # No joins: without statistics PostgreSQL would look through all people of the workspace for each letter.
        return (
            select(
                *LETTER,
                select(person.c.address).where(whose).scalar_subquery().label("address"),
                select(chosen).where(theirs).scalar_subquery().label("rhythm"),
            )
            .where(_same(letter, WORKSPACE), letter.c.state == state.value, letter.c.not_before.is_not(None))
            .limit(bindparam("most"))
        )

    def _doubt(self) -> Update:
        """What was on its way when somebody else took over is in doubt."""
        state = literal(State.DOUBT.value)
        return (
            update(letter)
            .where(_same(letter, WORKSPACE, "the_"), letter.c.state == State.SENDING.value)
            .where(letter.c.not_before.is_not(None))  # for the index
            .values(
                state=state,
                not_before=bindparam("now"),
                at=bindparam("now"),
                trail=self._and_then(state, literal("taken over")),
            )
        )

    def _claim(self) -> Update:
        """Letters that were ready are on their way."""
        state = literal(State.SENDING.value)
        return (
            update(letter)
            .where(self.named.of(letter, KEY))
            .values(
                state=state,
                not_before=bindparam("until"),
                epoch=bindparam("mine"),
                tries=letter.c.tries + 1,
                at=bindparam("now"),
                trail=self._and_then(state, literal("")),
            )
        )

    def _settle(self) -> Update:
        """What is settled already stays as it is."""
        new = self.ends
        return (
            update(letter)
            .where(new.of(letter, KEY), UNFINISHED)
            .values(
                state=new["state"],
                not_before=new["not_before"],
                at=bindparam("now"),
                ref=func.coalesce(new["ref"], letter.c.ref),
                intent=case((new["state"].in_(GOING_ON), letter.c.intent), else_=null()),
                trail=self._and_then(new["state"], new["why"]),
            )
        )


def _bulk(table: Table, columns: tuple[str, ...], others: dict[str, Column[Any]], *, embedded: bool) -> Bulk:
    """Rows of these columns of a table, and others of the same kinds as given columns."""
    return Bulk(
        {name: table.c[name].type for name in columns} | {n: c.type for n, c in others.items()}, embedded=embedded
    )


def _counts() -> CompoundSelect[Any]:
    """Two indexes, each of its half of the letters."""
    columns = (letter.c.platform, letter.c.tenant, letter.c.state)
    return union_all(
        *(
            # In the order of the primary key SQLite would rather read the whole table than sort.
            select(*columns, func.count()).where(which).group_by(*reversed(columns))
            for which in (
                letter.c.not_before.is_not(None),
                and_(letter.c.not_before.is_(None), letter.c.at >= bindparam("since")),
            )
        )
    )


ANY_DUE = select(literal(1)).where(nudging.c.due <= bindparam("now")).limit(1)
DUE = (
    select(*STANDING)
    .where(nudging.c.due <= bindparam("now"))
    .order_by(nudging.c.due)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)

STALE = (
    select(*STANDING)
    .where(nudging.c.due > bindparam("now"), nudging.c.zone_data.is_distinct_from(bindparam("data")), AFTER)
    .order_by(*nudging.primary_key)
    .limit(bindparam("most"))
    .with_for_update()
)
"""Whose due time to come was worked out with other zone data; what they choose meanwhile waits, and counts."""

SLOTS = (
    select(
        *(nudging.c[name] for name in (*WORKSPACE, "weekday", "minute")),
        func.count(),
        func.min(nudging.c.window),
        func.max(nudging.c.window),
    )
    .where(nudging.c.due.is_not(None))
    .group_by(*(nudging.c[name] for name in (*WORKSPACE, "weekday", "minute")))
)

MISFITS = (
    select(*STANDING)
    .where(_same(nudging, (*WORKSPACE, "weekday", "minute"), "the_"))
    .where(nudging.c.due > bindparam("now"), nudging.c.window != bindparam("fitting"))
    .where(nudging.c.user_id > bindparam("the_user_id"))
    .order_by(*nudging.primary_key)
    .limit(bindparam("most"))
    .with_for_update()
)
"""Nudges to come of a slot whose window is another one, in the order of their people; those after one.

What people choose meanwhile waits, and counts.
"""

END = update(nudging).where(_same(nudging, PERSON, "the_")).values(due=null(), due_day=null(), paused=True)
"""Nobody can be reached there; should they come back, they find their nudge paused."""

WAITING: Select[Any] = (
    select(letter.c.platform, letter.c.tenant, func.count())
    .outerjoin(workspace, and_(*(workspace.c[name] == letter.c[name] for name in WORKSPACE)))
    .where(
        letter.c.not_before <= bindparam("now"),
        or_(workspace.c.gate_until.is_(None), workspace.c.gate_until <= bindparam("now")),
    )
    .group_by(letter.c.platform, letter.c.tenant)
)

FENCE = select(workspace.c.epoch, workspace.c.gate_until).where(_same(workspace, WORKSPACE))
GUARD = FENCE.with_for_update(read=True)
"""Nobody begins a new epoch until the transaction ends."""

COUNTS = _counts()

TRAIL = (
    select(*(letter.c[name] for name in ("day", "kind", "state", "due", "tries", "ref", "at", "trail")))
    .where(_same(letter, PERSON))
    .order_by(letter.c.day.desc(), letter.c.kind)
    .limit(bindparam("most"))
)
