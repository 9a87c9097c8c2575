"""What an operator is told of letters: how many there are, what became of a person's, and what a day will bring."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from handlers.records import Nudging
from handlers.rhythm import after_ignored, next_due
from handlers.turn import Person
from scheduler.letters import Post, State, Workspace
from scheduler.planning import PAGE

TRAILS = 20
"""Letters of one person that are shown."""

WIDE = 10_000
"""Columns of what goes into a file or another program: enough that nothing is wrapped there."""

WORKS_COUNCIL = "Nothing goes out on any day: WORKS_COUNCIL=1 switches weekly nudges off."

LOOKED_BACK = datetime.timedelta(days=30)
"""Of settled letters those of so many days are counted; older ones are erased."""


def make_console() -> Console:
    """The terminal, or what the output is piped into; `COLUMNS` counts for a terminal only."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDE)


async def show_counts(post: Post, now: datetime.datetime, console: Console) -> None:
    """Letters by workspace and state."""
    counts = await post.counts(now - LOOKED_BACK)
    seen = [state for state in State if any(found is state for _, found in counts)]
    table = Table(_workspaces(), *(state.value for state in seen), title="Letters, open and of the last 30 days")
    for workspace in sorted({where for where, _ in counts}, key=_name):
        table.add_row(_name(workspace), *(str(counts.get((workspace, state), 0)) for state in seen))
    console.print(table if counts else "There are no letters.")


async def show_trail(post: Post, person: Person, console: Console) -> None:
    """A person's letters, each with its states."""
    letters = await post.trail(person, TRAILS)
    if not letters:
        console.print("There is no letter to this person.")
    for letter in letters:
        console.print(f"[bold]{letter['day']}[/] {letter['kind']}, due {_moment(letter['due'])}", highlight=False)
        for at, state, why in letter["trail"]:
            console.print(f"  {_moment(at)}  {state}{f' ({why})' if why else ''}", highlight=False)


async def show_day(
    post: Post, day: datetime.date, per_second: Mapping[str, float], console: Console, shown_on: Console
) -> None:
    """What would go out to whom on a day, by each person's own calendar; nothing is written."""
    days: dict[Workspace, Day] = {}
    columns = (SpinnerColumn(), TextColumn("{task.completed} people looked at"), TimeElapsedColumn())
    with Progress(*columns, console=shown_on, transient=True) as progress:
        task = progress.add_task("people")
        after = None
        while page := await post.nudged(after, PAGE):
            for person, nudging in page:
                if at := due_on(person, nudging, day):
                    workspace = Workspace(person.platform, person.tenant)
                    days.setdefault(workspace, Day(first=at, last=at)).add(at)
            after = page[-1][0]
            progress.advance(task, len(page))
    table = Table(_workspaces(), "letters", "first due (UTC)", "last due (UTC)", "takes", title=f"Due on {day}")
    for workspace, found in sorted(days.items(), key=lambda item: -item[1].count):
        took = found.takes(per_second.get(workspace.platform))
        table.add_row(_name(workspace), str(found.count), _short(found.first), _short(found.last), _span(took))
    console.print(table if days else f"Nothing is due on {day}.")


def due_on(person: Person, nudging: Nudging, day: datetime.date) -> datetime.datetime | None:
    """When a person is due on a day of their own calendar, if they go on as now and leave no nudge unanswered."""
    if nudging.rhythm is None or nudging.due is None or nudging.due_day is None:
        return None
    at, due_day, ignored = nudging.due, nudging.due_day, nudging.ignored
    salt = "\0".join((person.platform, person.tenant, person.user)).encode()
    rhythm = after_ignored(nudging.rhythm, ignored, due_day)
    while due_day < day:
        following = next_due(rhythm, at, salt=salt, last=due_day)
        if following is None:
            return None
        at, due_day = following.at, following.day
    return at if due_day == day else None


@dataclass
class Day:
    """The letters of a workspace on a day."""

    first: datetime.datetime
    last: datetime.datetime
    count: int = 0

    def add(self, at: datetime.datetime) -> None:
        """One more, due at that instant."""
        self.count += 1
        self.first, self.last = min(self.first, at), max(self.last, at)

    def takes(self, per_second: float | None) -> datetime.timedelta:
        """From the first to the last that is sent, at the pace of the platform."""
        at_pace = datetime.timedelta(seconds=self.count / per_second if per_second else 0)
        return max(at_pace, self.last - self.first)


def _workspaces() -> Column:
    """The column of workspaces: where it is too narrow an id goes on in the next line, and is never cut."""
    return Column("workspace", overflow="fold")


def _name(workspace: Workspace) -> str:
    return f"{workspace.platform}/{workspace.tenant}"


def _moment(at: datetime.datetime | str) -> str:
    moment = datetime.datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{moment.astimezone(datetime.UTC):%Y-%m-%d %H:%M:%S} UTC"


def _short(at: datetime.datetime) -> str:
    return f"{at.astimezone(datetime.UTC):%m-%d %H:%M}"


def _span(span: datetime.timedelta) -> str:
    return str(datetime.timedelta(seconds=round(span.total_seconds())))
