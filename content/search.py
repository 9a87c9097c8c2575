"""Finds the cells that speak of some words: exact, by stem, through the glossary, or past a typo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from content.matrix import Cell, Clause, Matrix

How = Literal["exact", "stem", "glossary", "fuzzy"]


class Glossary(BaseModel):
    """What people say and what the framework calls it, per language of what people say.

    `silent` words are never searched for; `generic` ones only as long as something is found with them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    silent: Mapping[str, tuple[str, ...]] = {}
    generic: Mapping[str, tuple[str, ...]] = {}
    words: Mapping[str, Mapping[str, tuple[str, ...]]] = {}


@dataclass(frozen=True, slots=True)
class Hit:
    """A cell that holds all the words, the clause that holds most of them, and how the weakest word was matched."""

    cell: Cell
    clause: Clause
    how: How
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, best first, at most as many as asked for; `total` counts all of them.

    `repaired` are typos (as typed, as understood), `dropped` generic words left out because nothing holds them too.
    """

    hits: tuple[Hit, ...] = ()
    repaired: tuple[tuple[str, str], ...] = ()
    dropped: tuple[str, ...] = ()
    total: int = 0


class Index:
    """An inverted index over every clause of a matrix, built once."""

    def __init__(self, matrix: Matrix, glossary: Glossary) -> None:
        self._matrix = matrix
        self._glossary = glossary

    def find(self, words: str, *, role: str | None = None, level: str | None = None, limit: int = 40) -> Found:
        """The cells that hold every word, best first; nothing when they do not."""
        return Found()
