"""Who can be played, and where they meet. Everybody and everything here is made up."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from typing import Final

BOT: Final = "Rung"


@dataclass(frozen=True, slots=True)
class Company:
    """A company: a tenant of Teams, and a workspace of Slack where it has one."""

    key: str
    name: str
    tenant: str
    team: str = ""


@dataclass(frozen=True, slots=True)
class Someone:
    """A person to be: `locale` is that of their clients, `zone` an IANA name."""

    key: str
    name: str
    job: str
    company: Company
    locale: str
    zone: str

    @property
    def slack(self) -> str:
        """Their id in Slack, or nothing where their company has none."""
        return f"U0{self.key.upper()}001" if self.company.team else ""

    @property
    def direct(self) -> str:
        """Slack's id of their conversation with the bot."""
        return f"D0{self.key.upper()}001"

    @property
    def teams(self) -> str:
        """Their id in Teams as this bot sees it."""
        return f"29:1{self.key}"

    @property
    def directory(self) -> str:
        """Their id in the directory of their company."""
        return f"00000000-0000-4000-8000-{int.from_bytes(self.key.encode()):012x}"

    @property
    def chat(self) -> str:
        """Teams' id of their personal chat with the bot."""
        return f"a:1{self.key}"

    @property
    def clock(self) -> zoneinfo.ZoneInfo:
        """Their time zone."""
        return zoneinfo.ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class Room:
    """A place where messages stand: a company's, or that of one person alone."""

    id: str
    name: str
    company: Company
    person: Someone | None = None

    def shows(self, someone: Someone) -> bool:
        """Whether a person sees it."""
        return self.person is someone if self.person else self.company is someone.company


ACORN: Final = Company("acorn", "Acorn Labs", "00000000-0000-4000-8000-00000000ac01", "T0ACORN01")
# One process of the bot has one token of Slack, which is of one workspace.
BIRCH: Final = Company("birch", "Birch Works", "00000000-0000-4000-8000-00000000b1c4")

PEOPLE: Final = {
    one.key: one
    for one in (
        Someone("ada", "Ada Winter", "ML engineer", ACORN, "en-US", "Europe/Berlin"),
        Someone("ben", "Ben Falk", "Data scientist, German clients", ACORN, "de-DE", "Europe/Berlin"),
        Someone("eli", "Eli Stone", "ML engineer", ACORN, "en-GB", "Europe/London"),
        Someone("iris", "Iris Novak", "MLOps engineer", ACORN, "en-US", "Europe/Prague"),
        Someone("tom", "Tom Berg", "Data scientist", ACORN, "de-AT", "Europe/Vienna"),
        Someone("mia", "Mia Reyes", "Engineering manager", ACORN, "en-GB", "Europe/London"),
        Someone("noor", "Noor Haddad", "LLM engineer, Teams only", BIRCH, "en-US", "America/New_York"),
    )
}

_FIRST: Final = (
    *("Ana", "Bo", "Cem", "Dina", "Emil", "Fay", "Gus", "Hana", "Ivo", "Jana", "Kai", "Lena"),
    *("Max", "Nele", "Otis", "Pia", "Quin", "Rosa", "Sven", "Tara", "Udo", "Vera", "Wim", "Yara"),
)
_LAST: Final = ("Moss", "Reed", "Lark", "Finch", "Heath")

COLLEAGUES: Final = {
    f"c{number:02}": Someone(
        f"c{number:02}", f"{first} {_LAST[number % len(_LAST)]}", "Colleague", ACORN, "en-GB", "Europe/Berlin"
    )
    for number, first in enumerate(_FIRST)
}
"""Who is in Slack, too, and is nobody to be: a team's summary has numbers only when enough people have said yes."""

IN_SLACK: Final = {one.key: one for one in (*PEOPLE.values(), *COLLEAGUES.values()) if one.slack}

LEADS: Final = {"S0LEADS01": ("mia",)}
"""The user groups of Slack's workspace, and who is in them."""

SLACK_ROOMS: Final = {
    room.id: room
    for room in (
        *(Room(one.direct, BOT, one.company, one) for one in IN_SLACK.values()),
        Room("C0GUILD01", "ml-guild", ACORN),
    )
}

TEAMS_ROOMS: Final = {
    room.id: room
    for room in (
        *(Room(one.chat, BOT, one.company, one) for one in PEOPLE.values()),
        Room("19:acornguild@thread.tacv2", "ML guild", ACORN),
        Room("19:birchguild@thread.tacv2", "ML guild", BIRCH),
    )
}


def by_slack(user: str) -> Someone | None:
    """The person with an id in Slack."""
    return next((one for one in IN_SLACK.values() if one.slack == user), None)


def by_teams(user: str) -> Someone | None:
    """The person with an id in Teams, or in the directory, which Teams takes as well."""
    return next((one for one in PEOPLE.values() if user in (one.teams, one.directory)), None)
