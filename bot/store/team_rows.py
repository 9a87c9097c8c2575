"""What every store of teams goes by, and rows into what handlers know of teams."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Literal

from bot.store.columns import storable
from bot.store.team_statements import SEPARATOR
from handlers.intent import ReceiveInvite
from handlers.team_records import Entry, Figures, Membership, Reading, Rung, Schedule, Standing, Tally, Team
from scheduler.letters import Kind

AGAIN_AFTER = datetime.timedelta(days=30)
"""How long nobody asks a person again who has said no or left."""

LEAST = 5
"""The smallest group that numbers are shown of."""

Deed = Literal[
    "asked", "yes", "no", "left", "managing", "not-managing", "renamed", "ended", "posted", "scheduled", "unscheduled"
]
"""What a trail tells of. The values lie in databases: they never change."""

SCHEDULE = tuple(item.name for item in fields(Schedule))

PERSONAL = ("channel", "conversation_id", "user")
"""What of an address is one person's own."""


def spaced(name: str) -> str:
    """The name of a team as it is shown."""
    return " ".join(str(storable(name)).split())


def fold(name: str) -> str:
    """The name of a team as it is told from others."""
    return spaced(name).casefold()


def best(teams: Iterable[Team], name: str) -> list[Team]:
    """Those whose name is this one, and then those whose name begins with it."""
    wanted = fold(name)
    found = [team for team in teams if fold(team.name).startswith(wanted)]
    return sorted(found, key=lambda team: (fold(team.name) != wanted, fold(team.name)))


def invitation(team: Team, by: str) -> tuple[Kind, ReceiveInvite]:
    """The kind of the letter that asks somebody, and what it asks."""
    return f"invite:{team.id}", ReceiveInvite(team=team.id, by=by)


def address_beside(address: Mapping[str, Any] | None, user: str) -> dict[str, Any]:
    """Where somebody can be written to, made from the address of somebody else in their workspace."""
    return {name: value for name, value in (address or {}).items() if name not in PERSONAL} | {"user": user}


def may_be_asked(standing: str | None, since: datetime.datetime, now: datetime.datetime) -> bool:
    """Whether somebody with a row can be asked: who was never asked, or has said no long ago."""
    return standing is None or (standing in (Standing.NO, Standing.LEFT) and since <= now - AGAIN_AFTER)


def team_of(row: Any) -> Team:
    """A team out of its columns; a schedule that lacks a part counts as none."""
    parts = [getattr(row, name) for name in SCHEDULE]
    schedule = None if None in parts else Schedule(*parts)
    return Team(row.id, row.platform, row.tenant, row.name, bytes(row.secret), schedule, row.channel, row.lang)


def membership_of(row: Any) -> Membership:
    """A membership; who manages a team and was not asked counts as one who said no."""
    return Membership(team_of(row), Standing(row.standing or Standing.NO), row.manages, row.since)


def reading_of(row: Any) -> Reading:
    """A reading; whoever posted it may be forgotten."""
    figures = Figures.from_json(row.figures)
    return Reading(row.number, row.at, figures, row.by_user or "", row.channel, row.state, row.ref)


def entry_of(row: Any) -> Entry:
    """An entry of a trail."""
    return Entry(row.at, row.what, row.by_user, row.team_name)


def tally_of(rows: Iterable[Any]) -> Tally:
    """Exact counts out of the rows of `TeamStatements.tally`."""
    people: Counter[Rung | None] = Counter()
    names: dict[tuple[Rung, bool], list[str]] = {}
    changed = counted = before = 0
    alike = False
    for role, level, done, begun, was, differs, apart in rows:
        if apart is not None:
            before, alike = was, bool(apart)
            continue
        rung = Rung(role, level) if role and level else None
        people[rung] += 1
        counted += was
        changed += differs
        for said, is_done in ((done, True), (begun, False)):
            if rung and said:
                names.setdefault((rung, is_done), []).append(said)
    # Joined and taken apart again, because that is counted without a step of Python for each of them.
    counts = {key: Counter(SEPARATOR.join(said).split(SEPARATOR)) for key, said in names.items()}
    none = Counter[str]()
    clauses = {
        (rung, clause): (counts.get((rung, True), none)[clause], counts.get((rung, False), none)[clause])
        for rung, is_done in counts
        for clause in counts[rung, is_done]
    }
    # Whoever was counted and is here no more has changed, too.
    return Tally(dict(people), clauses, changed + before - counted, alike)
