"""The next step, and ticking off what is done."""

from __future__ import annotations

from dataclasses import replace

from rapidfuzz import fuzz, process, utils

from content.matrix import Requirement
from content.texts import Voice
from handlers import milestones, pick
from handlers.intent import (
    ConfirmMilestone,
    ListMilestones,
    MarkDone,
    PickMilestone,
    SetProfile,
    SuggestNext,
    Unclear,
)
from handlers.milestones import Step
from handlers.phrase import citation, fragment, level_name, rung, skill_name
from handlers.ports import Desk
from handlers.profile import ask_profile
from handlers.records import (
    SUBJECT_LIFE,
    Fact,
    Known,
    MilestoneDropped,
    MilestoneSet,
    Profile,
    State,
    Subject,
    SubjectSet,
)
from handlers.reply import Block, Bullets, Button, Buttons, Heading, Item, Progress, Reply, Text
from handlers.smalltalk import unclear
from handlers.turn import Turn

MOST_STEPS = 3
"""Next steps shown at once: enough to choose, few enough to begin."""

MOST_ASKED = 5
"""Milestones offered when it is unclear which one is meant."""

ALIKE, AHEAD = 65, 6
"""How alike (0–100) words and a clause must be, and how far ahead of the second best."""


async def suggest_next(_intent: SuggestNext, turn: Turn, desk: Desk) -> Reply:
    """Two or three milestones with a reason each; what the profile lacks is asked for."""
    voice = desk.voice(turn.lang)
    role, level = _own_rung(desk, turn.known.profile)
    if not role or not level:
        return _ask_rung(desk, voice, role, level)
    steps = milestones.next_steps(desk, role, level, turn.known.done, MOST_STEPS)
    above = desk.matrix.roles[role].above(level)
    if not steps:
        return _nothing_open(desk, voice, role, level, above)
    here = steps[0].cell.level == level
    title = "next.title-here" if here else "next.title"
    blocks: list[Block] = [Heading(voice(title, rung=rung(desk, voice, role, steps[0].cell.level)))]
    if above is None:
        blocks.append(Text(voice("next.top")))
    many = len(desk.matrix.skills) > 1
    items = tuple(
        Item(
            fragment(step.clause, voice),
            skill_name(desk, voice, step.cell.skill) if many else "",
            _reason(desk, voice, step, level),
        )
        for step in steps
    )
    buttons = _done_buttons(voice, steps)
    cited = citation(desk, voice, *dict.fromkeys(step.cell for step in steps))
    page = (*blocks, Bullets(items, numbered=True), cited, Text(voice("next.pick")), Buttons(buttons))
    return Reply(page, facts=(_listed(steps, turn),))


def _own_rung(desk: Desk, profile: Profile) -> tuple[str | None, str | None]:
    """Role and level of the profile, as far as the framework still knows them together."""
    role = profile.role if profile.role in desk.matrix.roles else None
    level = profile.level if profile.level in desk.matrix.levels else None
    if role and level and level not in desk.matrix.roles[role].ladder:
        level = None
    return role, level


def _ask_rung(desk: Desk, voice: Voice, role: str | None, level: str | None) -> Reply:
    if role:
        ask = Text(voice("next.need-level"))
        return Reply((ask, pick.level_choices(desk, voice, SetProfile(role=role), role=role)))
    if level:
        ask = Text(voice("next.need-role"))
        return Reply((ask, *pick.role_menu(desk, voice, SetProfile(level=level), level=level)))
    return ask_profile(desk, voice, voice("next.need-both"))


def _reason(desk: Desk, voice: Voice, step: Step, level: str) -> str:
    """Why this one, in one line; it speaks of the clause, never of the person."""
    parts = []
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


def _done_buttons(voice: Voice, steps: tuple[Step, ...], *, done: bool = True) -> tuple[Button, ...]:
    key = "done.button" if done else "done.reopen-button"
    return tuple(
        Button(voice(key, number=number), MarkDone(clause=step.clause.id, done=done))
        for number, step in enumerate(steps, start=1)
    )


