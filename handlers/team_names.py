"""Names of teams as people write them: in whatever case, and joined by hyphens as channels are, or not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from handlers.team_records import Team

_ODD = re.compile(r"[<>{}]|(?<!\w):[a-z0-9_+\-]+:(?!\w)", re.IGNORECASE)
"""Beside emoji themselves; in Slack they have names: ":tada:"."""

_JOINTS = re.compile(r"[\s_\-‐-―]+")


def is_nameable(typed: str) -> bool:
    """Whether people can type this in a sentence: letters or digits, without emoji, mark-up and braces."""
    return any(map(str.isalnum, typed)) and not has_odd_signs(typed)


def has_odd_signs(typed: str) -> bool:
    """Whether there are emoji, mark-up or braces in it."""
    return bool(_ODD.search(typed)) or any(unicodedata.category(one) == "So" for one in typed)


def spaced(name: str) -> str:
    """The name of a team as it is shown."""
    return " ".join(name.split())


def fold(name: str) -> str:
    """The name of a team as it is told from others."""
    return spaced(name).casefold()


def fitting(teams: Iterable[Team], name: str) -> list[Team]:
    """Those whose name is this one, then those that are written a little differently, then those that begin with it."""
    ranked = [(rank, fold(team.name), team) for team in teams if (rank := _rank(team.name, name)) is not None]
    return [team for _, _, team in sorted(ranked, key=lambda one: one[:2])]


def meant(teams: Iterable[Team], name: str) -> list[Team]:
    """Those that fit a name best: several only where the name does not tell them apart."""
    found = fitting(teams, name)
    return [team for team in found if _rank(team.name, name) == _rank(found[0].name, name)]


def _rank(name: str, wanted: str) -> int | None:
    if fold(name) == fold(wanted):
        return 0
    loose, sought = (_JOINTS.sub(" ", fold(one)) for one in (name, wanted))
    if loose == sought:
        return 1
    return 2 if loose.startswith(sought) else None
