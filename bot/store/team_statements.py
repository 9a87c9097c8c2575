"""The statements about teams, the same for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Insert,
    Integer,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects import sqlite

from bot.store.bulk import Bulk
from bot.store.columns import PERSON, Document, Words
from bot.store.schema import counted, letter, membership, milestone, person, reading, team, trail
from bot.store.team_rules import SEPARATOR
from handlers.records import State
from handlers.team_records import Standing
from scheduler.letters import State as LetterState

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

WORKSPACE = ("platform", "tenant")

TEAM = tuple(column for column in team.columns if column.name not in ("folded", "due", "alone"))
"""What a team is made of."""

OURS = ("platform", "tenant", "team")
"""The key of what belongs to a team."""

BEGUN = (State.WORKING.value, State.PARTLY.value)
COUNTED = (State.DONE.value, *BEGUN)
"""What is counted of a clause: done, or in work."""

YES = membership.c.standing == Standing.YES.value
OUT = reading.c.state != "failed"
"""Readings that people have seen, or may have."""


def _of(table: Table, names: tuple[str, ...], prefix: str = "") -> ColumnElement[bool]:
    """The rows whose columns are the parameters of these names."""
    return and_(*(table.c[name] == bindparam(prefix + name) for name in names))


def _same(one: Table, other: Table) -> ColumnElement[bool]:
    """The rows of one person in two tables."""
    return and_(*(one.c[name] == other.c[name] for name in PERSON))


class TeamStatements:
    """Every statement, built once so that the compiled form is found again."""

    def __init__(self, *, embedded: bool) -> None:
        self._insert: Callable[[Table], sqlite.Insert | postgresql.Insert] = sqlite.insert
        if not embedded:
            from sqlalchemy.dialects import postgresql  # 2 MB, which an embedded database need not spend

            self._insert = postgresql.insert
        self.people = Bulk({name: person.c[name].type for name in (*PERSON, "address")}, embedded=embedded)
        self.create = self._insert(team).on_conflict_do_nothing().returning(team.c.id)
        self.meet = self._from_people(person, seen_on=bindparam("day", type_=person.c.seen_on.type), address=None)
        standings = select(membership.c.user_id, membership.c.standing, membership.c.since)
        self.standings = standings.where(
            self.people.of(membership, PERSON), membership.c.team == bindparam("team")
        ).with_for_update()
        self.ask = self._ask()
        self.write = self._write()
        self.note_people = self._from_people(trail, **_noted())
        self.note = self._note(
            membership, or_(YES, membership.c.standing == Standing.ASKED.value, membership.c.manages)
        )
        self.note_counted = self._note(counted, counted.c.number == bindparam("number"))
        self.manage = self._insert(membership).on_conflict_do_update(
            index_elements=membership.primary_key, set_={"manages": true()}
        )
        self.begin = self._begin()
        self.count = self._count()
        self.tally = self._tally()

    def _from_people(self, table: Table, **told: ColumnElement[Any] | None) -> Insert:
        """A row for each of the people, unless it is there; a column without a value is told with each of them."""
        values = {name: self.people[name] for name in PERSON}
        values |= {name: self.people[name] if value is None else value for name, value in told.items()}
        rows = select(*values.values()).where(self.people["user_id"].is_not(None))
        return self._insert(table).from_select(list(values), rows).on_conflict_do_nothing()

    def _ask(self) -> Insert:
        """Somebody is asked, or asked again."""
        told: dict[str, ColumnElement[Any]] = {
            **{name: self.people[name] for name in PERSON},
            "team": bindparam("team", type_=Text()),
            "standing": literal(Standing.ASKED.value),
            "manages": literal(False),
            "since": bindparam("now", type_=membership.c.since.type),
        }
        rows = select(*told.values()).where(self.people["user_id"].is_not(None))
        upsert = self._insert(membership)
        return upsert.from_select(list(told), rows).on_conflict_do_update(
            index_elements=membership.primary_key,
            set_={name: upsert.excluded[name] for name in ("standing", "since")},
        )

    def _write(self) -> Insert:
        """A letter to each of the people, due now."""
        now = bindparam("now", type_=letter.c.at.type)
        return self._from_people(
            letter,
            day=bindparam("day", type_=letter.c.day.type),
            kind=bindparam("kind", type_=Text()),
            state=literal(LetterState.READY.value),
            due=now,
            not_before=now,
            tries=literal(0),
            trail=bindparam("letter_trail", type_=Document()),
            at=now,
            intent=bindparam("intent", type_=Document()),
        )

    def _note(self, table: Table, which: ColumnElement[bool]) -> Insert:
        """An entry in the trail of everybody with such a row of a team."""
        told: dict[str, ColumnElement[Any]] = {name: table.c[name] for name in PERSON}
        told |= _noted()
        rows = select(*told.values()).where(_of(table, OURS), which)
        return self._insert(trail).from_select(list(told), rows).on_conflict_do_nothing()

    def _begin(self) -> Insert:
        """The next reading, unless there is one under its key; the team's row is held meanwhile."""
        next_number = select(func.coalesce(func.max(reading.c.number), 0) + 1).where(_of(reading, OURS))
        told: dict[str, ColumnElement[Any]] = {name: bindparam(name, type_=Text()) for name in (*OURS, "key")}
        told |= {"number": next_number.scalar_subquery(), "state": literal("posting")}
        told |= {name: bindparam(name, type_=reading.c[name].type) for name in ("at", "figures", "by_user", "channel")}
        upsert = self._insert(reading).values(told)
        return upsert.on_conflict_do_nothing(index_elements=[reading.c[name] for name in (*OURS, "key")]).returning(
            reading.c.number
        )

    def _count(self) -> Insert:
        """What each person adds to a reading."""
        told: dict[str, ColumnElement[Any]] = {
            "platform": bindparam("platform", type_=Text()),
            "tenant": bindparam("tenant", type_=Text()),
            "user_id": membership.c.user_id,
            "team": bindparam("team", type_=Text()),
            "number": bindparam("number", type_=Integer()),
            "role": func.max(person.c.role),
            "level": func.max(person.c.level),
            "clauses": func.count(milestone.c.clause),
            "newest": func.max(milestone.c.since),
        }
        return counted.insert().from_select(list(told), _members(*told.values()))

    def _tally(self) -> CompoundSelect[Any]:
        """A row for each person, and one for the team: how many were counted last time, and whether it is too alike.

        One statement, so that all of it is of one moment. The clauses are counted outside: databases take twice as long
        to sort as many names.
        """
        done = milestone.c.state == State.DONE.value

        def clauses(which: ColumnElement[bool]) -> ColumnElement[Any]:
            return func.aggregate_strings(case((which, milestone.c.clause)), SEPARATOR)

        before = and_(
            _same(counted, membership), counted.c.team == membership.c.team, counted.c.number == _last_counted()
        )
        once: dict[str, tuple[ColumnElement[Any], ColumnElement[Any]]] = {
            name: (func.max(person.c[name]), func.max(counted.c[name])) for name in ("role", "level")
        }
        once["clauses"] = func.count(milestone.c.clause), func.max(counted.c.clauses)
        once["newest"] = func.max(milestone.c.since), func.max(counted.c.newest)
        changed = or_(*(now.is_distinct_from(then) for now, then in once.values()))
        was = func.count(counted.c.user_id) > 0
        people = _members(
            once["role"][0].label("role"),
            once["level"][0].label("level"),
            clauses(done).label("done"),
            clauses(~done).label("begun"),
            case((was, 1), else_=0).label("was"),
            case((and_(was, ~changed), 0), else_=1).label("changed"),
            null().label("alike"),
            beside=(counted, before),
        )
        last = select(reading.c.people).where(_of(reading, OURS), reading.c.number == _last_counted())
        whole = select(
            null(),
            null(),
            null(),
            null(),
            func.coalesce(last.scalar_subquery(), 0),
            literal(0),
            case((_alike(), 1), else_=0),
        )
        return union_all(people, whole)


