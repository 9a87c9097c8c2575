"""Plans as they are typed: "my plan: when the sprint starts, I will review the batching"."""

from __future__ import annotations

import re
from collections.abc import Iterable

from content.words import Cue, Words
from handlers.intent import MakePlan
from handlers.understand.reading import Reading

_MOST = 200
_ELSEWHERE = (Cue.DONE, Cue.UNDO, Cue.NUDGE, Cue.WHO, Cue.SEARCH, Cue.FIND_LEVEL, Cue.EVIDENCE, Cue.PACKET)
_EDGES = " \t\r\n.,;:!-–—*_\"'„“”"


class Plans:
    """What tells a plan, in all languages."""

    def __init__(self, languages: Iterable[Words]) -> None:
        told = [words.plans for words in languages if words.plans]
        named, when, will = (
            _any(phrase for plans in told for phrase in getattr(plans, part)) for part in ("named", "when", "will")
        )
        self._named = re.compile(rf"^\W*(?:{named})\s*[:,–—-]\s*(?=\S)", re.IGNORECASE)
        self._first = re.compile(rf"^\W*(?:{when})\b\s*(.+?)[,;:]?\s+(?:{will})\b\s*(.+)$", re.IGNORECASE)
        self._comma = re.compile(rf"^\W*(?:{when})\b\s*([^,]+),\s*(.+)$", re.IGNORECASE)
        self._last = re.compile(rf"^\W*(?:(?:{will})\b)?\s*(.+?),?\s+(?:{when})\b\s*(.+)$", re.IGNORECASE)
        self._bare = re.compile(rf"^\W*(?:{will})\b\s*(?=\S)", re.IGNORECASE)

    def announced(self, words: str) -> MakePlan | None:
        """The plan behind "my plan:", as far as it is told."""
        name = self._named.match(words)
        if not name or words.endswith("?"):
            return None
        text = words[name.end() :]
        if told := self._first.match(text) or self._comma.match(text):
            return _plan(told[1], told[2])
        if told := self._last.match(text):
            return _plan(told[2], told[1])
        return _plan("", self._bare.sub("", text))

    def told(self, words: str, reading: Reading) -> MakePlan | None:
        """A plan that nothing announces: "when …, I will …", unless it is about levels or what is done."""
        told = None if words.endswith("?") else self._first.match(words)
        elsewhere = reading.has(*_ELSEWHERE) or any(part.name and part.name.kind != "skill" for part in reading.parts)
        return _plan(told[1], told[2]) if told and not elsewhere else None


def _plan(when: str, then: str) -> MakePlan:
    return MakePlan(when=when.strip(_EDGES)[:_MOST], then=then.strip(_EDGES)[:_MOST])


def _any(phrases: Iterable[str]) -> str:
    """A pattern for any of some phrases, the longest first."""
    return "|".join(re.escape(phrase).replace("\\ ", r"\s+") for phrase in sorted(phrases, key=len, reverse=True))
