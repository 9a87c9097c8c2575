"""What a role needs at a level: the framework's own words, with their source."""

from __future__ import annotations

from collections import Counter

from content.matrix import Cell, Requirement
from content.texts import Voice
from handlers import pick
from handlers.help import start_page
from handlers.intent import AskRequirement, CompareLevels, SetProfile, ShowExpectations
from handlers.milestones import own_rung
from handlers.nudge_offer import offer
from handlers.phrase import citation, level_name, name, quote, required_from, rung, skill_name
from handlers.ports import Desk
from handlers.reply import Block, Button, Buttons, Heading, Quote, Reply, Table, Text
from handlers.turn import Turn

MOST_DOMAINS = 20
"""Rows of the table of domains."""

MOST_IN_FULL = 3
"""Cells shown with their whole text; where there are more, the person picks a skill."""


async def show_expectations(intent: ShowExpectations, turn: Turn, desk: Desk) -> Reply:
    """The cells of a role at a level, or a question for what is missing."""
    voice = desk.voice(turn.lang)
    role, level = intent.role, intent.level
    if role and level:
        shareable = turn.place.shared or turn.how == "command"
        page = desk.once(
            (intent, voice.lang, shareable), lambda: _page(desk, voice, role, level, intent.skill, shareable)
        )
        return offer(page, turn, desk) if (role, level) == own_rung(desk.matrix, turn.known.profile) else page
    if role:
        return pick.ask_level(desk, voice, intent, role)
    if level:
        return pick.ask_role(desk, voice, intent, level)
    return _about(desk, voice, intent) if intent.skill else start_page(desk, voice, intent)


def _about(desk: Desk, voice: Voice, intent: ShowExpectations) -> Reply:
    """A skill in one line, and a form for whom it is asked."""
    assert intent.skill
    skill = desk.matrix.skills[intent.skill]
    about: tuple[Block, ...] = (Quote(*skill.about.best(voice.lang)),) if skill.about else ()
    place = Text(voice("expect.place", domain=skill.domain, group=skill.group))
    form = pick.both_form(desk, voice, intent, voice("button.show"), (None, None))
    timeline = Button(voice("button.timeline"), AskRequirement(skill=skill.id))
    ask = Text(voice("expect.for-whom"))
    return Reply((Heading(name(skill, voice)), place, *about, ask, form, Buttons((timeline,))))


def _page(desk: Desk, voice: Voice, role: str, level: str, skill: str | None, shareable: bool) -> Reply:
    if skill:
        cell = desk.matrix.cell(skill, role, level)
        if not cell:
            return _missing(desk, voice, role, level, skill)
        cells: tuple[Cell, ...] = (cell,)
    else:
        cells = desk.matrix.column(role, level)
    if not cells:
        return _empty(desk, voice, role, level)
    if len(cells) > MOST_IN_FULL:
        return _overview(desk, voice, role, level, cells)
    blocks: list[Block] = [block for cell in cells for block in cell_blocks(desk, voice, cell)]
    blocks.append(citation(desk, voice, *cells))
    blocks.append(
        Buttons(_next_moves(desk, voice, role, level, cells[0].skill if len(cells) == 1 else None, shareable))
    )
    return Reply(tuple(blocks))


def cell_title(desk: Desk, voice: Voice, cell: Cell) -> str:
    """A cell in one line: level, role and skill."""
    who = rung(desk, voice, cell.role, cell.level)
    return voice("name.page", rung=who, skill=skill_name(desk, voice, cell.skill))


def cell_blocks(desk: Desk, voice: Voice, cell: Cell) -> tuple[Block, ...]:
    """A cell word for word, under its title and whether it is required; its source is not among them."""
    title, standing = cell_title(desk, voice, cell), _standing(desk, voice, cell)
    return Heading(title), Text(standing, strong=True), quote(cell, voice)