def _members(*columns: ColumnElement[Any], beside: tuple[Table, ColumnElement[bool]] | None = None) -> Select[Any]:
    """A row for each person who agreed to be counted, with what `columns` make of their milestones.

    One walk through the milestones, person by person as they lie. Of what there is but one in a group, the max is it.
    A row that may stand `beside` each person is looked up before the milestones are, or it would be for each of them.
    """
    said = and_(_same(milestone, membership), milestone.c.state.in_(COUNTED), ~milestone.c.archived)
    people = membership.join(person, _same(person, membership))
    people = people.outerjoin(*beside) if beside else people
    return (
        select(*columns)
        .select_from(people.outerjoin(milestone, said))
        .where(_of(membership, OURS), YES)
        .group_by(membership.c.user_id)
    )


def _noted() -> dict[str, ColumnElement[Any]]:
    """What an entry of the trail says, but for whose it is."""
    texts = {name: bindparam(f"note_{name}", type_=Words()) for name in ("id", "what", "by_user", "team_name")}
    return texts | {"at": bindparam("now", type_=trail.c.at.type)}


def _last_counted() -> ColumnElement[int]:
    """The latest reading of the team that counted anew, and that people have seen or may have."""
    latest = select(func.max(reading.c.number)).where(_of(reading, OURS), reading.c.people.is_not(None), OUT)
    return latest.scalar_subquery()


def _alike() -> ColumnElement[bool]:
    """Whether what another team's reading counted and this team are nearly the same people."""
    theirs = (
        select(counted.c.team, counted.c.number, func.count().label("both"))
        .select_from(membership.join(counted, _same(counted, membership)))
        .where(_of(membership, OURS), YES, counted.c.team != bindparam("team"))
        .group_by(counted.c.team, counted.c.number)
        .subquery("theirs")
    )
    total = select(func.count()).select_from(membership).where(_of(membership, OURS), YES).scalar_subquery()
    few = bindparam("least", type_=Integer()) - 1
    return exists(
        select(literal(1))
        .select_from(theirs)
        .join(
            reading,
            and_(_of(reading, WORKSPACE), reading.c.team == theirs.c.team, reading.c.number == theirs.c.number),
        )
        .where(
            OUT,
            or_((total - theirs.c.both).between(1, few), (reading.c.people - theirs.c.both).between(1, few)),
        )
    )


