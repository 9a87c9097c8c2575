"""Words of a text, and their stems."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

_WORD = re.compile(r"[^\W_]+(?:[-‐‑/&+'’.][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_STEMMERS = {"en": "english", "de": "german"}


class Token(NamedTuple):
    """A word in lower case and its place in the text; a compound's joined form spans several places."""

    word: str
    start: int
    end: int


@lru_cache(maxsize=16384)
def tokens(text: str) -> tuple[Token, ...]:
    """The words of a text: "TensorRT-LLM" is tensorrt, llm and, spanning both, tensorrtllm; "A/B" is a/b."""
    found: list[Token] = []
    place = 0
    for compound in _WORD.findall(text):
        parts = _merge_letters(_PART.findall(compound.casefold()), slashed="/" in compound)
        found += [Token(part, place + n, place + n + 1) for n, part in enumerate(parts)]
        if len(parts) > 1 and "/" not in compound:
            found.append(Token("".join(parts), place, place + len(parts)))
        place += len(parts)
    return tuple(found)


@lru_cache(maxsize=65536)
def stem(word: str, language: str) -> str:
    """The stem of a word in lower case; the word itself in a language without a stemmer."""
    algorithm = _STEMMERS.get(language)
    # A stemmer holds the word it works on, so threads must not share one.
    return str(snowballstemmer.stemmer(algorithm).stemWord(word)) if algorithm else word


def _merge_letters(parts: list[str], *, slashed: bool) -> list[str]:
    merged: list[str] = []
    for n, part in enumerate(parts):
        if slashed and n and len(part) == 1 and len(parts[n - 1]) == 1:
            merged[-1] += f"/{part}"
        else:
            merged.append(part)
    return merged
