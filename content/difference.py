"""What changes from one cell to another, clause by clause, with the steps in verb and scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from content.matrix import Cell, Clause


class Scale(BaseModel):
    """The verbs and scopes of one language, in steps from small to large, and words that tell no topic."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verbs: tuple[tuple[str, ...], ...]
    scopes: tuple[tuple[str, ...], ...]
    silent: tuple[str, ...] = ()


class Scales(BaseModel):
    """A scale per language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    languages: Mapping[str, Scale]


@dataclass(frozen=True, slots=True)
class Step:
    """A step up: the word below and the word above, as written."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one clause; `before` is None when it is new, `after` when it is dropped."""

    kind: Literal["new", "deeper", "unchanged", "dropped"]
    before: Clause | None
    after: Clause | None
    verb: Step | None = None
    scope: Step | None = None


def difference(lower: Cell, upper: Cell, scales: Scales) -> tuple[Change, ...]:
    """The changes in the order of the upper cell's clauses, what is dropped last."""
    new = tuple(Change("new", None, clause) for clause in upper.clauses)
    return new + tuple(Change("dropped", clause, None) for clause in lower.clauses)


def headline_verb(cell: Cell, scales: Scales, language: str) -> str | None:
    """The strongest verb of a cell, as written; None when no verb of the scale is in it."""
    return None
