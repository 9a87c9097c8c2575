"""Undo: milestones go back to how they stood, as long as they are what the change made of them.

A button lasts longer than what it undoes: nothing newer is overwritten, and nothing that was erased comes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from content.texts import Voice
from handlers import milestones
from handlers.heard import UNDO, is_held, name_of, opened
from handlers.intent import ListMilestones, PutBack, Stood, SuggestNext, pack
from handlers.phrase import fragment
from handlers.ports import Desk
from handlers.progress import progress_of
from handlers.records import EvidenceAdded, EvidenceRemoved, Fact, Known, MilestoneDropped, MilestoneSet, State
from handlers.reply import Button, Buttons, Reply, Text
from handlers.turn import Turn

MOST_CARRIED = 1_800
"""Bytes of an undo that its button carries; the smallest limit among the platforms is 2,000."""

FIRST_YEAR = 2000
"""A milestone from before that year was not told to the coach."""


def undo_of(facts: Iterable[Fact], known: Known, now: datetime) -> PutBack:
    """Takes back what is put on record now: the milestones that it changes, and the evidence noted along with them."""
    facts = tuple(facts)
    left: dict[str, State | None] = {}
    for fact in facts:
        if isinstance(fact, MilestoneDropped):
            left[fact.clause] = None
        elif isinstance(fact, MilestoneSet):
            before = known.milestones.get(fact.clause)
            if fact.since or before is None or before.state is not fact.state:
                left[fact.clause] = fact.state
    stood = (
        _stands(one, known).model_copy(update={"left": state.value if state else "nothing"})
        for one, state in left.items()
    )
    noted = (one.id for one in facts if isinstance(one, EvidenceAdded) and one.clause in left)
    return PutBack(stood=tuple(stood), evidence=tuple(noted), at=now)


def undo_button(undo: PutBack, voice: Voice, label: str = "done.undo") -> Button:
    """The way back; what is too long for a button is named there, and kept as what a typed "undo" means."""
    packed = pack(undo)
    short = undo if len(packed.encode()) <= MOST_CARRIED else PutBack(change=name_of(packed))
    return Button(voice(label), short)


def _stands(clause: str, known: Known) -> Stood:
    one = known.milestones.get(clause)
    return (
        Stood(clause=clause, state=one.state.value, since=one.since, checked=one.checked)
        if one
        else Stood(clause=clause)
    )


async def put_back(intent: PutBack, turn: Turn, desk: Desk) -> Reply:
    """Undoes a change: each milestone as it stood before, and none of the evidence that came with it."""
    known = turn.known
    held = known.subject.answers if known.subject else {}
    last = is_held(intent, held)
    undo = opened(held.get(UNDO)) if last and intent.change else intent
    voice = desk.voice(turn.lang)
    if isinstance(undo, PutBack):
        stood = tuple(one for one in undo.stood if milestones.find(desk.matrix, one.clause))
        if undo.stood and not stood:
            return Reply((Text(voice("done.gone")),))
        evidence = undo.evidence
        if evidence and all(_is_back(one, known) for one in stood):
            # Pressed again, perhaps: what is gone already is not told to be. Else it goes with the milestones.
            noted = {one.id for one in await desk.store.evidence(turn.person)}
            evidence = tuple(one for one in evidence if one in noted)
        undo = undo.model_copy(update={"stood": stood, "evidence": evidence})
        if (stood or evidence) and _is_as_left(undo, known, last=last):
            return _put_back(undo, turn, desk)
    return Reply((Text(voice("done.undo-gone")), Buttons((Button(voice("next.all"), ListMilestones()),))))


def _is_as_left(undo: PutBack, known: Known, *, last: bool) -> bool:
    """Whether each milestone is what the change made of it, or what it was before; `last` is the undo of right now."""
    at = undo.at and _aware(undo.at)
    before = last or (at is not None and _is_known_since(at, known))
    for then in undo.stood:
        now = known.milestones.get(then.clause)
        if _is_back(then, known):
            continue
        if now is None and not (before and then.left == "nothing"):
            return False
        if now and (then.left not in (None, now.state.value) or (at and now.since > at)):
            return False
    return True


def _is_back(then: Stood, known: Known) -> bool:
    return _stands(then.clause, known) == then.model_copy(update={"left": None})


def _is_known_since(at: datetime, known: Known) -> bool:
    """Whether something is on record from before: then nothing was erased in between."""
    chosen = known.profile.set_at
    return bool(chosen and chosen <= at) or any(one.since <= at for one in known.milestones.values())


def _put_back(undo: PutBack, turn: Turn, desk: Desk) -> Reply:
    voice, known = desk.voice(turn.lang), turn.known
    then = {one.clause: one for one in undo.stood}
    meant = tuple(step for clause in then if (step := milestones.find(desk.matrix, clause)))
    removed = tuple(EvidenceRemoved(one) for one in undo.evidence)
    texts, facts = [], []
    done = set(known.done)
    for step in meant:
        clause = step.clause.id
        texts.append(Text(voice(_undone(then[clause], known), text=fragment(step.clause, voice))))
        if not _is_back(then[clause], known):
            facts.append(_fact(then[clause], desk))
        done.discard(clause)
        if then[clause].state == "done":
            done.add(clause)
    if removed:
        texts.append(Text(voice("done.unnoted")))
    counts = progress_of(meant, frozenset(done), turn, desk) if done != known.done else []
    buttons = Buttons((Button(voice("button.next"), SuggestNext()), Button(voice("next.all"), ListMilestones())))
    redo = {} if removed or not facts else {UNDO: undo_of(facts, known, desk.now())}
    return Reply((*texts, *counts, buttons), facts=(*facts, *removed), answers=redo)


def _undone(then: Stood, known: Known) -> str:
    """The sentence for a milestone that goes back to how it stood."""
    if then.state in ("done", "working"):
        return f"done.back-to.{then.state}"
    now = known.milestones.get(then.clause)
    if now and now.state is State.WORKING:
        return "milestones.put-back"
    if now and now.state is State.DONE:
        return "done.reopened"
    return "done.back-to.open" if now else "done.was-open"


def _fact(then: Stood, desk: Desk) -> Fact:
    """The milestone as it stood; a time that cannot have been is left out."""
    if then.state is None:
        return MilestoneDropped(then.clause)
    now = desk.now()
    since, checked = (
        aware if moment and moment.year >= FIRST_YEAR and (aware := _aware(moment)) <= now else None
        for moment in (then.since, then.checked)
    )
    return MilestoneSet(then.clause, State(then.state), since, checked)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
