"""What the framework knows: roles, levels, skills; and names that it does not know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz, process, utils

from content.matrix import Named
from content.texts import Voice
from handlers import pick
from handlers.intent import (
    CompareRoles,
    Intent,
    ListLevels,
    ListRoles,
    ListSkills,
    Search,
    ShowExpectations,
    UnknownName,
)
from handlers.phrase import level_name, name, role_name, said, skill_name, some
from handlers.ports import Desk
from handlers.reply import Bullets, Button, Buttons, Heading, Item, Reply, Text
from handlers.turn import Turn

MOST_LISTED = 30
"""Names written out in one sentence; the menu below holds more."""

MOST_BESIDE = 5
"""Known roles that stay in a comparison beside the one that is offered."""

NEAREST = 3
"""Known names offered for an unknown one."""


async def list_roles(_intent: ListRoles, turn: Turn, desk: Desk) -> Reply:
    """All roles, and a menu to open one."""
    voice = desk.voice(turn.lang)
    return desk.once(("roles", voice.lang), lambda: _roles(desk, voice))


def _roles(desk: Desk, voice: Voice) -> Reply:
    roles = [name(role, voice) for role in desk.matrix.roles.values()]
    names = some(voice, roles, MOST_LISTED)
    text = voice("lists.roles-known", count=len(roles), framework=desk.matrix.name, names=names)
    menu = pick.role_menu(desk, voice, ShowExpectations())
    return Reply((Heading(voice("lists.roles")), Text(text), Text(voice("lists.open-role")), *menu))


async def list_levels(intent: ListLevels, turn: Turn, desk: Desk) -> Reply:
    """The ladder of a role, or all levels, lowest first."""
    voice = desk.voice(turn.lang)
    role = intent.role
    levels = desk.matrix.roles[role].ladder if role else tuple(desk.matrix.levels)
    names = some(voice, (level_name(desk, voice, level) for level in levels), MOST_LISTED)
    if role:
        text = voice("lists.levels-of", count=len(levels), role=role_name(desk, voice, role), names=names)
    else:
        text = voice("lists.levels-known", count=len(levels), names=names)
    choices = pick.level_choices(desk, voice, ShowExpectations(role=role), role=role)
    ladders: dict[tuple[str, ...], list[str]] = {}
    for one in desk.matrix.roles.values():
        ladders.setdefault(one.ladder, []).append(name(one, voice))
    if role or len(ladders) == 1:
        return Reply((Heading(voice("lists.levels")), Text(text), choices))
    items = tuple(
        Item(voice.list(*(level_name(desk, voice, level) for level in ladder)), some(voice, roles, NEAREST))
        for ladder, roles in list(ladders.items())[:MOST_LISTED]
    )
    ask = Text(voice("lists.ladders", count=len(ladders)))
    return Reply((Heading(voice("lists.levels")), ask, Bullets(items), choices))


async def list_skills(_intent: ListSkills, turn: Turn, desk: Desk) -> Reply:
    """All skills by domain."""
    voice = desk.voice(turn.lang)
    return desk.once(("skills", voice.lang), lambda: _skills(desk, voice))


def _skills(desk: Desk, voice: Voice) -> Reply:
    domains: dict[str, list[str]] = {}
    for skill in desk.matrix.skills.values():
        domains.setdefault(skill.domain, []).append(name(skill, voice))
    items = tuple(
        Item(some(voice, skills, MOST_LISTED), domain) for domain, skills in list(domains.items())[:MOST_LISTED]
    )
    text = voice("lists.skills-known", count=len(desk.matrix.skills), framework=desk.matrix.name)
    buttons = (Button(voice("button.roles"), ListRoles()), Button(voice("button.levels"), ListLevels()))
    return Reply((Heading(voice("lists.skills")), Text(text), Bullets(items), Buttons(buttons)))


async def unknown_name(intent: UnknownName, turn: Turn, desk: Desk) -> Reply:
    """Says that the name is not known, and offers the nearest ones with the rest of the question."""
    voice = desk.voice(turn.lang)
    words = said(intent.said)
    key = f"unknown.{intent.what}" if words else f"unknown.{intent.what}-bare"
    text = Text(voice(key, said=words, framework=desk.matrix.name))
    if intent.what == "role":
        roles = {one: role for one, role in desk.matrix.roles.items() if one not in intent.roles}
        near = nearest(desk, intent.said, roles or desk.matrix.roles)
        buttons = [Button(role_name(desk, voice, one), _instead(intent, one)) for one in near]
        if len(desk.matrix.roles) > len(near):
            buttons.append(Button(voice("button.roles"), ListRoles()))
        return Reply((text, Buttons(tuple(buttons))))
    if intent.what == "level":
        role = intent.role or (intent.roles[0] if intent.roles else None)
        asked: Intent = ShowExpectations(role=role, skill=intent.skill)
        if len(intent.roles) > 1:
            asked = CompareRoles(roles=intent.roles, skill=intent.skill)
        return Reply((text, pick.level_choices(desk, voice, asked, role=role)))
    buttons = [
        Button(skill_name(desk, voice, one), _with_skill(intent, desk, voice, one))
        for one in nearest(desk, intent.said, desk.matrix.skills)
    ]
    return Reply((text, Buttons((*buttons, Button(voice("button.skills"), ListSkills())))))


def _instead(intent: UnknownName, role: str) -> Intent:
    """The question again, with a known role in the unknown one's place."""
    if intent.roles:
        return CompareRoles(roles=(*intent.roles[:MOST_BESIDE], role), level=intent.level, skill=intent.skill)
    return ShowExpectations(role=role, level=intent.level, skill=intent.skill)


def _with_skill(intent: UnknownName, desk: Desk, voice: Voice, skill: str) -> Intent:
    if intent.role or intent.level:
        return ShowExpectations(role=intent.role, level=intent.level, skill=skill)
    return Search(words=skill_name(desk, voice, skill)[:80])


def nearest(desk: Desk, words: str, known: Mapping[str, Named]) -> list[str]:
    """The ids of the known names most like `words`, best first; the first ones where none is alike."""
    calls = desk.once(("calls", *known), lambda: {word: one for one, thing in known.items() for word in _calls(thing)})
    found = process.extract(utils.default_process(words), calls.keys(), scorer=fuzz.token_set_ratio, limit=10 * NEAREST)
    ranked = dict.fromkeys(calls[word] for word, _, _ in found)
    return list(dict.fromkeys([*ranked, *known]))[:NEAREST]


def _calls(thing: Named) -> Iterable[str]:
    """What something is called, as it is compared."""
    for words in (thing.name.texts.values(), *thing.nicknames.values()):
        yield from map(utils.default_process, words)
