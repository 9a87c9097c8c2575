"""A made-up team through its weeks, the posts about it, and an attacker who knows everything but one person."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product

from handlers.team_figures import Shown, Steps, Why, read, told
from handlers.team_records import Figures, Reading, Rung, Tally
from tests.matrices import matrix

MATRIX = matrix(1, 1, 3, clauses=2)
ROLE = next(iter(MATRIX.roles))
RUNGS = tuple(Rung(ROLE, level) for level in MATRIX.roles[ROLE].ladder)
CLAUSES = {
    rung: [clause.id for cell in MATRIX.column(rung.role, rung.level) for clause in cell.clauses] for rung in RUNGS
}
NOW = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)

Answer = tuple[Rung | None, tuple[str, ...]]
"""What one person adds: their rung, and open, work or done for each clause of it."""


def tally(people: dict[int, Answer], seen: dict[int, Answer]) -> Tally:
    """The exact counts of people, and how many add something else than was `seen`."""
    clauses: dict[tuple[Rung, str], Counter[str]] = {}
    for rung, answers in people.values():
        for clause, part in zip(CLAUSES.get(rung, []), answers, strict=False):  # type: ignore[arg-type]
            clauses.setdefault((rung, clause), Counter())[part] += 1  # type: ignore[index]
    changed = sum(people.get(one) != seen.get(one) for one in people.keys() | seen.keys())
    return Tally(
        Counter(rung for rung, _ in people.values()),
        {key: (parts["done"], parts["work"]) for key, parts in clauses.items()},
        changed,
    )


@dataclass
class World:
    """A team whose people join, leave, change level and answer by chance; person 0 is the one the attacker lacks."""

    chance: random.Random
    size: int
    least: int
    secret: bytes
    people: dict[int, Answer] = field(default_factory=dict)
    seen: dict[int, Answer] = field(default_factory=dict)
    latest: Reading | None = None
    number: int = 0

    def __post_init__(self) -> None:
        self.lean = self.chance.choice((0.1, 0.4, 0.8))
        for _ in range(self.size):
            self._join()

    def _join(self) -> None:
        rung = self.chance.choices((RUNGS[0], RUNGS[1], None), (0.8, 0.15, 0.05))[0]
        parts = self.chance.choices(("done", "work", "open"), (self.lean, 0.1, 0.9 - self.lean), k=2)
        self.people[self.number] = (rung, tuple(parts) if rung else ())
        self.number += 1

    def week(self, busy: float = 0.5) -> None:
        """A week passes: some tick milestones off or take them up, and now and then one comes, goes or rises."""
        for one, (rung, answers) in list(self.people.items()):
            if self.chance.random() > busy:
                continue
            kind = self.chance.random()
            if kind < 0.08:
                del self.people[one]
            elif kind < 0.16:
                place = RUNGS.index(rung) if rung else -1
                self.people[one] = (RUNGS[min(place + 1, len(RUNGS) - 1)], ("open", "open"))
            elif answers:
                place = self.chance.randrange(len(answers))
                part = self.chance.choice(("done", "done", "work", "open"))
                self.people[one] = (rung, (*answers[:place], part, *answers[place + 1 :]))
        for _ in range(self.chance.choice((0, 0, 1, 1, 2))):
            self._join()

    def post(self) -> tuple[Tally, Shown]:
        """What a post says now; fresh figures are written down."""
        counted = tally(self.people, self.seen)
        shown = read(counted, self.latest, self.secret, MATRIX, self.least)
        if shown.figures is not None and (self.latest is None or shown.figures != self.latest.figures):
            self.latest = Reading(1, NOW, shown.figures, "U1", "C1", "posted")
            self.seen = dict(self.people)
        return counted, shown


STATES = ("away", "open", "work", "done")
"""Where the one whom the attacker lacks may be with a clause: not in the team, or with one of its parts."""


NOTHING = -1
"""For a count of which nothing is said, as the rung has no number."""


@dataclass(frozen=True)
class Week:
    """What the attacker sees of a week: the others' counts in the rung, how many others changed, and the post.

    `others` are those in work, done and open; `size` the other people in the team.
    """

    size: int
    others: dict[str, int]
    changed: int
    fresh: bool
    shown: Figures
    last: int


def histories(
    weeks: Sequence[Week], group: int, rung: Rung, clause: str, stolen: bytes | None = None
) -> Iterator[tuple[str, ...]]:
    """The histories of the missing person that fit every post, whatever the secret may be.

    The attacker knows the rules, and all others' histories. Each number has its offset and its gates, independent of
    the others', so that a history fits when each number can come from it. With a `stolen` secret the offsets are known.
    """
    margin = group // 2
    steps = Steps(stolen, group) if stolen else None
    known = steps and steps.offsets(clause) | {
        "size": steps.offset("size"),
        "rung": margin + steps.offset(rung.role, rung.level),
    }
    fresh = [place for place, week in enumerate(weeks) if week.fresh]

    @cache
    def fits(part: str, counts: tuple[int, ...]) -> bool:
        numbers = [_shown(weeks[place].shown, part, rung, clause) for place in fresh]
        offsets = [known[part]] if known else range(1, group + 1)
        if part == "rung" and not known:
            offsets = range(margin + 1, margin + group + 1)
        rest = margin if part == "rung" else 0
        return any(_comes(counts, tuple(numbers), group, offset, rest) for offset in offsets)

    for path in product(STATES, repeat=len(weeks)):
        if not _waits(weeks, path, group):
            continue
        there = [path[place] != "away" for place in fresh]
        sizes = [weeks[place].size + on for place, on in zip(fresh, there, strict=True)]
        rungs = [sum(weeks[place].others.values()) + on for place, on in zip(fresh, there, strict=True)]
        capped = [max(0, min(people, size - margin)) for people, size in zip(rungs, sizes, strict=True)]
        if not fits("size", tuple(sizes)) or not fits("rung", tuple(capped)):
            continue
        levels = [weeks[place].shown.rungs.get(rung, 0) for place in fresh]
        untold = [number + margin + 1 for number in levels]
        for part in ("open", "done", "work"):
            counts = [
                max(0, min(_count(weeks[place], part, path[place], number + margin + 1), most)) if number else NOTHING
                for place, number, most in zip(fresh, levels, untold, strict=True)
            ]
            if not fits(part, tuple(counts)):
                break
            untold = [
                min(most, number + 1) - told(_shown(weeks[place].shown, part, rung, clause))
                for place, number, most in zip(fresh, levels, untold, strict=True)
            ]
        else:
            yield path


def _count(week: Week, part: str, state: str, whole: int) -> int:
    if part != "open":
        return week.others[part] + (state == part)
    return whole - sum(_count(week, each, state, whole) for each in ("done", "work"))


def _waits(weeks: Sequence[Week], path: tuple[str, ...], group: int) -> bool:
    """Whether the posts were fresh or repeated as they would be with this history."""
    for place, week in enumerate(weeks):
        if week.last < 0:
            continue
        if (week.changed + (path[place] != path[week.last]) >= group) != week.fresh:
            return False
    return True


def _shown(figures: Figures, part: str, rung: Rung, clause: str) -> int:
    match part:
        case "size":
            return figures.size
        case "rung":
            return figures.rungs.get(rung, 0)
        case _:
            return figures.clauses.get((rung, clause), (0, 0, 0))[("done", "work", "open").index(part)]


def _comes(counts: tuple[int, ...], numbers: tuple[int, ...], group: int, offset: int, rest: int) -> bool:
    """Whether counts give these numbers with an offset and some gates; a gate is the same for the same basis."""

    def on(place: int, last: tuple[int, int] | None, gates: dict[int, int]) -> bool:
        if place == len(counts):
            return True
        count, number = counts[place], numbers[place]
        if count == NOTHING:
            return number == 0 and on(place + 1, (0, 0), gates)
        for gate in [gates[last[1]]] if last and last[1] in gates else range(2, group + 2) if last else [0]:
            known = gates | {last[1]: gate} if last else gates
            stays = last and not 0 < last[0] > count - rest and abs(count - last[1]) < gate
            now = last if last and stays else (max(0, (count - offset) // group * group), count)
            if now[0] == number and on(place + 1, now, known):
                return True
        return False

    return on(0, None, {})


def watch(world: World, weeks: int, clause: int = 0) -> tuple[list[Week], list[str]]:
    """Some weeks of a team as the attacker sees them, and how it stood with person 0 in truth."""
    seen: list[Week] = []
    truth: list[str] = []
    before: dict[int, Answer] = {}
    last = -1
    for place in range(weeks):
        if place:
            world.week()
        rung, answers = world.people.get(0, (None, ()))
        # Of person 0 only the one clause is unknown: in the first rung, or not in the team at all.
        if 0 in world.people and rung != RUNGS[0]:
            del world.people[0]
        elif 0 in world.people:
            world.people[0] = (rung, tuple(part if each == clause else "open" for each, part in enumerate(answers)))
        others = {one: answer for one, answer in world.people.items() if one}
        _, shown = world.post()
        if shown.why is Why.SMALL or len(others) < world.least:
            break
        changed = sum(others.get(one) != before.get(one) for one in others.keys() | before.keys())
        counts = Counter(answers[clause] for rung, answers in others.values() if rung == RUNGS[0])
        assert shown.figures is not None
        parts = {part: counts[part] for part in ("open", "work", "done")}
        state = world.people[0][1][clause] if 0 in world.people else "away"
        fresh = last < 0 or changed + (state != truth[last]) >= world.least
        seen.append(Week(len(others), parts, changed, fresh, shown.figures, last))
        truth.append(state)
        if fresh:
            last, before = place, others
    return seen, truth
