"""What people type, without its mark-up: plain text, and its words in a folded form."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import NamedTuple

LONGEST = 2000
"""Characters of a message that are read; what follows is ignored."""


class Word(NamedTuple):
    """A word in its folded form, and where it stands in the clean text."""

    key: str
    start: int
    end: int


_SLACK_TOKEN = re.compile(r"<(?:[@!#][^<>]*|at\b[^<>]*>.*?</at)>", re.IGNORECASE | re.DOTALL)
_SLACK_LINK = re.compile(r"<(?:https?|mailto|tel):[^<>|]*(?:\|([^<>]*))?>", re.IGNORECASE)
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_URL = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)
_SCRIPT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->|\$?\{[^{}]*\}\}?|\{%.*?%\}", re.DOTALL)
_EMOJI_NAME = re.compile(r"(?<!\w):[a-z0-9_+\-]+:(?!\w)", re.IGNORECASE)
_AT_NAME = re.compile(r"(?<![\w.])@[\w.\-]+")
# "Ingenieur:in", "Entwickler*innen", "Engineer (m/w/d)": German forms for all genders.
_GENDER = re.compile(r"(?<=\w)[:*_/(]-?in(?:nen)?\b\)?|\((?:[mwfdxi]/)+[mwfdxi]\)", re.IGNORECASE)
_MARKUP = re.compile(r"[*_~`|<>{}\[\]\\^]+")
_ENDLESS = re.compile(r"(\S{80})\S+")  # no word is longer, and what is remembered of words stays small
_SPACE = re.compile(r"\s+")
_NEEDS_CARE = re.compile(r"[<>&@:*_~`|{}\[\]\\^(]|www\.|[^\x20-\x7e\xa0-\xac\xae-\xff]")
_WORD = re.compile(r"\d{1,2}[:.]\d{2}(?!\d)|[^\W_]+(?:['’´][^\W_]+)*")
_UMLAUTS = re.compile(r"ae|oe|ue")


def clean(text: str) -> str:
    """The text without mentions, links' addresses, tags, emoji names and formatting marks, in NFKC."""
    text = text[:LONGEST]
    if _NEEDS_CARE.search(text):
        text = html.unescape(text)
        text = unicodedata.normalize("NFKC", text)[:LONGEST]  # one character may become eighteen
        text = "".join(char for char in text if unicodedata.category(char) not in ("Cf", "Cc") or char.isspace())
        text = _SLACK_LINK.sub(lambda link: link[1] or " ", _SLACK_TOKEN.sub(" ", text))
        text = _URL.sub(" ", _MARKDOWN_LINK.sub(r"\1", text))
        text = _TAG.sub(" ", _SCRIPT.sub(" ", text))
        text = _AT_NAME.sub(" ", _EMOJI_NAME.sub(" ", _GENDER.sub("", text)))
        text = _MARKUP.sub(" ", text)
    return _SPACE.sub(" ", _ENDLESS.sub(r"\1", text)).strip()


def fold(word: str) -> str:
    """The form in which words are compared: no case, no accents, and "ä", "ae" and "a" alike."""
    word = word.casefold()
    if not word.isascii():
        word = word.replace("’", "'").replace("´", "'")
        decomposed = unicodedata.normalize("NFKD", word)
        word = "".join(char for char in decomposed if not unicodedata.combining(char))
    if len(word) > 3:
        word = _UMLAUTS.sub(lambda pair: pair[0][0], word)
    return word


def split(text: str) -> list[Word]:
    """The words of a clean text. "9:30" is one word, "ML-Engineer" two."""
    return [Word(fold(match[0]), match.start(), match.end()) for match in _WORD.finditer(text)]


def keys(text: str) -> tuple[str, ...]:
    """The folded words alone."""
    return tuple([fold(match[0]) for match in _WORD.finditer(text)])
