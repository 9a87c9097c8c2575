"""Talks to the coach as a platform would: types, presses, chooses; on the shipped content and a clock that stands."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Literal

from bot.store.memory import MemoryStore
from content.load import Content, load
from content.matrix import Cell, Clause, Localized, Matrix, Requirement
from content.search import Index
from handlers.answer import answer, deliver
from handlers.intent import Intent, ReceiveNudge, fill
from handlers.nudging import salt
from handlers.plain import plain
from handlers.ports import Desk
from handlers.records import NudgingSet
from handlers.reply import Button, Buttons, Entry, Form, Menu, Picker, Reply
from handlers.rhythm import after_ignored, next_due
from handlers.turn import Mention, Person, Place, Turn
from handlers.understand import Parser
from tests.memory_teams import SteadyTeams
from tests.rooms import FakeRooms

MENTIONED = re.compile(r"<(?P<sign>@|#|!)(?P<name>\w+)>")
"""People, channels and groups as they stand in words here."""

KINDS: dict[str, Literal["person", "channel", "group"]] = {"@": "person", "#": "channel", "!": "group"}

START = datetime.datetime(2026, 4, 1, 12, 0, tzinfo=datetime.UTC)


FRAMEWORKS = {"shipped": None, "varied": Path(__file__).parent / "data" / "varied"}
"""The shipped framework, and one that is unlike it in every respect that handlers must bear."""


@cache
def content(framework: str = "shipped") -> Content:
    """The content of a framework, loaded once; the coach's own sentences are the shipped ones."""
    return load(FRAMEWORKS[framework])


@cache
def index(framework: str = "shipped") -> Index:
    """The index of a framework, made once."""
    return Index(content(framework).matrix, content(framework).glossary)


@cache
def parser(framework: str = "shipped") -> Parser:
    """The parser for a framework, made once."""
    known = content(framework)
    return Parser(known.matrix, known.words, index(framework).lexicon)


@dataclass
class Clock:
    """A clock that only moves when it is told."""

    now: datetime.datetime = START

    def __call__(self) -> datetime.datetime:
        return self.now

    def wait(self, minutes: float) -> None:
        self.now += datetime.timedelta(minutes=minutes)


def make_desk(clock: Clock, framework: str = "shipped", *, works_council: bool = False) -> Desk:
    """A desk over a framework with an empty store."""
    known, store = content(framework), MemoryStore()
    return Desk(
        matrix=known.matrix,
        texts=known.texts,
        index=partial(index, framework),
        scales=known.scales,
        understand=parser(framework),
        store=store,
        now=clock,
        works_council=works_council,
        teams=SteadyTeams(store),
        rooms={"test": FakeRooms()},
    )


