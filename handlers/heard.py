"""What a short answer means: "yes", "partly", "undo", or the name of the role that was asked for.

A page declares it (`Reply.answers`), and the door keeps it with what is spoken of in that place:

- A page replaces the question of the page before it, whether it asks one itself or not, so that nothing is confirmed
  by an old question. Only the walk's question about a clause stands through what is said in passing, as long as that
  asks nothing and puts nothing on record but the language.
- What comes beside a page, such as thanks for a verdict on it, changes nothing.
- "undo" stands until something else is put on record; what cannot be undone takes it away.
- After an undo, "undo" does it again, and a question stands. Evidence does not come back: with it a second "undo" is
  the first one once more, which leaves what it left.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Literal

from handlers.intent import (
    AskNudges,
    FindLevel,
    Intent,
    MarkDone,
    PlanPosts,
    PutBack,
    ReviewPlan,
    SetLanguage,
    ShowExpectations,
    fill,
    pack,
    unpack,
)
from handlers.ports import Understood
from handlers.records import EvidenceAdded, Fact, MilestoneSet, Subject, SubjectSet
from handlers.reply import Reply

Answer = Literal["yes", "no", "partly", "skip", "stop", "undo", "fill"]
"""What an intent can be kept for; "fill" is what a name completes that is typed alone."""

UNDO = "undo"
FILL = "fill"

TAKE_BACK = MarkDone(done=False)
"""What a bare "undo" is understood as."""


def hear(understood: Understood, subject: Subject | None) -> Intent | None:
    """What words mean as an answer to what was shown last; None when they are none."""
    held = subject.answers if subject else {}
    if understood.reply == "name":
        return _filled(held.get(FILL), understood.intent)
    if understood.reply == "place":
        return _placed(held.get(FILL), understood.rest)
    if (there := _only_there(understood.intent)) and (placed := _placed(held.get(FILL), there)):
        return placed
    if understood.intent == TAKE_BACK:
        return opened(held.get(UNDO))
    heard = opened(held.get("yes" if understood.intent == MarkDone() else understood.reply or ""))
    if understood.rest:
        return _exemplified(heard, understood.rest)
    # "Done" says what became of a plan, and nothing else is answered by it; "stop" ends nudges, whatever is asked.
    if understood.intent == MarkDone() and not isinstance(heard, ReviewPlan):
        return None
    return None if isinstance(heard, ReviewPlan) and isinstance(understood.intent, AskNudges) else heard


def _exemplified(heard: Intent | None, rest: str) -> Intent | None:
    """An answer in the walk that goes on in a sentence: behind a yes or a partly that is the example."""
    if not isinstance(heard, FindLevel) or not heard.answer:
        return None
    return fill(heard, (("text", rest),)) if heard.answer in ("yes", "partly") else heard


def opened(kept: str | None) -> Intent | None:
    """An intent that was kept; None when there is none, or when a later version wrote it."""
    try:
        return unpack(kept) if kept else None
    except ValueError:
        return None


def _filled(kept: str | None, named: Intent) -> Intent | None:
    """What was asked for with the role or the level that was named; None where another one was spoken of."""
    asked = opened(kept)
    if asked is None or not isinstance(named, ShowExpectations):
        return None
    given = {key: value for key in ("role", "level") if (value := getattr(named, key))}
    lacks = [key for key in given if getattr(asked, key, "") is None]
    if not lacks or any(getattr(asked, key, "") not in (None, value) for key, value in given.items()):
        return None
    return fill(asked, ((key, given[key]) for key in lacks))


def _only_there(intent: Intent) -> str | None:
    """Where somebody says they are, who says nothing else: "I am in Denver now"."""
    if not isinstance(intent, AskNudges) or intent != AskNudges(wish="set", zone=intent.zone, country=intent.country):
        return None
    return intent.zone


def _placed(kept: str | None, there: str) -> Intent | None:
    """What was asked for, with the place that was asked about; None where no place was."""
    asked = opened(kept)
    return asked.model_copy(update={"zone": there}) if isinstance(asked, AskNudges | PlanPosts) else None


def carry(reply: Reply, intent: Intent, held: Mapping[str, str]) -> Mapping[str, str]:
    """What short answers mean after this reply, when they meant `held` before it."""
    if intent.beside:
        return held
    declared = {key: pack(one) for key, one in reply.answers.items()}
    if isinstance(intent, PutBack) and (declared or is_held(intent, held)):
        return {**held, **declared}
    kept = {UNDO: held[UNDO]} if UNDO in held else {}
    facts = [fact for fact in reply.facts if not isinstance(fact, SubjectSet)]
    if (facts and isinstance(intent, SetLanguage)) or (isinstance(intent, PlanPosts) and intent.every):
        kept = {}  # a schedule is put on record with its team
    elif facts:
        return (kept if _undoes(opened(held.get(UNDO)), facts) else {}) | declared
    if not (isinstance(intent, FindLevel) or declared.keys() - {UNDO}):
        kept |= {key: one for key, one in held.items() if key != FILL and isinstance(opened(one), FindLevel)}
    return kept | declared


def _undoes(undo: Intent | None, facts: Iterable[Fact]) -> bool:
    """Whether an undo takes all of this back: then the same click came once more."""
    if not isinstance(undo, PutBack):
        return False
    clauses = {one.clause for one in undo.stood}
    return all(
        (isinstance(one, MilestoneSet) and one.clause in clauses and not one.checked)
        or (isinstance(one, EvidenceAdded) and one.id in undo.evidence)
        for one in facts
    )


def is_held(undo: PutBack, held: Mapping[str, str]) -> bool:
    """Whether this is what a typed "undo" means, itself or by its name."""
    kept = held.get(UNDO, "")
    return bool(kept) and (undo.change == name_of(kept) if undo.change else kept == pack(undo))


def name_of(undo: str) -> str:
    """The name of an undo, packed, that is too long for a button."""
    return hashlib.sha256(undo.encode()).hexdigest()[:16]
