"""The statements of the store, the same for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Delete,
    Insert,
    ScalarSelect,
    Select,
    Table,
    Text,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.dialects import sqlite

from bot.store.columns import Document, Instant
from bot.store.nudges import NUDGING
from bot.store.schema import (
    PERSON,
    audit,
    card,
    counted,
    edition,
    evidence,
    letter,
    milestone,
    nudging,
    person,
    personal,
    reading,
    subject,
    trail,
)
from bot.store.team_rules import OWN_ADDRESS
from bot.store.team_statements import CARD_STANDS
from scheduler.letters import NUDGE

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

MILESTONE = ("clause", "state", "since", "checked", "archived")
SUBJECT = ("role", "level", "skill", "milestones", "lang", "answers")


def whose(table: Table) -> ColumnElement[bool]:
    """The rows of one person, named by the parameters platform, tenant and user_id."""
    return and_(*(table.c[name] == bindparam(name) for name in PERSON))


def json_row(table: Table, *columns: str, embedded: bool) -> ColumnElement[Any]:
    """These columns of a row as a JSON array."""

    def part(column: Column[Any]) -> ColumnElement[Any]:
        # What SQLite keeps as a document's text must become one again.
        return func.json(type_coerce(column, Text)) if embedded and isinstance(column.type, Document) else column

    make = func.json_array if embedded else func.json_build_array
    return make(*(part(table.c[name]) for name in columns), type_=Document())


class Statements:
    """Every statement, built once so that the compiled form is found again."""

    def __init__(self, dialect: str) -> None:
        self._lite = dialect == "sqlite"
        self._insert: Callable[[Table], sqlite.Insert | postgresql.Insert] = sqlite.insert
        if not self._lite:
            from sqlalchemy.dialects import postgresql  # 2 MB, which an embedded database need not spend

            self._insert = postgresql.insert
        self.recall = self._recall()
        self.export = select(*(self._rows(table, *table.columns.keys()).label(table.name) for table in personal()))
        self.counts = self._counts()
        self.days = self._set_days()
        self.milestones = self._upsert_milestones()
        self.drop_milestones = _delete_some(milestone, "clause")
        self.evidence = self._insert(evidence).on_conflict_do_nothing()
        self.remove_evidence = _delete_some(evidence, "id")
        self.subjects = self._replace(subject, *SUBJECT, "at", "heard")
        self.subjects_unasked = self._replace(subject, *SUBJECT, "at")
        self.edition = self._replace(edition, "clauses", "at")
        self._upserts: dict[tuple[Table, tuple[str, ...]], Insert] = {}

    def _counts(self) -> Select[Any]:
        """How many rows of each kind there are of a person; they can get no more until the transaction ends."""
        others = (table for table in personal() if table is not person)
        counts = (
            select(func.count())
            .select_from(table)
            .where(*(table.c[name] == person.c[name] for name in PERSON))
            .correlate(person)
            .scalar_subquery()
            .label(table.name)
            for table in others
        )
        return select(literal(1).label(person.name), *counts, _named()).where(whose(person)).with_for_update()

    def _set_days(self) -> Update:
        """Give a person the day on which they last spoke, where it is later than the one that stands there."""
        theirs = and_(*(subject.c[name] == person.c[name] for name in PERSON))
        last = select(func.max(subject.c.heard)).where(theirs).correlate(person).scalar_subquery()
        return update(person).values(seen_on=last).where(person.c.seen_on < last)

    def upsert(self, table: Table, columns: tuple[str, ...]) -> Insert:
        """Make a row of a person, or set these of its columns."""
        if (table, columns) not in self._upserts:
            self._upserts[table, columns] = self._replace(table, *columns)
        return self._upserts[table, columns]

    def _replace(self, table: Table, *columns: str) -> Insert:
        """A row, or these columns of the one that is there."""
        upsert = self._insert(table)
        return upsert.on_conflict_do_update(
            index_elements=table.primary_key, set_={name: upsert.excluded[name] for name in columns}
        )

    def _upsert_milestones(self) -> Insert:
        upsert = self._insert(milestone)
        new = upsert.excluded
        same = milestone.c.state == new.state
        return upsert.on_conflict_do_update(
            index_elements=milestone.primary_key,
            set_={
                "state": new.state,
                "since": case((same, milestone.c.since), else_=new.since),
                "checked": case((same, func.coalesce(new.checked, milestone.c.checked)), else_=new.checked),
                "archived": new.archived,
            },
        )

    def _rows(self, table: Table, *columns: str) -> ScalarSelect[Any]:
        """These columns of a person's rows as one JSON array of arrays; without any row it is empty or NULL."""
        gather = func.json_group_array if self._lite else func.json_agg
        row = json_row(table, *columns, embedded=self._lite)
        return select(gather(row, type_=Document())).where(whose(table)).scalar_subquery()

    def _in_json(self, column: Column[Any]) -> ColumnElement[Any]:
        """A column within JSON: what SQLite keeps as text becomes a document again, or a time with its zone."""
        if self._lite and isinstance(column.type, Document):
            return func.json(type_coerce(column, Text))
        if self._lite and isinstance(column.type, Instant):
            return type_coerce(column, Text).concat(literal_column("'+00:00'"))
        return column

    def _recall(self) -> Select[Any]:
        """Person, unexpired subject, weekly nudge and all milestones in one row.

        500 milestones as rows take five times as long as one JSON array, and a second statement costs as much as they
        do. The nudge is one value as well, so that nobody pays for its twenty columns who has none.
        """
        here = and_(
            *(subject.c[name] == person.c[name] for name in PERSON),
            subject.c.place == bindparam("place"),
            subject.c.at >= bindparam("after"),
        )
        return (
            select(
                *(column for column in person.columns if column.name not in PERSON),
                *(subject.c[name].label(f"subject_{name}") for name in SUBJECT),
                self._rows(milestone, *MILESTONE).label("milestones"),
                select(json_row(nudging, *NUDGING, embedded=self._lite))
                .where(whose(nudging))
                .scalar_subquery()
                .label("nudging"),
            )
            .select_from(person.outerjoin(subject, here))
            .where(whose(person))
        )


