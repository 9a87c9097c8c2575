"""Whether what was ticked off is still true."""

from __future__ import annotations

from handlers import milestones
from handlers.day import day_of
from handlers.intent import AddEvidence, ConfirmMilestone, ListMilestones, PickMilestone, SuggestNext
from handlers.milestones import Step
from handlers.phrase import fragment, rung
from handlers.ports import Desk
from handlers.records import MilestoneDropped, MilestoneSet, State
from handlers.reply import Button, Buttons, Note, Reply, Text
from handlers.turn import Turn
from handlers.undo import undo_of


async def confirm_milestone(intent: ConfirmMilestone, turn: Turn, desk: Desk) -> Reply:
    """Asks whether a milestone is still true, by itself the first that is due, or keeps the answer."""
    voice, known = desk.voice(turn.lang), turn.known
    due = [one.clause for one in milestones.due_checks(known.milestones.values(), desk.now())]
    clause = intent.clause or next((one for one in due if milestones.find(desk.matrix, one)), None)
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
    if intent.clause is None or intent.still is None:
        return _ask(step, turn, desk)
    left = [one for one in due if one != clause]
    more = (Button(voice("still.more", count=len(left)), ConfirmMilestone()),) if left else ()
    if intent.still:
        kept = MilestoneSet(clause, State.DONE, checked=desk.now())
        buttons = (
            *more,
            Button(voice("still.no"), ConfirmMilestone(clause=clause, still=False)),
            Button(voice("evidence.add"), AddEvidence(clause=clause, sure=False)),
        )
        return Reply((Text(voice("still.kept", text=text)), Buttons(buttons)), facts=(kept,))
    buttons = (
        *more,
        Button(voice("milestones.take"), PickMilestone(clause=clause)),
        Button(voice("done.undo"), undo_of((step,), known)),
    )
    return Reply((Text(voice("still.reopened", text=text)), Buttons(buttons)), facts=(MilestoneDropped(clause),))


def _ask(step: Step, turn: Turn, desk: Desk) -> Reply:
    voice, clause = desk.voice(turn.lang), step.clause.id
    since = voice.date(day_of(turn.known.milestones[clause].since, turn))
    at = rung(desk, voice, step.cell.role, step.cell.level)
    buttons = (
        Button(voice("still.yes"), ConfirmMilestone(clause=clause, still=True)),
        Button(voice("still.no"), ConfirmMilestone(clause=clause, still=False)),
        Button(voice("evidence.add"), AddEvidence(clause=clause, sure=False)),
    )
    ask = Text(voice("still.ask", text=fragment(step.clause, voice)))
    return Reply((ask, Note(voice("still.since", date=since, rung=at)), Buttons(buttons)))
