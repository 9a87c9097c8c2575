"""What a store in memory keeps about people, and of teams."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.store.team_rules import OWN_ADDRESS
from handlers.records import Address, Evidence, Milestone, Nudging, Profile, Subject
from handlers.team_records import Card, Entry, Reading, Standing, Team, TeamId


@dataclass
class Stands:
    """How a person stands to a team; nobody has asked them where there is no `standing`."""

    standing: Standing | None
    manages: bool
    since: datetime.datetime


@dataclass(frozen=True)
class Counts:
    """What a reading counted of a person."""

    role: str | None
    level: str | None
    clauses: int
    newest: datetime.datetime | None


@dataclass
class Kept:
    """What is kept about one person. `trail` is by the ids of its entries."""

    seen_on: datetime.date
    profile: Profile = field(default_factory=Profile)
    address: Address | None = None
    nudging: Nudging | None = None
    milestones: dict[str, Milestone] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    subjects: dict[str, tuple[datetime.datetime, Subject, datetime.date | None]] = field(default_factory=dict)
    """What was spoken of where: when, and on which day the person last spoke there."""
    memberships: dict[TeamId, Stands] = field(default_factory=dict)
    counted: dict[tuple[TeamId, int], Counts] = field(default_factory=dict)
    trail: dict[str, Entry] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)

    @property
    def is_bare(self) -> bool:
        """Whether nothing is kept but that they were here."""
        chosen = self.nudging is not None and (self.nudging.rhythm or self.nudging.plan)
        own = any((self.address or {}).get(name) for name in OWN_ADDRESS)
        reached = own and not any(entry.what == "asked" for entry in self.trail.values())
        told = (self.milestones, self.evidence, self.subjects, self.memberships, self.cards, reached)
        return not (chosen or any(told) or self.profile != Profile())

    def counts(self) -> dict[str, int]:
        """The number of records by kind."""
        return {
            "subject": len(self.subjects),
            "nudging": int(self.nudging is not None),
            "letter": 0,
            "milestone": len(self.milestones),
            "evidence": len(self.evidence),
            "membership": len(self.memberships),
            "counted": len(self.counted),
            "trail": len(self.trail),
            "card": len(self.cards),
            "person": 1,
        }


@dataclass
class KeptTeam:
    """What is kept of a team. `counted` is how many people those of its readings had that counted anew."""

    team: Team
    due: datetime.datetime | None = None
    alone: datetime.datetime | None = None
    readings: list[Reading] = field(default_factory=list)
    counted: dict[int, int] = field(default_factory=dict)


def of_teams(kept: Kept) -> dict[str, list[dict[str, Any]]]:
    """What is kept of a person in teams and of their cards, in the columns of a database."""
    return {
        "membership": [{"team": name, **asdict(stands)} for name, stands in sorted(kept.memberships.items())],
        "counted": [
            {"team": name, "number": number, **asdict(one)} for (name, number), one in sorted(kept.counted.items())
        ],
        "card": [
            {
                "id": one.id,
                "to_user": one.to,
                "lines": one.lines,
                "text": one.text,
                "at": one.at,
                "place": one.place,
            }
            for _, one in sorted(kept.cards.items())
        ],
        "trail": [
            {"id": name, "at": one.at, "what": one.what, "by_user": one.by, "team_name": one.team}
            for name, one in sorted(kept.trail.items())
        ],
    }