def _named() -> ColumnElement[bool]:
    """Whether a person is named with others as who did something that concerns them."""
    theirs = (
        exists(
            select(literal(1))
            .where(
                table.c.platform == person.c.platform,
                table.c.tenant == person.c.tenant,
                table.c.by_user == person.c.user_id,
            )
            .where(*which)
        )
        for table, which in ((trail, (trail.c.user_id != person.c.user_id,)), (reading, ()))
    )
    return or_(*theirs).label("named")


def _delete_some(table: Table, column: str) -> Delete:
    return delete(table).where(whose(table), table.c[column].in_(bindparam("some", expanding=True)))


EVIDENCE = (
    select(evidence)
    .where(
        whose(evidence),
        or_(bindparam("clause", type_=evidence.c.clause.type).is_(None), evidence.c.clause == bindparam("clause")),
    )
    .order_by(evidence.c.at.desc(), evidence.c.id)
)

CLAUSES = select(edition.c.clauses).where(edition.c.edition == bindparam("edition"))
LAST_EDITIONS = select(edition.c.edition, edition.c.clauses).order_by(edition.c.at.desc()).limit(bindparam("most"))

WINDOW = select(func.max(nudging.c.window)).where(
    *(nudging.c[name] == bindparam(name) for name in ("platform", "tenant", "weekday", "minute")),
    nudging.c.due.is_not(None),
)

EXPIRED_SUBJECTS = delete(subject).where(subject.c.at < bindparam("before"))
CHOSEN = or_(nudging.c.weekday.is_not(None), nudging.c.plan_clause.is_not(None))
"""Weekly nudges that are more than an offer."""

HOLDS: dict[Table, ColumnElement[bool]] = {nudging: CHOSEN, letter: letter.c.kind == NUDGE}
"""Which rows are a reason to keep a person; of other tables all are, but for those that only tell of them."""

ASKED = exists().where(*(trail.c[name] == person.c[name] for name in PERSON), trail.c.what == "asked")
"""People who were asked whether they want to be counted: their address may have come with the question."""

MET = and_(*(person.c.address[name].as_string().is_(None) for name in OWN_ADDRESS))
"""People whose address is like that of others in their workspace: somebody wrote to them through the coach."""

SHOWN = exists().where(card.c.to_user == person.c.user_id, *(card.c[name] == person.c[name] for name in PERSON[:2]))
"""People whom somebody shows a card."""

PASSING = (
    delete(person)
    .where(
        person.c.seen_on < bindparam("before"),
        *(column.is_(None) for column in person.columns if column.nullable and column is not person.c.address),
        or_(person.c.address.is_(None), ASKED, MET),
        ~SHOWN,
        *(
            ~exists().where(*(table.c[name] == person.c[name] for name in PERSON), HOLDS.get(table, true()))
            for table in personal()
            if table not in (person, trail, counted)
        ),
    )
    .returning(*person.primary_key)
)
"""People of whom nothing is kept but that they were here, and perhaps that something was offered to them."""

FORGET = delete(person).where(whose(person))
"""Everything else about them goes by cascade."""

LONG_UNSEEN = delete(person).where(person.c.seen_on < bindparam("before")).returning(*person.primary_key)
OLD_LETTERS = delete(letter).where(
    tuple_(*letter.primary_key).in_(
        select(*letter.primary_key)
        .where(letter.c.not_before.is_(None), letter.c.at < bindparam("before"), ~CARD_STANDS)
        .limit(bindparam("most"))
    )
)
"""Settled ones, at most so many: it may be a workspace's month, and everyone else waits meanwhile."""

OLD_AUDIT = delete(audit).where(audit.c.day < bindparam("before"))
UNNEEDED_EDITIONS = delete(edition).where(
    edition.c.at < bindparam("before"),
    edition.c.at < select(func.max(edition.c.at)).scalar_subquery(),
    edition.c.edition.not_in(select(person.c.edition).where(person.c.edition.is_not(None))),
)
