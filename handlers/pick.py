"""Asking for what is missing: buttons and menus that carry the rest of the question."""

from __future__ import annotations

from collections.abc import Iterable

from content.texts import Voice
from handlers.intent import Intent, ShowExpectations
from handlers.phrase import level_name, name, role_name, rung, skill_name
from handlers.ports import Desk
from handlers.reply import Block, Button, Buttons, Choice, Form, Heading, Menu, Note, Picker, Reply, Text

MOST_CHOICES = 100
"""Entries of one menu; the smallest limit among the platforms."""

MOST_BUTTONS = 6
"""Buttons side by side before a menu is easier to read."""


def role_picker(desk: Desk, voice: Voice, *, level: str | None = None, chosen: str | None = None) -> Picker:
    """The roles, only those that climb to `level` where one is given."""
    roles = [role for role in desk.matrix.roles.values() if level is None or level in role.ladder]
    choices = tuple(Choice(name(role, voice), role.id) for role in roles[:MOST_CHOICES])
    return Picker("role", voice("pick.role"), choices, chosen)


def level_picker(desk: Desk, voice: Voice, *, role: str | None = None, chosen: str | None = None) -> Picker:
    """The levels of a role's ladder, or all levels of the framework."""
    levels = desk.matrix.roles[role].ladder if role else tuple(desk.matrix.levels)
    choices = tuple(Choice(level_name(desk, voice, level), level) for level in levels[:MOST_CHOICES])
    return Picker("level", voice("pick.level"), choices, chosen)


def skill_menu(desk: Desk, voice: Voice, skills: Iterable[str], intent: Intent) -> tuple[Block, ...]:
    """A menu of skills; where they are more than a menu holds, a note says how many and that names work too."""
    skills = list(skills)
    choices = tuple(Choice(skill_name(desk, voice, skill), skill) for skill in skills[:MOST_CHOICES])
    menu = Menu(Picker("skill", voice("pick.skill"), choices), intent)
    more = len(skills) - len(choices)
    return (menu, Note(voice("pick.more-skills", count=more))) if more > 0 else (menu,)


def role_menu(desk: Desk, voice: Voice, intent: Intent, *, level: str | None = None) -> tuple[Block, ...]:
    """A menu of roles that completes `intent`."""
    picker = role_picker(desk, voice, level=level)
    more = len(desk.matrix.roles) - len(picker.choices) if level is None else 0
    menu = Menu(picker, intent)
    return (menu, Note(voice("pick.more-roles", count=more))) if more > 0 else (menu,)


def level_choices(desk: Desk, voice: Voice, intent: Intent, *, role: str | None = None) -> Block:
    """The ladder as buttons, or as a menu where it is long; each completes `intent`."""
    picker = level_picker(desk, voice, role=role)
    if len(picker.choices) > MOST_BUTTONS:
        return level_menu(desk, voice, intent, role=role)
    return Buttons(
        tuple(Button(choice.label, intent.model_copy(update={"level": choice.value})) for choice in picker.choices)
    )


def level_menu(desk: Desk, voice: Voice, intent: Intent, *, role: str | None = None) -> Menu:
    """A menu of a ladder's levels that completes `intent`."""
    return Menu(level_picker(desk, voice, role=role), intent)


def ask_level(desk: Desk, voice: Voice, intent: Intent, role: str) -> Reply:
    """Which level of this role?"""
    title = role_name(desk, voice, role)
    ask = Text(voice("pick.which-level", role=title))
    return Reply((Heading(title), ask, level_choices(desk, voice, intent, role=role)))


def ask_role(desk: Desk, voice: Voice, intent: Intent, level: str | None = None) -> Reply:
    """Which role (at this level)?"""
    title = level_name(desk, voice, level) if level else voice("pick.role")
    return Reply((Heading(title), Text(voice("pick.which-role")), *role_menu(desk, voice, intent, level=level)))


def ask_skill(desk: Desk, voice: Voice, intent: Intent, skills: Iterable[str], title: str) -> Reply:
    """Which skill?"""
    return Reply((Heading(title), Text(voice("pick.which-skill")), *skill_menu(desk, voice, skills, intent)))


def both_form(desk: Desk, voice: Voice, intent: Intent, submit: str, chosen: tuple[str | None, str | None]) -> Form:
    """A form with a role and a level."""
    role, level = chosen
    return Form((role_picker(desk, voice, chosen=role), level_picker(desk, voice, chosen=level)), submit, intent)


def show_button(desk: Desk, voice: Voice, role: str, level: str, skill: str | None) -> Button:
    """Opens the expectations of a role at a level."""
    return Button(rung(desk, voice, role, level), ShowExpectations(role=role, level=level, skill=skill))
