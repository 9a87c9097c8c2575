"""A platform's people and channels that do as they are told; implements `handlers.ports.Rooms`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, field

from handlers.ports import Colleague, Room
from handlers.records import Address
from handlers.reply import Reply
from handlers.turn import Person

PEOPLE = {
    "nobody": None,
    "guest": Colleague("guest", "Gus", guest=True),
    "left": Colleague("left", "Lea", active=False),
    "bot": Colleague("bot", "Botty", person=False),
    "foreign": Colleague("foreign", "Fay", ours=False),
}
"""Those whom no team can count; everybody else is called by their id, with a capital letter."""

ROOMS = {
    "data": Room("data", "data"),
    "general": Room("general", "general"),
    "channel": Room("channel", "channel"),
    "old": Room("old", "old", archived=True),
    "outside": Room("outside", "outside", inside=False),
    "foreign": Room("foreign", "foreign", ours=False),
}


@dataclass
class FakeRooms:
    """`posts` are what was posted, by channel, and `replaced` what took whose place; `failure` is raised instead."""

    posts: dict[str, list[Reply]] = field(default_factory=dict)
    replaced: dict[str, Reply] = field(default_factory=dict)
    groups: dict[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    failure: Exception | None = None
    asked: int = 0

    def address(self, asker_address: Address | None, user: str) -> Address:
        """Their id."""
        return {"chat": user}

    async def who(self, asker: Person, address: Address | None, user: str, room: str = "") -> Colleague | None:
        """Somebody by their id."""
        self.asked += 1
        known = Colleague(user, user.capitalize()) if user.replace("-", "").isalnum() else None
        return PEOPLE.get(user, known)

    async def members(
        self, asker: Person, address: Address | None, *, group: str = "", channel: str = ""
    ) -> AsyncIterator[Sequence[str]]:
        """The people of a group or a channel; a failure comes after the first page."""
        for number, page in enumerate(self.groups.get(group or channel, ())):
            if self.failure and number:
                raise self.failure
            yield page

    async def room(self, asker: Person, address: Address | None, channel: str) -> Room | None:
        """A channel by its id."""
        return ROOMS.get(channel)

    async def post(self, asker: Person, address: Address | None, channel: str, reply: Reply, mark: str) -> str:
        """Keep what was posted."""
        if self.failure:
            raise self.failure
        self.posts.setdefault(channel, []).append(reply)
        return f"ref-{mark}"

    async def replace(self, asker: Person, address: Address | None, channel: str, ref: str, reply: Reply) -> None:
        """Keep what took the place of something."""
        if self.failure:
            raise self.failure
        self.replaced[ref] = reply

    async def manages(self, person: Person, address: Address | None, managers: Collection[Person]) -> bool:
        """Whether the person is in one of the groups."""
        named = {one.user for one in managers}
        return any(person.user in page for name in named for page in self.groups.get(name, ()))
