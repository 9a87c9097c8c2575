"""Finding the cells that speak of some words."""

from __future__ import annotations

import datetime
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.glossary import Glossary
from content.load import HERE, load_matrix, read_yaml
from content.matrix import Cell, Clause, Localized, Matrix, Requirement, Source
from content.search import Found, Index

MATRIX = load_matrix()
GLOSSARY = Glossary.model_validate(read_yaml(HERE / "knowledge" / "glossary.yaml").data)
INDEX = Index(MATRIX, GLOSSARY)
SILENT = {word.casefold() for words in GLOSSARY.silent.values() for word in words}
WORDS = sorted(
    {word for _, clause in MATRIX.clauses() for word in re.findall(r"[A-Za-z0-9]{2,}", clause.text.texts["en"])}
)

SHORT = {
    "ai-product-engineer": "product",
    "computer-vision-engineer": "vision",
    "data-scientist": "data",
    "llm-engineer": "llm",
    "ml-engineer": "ml",
    "mlops-engineer": "mlops",
    "nlp-engineer": "nlp",
}


def where(found: Found) -> set[str]:
    return {f"{SHORT[hit.cell.role]} {hit.cell.level}" for hit in found.hits}


def matrix(*texts: str) -> Matrix:
    """A matrix of one clause per cell."""
    source = Source("A page", "1", datetime.date(2026, 3, 17))
    cells = {
        ("s", f"r{n}", "l"): Cell(
            "s",
            f"r{n}",
            "l",
            Requirement.UNSTATED,
            (Clause(f"s/r{n}/l/c", Localized("en", {"en": text})),),
            source,
        )
        for n, text in enumerate(texts)
    }
    return Matrix("m", "en", {}, {}, {}, cells)


@pytest.mark.parametrize(
    ("words", "cells"),
    [
        ("canary deployments", {"data middle", "ml senior", "mlops lead"}),
        ("TensorRT", {"vision junior", "vision middle", "llm lead", "mlops senior"}),
        ("tensorrt-llm", {"llm lead"}),
        ("AWQ", {"llm middle"}),
        ("gguf", {"llm middle"}),
        ("TorchServe", {"nlp middle"}),
        ("torch serve", {"nlp middle"}),
        ("joblib", {"ml junior"}),
        ("online/offline feature consistency", {"data senior"}),
        ("model falls back to something when it is down", {"product middle", "ml senior"}),
        ("Ausweichmodell", {"product middle", "ml senior"}),
        ("Rückfallebenen", {"product middle", "ml senior"}),
        ("KV cache", {"llm middle"}),
        ("vLLM", {"llm junior", "llm middle", "llm lead"}),
        ("A/B-Tests", {"product junior", "product middle", "ml middle", "mlops senior", "nlp middle"}),
        ("ab testing", {"product junior", "product middle", "ml middle", "mlops senior", "nlp middle"}),
        ("A/B", {"product junior", "product middle", "ml middle", "mlops senior", "nlp middle"}),
        ("blue green", {"mlops lead"}),
        ("K8s", {"data middle", "mlops lead"}),
        ("kubernetes", {"data middle", "mlops lead"}),
        ("autoscaling", {"product middle", "ml senior", "mlops senior"}),
        ("auto scaling", {"product middle", "ml senior", "mlops senior"}),
        ("autoscale", {"product middle", "ml senior", "mlops senior"}),
        ("Lastspitzen", {"product middle", "ml senior", "mlops senior"}),
        ("Quantisierung", {"llm middle", "nlp senior"}),
        ("model compression", {"vision senior", "llm middle", "nlp senior"}),
        ("Modellkompression", {"vision senior", "llm middle", "nlp senior"}),
        ("Zwischenspeicher", {"vision middle", "llm middle", "llm senior"}),
        ("GPU-Auslastung", {"vision senior", "mlops senior"}),
        ("Architekturreviews", {"product lead", "vision lead", "llm lead", "data lead"}),
        ("on-call", {"mlops lead"}),
        ("knowledge distillation", {"vision senior", "nlp senior"}),
        ("fast api", {"data junior", "mlops junior"}),
    ],
)
def test_words_find_exactly_these_cells(words: str, cells: set[str]) -> None:
    """Words, their forms, German words and synonyms find the cells that speak of them, and no other."""
    assert where(INDEX.find(words)) == cells


@pytest.mark.parametrize(
    "words",
    [
        *("Fortran", "Kotlin", "React", "Java", "Scala", "Excel", "CI/CD", "Terraform", "Airflow", "Rust", "Kafka"),
        *("LoRA", "RAG", "GGUP", "tensor", "prompt engineering", "fine-tuning", "load balancing"),
        *("Fortran deployment", "canary Fortran", "", "the", "  ?!"),
    ],
)
def test_what_the_framework_does_not_know_is_not_found(words: str) -> None:
    """A word that is nowhere finds nothing, not something like it and not the rest of the words."""
    assert INDEX.find(words) == Found(dropped=INDEX.find(words).dropped)


