"""Facts into rows, and rows into what handlers know."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import Row

from bot.store.schema import PERSON
from handlers.records import (
    PROFILE_FIELDS,
    EvidenceAdded,
    Known,
    Milestones,
    MilestoneSet,
    Profile,
    Subject,
)
from handlers.turn import Person


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
    """A subject but for whose it is."""
    return {
        "place": place,
        "role": said.role,
        "level": said.level,
        "skill": said.skill,
        "milestones": list(said.milestones),
        "lang": said.lang,
        "asked": said.asked,
        "at": now,
    }


def known(row: Row[Any]) -> Known:
    """All that one row of `Statements.recall` holds."""
    here = None
    if row.subject_milestones is not None:
        here = Subject(
            row.subject_role,
            row.subject_level,
            row.subject_skill,
            tuple(row.subject_milestones),
            row.subject_lang,
            row.subject_asked,
        )
    return Known(
        profile=Profile(**{name: getattr(row, name) for name in PROFILE_FIELDS}),
        milestones=Milestones(row.milestones or ()),
        subject=here,
        address=row.address,
        seen_on=row.seen_on,
    )


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    return value.isoformat() if isinstance(value, datetime.date) else value
