"""A plan for the week: for which milestone, when and what; and what became of it."""

from __future__ import annotations

from dataclasses import replace

from content.texts import Voice
from handlers import milestones
from handlers.day import day_of
from handlers.intent import (
    AddEvidence,
    AskNudges,
    Intent,
    MakePlan,
    MarkDone,
    PickMilestone,
    ReviewPlan,
    SuggestNext,
    pack,
)
from handlers.milestones import Step
from handlers.nudge_pages import council, window
from handlers.nudging import is_on
from handlers.phrase import citation, fragment, skill_label
from handlers.plan_words import action, occasion, sentence
from handlers.ports import Desk
from handlers.progress import MOST_PAST, ask_rung, nothing_open, some_steps, step_items
from handlers.records import Fact, MilestoneSet, NudgingSet, Outcome, Plan, State
from handlers.reply import Bullets, Button, Buttons, Entry, Form, Item, Reply, Text
from handlers.turn import Turn
from handlers.which import last_listed, listed

LONGEST = 200
"""Characters of each half of a plan, as the intent has it."""

MOST_CARRIED = 1_500
"""Bytes of a plan that a button carries beside a milestone; the smallest limit among the platforms is 2,000."""

_PLAN = frozenset({"plan"})


async def make_plan(intent: MakePlan, turn: Turn, desk: Desk) -> Reply:
    """Keeps a plan for a milestone, and asks for what is missing: which one, when, what."""
    if desk.works_council:
        return council(turn, desk)
    voice, before = desk.voice(turn.lang), turn.known.nudging.plan
    if intent.again and before:
        intent = MakePlan(clause=before.clause, when=before.when, then=before.then)
    if turn.words and intent == MakePlan() and before and not before.outcome:
        return await review_plan(ReviewPlan(), turn, desk)
    if intent.clause is None and (intent.when or intent.then):
        intent = intent.model_copy(update={"clause": _meant(turn, desk)})
    if intent.clause is None:
        return _which(intent, turn, desk)
    step = milestones.find(desk.matrix, intent.clause)
    if step is None:
        return Reply((Text(voice("done.gone")),))
    when, then = occasion(intent.when), action(intent.then)
    if not (when and then):
        return _ask(step, when, then, turn, desk)
    plan = Plan(step.clause.id, when, then, day_of(desk.now(), turn))
    return _kept(plan, step, turn, desk)


def _meant(turn: Turn, desk: Desk) -> str | None:
    """The one milestone that was just spoken of, or that is in work."""
    for steps in (last_listed(turn, desk), milestones.in_state(desk.matrix, turn.known, State.WORKING)):
        if len(steps) == 1:
            return steps[0].clause.id
    return None


def _which(intent: MakePlan, turn: Turn, desk: Desk) -> Reply:
    """A few milestones to plan for."""
    voice = desk.voice(turn.lang)
    role, level = milestones.own_rung(desk.matrix, turn.known.profile)
    if not role or not level:
        return ask_rung(desk, voice, role, level)
    past, steps, more = some_steps(intent.past, desk, role, level, turn)
    if not steps:
        return nothing_open(desk, voice, role, level)
    carried = intent if len(pack(intent).encode()) <= MOST_CARRIED else MakePlan()
    buttons = [
        Button(voice("plan.button", number=number), carried.model_copy(update={"clause": step.clause.id, "past": 0}))
        for number, step in enumerate(steps, start=1)
    ]
    following = past + len(steps)
    if past or more:
        buttons.append(
            Button(
                voice("next.others"), carried.model_copy(update={"past": following if following <= MOST_PAST else 0})
            )
        )
    page = (
        Text(voice("plan.which")),
        Bullets(step_items(steps, level, turn, desk), numbered=True),
        citation(desk, voice, *dict.fromkeys(step.cell for step in steps)),
        Buttons(tuple(buttons)),
    )
    return Reply(page, facts=(listed(steps, turn),))


def _ask(step: Step, when: str, then: str, turn: Turn, desk: Desk) -> Reply:
    """The form; what is written or was planned for this milestone already stands in it."""
    voice, before = desk.voice(turn.lang), turn.known.nudging.plan
    if before and before.clause == step.clause.id and not (when or then):
        when, then = before.when, before.then
    form = Form(
        (
            Entry("when", voice("plan.when"), text=when, needed=True, most=LONGEST),
            Entry("then", voice("plan.then"), text=then, needed=True, most=LONGEST),
        ),
        voice("plan.save"),
        MakePlan(clause=step.clause.id),
        voice("plan.title"),
    )
    item = Item(fragment(step.clause, voice), skill_label(desk, voice, step.cell.skill))
    return Reply((Text(voice("plan.ask")), Bullets((item,)), form), facts=(listed((step,), turn),))


