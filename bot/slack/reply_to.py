"""Where the answer to something pressed goes; a window carries it along, because Slack does not say where it began."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """Where an answer goes: to a response URL where there is one, into the Home tab or a window, or else to the person
    directly.

    `channel` is the place, also where it is only read from. `alone` is true when all who see the message are the
    person alone, so that the answer may be seen as well; `replaces` when the answer may take the message's place.
    `mark` is that of the message, where it has one. `window` is the id of the window in which the answer is the next
    page.
    """

    channel: str = ""
    url: str = ""
    thread: str = ""
    alone: bool = False
    replaces: bool = False
    home: bool = False
    mark: str = ""
    window: str = ""


def pack_to(to: ReplyTo) -> dict[str, Any]:
    """What is not as usual, for JSON."""
    return {name: value for name, value in asdict(to).items() if value}


def read_to(packed: object) -> ReplyTo:
    """The same back; what does not fit is as usual."""
    held = packed if isinstance(packed, dict) else {}
    usual = asdict(ReplyTo())
    return ReplyTo(**{name: held[name] for name in usual if type(held.get(name)) is type(usual[name])})