@pytest.mark.parametrize(
    ("typed", "meant", "cells"),
    [
        ("quantizaton", "quantization", {"llm middle", "nlp senior"}),
        ("Quantisirung", "Quantisierung", {"llm middle", "nlp senior"}),
        ("speculative decodng", "decoding", {"llm senior"}),
        ("Serverles", "serverless", {"mlops principal"}),
    ],
)
def test_a_typo_is_repaired_and_told(typed: str, meant: str, cells: set[str]) -> None:
    """A slip in a long word finds what was meant, and the answer can say so."""
    found = INDEX.find(typed)
    assert where(found) == cells
    assert {hit.how for hit in found.hits} == {"fuzzy"}
    assert found.repaired == ((typed.split()[-1].casefold(), meant),)


def test_generic_words_are_left_out_and_told() -> None:
    """A word that could stand anywhere does not hide what the telling words find."""
    found = INDEX.find("monitoring tools")
    assert found.total == 6
    assert found.dropped == ("tools",)


def test_a_role_and_a_level_narrow_the_search() -> None:
    """Only cells of the role and the level are found."""
    assert where(INDEX.find("monitoring", role="data-scientist")) == {"data middle", "data senior", "data lead"}
    assert where(INDEX.find("monitoring", role="data-scientist", level="lead")) == {"data lead"}
    assert INDEX.find("monitoring", role="nobody") == Found()


def test_the_better_the_match_the_earlier() -> None:
    """Exact words come before their forms, those before synonyms; side by side before spread out."""
    index = Index(
        matrix("Trims cache. Warms model.", "Model caching.", "Caching for a model.", "Cached model.", "Zwischen."),
        Glossary(words={"en": {"caching": ("zwischen",)}}),
    )
    assert [(hit.cell.role, hit.how) for hit in index.find("caching").hits] == [
        ("r1", "exact"), ("r2", "exact"), ("r0", "stem"), ("r3", "stem"), ("r4", "glossary"),
    ]  # fmt: skip
    assert [hit.cell.role for hit in index.find("model caching").hits][:2] == ["r1", "r2"]


def test_the_clause_that_tells_is_shown() -> None:
    """Of a cell, the hit shows the clause that holds the telling words."""
    (hit,) = INDEX.find("Modellüberwachung", role="computer-vision-engineer").hits
    assert hit.clause.text.texts["en"].startswith("Implements serving monitoring")


def test_long_lists_are_cut_and_counted() -> None:
    """No more hits than asked for, with the number of all."""
    found = INDEX.find("serving", limit=5)
    assert len(found.hits) == 5
    assert found.total > 20


def test_every_word_of_the_glossary_leads_somewhere() -> None:
    """The framework's words in the glossary are in the framework, so that no entry is dead."""
    for entries in GLOSSARY.words.values():
        for said, meant in entries.items():
            assert not meant or any(INDEX.find(word).total for word in meant), said


@given(st.sampled_from(WORDS))
def test_any_word_of_a_cell_finds_it_exactly(word: str) -> None:
    """Every word of the framework finds every cell it stands in, as an exact match."""
    holding = {
        cell.text("en")[0]: cell
        for cell, clause in MATRIX.clauses()
        if re.search(rf"\b{word}\b", clause.text.texts["en"])
    }
    found = INDEX.find(word)
    if word.casefold() in SILENT:
        assert not found.hits
    else:
        exact = {hit.cell.text("en")[0] for hit in found.hits if hit.how == "exact"}
        assert holding.keys() <= exact


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4))
def test_found_cells_hold_every_word(words: list[str]) -> None:
    """An exact hit holds every telling word that was not left out."""
    found = INDEX.find(" ".join(words))
    sought = {word.casefold() for word in words} - SILENT - set(found.dropped)
    for hit in found.hits:
        text = hit.cell.text("en")[0].casefold()
        if hit.how == "exact":
            assert all(word in re.sub(r"[\W_]+", "", text) for word in sought if INDEX.lexicon.telling(word))
        assert hit.clause in hit.cell.clauses
        assert 0 < hit.score <= 1
    assert len(found.hits) <= found.total


@given(st.text(max_size=80), st.integers(1, 50))
def test_no_text_is_too_odd(words: str, limit: int) -> None:
    """Whatever is typed, there is an answer."""
    assert len(INDEX.find(words, limit=limit).hits) <= limit


@given(
    st.lists(st.text(max_size=20) | st.sampled_from(WORDS), max_size=4),
    st.text(max_size=20) | st.sampled_from([said for entries in GLOSSARY.words.values() for said in entries]),
)
def test_no_matrix_is_too_odd(texts: list[str], words: str) -> None:
    """Whatever the framework says, it can be searched."""
    Index(matrix(*texts), GLOSSARY).find(words)
