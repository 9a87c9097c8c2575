"""The kinds of columns: what they hold on either database, what they are for, and how long they are kept."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Dialect, ForeignKeyConstraint, MetaData, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

PERSON = ("platform", "tenant", "user_id")
"""The key of a person."""

metadata = MetaData()


class Kept(Enum):
    """How long a column's values are kept; the sentence for each stands in the texts, under `sheet.kept`."""

    PERSON = "person"
    SUBJECT = "subject"
    LETTER = "letter"
    WORKSPACE = "workspace"
    FRAMEWORK = "framework"
    AUDIT = "audit"


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(value: Any) -> Any:
    """The value without the characters that no database takes: NUL and halves of surrogate pairs."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value


class Words(TypeDecorator[str]):
    """Text of any origin."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _: Dialect) -> str | None:
        """Replace what no database takes."""
        return None if value is None else storable(value)


class Document(TypeDecorator[Any]):
    """JSON of any origin."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """JSONB where there is such a thing."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON(none_as_null=True))
        from sqlalchemy.dialects.postgresql import JSONB  # 2 MB, which an embedded database need not spend

        return dialect.type_descriptor(JSONB(none_as_null=True))

    def process_bind_param(self, value: Any, _: Dialect) -> Any:
        """Replace what no database takes."""
        return storable(value)


class Instant(TypeDecorator[datetime.datetime]):
    """A moment with a zone; read back in UTC. SQLite keeps it as text that sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, _: Dialect) -> datetime.datetime | None:
        """In UTC. ValueError for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(datetime.UTC)

    def process_result_value(self, value: datetime.datetime | None, _: Dialect) -> datetime.datetime | None:
        """In UTC, with the zone that SQLite does not keep."""
        return None if value is None else _utc(value)


def in_json(kind: TypeEngine[Any], value: Any) -> Any:
    """A value of a column as either database puts it into JSON, in one form: times in UTC with their zone."""
    if value is not None and isinstance(kind, Boolean):
        return bool(value)
    if value is not None and isinstance(kind, Instant):
        return _utc(datetime.datetime.fromisoformat(value)).isoformat()
    return value


def out_of_json(kind: TypeEngine[Any], value: Any) -> Any:
    """A value of a column out of JSON as either database writes it."""
    if value is None:
        return None
    if isinstance(kind, Boolean):
        return bool(value)
    if isinstance(kind, Date):
        return datetime.date.fromisoformat(value)
    if isinstance(kind, Instant):
        return _utc(datetime.datetime.fromisoformat(value))
    return value


def _utc(moment: datetime.datetime) -> datetime.datetime:
    """A moment in UTC; that is the zone where none is said."""
    return moment.replace(tzinfo=datetime.UTC) if moment.tzinfo is None else moment.astimezone(datetime.UTC)


def column(name: str, kind: Any, en: str, de: str, kept: Kept = Kept.PERSON, *, needed: bool = False) -> Column[Any]:
    """A column and its line in the data sheet."""
    return Column(name, kind, nullable=not needed, info={"purpose": {"en": en, "de": de}, "kept": kept})


def whose(kept: Kept = Kept.PERSON) -> Iterator[Column[Any]]:
    """The columns that say whose a row is."""
    yield column("platform", Words(), "Whose it is: the platform", "Wessen Eintrag: die Plattform", kept, needed=True)
    yield column(
        "tenant",
        Words(),
        "Whose it is: the workspace or tenant; no other one can read it",
        "Wessen Eintrag: der Workspace oder Mandant; kein anderer kann ihn lesen",
        kept,
        needed=True,
    )
    yield column(
        "user_id",
        Words(),
        "Whose it is: the platform's id of the person",
        "Wessen Eintrag: die Kennung der Person auf der Plattform",
        kept,
        needed=True,
    )


def belongs(table: str) -> ForeignKeyConstraint:
    """The row goes when its person goes."""
    columns = [f"person.{name}" for name in PERSON]
    return ForeignKeyConstraint(PERSON, columns, name=f"{table}_person_fkey", ondelete="CASCADE")
