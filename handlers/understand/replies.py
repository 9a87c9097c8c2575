"""A message that is nothing but an answer, or begins with one: yes, no, partly, skip, stop, or a name."""

from __future__ import annotations

from typing import Literal

from content.words import Cue
from handlers.intent import (
    AskNudges,
    AskPrivacy,
    FindLevel,
    Intent,
    SetLanguage,
    SetProfile,
    ShowEvidence,
    ShowExpectations,
    ShowPacket,
    ShowProfile,
)
from handlers.understand.reading import Reading

Answer = Literal["yes", "no", "partly", "skip", "stop", "name"]

_ANSWERS: tuple[tuple[Answer, frozenset[Cue], frozenset[Cue]], ...] = (
    ("skip", frozenset({Cue.SKIP}), frozenset({Cue.NO})),
    ("stop", frozenset({Cue.PAUSE}), frozenset({Cue.NO})),
    ("partly", frozenset({Cue.PARTLY}), frozenset({Cue.YES, Cue.NO})),
    ("yes", frozenset({Cue.YES}), frozenset({Cue.FORGET})),
    ("no", frozenset({Cue.NO, Cue.NOT_YET}), frozenset({Cue.FORGET})),
)
"""What is answered, the cues that say so, and those that may stand beside; what says more comes first."""


def reply_in(reading: Reading) -> Answer | None:
    """What is answered, when the message is nothing but that."""
    if "?" in reading.text or not reading.parts:
        return None
    if _names(reading):
        return "name"
    told = (*reading.tones, *reading.matches)
    for said, cues, beside in _ANSWERS:
        mask = 0
        for match in told:
            if match.cue in cues or match.cue in beside or match.cue == Cue.THANKS:
                mask |= match.mask
        opens = any(tone.start == 0 and (tone.cue in cues or tone.cue in beside) for tone in reading.tones)
        if opens and mask == (1 << len(reading.parts)) - 1 and any(tone.cue in cues for tone in reading.tones):
            return said
    return None


def _names(reading: Reading) -> bool:
    """Whether it names a role, a level, or both, and says no more."""
    named = [part.name.kind for part in reading.parts if part.name]
    bare = all(part.name or part.key in reading.fillers for part in reading.parts)
    once = len(named) == len(set(named))
    return bare and once and bool(named) and set(named) <= {"role", "level"} and not reading.has(Cue.SELF)


_WISHES = (
    *(AskNudges, AskPrivacy, FindLevel, SetLanguage, SetProfile),
    *(ShowEvidence, ShowExpectations, ShowPacket, ShowProfile),
)
"""What is wished for even behind a yes or a no: "no, forget me"."""


def reply_before(reading: Reading, intent: Intent) -> tuple[Answer, int] | None:
    """What is answered before the message goes on, and where in its text: "partly, I only know one of them"."""
    said, end = _opening(reading)
    if said is None or said == "stop" or end >= len(reading.parts) or "?" in reading.text:
        return None
    weekly = isinstance(intent, AskNudges) and intent.wish == "set" and not reading.has(Cue.NUDGE)
    if isinstance(intent, _WISHES) and not weekly:
        return None
    told = [tone.cue for tone in reading.tones if tone.start == end]
    qualified = said == "partly" and reading.tone(Cue.ADDS, within=range(end))
    if not (reading.parted(end) or Cue.ADDS in told or qualified) or reading.parts[end].key.isdecimal():
        return None
    after = end + (Cue.ADDS in told)
    asks = any(tone.cue == Cue.ASKS and tone.start in (end, after) for tone in reading.tones)
    asks |= any(
        match.cue in (Cue.EXPLAIN, Cue.HELP) and match.start >= end and match.mask.bit_count() > 1
        for match in reading.matches
    )
    leaves = said == "yes" and not {Cue.SKIP, Cue.PAUSE, Cue.GO_ON}.isdisjoint(told)
    return None if asks or leaves else (said, reading.parts[end - 1].end)


def _opening(reading: Reading) -> tuple[Answer | None, int]:
    """The answer that the message begins with, by its longest wording, and the place after it."""
    length, answer, told = 0, None, frozenset[Cue]()
    for said, cues, _ in _ANSWERS:
        size = max((tone.mask.bit_length() for tone in reading.tones if tone.cue in cues and not tone.start), default=0)
        if size > length:
            length, answer, told = size, said, cues
    for tone in sorted(reading.tones, key=lambda each: each.start):
        if tone.cue in told and tone.start < length:
            length = max(length, tone.mask.bit_length())
    return answer, length
