"""What people are told when the framework changes; the dialogs in `dialogs/news.yaml` show how."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.intent import MarkDone, SetProfile, ShowExpectations, ShowHelp, ShowProfile
from handlers.news import MOST_NEWS
from handlers.records import State
from handlers.turn import Person
from tests.talk import Talk, content, edited, text

MATRIX = content().matrix
NAMES = sorted(MATRIX.wording())


@given(order=st.permutations(sorted(MATRIX.cells)))
def test_the_order_of_the_files_makes_no_edition(order: list[tuple[str, str, str]]) -> None:
    """An edition is the same for the same words, in whatever order they stand."""
    assert replace(MATRIX, cells={place: MATRIX.cells[place] for place in order}).edition == MATRIX.edition


@given(name=st.sampled_from(NAMES))
def test_every_change_makes_an_edition(name: str) -> None:
    """Any clause worded anew or dropped, and any cell with another requirement, is another edition."""
    changes = ["Something else.", ""] if name.count("/") == 3 else ["unstated"]
    assert all(edited(MATRIX, {name: words}).edition != MATRIX.edition for words in changes)


@given(names=st.sets(st.sampled_from(NAMES), max_size=12), role=st.sampled_from(sorted(MATRIX.roles)))
async def test_only_what_concerns_a_person_is_told(names: set[str], role: str) -> None:
    """Exactly the clauses of one's own level are counted and told once; other levels change in silence."""
    talk = Talk(lang="en")
    await talk.asks(SetProfile(role=role, level="senior"))
    clauses = {name for name in names if name.count("/") == 3}
    mine = {name for name in clauses if name.split("/")[1:3] == [role, "senior"]}
    await talk.rewrite(dict.fromkeys(sorted(clauses), "Does something else."))
    told = text(await talk.asks(ShowHelp()))
    count = "one clause" if len(mine) == 1 else f"{len(mine)} clauses"
    assert (f"Since you were last here, {count} of your level changed:" in told) == bool(mine)
    assert ("Does something else." in told) == bool(mine)
    assert "Since" not in text(await talk.asks(ShowHelp()))


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_much_news_is_cut(lang: str) -> None:
    """Of many changes some are named, and of the others how many there are."""
    talk = Talk(lang=lang)
    await talk.asks(SetProfile(role="ml-engineer", level="senior"))
    new = {f"model-serving/ml-engineer/senior/new-{number}": f"Knows number {number}." for number in range(20)}
    await talk.rewrite(new)
    told = text(await talk.asks(ShowProfile()))
    assert told.count("Knows number") == MOST_NEWS
    assert {"en": "And 12 more.", "de": "Und 12 weitere."}[lang] in told


async def test_an_edition_that_nobody_remembers() -> None:
    """Where the old wording is lost it is said that something changed, and no clause is made up."""
    talk = Talk(lang="en")
    await talk.asks(SetProfile(role="ml-engineer", level="senior"))
    await talk.asks(MarkDone(clause="model-serving/ml-engineer/senior/optimizes-throughput"))
    changes = {"model-serving/ml-engineer/senior/optimizes-throughput": ""}
    talk.desk = replace(talk.desk, matrix=edited(talk.desk.matrix, changes))
    told = text(await talk.asks(ShowProfile()))
    assert "I no longer have its old wording" in told
    assert "clauses of your level" not in told
    assert "Since" not in text(await talk.asks(ShowProfile()))


async def test_a_role_that_is_gone() -> None:
    """Whoever's role was dropped is told, keeps their milestones in the archive, and everything still answers."""
    talk = Talk(lang="en")
    await talk.asks(SetProfile(role="ml-engineer", level="senior"))
    clause = "model-serving/ml-engineer/senior/optimizes-throughput"
    await talk.asks(MarkDone(clause=clause))
    await talk.rewrite({})
    matrix = talk.desk.matrix
    roles = {name: role for name, role in matrix.roles.items() if name != "ml-engineer"}
    cells = {place: cell for place, cell in matrix.cells.items() if cell.role != "ml-engineer"}
    talk.desk = replace(talk.desk, matrix=replace(matrix, roles=roles, cells=cells))
    told = text(await talk.asks(ShowExpectations()))
    assert "4 clauses of your level changed" in told
    (kept,) = (await talk.desk.store.export(Person("test", "acme", "sam")))["milestone"]
    assert (kept["clause"], kept["state"], kept["archived"]) == (clause, State.DONE, True)
