"""What may be shown of a team, so that no number tells about one person. Nothing exact leaves this module but `basis`.

Every number is a step: a multiple of the minimum group, at least so many people, never less than the group. Where a
step begins is a secret of the workspace, so that even who knows everybody's answer but one cannot tell on which side
of it the last one is. A number stands until its count has moved on by a secret number of people, never by one alone:
otherwise many posts would show where the step begins. The numbers of a whole leave some of it untold, and a rung
without a number of its own tells nothing of its clauses.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from content.matrix import Matrix
from handlers.team_records import LEAST, Figures, Reading, Rung, Tally

PARTS = ("open", "done", "work")
"""The parts of a clause in the order in which they may be shown: what is to be done matters most to a team."""


class Why(StrEnum):
    """Why a page has the numbers it has, or none."""

    FRESH = "fresh"
    REPEATED = "repeated"
    """Too few have changed something since the latest reading; its numbers stand."""
    SMALL = "small"
    """Fewer people than the minimum group agreed."""
    ALIKE = "alike"
    """Another team has nearly the same people."""
    NOTHING = "nothing"
    """There are enough people, but no number that may be shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The figures to show and why these. Without numbers the page holds the framework only.

    None are no reading; others are written down before anybody sees them, also when there is no number in them.
    """

    why: Why
    figures: Figures | None = None


def read(tally: Tally, latest: Reading | None, secret: bytes, matrix: Matrix, least: int) -> Shown:
    """What of a team may be shown now, after the latest reading that anybody has seen."""
    group = max(least, LEAST)
    if tally.total < group:
        return Shown(Why.SMALL)
    if tally.alike:
        return Shown(Why.ALIKE)
    last = coarser(latest.figures, group) if latest else None
    repeats = last is not None and tally.changed < group
    found = last if last and repeats else figures(tally, secret, matrix, group, last)
    if found.is_empty:
        return Shown(Why.NOTHING, found)
    return Shown(Why.REPEATED if repeats else Why.FRESH, found)


def coarser(seen: Figures, least: int) -> Figures:
    """The same figures in steps of this group, which may have been set higher since."""
    group = max(least, LEAST)
    return Figures(
        seen.size // group * group,
        {rung: number for rung, people in seen.rungs.items() if (number := people // group * group)},
        {
            cell: (done, work, still)
            for cell, parts in seen.clauses.items()
            for done, work, still in [[number // group * group for number in parts]]
            if done or work or still
        },
        seen.round,
        seen.basis,
    )


def figures(tally: Tally, secret: bytes, matrix: Matrix, least: int, last: Figures | None = None) -> Figures:
    """The figures of a tally; `last` are those that were seen before, of the same team."""
    steps = Steps(secret, max(least, LEAST))
    before, basis = last or Figures(), last and (last.basis or Figures())
    was = (before.size, basis.size) if basis else None
    size = steps.number(("size",), steps.offset("size"), tally.total, was)
    rungs: dict[Rung, tuple[int, int]] = {}
    clauses: dict[tuple[Rung, str], list[tuple[int, int]]] = {}
    untold = tally.total - steps.margin
    for rung in _rungs(matrix):
        was = (before.rungs.get(rung, 0), basis.rungs.get(rung, 0)) if basis else None
        rungs[rung] = steps.rung(rung, max(0, min(tally.people.get(rung, 0), untold)), was)
        number = rungs[rung][0]
        if not number:
            continue
        untold -= number + steps.rest
        for cell in matrix.column(rung.role, rung.level):
            for clause in cell.clauses:
                counts = tally.clauses.get((rung, clause.id), (0, 0))
                old = _pairs(before.clauses, basis.clauses, (rung, clause.id)) if basis else None
                clauses[rung, clause.id] = steps.parts(clause.id, counts, number, old)
    return Figures(
        size[0],
        {rung: shown for rung, (shown, _) in rungs.items() if shown},
        {key: _three(parts, 0) for key, parts in clauses.items() if any(shown for shown, _ in parts)},
        before.round + 1,
        Figures(
            size[1],
            {rung: count for rung, (_, count) in rungs.items() if count},
            {key: _three(parts, 1) for key, parts in clauses.items() if any(count for _, count in parts)},
        ),
    )


@dataclass(frozen=True, slots=True)
class Steps:
    """Counts into numbers, by a secret and a minimum group."""

    secret: bytes
    group: int

    @property
    def margin(self) -> int:
        """How many people of a whole its numbers leave untold, at least."""
        return self.group // 2

    @property
    def rest(self) -> int:
        """How many people more than its number a rung has, at least, whenever that moves."""
        return self.margin + 1

    def offset(self, *cell: str) -> int:
        """How far behind its beginning a step is shown: 1 to the group, so that one person more is always there."""
        return 1 + self._drawn("offset", *cell)

    def offsets(self, clause: str) -> dict[str, int]:
        """The offsets of the parts of a clause; never all of them at the end, which would tell the most each can be."""
        drawn = {part: self.offset(clause, part) for part in PARTS}
        if sum(drawn.values()) > len(PARTS) * self.group - self.margin:
            return {part: self.group + 1 - offset for part, offset in drawn.items()}
        return drawn

    def gate(self, cell: tuple[str, ...], basis: int) -> int:
        """By how many people a count must have moved before its number may: 2 to the group and one."""
        return 2 + self._drawn("gate", *cell, str(basis))

    def number(
        self, cell: tuple[str, ...], offset: int, count: int, last: tuple[int, int] | None = None
    ) -> tuple[int, int]:
        """The number of a count, and the count it moved at; `last` has both from before. It is never over the count."""
        if last and last[0] <= count and abs(count - last[1]) < self.gate(cell, last[1]):
            return last
        return max(0, (count - offset) // self.group * self.group), count

    def rung(self, rung: Rung, people: int, last: tuple[int, int] | None = None) -> tuple[int, int]:
        """The number of a rung, and how many people it had when that moved."""
        key = (rung.role, rung.level)
        stands = last is not None and (not last[0] or last[0] + self.margin <= people)
        if last and stands and abs(people - last[1]) < self.gate(key, last[1]):
            return last
        return max(0, (people - self.margin - self.offset(*key)) // self.group * self.group), people

    def parts(
        self, clause: str, counts: tuple[int, int], number: int, last: list[tuple[int, int]] | None = None
    ) -> list[tuple[int, int]]:
        """The numbers of done, in work and open of a clause, each with the count it moved at.

        `counts` are done and in work, `number` is that of the rung. A clause goes by it, not by how many people there
        are: clauses that nobody has touched are open for all, and many of them would tell how many that is. Together
        the numbers leave `margin` people untold.
        """
        before = dict(zip(("done", "work", "open"), last or (None, None, None), strict=True))
        offsets = self.offsets(clause)
        cells = {"open": number + self.rest - sum(counts), "done": counts[0], "work": counts[1]}
        untold = number + self.rest
        found: dict[str, tuple[int, int]] = {}
        for part in PARTS:
            found[part] = self.number((clause, part), offsets[part], max(0, min(cells[part], untold)), before[part])
            untold = min(untold, number + 1) - told(found[part][0])
        return [found["done"], found["work"], found["open"]]

    def _drawn(self, *key: str) -> int:
        drawn = hmac.digest(self.secret, "\0".join(key).encode(), hashlib.sha256)
        return int.from_bytes(drawn[:8], "big") % self.group


def told(number: int) -> int:
    """How many people a number tells of: those it says, and the one more that a step begins with."""
    return number + 1 if number else 0


def _rungs(matrix: Matrix) -> Iterator[Rung]:
    for role in matrix.roles.values():
        for level in role.ladder:
            yield Rung(role.id, level)


Numbers = Mapping[tuple[Rung, str], tuple[int, int, int]]


def _pairs(shown: Numbers, basis: Numbers, key: tuple[Rung, str]) -> list[tuple[int, int]]:
    nothing = (0, 0, 0)
    return list(zip(shown.get(key, nothing), basis.get(key, nothing), strict=True))


def _three(parts: list[tuple[int, int]], which: int) -> tuple[int, int, int]:
    done, work, still = (part[which] for part in parts)
    return done, work, still
