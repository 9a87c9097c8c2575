"""The next step, and ticking off what is done."""

from __future__ import annotations

from dataclasses import replace

from rapidfuzz import fuzz, process, utils

from content.matrix import Requirement
from content.texts import Voice
from handlers import milestones, pick
from handlers.intent import MarkDone, SetProfile, SuggestNext
from handlers.milestones import Milestone
from handlers.phrase import citation, fragment, level_name, rung, skill_name
from handlers.ports import Desk, Profile, Subject
from handlers.profile import ask_profile
from handlers.reply import Block, Bullets, Button, Buttons, Heading, Item, Progress, Reply, Text
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
    profile = await desk.store.profile(turn.person) or Profile()
    role, level = _own_rung(desk, profile)
    if not role or not level:
        return _ask_rung(desk, voice, role, level)
    steps = milestones.next_steps(desk, role, level, profile.done, MOST_STEPS)
    above = desk.matrix.roles[role].above(level)
    if not steps:
        return _nothing_open(desk, voice, role, level, above)
    await _keep_list(steps, turn, desk)
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
    return Reply((*blocks, Bullets(items, numbered=True), cited, Text(voice("next.pick")), Buttons(buttons)))


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


def _reason(desk: Desk, voice: Voice, step: Milestone, level: str) -> str:
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


def _done_buttons(voice: Voice, steps: tuple[Milestone, ...], *, done: bool = True) -> tuple[Button, ...]:
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


async def _keep_list(steps: tuple[Milestone, ...], turn: Turn, desk: Desk) -> None:
    """So that "done with the second one" finds its clause."""
    now = desk.now()
    subject = await desk.store.subject(turn.person, turn.place, now) or Subject()
    listed = replace(subject, milestones=tuple(step.clause.id for step in steps))
    await desk.store.save_subject(turn.person, turn.place, listed, now)


async def mark_done(intent: MarkDone, turn: Turn, desk: Desk) -> Reply:
    """Ticks a milestone off, or opens it again; where it is unclear which, it is asked."""
    voice = desk.voice(turn.lang)
    profile = await desk.store.profile(turn.person) or Profile()
    if intent.clause:
        milestone = milestones.find(desk.matrix, intent.clause)
        if milestone is None:
            return Reply((Text(voice("done.gone")),))
    else:
        subject = await desk.store.subject(turn.person, turn.place, desk.now()) or Subject()
        listed = tuple(filter(None, (milestones.find(desk.matrix, one) for one in subject.milestones)))
        milestone = _meant(desk, voice, intent, profile, listed)
        if milestone is None:
            return await _which(intent, turn, desk, profile, listed)
    return await _settle(milestone, intent.done, profile, turn, desk)


def _meant(
    desk: Desk, voice: Voice, intent: MarkDone, profile: Profile, listed: tuple[Milestone, ...]
) -> Milestone | None:
    if intent.number:
        return listed[intent.number - 1] if intent.number <= len(listed) else None
    if intent.words:
        pool = _candidates(desk, intent, profile) | {one.clause.id: one for one in listed}
        texts = {one: fragment(pool[one].clause, voice) for one in pool}
        alike = process.extract(
            intent.words, texts, scorer=fuzz.token_set_ratio, processor=utils.default_process, limit=2
        )
        if alike and alike[0][1] >= ALIKE and (len(alike) == 1 or alike[0][1] - alike[1][1] >= AHEAD):
            return pool[alike[0][2]]
        return None
    return listed[0] if len(listed) == 1 else None


def _candidates(desk: Desk, intent: MarkDone, profile: Profile) -> dict[str, Milestone]:
    """What may be meant: what is done, to open it again; else what is open at the own level and the next."""
    if not intent.done:
        found = (milestones.find(desk.matrix, one) for one in sorted(profile.done))
        return {one.clause.id: one for one in found if one}
    role, level = _own_rung(desk, profile)
    if not role or not level:
        return {}
    levels = filter(None, (desk.matrix.roles[role].above(level), level))
    return {one.clause.id: one for at in levels for one in milestones.open_at(desk.matrix, role, at, profile.done)}


async def _which(intent: MarkDone, turn: Turn, desk: Desk, profile: Profile, listed: tuple[Milestone, ...]) -> Reply:
    """Which milestone? With the last list, or with what comes next."""
    voice = desk.voice(turn.lang)
    ask = Text(voice("done.which" if intent.done else "done.which-open"))
    role, level = _own_rung(desk, profile)
    if not intent.done:
        choices = tuple(_candidates(desk, intent, profile).values())
    else:
        choices = tuple(one for one in listed if one.clause.id not in profile.done)
        if not choices and role and level:
            choices = milestones.next_steps(desk, role, level, profile.done, MOST_ASKED)
    choices = choices[:MOST_ASKED]
    if not choices and not intent.done:
        return Reply((Text(voice("done.none-done")),))
    if not choices and role and level:
        return Reply((Text(voice("done.none-open")), Buttons((Button(voice("button.next"), SuggestNext()),))))
    if not choices:
        return Reply((ask, *ask_profile(desk, voice, voice("done.need-both")).blocks))
    await _keep_list(choices, turn, desk)
    items = tuple(Item(fragment(one.clause, voice)) for one in choices)
    buttons = _done_buttons(voice, choices, done=intent.done)
    return Reply((ask, Bullets(items, numbered=True), Buttons(buttons)))


async def _settle(milestone: Milestone, done: bool, profile: Profile, turn: Turn, desk: Desk) -> Reply:
    """Writes it down and says so, with the count of the level and a way back."""
    voice = desk.voice(turn.lang)
    clause, cell = milestone.clause, milestone.cell
    known = clause.id in profile.done
    ticked = profile.done | {clause.id} if done else profile.done - {clause.id}
    if known != done:
        await desk.store.save_profile(turn.person, replace(profile, done=ticked, lang=turn.lang))
    key = {(True, False): "marked", (True, True): "already", (False, True): "reopened", (False, False): "was-open"}
    text = Text(voice(f"done.{key[done, known]}", text=fragment(clause, voice)))
    counted, total = milestones.count(desk.matrix, cell.role, cell.level, ticked)
    progress = Progress(voice("done.progress", rung=rung(desk, voice, cell.role, cell.level)), counted, total)
    buttons = [Button(voice("button.next"), SuggestNext())]
    if done:
        buttons.insert(0, Button(voice("done.undo"), MarkDone(clause=clause.id, done=False)))
    return Reply((text, progress, Buttons(tuple(buttons))))
