"""The ports: what a handler has at hand, and what the process must bring."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

from content.difference import Scales
from content.matrix import Matrix
from content.search import Index
from content.texts import Texts, Voice
from handlers.intent import Intent
from handlers.lateness import NIGHT, Quiet
from handlers.records import Address, Evidence, Fact, Known, Receipt
from handlers.reply import Reply
from handlers.team_records import MINIMUM_GROUP, Teams
from handlers.turn import Person, Place


@dataclass(frozen=True, slots=True)
class Understood:
    """What the parser made of words: an intent, their language, and whether they lean on what was said before.

    `follows` is true for an ellipsis such as "and principal?"; only then does the last subject fill the gaps.
    `reply` is set when the words are nothing but an answer, or begin with one: `rest` is what comes after it, as typed.
    With a `rest` the answer counts only where the question takes an example; otherwise the intent does. With "name" the
    words only name a role, a level, or both; with "place" they only name a place, whose zone or country is the `rest`.
    `plain` is true where several words tell the language, and not the hint.
    """

    intent: Intent
    lang: str
    follows: bool = False
    reply: Literal["yes", "no", "partly", "skip", "stop", "name", "place"] | None = None
    rest: str = ""
    plain: bool = False


class Understand(Protocol):
    """Words into an intent; pure, so that it may be cached."""

    def __call__(self, words: str, *, hint: str | None = None) -> Understood:
        """The intent of `words`; `hint` is the language to assume where the words do not tell."""


class Store(Protocol):
    """The store of what people told the coach. Whatever it confirmed is on disk.

    Every method raises `handlers.errors.Unavailable` when the database cannot be reached in time; the next call tries
    afresh. Times have a zone.
    """

    async def recall(self, person: Person, place: Place, now: datetime.datetime) -> Known | None:
        """What is known of a person who speaks in a place, or None of a stranger."""

    async def record(
        self,
        person: Person,
        facts: Sequence[Fact],
        now: datetime.datetime,
        known: Known | None = None,
        *,
        unasked: bool = False,
    ) -> None:
        """Keep the facts of a turn, all or none; the same facts twice leave what they leave once.

        It is a contact with the person, unless `unasked`: then they are known, and have done nothing.

        `known` is what the turn recalled, for facts that may repeat some of it: `handlers.errors.Erased` when the
        person was erased since.
        """

    async def evidence(self, person: Person, clause: str | None = None) -> tuple[Evidence, ...]:
        """The person's evidence, newest first: all of it, or that of one clause."""

    async def export(self, person: Person) -> dict[str, list[dict[str, Any]]]:
        """Everything that is kept about a person, as JSON by kind; empty for a stranger."""

    async def forget(self, person: Person, now: datetime.datetime) -> Receipt:
        """Erase everything about a person, all or none."""

    async def tidy(self, now: datetime.datetime, retention_days: int) -> Receipt:
        """Erase subjects that have expired, people not seen for so many days, and what nobody needs any more."""

    async def remember_edition(self, edition: str, clauses: Mapping[str, str], now: datetime.datetime) -> None:
        """Keep what an edition of the framework says, by id, as `Matrix.wording` has it."""

    async def edition(self, edition: str) -> Mapping[str, str] | None:
        """What an edition said, or None if the edition is unknown."""

    async def window(self, person: Person, weekday: int, minute: int) -> int:
        """Within how many minutes the weekly nudges of a slot come in the person's workspace."""

    async def check(self) -> None:
        """Return when the database answers."""


