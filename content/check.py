"""Checks the content as its authors would read it: everything loads, and nothing looks like a slip."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from content.faults import Fault, Faults
from content.load import HERE, load
from content.strict import Data, Document, read_all, yaml_files

_SLIPS = {
    re.compile(r"  "): "has two spaces in a row",
    re.compile(r"\b(?:TODO|TBD|FIXME|XXX)\b|lorem ipsum", re.I): "is not written yet",
    re.compile(r"</?[a-z][^>]*>|&(?:[a-z]+|#\d+);", re.I): "holds HTML; write plain text",
    re.compile(
        "[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad]"
    ): "holds an invisible character",
}

# The commonest words of a language that are none in the other.
_TELLING = {
    "en": frozenset("the of and to for with is are you your this that from which what on it be".split()),  # noqa: SIM905
    "de": frozenset("der die das und ist für mit du dein von zu den dem ein eine auf nicht im".split()),  # noqa: SIM905
}
_CERTAIN = 3
"""So many telling words of another language, and none of its own, make a text one of the wrong language."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked, by count, and every fault."""

    counts: dict[str, int]
    faults: tuple[Fault, ...]


def check(folder: Path | None = None) -> Checked:
    """Load a content folder (the shipped one by default), then look for slips in its texts."""
    counts: dict[str, int] = {}
    faults: list[Fault] = []
    try:
        content = load(folder)
    except Faults as found:
        faults += found.faults
    else:
        matrix = content.matrix
        counts = {
            "skills": len(matrix.skills),
            "roles": len(matrix.roles),
            "levels": len(matrix.levels),
            "cells": len(matrix.cells),
            "clauses": sum(1 for _ in matrix.clauses()),
            "languages": len(content.texts.languages),
        }
    faults += slips(folder or HERE)
    return Checked(counts, Faults(faults).faults)


def slips(folder: Path) -> Iterator[Fault]:
    """What loads and is still wrong: texts in another language than they say, and left-overs."""
    framework = [read_all(path)[0] for path in yaml_files(folder / "framework")]
    named = next((_at(document.data, "framework", "language") for document in framework), None)
    for document in framework:
        for place, language, text in _framework_texts(document, named if isinstance(named, str) else "en"):
            yield from _slips(document, place, language, text)
    for path in yaml_files(folder / "texts"):
        document, _ = read_all(path)
        for place, text in _strings(document.data, ()):
            yield from _slips(document, place, path.stem, text)


def _slips(document: Document, place: tuple[str | int, ...], language: str, text: str) -> Iterator[Fault]:
    name = ".".join(map(str, place))
    for slip, sentence in _SLIPS.items():
        if slip.search(text):
            yield document.fault(f"`{name}` {sentence}.", *place)
    words = re.findall(r"\w+", text.casefold())
    told = {tag: sum(word in telling for word in words) for tag, telling in _TELLING.items()}
    if language in told and not told[language] and max(told.values()) >= _CERTAIN:
        other = max(told, key=lambda tag: told[tag])
        yield document.fault(f"`{name}` stands for `{language}`, but it reads like `{other}`.", *place)


def _framework_texts(document: Document, language: str) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """The descriptions and clauses of a file with their places and languages."""
    for section in ("skills", "cells"):
        for place, text in _strings(_at(document.data, section), (section,)):
            if "about" in place or "clauses" in place:
                head = place.index("about") if "about" in place else place.index("clauses") + 1
                yield place, str(place[-1]) if len(place) > head + 1 else language, text


def _strings(data: Data, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(data, str):
        yield place, data
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in steps:
        yield from _strings(value, (*place, step))


def _at(data: Data, *place: str) -> Data:
    for step in place:
        data = data.get(step) if isinstance(data, dict) else None
    return data
