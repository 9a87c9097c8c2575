"""Fills what a question leaves open, from what was just spoken of and from the profile, and turns away old names."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from content.matrix import Matrix
from handlers.intent import (
    AskRequirement,
    CompareLevels,
    CompareRoles,
    Intent,
    SetProfile,
    ShowExpectations,
    UnknownName,
)
from handlers.records import Profile, Subject

One = TypeVar("One", bound=BaseModel)


def follow(intent: Intent, subject: Subject | None, *, follows: bool) -> Intent:
    """The intent with its gaps filled from the last subject, where the words lean on it.

    Someone who was asked for the level and says just "senior" leans on the subject too.
    """
    if subject is None:
        return intent
    match intent:
        case ShowExpectations(role=role, level=level) if follows or _answers(intent, subject):
            skill = intent.skill or subject.skill
            return _with(intent, role=role or subject.role, level=level or subject.level, skill=skill)
        case CompareLevels(role=role, levels=levels) if follows or (not role and len(levels) > 1):
            if len(levels) == 1 and subject.level and subject.level not in levels:
                levels = (subject.level, *levels)
            return _with(intent, role=role or subject.role, levels=levels, skill=intent.skill or subject.skill)
        case CompareRoles(roles=roles, level=level) if follows:
            if len(roles) == 1 and subject.role and subject.role not in roles:
                roles = (subject.role, *roles)
            skill = intent.skill or subject.skill
            return _with(intent, roles=roles, level=level or subject.level, skill=skill)
        case AskRequirement() if follows:
            return _with(
                intent,
                role=intent.role or subject.role,
                level=intent.level or subject.level,
                skill=intent.skill or subject.skill,
            )
        case _:
            return intent


def _answers(intent: ShowExpectations, subject: Subject) -> bool:
    """Whether the intent is just the half that the subject lacks."""
    if intent.skill:
        return False
    given = (intent.role is not None, intent.level is not None)
    return given in {(True, False), (False, True)} and given == (subject.role is None, subject.level is None)


def assume(intent: Intent, profile: Profile | None, matrix: Matrix) -> Intent:
    """The intent with the role or level a person told of themselves, where the question is likely about them."""
    if profile is None:
        return intent
    match intent:
        case ShowExpectations(role=role, level=level) if role is None or level is None:
            return _with(intent, **_own(role, level, profile, matrix))
        case CompareLevels(role=role, levels=levels) if role is None or len(levels) < 2:
            own = _own(role, None, profile, matrix)
            role, level = own.get("role", role), own.get("level")
            if role and level and not levels:
                ladder = matrix.roles[role]
                levels = (level, ladder.above(level) or ladder.below(level) or level)
            elif role and level and role == profile.role and levels != (level,) and len(levels) == 1:
                levels = (level, *levels)
            return _with(intent, role=role, levels=levels)
        case CompareRoles(roles=roles, level=level) if len(roles) == 1 or level is None:
            if len(roles) == 1 and profile.role and profile.role not in roles:
                roles = (profile.role, *roles)
            if level is None and profile.level and all(profile.level in matrix.roles[one].ladder for one in roles):
                level = profile.level
            return _with(intent, roles=roles, level=level)
        case _:
            return intent


def _own(role: str | None, level: str | None, profile: Profile, matrix: Matrix) -> dict[str, str | None]:
    """Role and level completed from the profile, only as far as they stand on one ladder."""
    both = {"role": role or profile.role, "level": level or profile.level}
    if both["role"] and both["level"] and both["level"] not in matrix.roles[both["role"]].ladder:
        return {"role": role, "level": level}
    return both


def _with(intent: One, **fields: object) -> One:
    changed = {key: value for key, value in fields.items() if getattr(intent, key) != value}
    return intent.model_copy(update=changed) if changed else intent


def vet(intent: Intent, matrix: Matrix) -> Intent:
    """The intent, or the honest answer to a name that is not (or no longer) in the framework.

    An old button may name a role that a newer framework has dropped.
    """
    if isinstance(intent, UnknownName):
        return _vet_unknown(intent, matrix)
    role, level, skill = (getattr(intent, key, None) for key in ("role", "level", "skill"))
    roles: tuple[str, ...] = getattr(intent, "roles", ())
    levels: tuple[str, ...] = getattr(intent, "levels", ())
    for one in filter(None, (role, *roles)):
        if one not in matrix.roles:
            known = tuple(other for other in roles if other in matrix.roles)
            return _vet_unknown(UnknownName(what="role", said=one, level=level, skill=skill, roles=known), matrix)
    for one in filter(None, (level, *levels)):
        off_ladder = role and one not in matrix.roles[role].ladder and not isinstance(intent, SetProfile)
        if one not in matrix.levels or off_ladder:
            said = matrix.levels[one].name.best(matrix.language)[0] if one in matrix.levels else one
            return _vet_unknown(UnknownName(what="level", said=said, role=role, skill=skill, roles=roles), matrix)
    if skill and skill not in matrix.skills:
        return UnknownName(what="skill", said=skill, role=role, level=level)
    return intent


def _vet_unknown(intent: UnknownName, matrix: Matrix) -> UnknownName:
    """What came along with an unknown name, as far as it is known itself."""
    role = intent.role if intent.role in matrix.roles else None
    level = intent.level if intent.level in matrix.levels else None
    if role and level and level not in matrix.roles[role].ladder:
        level = None
    return _with(
        intent,
        role=role,
        level=level,
        skill=intent.skill if intent.skill in matrix.skills else None,
        roles=tuple(dict.fromkeys(one for one in intent.roles if one in matrix.roles)),
    )
