"""What somebody wants to keep: the link in a message, and the sentence behind a colon."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from content.words import Cue
from handlers.intent import (
    MOST_WRITTEN,
    AddEvidence,
    AskNudges,
    AskPrivacy,
    Intent,
    MarkDone,
    Search,
    SetProfile,
    ShowEvidence,
    SmallTalk,
    StartHere,
    Unclear,
)
from handlers.understand.clean import clean
from handlers.understand.reading import Reading

_LINK = re.compile(
    r"<a\b[^<>]*?\bhref\s*=\s*[\"']?(?P<tagged>https?:[^\s\"'<>]+)[^<>]*>.*?</a\s*>"
    r"|<(?P<slack>https?:[^<>|\s]+)(?:\|[^<>]*)?>"
    r"|!?\[[^\[\]]*\]\((?P<markdown>https?:[^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)"
    r"|(?P<plain>\bhttps?://[^\s<>\"]+)",
    re.IGNORECASE | re.DOTALL,
)
_MAY_TELL = re.compile(r"https?:|:|\n|<br|</p|\s[-–—]\s", re.IGNORECASE)
_LINE_END = re.compile(r"<br\b[^<>]*>|</(?:p|div|li)\s*>", re.IGNORECASE)
# A colon that is no part of a time, an emoji's name or a German form for all genders, a dash between words, a new line.
_SEAM = re.compile(r"(?<!\w):[a-z0-9_+\-]+:(?!\w)|(?P<seam>:(?!\d|-?in(?:nen)?\b)|\s[-–—]+\s|\n)", re.IGNORECASE)
_COMMA = re.compile(r"[,;]\s")
_MOST_SEAMS = 2
_LEAST = 3
"""Words of a sentence to keep where no colon announces it: "what next" is none."""
# What a platform writes for people and channels is no part of the sentence; formatting stays as it was typed.
_TOKEN = re.compile(
    r"<(?:[@!#][^<>]*|at\b[^<>]*>.*?</at)>|</?[a-zA-Z][^<>]*>|<(?:mailto|tel):[^<>|]*\|?|(?<!\w):[a-z0-9_+\-]+:(?!\w)",
    re.IGNORECASE | re.DOTALL,
)
# A name of somebody or of a channel, as `Turn.words` has it; nothing but capitals and digits is an id.
_NAMED = re.compile(r"<(?:@|(?=#))(?![@#]?[A-Z0-9]+>)([^<>|]+)>")
_GAP = re.compile(r"(?<=\S)(?=\s|[,;.:!?])")
_EDGES = " ,;:-–—•"
_ENDS = _EDGES + ".!"
_EMPTY = re.compile(r"\(\s*\)|\[\s*\]")
_BEHIND_LINK = ".,;:!?'\"*_~`…"


class Noted(NamedTuple):
    """A message in its parts: what it is about, the sentence to keep, and the link."""

    about: str
    text: str
    link: str


def noted(words: str, pointers: frozenset[str]) -> Iterator[Noted]:
    """The ways to take a message apart, the most telling first; none when there is nothing to take apart.

    `pointers` are words that only point at the link.
    """
    if not _MAY_TELL.search(words):
        return
    link, bare = _take_link(_LINE_END.sub("\n", words))
    seams = [match for match in _SEAM.finditer(bare) if match["seam"]]
    if seams and link and not bare[seams[-1].end() :].strip(_ENDS):
        last = seams.pop()  # "here is the pull request: https://…"
        bare = bare[: last.start()] + " " + bare[last.end() :]
    for seam in seams[:_MOST_SEAMS]:
        text = tidied(bare[seam.end() :], pointers if link else frozenset())
        if seam["seam"] == ":" or link or len(text.split()) >= _LEAST:
            yield Noted(bare[: seam.start()], text, link)
    if link:
        comma = _COMMA.search(bare)
        if comma and not seams:
            yield Noted(bare[: comma.start()], tidied(bare[comma.end() :], pointers), link)
        yield Noted(bare, "", link)


def keep(parts: Noted, about: Reading, intent: Intent, whole: Intent) -> Intent | None:
    """What to keep of a message, when it is one that tells something to keep.

    `intent` is what `about` says, `whole` what all words say when they are not taken apart.
    """
    text, link = parts.text, parts.link
    if text.endswith("?"):
        return None
    match intent:
        case MarkDone(done=True, words=said, number=number, numbers=numbers, every=every):
            named = said or number or numbers or every
            return intent.model_copy(update={"text": text, "link": link}) if named or not text else None
        case AddEvidence():
            return intent.model_copy(update={"text": text, "link": link})
        case ShowEvidence() if text or link:
            return AddEvidence(text=text, link=link)
        case _:
            pass
    if about.nothing_but(Cue.NOTE) and (link or len(text.split()) >= _LEAST):
        elsewhere = isinstance(whole, SetProfile | AskNudges | AskPrivacy | MarkDone)
        return None if elsewhere else AddEvidence(text=text, link=link)
    asks = "?" in about.text or about.has(Cue.WHO, Cue.SEARCH, Cue.DONE, Cue.UNDO)
    bare = link and not text and len(about.rest) < 2 and not asks and isinstance(whole, StartHere | Unclear)
    return AddEvidence(link=link, sure=False) if bare else None


def told(words: str, reading: Reading, whole: Intent) -> AddEvidence | None:
    """What to keep of a sentence with the wish behind it or before it: "I rolled it out, remember that"."""
    if not isinstance(whole, Search | SmallTalk | Unclear) or "?" in reading.text:
        return None
    typed = words.strip()
    for tone in reading.tones:
        start, end = tone.start, tone.mask.bit_length()
        if tone.cue != Cue.NOTE:
            continue
        behind = start >= _LEAST and reading.parted(start)
        if behind and all(part.key in reading.fillers for part in reading.parts[end:]):
            return AddEvidence(text=tidied(_opening(typed, reading.text[: reading.parts[start - 1].end])))
        opens = not start and tone.mask.bit_count() >= _LEAST and len(reading.parts) > end + 1
        if opens and any(other.cue == Cue.ADDS and other.start == end - 1 for other in reading.tones):
            at = reading.parts[end - 1].start
            return AddEvidence(text=tidied(typed[at:] if typed.startswith(reading.text[:at]) else reading.text[at:]))
    return None


def _opening(typed: str, text: str) -> str:
    """The beginning of what was typed that reads as `text`, with the names in it; `text` itself where there is none."""
    if typed.startswith(text) or not _NAMED.search(typed):
        return text
    ends = (gap.end() for gap in _GAP.finditer(typed))
    return next((typed[:end] for end in ends if clean(typed[:end]) == text), text)


def _take_link(words: str) -> tuple[str, str]:
    """The first link, and the words without any link or label of one."""
    links: list[str] = []

    def take(match: re.Match[str]) -> str:
        whole = match["tagged"] or match["slack"] or match["markdown"] or match["plain"]
        link = _trimmed(whole)
        links.append(_cut(html.unescape(link)))
        return " " + (whole[len(link) :] if match["plain"] else "")

    bare = _EMPTY.sub(" ", _LINK.sub(take, words))
    return (links[0] if links else ""), bare


def _trimmed(link: str) -> str:
    """The link without the punctuation of the sentence around it."""
    link = link.rstrip(_BEHIND_LINK)
    while link.endswith((")", "]")) and link.count(link[-1]) > link.count("(" if link[-1] == ")" else "["):
        link = link[:-1].rstrip(_BEHIND_LINK)
    return link


def tidied(text: str, pointers: frozenset[str] = frozenset()) -> str:
    """The sentence as typed, without what only points at the link behind it."""
    text = " ".join(html.unescape(_TOKEN.sub(" ", _NAMED.sub(r"\1", text))).split()).strip(_EDGES).lstrip(". ")
    while pointers and text:
        before, _, last = text.rstrip(_ENDS).rpartition(" ")
        if last and last.casefold() not in pointers:
            break
        text = before.rstrip(_EDGES)
    return _cut(text)


def _cut(text: str) -> str:
    """What there is room for; where something is missing, it ends with an ellipsis (see `handlers.evidence.is_cut`)."""
    return text if len(text) <= MOST_WRITTEN else text[: MOST_WRITTEN - 1] + "…"
