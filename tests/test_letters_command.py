"""`python -m bot letters`: what an operator can read of letters, without writing anything."""

from __future__ import annotations

import asyncio
import datetime
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.console.letters import due_on, show_counts
from bot.settings import Settings
from bot.store.letters import SqlPost
from bot.store.migrate import migrate
from bot.store.sql import SqlStore
from handlers.records import Nudging
from handlers.rhythm import Rhythm, next_due
from handlers.turn import Person
from scheduler.letters import Settled, State, Workspace
from tests.post import MemoryPost
from tests.test_delivery import ACME, BETA
from tests.test_delivery_stored import populate
from tests.virtual import START

GUID = "11111111-2222-4333-8444-555555555555"
MONDAY = START.date() + datetime.timedelta(days=7)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, sqlite_database: str, tmp_path: Path):
    """What the command says about a database with letters of two workspaces, three of them settled."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", sqlite_database)
    monkeypatch.setenv("COLUMNS", "120")
    # The runner's stderr is closed when the command ends, and loggers that were first used here would keep it.
    monkeypatch.setattr("bot.start.set_up_logs", lambda: None)
    people = asyncio.run(_prepare(sqlite_database))

    def tell(*words: str) -> str:
        done = CliRunner().invoke(cli, ["letters", *words])
        assert done.exit_code == 0, done.output
        return done.output

    return tell, people


async def _prepare(url: str) -> list[Person]:
    await migrate(url)
    people = [*await populate(url, ACME, 5), *await populate(url, BETA, 2)]
    await populate(url, Workspace("stub", GUID), 1)
    store = SqlStore(url)
    post = SqlPost(store.database)
    # The command looks back from the real day.
    now = datetime.datetime.now(datetime.UTC)
    while (await post.plan(START, 1_000)).more:
        pass
    epoch = await post.begin(ACME, now)
    claimed: Sequence = await post.claim(ACME, epoch, 4, START, datetime.timedelta(seconds=20))
    first, second, third, _ = claimed
    refused = Settled(third, State.REFUSED, why="HTTP 400 BadSyntax")
    await post.settle(epoch, [Settled(first, State.SENT, "1.2"), Settled(second, State.LATE), refused], now)
    await store.close()
    return people


def test_letters_are_counted_by_workspace_and_state(told):
    """Without options there is a row for each workspace and a column for each state."""
    tell, _ = told
    rows = {line.split()[1]: re.findall(r"\d+", line) for line in tell().splitlines() if "stub/" in line}
    assert rows["stub/acme"] == ["1", "1", "1", "1", "1"]  # ready, sending, sent, late, refused
    assert rows["stub/beta"] == ["2", "0", "0", "0", "0"]


def test_ids_are_never_cut(told, monkeypatch: pytest.MonkeyPatch):
    """Whatever the width of a terminal that nobody looks at, a tenant's id is there in one piece, and in one line."""
    tell, _ = told
    monkeypatch.setenv("COLUMNS", "20")
    assert f"stub/{GUID}" in tell()
    assert f"stub/{GUID}" in tell("--dry-run", MONDAY.isoformat())
    assert "2026-11-23 nudge, due 2026-11-23 08:00:00 UTC" in tell("--person", f"stub/{GUID}/U0")


@pytest.mark.parametrize("columns", [60, 80, 100])
async def test_ids_are_whole_on_a_terminal(columns: int):
    """Where a terminal is too narrow an id goes on in the next line, and can still be read."""
    counts = {(Workspace("teams", GUID), state): 1_000 for state in State}

    class Counted(MemoryPost):
        async def counts(self, since: datetime.datetime) -> Mapping[tuple[Workspace, State], int]:
            return counts

    console = Console(width=columns, file=io.StringIO(), force_terminal=True, no_color=True)
    await show_counts(Counted(), START, console)
    said = console.file.getvalue()  # type: ignore[attr-defined]
    whole = "".join(line.split("│")[1].strip() for line in said.splitlines() if line.startswith("│"))
    assert whole == f"teams/{GUID}"


def test_in_works_council_mode_nothing_goes_out(told, monkeypatch: pytest.MonkeyPatch):
    """Where nudges are switched off for good no day brings any, and that is said."""
    tell, _ = told
    monkeypatch.setenv("WORKS_COUNCIL", "1")
    said = tell("--dry-run", MONDAY.isoformat())
    assert said == "Nothing goes out on any day: WORKS_COUNCIL=1 switches weekly nudges off.\n"
    assert "stub/acme" in tell()


def test_a_persons_trail_is_shown(told):
    """With a person there are their letters with each state and its time."""
    tell, people = told
    said = "".join(tell("--person", "/".join((person.platform, person.tenant, person.user))) for person in people)
    assert said.count("2026-11-23 nudge, due 2026-11-23 08:00:00 UTC") == 7
    assert said.count("  sent") == 1
    assert said.count("  refused (HTTP 400 BadSyntax)") == 1
    assert said.count("  sending") == 4
    assert "There is no letter" in tell("--person", "stub/acme/nobody")


def test_a_day_to_come_is_foretold_without_writing(told):
    """With a day there is how many would go, when, and how long that takes; the counts stay as they are."""
    tell, _ = told
    before = tell()
    said = tell("--dry-run", MONDAY.isoformat())
    assert re.search(r"stub/acme\s+│\s+5 ", said)
    assert re.search(r"stub/beta\s+│\s+2 ", said)
    assert "Nothing is due on 2026-12-01" in tell("--dry-run", "2026-12-01")
    assert tell() == before


@pytest.mark.parametrize("words", [["--person", "somebody"], ["--person", "a//b"], ["--dry-run", "monday"]])
def test_what_cannot_be_read_is_refused_with_a_sentence(words: list[str]):
    """A person or a day in another form is refused, with how to write it."""
    done = CliRunner().invoke(cli, ["letters", *words])
    assert done.exit_code == 2
    assert words[0] in done.output


@given(
    weekday=st.integers(0, 6),
    minute=st.integers(0, 1439),
    zone=st.sampled_from(("Europe/Berlin", "Pacific/Apia", "America/New_York")),
    every=st.integers(1, 4),
    weeks=st.integers(0, 9),
)
def test_the_days_foretold_are_the_days_that_come(weekday: int, minute: int, zone: str, every: int, weeks: int):
    """What is foretold for a day is what one gets by going on from nudge to nudge, and other days have nothing."""
    person = Person("stub", "acme", "U1")
    salt = b"stub\0acme\0U1"
    rhythm = Rhythm(weekday, minute, zone, START.date(), every)
    due = next_due(rhythm, START, salt=salt)
    assert due
    nudging = Nudging(rhythm=rhythm, due=due.at, due_day=due.day)
    for _ in range(weeks):
        due = next_due(rhythm, due.at, salt=salt, last=due.day)
        assert due
    assert due_on(person, nudging, due.day) == due.at
    assert due_on(person, nudging, due.day + datetime.timedelta(days=1)) is None
