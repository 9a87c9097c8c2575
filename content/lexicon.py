"""What searched words may stand for: the same word, its stem, what the glossary says, or a typo of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from content.glossary import Glossary
from content.tokens import stem, tokens

Phrase = tuple[frozenset[str], ...]
"""Words side by side; each may be any of a set."""

EXACT, STEM, GLOSSARY = range(3)
_LONG = 5  # letters: shorter words, acronyms above all, are never taken for typos
_LONGER = 9  # letters: from here on two slips are forgiven
_SUFFIX = 4  # letters: what one form of a word may have more than another; Excel is no form of excellence
_HALF = 4  # letters: the least that each part of a German compound has
_LONGEST = 40  # letters of a German compound; what is longer is no word
_LINKS = ("", "s", "n", "en", "es")  # between the parts of a German compound
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


class Mended(NamedTuple):
    """A typo's right words, and how to show them."""

    words: tuple[str, ...]
    shown: str


class Lexicon:
    """The words of a framework (language → words in lower case) and of the glossary."""

    def __init__(self, languages: Mapping[str, Set[str]], glossary: Glossary) -> None:
        self._languages = tuple(languages)
        self._words = {word for words in languages.values() for word in words}
        self._stems: dict[tuple[str, str], set[str]] = {}
        for language, words in languages.items():
            for word in words:
                self._stems.setdefault((language, stem(word, language)), set()).add(word)
        self._silent = {
            form for words in glossary.silent.values() for word in words for form in _spellings(word.casefold())
        }
        self._generic = {
            (lang, stem(_said(word)[0], lang)) for lang, words in glossary.generic.items() for word in words
        }
        self._generic_languages = tuple(glossary.generic)
        self._everyday = glossary.everyday_forms()
        self._targets: dict[str, dict[tuple[str, ...], list[str]]] = {}
        self._candidates: dict[str, dict[str, str]] = {}
        for word in self._words:
            self._offer(word, word)
        for language, entries in glossary.words.items():
            targets = self._targets.setdefault(language, {})
            for said, meant in entries.items():
                for spelling in _spellings(said.casefold()):
                    key = _said(spelling)
                    targets.setdefault(tuple(stem(word, language) for word in key), []).extend(meant)
                    if len(key) == 1 and any(all(map(self._expand, _said(target))) for target in meant):
                        self._offer(key[0], said)
        self._longest = max((len(key) for targets in self._targets.values() for key in targets), default=1)

    def terms(self, words: str) -> list[list[tuple[str, ...]]]:
        """What is searched for: single words, phrases of the glossary, parts of German compounds; no idle words.

        Those that stand side by side are together in one list.
        """
        said = _said(words)
        groups: list[list[tuple[str, ...]]] = [[]]
        place = 0
        while place < len(said):
            length = self._phrase(said, place)
            term = tuple(said[place : place + length])
            place += length
            if length > 1:
                groups[-1].append(term)
            elif not self.idle(term[0]):
                groups[-1] += self._parts(term[0])
            elif groups[-1]:
                groups.append([])
        return groups

    def phrases(self, words: list[str]) -> Iterator[range]:
        """Where some of the words, in lower case, are a phrase of the glossary: "on call"."""
        spans = (range(place, place + self._phrase(words, place)) for place in range(len(words)))
        return (span for span in spans if len(span) > 1)

    def ways(self, said: tuple[str, ...]) -> Iterator[tuple[int, Phrase]]:
        """The phrases a term may stand for, best first, typos apart."""
        joined = "".join(said)
        exact = tuple(frozenset({word}) for word in said)
        if all(word in self._words for word in said):
            yield EXACT, exact
        if len(said) > 1 and joined in self._words:
            yield EXACT, (frozenset({joined}),)
        by_stem = tuple(self._expand(word) for word in said)
        if all(by_stem) and by_stem != exact:
            yield STEM, by_stem
        if len(said) > 1 and (whole := self._expand(joined)):
            yield STEM, (whole,)
        for target in self._meant(said):
            phrase = tuple(self._expand(word) for word in _said(target))
            if phrase and all(phrase):
                yield GLOSSARY, phrase

    def related(self, said: tuple[str, ...]) -> tuple[str, ...]:
        """The words of the framework that the glossary gives for a term."""
        targets = dict.fromkeys(self._meant(said))
        return tuple(target for target in targets if all(map(self._expand, _said(target))))

    def generic(self, said: tuple[str, ...]) -> bool:
        """Whether a term tells little by itself, such as "model", "tool", or any everyday word.

        A phrase that the glossary knows tells something, whatever its words are: "new data".
        """
        return (len(said) == 1 or not self._meant(said)) and all(
            word in self._everyday or any((lang, stem(word, lang)) in self._generic for lang in self._generic_languages)
            for word in said
        )

    def means(self, word: str) -> bool:
        """Whether the glossary knows what the framework calls a word in lower case."""
        return word not in self._silent and bool(self._meant((word,)))

    def casual(self, said: tuple[str, ...]) -> bool:
        """Whether a term is but an everyday word that the framework happens to use: "main"."""
        return all(word in self._everyday for word in said) and not self._meant(said)

    def everyday(self, word: str) -> bool:
        """Whether a word in lower case is one of everyday life."""
        return word in self._silent or word in self._everyday

    def idle(self, word: str) -> bool:
        """Whether a word in lower case is never searched for: silent, or of everyday life and not the framework's."""
        plain = word in self._everyday or word.isdecimal()
        return word in self._silent or (plain and not self.known(word))

    def telling(self, word: str) -> bool:
        """Whether the framework speaks of a word in lower case, and of few other words as much."""
        return word not in self._silent and self.known(word) and not self.generic((word,))

    def repair(self, said: tuple[str, ...]) -> Mended | None:
        """The known word that a long unknown one is a slip of."""
        if len(said) != 1 or len(said[0]) < _LONG or not said[0].isalpha():
            return None
        typed = said[0]
        slips = 2 if len(typed) >= _LONGER else 1
        known = self._candidates.get(typed[0], {})
        near = process.extract(typed, list(known), scorer=OSA.distance, score_cutoff=slips, limit=5)
        close = [
            (slip, word) for word, slip, _ in near if slip and (len(typed) > _LONG or not _swapped_letter(typed, word))
        ]
        return Mended((min(close)[1],), known[min(close)[1]]) if close else None

    def _offer(self, word: str, shown: str) -> None:
        if len(word) >= _LONG and word.isalpha():
            self._candidates.setdefault(word[0], {}).setdefault(word, shown)

    def _phrase(self, said: list[str], place: int) -> int:
        """How many words from `place` on belong together: a phrase of the glossary, or "saved model" for SavedModel."""
        for length in range(min(self._longest, len(said) - place), 1, -1):
            some = tuple(said[place : place + length])
            if any(self._key(some, language) in targets for language, targets in self._targets.items()):
                return length
        return 2 if "".join(said[place : place + 2]) in self._words and place + 1 < len(said) else 1

    def _parts(self, word: str) -> Iterable[tuple[str, ...]]:
        """The word, or the two known ones that a German compound is made of."""
        if len(word) > _LONGEST or self.known(word):
            return [(word,)]
        heads = self._targets.get("de", {})
        for cut in range(_HALF, len(word) - _HALF + 1):
            left, right = word[:cut], word[cut:]
            if {(stem(form, "de"),) for form in (right, _singular(right))} & heads.keys():
                for link in _LINKS:
                    bare = left.removesuffix(link)
                    if len(bare) >= _HALF - 1 and left.endswith(link) and self.known(bare):
                        return [(bare,), (right,)]
        return [(word,)]

    def known(self, word: str) -> bool:
        """Whether the framework speaks of a word, or the glossary knows what it calls it."""
        return bool(self._expand(word) or self._meant((word,)))

    def _meant(self, said: tuple[str, ...]) -> list[str]:
        """What the glossary says the framework calls it."""
        forms = [said, (_singular(said[0]),)] if len(said) == 1 else [said]
        keys = {(language, self._key(form, language)): None for language in self._targets for form in forms}
        return [target for language, key in keys for target in self._targets[language].get(key, ())]

    def _key(self, said: tuple[str, ...], language: str) -> tuple[str, ...]:
        return tuple(stem(word, language) for word in said)

    def _expand(self, word: str) -> frozenset[str]:
        """The words of the framework that are a form of this one."""
        same = (other for lang in self._languages for other in self._stems.get((lang, stem(word, lang)), ()))
        near = {other for other in same if abs(len(other) - len(word)) <= _SUFFIX}
        return frozenset(near | ({word, _singular(word)} & self._words))


def _said(text: str) -> list[str]:
    # What people type is not remembered: there is no end of it.
    return [word for word, start, end in tokens.__wrapped__(text) if end - start == 1]


def _singular(word: str) -> str:
    """What SLAs or GPUs are the plural of; stemmers do not know acronyms."""
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


def _spellings(word: str) -> set[str]:
    return {word, word.translate(_UMLAUTS)}


def _swapped_letter(typed: str, word: str) -> bool:
    """Whether one letter stands for another; five are too few for that: "Scala" is no slip of "scale"."""
    return len(typed) == len(word) and sorted(typed) != sorted(word)
