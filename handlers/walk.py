"""The rules of the walk to one's level: what is asked at each level, which way it goes on, and where it ends."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from itertools import chain, islice, pairwise, zip_longest

from content.difference import Scales, difference
from content.matrix import Cell, Matrix, Requirement
from handlers.milestones import Step
from handlers.records import Milestone, State

MOST_ASKED = 8
"""Clauses asked about at one level: a few minutes' worth."""


HOLDS_FROM, LACKS_BELOW = Fraction(3, 4), Fraction(2, 5)
"""The shares of all that counts at a level from which it holds, and below which it does not; `level.how` says so."""


class Verdict(Enum):
    """What the answers say of a level."""

    HOLDS = "holds"
    BETWEEN = "between"
    LACKS = "lacks"


Questions = Mapping[str, tuple[Step, ...]]
"""What is asked at each level of a role's ladder, lowest first; nothing where the framework says nothing."""


def questions(matrix: Matrix, role: str) -> Questions:
    """The same questions for everybody, so that a walk can be gone on with at any time."""
    skills = _spread(matrix)
    return {level: _at_level(matrix, role, level, skills) for level in matrix.roles[role].ladder}


def _spread(matrix: Matrix) -> tuple[str, ...]:
    """The skills, neighbours from different groups, so that the first few speak of all that a role does."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for skill in matrix.skills.values():
        groups[skill.domain, skill.group].append(skill.id)
    return tuple(one for one in chain.from_iterable(zip_longest(*groups.values())) if one)


def _at_level(matrix: Matrix, role: str, level: str, skills: tuple[str, ...]) -> tuple[Step, ...]:
    """Required cells before others, one clause of each before a second one of any; a skill's clauses together."""
    cells = [cell for skill in skills if (cell := matrix.cell(skill, role, level))]
    kinds = [[cell for cell in cells if (cell.requirement is Requirement.REQUIRED) is kind] for kind in (True, False)]
    picked = list(islice(chain.from_iterable(_in_turn(kind) for kind in kinds), MOST_ASKED))
    order = {cell.id: place for place, cell in enumerate(chain.from_iterable(kinds))}
    return tuple(sorted(picked, key=lambda step: (order[step.cell.id], step.cell.clauses.index(step.clause))))


def _in_turn(cells: list[Cell]) -> Iterator[Step]:
    for clauses in zip_longest(*(cell.clauses for cell in cells)):
        yield from (Step(clause, cell) for clause, cell in zip(clauses, cells, strict=True) if clause)


@dataclass(frozen=True, slots=True)
class Walk:
    """The questions of a role, and what a person has said about clauses so far."""

    role: str
    questions: Questions
    said: Mapping[str, Milestone]

    @property
    def ladder(self) -> tuple[str, ...]:
        """All levels, lowest first."""
        return tuple(self.questions)

    @property
    def asked(self) -> tuple[str, ...]:
        """The levels that there is something to ask about, lowest first."""
        return tuple(level for level, steps in self.questions.items() if steps)

    def state(self, step: Step) -> State | None:
        """What was answered, or None."""
        said = self.said.get(step.clause.id)
        return said.state if said else None

    def open(self, level: str) -> tuple[Step, ...]:
        """What is still to be asked at a level."""
        return tuple(step for step in self.questions[level] if self.state(step) is None)

    def answered(self, level: str) -> tuple[Step, ...]:
        """What has been answered at a level."""
        return tuple(step for step in self.questions[level] if self.state(step) is not None)

    def verdict(self, level: str) -> Verdict | None:
        """Whether a level holds; None while something is open there, or when all of it was skipped.

        A required clause weighs twice; "partly" and what is in work are half a yes; what was skipped does not count.
        """
        if self.open(level):
            return None
        worth = {State.DONE: 2, State.WORKING: 1, State.PARTLY: 1, State.NOT_YET: 0}
        most = got = 0
        for step in self.questions[level]:
            state = self.state(step)
            if state in worth:
                weight = 2 if step.cell.requirement is Requirement.REQUIRED else 1
                most += 2 * weight
                got += worth[state] * weight
        if not most:
            return None
        if got >= HOLDS_FROM * most:
            return Verdict.HOLDS
        return Verdict.LACKS if got < LACKS_BELOW * most else Verdict.BETWEEN

    def next_level(self, start: str) -> str | None:
        """The level to ask about, seen from `start`: up while levels hold, down while they do not.

        None when the answers say enough.
        """
        place, way = self.asked.index(self.nearest(start)), 0
        while 0 <= place < len(self.asked):
            level = self.asked[place]
            if self.open(level):
                return level
            verdict = self.verdict(level)
            step = 1 if verdict is Verdict.HOLDS else -1 if verdict is Verdict.LACKS else 0
            if not step or step == -way:
                return None
            way = step
            place += step
        return None

    def nearest(self, level: str) -> str:
        """The level itself, or the nearest one that there is something to ask about. ValueError when there is none."""
        place = self.ladder.index(level)
        return min(self.asked, key=lambda one: abs(self.ladder.index(one) - place))

    def begun(self) -> str | None:
        """Where the person stopped: of the levels that are answered in part, the one of the latest answer."""
        found = [level for level in self.asked if self.open(level) and self.answered(level)]
        return max(found, key=self.since, default=None)

    def latest(self) -> str | None:
        """The level of the latest answer."""
        return max((level for level in self.asked if self.answered(level)), key=self.since, default=None)

    def since(self, level: str) -> datetime.datetime:
        """When the latest answer at a level was given; ValueError when there is none."""
        return max(self.said[step.clause.id].since for step in self.answered(level))

    def likely(self) -> tuple[str, ...]:
        """The likely levels, lowest first; empty when no level is answered.

        They begin just below the first level that does not hold, and end with the highest one that holds in part.
        """
        verdicts = ((place, self.verdict(level)) for place, level in enumerate(self.ladder))
        told = {place: verdict for place, verdict in verdicts if verdict}
        if not told:
            return ()
        lacking = [place for place, verdict in told.items() if verdict is not Verdict.HOLDS]
        lowest = max(min(lacking) - 1, 0) if lacking else max(told)
        highest = max((place for place, verdict in told.items() if verdict is not Verdict.LACKS), default=lowest)
        return self.ladder[lowest : max(lowest, highest) + 1]

    def contradiction(self, scales: Scales) -> tuple[Step, Step] | None:
        """A "not yet" and a "yes" one level higher to more of the same, unless both were said to be right."""
        for below, above in pairwise(self.ladder):
            lower = [step for step in self.answered(below) if self._contradicts(step)]
            upper = [step for step in self.answered(above) if self.state(step) is State.DONE]
            for one in lower:
                for other in upper:
                    if one.cell.skill == other.cell.skill and _deepens(one, other, scales):
                        return one, other
        return None

    def _contradicts(self, step: Step) -> bool:
        said = self.said[step.clause.id]
        return said.state is State.NOT_YET and said.checked is None


def _deepens(lower: Step, upper: Step, scales: Scales) -> bool:
    return any(
        change.before is lower.clause and change.after is upper.clause
        for change in difference(lower.cell, upper.cell, scales)
    )
