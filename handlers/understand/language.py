"""Which language words are in, told from the words that only one language has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

_OWN_LETTERS = {"de": frozenset("äöüßÄÖÜ")}

_STRANGE = 2
"""Words of neither language that make a message one of another language."""

_PLAIN = 2
"""Words of one language alone that tell it plainly; a single one may be a loan word, or a button's label."""


class Languages:
    """The words of each language that are in no other."""

    def __init__(self, vocabularies: Mapping[str, set[str]]) -> None:
        seen = Counter(word for vocabulary in vocabularies.values() for word in vocabulary)
        self._own = {word: lang for lang, words in vocabularies.items() for word in words if seen[word] == 1}
        self._known = tuple(vocabularies)

    def of(self, row: Iterable[str], text: str, hint: str | None, strange: int = 0) -> tuple[str, bool]:
        """The language with most words, and whether they tell it plainly; on a draw the hint, or else English.

        `strange` words are of neither: where they are more, it is another language, and the hint holds.
        """
        votes = dict.fromkeys(self._known, 0)
        for word in row:
            if own := self._own.get(word):
                votes[own] += 1
        words = max(votes.values())
        if not text.isascii():
            for lang, letters in _OWN_LETTERS.items():
                if lang in votes and not letters.isdisjoint(text):
                    votes[lang] += 2
        most = max(votes.values())
        best = [lang for lang, count in votes.items() if count == most]
        short = (hint or "").replace("_", "-").split("-")[0].lower()
        if len(best) == 1 and not (strange >= _STRANGE and strange > most):
            return best[0], words >= _PLAIN and votes[best[0]] >= 2 * (sum(votes.values()) - votes[best[0]])
        if len(best) == 1:
            best = list(self._known)
        return short if short in best else "en" if "en" in best else best[0], False
