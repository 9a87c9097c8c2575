"""Parsing and answering without a platform, on the shipped matrix and on a large one."""

from __future__ import annotations

import asyncio
import datetime
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bot.store.memory import MemoryStore
from content.load import load
from content.search import Index
from handlers.answer import answer
from handlers.ports import Desk
from handlers.turn import Person, Place, Turn
from handlers.understand import Parser
from tests.matrices import matrix as make_matrix

SHAPE = (300, 60, 6)
"""Skills, roles and levels of the large matrix."""

ROUNDS = 2_000


@dataclass(frozen=True)
class Latency:
    """Milliseconds a turn: half are faster than p50, 99 of 100 faster than p99."""

    p50: float
    p99: float


def shipped() -> Latency:
    """A desk over the shipped content."""
    return _measure(_desk(large=False))


def large() -> Latency:
    """A desk over a generated matrix."""
    return _measure(_desk(large=True))


def _desk(*, large: bool) -> Desk:
    content = load()
    matrix = make_matrix(*SHAPE) if large else content.matrix
    index = Index(matrix, content.glossary)
    return Desk(
        matrix=matrix,
        texts=content.texts,
        index=lambda: index,
        scales=content.scales,
        understand=Parser(matrix, content.words, index.lexicon),
        store=MemoryStore(),
        now=lambda: datetime.datetime.now(datetime.UTC),
    )


def _questions(desk: Desk) -> Iterator[str]:
    """Different words each time, so that no cache answers: a mixture of what people ask."""
    roles = [role.name.best("en")[0] for role in desk.matrix.roles.values()]
    levels = [level.name.best("en")[0] for level in desk.matrix.levels.values()]
    skills = [skill.name.best("en")[0] for skill in desk.matrix.skills.values()]
    forms = (
        "{role} {level} {skill} please {n}",
        "what does a {level} {role} need for {skill} ({n})?",
        "Was wird von einem {level} {role} bei {skill} erwartet, {n}. Frage?",
        "difference between {level} and {next} {role} in {skill} - {n}",
        "is {skill} required for a {level} {role} {n}?",
        "hello {n}",
        "asdf qwer {n}",
        "help {n}",
    )
    for n in range(ROUNDS):
        yield forms[n % len(forms)].format(
            role=roles[n % len(roles)],
            level=levels[n % len(levels)],
            next=levels[(n + 1) % len(levels)],
            skill=skills[n % len(skills)],
            n=n,
        )


def _measure(desk: Desk) -> Latency:
    async def run() -> list[float]:
        took = []
        for n, words in enumerate(_questions(desk)):
            turn = Turn(Person("bench", "t", f"u{n % 100}"), Place("p"), words=words)
            start = time.perf_counter()
            await answer(turn, desk)
            took.append(1000 * (time.perf_counter() - start))
        return took

    cuts = statistics.quantiles(asyncio.run(run())[100:], n=100)
    return Latency(p50=cuts[49], p99=cuts[98])
