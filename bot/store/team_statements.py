"""The statements about teams, the same for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Insert,
    Integer,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import sqlite

from bot.store.bulk import Bulk
from bot.store.columns import PERSON, Document, Words
from bot.store.schema import card, counted, installation, letter, membership, person, reading, team, trail
from bot.store.team_counting import OURS, OUT, WORKSPACE, YES, of
from handlers.team_records import Standing
from scheduler.letters import State as LetterState

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

TEAM = tuple(column for column in team.columns if column.name not in ("folded", "due", "alone"))
"""What a team is made of."""


class TeamStatements:
    """Every statement, built once so that the compiled form is found again."""

    def __init__(self, *, embedded: bool) -> None:
        self._insert: Callable[[Table], sqlite.Insert | postgresql.Insert] = sqlite.insert
        if not embedded:
            from sqlalchemy.dialects import postgresql  # 2 MB, which an embedded database need not spend

            self._insert = postgresql.insert
        self.people = Bulk({name: person.c[name].type for name in (*PERSON, "address")}, embedded=embedded)
        self.create = self._insert(team).on_conflict_do_nothing().returning(team.c.id)
        self.meet = self._meet()
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
        added = ("user_id", "role", "level", "clauses", "newest")
        self.added = Bulk({name: counted.c[name].type for name in added}, embedded=embedded)
        self.count = self._count()
        self.keep_card = self._insert(card).on_conflict_do_nothing()

    def _from_people(self, table: Table, **told: ColumnElement[Any]) -> Insert:
        """A row for each of the people, unless it is there."""
        values: dict[str, ColumnElement[Any]] = {**{name: self.people[name] for name in PERSON}, **told}
        rows = select(*values.values()).where(self.people["user_id"].is_not(None))
        return self._insert(table).from_select(list(values), rows).on_conflict_do_nothing()

    def _meet(self) -> Insert:
        """People who can be written to: those who are there already keep their address, if they have one."""
        told: dict[str, ColumnElement[Any]] = {
            **{name: self.people[name] for name in PERSON},
            "seen_on": bindparam("day", type_=person.c.seen_on.type),
            "address": self.people["address"],
        }
        rows = select(*told.values()).where(self.people["user_id"].is_not(None))
        upsert = self._insert(person)
        return upsert.from_select(list(told), rows).on_conflict_do_update(
            index_elements=person.primary_key,
            set_={"address": upsert.excluded.address},
            where=person.c.address.is_(None),
        )

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
        rows = select(*told.values()).where(of(table, OURS), which)
        return self._insert(trail).from_select(list(told), rows).on_conflict_do_nothing()

    def _count(self) -> Insert:
        """What each person added to a tally, for a reading made of it; of people who are still there."""
        told: dict[str, ColumnElement[Any]] = {name: bindparam(name, type_=Text()) for name in OURS}
        told |= {"number": bindparam("number", type_=Integer())}
        told |= self.added.values("user_id", "role", "level", "clauses", "newest")
        # No join: SQLite would go through all rows for each of them.
        there = select(literal(1)).where(of(person, WORKSPACE), person.c.user_id == self.added["user_id"])
        rows = select(*told.values()).where(exists(there))
        return counted.insert().from_select(list(told), rows)

    def _begin(self) -> Insert:
        """The next reading, unless there is one under its key; the team's row is held meanwhile."""
        next_number = select(func.coalesce(func.max(reading.c.number), 0) + 1).where(of(reading, OURS))
        told: dict[str, ColumnElement[Any]] = {name: bindparam(name, type_=Text()) for name in (*OURS, "key")}
        told |= {"number": next_number.scalar_subquery(), "state": bindparam("state", type_=Text())}
        told |= {name: bindparam(name, type_=reading.c[name].type) for name in ("at", "figures", "by_user", "channel")}
        upsert = self._insert(reading).values(told)
        return upsert.on_conflict_do_nothing(index_elements=[reading.c[name] for name in (*OURS, "key")]).returning(
            reading.c.number
        )


def _noted() -> dict[str, ColumnElement[Any]]:
    """What an entry of the trail says, but for whose it is."""
    texts = {name: bindparam(f"note_{name}", type_=Words()) for name in ("id", "what", "by_user", "team_name")}
    return texts | {"at": bindparam("now", type_=trail.c.at.type)}


_OF_TEAM = and_(membership.c.team == team.c.id, *(membership.c[name] == team.c[name] for name in WORKSPACE))
_THIS_TEAM = and_(of(team, WORKSPACE), team.c.id == bindparam("team"))
_THE_TEAM = and_(of(team, WORKSPACE, "the_"), team.c.id == bindparam("the_team"))
_THEIRS = and_(of(membership, WORKSPACE), membership.c.team == bindparam("team"))

MINE = (
    select(*TEAM, membership.c.standing, membership.c.manages, membership.c.since)
    .select_from(membership.join(team, _OF_TEAM))
    .where(of(membership, PERSON), or_(membership.c.manages, YES, membership.c.standing == Standing.ASKED.value))
    .order_by(team.c.folded)
)

HOLD = select(*TEAM).where(_THIS_TEAM).with_for_update()
"""A team, which nobody else changes until the transaction ends."""

