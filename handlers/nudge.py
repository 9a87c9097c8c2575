"""The weekly message: last week's plan shown back, or a few milestones to plan for; short, and off in one tap."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, replace

from content.texts import Voice
from handlers import milestones
from handlers.intent import AddEvidence, AskNudges, ConfirmMilestone, MakePlan, ReceiveNudge, ReviewPlan
from handlers.milestones import Step
from handlers.nudge_pages import council, slot
from handlers.nudging import in_force, is_month_new, is_on, today_of
from handlers.phrase import citation, fragment, skill_label
from handlers.plan_words import sentence
from handlers.plans import answers as plan_answers
from handlers.ports import Desk
from handlers.progress import MOST_STEPS, ask_rung, nothing_open, some_steps, step_items
from handlers.records import Known, Plan, Subject, SubjectSet
from handlers.reply import Block, Bullets, Button, Buttons, Item, Note, Reply, Text
from handlers.rhythm import HALVED_AFTER, PAUSED_AFTER, is_away
from handlers.turn import Turn

GREETINGS, RETURNS = 5, 5
"""First lines, one after the other: to choose with, and to look back with. Five, so that every other week, or every
fourth, has another one, too."""

MOST_BUTTONS = 6
"""Of the whole message."""


@dataclass(frozen=True, slots=True)
class Nudge:
    """What a nudge says, which milestones it lists, and whether it asks what became of the plan."""

    blocks: tuple[Block, ...]
    steps: tuple[Step, ...]
    asks: bool


Part = tuple[tuple[Block, ...], tuple[Step, ...], list[Button]]
"""What the middle of a nudge shows, the milestones in it, and its buttons."""


async def receive_nudge(intent: ReceiveNudge, turn: Turn, desk: Desk) -> Reply:
    """The nudge of a day; at the door it is sent unasked, on a button it is shown."""
    role, level = milestones.own_rung(desk.matrix, turn.known.profile)
    if desk.works_council:
        return council(turn, desk)
    if not role or not level:
        return ask_rung(desk, desk.voice(turn.lang), role, level)
    nudge = compose(role, level, intent.day or today_of(turn.known.nudging, desk.now()), turn, desk)
    subject = replace(
        turn.known.subject or Subject(),
        milestones=tuple(step.clause.id for step in nudge.steps),
        lang=turn.lang,
    )
    plan = turn.known.nudging.plan
    return Reply(
        nudge.blocks,
        facts=(SubjectSet(turn.place, subject),),
        answers=plan_answers(plan) if plan and nudge.asks else {},
    )


def has_something_to_say(letter: ReceiveNudge, known: Known, desk: Desk) -> bool:
    """Whether a letter that was planned still goes: not to whom it was switched off for, nor on a free day.

    Nor where the person has put it off, or chosen another time, while it waited. Who is paused hears it once: in the
    letter with which nudges end.
    """
    kept, day = known.nudging, letter.day
    if kept.chosen and letter.due and letter.due <= kept.chosen:
        return False
    if desk.works_council or kept.rhythm is None or not all(milestones.own_rung(desk.matrix, known.profile)):
        return False
    if day and is_away(kept.rhythm, day):
        return False
    return is_on(kept) or (kept.ignored >= PAUSED_AFTER and kept.last == day)


def preview(turn: Turn, desk: Desk) -> Reply:
    """The nudge as it would come now; nothing is put on record."""
    voice = desk.voice(turn.lang)
    role, level = milestones.own_rung(desk.matrix, turn.known.profile)
    assert role
    assert level
    nudge = compose(role, level, today_of(turn.known.nudging, desk.now()), turn, desk)
    return Reply((Note(voice("nudge.preview")), *nudge.blocks))


def compose(role: str, level: str, day: datetime.date, turn: Turn, desk: Desk) -> Nudge:
    """The message of a day: a friendly line, one thing to decide, and the small print."""
    voice, kept = desk.voice(turn.lang), turn.known.nudging
    plan = open_plan(turn.known, desk)
    check = _check(turn.known, plan, desk)
    fresh = is_month_new(kept, day) and kept.ignored < PAUSED_AFTER
    spare: tuple[Button, ...] = ()
    if plan:
        body, steps, actions = _show_back(plan, turn, desk)
        if fresh:
            spare = (Button(voice("nudge.new"), MakePlan()),)
    else:
        body, steps, actions = _suggest(role, level, MOST_STEPS - 1 if check else MOST_STEPS, turn, desk)
    head: list[Block] = [Text(_hello(day, steps, voice, back=plan is not None))]
    head += [Text(one) for one in _frequency(turn, day, voice)]
    if fresh and steps:
        head.append(Text(voice("nudge.month-plan" if plan else "nudge.month")))
    if check:
        spare = (*spare, Button(voice("nudge.still"), ConfirmMilestone(clause=check.clause.id)))
    if plan:
        spare = (*spare, Button(voice("evidence.add"), AddEvidence(clause=plan.clause, sure=False)))
    end = tuple(_end(turn.known, voice))
    spare = spare[: max(MOST_BUTTONS - len(actions) - len(end), 0)]
    asked = check and any(isinstance(one.intent, ConfirmMilestone) for one in spare)
    still = (Text(voice("still.ask", text=fragment(check.clause, voice))),) if check and asked else ()
    buttons = Buttons((*actions, *spare, *end))
    why = Note(_why(turn, day, voice))
    return Nudge((*head, *body, *still, buttons, why), steps, asks=plan is not None)


def open_plan(known: Known, desk: Desk) -> Plan | None:
    """The plan of which nobody has said yet what became of it."""
    plan = known.nudging.plan
    if plan is None or plan.outcome or plan.clause in known.done:
        return None
    return plan if milestones.find(desk.matrix, plan.clause) else None


def _hello(day: datetime.date, steps: tuple[Step, ...], voice: Voice, *, back: bool) -> str:
    """The first line; where there is nothing to plan it says so."""
    if not steps:
        return voice("nudge.hello-none")
    kind, count = ("back", RETURNS) if back else ("hello", GREETINGS)
    return voice(f"nudge.{kind}-{day.toordinal() // 7 % count + 1}")


def _frequency(turn: Turn, day: datetime.date, voice: Voice) -> Iterator[str]:
    """What changes about how often nudges come, said when it does."""
    kept = turn.known.nudging
    chosen, going_on = kept.rhythm, in_force(kept, day)
    if not (chosen and going_on):
        return
    if kept.ignored >= PAUSED_AFTER:
        yield voice("nudge.pauses")
    elif kept.ignored == HALVED_AFTER and going_on.every != chosen.every:
        yield voice("nudge.halves", slot=slot(going_on, voice))


def _show_back(plan: Plan, turn: Turn, desk: Desk) -> Part:
    """The plan, its milestone, and what may have become of it."""
    voice = desk.voice(turn.lang)
    step = milestones.find(desk.matrix, plan.clause)
    assert step
    body = (
        Text(voice("nudge.plan", date=voice.date(plan.day))),
        Text(sentence(plan.when, plan.then, voice), strong=True),
        Bullets((Item(fragment(step.clause, voice), skill_label(desk, voice, step.cell.skill)),)),
        citation(desk, voice, step.cell),
        Text(voice("nudge.how")),
    )
    return body, (step,), list(_review(plan, voice))


def _review(plan: Plan, voice: Voice) -> Iterator[Button]:
    yield Button(voice("nudge.done"), ReviewPlan(outcome="done", day=plan.day), "primary")
    yield Button(voice("nudge.partly"), ReviewPlan(outcome="partly", day=plan.day))
    yield Button(voice("nudge.not-now"), ReviewPlan(outcome="not-now", day=plan.day))


def _suggest(role: str, level: str, most: int, turn: Turn, desk: Desk) -> Part:
    """Milestones to plan for, each with its reason and a button."""
    voice = desk.voice(turn.lang)
    _, found, more = some_steps(0, desk, role, level, turn)
    if not found:
        empty = nothing_open(desk, voice, role, level)
        buttons = [one for block in empty.blocks if isinstance(block, Buttons) for one in block.buttons]
        return tuple(block for block in empty.blocks if not isinstance(block, Buttons)), (), buttons
    steps = found[:most]
    more = more or len(found) > most
    body = (
        Text(voice("nudge.pick")),
        Bullets(step_items(steps, level, turn, desk), numbered=True),
        citation(desk, voice, *dict.fromkeys(step.cell for step in steps)),
    )
    buttons = [
        Button(voice("plan.button", number=number), MakePlan(clause=step.clause.id))
        for number, step in enumerate(steps, start=1)
    ]
    if more:
        buttons.append(Button(voice("next.others"), MakePlan(past=len(steps))))
    return body, steps, buttons


def _check(known: Known, plan: Plan | None, desk: Desk) -> Step | None:
    """A milestone to ask about whether it is still true."""
    due = milestones.due_checks((known.milestones[clause] for clause in known.done), desk.now())
    steps = (milestones.find(desk.matrix, one.clause) for one in due if not (plan and plan.clause == one.clause))
    return next((step for step in steps if step), None)


def _end(known: Known, voice: Voice) -> Iterator[Button]:
    """A rest, or going on after the last one, and the end; to whom has none, the beginning."""
    if known.nudging.rhythm is None:
        yield Button(voice("nudges.yes"), AskNudges(wish="on"), "primary")
        return
    if is_on(known.nudging):
        # As often as was chosen: pressing it is an answer, and brings that pace back.
        yield Button(voice("nudge.snooze", count=known.nudging.rhythm.every), AskNudges(wish="snooze"))
    else:
        yield Button(voice("nudges.resume"), AskNudges(wish="resume"))
    yield Button(voice("nudges.stop"), AskNudges(wish="off"))


def _why(turn: Turn, day: datetime.date, voice: Voice) -> str:
    """Why this comes, and how it ends."""
    chosen, going_on = turn.known.nudging.rhythm, in_force(turn.known.nudging, day)
    if not (chosen and going_on):
        return voice("nudge.why-none")
    if going_on.paused:
        return voice("nudge.why-paused")
    return voice("nudge.why" if going_on.every == chosen.every else "nudge.why-less", slot=slot(going_on, voice))
