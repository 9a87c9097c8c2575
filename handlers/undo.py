"""Undo: milestones go back to how they stood."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from content.texts import Voice
from handlers import milestones
from handlers.heard import UNDO, is_held, name_of, opened
from handlers.intent import ListMilestones, PutBack, Stood, SuggestNext, pack
from handlers.phrase import fragment
from handlers.ports import Desk
from handlers.progress import progress_of
from handlers.records import EvidenceRemoved, Fact, Known, MilestoneDropped, MilestoneSet, State
from handlers.reply import Button, Buttons, Reply, Text
from handlers.turn import Turn

MOST_CARRIED = 1_800
"""Bytes of an undo that its button carries; the smallest limit among the platforms is 2,000."""


def undo_of(changed: Iterable[str], known: Known, evidence: tuple[str, ...] = ()) -> PutBack:
    """Puts the clauses back as they stand now."""
    return PutBack(stood=tuple(_stands(one, known) for one in changed), evidence=evidence)


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
    if not intent.change:
        return _put_back(intent, turn, desk)
    held = turn.known.subject.answers if turn.known.subject else {}
    undo = opened(held.get(UNDO)) if is_held(intent, held) else None
    if isinstance(undo, PutBack):
        return _put_back(undo, turn, desk)
    voice = desk.voice(turn.lang)
    return Reply((Text(voice("done.undo-gone")), Buttons((Button(voice("next.all"), ListMilestones()),))))


def _put_back(undo: PutBack, turn: Turn, desk: Desk) -> Reply:
    voice, known = desk.voice(turn.lang), turn.known
    then = {one.clause: one for one in undo.stood}
    meant = tuple(step for clause in then if (step := milestones.find(desk.matrix, clause)))
    removed = tuple(EvidenceRemoved(one) for one in undo.evidence)
    if not (meant or removed):
        return Reply((Text(voice("done.gone")),))
    texts, facts = [], []
    done = set(known.done)
    for step in meant:
        clause = step.clause.id
        texts.append(Text(voice(_undone(then[clause], known), text=fragment(step.clause, voice))))
        if then[clause] != _stands(clause, known):
            facts.append(_fact(then[clause], desk))
        done.discard(clause)
        if then[clause].state == "done":
            done.add(clause)
    if removed:
        texts.append(Text(voice("done.unnoted")))
    counts = progress_of(meant, frozenset(done), turn, desk) if done != known.done else []
    buttons = Buttons((Button(voice("button.next"), SuggestNext()), Button(voice("next.all"), ListMilestones())))
    redo = {} if removed or not facts else {UNDO: undo_of((step.clause.id for step in meant), known)}
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
        moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) for moment in (then.since, then.checked)
    )
    since, checked = (moment if moment and moment <= now else None for moment in (since, checked))
    return MilestoneSet(then.clause, State(then.state), since, checked)
