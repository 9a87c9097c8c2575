"""Someone did something: who, where, in which language, and what they said or pressed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from handlers.intent import Intent
from handlers.records import STRANGER, Address, Known


@dataclass(frozen=True, slots=True)
class Person:
    """A person as the platform's verified envelope names them; never read from a button."""

    platform: str
    tenant: str
    user: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where it happened: the platform's conversation id, and whether others read along.

    A place is the same place however it is looked at: Slack reports the coach's own conversation in several ways.
    """

    id: str
    shared: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Mention:
    """A person, a group of people or a channel that somebody chose from the platform's list while typing.

    `name` is how it stands in the words, empty where the platform gives the id alone.
    """

    kind: Literal["person", "group", "channel"]
    id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing a person did. Either `words` (typed) or `intent` (pressed) is set.

    `lang` is the language the platform reports for the person, a hint that the words may outweigh.
    `zone` is an IANA time zone name. `share` asks for an answer to the room. `pressed` is true when
    the answer may take the place of the message that holds the button. `known` is what the store knows of
    the person; the door looks it up. `address` is where the platform takes messages that the person has not asked
    for just now, where it can tell. `elsewhere` is true when an answer for the person alone is not shown here.
    `mentioned` are those whom the words name, each once and without the coach; in the words they stand as `<@name>` or
    `<#name>`. `room` is the channel or chat that others read in, and `group` the platform's group of everybody there
    where that is not the room itself; both are as `handlers.ports.Rooms` takes them.
    """

    person: Person
    place: Place
    words: str = ""
    intent: Intent | None = None
    lang: str | None = None
    zone: str | None = None
    share: bool = False
    pressed: bool = False
    how: Literal["chat", "command"] = "chat"
    known: Known = STRANGER
    address: Address | None = None
    elsewhere: bool = False
    mentioned: tuple[Mention, ...] = ()
    room: str = ""
    group: str = ""