def _nothing_open(desk: Desk, voice: Voice, role: str, level: str, above: str | None) -> Reply:
    if above is None:
        return Reply((Text(voice("next.finished-top", rung=rung(desk, voice, role, level))),))
    if not desk.matrix.column(role, above):
        return Reply((Text(voice("next.empty", rung=rung(desk, voice, role, level))),))
    risen = Button(voice("expect.mine"), SetProfile(role=role, level=above), "primary")
    return Reply((Text(voice("next.finished", rung=rung(desk, voice, role, above))), Buttons((risen,))))


def _listed(steps: tuple[Step, ...], turn: Turn) -> Fact:
    """So that "done with the second one" finds its clause."""
    subject = turn.known.subject or Subject()
    return SubjectSet(turn.place, replace(subject, milestones=tuple(step.clause.id for step in steps)))


async def mark_done(intent: MarkDone, turn: Turn, desk: Desk) -> Reply:
    """Ticks milestones off, or opens them again; where it is unclear which, or whether, it is asked."""
    voice = desk.voice(turn.lang)
    known = turn.known
    if intent.clause:
        milestone = milestones.find(desk.matrix, intent.clause)
        return _settle((milestone,), intent.done, turn, desk) if milestone else Reply((Text(voice("done.gone")),))
    last = known.subject.milestones if known.subject else ()
    listed = tuple(filter(None, (milestones.find(desk.matrix, one) for one in last)))
    if not (intent.sure or listed):
        return await unclear(Unclear(), turn, desk)
    meant = _meant(desk, voice, intent, known, listed) or _just_ticked(intent, turn, desk)
    if not meant:
        return _which(intent, turn, desk, listed)
    return _settle(meant, intent.done, turn, desk) if intent.sure else _ask_whether(meant, intent.done, turn, desk)


def _meant(desk: Desk, voice: Voice, intent: MarkDone, known: Known, listed: tuple[Step, ...]) -> tuple[Step, ...]:
    """The milestones that are meant; none where one of them cannot be told."""
    if intent.every:
        return listed if intent.number in (None, len(listed)) else ()
    if numbers := intent.numbers or ((intent.number,) if intent.number else ()):
        return tuple(listed[number - 1] for number in numbers) if max(numbers) <= len(listed) else ()
    if intent.words:
        pool = _candidates(desk, intent, known) | {one.clause.id: one for one in listed}
        texts = {one: fragment(pool[one].clause, voice) for one in pool}
        alike = process.extract(
            intent.words, texts, scorer=fuzz.token_set_ratio, processor=utils.default_process, limit=2
        )
        if alike and alike[0][1] >= ALIKE and (len(alike) == 1 or alike[0][1] - alike[1][1] >= AHEAD):
            return (pool[alike[0][2]],)
        return ()
    return listed if len(listed) == 1 and intent.done else ()


def _just_ticked(intent: MarkDone, turn: Turn, desk: Desk) -> tuple[Step, ...]:
    """What a bare "undo" takes back: all that was ticked off last, if that was in this conversation."""
    if intent.done or intent.words or intent.number or intent.numbers or intent.every:
        return ()
    done = [turn.known.milestones[clause] for clause in sorted(turn.known.done)]
    latest = max((one.since for one in done), default=None)
    if latest is None or desk.now() - latest > SUBJECT_LIFE:
        return ()
    found = (milestones.find(desk.matrix, one.clause) for one in done if one.since == latest)
    return tuple(one for one in found if one)


def _ask_whether(meant: tuple[Step, ...], done: bool, turn: Turn, desk: Desk) -> Reply:
    """Whether these are done (or not): nothing is put on record before that is clear."""
    voice = desk.voice(turn.lang)
    if len(meant) > 1:
        return _choose(meant, done, turn, desk)
    ask = voice("done.whether" if done else "done.whether-open", text=fragment(meant[0].clause, voice))
    yes = Button(voice("done.yes" if done else "done.yes-open"), MarkDone(clause=meant[0].clause.id, done=done))
    return Reply((Text(ask), Buttons((yes,))))


