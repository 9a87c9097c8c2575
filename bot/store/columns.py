"""The kinds of columns: what they hold on either database, what they are for, and how long they are kept."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, DateTime, Dialect, ForeignKeyConstraint, MetaData, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

PERSON = ("platform", "tenant", "user_id")
"""The key of a person."""

metadata = MetaData()

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)


class Kept(Enum):
    """How long a column's values are kept; the sentence for each stands in the texts, under `sheet.kept`."""

    PERSON = "person"
    SUBJECT = "subject"
    LETTER = "letter"
    WORKSPACE = "workspace"
    FRAMEWORK = "framework"
    AUDIT = "audit"
    TEAM = "team"
    MEMBERSHIP = "membership"
    COUNTED = "counted"
    TRAIL = "trail"
    CARD = "card"
    INSTALLATION = "installation"
    STATE = "state"


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


class Tick(TypeDecorator[datetime.datetime]):
    """A moment with a zone, where there are very many: SQLite keeps it as a number, in a third of the bytes."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Microseconds since 1970 in SQLite."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime.datetime | None, dialect: Dialect) -> datetime.datetime | int | None:
        """In UTC. TypeError for a time without a zone."""
        if value is None:
            return None
        return to_tick(value) if dialect.name == "sqlite" else value.astimezone(datetime.UTC)

    def process_result_value(self, value: Any, _: Dialect) -> datetime.datetime | None:
        """In UTC."""
        return None if value is None else _moment(value)


def to_tick(moment: datetime.datetime) -> int:
    """Microseconds since 1970. TypeError for a time without a zone."""
    return (moment - EPOCH) // MICROSECOND


def _moment(value: datetime.datetime | int | str) -> datetime.datetime:
    """A moment in UTC, of whatever either database or its JSON has for it."""
    if isinstance(value, int):
        return EPOCH + value * MICROSECOND
    return _utc(datetime.datetime.fromisoformat(value) if isinstance(value, str) else value)


def in_json(kind: TypeEngine[Any], value: Any) -> Any:
    """A value of a column as either database puts it into JSON, in one form: times in UTC with their zone."""
    if value is not None and isinstance(kind, Boolean):
        return bool(value)
    if value is not None and isinstance(kind, Instant | Tick):
        return _moment(value).isoformat()
    return value


def out_of_json(kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    """What makes a value of a column out of JSON as either database writes it; None where it is one already."""
    if isinstance(kind, Boolean):
        return bool
    if isinstance(kind, Date):
        return datetime.date.fromisoformat
    return _moment if isinstance(kind, Instant | Tick) else None


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