def _standing(desk: Desk, voice: Voice, cell: Cell) -> str:
    """Whether the cell is required, from where on it will be, and whether this is the top."""
    line = voice(f"expect.{cell.requirement}")
    start = required_from(desk, cell.skill, cell.role)
    role = desk.matrix.roles[cell.role]
    if cell.requirement is Requirement.OPTIONAL and start and role.rank(start) > role.rank(cell.level):
        line += " " + voice("expect.later", level=level_name(desk, voice, start))
    if role.above(cell.level) is None:
        line += " " + voice("expect.top")
    return line


def _next_moves(
    desk: Desk, voice: Voice, role: str, level: str, skill: str | None, shareable: bool
) -> tuple[Button, ...]:
    ladder = desk.matrix.roles[role]
    below, above = ladder.below(level), ladder.above(level)
    buttons = []
    other = below or above
    if other:
        levels = (below, level) if below else (level, other)
        compare = CompareLevels(role=role, levels=levels, skill=skill)
        buttons.append(Button(voice("expect.compare", level=level_name(desk, voice, other)), compare))
    if above:
        up = ShowExpectations(role=role, level=above, skill=skill)
        buttons.append(Button(voice("expect.up", level=level_name(desk, voice, above)), up))
    buttons.append(Button(voice("expect.mine"), SetProfile(role=role, level=level)))
    if shareable:
        same = ShowExpectations(role=role, level=level, skill=skill)
        buttons.append(Button(voice("expect.share"), same, share=True))
    return tuple(buttons)


def _missing(desk: Desk, voice: Voice, role: str, level: str, skill: str) -> Reply:
    """The framework says nothing about this skill here; where it does is offered."""
    title = rung(desk, voice, role, level)
    topic = skill_name(desk, voice, skill)
    blocks: list[Block] = [
        Heading(voice("name.page", rung=title, skill=topic)),
        Text(voice("expect.missing", skill=topic, rung=title, framework=desk.matrix.name)),
    ]
    levels = [cell.level for cell in desk.matrix.ladder(skill, role)]
    buttons = [pick.show_button(desk, voice, role, one, skill) for one in levels[: pick.MOST_BUTTONS - 1]]
    buttons.append(Button(voice("expect.all-skills", rung=title), ShowExpectations(role=role, level=level)))
    return Reply((*blocks, Buttons(tuple(buttons))))


def _empty(desk: Desk, voice: Voice, role: str, level: str) -> Reply:
    title = rung(desk, voice, role, level)
    blocks: list[Block] = [Heading(title), Text(voice("expect.empty", rung=title, framework=desk.matrix.name))]
    filled = [one for one in desk.matrix.roles[role].ladder if desk.matrix.column(role, one)]
    if filled:
        buttons = tuple(pick.show_button(desk, voice, role, one, None) for one in filled[: pick.MOST_BUTTONS])
        blocks.append(Buttons(buttons))
    return Reply(tuple(blocks))


def _overview(desk: Desk, voice: Voice, role: str, level: str, cells: tuple[Cell, ...]) -> Reply:
    """How many skills are required and optional in each domain, and a menu to choose one."""
    counts = Counter((desk.matrix.skills[cell.skill].domain, cell.requirement) for cell in cells)
    domains = dict.fromkeys(domain for domain, _ in counts)
    kinds = [kind for kind in Requirement if any(counts[domain, kind] for domain in domains)]
    header = (voice("expect.domain"), *(voice(f"requirement.{kind}") for kind in kinds))
    rows = tuple((domain, *(str(counts[domain, kind]) for kind in kinds)) for domain in domains)
    required = sum(cell.requirement is Requirement.REQUIRED for cell in cells)
    title = rung(desk, voice, role, level)
    order = desk.matrix.required_first(role, level)
    menu = pick.skill_menu(desk, voice, [cell.skill for cell in order], ShowExpectations(role=role, level=level))
    return Reply(
        (
            Heading(title),
            Text(voice("expect.overview", count=len(cells), required=required)),
            Table(voice("expect.table", rung=title), header, rows[:MOST_DOMAINS]),
            *menu,
            citation(desk, voice, *cells, quoted=False),
        )
    )
