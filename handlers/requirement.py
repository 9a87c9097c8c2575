"""Required or optional, from which level, and for which roles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from content.matrix import Cell, Requirement
from content.texts import Voice
from handlers import pick
from handlers.intent import AskRequirement, ListSkills, ShowExpectations
from handlers.phrase import citation, level_name, required_from, role_name, rung, skill_name, some
from handlers.ports import Desk
from handlers.reply import Block, Button, Buttons, Heading, Reply, Table, Text
from handlers.turn import Turn

MOST_ROWS = 15
"""Roles in one table."""


async def ask_requirement(intent: AskRequirement, turn: Turn, desk: Desk) -> Reply:
    """Yes or no for a role at a level; otherwise from which level, or for which roles."""
    voice = desk.voice(turn.lang)
    role, level = intent.role, intent.level
    skill = intent.skill or desk.matrix.only_skill
    if skill is None:
        return _ask_skill(desk, voice, intent)
    if role or level:
        return desk.once((intent, voice.lang), lambda: _page(desk, voice, skill, intent))
    return await _all_roles(desk, voice, skill, turn, Requirement(intent.standing))


def _page(desk: Desk, voice: Voice, skill: str, intent: AskRequirement) -> Reply:
    role, level = intent.role, intent.level
    if role and level:
        return _yes_or_no(desk, voice, skill, role, level)
    if role:
        return _timeline(desk, voice, skill, role)
    assert level
    return _roles_at(desk, voice, skill, level, Requirement(intent.standing))


def _ask_skill(desk: Desk, voice: Voice, intent: AskRequirement) -> Reply:
    if intent.role and intent.level:
        skills = [cell.skill for cell in desk.matrix.column(intent.role, intent.level)]
        title = rung(desk, voice, intent.role, intent.level)
    else:
        skills, title = [], ""
    return pick.ask_skill(desk, voice, intent, skills or desk.matrix.skills, title or voice("pick.skill"))


def _yes_or_no(desk: Desk, voice: Voice, skill: str, role: str, level: str) -> Reply:
    """A plain yes or no; a yes never speaks of the opposite, so that nobody misreads it."""
    topic, who = skill_name(desk, voice, skill), rung(desk, voice, role, level)
    heading = Heading(voice("required.title", skill=topic, name=who))
    cell = desk.matrix.cell(skill, role, level)
    timeline = Button(voice("button.timeline"), AskRequirement(role=role, skill=skill))
    if cell is None:
        missing = Text(voice("required.missing", skill=topic, rung=who, framework=desk.matrix.name))
        return Reply((heading, missing, Buttons((timeline,))))
    start = required_from(desk, skill, role)
    match cell.requirement:
        case Requirement.REQUIRED:
            line = voice("required.yes")
            if start and start != level:
                line += " " + voice("required.from", level=level_name(desk, voice, start))
        case Requirement.OPTIONAL:
            line = voice("required.no")
            if start:
                line += " " + voice("required.becomes", level=level_name(desk, voice, start))
        case Requirement.UNSTATED:
            line = voice("required.unstated", skill=topic, rung=who)
    show = Button(voice("button.expectations"), ShowExpectations(role=role, level=level, skill=skill))
    return Reply(
        (heading, Text(line, strong=True), citation(desk, voice, cell, quoted=False), Buttons((show, timeline)))
    )


def _timeline(desk: Desk, voice: Voice, skill: str, role: str) -> Reply:
    topic, who = skill_name(desk, voice, skill), role_name(desk, voice, role)
    heading = Heading(voice("required.title", skill=topic, name=who))
    cells = desk.matrix.ladder(skill, role)
    if not cells:
        return Reply((heading, Text(voice("required.missing", skill=topic, rung=who, framework=desk.matrix.name))))
    standing = {cell.level: f"requirement.{cell.requirement}" for cell in cells}
    rows = tuple(
        (level_name(desk, voice, level), voice(standing.get(level, "requirement.missing")))
        for level in desk.matrix.roles[role].ladder
    )
    table = Table(voice("required.table", skill=topic), (voice("required.level"), voice("required.standing")), rows)
    start = required_from(desk, skill, role)
    blocks: list[Block] = [heading]
    if start:
        blocks.append(Text(voice("required.from", level=level_name(desk, voice, start)), strong=True))
    elif all(cell.requirement is Requirement.OPTIONAL for cell in cells):
        blocks.append(Text(voice("required.never"), strong=True))
    first = start or cells[0].level
    show = pick.show_button(desk, voice, role, first, skill)
    return Reply((*blocks, table, citation(desk, voice, *cells, quoted=False), Buttons((show,))))


def _roles_at(desk: Desk, voice: Voice, skill: str, level: str, standing: Requirement) -> Reply:
    """Exactly the roles of which it is required, or for which it is optional, at this level."""
    topic, rank = skill_name(desk, voice, skill), level_name(desk, voice, level)
    heading = Heading(voice("required.level-title", skill=topic, level=rank))
    found = [desk.matrix.cell(skill, role, level) for role in desk.matrix.roles]
    cells = [cell for cell in found if cell]
    asked = [cell for cell in cells if cell.requirement is standing]
    kind = "" if standing is Requirement.REQUIRED else f"{standing}-"
    if not asked:
        note = (citation(desk, voice, *cells, quoted=False),) if cells else ()
        every = Buttons((Button(voice("button.timeline"), AskRequirement(skill=skill)),))
        return Reply((heading, Text(voice(f"required.{kind}none-at", level=rank, skill=topic)), *note, every))
    names = some(voice, (role_name(desk, voice, cell.role) for cell in asked), MOST_ROWS)
    buttons = (pick.show_button(desk, voice, cell.role, level, skill) for cell in asked[: pick.MOST_BUTTONS - 1])
    return Reply(
        (
            heading,
            Text(voice(f"required.{kind}roles-at", level=rank, skill=topic, roles=names)),
            citation(desk, voice, *(cells if len(cells) > 1 else asked), quoted=False),
            Buttons(tuple(buttons)),
        )
    )


async def _all_roles(desk: Desk, voice: Voice, skill: str, turn: Turn, asked: Requirement) -> Reply:
    """From which level on it is required, role by role; one's own role first in words."""
    topic = skill_name(desk, voice, skill)
    ladders = {role: desk.matrix.ladder(skill, role) for role in desk.matrix.roles}
    ladders = {role: cells for role, cells in ladders.items() if cells}
    if not ladders:
        nowhere = voice("required.nowhere", skill=topic, framework=desk.matrix.name)
        return Reply((Heading(topic), Text(nowhere), Buttons((Button(voice("button.skills"), ListSkills()),))))
    rows = []
    answer = _optional_for(desk, voice, skill, ladders) if asked is Requirement.OPTIONAL else ()
    for role in list(ladders)[:MOST_ROWS]:
        start = required_from(desk, skill, role)
        rows.append(
            (role_name(desk, voice, role), level_name(desk, voice, start) if start else voice("required.never-short"))
        )
    caption = voice("required.roles-table", skill=topic)
    blocks: list[Block] = [Heading(topic), *answer]
    profile = turn.known.profile
    private = False
    if profile.role in ladders and profile.level:
        cell = desk.matrix.cell(skill, profile.role, profile.level)
        if cell:
            who = rung(desk, voice, profile.role, profile.level)
            standing = voice(f"compare.standing.{cell.requirement}")
            blocks.append(Text(voice("required.yours", who=who, standing=standing)))
            private = True
    blocks.append(Table(caption, (voice("required.role"), voice("required.start")), tuple(rows)))
    if len(ladders) > MOST_ROWS:
        blocks.append(Text(voice("required.more", count=len(ladders) - MOST_ROWS)))
    blocks.append(citation(desk, voice, *(cell for cells in ladders.values() for cell in cells), quoted=False))
    return Reply(tuple(blocks), private=private)


def _optional_for(desk: Desk, voice: Voice, skill: str, ladders: Mapping[str, Sequence[Cell]]) -> tuple[Block, ...]:
    """The roles for which a skill is optional, each with its levels."""
    topic = skill_name(desk, voice, skill)
    optional = {
        role: [cell.level for cell in cells if cell.requirement is Requirement.OPTIONAL]
        for role, cells in ladders.items()
    }
    rungs = [
        voice("required.role-at", role=role_name(desk, voice, role), levels=_levels(desk, voice, levels))
        for role, levels in optional.items()
        if levels
    ]
    if not rungs:
        return (Text(voice("required.optional-nowhere", skill=topic), strong=True),)
    return (Text(voice("required.optional-for", skill=topic, roles=some(voice, rungs, MOST_ROWS)), strong=True),)


def _levels(desk: Desk, voice: Voice, levels: Sequence[str]) -> str:
    return voice.list(*(level_name(desk, voice, level) for level in levels))
