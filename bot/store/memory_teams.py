"""Teams in dictionaries, beside a store in memory."""

from __future__ import annotations

import datetime
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.store.memory_cards import MemoryCards
from bot.store.memory_kept import Counts, Kept, KeptTeam, Stands
from bot.store.team_rules import (
    AGAIN_AFTER,
    ALONE_FOR,
    INVITED_FOR,
    UNDERWAY_FOR,
    Deed,
    entry_id,
    invitation,
    may_be_asked,
    next_due,
    repeats,
    said,
)
from handlers.records import Milestone, State
from handlers.team_names import fitting, fold, spaced
from handlers.team_records import (
    MINIMUM_GROUP,
    Asked,
    Entry,
    Figures,
    Membership,
    Posting,
    Reading,
    Rung,
    Schedule,
    Standing,
    Tally,
    Team,
    TeamId,
)
from handlers.turn import Person
from scheduler.letters import Letter

if TYPE_CHECKING:  # which tidies with what stands here
    from bot.store.memory import MemoryStore

COUNTED = (State.DONE, State.WORKING, State.PARTLY)
PRESENT = (Standing.ASKED, Standing.YES)


class MemoryTeams(MemoryCards):
    """Teams of the people of a store in memory; implements `handlers.team_records.Teams`.

    `letters` are those that were written; in memory nobody sends them.
    """

    def __init__(self, store: MemoryStore, least: int = MINIMUM_GROUP) -> None:
        super().__init__(store)
        self._teams, self._least = store.teams, least

    async def create(self, by: Person, name: str, now: datetime.datetime) -> Team | None:
        """A new team, managed by its maker."""
        made = Team(secrets.token_hex(6), by.platform, by.tenant, spaced(name), secrets.token_bytes(16))
        if self._is_taken(made):
            return None
        self._teams[made.id] = KeptTeam(made)
        await self.manage(made, by.user, by, now, manages=True)
        return made

    def _is_taken(self, team: Team) -> bool:
        """Whether another team of the workspace has the name."""
        others = (kept.team for kept in self._teams.values() if kept.team.id != team.id)
        same = (one for one in others if (one.platform, one.tenant) == (team.platform, team.tenant))
        return any(fold(one.name) == fold(team.name) for one in same)

    async def mine(self, person: Person) -> Sequence[Membership]:
        """The teams a person manages, is asked by, or is counted in, by name."""
        kept = self._people.get(person)
        found = [
            Membership(self._teams[name].team, stands.standing or Standing.NO, stands.manages, stands.since)
            for name, stands in (kept.memberships.items() if kept else ())
            if stands.manages or stands.standing in PRESENT
        ]
        return sorted(found, key=lambda one: fold(one.team.name))

    async def named(self, person: Person, name: str) -> Sequence[Team]:
        """The teams a person manages whose name fits."""
        return fitting((one.team for one in await self.mine(person) if one.manages), name)

    async def managers(self, team: Team) -> Sequence[str]:
        """The user ids of those who manage a team."""
        return sorted(person.user for person, stands in members(self._people, team.id) if stands.manages)

    async def rename(self, team: Team, name: str, by: Person, now: datetime.datetime) -> bool:
        """Give a team another name."""
        renamed = replace(team, name=spaced(name))
        if self._is_taken(renamed):
            return False
        if kept := self._teams.get(team.id):
            kept.team = replace(kept.team, name=renamed.name)
            note(concerned(self._people, team), "renamed", renamed, by.user, now)
        return True

    async def end(self, team: Team, by: Person, now: datetime.datetime) -> None:
        """Erase a team with all that belongs to it."""
        if team.id in self._teams:
            end(self._people, self._teams, team, by.user, now)

    async def ask(self, team: Team, users: Sequence[str], by: Person, now: datetime.datetime) -> Asked:
        """Ask people whether they want to be counted."""
        if team.id not in self._teams:
            return Asked()
        (kind, intent), counts = invitation(team, by.user), Counter[str]()
        for user in dict.fromkeys(users):
            person = Person(team.platform, team.tenant, user)
            kept = self._meet(person, by, now)
            stands = kept.memberships.get(team.id)
            if stands and not may_be_asked(stands.standing, stands.since, now):
                counts["already" if stands.standing in PRESENT else "again"] += 1
                continue
            counts["new"] += 1
            kept.memberships[team.id] = Stands(Standing.ASKED, bool(stands and stands.manages), now)
            day = now.astimezone(datetime.UTC).date()
            self.letters.append(Letter(person, day, kind, now, address=kept.address, intent=intent))
            note([kept], "asked", team, by.user, now)
        return Asked(counts["new"], counts["again"], counts["already"])

    async def answer(self, person: Person, team_id: TeamId, standing: Standing, now: datetime.datetime) -> Team | None:
        """A person says yes or no, or leaves."""
        kept = self._people.get(person)
        stands = kept.memberships.get(team_id) if kept else None
        if kept is None or stands is None:
            return None
        team = self._teams[team_id].team
        if stands.standing is not standing:
            note([kept], said(standing), team, person.user, now)
            kept.memberships[team_id] = Stands(standing, stands.manages, now)
        return team

    async def manage(self, team: Team, user: str, by: Person, now: datetime.datetime, *, manages: bool) -> bool:
        """Let somebody manage a team, or no more."""
        if team.id not in self._teams:
            return False
        there = await self.managers(team)
        if manages and user not in there:
            kept = self._meet(Person(team.platform, team.tenant, user), by, now)
            kept.memberships.setdefault(team.id, Stands(None, manages=True, since=now)).manages = True
            note([kept], "managing", team, by.user, now)
        elif not manages and user in there:
            if there == [user]:
                return False
            kept = self._people[Person(team.platform, team.tenant, user)]
            kept.memberships[team.id].manages = False
            if kept.memberships[team.id].standing is None:
                del kept.memberships[team.id]
            note([kept], "not-managing", team, by.user, now)
        return True

    async def plan(
        self,
        team: Team,
        schedule: Schedule | None,
        channel: str | None,
        lang: str | None,
        due: datetime.datetime | None,
        by: Person,
        now: datetime.datetime,
    ) -> None:
        """Set when, where and in which language a team's summary is posted, and when next."""
        if kept := self._teams.get(team.id):
            if (schedule, channel) != (kept.team.schedule, kept.team.channel):
                note(concerned(self._people, team), "scheduled" if schedule else "unscheduled", kept.team, by.user, now)
            kept.team, kept.due = replace(kept.team, schedule=schedule, channel=channel, lang=lang), due

    async def tally(self, team: Team) -> Tally:
        """The exact counts of a team."""
        people, clauses = Counter[Rung | None](), dict[tuple[Rung, str], tuple[int, int]]()
        last, unchanged = self._last_counted(team), 0
        counting = list(self._counting(team))
        for _, kept in counting:
            role, level = kept.profile.role, kept.profile.level
            rung = Rung(role, level) if role and level else None
            people[rung] += 1
            unchanged += last is not None and kept.counted.get((team.id, last)) == _counts(kept)
            for one in _counted(kept) if rung else ():
                assert rung
                done, begun = clauses.get((rung, one.clause), (0, 0))
                is_done = one.state is State.DONE
                clauses[rung, one.clause] = (done + is_done, begun + (not is_done))
        before = self._teams[team.id].counted[last] if last is not None and team.id in self._teams else 0
        new = sum(last is None or (team.id, last) not in kept.counted for _, kept in counting)
        alike = self._is_alike(team, [one for one, _ in counting])
        added = [(person, _counts(kept)) for person, kept in counting]
        return Tally(dict(people), clauses, before + new - unchanged, alike, added)

    def _counting(self, team: Team) -> Iterator[tuple[Person, Kept]]:
        for person, stands in members(self._people, team.id):
            if stands.standing is Standing.YES:
                yield person, self._people[person]

    def _last_counted(self, team: Team) -> int | None:
        """The latest reading that counted anew, and that people have seen or may have."""
        kept = self._teams.get(team.id)
        seen = [one.number for one in kept.readings if one.state != "failed"] if kept else []
        return max((number for number in seen if kept and number in kept.counted), default=None)

    def _is_alike(self, team: Team, people: Sequence[Person]) -> bool:
        """Whether what another team's reading counted and this team are the same people, or all but a few."""
        both = Counter(key for person in people for key in self._people[person].counted if key[0] != team.id)
        few = range(1, self._least)
        others = [
            (len(people) - shared, self._teams[name].counted.get(number, 0) - shared)
            for (name, number), shared in both.items()
        ]
        return any(here == there == 0 or here in few or there in few for here, there in others)

    async def published(self, team: Team) -> Reading | None:
        """The latest reading that people have seen, or may have."""
        return self._latest(team, "seen", "posting", "posted", "doubt")

    async def posted(self, team: Team) -> Reading | None:
        """The latest reading that was posted, or may have been."""
        return self._latest(team, "posting", "posted", "doubt")

    def _latest(self, team: Team, *states: Posting) -> Reading | None:
        kept = self._teams.get(team.id)
        return next((one for one in reversed(kept.readings if kept else []) if one.state in states), None)

    async def seen(
        self,
        team: Team,
        figures: Figures,
        by: Person,
        now: datetime.datetime,
        tally: Tally | None = None,
    ) -> Reading:
        """Write down a reading that a manager is about to be shown, unless it repeats the latest one."""
        seen = Reading(0, now, figures, by.user, "", "seen", key=f"seen:{entry_id()}")
        before, kept = await self.published(team), self._teams.get(team.id)
        if before and repeats(figures, before):
            return before
        if kept is None:
            return seen
        written = self._write_down(kept, seen)
        self._count(kept, written.number, tally)
        if not any(one.state in ("posting", "doubt") for one in kept.readings):
            self._uncount(team, lambda one: one < written.number)
        return written

    async def begin(
        self, team: Team, figures: Figures, channel: str, by: Person, key: str, now: datetime.datetime
    ) -> Reading | None:
        """Write down a reading that is about to be posted, with what each person adds to it unless it repeats one."""
        before, kept = await self.published(team), self._teams.get(team.id)
        if kept is None or any(one.key == key for one in kept.readings):
            return None
        begun = self._write_down(kept, Reading(0, now, figures, by.user, channel, "posting", key=key))
        if not repeats(figures, before):
            self._count(kept, begun.number)
        return begun

    def _write_down(self, kept: KeptTeam, reading: Reading) -> Reading:
        kept.readings.append(replace(reading, number=len(kept.readings) + 1))
        return kept.readings[-1]

    def _count(self, kept: KeptTeam, number: int, tally: Tally | None = None) -> None:
        """Write down what each person adds to a reading."""
        now = [(person, _counts(one)) for person, one in self._counting(kept.team)]
        added = [one for one in (tally.added if tally else ()) or now if one[0] in self._people]
        kept.counted[number] = len(added)
        for person, counts in added:
            self._people[person].counted[kept.team.id, number] = counts

    async def finish(self, team: Team, number: int, state: Posting, ref: str | None, now: datetime.datetime) -> None:
        """Write down what became of a reading; what was posted or failed stays so."""
        kept = self._teams.get(team.id)
        reading = next((one for one in kept.readings if one.number == number), None) if kept else None
        if kept is None or reading is None or reading.state not in ("posting", "doubt"):
            return
        basis = max((one for one in kept.counted if one <= number), default=number)
        kept.readings[number - 1] = replace(reading, state=state, ref=ref or reading.ref)
        if state == "failed":
            self._uncount(team, lambda one: one == number)
            kept.counted.pop(number, None)
        if state == "posted":
            self._uncount(team, lambda one: one < basis)
            shown = [one for one in self._people.values() if (team.id, basis) in one.counted]
            note(shown, "posted", kept.team, reading.by or None, now)

    def _uncount(self, team: Team, which: Callable[[int], bool]) -> None:
        for kept in self._people.values():
            for name, number in [key for key in kept.counted if key[0] == team.id and which(key[1])]:
                del kept.counted[name, number]

    async def due(self, now: datetime.datetime, most: int) -> Sequence[Team]:
        """Teams whose summary is due; their due times are moved on at the same time."""
        waiting = [(kept.due, kept) for kept in self._teams.values() if kept.due and kept.due <= now]
        found = []
        for _, kept in sorted(waiting, key=lambda one: one[0])[:most]:
            if await self.managers(kept.team):
                kept.due = next_due(kept.team, now)
                found.append(kept.team)
        return [team for team in found if team.schedule]

    async def trail(self, person: Person, most: int) -> Sequence[Entry]:
        """What was done that concerns a person, newest first."""
        kept = self._people.get(person)
        entries = reversed(kept.trail.values()) if kept else ()
        return sorted(entries, key=lambda entry: entry.at, reverse=True)[:most]


