"""The statements of the store, the same for SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Delete,
    Insert,
    Select,
    Table,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.columns import Document
from bot.store.schema import PERSON, audit, edition, evidence, milestone, person, personal, subject

MILESTONE = ("clause", "state", "since", "checked", "archived")
SUBJECT = ("role", "level", "skill", "milestones", "lang", "asked")


def whose(table: Table) -> ColumnElement[bool]:
    """The rows of one person, named by the parameters platform, tenant and user_id."""
    return and_(*(table.c[name] == bindparam(name) for name in PERSON))


class Statements:
    """Every statement, built once so that the compiled form is found again."""

    def __init__(self, dialect: str) -> None:
        self._lite = dialect == "sqlite"
        self.recall = self._recall()
        self.counts = self._counts()
        self.milestones = self._upsert_milestones()
        self.drop_milestones = _delete_some(milestone, "clause")
        self.evidence = self._insert(evidence).on_conflict_do_nothing()
        self.remove_evidence = _delete_some(evidence, "id")
        self.subjects = self._replace(subject, "place", *SUBJECT, "at")
        self.edition = self._replace(edition, "edition", "clauses", "at")

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
        return select(literal(1).label(person.name), *counts).where(whose(person)).with_for_update()

    def person(self, columns: tuple[str, ...]) -> Insert:
        """Make a person known, or set these of the columns."""
        upsert = self._insert(person)
        return upsert.on_conflict_do_update(
            index_elements=PERSON, set_={name: upsert.excluded[name] for name in columns}
        )

    def _insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        return sqlite.insert(table) if self._lite else postgresql.insert(table)

    def _replace(self, table: Table, *columns: str) -> Insert:
        upsert = self._insert(table)
        return upsert.on_conflict_do_update(
            index_elements=table.primary_key, set_={name: upsert.excluded[name] for name in columns[1:]}
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

    def _recall(self) -> Select[Any]:
        """Person, unexpired subject and all milestones in one row.

        The milestones come as one JSON array: 500 of them as rows take five times as long, and a second statement
        costs as much as they do.
        """
        row = (func.json_array if self._lite else func.json_build_array)(*(milestone.c[name] for name in MILESTONE))
        rows = (func.json_group_array if self._lite else func.json_agg)(row, type_=Document())
        mine = and_(*(milestone.c[name] == person.c[name] for name in PERSON))
        here = and_(
            *(subject.c[name] == person.c[name] for name in PERSON),
            subject.c.place == bindparam("place"),
            subject.c.at >= bindparam("after"),
        )
        return (
            select(
                *(column for column in person.columns if column.name not in PERSON),
                *(subject.c[name].label(f"subject_{name}") for name in SUBJECT),
                select(rows).where(mine).correlate(person).scalar_subquery().label("milestones"),
            )
            .select_from(person.outerjoin(subject, here))
            .where(whose(person))
        )


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

EXPIRED_SUBJECTS = delete(subject).where(subject.c.at < bindparam("before"))
PASSING = delete(person).where(
    person.c.seen_on < bindparam("before"),
    *(column.is_(None) for column in person.columns if column.nullable),
    *(
        ~exists().where(*(table.c[name] == person.c[name] for name in PERSON))
        for table in personal()
        if table is not person
    ),
)
"""People of whom nothing is kept but that they were here."""

FORGET = delete(person).where(whose(person))
"""Everything else about them goes by cascade."""

LONG_UNSEEN = delete(person).where(person.c.seen_on < bindparam("before"))
OLD_AUDIT = delete(audit).where(audit.c.day < bindparam("before"))
UNNEEDED_EDITIONS = delete(edition).where(
    edition.c.at < bindparam("before"),
    edition.c.at < select(func.max(edition.c.at)).scalar_subquery(),
    edition.c.edition.not_in(select(person.c.edition).where(person.c.edition.is_not(None))),
)
