"""Every sentence the coach says, per language; plural forms, dates and lists as Babel knows them."""

from __future__ import annotations

import datetime
import string
from collections.abc import Iterable, Mapping
from functools import cache

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.lists import format_list

Sentence = str | Mapping[str, str]
"""A template with {named} placeholders, or one template per plural form (`one`, `other`, …) chosen by {count}."""


class Voice:
    """The coach's sentences in one language."""

    def __init__(self, lang: str, sentences: Mapping[str, Sentence]) -> None:
        self.lang = lang
        self._sentences = sentences
        self._locale = Locale.parse(lang)
        self.list = cache(self._list)
        self.date = cache(self._date)

    def __call__(self, key: str, **values: object) -> str:
        """The sentence under `key` with its placeholders filled in. KeyError when there is none."""
        sentence = self._sentences[key]
        if not isinstance(sentence, str):
            count = values["count"]
            assert isinstance(count, int)
            sentence = sentence[self._locale.plural_form(count)]
        return sentence.format_map(values) if values else sentence

    def _list(self, *items: str, style: str = "standard") -> str:
        """Items as a sentence part: "a, b and c" (`standard`) or "a, b or c" (`or`)."""
        return format_list(items, style=style, locale=self._locale)  # type: ignore[arg-type]

    def _date(self, day: datetime.date) -> str:
        """A date in words, such as "17 March 2026"."""
        return format_date(day, format="long", locale=self._locale)

    def ago(self, days: int) -> str:
        """How long ago in words, such as "3 weeks ago"; of a day to come, "in 3 days"."""
        past = datetime.timedelta(days=-days)
        return format_timedelta(past, granularity="day", threshold=1, add_direction=True, locale=self._locale)

    def language(self, code: str) -> str:
        """A language's name, such as "English"; the code itself where Babel has no name for it."""
        return str(self._locale.languages.get(code, code))

    def country(self, code: str) -> str:
        """A country's name, such as "Germany", by its ISO 3166 code; the code itself where Babel has no name for it."""
        return str(self._locale.territories.get(code, code))

    def weekday(self, day: int) -> str:
        """A weekday's name, 0 = Monday."""
        return str(self._locale.days["stand-alone"]["wide"][day])

    def time(self, minute: int) -> str:
        """A time of day, from minutes after midnight."""
        return format_time(datetime.time(*divmod(minute, 60)), format="short", locale=self._locale)


class Texts:
    """The sentences of all languages; the first language is the one to fall back to."""

    def __init__(self, catalogues: Mapping[str, Mapping[str, Sentence]]) -> None:
        self._voices = {lang: Voice(lang, sentences) for lang, sentences in catalogues.items()}
        self.languages = tuple(catalogues)

    def voice(self, lang: str | None) -> Voice:
        """The voice for a language tag such as `de` or `de-AT`; the first language where there is none."""
        known = self._voices.get((lang or "").replace("_", "-").split("-")[0].lower())
        return known or self._voices[self.languages[0]]


def differences(catalogues: Mapping[str, Mapping[str, Sentence]]) -> Iterable[str]:
    """What keeps languages from saying the same: missing keys, other placeholders, missing plural forms."""
    first, *others = catalogues
    for lang in others:
        for key in catalogues[first].keys() - catalogues[lang].keys():
            yield f"{key}: missing in {lang}"
        for key in catalogues[lang].keys() - catalogues[first].keys():
            yield f"{key}: missing in {first}"
        for key in catalogues[first].keys() & catalogues[lang].keys():
            here, there = _placeholders(catalogues[first][key]), _placeholders(catalogues[lang][key])
            if here != there:
                yield f"{key}: placeholders differ: {sorted(here)} in {first}, {sorted(there)} in {lang}"
    for lang, sentences in catalogues.items():
        forms = {"other", *Locale.parse(lang).plural_form.tags}
        for key, sentence in sentences.items():
            if not isinstance(sentence, str) and set(sentence) != forms:
                yield f"{key}: {lang} needs the plural forms {sorted(forms)}"


def _placeholders(sentence: Sentence) -> set[str]:
    templates = [sentence] if isinstance(sentence, str) else list(sentence.values())
    return {name for template in templates for _, name, _, _ in string.Formatter().parse(template) if name}
