"""If-then plans in words: when …, I will …"""

from __future__ import annotations

import re

from content.texts import Voice

_OPENS = re.compile(r"^(?:when(?:ever)?|if|wenn|falls)\s+", re.IGNORECASE)
_GOES_ON = re.compile(
    r"^(?:then\s+|dann\s+)?(?:i\s+will|i['’]ll|ich\s+werde|werde\s+ich)\s+|^(?:then|dann)\s+", re.IGNORECASE
)


def occasion(written: str) -> str:
    """When …, without the word itself, which the sentence brings."""
    return _OPENS.sub("", _line(written))


def action(written: str) -> str:
    """What one will do, without "I will", which the sentence brings."""
    return _GOES_ON.sub("", _line(written))


def sentence(when: str, then: str, voice: Voice) -> str:
    """The plan as one sentence."""
    return voice("plan.sentence", when=when, then=then)


def _line(written: str) -> str:
    return " ".join(written.split()).rstrip(" .,;!…")
