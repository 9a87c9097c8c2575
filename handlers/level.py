"""The walk to one's level, clause by clause.

Nothing but the answers is kept: where a walk stands is read from what was said about its clauses.
"""

from __future__ import annotations

from dataclasses import replace

from handlers import level_result, milestones, pick
from handlers.day import day_of
from handlers.evidence import fault_in_link, written
from handlers.heard import FILL, UNDO
from handlers.intent import FindLevel, Intent, SetProfile
from handlers.level_pages import ANSWERS, Answer, Page, Pages
from handlers.milestones import Step
from handlers.ports import Desk
from handlers.records import (
    EvidenceAdded,
    Fact,
    Known,
    Milestone,
    MilestoneDropped,
    MilestoneSet,
    State,
    Subject,
    SubjectSet,
)
from handlers.reply import Block, Button, Buttons, Heading, Reply, Text
from handlers.turn import Turn
from handlers.undo import undo_of
from handlers.walk import Questions, Walk, questions

TYPED: dict[str, Answer] = {"yes": "yes", "no": "not-yet", "partly": "partly", "skip": "skip"}


async def find_level(intent: FindLevel, turn: Turn, desk: Desk) -> Reply:
    """Keeps an answer, and shows the next page of the walk."""
    voice, matrix = desk.voice(turn.lang), desk.matrix
    step = milestones.find(matrix, intent.clause) if intent.clause else None
    role = intent.role or (step.cell.role if step else _own_role(turn.known, desk))
    if intent.clause and not (step and _belongs(step, intent)):
        on = Button(voice("level.go-on"), FindLevel(role=role))
        return Reply((Text(voice("level.gone")), Buttons((on,))))
    if role is None:
        about = (Heading(voice("level.title-bare")), Text(voice("level.about")), Text(voice("level.which-role")))
        return Reply((*about, *pick.role_menu(desk, voice, intent)), answers={FILL: intent})
    if intent.level not in desk.matrix.roles[role].ladder:
        intent = intent.model_copy(update={"level": None})  # of another role than the one that was found
    walk = _walk(desk, role, turn.known, step)
    if not walk.asked:
        return Reply(Pages(desk, voice, walk).empty())
    if intent.step == "again":
        step = None  # it takes back answers to many clauses, and gives none
    if step and intent.answer and (fault := fault_in_link(intent.link.strip(), voice)):
        return Reply(Pages(desk, voice, walk).example(step, intent, fault))
    if step and intent.answer == "skip" and walk.state(step):
        # What was answered stays: the walk only goes on.
        intent, step = FindLevel(role=role, level=step.cell.level), None
    walk, facts = _keep(intent, step, walk, turn, desk)
    undo = undo_of(facts, turn.known, desk.now())
    page, asked, fills = _page(intent, step, Pages(desk, voice, walk), turn.known)
    answers: dict[str, Intent] = {UNDO: undo} if undo.stood else {}
    if fills:
        answers[FILL] = fills
    if asked:
        facts = (*facts, _asked(asked, turn))
        answers |= {said: FindLevel(clause=asked.clause.id, answer=answer) for said, answer in TYPED.items()}
        answers["stop"] = FindLevel(clause=asked.clause.id, step="stop")
    return Reply(page, facts=facts, answers=answers)


def _belongs(step: Step, intent: FindLevel) -> bool:
    """Whether a clause is of the role and the level that came along with it."""
    return intent.role in (None, step.cell.role) and intent.level in (None, step.cell.level)


def _own_role(known: Known, desk: Desk) -> str | None:
    """The role of the profile, or else of what was answered last."""
    if known.profile.role in desk.matrix.roles:
        return known.profile.role
    latest = max(
        (one for one in known.milestones.values() if not one.archived), key=lambda one: one.since, default=None
    )
    found = milestones.find(desk.matrix, latest.clause) if latest else None
    return found.cell.role if found else None


def _walk(desk: Desk, role: str, known: Known, step: Step | None) -> Walk:
    """The walk of a person; a clause that is spoken of belongs to it, whether it is one of the questions or not."""
    asked: Questions = desk.once(("walk", role), lambda: questions(desk.matrix, role))
    ids = {one.clause.id for steps in asked.values() for one in steps} | ({step.clause.id} if step else set())
    said = {one: known.milestones[one] for one in ids if one in known.milestones}
    return Walk(role, asked, {one: milestone for one, milestone in said.items() if not milestone.archived})


