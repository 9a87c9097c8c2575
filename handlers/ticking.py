"""Ticking milestones off, and opening them again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from handlers import milestones, which
from handlers.day import day_of
from handlers.evidence import ask_for_evidence, fault_in_link, written
from handlers.heard import UNDO
from handlers.intent import (
    AddEvidence,
    Intent,
    MarkDone,
    PickMilestone,
    ShowProfile,
    SmallTalk,
    SuggestNext,
    Unclear,
)
from handlers.milestones import Step
from handlers.phrase import fragment
from handlers.ports import Desk
from handlers.profile import ask_profile
from handlers.progress import progress_of
from handlers.records import EvidenceAdded, Fact, MilestoneDropped, MilestoneSet, State
from handlers.reply import Block, Button, Buttons, Reply, Text
from handlers.smalltalk import unclear
from handlers.turn import Turn
from handlers.undo import undo_button, undo_of


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
        if not intent.done and intent.sure:
            return _nothing_to_undo(intent, turn, desk)
        meant = last if intent.done and len(last) == 1 else ()
        working = milestones.in_state(desk.matrix, known, State.WORKING)
        if not meant and intent.done and intent.sure and len(working) == 1:
            return _ask_whether(working, intent, turn, desk)
    if meant and intent.sure:
        return _tick(intent, meant, turn, desk) if intent.done else _reopen(meant, turn, desk)
    if intent.done and (intent.text or intent.link):
        return ask_for_evidence(intent, meant, voice("done.which"), turn, desk)
    return _ask_whether(meant, intent, turn, desk) if meant else _ask_which(intent, last, turn, desk)


def _pool(intent: MarkDone, turn: Turn, desk: Desk) -> Iterable[Step]:
    """What may be meant: what is open, or to open it again what is done."""
    return which.to_do(turn, desk) if intent.done else milestones.in_state(desk.matrix, turn.known, State.DONE)


def _nothing_to_undo(intent: MarkDone, turn: Turn, desk: Desk) -> Reply:
    """No guess at what "undo" means: what is done can be opened again one by one."""
    honest = Text(desk.voice(turn.lang)("done.no-undo"))
    if not turn.known.done:
        return Reply((honest, Buttons((Button(desk.voice(turn.lang)("button.profile"), ShowProfile()),))))
    which_one = _choose(tuple(_pool(intent, turn, desk)), intent, turn, desk)
    return replace(which_one, blocks=(honest, *which_one.blocks))


def _ask_whether(meant: tuple[Step, ...], intent: MarkDone, turn: Turn, desk: Desk) -> Reply:
    """Whether these are done (or not): nothing is put on record before that is clear."""
    if len(meant) > 1:
        return _choose(meant, intent, turn, desk)
    voice, done = desk.voice(turn.lang), intent.done
    ask = voice("done.whether" if done else "done.whether-open", text=fragment(meant[0].clause, voice))
    clause = meant[0].clause.id
    so = MarkDone(clause=clause, done=done)
    unchanged = SmallTalk(mood="unchanged")
    answers: dict[str, Intent] = {"yes": so, "no": unchanged, "skip": unchanged, "stop": unchanged}
    if done:
        answers["partly"] = PickMilestone(clause=clause)
    yes = Button(voice("done.yes" if done else "done.yes-open"), so)
    return Reply((Text(ask), Buttons((yes,))), answers=answers)


def _choose(choices: tuple[Step, ...], intent: MarkDone, turn: Turn, desk: Desk) -> Reply:
    ask, label = ("done.which", "done.button") if intent.done else ("done.which-open", "done.reopen-button")
    return which.choose(ask, label, choices, MarkDone(done=intent.done), turn, desk)


def _ask_which(intent: MarkDone, last: tuple[Step, ...], turn: Turn, desk: Desk) -> Reply:
    """Which milestone? With the last list, or with what is in work and comes next."""
    voice = desk.voice(turn.lang)
    close = which.speaking_of(intent.words, _pool(intent, turn, desk), desk) if intent.words else ()
    if not intent.done:
        choices = close or tuple(_pool(intent, turn, desk))
        return _choose(choices, intent, turn, desk) if choices else Reply((Text(voice("done.none-done")),))
    choices = close or tuple(one for one in last if one.clause.id not in turn.known.done)
    choices = choices or tuple(islice(which.to_do(turn, desk), which.MOST_ASKED))
    if choices:
        return _choose(choices, intent, turn, desk)
    if all(milestones.own_rung(desk.matrix, turn.known.profile)):
        return Reply((Text(voice("done.none-open")), Buttons((Button(voice("button.next"), SuggestNext()),))))
    ask = ask_profile(desk, voice, voice("done.need-both"))
    return replace(ask, blocks=(Text(voice("done.which")), *ask.blocks))


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
        noted = tuple(EvidenceAdded(text, one.clause.id, link or None, day, ticked=True) for one in meant)
    blocks: list[Block] = [
        Text(voice("done.marked" if one in fresh else "done.already", text=fragment(one.clause, voice)))
        for one in meant
    ]
    if noted:
        blocks.append(Text(voice("done.noted", text=" · ".join(filter(None, (text, link))))))
    blocks += progress_of(meant, known.done | {one.clause.id for one in fresh}, turn, desk)
    facts: tuple[Fact, ...] = (*(MilestoneSet(one.clause.id, State.DONE) for one in fresh), *noted)
    buttons = []
    answers: dict[str, Intent] = {}
    if fresh:
        undo = undo_of(facts, known, desk.now())
        answers = {UNDO: undo}
        buttons.append(undo_button(undo, voice))
    elif len(meant) == 1:
        buttons.append(Button(voice("done.reopen"), MarkDone(clause=meant[0].clause.id, done=False)))
    if fault:
        ask = ask_for_evidence(AddEvidence(text=text, link=link), meant[:1], fault, turn, desk)
        controls = (Buttons(tuple(buttons)),) if buttons else ()
        return Reply((*blocks, *controls, *ask.blocks), facts=facts, answers=answers)
    if len(meant) == 1 and not noted:
        buttons.append(Button(voice("evidence.add"), AddEvidence(clause=meant[0].clause.id, sure=False)))
    buttons.append(Button(voice("button.next"), SuggestNext()))
    return Reply((*blocks, Buttons(tuple(buttons))), facts=facts, answers=answers)


def _reopen(meant: tuple[Step, ...], turn: Turn, desk: Desk) -> Reply:
    """Opens what was done again."""
    voice, done = desk.voice(turn.lang), turn.known.done
    changed = tuple(one for one in meant if one.clause.id in done)
    texts = (
        Text(voice("done.reopened" if one in changed else "done.was-open", text=fragment(one.clause, voice)))
        for one in meant
    )
    counts = progress_of(meant, done - {one.clause.id for one in changed}, turn, desk)
    facts = tuple(MilestoneDropped(one.clause.id) for one in changed)
    undo = undo_of(facts, turn.known, desk.now())
    back = (undo_button(undo, voice),) if changed else ()
    buttons = Buttons((*back, Button(voice("button.next"), SuggestNext())))
    return Reply((*texts, *counts, buttons), facts=facts, answers={UNDO: undo} if changed else {})