@dataclass
class Talk:
    """A conversation: each person sees the last reply they got, and presses what is on it."""

    lang: str | None = None
    clock: Clock = field(default_factory=Clock)
    last: dict[str, Reply] = field(default_factory=dict)
    framework: str = "shipped"
    works_council: bool = False
    zone: str | None = None
    reachable: bool = True

    def __post_init__(self) -> None:
        self.desk = make_desk(self.clock, self.framework, works_council=self.works_council)

    async def says(self, words: str, who: str = "sam", *, channel: bool = False, command: bool = False) -> Reply:
        """The reply to typed words."""
        turn = self._turn(who, channel)
        named = tuple(Mention(KINDS[one["sign"]], one["name"], one["name"]) for one in MENTIONED.finditer(words))
        how: Literal["chat", "command"] = "command" if command else "chat"
        return await self._answer(replace(turn, words=words, how=how, mentioned=named))

    async def presses(self, label: str, who: str = "sam", *, channel: bool = False) -> Reply:
        """The reply to a button of the last reply."""
        button = next(one for one in buttons(self.last[who]) if one.label == label)
        return await self.asks(button.intent, who, channel=channel, share=button.share)

    async def chooses(self, chosen: dict[str, str], who: str = "sam", *, channel: bool = False) -> Reply:
        """The reply to what was chosen in a menu or a form of the last reply."""
        for block in self.last[who].blocks:
            fields = (block.picker,) if isinstance(block, Menu) else block.fields if isinstance(block, Form) else ()
            if isinstance(block, Menu | Form) and {field.label for field in fields} >= chosen.keys():
                values = [(field.field, value(field, chosen[field.label])) for field in fields if field.label in chosen]
                standing = [one for one in fields if isinstance(block, Form) and one.label not in chosen]
                values += [(one.field, stands) for one in standing if (stands := beforehand(one))]
                return await self.asks(fill(block.intent, values), who, channel=channel)
        raise AssertionError(f"There is no menu or form with {sorted(chosen)}.")

    async def asks(self, intent: Intent, who: str = "sam", *, channel: bool = False, share: bool = False) -> Reply:
        """The reply to an intent, as a pressed button carries it."""
        turn = self._turn(who, channel)
        return await self._answer(replace(turn, intent=intent, pressed=True, share=share))

    async def receives(self, who: str = "sam") -> tuple[datetime.date, Reply | None]:
        """What is written to somebody unasked: time passes until their next nudge is due, which is planned and said."""
        turn = self._turn(who, channel=False)
        known = await self.desk.store.recall(turn.person, turn.place, self.clock.now)
        assert known, f"nothing is known of {who}"
        kept = known.nudging
        assert kept.rhythm, f"{who} has no weekly nudge"
        assert kept.due, f"no nudge is planned for {who}"
        assert kept.due_day, f"no nudge is planned for {who}"
        self.clock.now = max(self.clock.now, kept.due)
        day, ignored = kept.due_day, kept.ignored + 1
        due = next_due(after_ignored(kept.rhythm, ignored, day), self.clock.now, salt=salt(turn.person), last=day)
        at, on = (due.at, due.day) if due else (None, None)
        planned = replace(kept, due=at, due_day=on, last=day, ignored=ignored)
        only = frozenset({"due", "due_day", "last", "ignored"})
        await self.desk.store.record(turn.person, [NudgingSet(planned, only=only)], self.clock.now, unasked=True)
        reply = await deliver(Turn(turn.person, turn.place, intent=ReceiveNudge(day=day)), self.desk)
        if reply:
            self.last[who] = reply
        return day, reply

    @property
    def teams(self) -> SteadyTeams:
        """The teams."""
        assert isinstance(self.desk.teams, SteadyTeams)
        return self.desk.teams

    @property
    def rooms(self) -> FakeRooms:
        """The people and channels."""
        rooms = self.desk.rooms["test"]
        assert isinstance(rooms, FakeRooms)
        return rooms

    async def opens(self, who: str = "sam") -> Reply | None:
        """What the next letter to somebody says, that is no nudge."""
        turn = self._turn(who, channel=False)
        letter = next((one for one in self.teams.letters if one.person == turn.person), None)
        assert letter, f"there is no letter to {who}"
        self.teams.letters.remove(letter)
        reply = await deliver(Turn(turn.person, turn.place, intent=letter.intent, lang=self.lang), self.desk)
        if reply:
            self.last[who] = reply
        return reply

    async def rewrite(self, changes: Mapping[str, str]) -> None:
        """Restart the coach with another edition of the framework; see `edited`."""
        before = self.desk.matrix
        await self.desk.store.remember_edition(before.edition, before.wording(), self.clock.now)
        self.desk = replace(self.desk, matrix=edited(before, changes))

    def _turn(self, who: str, channel: bool) -> Turn:
        place = Place("channel", shared=True) if channel else Place(f"direct-{who}")
        address = {"chat": who} if self.reachable else None
        room = place.id if channel else ""
        return Turn(Person("test", "acme", who), place, lang=self.lang, zone=self.zone, address=address, room=room)

    async def _answer(self, turn: Turn) -> Reply:
        reply = await answer(turn, self.desk)
        self.last[turn.person.user] = reply
        return reply


def edited(matrix: Matrix, changes: Mapping[str, str]) -> Matrix:
    """A matrix with other words for clauses and other requirements for cells, by id; no words drop a clause."""
    cells = {}
    for place, cell in matrix.cells.items():
        new = {name: words for name, words in changes.items() if name.startswith(f"{cell.id}/")}
        kept = [one for one in cell.clauses if one.id not in new]
        kept += [_clause(name, words, cell) for name, words in new.items() if words]
        requirement = Requirement(changes.get(cell.id) or cell.requirement)
        if kept:
            cells[place] = replace(cell, requirement=requirement, clauses=tuple(kept))
    return replace(matrix, cells=cells)


def _clause(name: str, words: str, cell: Cell) -> Clause:
    language = cell.clauses[0].text.language
    return Clause(name, Localized(language, {language: words}))


def buttons(reply: Reply) -> list[Button]:
    """Every button of a reply."""
    return [button for block in reply.blocks if isinstance(block, Buttons) for button in block.buttons]


def value(field: Picker | Entry, label: str) -> str:
    """The value behind a label, or what is written."""
    if isinstance(field, Entry):
        return label
    return next(choice.value for choice in field.choices if choice.label == label)


def beforehand(field: Picker | Entry) -> str | None:
    """What is chosen or stands in a field before somebody touches it."""
    return field.text if isinstance(field, Entry) else field.chosen


def reached(reply: Reply) -> list[tuple[Intent, bool]]:
    """Every intent that can be reached from a reply, and whether its answer is shared; two choices of each picker."""
    found = [(button.intent, button.share) for button in buttons(reply)]
    for block in reply.blocks:
        if isinstance(block, Menu):
            ends = {block.picker.choices[0].value, block.picker.choices[-1].value}
            found += [(fill(block.intent, [(block.picker.field, one)]), False) for one in sorted(ends)]
        if isinstance(block, Form):
            for end in (0, -1):
                chosen = [(field.field, filled(field, end)) for field in block.fields]
                found.append((fill(block.intent, chosen), False))
    return found


def filled(field: Picker | Entry, end: int) -> str:
    """A choice of a picker, or something written that fits the entry."""
    if isinstance(field, Picker):
        return field.choices[end].value
    return {
        "line": "a line",
        "text": "two\nlines",
        "link": "https://example.com/proof",
        "day": "2026-03-17",
        "channel": "a line",
    }[field.kind]


def text(reply: Reply) -> str:
    """All that a reply says, with ordinary spaces in place of narrow ones."""
    return plain(reply).replace("\u202f", " ").replace("\xa0", " ")
