"""Rows into what handlers know of teams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from bot.store.team_rules import SCHEDULE, SEPARATOR
from handlers.team_records import Card, Entry, Figures, Membership, Reading, Rung, Schedule, Standing, Tally, Team
from handlers.turn import Person


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
    return Reading(row.number, row.at, figures, row.by_user or "", row.channel, row.state, row.ref, row.key)


def reading_row(one: Reading) -> dict[str, Any]:
    """A reading but for its team and its number."""
    told = {name: getattr(one, name) for name in ("key", "at", "channel", "state")}
    return told | {"figures": one.figures.to_json(), "by_user": one.by}


def entry_of(row: Any) -> Entry:
    """An entry of a trail."""
    return Entry(row.at, row.what, row.by_user, row.team_name)


def card_of(row: Any) -> Card:
    """A card, and where its message is."""
    owner = Person(row.platform, row.tenant, row.user_id)
    return Card(row.id, owner, row.to_user, tuple(row.lines), row.text, row.at, row.place, row.ref)


def tally_of(rows: Iterable[Any]) -> Tally:
    """Exact counts out of the rows of `bot.store.team_counting.TALLY`."""
    people: Counter[Rung | None] = Counter()
    names: dict[tuple[Rung, bool], list[str]] = {}
    changed = counted = before = 0
    alike = False
    added: list[tuple[Any, ...]] = []
    for user, role, level, number, newest, done, begun, was, differs, apart in rows:
        if apart is not None:
            before, alike = was, bool(apart)
            continue
        added.append((user, role, level, number, newest))
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
    return Tally(dict(people), clauses, changed + before - counted, alike, added)
