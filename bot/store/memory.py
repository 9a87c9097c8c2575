"""The store in dictionaries: it lives and dies with the process."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from bot.store.memory_kept import Kept, KeptTeam, of_teams
from bot.store.memory_teams import tidy_teams
from bot.store.nudges import nudging_row
from handlers.errors import Erased
from handlers.records import (
    SUBJECT_LIFE,
    Evidence,
    EvidenceAdded,
    Fact,
    Known,
    Milestone,
    MilestoneSet,
    Nudging,
    Receipt,
    settle,
)
from handlers.rhythm import LEAST_WINDOW
from handlers.team_records import TeamId
from handlers.turn import Person, Place


class MemoryStore:
    """People, milestones, evidence and subjects in memory; implements `handlers.ports.Store`."""

    def __init__(self) -> None:
        self.people: dict[Person, Kept] = {}
        self.teams: dict[TeamId, KeptTeam] = {}
        self._editions: dict[str, tuple[datetime.datetime, dict[str, str]]] = {}

    async def recall(self, person: Person, place: Place, now: datetime.datetime) -> Known | None:
        """What is known of a person who speaks in a place."""
        kept = self.people.get(person)
        if kept is None:
            return None
        at, subject, _ = kept.subjects.get(place.id, (None, None, None))
        fresh = at is not None and at >= now - SUBJECT_LIFE
        return Known(
            kept.profile,
            dict(kept.milestones),
            subject if fresh else None,
            kept.address,
            kept.seen_on,
            kept.nudging or Nudging(),
        )

    async def record(
        self,
        person: Person,
        facts: Sequence[Fact],
        now: datetime.datetime,
        known: Known | None = None,
        *,
        unasked: bool = False,
    ) -> None:
        """Keep the facts of a turn."""
        if known and person not in self.people:
            raise Erased
        settled = settle(facts)
        today = now.astimezone(datetime.UTC).date()
        kept = self.people.setdefault(person, Kept(today))
        kept.seen_on = kept.seen_on if unasked else today
        kept.profile = replace(kept.profile, **settled.profile)
        if settled.address is not None:
            kept.address = dict(settled.address)
        if settled.nudging:
            kept.nudging = replace(kept.nudging or Nudging(), **settled.nudging)
        for clause, said in settled.milestones.items():
            if isinstance(said, MilestoneSet):
                kept.milestones[clause] = _milestone(kept.milestones.get(clause), said, now)
            else:
                kept.milestones.pop(clause, None)
        for name, noted in settled.evidence.items():
            if isinstance(noted, EvidenceAdded):
                fresh = Evidence(noted.id, noted.clause, noted.text, noted.link, noted.day, now)
                kept.evidence.setdefault(name, fresh)
            else:
                kept.evidence.pop(name, None)
        for place, subject in settled.subjects.items():
            *_, heard = kept.subjects.get(place, (None, None, None))
            kept.subjects[place] = (now, subject, heard if unasked else today)

    async def evidence(self, person: Person, clause: str | None = None) -> tuple[Evidence, ...]:
        """The person's evidence, newest first."""
        kept = self.people.get(person)
        mine = [item for item in kept.evidence.values() if clause in (None, item.clause)] if kept else []
        return tuple(sorted(sorted(mine, key=lambda item: item.id), key=lambda item: item.at, reverse=True))

    async def export(self, person: Person) -> dict[str, list[dict[str, Any]]]:
        """Everything that is kept about a person."""
        kept = self.people.get(person)
        if kept is None:
            return {}
        whose = {"platform": person.platform, "tenant": person.tenant, "user_id": person.user}
        about = {"seen_on": kept.seen_on, **asdict(kept.profile), "address": kept.address}
        tables = {
            "person": [about],
            "evidence": [asdict(item) for _, item in sorted(kept.evidence.items())],
            "milestone": [asdict(item) for _, item in sorted(kept.milestones.items())],
            "nudging": [nudging_row({item.name: getattr(kept.nudging, item.name) for item in fields(Nudging)})]
            if kept.nudging
            else [],
            "subject": [
                {"place": place, **asdict(said), "at": at, "heard": heard}
                for place, (at, said, heard) in sorted(kept.subjects.items())
            ],
        }
        tables |= of_teams(kept)
        return {name: [_plain(whose | row) for row in rows] for name, rows in tables.items() if rows}

    async def forget(self, person: Person, now: datetime.datetime) -> Receipt:
        """Erase everything about a person."""
        kept = self.people.pop(person, None)
        if kept is not None:
            self.unname(person)
        return Receipt(kept.counts() if kept else dict.fromkeys(Kept(now.date()).counts(), 0))

    async def tidy(self, now: datetime.datetime, retention_days: int) -> Receipt:
        """Erase what is too old."""
        before = now - datetime.timedelta(days=retention_days)
        teams = tidy_teams(self.people, self.teams, now, before)
        expired = [
            (kept.subjects, place)
            for kept in self.people.values()
            for place, (at, *_) in kept.subjects.items()
            if at < now - SUBJECT_LIFE
        ]
        for subjects, place in expired:
            del subjects[place]
        day = before.astimezone(datetime.UTC).date()
        unseen = [person for person, kept in self.people.items() if kept.seen_on < day]
        for person in unseen:
            del self.people[person]
        shown = {replace(one.owner, user=one.to) for kept in self.people.values() for one in kept.cards.values()}
        bare = [person for person, kept in self.people.items() if kept.is_bare and kept.seen_on < _yesterday(now)]
        passing = [person for person in bare if person not in shown]
        for person in passing:
            del self.people[person]
        for person in (*unseen, *passing):
            self.unname(person)
        told = {kept.profile.edition for kept in self.people.values()}
        newest = max((at for at, _ in self._editions.values()), default=now)
        old = [name for name, (at, _) in self._editions.items() if at < before and at < newest and name not in told]
        for name in old:
            del self._editions[name]
        return Receipt(
            {
                "subject": len(expired),
                "person": len(unseen),
                "visitor": len(passing),
                "letter": 0,
                "edition": len(old),
                "audit": 0,
            }
            | teams
        )

    def unname(self, gone: Person) -> None:
        """Leave nothing with others of a person who did something that concerns them, or whom they showed a card."""
        for person, kept in self.people.items():
            if (person.platform, person.tenant) == (gone.platform, gone.tenant):
                named = {name: replace(entry, by=None) for name, entry in kept.trail.items() if entry.by == gone.user}
                kept.trail |= named
                kept.cards = {name: one for name, one in kept.cards.items() if one.to != gone.user}
        for team in self.teams.values():
            if (team.team.platform, team.team.tenant) == (gone.platform, gone.tenant):
                team.readings = [replace(one, by="" if one.by == gone.user else one.by) for one in team.readings]

    async def remember_edition(self, edition: str, clauses: Mapping[str, str], now: datetime.datetime) -> None:
        """Keep what an edition of the framework says."""
        self._editions[edition] = (now, dict(clauses))

    async def edition(self, edition: str) -> Mapping[str, str] | None:
        """What an edition said."""
        return self._editions[edition][1] if edition in self._editions else None

    async def window(self, person: Person, weekday: int, minute: int) -> int:
        """Within how many minutes the weekly nudges of a slot come in the person's workspace: as the others have it."""
        theirs = (
            kept.nudging.rhythm
            for other, kept in self.people.items()
            if (other.platform, other.tenant) == (person.platform, person.tenant) and kept.nudging and kept.nudging.due
        )
        slot = (one.window for one in theirs if one and (one.weekday, one.minute) == (weekday, minute))
        return max(slot, default=LEAST_WINDOW)

    async def check(self) -> None:
        """Memory always answers."""


def _yesterday(now: datetime.datetime) -> datetime.date:
    return now.astimezone(datetime.UTC).date() - datetime.timedelta(days=1)


def _milestone(before: Milestone | None, said: MilestoneSet, now: datetime.datetime) -> Milestone:
    since, checked = said.since or now, said.checked
    if before and before.state == said.state:
        since, checked = before.since, checked or before.checked
    return Milestone(said.clause, said.state, since, checked, said.archived)


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat()
    return value.isoformat() if isinstance(value, datetime.date) else value
