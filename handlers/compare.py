"""What changes between levels of a role, or between roles at a level."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from content.matrix import Cell, Clause
from content.texts import Voice
from handlers import pick
from handlers.changes import Side, pair, side_by_side, skills_step
from handlers.day import day_of
from handlers.intent import CompareLevels, CompareRoles, ListMilestones, ShowExpectations
from handlers.phrase import citation, fragment, level_name, role_name, rung, skill_name
from handlers.ports import Desk
from handlers.records import State
from handlers.reply import Block, Bullets, Button, Buttons, Choice, Heading, Item, Menu, Picker, Reply, Text
from handlers.turn import Turn

MOST_SIDES = 6
"""Cells shown in one comparison."""

MOST_BEGUN = 8
"""Clauses done or begun that are named to whoever compares a level with their own."""

Compared = CompareLevels | CompareRoles
Place = tuple[str, str]
"""A role id and a level id."""


async def compare_levels(intent: CompareLevels, turn: Turn, desk: Desk) -> Reply:
    """The levels of one role, lowest first, or a question for what is missing."""
    voice = desk.voice(turn.lang)
    role = intent.role
    if role is None:
        return pick.ask_role(desk, voice, intent)
    ladder = desk.matrix.roles[role].ladder
    levels = tuple(level for level in ladder if level in intent.levels)
    intent = intent.model_copy(update={"levels": levels})
    if len(levels) < 2:
        return _ask_levels(desk, voice, intent, role, ladder)
    places = [(role, level) for level in levels]
    shareable = turn.place.shared or turn.how == "command"
    page = desk.once((intent, voice.lang, shareable), lambda: _page(desk, voice, intent, places, shareable=shareable))
    own = turn.known.profile
    if (own.role, own.level) != places[0] or (turn.place.shared and turn.how != "command"):
        return page
    return _with_own(desk, voice, page, turn, *places[-1])


def _with_own(desk: Desk, voice: Voice, page: Reply, turn: Turn, role: str, level: str) -> Reply:
    """The page with what the person has begun of a level: for whoever compares it with their own."""
    name = level_name(desk, voice, level)
    clauses = [clause for cell in desk.matrix.column(role, level) for clause in cell.clauses]
    items = [item for clause in clauses if (item := _begun(voice, clause, turn))]
    blocks: list[Block] = [Heading(voice("compare.yours", level=name))]
    if items:
        blocks.append(Bullets(tuple(items[:MOST_BEGUN])))
    if left := len(clauses) - len(items):
        blocks.append(Text(voice("compare.yours-open", count=left)))
    *told, last = page.blocks
    moves = last.buttons if isinstance(last, Buttons) else ()
    told = told if moves else [*told, last]
    mine = Button(voice("compare.yours-all", level=name), ListMilestones(level=level))
    return replace(page, blocks=(*told, *blocks, Buttons((*moves, mine))), private=True)


def _begun(voice: Voice, clause: Clause, turn: Turn) -> Item | None:
    """A clause that is done, in work or partly so, or None."""
    said = turn.known.milestones.get(clause.id)
    if said is None or said.state not in (State.DONE, State.WORKING, State.PARTLY):
        return None
    since = voice.date(day_of(said.since, turn))
    return Item(fragment(clause, voice), detail=voice(f"compare.yours-{said.state}", date=since))


async def compare_roles(intent: CompareRoles, turn: Turn, desk: Desk) -> Reply:
    """Roles at one level; the first is where one comes from. What is missing is asked for."""
    voice = desk.voice(turn.lang)
    roles = tuple(dict.fromkeys(intent.roles))
    intent = intent.model_copy(update={"roles": roles, "level": intent.level if not intent.levels else None})
    if len(roles) < 2:
        return _ask_other_role(desk, voice, intent)
    level = intent.level
    if len(intent.levels) == len(roles):
        places = list(zip(roles, intent.levels, strict=True))
    elif level:
        places = [(role, level) for role in roles]
    else:
        return _ask_common_level(desk, voice, intent)
    shareable = turn.place.shared or turn.how == "command"
    return desk.once((intent, voice.lang, shareable), lambda: _page(desk, voice, intent, places, shareable=shareable))


def _ask_levels(desk: Desk, voice: Voice, intent: CompareLevels, role: str, ladder: tuple[str, ...]) -> Reply:
    name = role_name(desk, voice, role)
    if intent.levels:
        given = intent.levels[0]
        ask = voice("compare.against", level=level_name(desk, voice, given))
        pairs = [(given, level) for level in ladder if level != given]
        labels = [level_name(desk, voice, level) for _, level in pairs]
    else:
        ask = voice("compare.which-levels", role=name)
        pairs = list(pairwise(ladder))
        labels = [_pair_label(desk, voice, *levels) for levels in pairs]
    if not pairs:
        only = voice("lists.levels-of", count=1, role=name, names=level_name(desk, voice, ladder[0]))
        return Reply((Heading(name), Text(only)))
    buttons = (
        Button(label, intent.model_copy(update={"levels": tuple(levels)}))
        for label, levels in zip(labels, pairs, strict=True)
    )
    return Reply((Heading(name), Text(ask), Buttons(tuple(buttons)[: pick.MOST_BUTTONS])))


def _pair_label(desk: Desk, voice: Voice, lower: str, upper: str) -> str:
    return voice("compare.pair", lower=level_name(desk, voice, lower), upper=level_name(desk, voice, upper))


def _ask_other_role(desk: Desk, voice: Voice, intent: CompareRoles) -> Reply:
    others = [role for role in desk.matrix.roles if role not in intent.roles]
    choices = tuple(Choice(role_name(desk, voice, role), role) for role in others[: pick.MOST_CHOICES])
    menu = Menu(Picker("roles", voice("pick.role"), choices), intent)
    if not intent.roles:
        return Reply((Heading(voice("pick.role")), Text(voice("pick.which-role")), menu))
    name = role_name(desk, voice, intent.roles[0])
    if not choices:
        return Reply((Heading(name), Text(voice("lists.roles-known", count=1, framework=desk.matrix.name, names=name))))
    return Reply((Heading(name), Text(voice("compare.which-other", role=name)), menu))


def _ask_common_level(desk: Desk, voice: Voice, intent: CompareRoles) -> Reply:
    names = voice.list(*(role_name(desk, voice, role) for role in intent.roles))
    ladders = [desk.matrix.roles[role].ladder for role in intent.roles]
    common = [level for level in ladders[0] if all(level in ladder for ladder in ladders)]
    if not common:
        open_one = tuple(
            Button(role_name(desk, voice, role), ShowExpectations(role=role))
            for role in intent.roles[: pick.MOST_BUTTONS]
        )
        return Reply((Heading(names), Text(voice("compare.no-common", roles=names)), Buttons(open_one)))
    buttons = tuple(
        Button(level_name(desk, voice, level), intent.model_copy(update={"level": level})) for level in common
    )
    return Reply((Heading(names), Text(voice("compare.at-level", roles=names)), Buttons(buttons)))


def _page(desk: Desk, voice: Voice, intent: Compared, places: list[Place], *, shareable: bool) -> Reply:
    move = isinstance(intent, CompareRoles)
    cut = max(0, len(places) - MOST_SIDES)
    places = places[:MOST_SIDES]
    names = [_name(desk, voice, intent, place) for place in places]
    skill = intent.skill or desk.matrix.only_skill
    sides = [
        Side(name, {cell.skill: cell for cell in _cells(desk, skill, *place)})
        for name, place in zip(names, places, strict=True)
    ]
    skill = skill or _shared_skill(sides)
    if skill is None:
        return _many_skills(desk, voice, intent, sides, places)
    heading = Heading(_title(desk, voice, intent, names, places[0], skill))
    missing: list[Block] = [
        Text(
            voice(
                "compare.missing",
                framework=desk.matrix.name,
                skill=skill_name(desk, voice, skill),
                rung=rung(desk, voice, *place),
            )
        )
        for side, place in zip(sides, places, strict=True)
        if skill not in side.cells
    ]
    cells = [(side.name, side.cells[skill]) for side in sides if skill in side.cells]
    blocks: list[Block] = [heading, *missing]
    if len(cells) == 2:
        blocks += pair(desk, voice, *cells, move=move)
    elif cells:
        blocks += side_by_side(desk, voice, cells, move=move)
    if cut:
        blocks.append(Text(voice("compare.cut", count=cut)))
    if cells:
        blocks.append(citation(desk, voice, *(cell for _, cell in cells)))
    moves = _moves(desk, voice, intent, places, skill, shareable=shareable)
    return Reply((*blocks, Buttons(moves)) if moves else tuple(blocks))


def _name(desk: Desk, voice: Voice, intent: Compared, place: Place) -> str:
    """What tells a side from the others: its role, its level, or both."""
    role, level = place
    if isinstance(intent, CompareLevels):
        return level_name(desk, voice, level)
    return role_name(desk, voice, role) if intent.level else rung(desk, voice, role, level)


def _cells(desk: Desk, skill: str | None, role: str, level: str) -> tuple[Cell, ...]:
    if skill is None:
        return desk.matrix.column(role, level)
    cell = desk.matrix.cell(skill, role, level)
    return (cell,) if cell else ()


def _shared_skill(sides: list[Side]) -> str | None:
    """The skill, when all that is compared has just the one."""
    skills = {skill for side in sides for skill in side.cells}
    return skills.pop() if len(skills) == 1 else None


def _title(desk: Desk, voice: Voice, intent: Compared, names: list[str], place: Place, skill: str) -> str:
    joined = voice("compare.arrow").join(names)
    topic = skill_name(desk, voice, skill)
    if isinstance(intent, CompareRoles) and not intent.level:
        return voice("name.page", rung=joined, skill=topic)
    if isinstance(intent, CompareRoles):
        return voice("compare.move", roles=joined, level=level_name(desk, voice, place[1]), skill=topic)
    return voice("compare.title", role=role_name(desk, voice, place[0]), levels=joined, skill=topic)


def _moves(
    desk: Desk, voice: Voice, intent: Compared, places: list[Place], skill: str, *, shareable: bool
) -> tuple[Button, ...]:
    buttons = [
        pick.show_button(desk, voice, role, level, skill)
        for role, level in (places[0], places[-1])
        if level in desk.matrix.roles[role].ladder
    ]
    if isinstance(intent, CompareLevels):
        role, level = places[-1]
        above = desk.matrix.roles[role].above(level)
        if above:
            further = intent.model_copy(update={"levels": (level, above)})
            buttons.append(Button(_pair_label(desk, voice, level, above), further))
    if shareable:
        buttons.append(Button(voice("expect.share"), intent, share=True))
    return tuple(buttons)


def _many_skills(desk: Desk, voice: Voice, intent: Compared, sides: list[Side], places: list[Place]) -> Reply:
    """What changes in the set of skills, and a menu to look at one of them."""
    first, last = sides[0], sides[-1]
    title = voice("compare.arrow").join(rung(desk, voice, *place) for place in places)
    skills: dict[str, Cell] = {}
    for side in sides:
        skills |= side.cells
    if not skills:
        empty = voice("expect.empty", rung=title, framework=desk.matrix.name)
        return Reply((Heading(title), Text(empty)))
    menu = pick.skill_menu(desk, voice, skills, intent)
    return Reply(
        (
            Heading(title),
            *skills_step(desk, voice, first, last),
            Text(voice("pick.which-skill")),
            *menu,
            citation(desk, voice, *skills.values(), quoted=False),
        )
    )
