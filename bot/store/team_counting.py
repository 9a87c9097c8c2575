"""The statements that count a team, the same for SQLite and PostgreSQL."""

from __future__ import annotations

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Insert,
    Integer,
    Subquery,
    Table,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from bot.store.columns import PERSON
from bot.store.schema import counted, membership, milestone, person, reading
from bot.store.team_rules import SEPARATOR
from handlers.records import State
from handlers.team_records import Standing

WORKSPACE = ("platform", "tenant")

OURS = ("platform", "tenant", "team")
"""The key of what belongs to a team."""

COUNTED = (State.DONE.value, State.WORKING.value, State.PARTLY.value)
"""What is counted of a clause: done, or in work."""

DONE = milestone.c.state == State.DONE.value
YES = membership.c.standing == Standing.YES.value
OUT = reading.c.state != "failed"
"""Readings that people have seen, or may have."""


def of(table: Table, names: tuple[str, ...], prefix: str = "") -> ColumnElement[bool]:
    """The rows whose columns are the parameters of these names."""
    return and_(*(table.c[name] == bindparam(prefix + name) for name in names))


def same(one: Table, other: Table) -> ColumnElement[bool]:
    """The rows of one person in two tables."""
    return and_(*(one.c[name] == other.c[name] for name in PERSON))


def _said(**more: ColumnElement[str]) -> Subquery:
    """What each person who agreed to be counted has said of clauses: one walk through them, as they lie.

    Without anything else in it: whatever stands here is worked out for each clause.
    """
    begun = and_(same(milestone, membership), milestone.c.state.in_(COUNTED), ~milestone.c.archived)
    return (
        select(
            membership.c.user_id,
            func.count(milestone.c.clause).label("clauses"),
            func.max(milestone.c.since).label("newest"),
            *(column.label(name) for name, column in more.items()),
        )
        .select_from(membership.outerjoin(milestone, begun))
        .where(of(membership, OURS), YES)
        .group_by(membership.c.user_id)
        .subquery("said")
    )


def _clauses(which: ColumnElement[bool]) -> ColumnElement[str]:
    """The clauses of a person for which this is true, in one text."""
    return func.aggregate_strings(case((which, milestone.c.clause)), SEPARATOR)


def _count() -> Insert:
    """What each person adds to a reading."""
    said = _said()
    told: dict[str, ColumnElement[object]] = {
        "platform": person.c.platform,
        "tenant": person.c.tenant,
        "user_id": person.c.user_id,
        "team": bindparam("team", type_=Text()),
        "number": bindparam("number", type_=Integer()),
        "role": person.c.role,
        "level": person.c.level,
        "clauses": said.c.clauses,
        "newest": said.c.newest,
    }
    whose = and_(of(person, WORKSPACE), person.c.user_id == said.c.user_id)
    return counted.insert().from_select(list(told), select(*told.values()).select_from(said.join(person, whose)))


def _tally() -> CompoundSelect[tuple[object, ...]]:
    """A row for each person, and one for the team: how many were counted last time, and whether it is too alike.

    One statement, so that all of it is of one moment. The clauses are counted outside: databases take twice as long to
    sort so many names.
    """
    said = _said(done=_clauses(DONE), begun=_clauses(~DONE))
    whose = and_(of(person, WORKSPACE), person.c.user_id == said.c.user_id)
    before = and_(of(counted, OURS), counted.c.user_id == said.c.user_id, counted.c.number == _last_counted())
    pairs: list[tuple[ColumnElement[object], ColumnElement[object]]] = [
        (person.c[name], counted.c[name]) for name in ("role", "level")
    ]
    pairs += [(said.c[name], counted.c[name]) for name in ("clauses", "newest")]
    was = counted.c.user_id.is_not(None)
    people = select(
        person.c.user_id,
        person.c.role,
        person.c.level,
        said.c.clauses,
        # As the database has it, because that is how it is written down again.
        type_coerce(said.c.newest, Text()),
        said.c.done,
        said.c.begun,
        case((was, 1), else_=0).label("was"),
        case((and_(was, *(now.is_not_distinct_from(then) for now, then in pairs)), 0), else_=1).label("changed"),
        null().label("alike"),
    ).select_from(said.join(person, whose).outerjoin(counted, before))
    last = select(reading.c.people).where(of(reading, OURS), reading.c.number == _last_counted())
    nobody = (null(),) * 7
    whole = select(*nobody, func.coalesce(last.scalar_subquery(), 0), literal(0), case((_is_alike(), 1), else_=0))
    return union_all(people, whole)


def _last_counted() -> ColumnElement[int]:
    """The latest reading of the team that counted anew, and that people have seen or may have."""
    latest = select(func.max(reading.c.number)).where(of(reading, OURS), reading.c.people.is_not(None), OUT)
    return latest.scalar_subquery()


def _is_alike() -> ColumnElement[bool]:
    """Whether what another team's reading counted and this team are the same people, or all but a few."""
    theirs = (
        select(counted.c.team, counted.c.number, func.count().label("both"))
        .select_from(membership.join(counted, same(counted, membership)))
        .where(of(membership, OURS), YES, counted.c.team != bindparam("team"))
        .group_by(counted.c.team, counted.c.number)
        .subquery("theirs")
    )
    total = select(func.count()).select_from(membership).where(of(membership, OURS), YES).scalar_subquery()
    few = bindparam("least", type_=Integer()) - 1
    here, there = total - theirs.c.both, reading.c.people - theirs.c.both
    return exists(
        select(literal(1))
        .select_from(theirs)
        .join(
            reading,
            and_(of(reading, WORKSPACE), reading.c.team == theirs.c.team, reading.c.number == theirs.c.number),
        )
        .where(
            OUT,
            or_(and_(here == 0, there == 0), here.between(1, few), there.between(1, few)),
        )
    )


COUNT, TALLY = _count(), _tally()
