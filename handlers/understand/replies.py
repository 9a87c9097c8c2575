"""A message that is nothing but an answer: yes, no, partly, skip, stop, or a name."""

from __future__ import annotations

from typing import Literal

from content.words import Cue
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
