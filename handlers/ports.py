"""The ports: what a handler has at hand, and what the process must bring."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from content.difference import Scales
from content.matrix import Matrix
from content.search import Index
from content.texts import Texts, Voice
from handlers.intent import Intent
from handlers.turn import Person, Place


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person told the coach about themselves: role, level, language, and the ids of clauses done."""

    role: str | None = None
    level: str | None = None
    lang: str | None = None
    done: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Subject:
    """What a person last asked about in a place, for follow-ups such as "and principal?".

    `milestones` are the clause ids of the last list shown, so that "done with the second one" works.
    `lang` is the language they last wrote in here, so that a pressed button goes on in it.
    """

    role: str | None = None
    level: str | None = None
    skill: str | None = None
    milestones: tuple[str, ...] = ()
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What the parser made of words: an intent, their language, and whether they lean on what was said before.

    `follows` is true for an ellipsis such as "and principal?"; only then does the last subject fill the gaps.
    """

    intent: Intent
    lang: str
    follows: bool = False


class Understand(Protocol):
    """Words into an intent; pure, so that it may be cached."""

    def __call__(self, words: str, *, hint: str | None = None) -> Understood:
        """The intent of `words`; `hint` is the language to assume where the words do not tell."""


class Store(Protocol):
    """Storage of what people told the coach. Every method is one statement's worth of work."""

    async def profile(self, person: Person) -> Profile | None:
        """What is known of a person, or None for a stranger."""

    async def save_profile(self, person: Person, profile: Profile) -> None:
        """Keep a profile; it replaces the one before."""

    async def subject(self, person: Person, place: Place, now: datetime.datetime) -> Subject | None:
        """The last subject in this place, unless it has expired."""

    async def save_subject(self, person: Person, place: Place, subject: Subject, now: datetime.datetime) -> None:
        """Keep the last subject."""

    async def forget(self, person: Person) -> int:
        """Erase everything about a person; returns how many records there were."""

    async def tidy(self, now: datetime.datetime) -> int:
        """Erase what has expired; returns how many records."""


Made = TypeVar("Made")

MOST_MADE = 4096
"""Pages kept for asking again; a page is a few kilobytes."""


@dataclass(frozen=True)
class Desk:
    """What a handler has at hand."""

    matrix: Matrix
    texts: Texts
    index: Index
    scales: Scales
    understand: Understand
    store: Store
    now: Callable[[], datetime.datetime]
    _made: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.matrix.column("", "")  # so that nobody waits for what the matrix makes when it is first asked

    def voice(self, language: str | None) -> Voice:
        """The coach's sentences in a language."""
        return self.texts.voice(language)

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What depends on nothing but the framework, the texts and `key`: made once, then handed out again."""
        made: Made | None = self._made.get(key)
        if made is None:
            if len(self._made) >= MOST_MADE:
                self._made.clear()
            made = self._made[key] = make()
        return made
