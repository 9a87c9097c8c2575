"""Undo: milestones go back to how they stood."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from handlers import milestones
from handlers.intent import Intent, ListMilestones, MarkDone, PutBack, Stood, SuggestNext, pack
from handlers.milestones import Step
from handlers.phrase import fragment
from handlers.ports import Desk
from handlers.progress import progress_of
from handlers.records import SUBJECT_LIFE, EvidenceRemoved, Fact, Known, MilestoneDropped, MilestoneSet, State
from handlers.reply import Button, Buttons, Reply, Text
from handlers.turn import Turn

MOST_CARRIED = 1_800
"""Bytes of an undo that its button carries; the smallest limit among the platforms is 2,000."""

MOST_PUT_BACK = 12
"""Milestones that one undo names, as the intent has it."""


def undo_of(changed: Iterable[Step], known: Known, evidence: tuple[str, ...] = ()) -> Intent:
    """Puts the milestones back as they stand now; what is too long for a button opens what was ticked last."""
    stood = [_stands(one.clause.id, known) for one in changed]
    if max(len(stood), len(evidence)) <= MOST_PUT_BACK:
        undo = PutBack(stood=tuple(stood), evidence=evidence)
        if len(pack(undo).encode()) <= MOST_CARRIED:
            return undo
    return MarkDone(done=False)


def _stands(clause: str, known: Known) -> Stood:
    one = known.milestones.get(clause)
    return (
        Stood(clause=clause, state=one.state.value, since=one.since, checked=one.checked)
        if one
        else Stood(clause=clause)
    )


def just_said(turn: Turn, desk: Desk) -> tuple[Step, ...]:
    """What a bare "undo" takes back: all that was ticked off or taken on last, if that was in this conversation."""
    known = turn.known
    said = [known.milestones[clause] for clause in known.done | known.in_state(State.WORKING)]
    latest = max((one.since for one in said), default=None)
    if latest is None or desk.now() - latest > SUBJECT_LIFE:
        return ()
    found = (
        milestones.find(desk.matrix, clause) for clause in sorted(one.clause for one in said if one.since == latest)
    )
    return tuple(one for one in found if one)


async def undo_last(just: Iterable[Step], turn: Turn, desk: Desk) -> Reply:
    """Opens what was just said, and forgets the evidence that was noted in the same breath."""
    ids = {one.clause.id: turn.known.milestones[one.clause.id].since for one in just}
    noted = await desk.store.evidence(turn.person)
    evidence = tuple(one.id for one in noted if one.clause in ids and one.at == ids[one.clause])
    return put_back_as([Stood(clause=one) for one in ids], evidence, turn, desk)


async def put_back(intent: PutBack, turn: Turn, desk: Desk) -> Reply:
    """Undoes a change: each milestone as it stood before."""
    return put_back_as(intent.stood, intent.evidence, turn, desk)


def put_back_as(stood: Iterable[Stood], evidence: Iterable[str], turn: Turn, desk: Desk) -> Reply:
    """Each milestone as it stood, and none of this evidence any more."""
    voice, known = desk.voice(turn.lang), turn.known
    then = {one.clause: one for one in stood}
    meant = tuple(step for clause in then if (step := milestones.find(desk.matrix, clause)))
    removed = tuple(EvidenceRemoved(one) for one in evidence)
    if not (meant or removed):
        return Reply((Text(voice("done.gone")),))
    texts, facts = [], []
    done = set(known.done)
    for step in meant:
        clause = step.clause.id
        texts.append(Text(voice(_undone(then[clause], known), text=fragment(step.clause, voice))))
        facts.append(_fact(then[clause], desk))
        done.discard(clause)
        if then[clause].state == "done":
            done.add(clause)
    if removed:
        texts.append(Text(voice("done.unnoted")))
    counts = progress_of(meant, frozenset(done), turn, desk) if done != known.done else []
    buttons = Buttons((Button(voice("button.next"), SuggestNext()), Button(voice("next.all"), ListMilestones())))
    return Reply((*texts, *counts, buttons), facts=(*facts, *removed))


def _undone(then: Stood, known: Known) -> str:
    """The sentence for a milestone that goes back to how it stood."""
    if then.state in ("done", "working"):
        return f"done.back-to.{then.state}"
    now = known.milestones.get(then.clause)
    if now and now.state is State.WORKING:
        return "milestones.put-back"
    return "done.reopened" if now and now.state is State.DONE else "done.was-open"


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
