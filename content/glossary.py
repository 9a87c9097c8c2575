"""What people say and what the framework calls it, and which of their words tell nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict

from content.words import WordList

_ENGLISH = ("", "s", "es", "d", "ed", "ing", "ly", "er", "est", "r", "st")
_GERMAN = ("", "e", "en", "er", "es", "em", "n", "s", "r", "ere", "eren", "sten", "ste")
_GERMAN_VERB = ("", "e", "st", "t", "te", "ten", "test", "et", "est", "ete", "eten", "end", "ende", "enden", "ung")
_SHORT = 3  # letters: shorter words have no forms worth making up
_VOWELS = frozenset("aeiouäöü")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class Glossary(BaseModel):
    """What people say and what the framework calls it, per language of what people say.

    `silent` words are never searched for; `generic` ones only as long as something is found with them. `everyday`
    words are as good as silent where the framework lacks them, and else generic; a word that is none of these tells
    what is meant, so that nothing is found when the framework lacks it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    silent: Mapping[str, tuple[str, ...]] = {}
    generic: Mapping[str, tuple[str, ...]] = {}
    words: Mapping[str, Mapping[str, tuple[str, ...]]] = {}
    everyday: Mapping[str, WordList] = {}

    def everyday_forms(self) -> frozenset[str]:
        """The everyday words in every form that English and German give them: so nothing has to be stemmed when asked.

        They are in lower case; a language without rules has the words alone.
        """
        found = set()
        for language, words in self.everyday.items():
            make = {"en": _english, "de": _german}.get(language)
            for word in words:
                lower = word.casefold()
                made = {lower, *make(lower)} if make and len(lower) >= _SHORT else {lower}
                found |= made | {form.translate(_UMLAUTS) for form in made}
        return frozenset(found)


def _english(word: str) -> Iterator[str]:
    yield from (word + ending for ending in _ENGLISH)
    if word.endswith("e"):
        yield from (word[:-1] + "ing", word[:-1] + "y")
    elif word.endswith("y") and word[-2] not in _VOWELS:
        yield from (word[:-1] + ending for ending in ("ies", "ied", "ily", "ier", "iest"))
    elif word[-1] not in _VOWELS and word[-2] in _VOWELS and word[-3] not in _VOWELS:
        yield from (word + word[-1] + ending for ending in ("ing", "ed", "er", "est"))


def _german(word: str) -> Iterator[str]:
    yield from (word + ending for ending in _GERMAN)
    if word.endswith(("en", "ln", "rn")):
        root = word[:-2] if word.endswith("en") else word[:-1]
        yield from (root + ending for ending in _GERMAN_VERB)
        yield from ("ge" + root + ending for ending in ("t", "et", "en", "te", "ten"))
