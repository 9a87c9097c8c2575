"""What is said of a milestone: done, in work, open again; and all of that undone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from itertools import islice

from handlers import milestones, which
from handlers.day import day_of
from handlers.evidence import ask_for_evidence, fault_in_link, written
from handlers.intent import (
    AddEvidence,
    Intent,
    ListMilestones,
    MarkDone,
    PickMilestone,
    PutBack,
    Stood,
    SuggestNext,
    Unclear,
    pack,
)
from handlers.milestones import Step
from handlers.phrase import fragment
from handlers.ports import Desk
from handlers.profile import ask_profile
from handlers.progress import ask_rung, progress
from handlers.records import (
    SUBJECT_LIFE,
    EvidenceAdded,
    EvidenceRemoved,
    Fact,
    Known,
    MilestoneDropped,
    MilestoneSet,
    State,
)
from handlers.reply import Block, Button, Buttons, Reply, Text
from handlers.smalltalk import unclear
from handlers.turn import Turn

MOST_CARRIED = 1_800
"""Bytes of an undo that its button carries; the smallest limit among the platforms is 2,000."""

MOST_PUT_BACK = 12
"""Milestones that one undo names, as the intent has it."""


async def mark_done(intent: MarkDone, turn: Turn, desk: Desk) -> Reply:
    """Ticks milestones off, or opens them again; where it is unclear which, or whether, it is asked."""
    voice, known = desk.voice(turn.lang), turn.known
    if intent.clause and not milestones.find(desk.matrix, intent.clause):
        return Reply((Text(voice("done.gone")),))
    last = which.last_listed(turn, desk)
    if turn.words and not (intent.sure or last):
        return await unclear(Unclear(), turn, desk)
    meant = which.meant(intent, last, lambda: _pool(intent, turn, desk), desk, voice)
    if not (intent.clause or intent.words or intent.number or intent.numbers or intent.every):
        just = () if intent.done else _just_said(turn, desk)
        if just and intent.sure:
            noted = await desk.store.evidence(turn.person)
            began = known.milestones[just[0].clause.id].since
            ids = [one.clause.id for one in just]
            stood = [Stood(clause=one) for one in ids]
            return _put_back(stood, tuple(one.id for one in noted if one.at == began and one.clause in ids), turn, desk)
        meant = just or (last if intent.done and len(last) == 1 else ())
        working = milestones.in_state(desk.matrix, known, State.WORKING)
        if not meant and intent.done and intent.sure and len(working) == 1:
            return _ask_whether(working, intent, turn, desk)
    if meant and intent.sure:
        return _tick(intent, meant, turn, desk) if intent.done else _reopen(meant, turn, desk)
    if intent.done and (intent.text or intent.link):
        return ask_for_evidence(intent, meant, voice("done.which"), turn, desk)
    return _ask_whether(meant, intent, turn, desk) if meant else _ask_which(intent, last, turn, desk)


def _pool(intent: MarkDone | PickMilestone, turn: Turn, desk: Desk) -> Iterable[Step]:
    """What may be meant: what is done or in work, to open it again; else what is open."""
    if isinstance(intent, MarkDone) and not intent.done:
        return milestones.in_state(desk.matrix, turn.known, State.DONE)
    if isinstance(intent, PickMilestone) and not intent.working:
        return milestones.in_state(desk.matrix, turn.known, State.WORKING)
    return which.to_do(turn, desk)


def _just_said(turn: Turn, desk: Desk) -> tuple[Step, ...]:
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


def _ask_whether(meant: tuple[Step, ...], intent: MarkDone, turn: Turn, desk: Desk) -> Reply:
    """Whether these are done (or not): nothing is put on record before that is clear."""
    if len(meant) > 1:
        return _choose(meant, intent, turn, desk)
    voice, done = desk.voice(turn.lang), intent.done
    ask = voice("done.whether" if done else "done.whether-open", text=fragment(meant[0].clause, voice))
    yes = Button(voice("done.yes" if done else "done.yes-open"), MarkDone(clause=meant[0].clause.id, done=done))
    return Reply((Text(ask), Buttons((yes,))))


def _choose(choices: tuple[Step, ...], intent: MarkDone, turn: Turn, desk: Desk) -> Reply:
    ask, label = ("done.which", "done.button") if intent.done else ("done.which-open", "done.reopen-button")
    choices = choices[: which.MOST_ASKED]
    return which.choose(ask, label, choices, lambda clause: MarkDone(clause=clause, done=intent.done), turn, desk)


def _ask_which(intent: MarkDone, last: tuple[Step, ...], turn: Turn, desk: Desk) -> Reply:
    """Which milestone? With the last list, or with what is in work and comes next."""
    voice = desk.voice(turn.lang)
    if not intent.done:
        choices = tuple(_pool(intent, turn, desk))
        return _choose(choices, intent, turn, desk) if choices else Reply((Text(voice("done.none-done")),))
    choices = tuple(one for one in last if one.clause.id not in turn.known.done)
    choices = choices or tuple(islice(which.to_do(turn, desk), which.MOST_ASKED))
    if choices:
        return _choose(choices, intent, turn, desk)
    if all(milestones.own_rung(desk.matrix, turn.known.profile)):
        return Reply((Text(voice("done.none-open")), Buttons((Button(voice("button.next"), SuggestNext()),))))
    return Reply((Text(voice("done.which")), *ask_profile(desk, voice, voice("done.need-both")).blocks))


def _tick(intent: MarkDone, meant: tuple[Step, ...], turn: Turn, desk: Desk) -> Reply:
    """Marks them as done, with what was told as evidence, and offers the way back."""
    voice, known = desk.voice(turn.lang), turn.known
    fresh = tuple(one for one in meant if one.clause.id not in known.done)
    if intent.every:
        meant = fresh or meant
    text, link = written(intent.text), intent.link.strip()
    fault = fault_in_link(link, voice)
    noted: tuple[EvidenceAdded, ...] = ()
    if (text or link) and not fault:
        day = day_of(desk.now(), turn)
        noted = tuple(EvidenceAdded(text, one.clause.id, link or None, day) for one in meant)
    blocks: list[Block] = [
        Text(voice("done.marked" if one in fresh else "done.already", text=fragment(one.clause, voice)))
        for one in meant
    ]
    if noted:
        blocks.append(Text(voice("done.noted", text=" · ".join(filter(None, (text, link))))))
    blocks += _progress(meant, known.done | {one.clause.id for one in fresh}, turn, desk)
    buttons = []
    if fresh or noted:
        undo = undo_of(fresh, known, tuple(one.id for one in noted))
        buttons.append(Button(voice("done.undo"), undo))
    elif len(meant) == 1:
        buttons.append(Button(voice("done.reopen"), MarkDone(clause=meant[0].clause.id, done=False)))
    facts: tuple[Fact, ...] = (*(MilestoneSet(one.clause.id, State.DONE) for one in fresh), *noted)
    if fault:
        ask = ask_for_evidence(AddEvidence(text=text, link=link), meant[:1], fault, turn, desk)
        return Reply(
            (*blocks, Buttons(tuple(buttons)), *ask.blocks) if buttons else (*blocks, *ask.blocks), facts=facts
        )
    if len(meant) == 1 and not noted:
        buttons.append(Button(voice("evidence.add"), AddEvidence(clause=meant[0].clause.id, sure=False)))
    buttons.append(Button(voice("button.next"), SuggestNext()))
    return Reply((*blocks, Buttons(tuple(buttons))), facts=facts)


def _reopen(meant: tuple[Step, ...], turn: Turn, desk: Desk) -> Reply:
    """Opens what was done again."""
    voice, done = desk.voice(turn.lang), turn.known.done
    changed = tuple(one for one in meant if one.clause.id in done)
    texts = (
        Text(voice("done.reopened" if one in changed else "done.was-open", text=fragment(one.clause, voice)))
        for one in meant
    )
    counts = _progress(meant, done - {one.clause.id for one in changed}, turn, desk)
    undo = (Button(voice("done.undo"), undo_of(changed, turn.known)),) if changed else ()
    buttons = Buttons((*undo, Button(voice("button.next"), SuggestNext())))
    return Reply((*texts, *counts, buttons), facts=tuple(MilestoneDropped(one.clause.id) for one in changed))


def _progress(meant: Iterable[Step], done: frozenset[str], turn: Turn, desk: Desk) -> list[Block]:
    """How much of each level that is spoken of is done."""
    voice = desk.voice(turn.lang)
    rungs = dict.fromkeys((one.cell.role, one.cell.level) for one in meant)
    return [count for role, level in rungs for count in progress(desk, voice, role, level, done)]


async def pick_milestone(intent: PickMilestone, turn: Turn, desk: Desk) -> Reply:
    """Takes a milestone on, or puts it back."""
    voice, known = desk.voice(turn.lang), turn.known
    if intent.clause and not milestones.find(desk.matrix, intent.clause):
        return Reply((Text(voice("done.gone")),))
    last = which.last_listed(turn, desk)
    meant = which.meant(intent, last, lambda: _pool(intent, turn, desk), desk, voice)
    in_work = milestones.in_state(desk.matrix, known, State.WORKING)
    if not (meant or intent.working or intent.number or intent.words) and len(in_work) == 1:
        meant = in_work
    if not meant:
        return _ask_which_to_take(intent, turn, desk)
    step, clause = meant[0], meant[0].clause.id
    text = fragment(step.clause, voice)
    working = clause in known.in_state(State.WORKING)
    if not intent.working:
        key = "milestones.put-back" if working else "milestones.not-working"
        undo = (Button(voice("done.undo"), undo_of(meant, known)),) if working else ()
        facts: tuple[Fact, ...] = (MilestoneDropped(clause),) if working else ()
        buttons = (*undo, Button(voice("button.next"), SuggestNext()))
        return Reply((Text(voice(key, text=text)), Buttons(buttons)), facts=facts)
    key = "already" if working else "again" if clause in known.done else "taken"
    back: Intent = PickMilestone(clause=clause, working=False) if working else undo_of(meant, known)
    buttons = (
        Button(voice("milestones.done-button"), MarkDone(clause=clause)),
        Button(voice("evidence.add"), AddEvidence(clause=clause, sure=False)),
        Button(voice("milestones.put-back-button"), back),
        Button(voice("button.next"), SuggestNext()),
    )
    page = (Text(voice(f"milestones.{key}", text=text)), Buttons(buttons))
    return Reply(page, facts=() if working else (MilestoneSet(clause, State.WORKING),))


def _ask_which_to_take(intent: PickMilestone, turn: Turn, desk: Desk) -> Reply:
    """Which one to take on, of what is open; or to put back, of what is in work."""
    voice = desk.voice(turn.lang)
    role, level = milestones.own_rung(desk.matrix, turn.known.profile)
    if not intent.working:
        ask, label = "milestones.which-back", "milestones.back-button"
        choices = tuple(islice(_pool(intent, turn, desk), which.MOST_ASKED))
        if not choices:
            return Reply(
                (Text(voice("milestones.none-working")), Buttons((Button(voice("button.next"), SuggestNext()),)))
            )
    elif not role or not level:
        return ask_rung(desk, voice, role, level)
    else:
        ask, label = "milestones.which", "next.take"
        choices = tuple(islice(milestones.open_steps(desk, role, level, turn.known), which.MOST_ASKED))
        if not choices:
            return Reply((Text(voice("done.none-open")), Buttons((Button(voice("next.all"), ListMilestones()),))))
    return which.choose(
        ask, label, choices, lambda clause: PickMilestone(clause=clause, working=intent.working), turn, desk
    )


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


async def put_back(intent: PutBack, turn: Turn, desk: Desk) -> Reply:
    """Undoes a change: each milestone as it stood before."""
    return _put_back(intent.stood, intent.evidence, turn, desk)


def _put_back(stood: Iterable[Stood], evidence: Iterable[str], turn: Turn, desk: Desk) -> Reply:
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
    counts = _progress(meant, frozenset(done), turn, desk) if done != known.done else []
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
