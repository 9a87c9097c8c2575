"""Milestones: one clause of a cell each. Which are open, and which come next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from content.difference import Change, difference
from content.matrix import Cell, Clause, Matrix, Requirement
from handlers.ports import Desk

ENOUGH_SKILLS = 40
"""Skills looked through for a next step; the required ones come first."""


@dataclass(frozen=True, slots=True)
class Step:
    """A clause to work on, its cell, and how it goes beyond the person's level (None at the level itself)."""

    clause: Clause
    cell: Cell
    change: Change | None = None


def find(matrix: Matrix, clause_id: str) -> Step | None:
    """The milestone with this id, or None when the framework has it no more."""
    skill, _, rest = clause_id.partition("/")
    role, _, rest = rest.partition("/")
    level = rest.partition("/")[0]
    cell = matrix.cell(skill, role, level)
    for clause in cell.clauses if cell else ():
        if clause.id == clause_id and cell:
            return Step(clause, cell)
    return None


def open_at(matrix: Matrix, role: str, level: str, done: frozenset[str]) -> Iterator[Step]:
    """What is not done at a level, required cells first."""
    for cell in _required_first(matrix, role, level):
        for clause in cell.clauses:
            if clause.id not in done:
                yield Step(clause, cell)


def next_steps(desk: Desk, role: str, level: str, done: frozenset[str], most: int) -> tuple[Step, ...]:
    """At most `most` milestones to work on.

    Who has begun to tick off the own level, or is at the top, goes on there; everybody else is shown what the
    next level asks beyond the own: what builds on something before what is new.
    """
    matrix = desk.matrix
    above = matrix.roles[role].above(level)
    begun = any(clause.id in done for cell in matrix.column(role, level) for clause in cell.clauses)
    here = tuple(islice(open_at(matrix, role, level, done), most)) if begun or not above else ()
    beyond = _beyond(desk, role, level, above, done, most) if above else ()
    return (*here, *beyond)[:most] or tuple(islice(open_at(matrix, role, level, done), most))


def _beyond(desk: Desk, role: str, level: str, above: str, done: frozenset[str], most: int) -> tuple[Step, ...]:
    deeper: list[Step] = []
    new: list[Step] = []
    for upper in _required_first(desk.matrix, role, above)[:ENOUGH_SKILLS]:
        lower = desk.matrix.cell(upper.skill, role, level)
        changes = (
            difference(lower, upper, desk.scales)
            if lower
            else tuple(Change("new", None, clause) for clause in upper.clauses)
        )
        for change in changes:
            if change.after and change.after.id not in done and change.kind != "unchanged":
                (deeper if change.kind == "deeper" else new).append(Step(change.after, upper, change))
        if len(deeper) >= most:
            break
    return (*deeper, *new)[:most]


def _required_first(matrix: Matrix, role: str, level: str) -> list[Cell]:
    return sorted(matrix.column(role, level), key=lambda cell: cell.requirement is not Requirement.REQUIRED)


def count(matrix: Matrix, role: str, level: str, done: frozenset[str]) -> tuple[int, int]:
    """How many milestones of a level are done, and how many there are."""
    ids = [clause.id for cell in matrix.column(role, level) for clause in cell.clauses]
    return sum(one in done for one in ids), len(ids)
