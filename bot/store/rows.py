"""Facts into rows, and rows into what handlers know."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from bot.store.columns import in_json, out_of_json
from bot.store.nudges import NUDGING, PLAN, REST, RHYTHM, rhythm
from bot.store.schema import PERSON, nudging, personal
from handlers.records import (
    PROFILE_FIELDS,
    EvidenceAdded,
    Known,
    Milestones,
    MilestoneSet,
    Nudging,
    Plan,
    Profile,
    Subject,
)
from handlers.rhythm import Rhythm
from handlers.turn import Person

MADE_BY = tuple(out_of_json(nudging.c[name].type) for name in NUDGING)


def key(person: Person) -> dict[str, Any]:
    """The columns that say whose a row is."""
    return dict(zip(PERSON, (person.platform, person.tenant, person.user), strict=True))


def milestone_row(fact: MilestoneSet, now: datetime.datetime) -> dict[str, Any]:
    """A milestone but for whose it is."""
    return {
        "clause": fact.clause,
        "state": fact.state.value,
        "since": fact.since or now,
        "checked": fact.checked,
        "archived": fact.archived,
    }


def evidence_row(fact: EvidenceAdded, now: datetime.datetime) -> dict[str, Any]:
    """Evidence but for whose it is."""
    return {
        "id": fact.id,
        "clause": fact.clause,
        "text": fact.text,
        "link": fact.link,
        "day": fact.day,
        "at": now,
    }


def subject_row(place: str, said: Subject, now: datetime.datetime) -> dict[str, Any]:
    """A subject but for whose it is, and whether they have spoken."""
    return {
        "place": place,
        "role": said.role,
        "level": said.level,
        "skill": said.skill,
        "milestones": list(said.milestones),
        "lang": said.lang,
        "answers": dict(said.answers),
        "at": now,
    }


def nudging_of(values: Sequence[Any] | None) -> Nudging:
    """A person's weekly nudge out of JSON; a rhythm that cannot be gone by counts as none."""
    if values is None:
        return Nudging()
    row = dict(zip(NUDGING, _out_of_json(values), strict=True))
    plan, rest = [row[name] for name in PLAN], {name: row[name] for name in REST}
    return Nudging(rhythm_of(values[: len(RHYTHM)]), plan=Plan(*plan) if plan[0] else None, **rest)


def rhythm_of(values: Sequence[Any] | None) -> Rhythm | None:
    """A rhythm out of JSON, or None where there is none that can be gone by."""
    with contextlib.suppress(ValueError):
        return rhythm(_out_of_json(values)) if values else None
    return None


def _out_of_json(values: Sequence[Any]) -> list[Any]:
    """Values of as many of the columns `NUDGING` as there are."""
    return [make(value) if make and value is not None else value for make, value in zip(MADE_BY, values, strict=False)]


def known_of(row: Row[Any]) -> Known:
    """All that one row of `Statements.recall` holds."""
    here = None
    if row.subject_milestones is not None:
        here = Subject(
            row.subject_role,
            row.subject_level,
            row.subject_skill,
            tuple(row.subject_milestones),
            row.subject_lang,
            row.subject_answers or {},
        )
    return Known(
        profile=Profile(**{name: getattr(row, name) for name in PROFILE_FIELDS}),
        milestones=Milestones(row.milestones or ()),
        subject=here,
        address=row.address,
        seen_on=row.seen_on,
        nudging=nudging_of(row.nudging),
    )


def export(row: Row[Any]) -> dict[str, list[dict[str, Any]]]:
    """All that one row of `Statements.export` holds, by table, in the order of the primary key."""
    told = {}
    for table in personal():
        names = table.columns.keys()
        rows = [
            {name: in_json(table.c[name].type, value) for name, value in zip(names, values, strict=True)}
            for values in getattr(row, table.name) or ()
        ]
        told[table.name] = sorted(rows, key=lambda one: [one[column.name] for column in table.primary_key])
    return {name: rows for name, rows in told.items() if rows}
