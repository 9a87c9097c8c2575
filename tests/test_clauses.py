"""Cells split into clauses with readable, stable keys."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.clauses import headline, key, keys, split
from content.load import load_matrix, read_yaml

DATA = Path(__file__).parent / "data"
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")

WHOLE = [
    "Can deploy a simple model via Flask/FastAPI endpoint, load a model from file, and return predictions.",
    "Knows formats (ONNX, SavedModel. And others), tools, and tests.",
    "Defines deployment patterns: canary, shadow, designs for rollback, and reviews of both.",
    "Reviews architectures, proposals, and designs.",
    "Writes runbooks, plans for outages, and reports on incidents.",
    "Builds a pipeline that validates data and deploys models.",
    "Knows how a load balancer finds a server and keeps it busy.",
    "Works with tools, e.g. Triton, and libraries.",
    "Reduces latency to 1.5 ms, memory to 2.5 GB.",
    "Ensures latency and throughput SLA.",
    "Uses Python, C++, and Go.",
    "Maintains pipelines, builds and releases.",
    "Knows the limits, uses, and costs of caches.",
    "Versteht Grundlagen, Formate und Werkzeuge.",
    "word",
    "",
]
APART = [
    ["Configures A,", "implements B,", "and configures C."],
    ["Leads the guild", "and mentors its members."],
    ["Writes tests,", "reviews the code of others,", "and ships it."],
    ["Designs the platform (A, B and C),", "and designs a road map."],
    ["Optimizes cost: caching, batching, pooling.", "Mentors others!", "Asks why?", "Answers."],
    ["Tunes queries;", "monitors the cluster."],
    ["Identifies risks early,", "and co-designs a way out."],
    ["Fixes bugs,", "then writes tests,", "and continuously improves the build."],
    ["Plans capacity", "and runs on-call reviews,", "uses the results."],
    ["Versteht Grundlagen.", "Übt mit dem Team."],
    ["Uses Rust.", "2 years of practice."],
]


def test_every_imported_cell_splits_as_it_was_looked_at() -> None:
    """The split of all 35 imported cells, and the keys, stay as a person approved them."""
    approved = read_yaml(DATA / "clauses.yaml").data
    matrix = load_matrix()
    skill = matrix.skills["model-serving"].name.texts["en"]
    looked_at = [(role, level, expected) for role, levels in approved.items() for level, expected in levels.items()]
    for role, level, expected in looked_at:
        cell = matrix.cells["model-serving", role, level]
        fragments = split(cell.text("en")[0])
        assert dict(zip(keys(fragments, skill), fragments, strict=True)) == expected
        assert [clause.id.rsplit("/", 1)[1] for clause in cell.clauses] == list(expected)
    assert len(looked_at) == 35


@pytest.mark.parametrize("text", WHOLE)
def test_one_clause_stays_whole(text: str) -> None:
    """Lists, brackets, base forms and relative clauses start no new clause."""
    assert split(text) == [text]


@pytest.mark.parametrize("fragments", APART, ids=lambda fragments: fragments[0])
def test_several_clauses_come_apart(fragments: list[str]) -> None:
    """A sentence, or a verb in the third person after a comma or "and", starts a clause."""
    assert split(" ".join(fragments)) == fragments


@pytest.mark.parametrize(
    ("fragment", "shown"),
    [
        ("and configures X.", "Configures X."),
        ("implements batch inference via Spark/Ray,", "Implements batch inference via Spark/Ray"),
        ("Tunes queries;", "Tunes queries"),
        ("vLLM is known.", "vLLM is known."),
        ("android apps,", "Android apps"),
        ("", ""),
    ],
)
def test_a_headline_stands_alone(fragment: str, shown: str) -> None:
    """What ties a clause to its neighbours is left out when it is shown by itself."""
    assert headline(fragment) == shown


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("Designs model serving architecture.", "designs-architecture"),
        ("Optimizes throughput (batching, GPU scheduling).", "optimizes-throughput"),
        ("and defines runbooks for inference service incidents.", "defines-runbooks-inference"),
        ("Configures A/B testing for models.", "configures-ab-testing"),
        ("Prüft Modelle: Größe, Güte.", "pruft-modelle"),
        ("—", "clause"),
    ],
)
def test_a_key_is_the_verb_and_the_first_telling_words(fragment: str, expected: str) -> None:
    """A key reads like its clause, without the words of the skill's name."""
    assert key(fragment, "Model Serving") == expected


def test_alike_clauses_get_keys_apart() -> None:
    """A key that is taken grows by the next word, or by a number when there is none."""
    fragments = ["Defines strategy for teams.", "Defines a strategy for the teams.", "Defines strategy for teams."]
    assert keys(fragments, "") == ["defines-strategy-teams", "defines-strategy-teams-2", "defines-strategy-teams-3"]
    assert key("Writes good tests daily.", "", {"writes-good-tests"}) == "writes-good-tests-daily"


PIECES = ["Designs", "implements", "and", "designs,", "the", "API", "(with:", "b)", "e.g.", "tests.", "models;", "Übt"]
TEXTS = st.text() | st.lists(
    st.sampled_from([*PIECES, "“A/B”", "that", "—", "vs.", "it!", ")", "(", ":", "", " "])
).map(" ".join)


@given(TEXTS)
def test_joining_the_clauses_restores_the_text(text: str) -> None:
    """Nothing is lost or changed by splitting, whatever the text."""
    assert " ".join(split(text)) == text


@given(TEXTS)
def test_splitting_a_clause_again_changes_little(text: str) -> None:
    """No clause is empty or has stray spaces unless the text itself had them."""
    tidy = " ".join(text.split())
    assert all(fragment and fragment == fragment.strip() for fragment in split(tidy)) or not tidy


@given(st.lists(TEXTS, max_size=12), st.text(max_size=30))
def test_keys_are_unique_ids(fragments: list[str], skill: str) -> None:
    """Every clause of a cell gets an id of its own, even when all say the same."""
    found = keys(fragments, skill)
    assert len(set(found)) == len(found) == len(fragments)
    assert all(ID.fullmatch(one) for one in found)


@given(TEXTS)
def test_a_headline_has_no_loose_ends(text: str) -> None:
    """A headline ends without a comma and does not start with "and"."""
    shown = headline(text)
    assert not shown.endswith((",", " ", ";"))
    assert not shown.startswith("and ") or text.strip().startswith("and and ")
