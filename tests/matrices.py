"""Makes skills matrices of any size, for benchmarks and properties: the same numbers give the same matrix."""

from __future__ import annotations

import datetime
import random
from functools import cache

from content.clauses import key
from content.matrix import Cell, Clause, Level, Localized, Matrix, Requirement, Role, Skill, Source

_LEVELS = (
    ("trainee", "Trainee", ("apprentice",)),
    ("junior", "Junior", ("jr",)),
    ("middle", "Middle", ("mid",)),
    ("senior", "Senior", ("sr",)),
    ("lead", "Lead", ("staff",)),
    ("principal", "Principal", ("princ",)),
    ("fellow", "Fellow", ("distinguished",)),
)
# ruff: disable[SIM905]
_FIELDS = "Payments Search Mobile Security Billing Storage Network Robotics Graphics Compiler Ledger Catalogue".split()
_CRAFTS = "Engineer Analyst Architect Designer Tester Researcher".split()
_TOPICS = "Caching Tracing Indexing Pricing Routing Paging Sharding Hashing Queueing Batching Logging Testing".split()
_MANNERS = "Distributed Streaming Realtime Offline Adaptive Secure Federated Embedded".split()
_VERBS = "Understands Follows Uses Configures Implements Optimizes Designs Establishes Defines Evaluates".split()
_THINGS = (
    "retention policies, latency budgets, failover drills, schema migrations, capacity plans, access reviews, "
    "rollback procedures, load profiles, audit trails, dependency graphs, error budgets, release trains"
).split(", ")
# ruff: enable[SIM905]
_SCOPES = ("a module", "the team", "several teams", "the platform", "the organization")

SOURCE = Source("Generated", "1", datetime.date(2026, 1, 1))


def matrix(skills: int, roles: int, levels: int, *, clauses: int = 3, seed: int = 0) -> Matrix:
    """A whole matrix: every skill × role × level has a cell of as many clauses."""
    if levels > len(_LEVELS):
        raise ValueError(f"There are names for {len(_LEVELS)} levels only.")
    chance = random.Random(seed)
    ladder = tuple(one for one, _, _ in _LEVELS[:levels])
    known_levels = {one: Level(one, _text(name), {"en": words}) for one, name, words in _LEVELS[:levels]}
    known_roles = {one.id: one for one in (_role(number, ladder) for number in range(roles))}
    known_skills = {one.id: one for one in map(_skill, range(skills))}
    cells = {
        (skill, role, level): _cell(known_skills[skill], role, level, rank, clauses, chance)
        for skill in known_skills
        for role in known_roles
        for rank, level in enumerate(ladder)
    }
    return Matrix("Generated", "en", known_levels, known_roles, known_skills, cells)


@cache
def _text(words: str) -> Localized:
    return Localized("en", {"en": words})


@cache
def _key(text: str) -> str:
    return key(text, "")


def _name(number: int, first: list[str], second: list[str]) -> str:
    """The number-th pair of words; numbered once the pairs are used up."""
    rounds, place = divmod(number, len(first) * len(second))
    name = f"{first[place % len(first)]} {second[place // len(first)]}"
    return f"{name} {rounds + 1}" if rounds else name


def _id(name: str) -> str:
    return name.lower().replace(" ", "-")


def _role(number: int, ladder: tuple[str, ...]) -> Role:
    name = _name(number, _FIELDS, _CRAFTS)
    return Role(_id(name), _text(name), {"en": (f"{name.split()[0]} {name.split()[1][:3]} {number}",)}, ladder)


def _skill(number: int) -> Skill:
    name = _name(number, _MANNERS, _TOPICS)
    return Skill(_id(name), _text(name), domain="Engineering", group=name.split()[1], about=_text(f"All of {name}."))


def _cell(skill: Skill, role: str, level: str, rank: int, clauses: int, chance: random.Random) -> Cell:
    scope = _SCOPES[min(rank, len(_SCOPES) - 1)]
    things = chance.sample(_THINGS, min(clauses, len(_THINGS)))
    texts = [f"{_VERBS[(rank + place) % len(_VERBS)]} {thing} for {scope}." for place, thing in enumerate(things)]
    made = tuple(Clause(f"{skill.id}/{role}/{level}/{_key(text)}", _text(text)) for text in texts)
    requirement = Requirement.REQUIRED if chance.random() < (rank + 1) / len(_LEVELS) else Requirement.OPTIONAL
    return Cell(skill.id, role, level, requirement, made, SOURCE)
