"""What comes next, and the list of milestones with how far one has come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

from content.matrix import Requirement
from content.texts import Voice
from handlers import milestones, pick
from handlers.day import day_of
from handlers.heard import FILL
from handlers.intent import (
    AddEvidence,
    FindLevel,
    ListMilestones,
    MarkDone,
    PickMilestone,
    SetProfile,
    ShowEvidence,
    SuggestNext,
)
from handlers.milestones import Step
from handlers.phrase import citation, fragment, level_name, role_name, rung, skill_label
from handlers.ports import Desk
from handlers.profile import ask_profile, told_gone
from handlers.records import State
from handlers.reply import Block, Bullets, Button, Buttons, Heading, Item, Note, Progress, Reply, Text
from handlers.turn import Turn
from handlers.which import listed

MOST_STEPS = 3
"""Next steps shown at once: enough to choose, few enough to begin."""

MOST_LISTED = 20
"""Milestones on one page of the list."""

MOST_PAST = 999
"""Suggestions that can be left out, as the intent has it."""


async def suggest_next(intent: SuggestNext, turn: Turn, desk: Desk) -> Reply:
    """What is in work, and milestones to begin with a reason each; what the profile lacks is asked for."""
    voice = desk.voice(turn.lang)
    role, level = milestones.own_rung(desk.matrix, turn.known.profile)
    if not role or not level:
        asked = ask_rung(desk, voice, role, level)
        return replace(asked, blocks=(*told_gone(desk, voice, turn.known.profile), *asked.blocks))
    past, steps, more = some_steps(intent.past, desk, role, level, turn)
    if not steps:
        return nothing_open(desk, voice, role, level)
    working = turn.known.in_state(State.WORKING)
    blocks: list[Block] = [Heading(_title(desk, voice, role, level, [one for one in steps if not _in(one, working)]))]
    if intent.past and not past:
        blocks.append(Text(voice("next.again")))
    if desk.matrix.roles[role].above(level) is None:
        blocks.append(Text(voice("next.top")))
    items = step_items(steps, level, turn, desk)
    buttons = [
        Button(voice("done.button", number=number), MarkDone(clause=step.clause.id))
        if _in(step, working)
        else Button(voice("next.take", number=number), PickMilestone(clause=step.clause.id))
        for number, step in enumerate(steps, start=1)
    ]
    if past or more:
        following = past + len(steps)
        buttons.append(Button(voice("next.others"), SuggestNext(past=following if following <= MOST_PAST else 0)))
    if not all(_in(step, working) for step in steps):
        buttons.append(Button(voice("next.one-done"), MarkDone(sure=False)))
    buttons.append(Button(voice("next.all"), ListMilestones()))
    cited = citation(desk, voice, *dict.fromkeys(step.cell for step in steps))
    page = (*blocks, Bullets(items, numbered=True), cited, Text(voice("next.pick")), Buttons(tuple(buttons)))
    return Reply(page, facts=(listed(steps, turn),))


def step_items(steps: Iterable[Step], level: str, turn: Turn, desk: Desk) -> tuple[Item, ...]:
    """Each step with a reason: since when it is in work, or why it could come next."""
    voice = desk.voice(turn.lang)
    working, partly = (turn.known.in_state(state) for state in (State.WORKING, State.PARTLY))
    return tuple(
        Item(
            fragment(step.clause, voice),
            skill_label(desk, voice, step.cell.skill),
            _under_way(step, turn, desk)
            if _in(step, working)
            else _reason(desk, voice, step, level, partly=_in(step, partly)),
        )
        for step in steps
    )


def some_steps(past: int, desk: Desk, role: str, level: str, turn: Turn) -> tuple[int, tuple[Step, ...], bool]:
    """The next few steps behind `past`, or the first ones behind the last, and whether there are more."""
    for start in dict.fromkeys((past, 0)):
        steps = milestones.next_steps(desk, role, level, turn.known)
        found = tuple(islice(steps, start, start + MOST_STEPS + 1))
        if found:
            return start, found[:MOST_STEPS], len(found) > MOST_STEPS
    return 0, (), False


def _in(step: Step, ids: frozenset[str]) -> bool:
    return step.clause.id in ids


def _title(desk: Desk, voice: Voice, role: str, level: str, fresh: list[Step]) -> str:
    """What the suggestions lead to; `fresh` are those that are not in work."""
    if not fresh:
        return voice("next.title-working")
    towards = fresh[0].cell.level
    key = "next.title-here" if towards == level else "next.title"
    return voice(key, rung=rung(desk, voice, role, towards))


def ask_rung(desk: Desk, voice: Voice, role: str | None, level: str | None) -> Reply:
    """Asks for what the profile lacks of role and level."""
    if role:
        ask = Text(voice("next.need-level"))
        find = Buttons((Button(voice("profile.find"), FindLevel(role=role)),))
        choose = SetProfile(role=role)
        return Reply((ask, pick.level_choices(desk, voice, choose, role=role), find), answers={FILL: choose})
    if level:
        ask = Text(voice("next.need-role"))
        choose = SetProfile(level=level)
        return Reply((ask, *pick.role_menu(desk, voice, choose, level=level)), answers={FILL: choose})
    return ask_profile(desk, voice, voice("next.need-both"))


def _reason(desk: Desk, voice: Voice, step: Step, level: str, *, partly: bool) -> str:
    """Why this one, in one line; it speaks of the clause, never of the person."""
    parts = [voice("next.partly")] if partly else []
    if step.cell.requirement is not Requirement.UNSTATED:
        parts.append(voice(f"next.{step.cell.requirement}"))
    own = level_name(desk, voice, level)
    change = step.change
    if change is None:
        parts.append(voice("next.open", level=own))
    elif change.kind == "new":
        parts.append(voice("next.new", level=level_name(desk, voice, step.cell.level)))
    elif change.verb or change.scope:
        by = change.verb or change.scope
        assert by
        parts.append(voice("next.deeper", level=own, before=by.before, after=by.after))
    else:
        parts.append(voice("next.deeper-plain", level=own))
    return " ".join(parts)


def _under_way(step: Step, turn: Turn, desk: Desk) -> str:
    """Since when it is in work, and of which level it is."""
    voice = desk.voice(turn.lang)
    since = voice.date(day_of(turn.known.milestones[step.clause.id].since, turn))
    return voice("next.working", date=since, rung=rung(desk, voice, step.cell.role, step.cell.level))


def nothing_open(desk: Desk, voice: Voice, role: str, level: str) -> Reply:
    """Everything at the level and the next is ticked off, or the framework has nothing there."""
    above = desk.matrix.roles[role].above(level)
    if above is None:
        return Reply((Text(voice("next.finished-top", rung=rung(desk, voice, role, level))),))
    if not desk.matrix.column(role, above):
        return Reply((Text(voice("next.empty", rung=rung(desk, voice, role, level))),))
    risen = Button(voice("expect.mine"), SetProfile(role=role, level=above), "primary")
    return Reply((Text(voice("next.finished", rung=rung(desk, voice, role, above))), Buttons((risen,))))


async def list_milestones(intent: ListMilestones, turn: Turn, desk: Desk) -> Reply:
    """The own level and the next, or the level asked for: how much is done, and each milestone with its state."""
    voice, known = desk.voice(turn.lang), turn.known
    role, level = milestones.own_rung(desk.matrix, known.profile)
    if not role or not (level or intent.level):
        asked = ask_rung(desk, voice, role, level)
        return replace(asked, blocks=(*told_gone(desk, voice, turn.known.profile), *asked.blocks))
    ladder = desk.matrix.roles[role]
    if intent.level and intent.level not in ladder.ladder:
        names = {"level": level_name(desk, voice, intent.level), "role": role_name(desk, voice, role)}
        choices = pick.level_choices(desk, voice, ListMilestones(), role=role)
        return Reply((Text(voice("milestones.other-ladder", **names)), choices), answers={FILL: ListMilestones()})
    one = intent.level or level
    assert one
    levels = (one,) if intent.level else tuple(filter(None, (one, ladder.above(one))))
    blocks: list[Block] = [Heading(voice("milestones.title", role=role_name(desk, voice, role)))]
    shown: list[Step] = []
    cut: list[str] = []
    for at in levels:
        steps = tuple(milestones.by_state(desk.matrix, role, at, known))
        past = intent.past if intent.level and intent.past < len(steps) else 0
        some = steps[past:][: MOST_LISTED // len(levels)]
        blocks += (Heading(level_name(desk, voice, at)), *progress(desk, voice, role, at, known.done))
        if some:
            items = tuple(_line(step, turn, desk) for step in some)
            blocks.append(Bullets(items, numbered=True, first=len(shown) + 1))
        else:
            blocks.append(Text(voice("milestones.empty", rung=rung(desk, voice, role, at))))
        if past:
            blocks.append(Note(voice("milestones.part", first=past + 1, last=past + len(some), total=len(steps))))
        if left := len(steps) - past - len(some):
            blocks.append(Note(voice("milestones.more", count=left)))
            cut.append(at)
        shown += some
    # The others are counted without making a record of each.
    if archived := len(known.milestones) - sum(len(known.in_state(state)) for state in State):
        blocks.append(Note(voice("milestones.archived", count=archived)))
    buttons = [Button(voice("button.next"), SuggestNext())]
    buttons += (
        Button(voice("name.further"), ListMilestones(level=at, past=past + len(shown)))
        if intent.level
        else Button(voice("milestones.all-of", level=level_name(desk, voice, at)), ListMilestones(level=at))
        for at in cut
    )
    if shown:
        buttons.append(Button(voice("next.one-done"), MarkDone(sure=False)))
        buttons.append(Button(voice("evidence.add"), AddEvidence(sure=False)))
    buttons.append(Button(voice("evidence.all"), ShowEvidence()))
    return Reply((*blocks, *_cited(desk, voice, shown), Buttons(tuple(buttons))), facts=(listed(shown, turn),))


def _cited(desk: Desk, voice: Voice, steps: Iterable[Step]) -> Iterator[Block]:
    if cells := dict.fromkeys(step.cell for step in steps):
        yield citation(desk, voice, *cells)


def progress(desk: Desk, voice: Voice, role: str, level: str, done: frozenset[str]) -> Iterator[Progress]:
    """How much of a level is done: what is required apart from what is optional, where there are both."""
    counts = milestones.counts_by_requirement(desk.matrix, role, level, done)
    for requirement, (some, of) in counts.items():
        key = f"done.progress.{requirement}" if len(counts) > 1 else "done.progress.all"
        yield Progress(voice(key, rung=rung(desk, voice, role, level)), some, of)


def progress_of(meant: Iterable[Step], done: frozenset[str], turn: Turn, desk: Desk) -> list[Progress]:
    """How much of each level that is spoken of is done."""
    voice = desk.voice(turn.lang)
    rungs = dict.fromkeys((one.cell.role, one.cell.level) for one in meant)
    return [count for role, level in rungs for count in progress(desk, voice, role, level, done)]


def _line(step: Step, turn: Turn, desk: Desk) -> Item:
    """A milestone with its state, in a sign and in words."""
    voice, known = desk.voice(turn.lang), turn.known
    said = known.milestones.get(step.clause.id)
    state = said.state if said and said.state in (State.DONE, State.WORKING, State.PARTLY) else "open"
    stands = voice(f"milestones.{state}", date=voice.date(day_of(said.since, turn)) if said else "")
    requirement = step.cell.requirement
    required = "" if requirement is Requirement.UNSTATED else voice(f"milestones.{requirement}")
    return Item(fragment(step.clause, voice), skill_label(desk, voice, step.cell.skill), f"{stands}{required}")
