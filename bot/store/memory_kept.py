"""What a store in memory keeps about people, and of teams."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass, field
from typing import Any

from handlers.records import Address, Evidence, Milestone, Nudging, Profile, Subject
from handlers.team_records import Entry, Reading, Standing, Team, TeamId


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
    subjects: dict[str, tuple[datetime.datetime, Subject]] = field(default_factory=dict)
    memberships: dict[TeamId, Stands] = field(default_factory=dict)
    counted: dict[tuple[TeamId, int], Counts] = field(default_factory=dict)
    trail: dict[str, Entry] = field(default_factory=dict)

    @property
    def is_bare(self) -> bool:
        """Whether nothing is kept but that they were here."""
        chosen = self.nudging is not None and (self.nudging.rhythm or self.nudging.plan)
        reached = self.address is not None and not any(entry.what == "asked" for entry in self.trail.values())
        told = (self.milestones, self.evidence, self.subjects, self.memberships, reached, self.profile != Profile())
        return not (chosen or any(told))

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
            "person": 1,
        }


@dataclass
class KeptTeam:
    """What is kept of a team. `keys` are of its readings, `counted` how many people those had that counted anew."""

    team: Team
    due: datetime.datetime | None = None
    alone: datetime.datetime | None = None
    readings: list[Reading] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    counted: dict[int, int] = field(default_factory=dict)


def of_teams(kept: Kept) -> dict[str, list[dict[str, Any]]]:
    """What is kept of a person in teams, in the columns of a database."""
    return {
        "membership": [{"team": name, **asdict(stands)} for name, stands in sorted(kept.memberships.items())],
        "counted": [
            {"team": name, "number": number, **asdict(one)} for (name, number), one in sorted(kept.counted.items())
        ],
        "trail": [
            {"id": name, "at": one.at, "what": one.what, "by_user": one.by, "team_name": one.team}
            for name, one in sorted(kept.trail.items())
        ],
    }
