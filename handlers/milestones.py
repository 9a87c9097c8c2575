"""Milestones: one clause of a cell each. Which are open, in work or done, and which come next."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from content.difference import Change, difference
from content.matrix import Cell, Clause, Matrix, Requirement
from handlers.ports import Desk
from handlers.records import Known, Milestone, Profile, State

AT_ONCE = 40
"""Skills that are put in order together for the next steps; the required ones come first."""

CHECKED_AFTER = tuple(datetime.timedelta(weeks=weeks) for weeks in (1, 4, 12))
"""How long after a milestone was done it is asked whether it is still true."""


@dataclass(frozen=True, slots=True)
class Step:
    """A clause to work on, its cell, and how it goes beyond the person's level (None at the level itself)."""

    clause: Clause
    cell: Cell
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Sorted:
    """The milestones of a level by state, each in the order of the framework; of the open ones "partly" comes first."""

    working: tuple[Step, ...]
    open: tuple[Step, ...]
    done: tuple[Step, ...]

    def __iter__(self) -> Iterator[Step]:
        return chain(self.working, self.open, self.done)


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


def own_rung(matrix: Matrix, profile: Profile) -> tuple[str | None, str | None]:
    """Role and level of a profile, as far as the framework still knows them together."""
    role = profile.role if profile.role in matrix.roles else None
    level = profile.level if profile.level in matrix.levels else None
    if role and level and level not in matrix.roles[role].ladder:
        level = None
    return role, level


def in_state(matrix: Matrix, known: Known, state: State) -> tuple[Step, ...]:
    """The milestones in a state, newest first, but for those the framework has dropped."""
    newest = sorted(known.in_state(state), key=lambda clause: (known.milestones[clause].since, clause), reverse=True)
    return tuple(step for clause in newest if (step := find(matrix, clause)))


_APART = (State.WORKING, State.PARTLY, State.DONE)
"""The states by which milestones are told apart; all others are open."""


def by_state(matrix: Matrix, role: str, level: str, known: Known) -> Sorted:
    """The milestones of a level: in work, open, done."""
    place = {clause: state for state in _APART for clause in known.in_state(state)}
    found: dict[State | None, list[Step]] = {state: [] for state in (*_APART, None)}
    for cell in matrix.column(role, level):
        for clause in cell.clauses:
            found[place.get(clause.id)].append(Step(clause, cell))
    working, partly, done = (tuple(found[state]) for state in _APART)
    return Sorted(working, (*partly, *found[None]), done)


def next_steps(desk: Desk, role: str, level: str, known: Known) -> Iterator[Step]:
    """What to work on: first what is in work, then what is open."""
    yield from in_state(desk.matrix, known, State.WORKING)
    yield from open_steps(desk, role, level, known)


def open_steps(desk: Desk, role: str, level: str, known: Known) -> Iterator[Step]:
    """What is neither done nor in work at the own level and the next.

    Who has begun to tick off the own level, or is at the top, goes on there; everybody else is shown first what the
    next level asks beyond the own. At a level what is so in part comes first, then what is required, then what builds
    on something done.
    """
    above = desk.matrix.roles[role].above(level)
    here = _open_in_order(desk, role, level, known, beyond=False)
    beyond = _open_in_order(desk, role, above, known, beyond=True) if above else iter(())
    yield from chain(here, beyond) if _has_begun(desk.matrix, role, level, known) else chain(beyond, here)


def _open_in_order(desk: Desk, role: str, level: str, known: Known, *, beyond: bool) -> Iterator[Step]:
    partly = frozenset(one for one in known.in_state(State.PARTLY) if f"/{role}/{level}/" in one)
    taken = known.done | known.in_state(State.WORKING)
    if partly:
        yield from _in_order(desk, role, level, known, taken, partly, beyond=beyond)
    yield from _in_order(desk, role, level, known, taken | partly, None, beyond=beyond)


def _in_order(
    desk: Desk, role: str, level: str, known: Known, taken: frozenset[str], only: frozenset[str] | None, *, beyond: bool
) -> Iterator[Step]:
    """The milestones of a level that are not `taken`, in order; of `only` these."""
    below = desk.matrix.roles[role].below(level)
    held = below is not None and not _has_begun(desk.matrix, role, below, known)
    for start in range(0, len(desk.matrix.column(role, level)), AT_ONCE):
        steps = [
            (step.cell.requirement is not Requirement.REQUIRED, _wait(change, known, held=held), step)
            for step, change in rises(desk, role, level, start)
            if step.clause.id not in taken
            and (only is None or step.clause.id in only)
            and not (beyond and change.kind == "unchanged")
        ]
        for _, _, step in sorted(steps, key=lambda one: one[:2]):
            yield step if beyond else replace(step, change=None)


def rises(desk: Desk, role: str, level: str, start: int = 0) -> tuple[tuple[Step, Change], ...]:
    """The milestones of `AT_ONCE` skills of a level from `start` on, each with the way from what it builds on."""
    return desk.once(("rises", role, level, start), partial(_find_rises, desk, role, level, start))


def _find_rises(desk: Desk, role: str, level: str, start: int) -> tuple[tuple[Step, Change], ...]:
    below = desk.matrix.roles[role].below(level)
    found: list[tuple[Step, Change]] = []
    for upper in desk.matrix.required_first(role, level)[start : start + AT_ONCE]:
        lower = desk.matrix.cell(upper.skill, role, below) if below else None
        changes = (
            difference(lower, upper, desk.scales) if lower else (Change("new", None, one) for one in upper.clauses)
        )
        found += ((Step(change.after, upper, change), change) for change in changes if change.after)
    return tuple(found)


def _wait(change: Change, known: Known, *, held: bool) -> int:
    """How long a clause may wait: 0 when it builds on something done, 2 when on something open.

    With `held`, whoever said nothing of what it builds on can do that.
    """
    if change.before is None:
        return 1
    stands = known.milestones.get(change.before.id)
    return 0 if (stands is None and held) or (stands is not None and stands.state is State.DONE) else 2


def _has_begun(matrix: Matrix, role: str, level: str, known: Known) -> bool:
    done = known.done
    return any(clause.id in done for cell in matrix.column(role, level) for clause in cell.clauses)


def counts_by_requirement(
    matrix: Matrix, role: str, level: str, done: frozenset[str]
) -> dict[Requirement, tuple[int, int]]:
    """How many milestones of a level are done and how many there are, apart for what is required and what is not."""
    counts: dict[Requirement, tuple[int, int]] = {}
    for cell in matrix.column(role, level):
        some, of = counts.get(cell.requirement, (0, 0))
        some += sum(clause.id in done for clause in cell.clauses)
        counts[cell.requirement] = (some, of + len(cell.clauses))
    return {one: counts[one] for one in Requirement if one in counts}


def due_checks(milestones: Iterable[Milestone], now: datetime.datetime) -> tuple[Milestone, ...]:
    """Those that are done and to be asked about: 1, 4 or 12 weeks have passed, and nobody has since. Oldest first."""
    due = [one for one in milestones if one.state is State.DONE and not one.archived and _is_due(one, now)]
    return tuple(sorted(due, key=lambda one: (one.since, one.clause)))


def _is_due(one: Milestone, now: datetime.datetime) -> bool:
    passed = [one.since + after for after in CHECKED_AFTER if one.since + after <= now]
    return bool(passed) and (one.checked is None or one.checked < passed[-1])