def _choose(choices: tuple[Step, ...], done: bool, turn: Turn, desk: Desk) -> Reply:
    voice = desk.voice(turn.lang)
    ask = Text(voice("done.which" if done else "done.which-open"))
    items = tuple(Item(fragment(one.clause, voice)) for one in choices)
    buttons = _done_buttons(voice, choices, done=done)
    return Reply((ask, Bullets(items, numbered=True), Buttons(buttons)), facts=(_listed(choices, turn),))


def _candidates(desk: Desk, intent: MarkDone, known: Known) -> dict[str, Step]:
    """What may be meant: what is done, to open it again; else what is open at the own level and the next."""
    if not intent.done:
        found = (milestones.find(desk.matrix, one) for one in sorted(known.done))
        return {one.clause.id: one for one in found if one}
    done = known.done
    role, level = _own_rung(desk, known.profile)
    if not role or not level:
        return {}
    levels = filter(None, (desk.matrix.roles[role].above(level), level))
    return {one.clause.id: one for at in levels for one in milestones.open_at(desk.matrix, role, at, done)}


def _which(intent: MarkDone, turn: Turn, desk: Desk, listed: tuple[Step, ...]) -> Reply:
    """Which milestone? With the last list, or with what comes next."""
    voice, done = desk.voice(turn.lang), turn.known.done
    ask = Text(voice("done.which" if intent.done else "done.which-open"))
    role, level = _own_rung(desk, turn.known.profile)
    if not intent.done:
        choices = tuple(_candidates(desk, intent, turn.known).values())
    else:
        choices = tuple(one for one in listed if one.clause.id not in done)
        if not choices and role and level:
            choices = milestones.next_steps(desk, role, level, done, MOST_ASKED)
    choices = choices[:MOST_ASKED]
    if not choices and not intent.done:
        return Reply((Text(voice("done.none-done")),))
    if not choices and role and level:
        return Reply((Text(voice("done.none-open")), Buttons((Button(voice("button.next"), SuggestNext()),))))
    if not choices:
        return Reply((ask, *ask_profile(desk, voice, voice("done.need-both")).blocks))
    return _choose(choices, intent.done, turn, desk)


def _settle(meant: tuple[Step, ...], done: bool, turn: Turn, desk: Desk) -> Reply:
    """Writes it down and says so, with the count of each level and a way back."""
    voice = desk.voice(turn.lang)
    before = turn.known.done
    ids = frozenset(one.clause.id for one in meant)
    ticked = before | ids if done else before - ids
    key = {(True, False): "marked", (True, True): "already", (False, True): "reopened", (False, False): "was-open"}
    texts = [
        Text(voice(f"done.{key[done, one.clause.id in before]}", text=fragment(one.clause, voice))) for one in meant
    ]
    rungs = dict.fromkeys((one.cell.role, one.cell.level) for one in meant)
    counts = [
        Progress(
            voice("done.progress", rung=rung(desk, voice, *at)), *milestones.count(desk.matrix, at[0], at[1], ticked)
        )
        for at in rungs
    ]
    buttons = [Button(voice("button.next"), SuggestNext())]
    if done:
        undo = MarkDone(clause=meant[0].clause.id, done=False) if len(meant) == 1 else MarkDone(done=False)
        buttons.insert(0, Button(voice("done.undo"), undo))
    facts = tuple(
        MilestoneSet(one.clause.id, State.DONE) if done else MilestoneDropped(one.clause.id)
        for one in meant
        if (one.clause.id in before) != done
    )
    return Reply((*texts, *counts, Buttons(tuple(buttons))), facts=facts)


async def list_milestones(_intent: ListMilestones, turn: Turn, desk: Desk) -> Reply:
    """Not yet."""
    return Reply((Text(desk.voice(turn.lang)("next.need-both")),))


async def pick_milestone(_intent: PickMilestone, turn: Turn, desk: Desk) -> Reply:
    """Not yet."""
    return Reply((Text(desk.voice(turn.lang)("next.need-both")),))


async def confirm_milestone(_intent: ConfirmMilestone, turn: Turn, desk: Desk) -> Reply:
    """Not yet."""
    return Reply((Text(desk.voice(turn.lang)("next.need-both")),))
