"""How much a clause asks for: its verb and its scope on a scale per language, and what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from content.tokens import stem, tokens

_HEAD = re.compile(r"[^:(—–]*")
_VERB_WITHIN = 4  # words: "Can deploy", "Independently designs"; later ones are nouns, as in "system design"


class Scale(BaseModel):
    """How verbs and scopes grow in one language, from small to large.

    A step of scopes maps what it is called to the words that say it. The first step of verbs is learning.
    `links` join a clause to the one before; `silent` words tell no topic.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    verbs: tuple[tuple[str, ...], ...] = ()
    scopes: tuple[Mapping[str, tuple[str, ...]], ...] = ()
    links: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


class Scales(BaseModel):
    """A scale per language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    languages: Mapping[str, Scale] = {}

    @cached_property
    def rulers(self) -> Mapping[str, Ruler]:
        """The scales made ready to measure with."""
        return {language: Ruler(scale, language) for language, scale in self.languages.items()}

    def ruler(self, language: str) -> Ruler:
        """The ruler for a language; one that knows no words where there is no scale."""
        return self.rulers.get(language) or Ruler(Scale(), language)


class Rung(NamedTuple):
    """A verb or a scope found in a clause, and its step on the scale."""

    step: int
    said: str


class Reading(NamedTuple):
    """What a clause says: its words, verb and scope, and its topic (stems, those of the head before any detail)."""

    words: tuple[str, ...]
    verb: Rung | None
    scope: Rung | None
    head: tuple[str, ...]
    detail: tuple[str, ...]


class Ruler:
    """Reads clauses of one language."""

    def __init__(self, scale: Scale, language: str) -> None:
        self._language = language
        self._links = {word.casefold() for word in scale.links}
        self._silent = {word.casefold() for word in (*scale.silent, *scale.links)}
        self._verbs = {self._stem(verb): step for step, verbs in enumerate(scale.verbs) for verb in verbs}
        self._scopes = {
            tokens(word)[-1].word: Rung(step, name)
            for step, names in enumerate(scale.scopes)
            for name, words in names.items()
            for word in words
        }
        self._names = {name.casefold() for names in scale.scopes for name in names}
        self._readings: dict[str, Reading] = {}

    def read(self, text: str) -> Reading:
        """What a clause says. A framework's clauses are few, so every reading is kept."""
        if text not in self._readings:
            self._readings[text] = self._read(text)
        return self._readings[text]

    def verb(self, text: str) -> Rung | None:
        """The verb a clause starts with, as written but for a capital: "Can deploy", "Implements"."""
        said: list[str] = []
        for word in text.split()[:_VERB_WITHIN]:
            bare = word.strip(".,:;!?()\"'“”")
            if said or bare.casefold() not in self._links:
                said.append(bare)
            if (step := self._verbs.get(self._stem(bare))) is not None:
                spoken = " ".join(said)
                return Rung(step, spoken[0].upper() + spoken[1:])
        return None

    def _read(self, text: str) -> Reading:
        head = _HEAD.match(text)[0]  # type: ignore[index]  # the pattern matches anything
        verb = self.verb(text)
        scopes = [self._scopes[word] for word, _, _ in tokens(head) if word in self._scopes]
        # Who only follows a team's practices does not act on the team.
        learning = verb is not None and verb.step == 0
        words = [word for word, _, _ in tokens(text)]
        return Reading(
            words=tuple(words[1:] if words and words[0] in self._links else words),
            verb=verb,
            scope=max(scopes, key=lambda scope: scope.step) if scopes and not learning else None,
            head=tuple(self._topic(head)),
            detail=tuple(self._topic(text[len(head) :], start=False)),
        )

    def _topic(self, text: str, *, start: bool = True) -> Iterable[str]:
        words = [(word, place) for word, place, end in tokens(text) if end - place == 1]
        for n, (word, place) in enumerate(words):
            if start and self._stem(word) in self._verbs and place < _VERB_WITHIN:
                start = False
                # "Mentors team on …": where the verb acts on the scope itself, the verb is the topic.
                after = [other for other, _ in words[n + 1 : n + 3]]
                if after and after[0] in self._names and set(after[1:]) <= self._silent:
                    yield self._stem(word)
            elif word not in self._silent and word not in self._scopes:
                yield self._stem(word)

    def _stem(self, word: str) -> str:
        return stem(word.casefold(), self._language)
