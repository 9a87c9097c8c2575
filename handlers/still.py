"""Whether what was ticked off is still true."""

from __future__ import annotations

from itertools import chain

from handlers import milestones, which
from handlers.day import day_of
from handlers.heard import UNDO
from handlers.intent import (
    AddEvidence,
    ConfirmMilestone,
    Intent,
    ListMilestones,
    PickMilestone,
    SmallTalk,
    SuggestNext,
)
from handlers.milestones import Step
from handlers.phrase import fragment, rung
from handlers.plans import to_plan
from handlers.ports import Desk
from handlers.records import MilestoneDropped, MilestoneSet, State
from handlers.reply import Button, Buttons, Note, Reply, Text
from handlers.turn import Turn
from handlers.undo import undo_button, undo_of


async def confirm_milestone(intent: ConfirmMilestone, turn: Turn, desk: Desk) -> Reply:
    """Asks whether a milestone is still true, by itself the first that is due, or keeps the answer."""
    voice, known = desk.voice(turn.lang), turn.known
    due = [one.clause for one in milestones.due_checks(known.milestones.values(), desk.now())]
    clause = intent.clause
    if intent.words and not clause:
        done = milestones.in_state(desk.matrix, known, State.DONE)
        meant = which.meant(intent, (), lambda: chain(done, which.to_do(turn, desk)), desk, voice)
        if not meant:
            return _ask_which(intent, done, turn, desk)
        clause = meant[0].clause.id
    elif not clause:
        clause = next((one for one in due if milestones.find(desk.matrix, one)), None)
    if clause is None:
        buttons = (Button(voice("button.next"), SuggestNext()), Button(voice("next.all"), ListMilestones()))
        return Reply((Text(voice("still.none")), Buttons(buttons)))
    step = milestones.find(desk.matrix, clause)
    if step is None:
        return Reply((Text(voice("done.gone")),))
    text = fragment(step.clause, voice)
    if clause not in known.done:
        take = Button(voice("milestones.take"), PickMilestone(clause=clause))
        return Reply((Text(voice("still.not-done", text=text)), Buttons((take,))))
    if not (intent.clause or intent.words) or intent.still is None:
        return _ask(step, turn, desk)
    left = [one for one in due if one != clause]
    more = (Button(voice("still.more", count=len(left)), ConfirmMilestone()),) if left else ()
    if intent.still:
        kept = MilestoneSet(clause, State.DONE, checked=desk.now())
        buttons = (
            *more,
            Button(voice("still.no"), ConfirmMilestone(clause=clause, still=False)),
            Button(voice("evidence.add"), AddEvidence(clause=clause, sure=False)),
            *to_plan(turn, desk),
        )
        return Reply((Text(voice("still.kept", text=text)), Buttons(buttons)), facts=(kept,))
    dropped = MilestoneDropped(clause)
    undo = undo_of((dropped,), known, desk.now())
    buttons = (
        *more,
        Button(voice("milestones.take"), PickMilestone(clause=clause)),
        undo_button(undo, voice),
        *to_plan(turn, desk),
    )
    page = (Text(voice("still.reopened", text=text)), Buttons(buttons))
    return Reply(page, facts=(dropped,), answers={UNDO: undo})


def _ask_which(intent: ConfirmMilestone, done: tuple[Step, ...], turn: Turn, desk: Desk) -> Reply:
    """Which of what is done is spoken of?"""
    voice = desk.voice(turn.lang)
    choices = which.speaking_of(intent.words, done, desk) or done
    if not choices:
        buttons = (Button(voice("button.next"), SuggestNext()), Button(voice("next.all"), ListMilestones()))
        return Reply((Text(voice("done.none-done")), Buttons(buttons)))
    return which.choose("still.which", "still.about", choices, ConfirmMilestone(still=intent.still), turn, desk)


def _ask(step: Step, turn: Turn, desk: Desk) -> Reply:
    voice, clause = desk.voice(turn.lang), step.clause.id
    since = voice.date(day_of(turn.known.milestones[clause].since, turn))
    at = rung(desk, voice, step.cell.role, step.cell.level)
    yes, no = (ConfirmMilestone(clause=clause, still=still) for still in (True, False))
    buttons = (
        Button(voice("still.yes"), yes),
        Button(voice("still.no"), no),
        Button(voice("evidence.add"), AddEvidence(clause=clause, sure=False)),
    )
    ask = Text(voice("still.ask", text=fragment(step.clause, voice)))
    later = SmallTalk(mood="unchanged")
    answers: dict[str, Intent] = {"yes": yes, "no": no, "skip": later, "stop": later}
    return Reply((ask, Note(voice("still.since", date=since, rung=at)), Buttons(buttons)), answers=answers)
