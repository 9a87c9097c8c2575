"""The stores against a plain model of what they should hold, in any order of turns."""

from __future__ import annotations

import asyncio
import datetime
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.store.memory import MemoryStore
from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from bot.store.team_rules import OWN_ADDRESS
from handlers.ports import Store
from handlers.records import (
    SUBJECT_LIFE,
    AddressSet,
    EvidenceAdded,
    EvidenceRemoved,
    Fact,
    Known,
    MilestoneDropped,
    MilestoneSet,
    Nudging,
    NudgingSet,
    Plan,
    Profile,
    ProfileSet,
    State,
    Subject,
    SubjectSet,
)
from handlers.turn import Person, Place
from tests.rhythms import rhythms

START = datetime.datetime(2026, 3, 29, tzinfo=datetime.UTC)
RETENTION = 5

names = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=8)
few = st.sampled_from(["a", "b", "ä/ß", "'; --"])
offsets = st.integers(-12, 14).map(lambda hours: datetime.timezone(datetime.timedelta(hours=hours)))
moments = st.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2050, 1, 1), timezones=offsets)
places = st.sampled_from([Place("D1"), Place("C1", shared=True)])
profiles = st.builds(
    Profile,
    st.none() | names,
    st.none() | few,
    st.none() | st.sampled_from(["said", "walk", "button"]),
    st.none() | few,
    st.none() | few,
    st.none() | names,
    st.none() | moments,
)
documents = st.dictionaries(
    names, st.recursive(st.none() | st.integers(-9, 9) | names, st.lists, max_leaves=4), max_size=3
)
utc_moments = moments.map(lambda moment: moment.astimezone(datetime.UTC))
plans = st.builds(Plan, few, names, names, st.dates(), st.none() | st.sampled_from(["done", "partly", "not-now"]))
nudgings = st.builds(
    Nudging,
    st.none() | rhythms(),
    st.none() | st.dates(),
    st.none() | utc_moments,
    st.none() | st.dates(),
    st.none() | st.dates(),
    st.integers(0, 99),
    st.none() | plans,
    st.none() | utc_moments,
)
facts = st.one_of(
    st.builds(ProfileSet, profiles, st.sets(st.sampled_from([f.name for f in fields(Profile)])).map(frozenset)),
    st.builds(ProfileSet, profiles),
    st.builds(MilestoneSet, few, st.sampled_from(State), st.none() | moments, st.none() | moments, st.booleans()),
    st.builds(MilestoneDropped, few),
    st.builds(EvidenceAdded, names, st.none() | few, st.none() | names, st.none() | st.dates(), few),
    st.builds(EvidenceRemoved, few),
    st.builds(
        SubjectSet,
        places,
        st.builds(Subject, st.none() | names, milestones=st.lists(names, max_size=3).map(tuple), lang=st.none() | few),
    ),
    st.builds(AddressSet, documents),
    st.builds(AddressSet, st.dictionaries(st.sampled_from(OWN_ADDRESS), st.just("D1"), max_size=1)),
    st.builds(NudgingSet, nudgings, st.sets(st.sampled_from([f.name for f in fields(Nudging)])).map(frozenset)),
    st.builds(NudgingSet, nudgings),
)


