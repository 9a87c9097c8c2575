"""Texts as every platform takes them: harmless, on one line, within a limit; and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final, Literal

from handlers.plain import clean

__all__ = ["MORE", "NOTHING", "clean", "cut", "dump", "named", "one_line", "pieces", "weigh"]

MORE: Final = "…"
"""Stands where something was cut."""
NAME: Final = 100
"""Characters of somebody's name among words."""
_MARKS: Final = str.maketrans("<>&|", "    ")
NOTHING: Final = "–"
"""Stands where a platform refuses an empty text."""


def one_line(text: str, limit: int) -> str:
    """Text on one line within a limit; never empty."""
    return cut(" ".join(clean(text).split()), limit) or NOTHING


def cut(text: str, limit: int) -> str:
    """Text within a limit; where something is missing, it ends with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + MORE


def pieces(text: str, limit: int) -> Iterator[str]:
    """Text in pieces within a limit, parted at white space where there is any; none for a blank text."""
    text = clean(text).strip()
    while len(text) > limit:
        end = max(text.rfind(" ", 1, limit), text.rfind("\n", 1, limit))
        end = end if end > 0 else limit
        yield text[:end].rstrip()
        text = text[end:].lstrip()
    if text:
        yield text


def named(kind: Literal["@", "#"], name: str) -> str:
    """A name among typed words, marked so that the parser passes over it; nothing without a name."""
    # An ampersand could begin an entity, which the parser resolves.
    plain = one_line(name.translate(_MARKS), NAME) if name.translate(_MARKS).strip() else ""
    return f"<{kind}{plain}>" if plain else ""


def dump(value: object) -> str:
    """Compact JSON, as it goes over the wire in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def weigh(value: object) -> int:
    """Bytes of a value on the wire."""
    return len(dump(value).encode())
