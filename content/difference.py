"""What changes from one cell to another, clause by clause, with the steps in verb and scope."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import Literal

from content.assignment import pair
from content.matrix import Cell, Clause
from content.scales import Reading, Rung, Scale, Scales
from content.tokens import stem, tokens

__all__ = ["Change", "Scale", "Scales", "Step", "difference", "headline_verb"]

_OBJECT = 0.15  # how much more alike two clauses are whose verbs act on the same thing
_DETAIL = 0.5  # a word after a colon or in brackets, against one before
_WHOLE = 0.5  # how alike two clauses are that both speak of the skill as such …
_MOSTLY = 0.6  # … which they do when this share of the head is the subject's own words
_RISING = 0.1  # alike enough to be one topic where the verb or the scope rises …
_LEVEL = 0.2  # … and where neither does
_SAME = 100.0  # the same words: before any other pair


@dataclass(frozen=True, slots=True)
class Step:
    """A step up: the verb (as written) or the scope (by its name) below, and the one above."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one clause; `before` is None when it is new, `after` when it is dropped.

    `unchanged` is the same words, or no more than `before` already says: whoever meets `before` meets `after`.
    `deeper` keeps the topic and asks more of it; without a step in verb or scope it is the detail that grew.
    """

    kind: Literal["new", "deeper", "unchanged", "dropped"]
    before: Clause | None
    after: Clause | None
    verb: Step | None = None
    scope: Step | None = None


def difference(lower: Cell, upper: Cell, scales: Scales) -> tuple[Change, ...]:
    """The changes in the order of the upper cell's clauses, what is dropped last."""
    below, above = ([_read(clause, scales) for clause in cell.clauses] for cell in (lower, upper))
    topics = _Topics(lower, upper, [*below, *above])
    pairs = {b: a for a, b in pair([[topics.alike(one, other) for other in above] for one in below])}
    changes: list[Change] = []
    for n, clause in enumerate(upper.clauses):
        if n not in pairs:
            changes.append(Change("new", None, clause))
            continue
        before, one, other = lower.clauses[pairs[n]], below[pairs[n]], above[n]
        verb, scope = _rise(one.verb, other.verb), _rise(one.scope, other.scope)
        more = verb or scope or topics.adds(one, other)
        changes.append(Change("deeper" if more else "unchanged", before, clause, verb, scope))
    kept = set(pairs.values())
    return (*changes, *(Change("dropped", clause, None) for n, clause in enumerate(lower.clauses) if n not in kept))


def headline_verb(cell: Cell, scales: Scales, language: str) -> str | None:
    """The strongest verb of a cell, as written, the first among equals; None when no known verb is in it."""
    spoken = (clause.text.best(language) for clause in cell.clauses)
    verbs = [verb for text, own in spoken if (verb := scales.ruler(own).verb(text))]
    return max(verbs, key=lambda verb: verb.step).said if verbs else None


def _read(clause: Clause, scales: Scales) -> Reading:
    return scales.ruler(clause.text.language).read(clause.text.texts[clause.text.language])


def _rise(before: Rung | None, after: Rung | None) -> Step | None:
    return Step(before.said, after.said) if before and after and before.step < after.step else None


class _Topics:
    """What the clauses of two cells are about.

    The skill's and the roles' own words stand in most clauses: they never make two clauses alike,
    but a clause made of little else speaks of the skill as such, as the first one of a cell often does.
    """

    def __init__(self, lower: Cell, upper: Cell, readings: list[Reading]) -> None:
        languages = {clause.text.language for cell in (lower, upper) for clause in cell.clauses}
        self._skill = _stems({lower.skill, upper.skill}, languages)
        self._subject = self._skill | _stems({lower.role, upper.role}, languages)
        seen = Counter(part for reading in readings for part in {*reading.head, *reading.detail})
        self._weights = {part: log(1 + len(readings) / n) for part, n in seen.items() if part not in self._subject}

    def alike(self, one: Reading, other: Reading) -> float:
        """How much two clauses are about one topic, from 0 = not at all."""
        if one.words == other.words:
            return _SAME
        if _rise(other.verb, one.verb) and self.adds(one, other):
            return 0.0  # less is done, but with other things: that is neither deeper nor the same
        rising = _rise(one.verb, other.verb) or _rise(one.scope, other.scope)
        alike = self._overlap(one, other) + _WHOLE * min(self._wholeness(one), self._wholeness(other))
        if (acted_on := self._object(one)) and acted_on == self._object(other):
            alike += _OBJECT
        return alike if alike >= (_RISING if rising else _LEVEL) else 0.0

    def adds(self, one: Reading, other: Reading) -> bool:
        """Whether the second clause speaks of anything that the first does not."""
        return bool({*other.head, *other.detail} - {*one.head, *one.detail} - self._subject)

    def _overlap(self, one: Reading, other: Reading) -> float:
        first, second = self._weigh(one), self._weigh(other)
        union = sum(max(first.get(part, 0), second.get(part, 0)) for part in {*first, *second})
        return sum(min(first[part], second[part]) for part in first.keys() & second.keys()) / union if union else 0.0

    def _object(self, reading: Reading) -> str | None:
        return next((part for part in reading.head if part not in self._subject), None)

    def _wholeness(self, reading: Reading) -> float:
        if not self._skill.intersection(reading.head):
            return 0.0
        share = sum(part in self._subject for part in reading.head) / len(reading.head)
        return share if share >= _MOSTLY else 0.0

    def _weigh(self, reading: Reading) -> Mapping[str, float]:
        detail = {part: self._weights[part] * _DETAIL for part in reading.detail if part in self._weights}
        return detail | {part: self._weights[part] for part in reading.head if part in self._weights}


def _stems(ids: set[str], languages: set[str]) -> set[str]:
    """The words of ids and their initials: "computer-vision-engineer" is also cv."""
    words = {word for id_ in ids for word, _, _ in tokens(id_)}
    parts = [id_.split("-") for id_ in ids]
    words |= {"".join(part[0] for part in split[:n] if part) for split in parts for n in range(2, len(split) + 1)}
    return {stem(word, language) for word in words for language in languages}