class Model:
    """One person in plain dictionaries, written from the port's words alone."""

    def __init__(self) -> None:
        self.profile: dict[str, Any] = asdict(Profile())
        self.address: Any = None
        self.nudging: Nudging | None = None
        self.milestones: dict[str, dict[str, Any]] = {}
        self.evidence: dict[str, tuple[datetime.datetime, EvidenceAdded]] = {}
        self.subjects: dict[str, tuple[datetime.datetime, Subject, datetime.date | None]] = {}
        self.seen = START

    @property
    def is_bare(self) -> bool:
        """Whether nothing is known but that they were here."""
        reached = any((self.address or {}).get(name) for name in OWN_ADDRESS)
        told = (self.milestones, self.evidence, self.subjects, reached)
        wants = self.nudging and (self.nudging.rhythm or self.nudging.plan)
        return not (wants or any(told)) and self.profile == asdict(Profile())

    def export(self, person: Person) -> dict[str, list[dict[str, Any]]]:
        """All of it as JSON, by table and in the order of the keys."""
        whose = {"platform": person.platform, "tenant": person.tenant, "user_id": person.user}
        tables: dict[str, list[dict[str, Any]]] = {
            "person": [{"seen_on": self.seen.date(), **self.profile, "address": self.address}],
            "milestone": [row for _, row in sorted(self.milestones.items())],
            "evidence": [asdict(fact) | {"at": at} for _, (at, fact) in sorted(self.evidence.items())],
            "subject": [
                {"place": place, "at": at, **asdict(said), "heard": heard}
                for place, (at, said, heard) in sorted(self.subjects.items())
            ],
        }
        return {name: [whose | jsonable(row) for row in rows] for name, rows in tables.items() if rows}

    def apply(self, turn: list[Fact], now: datetime.datetime, *, unasked: bool = False) -> None:
        """Of several facts about one thing only the last counts; what each did is in the port's words."""
        self.seen = self.seen if unasked else now
        heard = {place: day for place, (*_, day) in self.subjects.items()}
        before = {clause: dict(row) for clause, row in self.milestones.items()}
        kept = dict(self.evidence)
        for fact in turn:
            if isinstance(fact, ProfileSet):
                self.profile.update({name: getattr(fact.profile, name) for name in fact.only})
            elif isinstance(fact, AddressSet):
                self.address = fact.address
            elif isinstance(fact, NudgingSet):
                told = {name: getattr(fact.nudging, name) for name in fact.only}
                self.nudging = replace(self.nudging or Nudging(), **told) if told else self.nudging
            elif isinstance(fact, SubjectSet):
                day = heard.get(fact.place.id) if unasked else now.date()
                self.subjects[fact.place.id] = (now, fact.subject, day)
            elif isinstance(fact, EvidenceAdded):
                self.evidence[fact.id] = kept.get(fact.id, (now, fact))
            elif isinstance(fact, EvidenceRemoved):
                self.evidence.pop(fact.id, None)
            elif isinstance(fact, MilestoneDropped):
                self.milestones.pop(fact.clause, None)
            else:
                old = before.get(fact.clause)
                again = old is not None and old["state"] == fact.state
                self.milestones[fact.clause] = {
                    "clause": fact.clause,
                    "state": fact.state,
                    "since": old["since"] if old and again else fact.since or now,
                    "checked": fact.checked or (old["checked"] if old and again else None),
                    "archived": fact.archived,
                }


