"""Reads the coach's sentences from YAML: nested keys become dotted ones, plural forms stay together."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping

from babel import Locale, UnknownLocaleError

from content.faults import Fault
from content.strict import Data, Document
from content.texts import Sentence, differences

PLURAL_FORMS = frozenset({"zero", "one", "two", "few", "many", "other"})


def sentences(document: Document) -> tuple[dict[str, Sentence], list[Fault]]:
    """The sentences of one language by dotted key, and what is wrong with them."""
    found: dict[str, Sentence] = {}
    faults: list[Fault] = []
    try:
        Locale.parse(document.path.stem)
    except (UnknownLocaleError, ValueError):
        faults.append(Fault(document.path, 1, f"`{document.path.stem}` is no language that dates and plurals know."))
    for place, sentence in _flatten((), document.data):
        key = ".".join(place)
        if key in found:
            faults.append(document.fault(f"`{key}` stands here twice, once with dots.", *place))
        if isinstance(sentence, list):
            faults.append(document.fault(f"`{key}` should be a sentence, not a list.", *place))
            continue
        faults += [document.fault(f"`{key}` {problem}", *place) for problem in _problems(sentence)]
        found[key] = sentence
    return found, faults


def catalogue_faults(
    catalogues: Mapping[str, Mapping[str, Sentence]], documents: Mapping[str, Document]
) -> Iterable[Fault]:
    """What keeps the languages from saying the same, told where the sentence stands."""
    for problem in sorted(differences(catalogues)) if catalogues else ():
        key = problem.partition(":")[0]
        langs = [lang for lang, known in catalogues.items() if key in known]
        lang = next((lang for lang in langs if f": {lang} " in problem), langs[-1])
        yield documents[lang].fault(f"{problem}.", *key.split("."))


def _flatten(place: tuple[str, ...], data: Data) -> Iterator[tuple[tuple[str, ...], Data]]:
    if isinstance(data, dict) and not (data and data.keys() <= PLURAL_FORMS and place):
        for key, value in data.items():
            yield from _flatten((*place, key), value)
    else:
        yield place, data


def _problems(sentence: Sentence) -> Iterator[str]:
    for template in [sentence] if isinstance(sentence, str) else sentence.values():
        if not isinstance(template, str):
            yield "should be a sentence per plural form, not more than that."
            continue
        if not template.strip():
            yield "is empty; write a sentence, or leave the key out."
        try:
            names = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
        except ValueError:
            yield "has a brace that is not closed; write {{ and }} for braces that are meant."
            continue
        if not all(name.isidentifier() for name in names):
            yield "has a placeholder without a plain name; write it like {role}."