def members(people: Mapping[Person, Kept], team: TeamId) -> Iterator[tuple[Person, Stands]]:
    """Everybody who stands to a team in some way."""
    for person, kept in people.items():
        if stands := kept.memberships.get(team):
            yield person, stands


def concerned(people: Mapping[Person, Kept], team: Team) -> list[Kept]:
    """Everybody whom it concerns what becomes of a team."""
    there = members(people, team.id)
    return [people[person] for person, stands in there if stands.manages or stands.standing in PRESENT]


def note(whom: Iterable[Kept], what: Deed, team: Team, by: str | None, now: datetime.datetime) -> None:
    """An entry in the trails of these people."""
    for kept in whom:
        kept.trail[entry_id()] = Entry(now, what, by, team.name)


def end(
    people: Mapping[Person, Kept], teams: dict[TeamId, KeptTeam], team: Team, by: str | None, now: datetime.datetime
) -> None:
    """Erase a team with all that belongs to it."""
    note(concerned(people, team), "ended", teams.pop(team.id).team, by, now)
    for kept in people.values():
        kept.memberships.pop(team.id, None)
        kept.counted = {key: one for key, one in kept.counted.items() if key[0] != team.id}


def tidy_teams(
    people: Mapping[Person, Kept], teams: dict[TeamId, KeptTeam], now: datetime.datetime, before: datetime.datetime
) -> dict[str, int]:
    """Erase what nobody needs any more; `before` is when an entry of a trail is too old."""
    counts = Counter[str]()
    for kept in people.values():
        for name, stands in list(kept.memberships.items()):
            waits = INVITED_FOR if stands.standing is Standing.ASKED else AGAIN_AFTER
            if stands.standing not in (Standing.YES, None) and not stands.manages and stands.since < now - waits:
                counts["invitation" if stands.standing is Standing.ASKED else "refusal"] += 1
                del kept.memberships[name]
        old = [name for name, entry in kept.trail.items() if entry.at < before]
        counts["trail"] += len(old)
        for name in old:
            del kept.trail[name]
    for of_team in list(teams.values()):
        of_team.readings = [
            replace(one, state="doubt") if one.state == "posting" and one.at < now - UNDERWAY_FOR else one
            for one in of_team.readings
        ]
        managed = any(stands.manages for _, stands in members(people, of_team.team.id))
        of_team.alone = None if managed else of_team.alone or now
        if of_team.alone and of_team.alone < now - ALONE_FOR:
            counts["team"] += 1
            end(people, teams, of_team.team, None, now)
    return {name: counts[name] for name in ("invitation", "refusal", "trail", "team")}


def _counted(kept: Kept) -> list[Milestone]:
    """What is counted of a person's milestones."""
    return [one for one in kept.milestones.values() if one.state in COUNTED and not one.archived]


def _counts(kept: Kept) -> Counts:
    mine = _counted(kept)
    newest = max((one.since for one in mine), default=None)
    return Counts(kept.profile.role, kept.profile.level, len(mine), newest)