def jsonable(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON has it: times in UTC, lists for tuples."""

    def plain(value: Any) -> Any:
        if isinstance(value, datetime.datetime):
            return value.astimezone(datetime.UTC).isoformat()
        return (
            value.isoformat()
            if isinstance(value, datetime.date)
            else list(value)
            if isinstance(value, tuple)
            else value
        )

    return {name: plain(value) for name, value in row.items()}


class Stores(RuleBasedStateMachine):
    """Three people, two of them namesakes in different tenants, talk, leave and come back."""

    store: Store
    run: Callable[[Awaitable[Any]], Any]
    worlds = itertools.count()

    @initialize()
    def begin(self) -> None:
        """Everyone is a stranger; the tenants are new, so that no earlier run is in the way."""
        world = next(Stores.worlds)
        self.people = [
            Person("slack", f"T{world}", "U1"),
            Person("slack", f"T{world}x", "U1"),
            Person("teams", f"T{world}", "U2"),
        ]
        self.model: dict[Person, Model] = {}
        self.now = START

    @rule(who=st.integers(0, 2), turn=st.lists(facts, max_size=6), twice=st.booleans())
    def record(self, who: int, turn: list[Fact], twice: bool) -> None:
        """Someone says something, perhaps with a doubled click."""
        person = self.people[who]
        for _ in range(1 + twice):
            self.run(self.store.record(person, turn, self.now))
        self.model.setdefault(person, Model()).apply(turn, self.now)

    @rule(who=st.integers(0, 2), turn=st.lists(facts, max_size=6))
    def nudge(self, who: int, turn: list[Fact]) -> None:
        """Something is put on record of somebody who has done nothing."""
        person = self.people[who]
        if person in self.model:
            self.run(self.store.record(person, turn, self.now, Known(), unasked=True))
            self.model[person].apply(turn, self.now, unasked=True)

    @rule(minutes=st.integers(1, 40))
    def wait(self, minutes: int) -> None:
        """Some minutes pass."""
        self.now += datetime.timedelta(minutes=minutes)

    @rule(who=st.integers(0, 2))
    def forget(self, who: int) -> None:
        """Someone wants to be forgotten, and the receipt is right."""
        receipt = self.run(self.store.forget(self.people[who], self.now))
        gone = self.model.pop(self.people[who], None)
        kinds = (gone.milestones, gone.evidence, gone.subjects) if gone else ()
        expected = (1 + (gone.nudging is not None) if gone else 0) + sum(map(len, kinds))
        assert receipt.total == expected

    @rule(days=st.integers(0, 7))
    def tidy(self, days: int) -> None:
        """Days pass, and it is tidied."""
        self.now += datetime.timedelta(days=days)
        self.run(self.store.tidy(self.now, RETENTION))
        for person, known in list(self.model.items()):
            known.subjects = {name: item for name, item in known.subjects.items() if item[0] >= self.now - SUBJECT_LIFE}
            unseen = (self.now.date() - known.seen.date()).days
            if unseen > RETENTION or (unseen > 1 and known.is_bare):
                del self.model[person]

    @invariant()
    def agree(self) -> None:
        """The store tells of everyone what the model tells."""
        for person in getattr(self, "people", ()):
            known, model = self.run(self.store.recall(person, Place("D1"), self.now)), self.model.get(person)
            assert (known is None) == (model is None)
            told = self.run(self.store.export(person))
            assert ("nudging" in told) == (model is not None and model.nudging is not None)
            told.pop("nudging", None)
            if model and told["person"][0]["seen_on"] < model.seen.date().isoformat():
                # A turn that writes much leaves its day to the subject.
                assert max(one["heard"] or "" for one in told["subject"]) == model.seen.date().isoformat()
                told["person"][0]["seen_on"] = model.seen.date().isoformat()
            assert told == (model.export(person) if model else {})
            if model is None:
                continue
            assert asdict(known.profile) == model.profile
            assert known.address == model.address
            assert known.nudging == (model.nudging or Nudging())
            assert {clause: asdict(row) for clause, row in known.milestones.items()} == model.milestones
            at, subject, _ = model.subjects.get("D1", (START, None, None))
            assert known.subject == (subject if at >= self.now - SUBJECT_LIFE else None)
            assert {
                item.id: (item.at, item.clause, item.text, item.link, item.day)
                for item in self.run(self.store.evidence(person))
            } == {
                name: (at, fact.clause, fact.text, fact.link, fact.day) for name, (at, fact) in model.evidence.items()
            }


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgresql"])
def test_any_order(kind: str, request: pytest.FixtureRequest) -> None:
    """Whatever people say in whatever order, the store holds what was said and nothing else."""
    url = "" if kind == "memory" else request.getfixturevalue(f"{kind}_database")
    with asyncio.Runner() as runner:
        store: MemoryStore | SqlStore
        if url:
            runner.run(migrate(url))
            store = SqlStore(url)
        else:
            store = MemoryStore()

        class Machine(Stores):
            pass

        Machine.store, Machine.run = store, staticmethod(runner.run)  # type: ignore[assignment]
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=25,
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        if isinstance(store, SqlStore):
            runner.run(store.close())
