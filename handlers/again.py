"""The words with which somebody else gets the same answer: what a shared page passes on."""

from __future__ import annotations

from content.texts import Voice
from handlers.intent import CompareLevels, CompareRoles, Intent, ShowExpectations
from handlers.phrase import level_name, role_name, skill_name
from handlers.ports import Desk


def words_for(intent: Intent, desk: Desk, voice: Voice) -> str | None:
    """A question that is understood as this intent, or None where there is none that surely is."""
    words = _words(intent, desk, voice)
    if words is None:
        return None
    skill = getattr(intent, "skill", None)
    # Where there is one skill only, it goes without saying.
    wanted = {intent, intent.model_copy(update={"skill": None})} if desk.matrix.only_skill or not skill else {intent}
    return words if desk.understand(words, hint=voice.lang).intent in wanted else None


def _words(intent: Intent, desk: Desk, voice: Voice) -> str | None:
    match intent:
        case ShowExpectations(role=str(role), level=str(level), skill=skill):
            names = {"role": role_name(desk, voice, role), "level": level_name(desk, voice, level)}
            if skill and not desk.matrix.only_skill:
                return voice("name.page", rung=voice("name.rung", **names), skill=skill_name(desk, voice, skill))
            return voice("example.expect", **names)
        case CompareLevels(role=str(role), levels=(lower, upper), skill=None):
            levels = {"lower": level_name(desk, voice, lower), "level": level_name(desk, voice, upper)}
            return voice("example.compare", role=role_name(desk, voice, role), **levels)
        case CompareRoles(roles=(role, other), level=str(level), skill=None, levels=()):
            roles = {"role": role_name(desk, voice, role), "other": role_name(desk, voice, other)}
            return voice("example.move", level=level_name(desk, voice, level), **roles)
        case _:
            return None