class Platform(Protocol):
    """A platform through which the coach writes to people who have not just written to it.

    `can_find` is whether it ever tells what became of something that was sent.
    """

    name: str
    can_find: bool

    async def place(self, person: Person, address: Address | None) -> Place:
        """The person's own conversation with the coach, opened if need be. TryLater, Refused, Gone."""

    async def is_away(self, person: Person) -> bool:
        """Whether the person says there that they are on vacation; not, when the platform does not tell. Gone."""

    async def language(self, person: Person) -> str | None:
        """The language that the platform reports for the person, for want of a better hint; None of whom it tells none.

        Gone.
        """

    async def send(self, person: Person, place: Place, address: Address | None, reply: Reply, mark: str) -> str:
        """Send a reply and return the platform's id of it; `mark` is our own id, to find it again.

        TryLater when it was not taken and may be later, Refused when it never will be, Gone when the person cannot be
        reached any more, InDoubt when nobody knows. Nothing is repeated inside.
        """

    async def find(
        self, person: Person, place: Place, mark: str, since: datetime.datetime
    ) -> str | Literal["absent"] | None:
        """The platform's id of what was sent under a mark, "absent" if it was not taken, None if it cannot tell."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody as the platform knows them; `user` is what `Person.user` is when they write themselves.

    A `guest` belongs to no team of the company, who is not `active` has left, and who is not `ours` is of another
    organization. A bot is no `person`.
    """

    user: str
    name: str = ""
    guest: bool = False
    active: bool = True
    person: bool = True
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Room:
    """A channel or group chat. The coach is `inside` or not; one that is not `ours` is read by other organizations.

    The name is empty where the platform does not tell it.
    """

    id: str
    name: str = ""
    archived: bool = False
    inside: bool = True
    ours: bool = True


class Rooms(Protocol):
    """What a platform tells of people and channels, and how the coach posts where several read.

    Everything is done for an asker with the way to them, as it stands on a turn or with a letter. Methods raise
    TryLater when it was not done and may be later, Barred when it will not be, and Gone when the address leads nowhere.
    """

    def address(self, asker_address: Address | None, user: str) -> Address:
        """Where somebody is written to who has never written to the coach."""

    async def who(self, asker: Person, address: Address | None, user: str, room: str = "") -> Colleague | None:
        """Somebody by their id, also as in a mention; None when there is nobody. `room` is where they are, if known."""

    def members(
        self, asker: Person, address: Address | None, *, group: str = "", channel: str = ""
    ) -> AsyncIterator[Sequence[str]]:
        """The ids of the people of a group, or else of a channel, in pages.

        Bots, guests and people of other organizations are left out where the platform tells them apart here.
        """

    async def room(self, asker: Person, address: Address | None, channel: str) -> Room | None:
        """A channel, or None when there is none that the asker knows of."""

    async def post(self, asker: Person, address: Address | None, channel: str, reply: Reply, mark: str) -> str:
        """Post a reply for everybody in a channel and return the platform's id of it; `mark` is our own id.

        InDoubt, too, when nobody knows whether it was taken. Nothing is repeated inside.
        """

    async def replace(self, asker: Person, address: Address | None, channel: str, ref: str, reply: Reply) -> None:
        """Put a reply in the place of one that was posted."""

    async def manages(self, person: Person, address: Address | None, managers: Collection[Person]) -> bool:
        """Whether the person is in one of the groups among the `managers`; people among them do not count here."""


Made = TypeVar("Made")

MOST_MADE = 4096
"""Pages kept for asking again; a page is a few kilobytes."""


@dataclass(frozen=True)
class Desk:
    """What a handler has at hand.

    With `works_council` the coach only looks things up and helps people to assess themselves in private. In the `quiet`
    hours nobody is written to who did not choose them. `rooms` are those of the platforms that have any, by name.
    `managers` are the people and groups whose people may have teams, by their ids; None when everybody may. Nothing is
    told of fewer people than the `minimum_group`. Without `teams` there are none.
    """

    matrix: Matrix
    texts: Texts
    index: Callable[[], Index]
    scales: Scales
    understand: Understand
    store: Store
    now: Callable[[], datetime.datetime]
    works_council: bool = False
    quiet: Quiet = NIGHT
    rooms: Mapping[str, Rooms] = field(default_factory=dict)
    managers: frozenset[Person] | None = None
    minimum_group: int = MINIMUM_GROUP
    teams: Teams | None = None
    _made: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # So that nobody waits for what the matrix makes when it is first asked.
        self.matrix.column("", "")
        _ = self.matrix.edition

    def voice(self, language: str | None) -> Voice:
        """The coach's sentences in a language."""
        return self.texts.voice(language)

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What depends on nothing but the framework, the texts and `key`: made once, then handed out again."""
        made: Made | None = self._made.get(key)
        if made is None:
            if len(self._made) >= MOST_MADE:
                self._made.clear()
            made = self._made[key] = make()
        return made
