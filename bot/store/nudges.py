"""A person's weekly nudge as columns: the fields of `Nudging` with those of its rhythm and its plan beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from handlers.records import Nudging, Plan
from handlers.rhythm import Rhythm
from handlers.zones import data_version

RHYTHM = tuple(item.name for item in fields(Rhythm))
"""The columns of a rhythm, in the order of its fields."""

PLAN = tuple(f"plan_{item.name}" for item in fields(Plan))
REST = tuple(item.name for item in fields(Nudging) if item.name not in {"rhythm", "plan"})
NUDGING = (*RHYTHM, *REST, *PLAN)


def nudging_row(told: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a person's weekly nudge as columns, but for whose it is."""
    row = dict(told)
    if "due" in row:
        row["zone_data"] = zone_data() if row["due"] else None
    for name, columns in (("rhythm", RHYTHM), ("plan", PLAN)):
        if name in row:
            value = row.pop(name)
            values = (getattr(value, item.name) for item in fields(value)) if value else (None for _ in columns)
            row |= zip(columns, values, strict=True)
    return row


@cache
def zone_data() -> str:
    """The version of the time zone data in use."""
    return data_version()


def salt_of(person: Iterable[str]) -> bytes:
    """What spreads people over a window, from a person's key."""
    return "\0".join(person).encode()


def rhythm(values: Sequence[Any]) -> Rhythm | None:
    """A rhythm of its columns. ValueError when it is none that can be gone by, as when a zone was given up."""
    if values[0] is None:
        return None
    try:
        return Rhythm(*values)
    except TypeError as error:  # a part is missing
        raise ValueError("half a rhythm") from error
