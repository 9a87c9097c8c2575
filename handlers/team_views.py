"""Figures of a team in order for a page or a file: topics, what moved, skills by level; no exact counts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from content.matrix import Cell, Clause, Matrix
from handlers.team_records import Figures, Rung

MOST_TOPICS = 3

FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection")."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A milestone that at least so many people of a rung have open."""

    clause: Clause
    cell: Cell
    open: int

    @property
    def rung(self) -> Rung:
        """Whose milestone it is."""
        return Rung(self.cell.role, self.cell.level)


@dataclass(frozen=True, slots=True)
class Moved:
    """A number that is another than before: the size, of a rung, or of a part of a clause; 0 is not shown."""

    before: int
    after: int
    rung: Rung | None = None
    clause: str | None = None
    part: Literal["done", "work", "open"] | None = None


@dataclass(frozen=True, slots=True)
class Heat:
    """Skills by rung: at least how many people have something of the skill open, 0 where nothing is shown."""

    rungs: tuple[Rung, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """What is shown of one clause of a rung; 0 where nothing is."""

    clause: Clause
    cell: Cell
    done: int
    work: int
    open: int


def topics(figures: Figures, matrix: Matrix, most: int = MOST_TOPICS) -> tuple[Topic, ...]:
    """The milestones that most people have open; those of the same number in the order of the framework."""
    found = [Topic(line.clause, line.cell, line.open) for line in lines(figures, matrix) if line.open]
    return tuple(sorted(found, key=lambda topic: -topic.open)[:most])


def moved(before: Figures, after: Figures) -> tuple[Moved, ...]:
    """The numbers that rose or fell from one reading to the next: the size, rungs, then clauses."""
    size = Moved(before.size, after.size)
    rungs = (
        Moved(before.rungs.get(rung, 0), after.rungs.get(rung, 0), rung)
        for rung in sorted(before.rungs.keys() | after.rungs.keys())
    )
    return tuple(one for one in chain([size], rungs, _moved_parts(before, after)) if one.before != one.after)


def _moved_parts(before: Figures, after: Figures) -> Iterator[Moved]:
    nothing = (0, 0, 0)
    for key in sorted(before.clauses.keys() | after.clauses.keys()):
        was, now = before.clauses.get(key, nothing), after.clauses.get(key, nothing)
        yield Moved(was[0], now[0], *key, "done")
        yield Moved(was[1], now[1], *key, "work")
        yield Moved(was[2], now[2], *key, "open")


def heat(figures: Figures, matrix: Matrix) -> Heat:
    """The rungs and skills of which something is shown, in the order of the framework."""
    open_: dict[tuple[str, Rung], int] = {}
    for line in lines(figures, matrix):
        key = (line.cell.skill, Rung(line.cell.role, line.cell.level))
        open_[key] = max(line.open, open_.get(key, 0))
    rungs = tuple(dict.fromkeys(rung for _, rung in open_))
    skills = [skill for skill in matrix.skills if any((skill, rung) in open_ for rung in rungs)]
    return Heat(rungs, tuple((skill, tuple(open_.get((skill, rung), 0) for rung in rungs)) for skill in skills))


def lines(figures: Figures, matrix: Matrix) -> Iterator[Line]:
    """The clauses of which something is shown, in the order of the framework."""
    shown = {rung for rung, _ in figures.clauses}
    for role in matrix.roles.values():
        for rung in (Rung(role.id, level) for level in role.ladder):
            if rung not in shown:
                continue
            for cell in matrix.column(rung.role, rung.level):
                for clause in cell.clauses:
                    if (rung, clause.id) in figures.clauses:
                        yield Line(clause, cell, *figures.clauses[rung, clause.id])


def csv_text(rows: Iterable[Sequence[str | int]]) -> str:
    """Rows as CSV (RFC 4180) that no spreadsheet takes for formulas; a number 0 is left empty: it is not shown."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in rows:
        writer.writerow([_plain(value) if isinstance(value, str) else value or "" for value in row])
    return out.getvalue()


def _plain(words: str) -> str:
    return f"'{words}" if words.lstrip().startswith(FORMULA) else words
