"""Typo repair towards known words: candidates share a form with some letters left out, a distance decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import combinations

from rapidfuzz.distance import OSA

SHORTEST = 5
"""Letters a word needs before it is repaired."""

_TWO_TYPOS = 8
_LONGEST = 24

_TELLING = 7
"""Letters at the beginning of a word from which some are left out; typos are found as well, with far fewer forms."""


def _typos(word: str) -> int:
    return 2 if len(word) >= _TWO_TYPOS else 1


@lru_cache(maxsize=64)
def _forms(word: str) -> tuple[int, ...]:
    """The beginning of the word with up to as many letters left out as typos are allowed.

    As hashes, which take a third of the memory; words that share one by chance are told apart by their distance.
    """
    start = word[:_TELLING]
    forms = {start}
    for count in range(1, _typos(word) + 1):
        forms.update("".join(letters) for letters in combinations(start, len(start) - count))
    return tuple(map(hash, forms))


class Repair:
    """Known words, found again from a mistyped one."""

    def __init__(
        self,
        targets: Iterable[str],
        known: Iterable[str],
        alike: Mapping[str, frozenset[str]] | None = None,
        *,
        careful: bool = False,
    ) -> None:
        """`targets` may be what was meant; a word among `known` is never repaired; `alike` words mean the same.

        When `careful`, the shortest words are not repaired by another letter: "Figma" is no slip of "Firma".
        """
        self._careful = careful
        self._known = frozenset(known)
        self._alike = alike or {}
        self._near: dict[int, tuple[str, ...]] = {}
        for target in sorted(set(targets)):
            if target.isalpha() and SHORTEST <= len(target) <= _LONGEST:
                alone = (target,)
                for form in _forms(target):
                    self._near[form] = (*self._near[form], target) if form in self._near else alone

    def __call__(self, word: str) -> str | None:
        """The one known word that is nearest, or None when there is none or more than one."""
        if not SHORTEST <= len(word) <= _LONGEST or word in self._known or not word.isalpha():
            return None
        allowed = _typos(word)
        best: list[str] = []
        for target in {near for form in _forms(word) for near in self._near.get(form, ())}:
            if self._careful and len(word) == len(target) == SHORTEST and sorted(word) != sorted(target):
                continue
            distance = OSA.distance(word, target, score_cutoff=allowed)
            if distance < allowed or (distance == allowed and not best):
                best, allowed = [target], distance
            elif distance == allowed:
                best.append(target)
        if not best:
            return None
        # Forms of one word, such as a plural, and words that mean the same are no two things that could be meant.
        first = min(best, key=lambda target: (len(target), target))
        alike = self._alike.get(first, frozenset())
        return first if all(target.startswith(first) or target in alike for target in best) else None