STANDS = (
    select(*TEAM, membership.c.standing)
    .select_from(membership.join(team, _OF_TEAM))
    .where(of(membership, PERSON), membership.c.team == bindparam("team"))
    .with_for_update(of=membership)
)

STAND = (
    update(membership)
    .where(of(membership, PERSON, "the_"), membership.c.team == bindparam("the_team"))
    .values(standing=bindparam("standing"), since=bindparam("since"))
)

MANAGERS = select(membership.c.user_id).where(_THEIRS, membership.c.manages).order_by(membership.c.user_id)

STEP_DOWN = (
    update(membership)
    .where(of(membership, PERSON, "the_"), membership.c.team == bindparam("the_team"))
    .values(manages=literal(False))
)
UNRELATED = delete(membership).where(_THEIRS, membership.c.standing.is_(None), ~membership.c.manages)
"""Who managed a team and was never asked."""

NAMED = select(team.c.id).where(of(team, WORKSPACE), team.c.folded == bindparam("folded"))
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
    .where(
        team.c.due <= bindparam("now"),
        exists(select(literal(1)).where(_OF_TEAM, membership.c.manages)),
        ~exists(
            select(literal(1)).where(
                *(installation.c[name] == team.c[name] for name in ("platform", "tenant")),
                installation.c.gone_at.is_not(None),
            )
        ),
    )
    .order_by(team.c.due)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=team)
)

END = (
    *(delete(table).where(of(table, OURS)) for table in (membership, counted, reading)),
    delete(team).where(_THIS_TEAM),
)

_LATEST = (
    select(*(reading.c[name] for name in ("number", "at", "figures", "by_user", "channel", "state", "ref", "key")))
    .where(of(reading, OURS))
    .order_by(reading.c.number.desc())
    .limit(1)
)
PUBLISHED = _LATEST.where(OUT)
POSTED = _LATEST.where(reading.c.state.in_(("posting", "posted", "doubt")))

_THE_READING = and_(of(reading, OURS, "the_"), reading.c.number == bindparam("the_number"))
COUNT_OF = (
    update(reading)
    .where(_THE_READING)
    .values(
        people=select(func.count())
        .select_from(counted)
        .where(of(counted, OURS, "the_"), counted.c.number == bindparam("the_number"))
        .scalar_subquery()
    )
)
FINISH = (
    update(reading)
    .where(_THE_READING, reading.c.state.in_(("posting", "doubt")))
    .values(state=bindparam("new_state"), ref=func.coalesce(bindparam("new_ref", type_=Text()), reading.c.ref))
)
BASIS = select(func.max(reading.c.number)).where(
    of(reading, OURS), reading.c.people.is_not(None), OUT, reading.c.number <= bindparam("number")
)
"""The reading whose count a reading shows: itself, or one that it repeats."""

POSTED_BY = (
    select(reading.c.by_user, team.c.name)
    .select_from(
        reading.join(team, and_(team.c.id == reading.c.team, *(team.c[name] == reading.c[name] for name in WORKSPACE)))
    )
    .where(_THE_READING)
)

UNCOUNT = delete(counted).where(of(counted, OURS), counted.c.number == bindparam("number"))
UNCOUNT_OLDER = delete(counted).where(of(counted, OURS), counted.c.number < bindparam("number"))

UNCOUNT_SEEN = UNCOUNT_OLDER.where(
    ~exists(select(literal(1)).where(of(reading, OURS), reading.c.state.in_(("posting", "doubt"))))
)
"""What was counted for older readings, unless one of them may yet turn out to be posted: whom it counted is told so."""

CARD = ("id", "platform", "tenant", "user_id", "to_user", "lines", "text", "at", "place")
_BROUGHT_BY = and_(
    *(letter.c[name] == card.c[name] for name in WORKSPACE),
    letter.c.user_id == card.c.to_user,
    letter.c.kind == literal("card:").concat(card.c.id),
)
"""The letter that brings a card."""

_CARDS = select(
    *(card.c[name] for name in CARD), select(func.max(letter.c.ref)).where(_BROUGHT_BY).scalar_subquery().label("ref")
)
CARD_OF = _CARDS.where(card.c.id == bindparam("card"))
CARDS = _CARDS.where(of(card, PERSON)).order_by(card.c.at.desc(), card.c.id)
ARRIVED = update(card).where(card.c.id == bindparam("card")).values(place=bindparam("new_place"))
DROPPED = _CARDS.where(of(card, PERSON), card.c.id == bindparam("card"))
DROP_CARD = delete(card).where(of(card, PERSON), card.c.id == bindparam("card"))
CARD_STANDS = exists(select(literal(1)).where(_BROUGHT_BY))
"""Letters whose card has not been taken back: it is taken back by them."""

TRAIL = (
    select(trail.c.at, trail.c.what, trail.c.by_user, trail.c.team_name)
    .where(of(trail, PERSON))
    .order_by(trail.c.at.desc(), trail.c.id.desc())
    .limit(bindparam("most"))
)

ADDRESS = select(person.c.address).where(of(person, PERSON))
ANY_ADDRESS = select(person.c.address).where(of(person, WORKSPACE), person.c.address.is_not(None)).limit(1)
"""Where the platform takes messages in a workspace, as somebody there has it."""
