"""The skills matrix: skills × roles × levels, validated by the loader and frozen here."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property


class Requirement(StrEnum):
    """Whether a cell must be met; frameworks may leave it open."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    UNSTATED = "unstated"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a text comes from: the page's title, the framework's version and date."""

    title: str
    version: str
    date: datetime.date


@dataclass(frozen=True, slots=True)
class Localized:
    """A text in one or more languages; `language` is the one it was written in."""

    language: str
    texts: Mapping[str, str]

    def best(self, language: str) -> tuple[str, str]:
        """The text in `language`, or else in its own, with the language it is in."""
        if language in self.texts:
            return self.texts[language], language
        return self.texts[self.language], self.language

    def __hash__(self) -> int:
        return hash((self.language, tuple(self.texts.items())))


@dataclass(frozen=True, slots=True)
class Named:
    """Something people call by a name or by one of its nicknames (language → nicknames)."""

    id: str
    name: Localized
    nicknames: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Level(Named):
    """A rung of a ladder, such as *Senior*."""


@dataclass(frozen=True, slots=True)
class Role(Named):
    """A role with its own ladder: level ids, lowest first."""

    ladder: tuple[str, ...] = ()

    def rank(self, level: str) -> int:
        """The level's place on this role's ladder, 0 = lowest. ValueError when it is not on it."""
        return self.ladder.index(level)

    def above(self, level: str) -> str | None:
        """The next level up, or None at the top."""
        rank = self.rank(level) + 1
        return self.ladder[rank] if rank < len(self.ladder) else None

    def below(self, level: str) -> str | None:
        """The next level down, or None at the bottom."""
        rank = self.rank(level) - 1
        return self.ladder[rank] if rank >= 0 else None


@dataclass(frozen=True, slots=True)
class Skill(Named):
    """A skill, its place in the framework, and one line about it."""

    domain: str = ""
    group: str = ""
    about: Localized | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing a cell asks for; its id survives re-import and small edits.

    The id is `skill/role/level/key`. `text` is the fragment exactly as it stands in the cell.
    """

    id: str
    text: Localized

    @property
    def wording(self) -> str:
        """The text in the language it was written in."""
        return self.text.texts[self.text.language]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one level of one role asks for in one skill."""

    skill: str
    role: str
    level: str
    requirement: Requirement
    clauses: tuple[Clause, ...]
    source: Source

    @property
    def id(self) -> str:
        """What the ids of its clauses begin with."""
        return f"{self.skill}/{self.role}/{self.level}"

    def text(self, language: str) -> tuple[str, str]:
        """The whole text word for word, in `language` where every clause has it, and its language."""
        parts = [clause.text.best(language) for clause in self.clauses]
        if any(own != parts[0][1] for _, own in parts):
            parts = [clause.text.best(clause.text.language) for clause in self.clauses]
        return " ".join(text for text, _ in parts), parts[0][1]


@dataclass(frozen=True)
class Matrix:
    """The whole framework. Dictionaries keep the order of the files."""

    name: str
    language: str
    levels: Mapping[str, Level]
    roles: Mapping[str, Role]
    skills: Mapping[str, Skill]
    cells: Mapping[tuple[str, str, str], Cell]

    def cell(self, skill: str, role: str, level: str) -> Cell | None:
        """The cell, or None where the framework says nothing."""
        return self.cells.get((skill, role, level))

    def column(self, role: str, level: str) -> tuple[Cell, ...]:
        """Every cell of one role at one level, in the order of the skills."""
        return self._columns.get((role, level), ())

    def required_first(self, role: str, level: str) -> tuple[Cell, ...]:
        """Every cell of one role at one level: what is required first, each part in the order of the skills."""
        return tuple(sorted(self.column(role, level), key=lambda cell: cell.requirement is not Requirement.REQUIRED))

    def ladder(self, skill: str, role: str) -> tuple[Cell, ...]:
        """The cells of one skill for one role, lowest level first; levels without a cell are left out."""
        found = (self.cell(skill, role, level) for level in self.roles[role].ladder)
        return tuple(cell for cell in found if cell)

    def clauses(self) -> Iterator[tuple[Cell, Clause]]:
        """Every clause with its cell."""
        for cell in self.cells.values():
            for clause in cell.clauses:
                yield cell, clause

    def wording(self) -> dict[str, str]:
        """What the framework says: the words of each clause and the requirement of each cell, by their ids."""
        said = {clause.id: clause.wording for _, clause in self.clauses()}
        return said | {cell.id: str(cell.requirement) for cell in self.cells.values()}

    @cached_property
    def edition(self) -> str:
        """A fingerprint of the wording: the same for the same words, in whatever order they stand."""
        said = json.dumps(self.wording(), sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    @cached_property
    def only_skill(self) -> str | None:
        """The one skill, when the framework has just one: nobody then needs to name it."""
        return next(iter(self.skills)) if len(self.skills) == 1 else None

    @cached_property
    def _columns(self) -> dict[tuple[str, str], tuple[Cell, ...]]:
        columns: dict[tuple[str, str], list[Cell]] = {}
        for cell in self.cells.values():
            columns.setdefault((cell.role, cell.level), []).append(cell)
        return {key: tuple(cells) for key, cells in columns.items()}