_OF_TEAM = and_(membership.c.team == team.c.id, *(membership.c[name] == team.c[name] for name in WORKSPACE))
_THIS_TEAM = and_(_of(team, WORKSPACE), team.c.id == bindparam("team"))
_THE_TEAM = and_(_of(team, WORKSPACE, "the_"), team.c.id == bindparam("the_team"))
_THEIRS = and_(_of(membership, WORKSPACE), membership.c.team == bindparam("team"))

MINE = (
    select(*TEAM, membership.c.standing, membership.c.manages, membership.c.since)
    .select_from(membership.join(team, _OF_TEAM))
    .where(_of(membership, PERSON), or_(membership.c.manages, YES, membership.c.standing == Standing.ASKED.value))
    .order_by(team.c.folded)
)

HOLD = select(*TEAM).where(_THIS_TEAM).with_for_update()
"""A team, which nobody else changes until the transaction ends."""

STANDS = (
    select(*TEAM, membership.c.standing)
    .select_from(membership.join(team, _OF_TEAM))
    .where(_of(membership, PERSON), membership.c.team == bindparam("team"))
    .with_for_update(of=membership)
)

STAND = (
    update(membership)
    .where(_of(membership, PERSON, "the_"), membership.c.team == bindparam("the_team"))
    .values(standing=bindparam("standing"), since=bindparam("since"))
)

MANAGERS = select(membership.c.user_id).where(_THEIRS, membership.c.manages).order_by(membership.c.user_id)

STEP_DOWN = (
    update(membership)
    .where(_of(membership, PERSON, "the_"), membership.c.team == bindparam("the_team"))
    .values(manages=literal(False))
)
UNRELATED = delete(membership).where(_THEIRS, membership.c.standing.is_(None), ~membership.c.manages)
"""Who managed a team and was never asked."""

NAMED = select(team.c.id).where(_of(team, WORKSPACE), team.c.folded == bindparam("folded"))
RENAME = update(team).where(_THE_TEAM).values(name=bindparam("new_name"), folded=bindparam("new_folded"))
PLAN = (
    update(team)
    .where(_THE_TEAM)
    .values(
        {name: bindparam(f"new_{name}") for name in ("every", "weekday", "minute", "zone", "channel", "lang", "due")}
    )
)
MOVE = update(team).where(_THE_TEAM).values(due=bindparam("new_due"))

DUE = (
    select(*TEAM)
    .where(team.c.due <= bindparam("now"), exists(select(literal(1)).where(_OF_TEAM, membership.c.manages)))
    .order_by(team.c.due)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=team)
)

END = (
    *(delete(table).where(_of(table, OURS)) for table in (membership, counted, reading)),
    delete(team).where(_THIS_TEAM),
)

READING = ("number", "at", "figures", "by_user", "channel", "state", "ref")
PUBLISHED = (
    select(*(reading.c[name] for name in READING))
    .where(_of(reading, OURS), OUT)
    .order_by(reading.c.number.desc())
    .limit(1)
)

_THE_READING = and_(_of(reading, OURS, "the_"), reading.c.number == bindparam("the_number"))
COUNT_OF = (
    update(reading)
    .where(_THE_READING)
    .values(
        people=select(func.count())
        .select_from(counted)
        .where(_of(counted, OURS, "the_"), counted.c.number == bindparam("the_number"))
        .scalar_subquery()
    )
)
FINISH = (
    update(reading)
    .where(_THE_READING, reading.c.state.in_(("posting", "doubt")))
    .values(state=bindparam("new_state"), ref=func.coalesce(bindparam("new_ref", type_=Text()), reading.c.ref))
)
BASIS = select(func.max(reading.c.number)).where(
    _of(reading, OURS), reading.c.people.is_not(None), OUT, reading.c.number <= bindparam("number")
)
"""The reading whose count a reading shows: itself, or one that it repeats."""

POSTED_BY = (
    select(reading.c.by_user, team.c.name)
    .select_from(
        reading.join(team, and_(team.c.id == reading.c.team, *(team.c[name] == reading.c[name] for name in WORKSPACE)))
    )
    .where(_THE_READING)
)

UNCOUNT = delete(counted).where(_of(counted, OURS), counted.c.number == bindparam("number"))
UNCOUNT_OLDER = delete(counted).where(_of(counted, OURS), counted.c.number < bindparam("number"))

TRAIL = (
    select(trail.c.at, trail.c.what, trail.c.by_user, trail.c.team_name)
    .where(_of(trail, PERSON))
    .order_by(trail.c.at.desc(), trail.c.id.desc())
    .limit(bindparam("most"))
)

ADDRESS = select(person.c.address).where(_of(person, PERSON))
ANY_ADDRESS = select(person.c.address).where(_of(person, WORKSPACE), person.c.address.is_not(None)).limit(1)
"""Where the platform takes messages in a workspace, as somebody there has it."""
