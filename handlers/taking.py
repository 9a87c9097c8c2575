"""Taking a milestone on, and putting it back."""

from __future__ import annotations

from itertools import islice

from handlers import milestones, which
from handlers.heard import UNDO
from handlers.intent import AddEvidence, ListMilestones, MarkDone, PickMilestone, SuggestNext
from handlers.phrase import fragment
from handlers.ports import Desk
from handlers.progress import ask_rung
from handlers.records import MilestoneDropped, MilestoneSet, State
from handlers.reply import Button, Buttons, Reply, Text
from handlers.turn import Turn
from handlers.undo import undo_button, undo_of


async def pick_milestone(intent: PickMilestone, turn: Turn, desk: Desk) -> Reply:
    """Takes a milestone on, or puts it back."""
    voice, known = desk.voice(turn.lang), turn.known
    if intent.clause and not milestones.find(desk.matrix, intent.clause):
        return Reply((Text(voice("done.gone")),))
    last = which.last_listed(turn, desk)
    in_work = milestones.in_state(desk.matrix, known, State.WORKING)
    pool = (lambda: which.to_do(turn, desk)) if intent.working else (lambda: in_work)
    meant = which.meant(intent, last, pool, desk, voice)
    if not (meant or intent.working or intent.number or intent.words) and len(in_work) == 1:
        meant = in_work
    if not meant:
        return _ask_which_to_take(intent, turn, desk)
    step, clause = meant[0], meant[0].clause.id
    text = fragment(step.clause, voice)
    working = step in in_work
    fact = MilestoneSet(clause, State.WORKING) if intent.working else MilestoneDropped(clause)
    undo = undo_of((fact,), known, desk.now())
    undone = {UNDO: undo}
    if not intent.working:
        key = "milestones.put-back" if working else "milestones.not-working"
        if not working:
            return Reply((Text(voice(key, text=text)), Buttons((Button(voice("button.next"), SuggestNext()),))))
        buttons: tuple[Button, ...] = (undo_button(undo, voice), Button(voice("button.next"), SuggestNext()))
        return Reply((Text(voice(key, text=text)), Buttons(buttons)), facts=(fact,), answers=undone)
    key = "already" if working else "again" if clause in known.done else "taken"
    back = "milestones.put-back-button"
    buttons = (
        Button(voice("milestones.done-button"), MarkDone(clause=clause)),
        Button(voice("evidence.add"), AddEvidence(clause=clause, sure=False)),
        Button(voice(back), PickMilestone(clause=clause, working=False)) if working else undo_button(undo, voice, back),
        Button(voice("button.next"), SuggestNext()),
    )
    page = (Text(voice(f"milestones.{key}", text=text)), Buttons(buttons))
    return Reply(page) if working else Reply(page, facts=(fact,), answers=undone)


def _ask_which_to_take(intent: PickMilestone, turn: Turn, desk: Desk) -> Reply:
    """Which one to take on, of what is open; or to put back, of what is in work."""
    voice = desk.voice(turn.lang)
    role, level = milestones.own_rung(desk.matrix, turn.known.profile)
    if not intent.working:
        ask, label = "milestones.which-back", "milestones.back-button"
        choices = milestones.in_state(desk.matrix, turn.known, State.WORKING)
        if not choices:
            following = Buttons((Button(voice("button.next"), SuggestNext()),))
            return Reply((Text(voice("milestones.none-working")), following))
    elif not role or not level:
        return ask_rung(desk, voice, role, level)
    else:
        ask, label = "milestones.which", "next.take"
        close = which.speaking_of(intent.words, which.to_do(turn, desk), desk) if intent.words else ()
        choices = close or tuple(islice(milestones.open_steps(desk, role, level, turn.known), which.MOST_ASKED))
        if not choices:
            return Reply((Text(voice("done.none-open")), Buttons((Button(voice("next.all"), ListMilestones()),))))
    return which.choose(ask, label, choices, PickMilestone(working=intent.working), turn, desk)