def _kept(plan: Plan, step: Step, turn: Turn, desk: Desk) -> Reply:
    voice, known = desk.voice(turn.lang), turn.known
    open_ = plan.clause not in known.done and plan.clause not in known.in_state(State.WORKING)
    facts: tuple[Fact, ...] = (MilestoneSet(plan.clause, State.WORKING),) if open_ else ()
    change = Button(voice("plan.change"), MakePlan(clause=plan.clause))
    proof = Button(voice("evidence.add"), AddEvidence(clause=plan.clause, sure=False))
    item = Item(fragment(step.clause, voice), skill_label(desk, voice, step.cell.skill))
    page = (
        Text(voice("plan.kept")),
        Text(sentence(plan.when, plan.then, voice), strong=True),
        Bullets((item,)),
        Text(_shown_again(turn, voice)),
    )
    buttons = (change, proof, *_begin(turn, desk))
    return Reply((*page, Buttons(buttons)), facts=(*facts, NudgingSet(replace(known.nudging, plan=plan), only=_PLAN)))


def _shown_again(turn: Turn, voice: Voice) -> str:
    """When the plan is shown back: with the next nudge, or not by itself."""
    kept = turn.known.nudging
    told = window(kept, turn, voice) if is_on(kept) else ""
    return voice("plan.again", when=told) if told else voice("plan.not-again")


def _begin(turn: Turn, desk: Desk) -> tuple[Button, ...]:
    """The way to have nudges, for whom none come."""
    kept, voice = turn.known.nudging, desk.voice(turn.lang)
    if is_on(kept):
        return ()
    if kept.rhythm:
        return (Button(voice("nudges.resume"), AskNudges(wish="resume")),)
    return (Button(voice("nudges.yes"), AskNudges(wish="on")),)


async def review_plan(intent: ReviewPlan, turn: Turn, desk: Desk) -> Reply:
    """Keeps what became of the plan, and offers what follows from it."""
    if desk.works_council:
        return council(turn, desk)
    voice, plan = desk.voice(turn.lang), turn.known.nudging.plan
    step = milestones.find(desk.matrix, plan.clause) if plan else None
    if plan is None or step is None:
        other = Button(voice("plan.make"), MakePlan())
        return Reply((Text(voice("plan.none")), Buttons((other, Button(voice("button.next"), SuggestNext())))))
    told = sentence(plan.when, plan.then, voice)
    old = intent.day is not None and intent.day != plan.day
    if intent.outcome is None or old:
        ask = Text(voice("plan.replaced" if old else "plan.how"))
        change = (Button(voice("plan.change"), MakePlan(clause=plan.clause)), Button(voice("plan.other"), MakePlan()))
        return Reply((ask, Text(told, strong=True), Buttons((*_outcomes(plan, voice), *change))))
    kept = NudgingSet(replace(turn.known.nudging, plan=replace(plan, outcome=intent.outcome)), only=_PLAN)
    text = voice(f"plan.{intent.outcome}", plan=told, text=fragment(step.clause, voice))
    buttons = (*_follow_up(intent.outcome, step, turn, voice), *_begin_again(turn, desk))
    return Reply((Text(text), Buttons(buttons)), facts=(kept, listed((step,), turn)))


def to_plan(turn: Turn, desk: Desk) -> tuple[Button, ...]:
    """The way back to the plan for the week, for whom the nudge may have asked something else as well."""
    kept, voice = turn.known.nudging, desk.voice(turn.lang)
    if desk.works_council or not is_on(kept):
        return ()
    if kept.plan and not kept.plan.outcome and milestones.find(desk.matrix, kept.plan.clause):
        return (Button(voice("plan.title"), ReviewPlan(day=kept.plan.day)),)
    return (Button(voice("plan.make"), MakePlan()),)


def answers(plan: Plan) -> dict[str, Intent]:
    """What short answers mean to the question what became of a plan."""
    done, partly, not_now = (ReviewPlan(outcome=one, day=plan.day) for one in ("done", "partly", "not-now"))
    return {"yes": done, "partly": partly, "no": not_now, "skip": not_now, "stop": not_now}


def _begin_again(turn: Turn, desk: Desk) -> tuple[Button, ...]:
    """To go on, for whom nudges are paused."""
    return _begin(turn, desk) if turn.known.nudging.rhythm else ()


def _outcomes(plan: Plan, voice: Voice) -> tuple[Button, ...]:
    outcomes: tuple[Outcome, ...] = ("done", "partly", "not-now")
    return tuple(Button(voice(f"nudge.{one}"), ReviewPlan(outcome=one, day=plan.day)) for one in outcomes)


def _follow_up(outcome: Outcome, step: Step, turn: Turn, voice: Voice) -> tuple[Button, ...]:
    """Done: the milestone too? Partly: once more, or otherwise. Not now: another one."""
    clause = step.clause.id
    proof = Button(voice("evidence.add"), AddEvidence(clause=clause, sure=False))
    new = Button(voice("plan.new"), MakePlan(clause=clause))
    again = Button(voice("plan.same"), MakePlan(again=True))
    other = Button(voice("plan.other"), MakePlan())
    if outcome == "done":
        ticked = (Button(voice("plan.milestone-done"), MarkDone(clause=clause), "primary"),)
        return (*(() if clause in turn.known.done else ticked), proof, new, other)
    if outcome == "partly":
        return again, new, proof, other
    rest = (Button(voice("milestones.put-back-button"), PickMilestone(clause=clause, working=False)),)
    return other, again, *(rest if clause in turn.known.in_state(State.WORKING) else ())
