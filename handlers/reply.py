"""A reply: a platform-neutral page of a few kinds of blocks.

Every string in a block is plain text. Renderers escape it for their platform, so mark-up in what
people type or authors write is shown, never obeyed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from handlers.intent import MOST_WRITTEN, Intent
from handlers.records import Fact


class Audience(StrEnum):
    """Who may see a reply: only the person who asked, or everyone in the place."""

    ASKER = "asker"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a reply; any further one is the title of a part of it, and smaller."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph in the coach's own words; `strong` when it is the short answer of the page."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the framework, shown word for word, set apart. `lang` is the language they are in."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list: an optional strong label in front, the text, and an optional weaker second line."""

    text: str
    label: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list, numbered from `first` on or not."""

    items: tuple[Item, ...]
    numbered: bool = False
    first: int = 1


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of label and value."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header; the caption says what the table shows (read aloud, and shown where tables cannot be)."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of how many, with a label."""

    label: str
    done: int
    total: int

    @property
    def bar(self) -> str:
        """Ten squares, as many filled as tenths are done."""
        full = min(max(10 * self.done // self.total, 0), 10) if self.total > 0 else 0
        return "▰" * full + "▱" * (10 - full)


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a chart: how many of each of its parts."""

    label: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars of several parts each, such as done, in work and open; the caption says what the chart shows.

    Every bar has a count for each of `parts`, in the same order. Words and numbers say all that is drawn.
    """

    caption: str
    parts: tuple[str, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file for the person alone. `label` says what it is, `kind` is its media type."""

    name: str
    label: str
    kind: str
    content: str


@dataclass(frozen=True, slots=True)
class Button:
    """Asks an intent when pressed; with `share` the answer goes to the room."""

    label: str
    intent: Intent
    style: Literal["plain", "primary", "danger"] = "plain"
    share: bool = False


@dataclass(frozen=True, slots=True)
class Buttons:
    """Buttons side by side."""

    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a picker: what is shown, and the value it puts into the intent's field."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Picker:
    """A labelled choice of one value for one field of an intent; `chosen` is selected beforehand."""

    field: str
    label: str
    choices: tuple[Choice, ...]
    chosen: str | None = None


@dataclass(frozen=True, slots=True)
class Menu:
    """One picker that acts as soon as something is chosen: `intent` with the field filled in."""

    picker: Picker
    intent: Intent


@dataclass(frozen=True, slots=True)
class Entry:
    """A labelled field to write in, for one field of an intent; `text` stands in it beforehand.

    A `line` is short, a `text` may have several lines, a `link` is an address, a `day` a date as ISO 8601 has it, a
    `channel` is chosen where the platform can, and otherwise named. What is not `needed` may stay empty. `most` is its
    longest text in characters.
    """

    field: str
    label: str
    kind: Literal["line", "text", "link", "day", "channel"] = "line"
    text: str = ""
    needed: bool = False
    most: int = MOST_WRITTEN
    hint: str = ""
    """What to write, where it is written."""


@dataclass(frozen=True, slots=True)
class Form:
    """Pickers and entries, and a button that sends them together: `intent` with all the fields filled in.

    `title` heads it where a form has a window of its own.
    """

    fields: tuple[Picker | Entry, ...]
    submit: str
    intent: Intent
    title: str = ""

    @property
    def is_written(self) -> bool:
        """Whether there is something to write in."""
        return any(isinstance(each, Entry) for each in self.fields)


@dataclass(frozen=True, slots=True)
class Note:
    """Small print: a source, a hint. `by` is a person's platform id, shown as a mention after the text.

    It `cites` when it tells where in the framework an answer comes from.
    """

    text: str
    by: str | None = None
    cites: bool = False


Block = Heading | Text | Quote | Bullets | Facts | Table | Progress | Chart | File | Buttons | Menu | Form | Note


@dataclass(frozen=True, slots=True)
class Reply:
    """A page of blocks, who may see it, and whether it takes the place of the message whose button was pressed.

    `private` is true when it holds what a person told the coach: no room ever sees it, not even where a
    platform has no better place for an answer than the room. `facts` are what the turn puts on record; the
    door keeps them before it hands the reply out without them. `asked` is what it answers, which a platform may ask
    anew, where it must not keep what the reply holds. `answers` are what typed words mean that are nothing but an
    answer to this page (see `handlers.heard`). It has `failed` when it only tells of an error; what was pressed stays,
    so that it can be pressed again.
    """

    blocks: tuple[Block, ...]
    audience: Audience = Audience.ASKER
    in_place: bool = False
    lang: str = field(default="en")
    private: bool = False
    facts: tuple[Fact, ...] = ()
    asked: Intent | None = field(default=None, compare=False)
    answers: Mapping[str, Intent] = field(default_factory=dict, compare=False)
    failed: bool = False

    @property
    def files(self) -> tuple[File, ...]:
        """The files on the page."""
        return tuple(block for block in self.blocks if isinstance(block, File))

    @property
    def rated(self) -> Intent | None:
        """What was asked, where the person may say whether this answer to it helped: it cites the framework."""
        cites = any(isinstance(block, Note) and block.cites for block in self.blocks)
        rates = cites and self.audience is Audience.ASKER and not self.failed
        return self.asked if rates and self.asked and self.asked.rated else None

    @property
    def form(self) -> Form | None:
        """The form to write in, which a platform may open in a window of its own."""
        return next((block for block in self.blocks if isinstance(block, Form) and block.is_written), None)

    @property
    def title(self) -> str:
        """One line that stands for the whole page in a notification."""
        for block in self.blocks:
            if isinstance(block, Heading | Text):
                return block.text
        return ""