def _keep(intent: FindLevel, step: Step | None, walk: Walk, turn: Turn, desk: Desk) -> tuple[Walk, tuple[Fact, ...]]:
    """The walk with what was just said, and the facts of it."""
    if intent.step == "again":
        open_again = [one for one, said in walk.said.items() if said.state in (State.NOT_YET, State.SKIPPED)]
        rest = {one: said for one, said in walk.said.items() if one not in open_again}
        return replace(walk, said=rest), tuple(MilestoneDropped(one) for one in sorted(open_again))
    if not (step and intent.answer):
        return walk, ()
    now, state, clause = desk.now(), ANSWERS[intent.answer], step.clause.id
    before = walk.said.get(clause)
    if state is State.PARTLY and before and before.state is State.WORKING:
        state = State.WORKING  # which is a "partly", and was picked besides
    checked = now if intent.sure else None
    if before and before.state is state:
        new = replace(before, checked=checked or before.checked)
    else:
        new = Milestone(clause, state, now, checked)
    facts: tuple[Fact, ...] = (MilestoneSet(clause, state, checked=checked),)
    text, link = written(intent.text), intent.link.strip()
    if text or link:
        facts = (*facts, EvidenceAdded(text, clause, link or None, day_of(now, turn), ticked=True))
    return replace(walk, said={**walk.said, clause: new}), facts


Shown = tuple[Page, Step | None, Intent | None]
"""A page, the clause that it asks about, and what the name of a level completes that is typed alone."""


def _page(intent: FindLevel, step: Step | None, pages: Pages, known: Known) -> Shown:
    """What to show."""
    answered = step if intent.answer else None
    match intent.step:
        case "example" if step and not answered:
            return pages.example(step, intent, pages.voice("level.example")), None, None
        case "stop":
            return pages.stop(step), None, None
        case "review":
            return pages.review(), None, None
        case "begin":
            return pages.guess(), None, pages.go()
        case "result":
            return _end(pages, [], None)
        case _ if step and not answered:
            return pages.question(step, (), None), step, None
        case _:
            return _go_on(intent, answered, pages, known)


def _go_on(intent: FindLevel, answered: Step | None, pages: Pages, known: Known) -> Shown:
    """The next question; where the walk has come to its end, that; at its very beginning where to start."""
    walk = pages.walk
    start = answered.cell.level if answered else intent.level or _where(walk, known)
    if start is None:
        return pages.guess(), None, pages.go()
    told: list[Block] = []
    if answered:
        told.append(pages.noted(answered, example=bool(intent.text.strip() or intent.link.strip())))
    level = walk.next_level(start)
    if level is None:
        return _end(pages, told, answered)
    if answered and level != answered.cell.level:
        told.append(pages.moved(answered, level))
    elif not answered and walk.answered(level):
        told.append(Text(pages.voice("level.resumed", count=len(walk.answered(level)))))
    elif not (answered or intent.level or walk.latest()):
        told.append(Text(pages.voice("level.about")))
    step = walk.open(level)[0]
    return pages.question(step, told, answered), step, None


def _end(pages: Pages, told: list[Block], before: Step | None) -> Shown:
    """Where the level may lie, once all answers fit together."""
    if found := pages.walk.contradiction(pages.desk.scales):
        return pages.contradiction(*found, told), None, None
    return level_result.result(pages, told, before), None, SetProfile(role=pages.walk.role, how="walk")


def _where(walk: Walk, known: Known) -> str | None:
    """The level to go on at: where the person stopped, or the own one, whichever is newer."""
    if begun := walk.begun():
        return begun
    latest, own, chosen = walk.latest(), known.profile.level, known.profile.set_at
    if own not in walk.ladder:
        return latest
    newer = latest is None or chosen is None or chosen >= walk.since(latest)
    return own if newer else latest


def _asked(step: Step, turn: Turn) -> SubjectSet:
    """So that what is asked about is spoken of. Where others read along, a follow-up must not tell the level."""
    subject = replace(turn.known.subject or Subject(), milestones=(step.clause.id,))
    if not turn.place.shared:
        subject = replace(subject, role=step.cell.role, level=step.cell.level, skill=step.cell.skill)
    return SubjectSet(turn.place, subject)
