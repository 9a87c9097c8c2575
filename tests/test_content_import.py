"""A page becomes YAML, word for word; a second import keeps the keys of the first."""

from __future__ import annotations

import datetime
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from content.__main__ import app
from content.check import check
from content.importer import identifier
from content.load import HERE, load_matrix, read_yaml
from content.matrix import Requirement

PAGE = Path(__file__).parent / "data" / "model-serving.txt"
TEXT = PAGE.read_text(encoding="utf-8")
LEVELS = ("junior", "middle", "senior", "lead", "principal")


def cli(*words: object) -> tuple[int, str, str]:
    """The exit code, what was printed, and what was said on the side."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A file to import into, beside a framework without cells."""
    folder = tmp_path / "framework"
    folder.mkdir()
    shutil.copy(HERE / "framework" / "framework.yaml", folder)
    return folder / "model-serving.yaml"


def page(tmp_path: Path, text: str, name: str = "model-serving.txt") -> Path:
    """A page with this text."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def cells_of_the_page() -> dict[tuple[str, str], tuple[bool, str]]:
    """The page's cells, read here in the plainest way: role and level → required, text."""
    found: dict[tuple[str, str], tuple[bool, str]] = {}
    level = -1
    for line in TEXT.splitlines():
        if line.startswith("| Rolle"):
            level += 1
        elif line.startswith("| ") and level >= 0:
            role, mark, text = (part.strip() for part in line.strip("|").split("|")[:3])
            found[role, LEVELS[level]] = (True, text) if mark == "Pflicht" else (False, mark)
    return found


def test_the_shipped_cells_are_the_page_word_for_word() -> None:
    """All 35 cells, their requirement and their source are those of the page."""
    matrix = load_matrix()
    expected = cells_of_the_page()
    names = {role.name.texts["en"]: role.id for role in matrix.roles.values()}
    assert len(expected) == 35
    for (role, level), (required, text) in expected.items():
        cell = matrix.cells["model-serving", names[role], level]
        assert cell.text("en") == (text, "en")
        assert cell.requirement is (Requirement.REQUIRED if required else Requirement.OPTIONAL)
        assert cell.source.date == datetime.date(2026, 3, 17)
        assert cell.source.version == "2026.3"
    assert sum(not required for required, _ in expected.values()) == 10
    skill = matrix.skills["model-serving"]
    assert (skill.domain, skill.group) == ("Machine Learning & AI", "MLOps")
    assert skill.about
    assert skill.about.texts["en"] == "Triton, BentoML, Seldon: model deployment, A/B testing, canary releases"


def test_importing_the_page_gives_the_shipped_file(out: Path) -> None:
    """What is shipped is what the importer makes; only the nicknames were added by hand."""
    code, said, _ = cli("import", PAGE, "--out", out)
    assert code == 0
    assert "35 cells with 115 clauses" in said
    made, shipped = read_yaml(out).data, read_yaml(HERE / "framework" / "model-serving.yaml").data
    assert shipped["skills"]["model-serving"].pop("nicknames")
    assert made == shipped
    assert load_matrix(out.parent.parent).only_skill == "model-serving"


def test_importing_again_changes_nothing(out: Path) -> None:
    """A second import of the same page keeps every byte, and says so."""
    cli("import", PAGE, "--out", out)
    first = out.read_bytes()
    code, said, _ = cli("import", PAGE, "--out", out)
    assert (code, out.read_bytes()) == (0, first)
    assert "Every clause is as it was." in said


def test_what_was_added_by_hand_stays(out: Path) -> None:
    """Nicknames, and translations of clauses that did not change, survive a re-import."""
    shutil.copy(HERE / "framework" / "model-serving.yaml", out)
    own = "Designs model serving architecture."
    text = out.read_text(encoding="utf-8")
    out.write_text(text.replace(f": {own}", f": {{en: {own}, de: Entwirft Architekturen.}}"), encoding="utf-8")
    cli("import", PAGE, "--out", out)
    matrix = load_matrix(out.parent.parent)
    assert "serving" in matrix.skills["model-serving"].nicknames["en"]
    assert (
        matrix.cells["model-serving", "ml-engineer", "senior"].clauses[0].text.texts["de"] == "Entwirft Architekturen."
    )


def test_a_changed_clause_keeps_its_key(out: Path, tmp_path: Path) -> None:
    """Edited, moved, new and removed clauses are matched one to one and told."""
    cli("import", PAGE, "--out", out)
    before = (
        "Designs model serving architecture. Optimizes throughput (batching, GPU scheduling). Configures autoscaling"
    )
    after = "Optimizes throughput and cost (batching, GPU scheduling). Teaches interns. Configures autoscaling"
    assert before in TEXT
    changed = TEXT.replace(before, after).replace("17.3.2026", "1.10.2026")
    code, said, _ = cli("import", page(tmp_path, changed), "--out", out)
    assert code == 0
    cell = load_matrix(out.parent.parent).cells["model-serving", "ml-engineer", "senior"]
    assert [clause.id.rsplit("/", 1)[1] for clause in cell.clauses] == [
        "optimizes-throughput",
        "teaches-interns",
        "configures-autoscaling-ml",
        "implements-fallback-canary",
    ]
    assert cell.source.version == "2026.10"
    assert [line for line in said.splitlines() if re.match(r"[-+~] ", line)] == [
        "~ model-serving/ml-engineer/senior/optimizes-throughput",
        "+ model-serving/ml-engineer/senior/teaches-interns",
        "- model-serving/ml-engineer/senior/designs-architecture",
    ]


def test_a_new_clause_never_takes_the_key_of_a_removed_one(out: Path, tmp_path: Path) -> None:
    """What a person did for a clause that is gone is not counted for another."""
    cli("import", PAGE, "--out", out)
    old = "Establishes deployment standards, SLA framework, and architectural decisions for scaling NLP inference"
    new = "Establishes deployment standards: none, whatever anyone may say about it in the hallway, ever; thinks about"
    assert old in TEXT
    cli("import", page(tmp_path, TEXT.replace(old, new)), "--out", out)
    cell = load_matrix(out.parent.parent).cells["model-serving", "nlp-engineer", "lead"]
    assert "establishes-deployment-standards" not in [clause.id.rsplit("/", 1)[1] for clause in cell.clauses]


def test_a_changed_requirement_is_told(out: Path, tmp_path: Path) -> None:
    """A cell that becomes required is a change, even when its words stay."""
    cli("import", PAGE, "--out", out)
    row = re.search(r"^\| LLM Engineer \| (Understands.*) \| \|$", TEXT, re.M)
    assert row
    text = TEXT.replace(row[0], f"| LLM Engineer | Pflicht | {row[1]} |")
    text = text.replace("\n25\n", "\n26\n").replace("anderen 10", "anderen 9")
    code, said, _ = cli("import", page(tmp_path, text), "--out", out)
    assert code == 0
    assert "~ model-serving/llm-engineer/junior\n    - optional\n    + required" in said


def without_table(number: int) -> str:
    """The page without one of its tables."""
    parts = TEXT.split("| Rolle |")
    return "| Rolle |".join(parts[:number] + parts[number + 1 :])


NLP = next(found for found in TEXT.splitlines() if found.startswith("| NLP Engineer | Pflicht | Knows"))
BAD = {
    "no table": ("\n".join(TEXT.splitlines()[:16]), ["1: The page has no table “| Rolle | Pflicht | Beschreibung |”."]),
    "a table too few": (
        without_table(5),
        [
            "9: The header says Stufen: 5, but the page has 4 tables, one per level.",
            "12: The header says Pflichtanforderungen: 25, but the page has 18 required cells.",
        ],
    ),
    "a role missing": (
        TEXT.replace(NLP + "\n", ""),
        [
            "12: The header says Pflichtanforderungen: 25, but the page has 24 required cells.",
            "21: NLP Engineer is missing in table 1.",
        ],
    ),
    "a role twice": (
        TEXT.replace(NLP, f"{NLP}\n{NLP}"),
        [
            "12: The header says Pflichtanforderungen: 25, but the page has 26 required cells.",
            "28: NLP Engineer is in table 1 twice.",
        ],
    ),
    "no date": (TEXT.replace("17.3.2026", "soon"), ["1: The page has no date such as 17.3.2026."]),
    "no such day": (TEXT.replace("17.3.2026", "31.2.2026"), ["16: “31.2.2026” is no day of the calendar."]),
    "other domain": (
        TEXT.replace("AI\nMLOps", "Robots\nMLOps"),
        ["16: Above the date should stand “Machine Learning & AI” and the group, not “Machine Learning & Robots”."],
    ),
    "counts": (
        TEXT.replace("\n7\n", "\n8\n").replace("anderen 10", "anderen 11").replace("\n5\n", "\nfive\n"),
        [
            "6: The header says Rollen: 8, but the page has 7 roles.",
            "9: Under “Stufen” should stand a number, not “five”.",
            "13: The header says that 11 are optional, but the page has 10.",
        ],
    ),
    "empty cell": (TEXT.replace(NLP, "| NLP Engineer | | |"), ["27: The cell of NLP Engineer is empty."]),
    "empty required cell": (
        TEXT.replace(NLP, "| NLP Engineer | Pflicht | |"),
        ["27: The cell of NLP Engineer is empty."],
    ),
    "no role": (
        TEXT.replace(NLP, "| | Pflicht | x |"),
        ["21: NLP Engineer is missing in table 1.", "27: This row names no role."],
    ),
    "other mark": (
        TEXT.replace(NLP, "| NLP Engineer | Muss | Knows things. |"),
        ["27: “Muss” stands under Pflicht; it should be “Pflicht” or nothing."],
    ),
    "four columns": (TEXT.replace(NLP, f"{NLP} more |"), ["27: This row has 4 columns; there should be three."]),
    "HTML": (TEXT.replace("Knows NLP", "<b>Knows</b> NLP"), ["27: “<b>” is HTML; save the page as plain text first."]),
    "unknown role": (
        TEXT.replace("| NLP Engineer |", "| Poet |"),
        ["27: The framework has no role “Poet”; define it, or correct the name."],
    ),
    "said twice": (
        TEXT.replace(
            "Knows NLP model", "Deploys simple NLP models as REST API for text classification and NER tasks. K"
        ),
        ["27: The cell of NLP Engineer says the same thing twice."],
    ),
    "no domain": (
        TEXT.partition("Skill-Profil")[2],
        ["1: The page has no line “Domäne”.", "1: The page has no line “Skill-Profil”."],
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_page_is_told_and_nothing_written(case: str, out: Path, tmp_path: Path) -> None:
    """Every fault of a page is told with its line, all at once, and the file stays as it was."""
    text, expected = BAD[case]
    code, _, said = cli("import", page(tmp_path, text), "--out", out)
    told = [found.partition(".txt:")[2] for found in said.splitlines() if ".txt:" in found]
    assert (code, told) == (1, expected)
    assert said.endswith("Nothing was written.\n")
    assert [path.name for path in out.parent.iterdir()] == ["framework.yaml"]


def test_a_page_with_fewer_tables_than_rungs_is_told(out: Path, tmp_path: Path) -> None:
    """A header that agrees with too few tables still does not agree with the ladder."""
    text = without_table(5).replace("\n5\n", "\n4\n").replace("\n25\n", "\n18\n")
    code, _, said = cli("import", page(tmp_path, text), "--out", out)
    assert code == 1
    assert "AI Product Engineer has 5 levels, but the page has 4 tables." in said


def test_a_skill_may_be_named(out: Path, tmp_path: Path) -> None:
    """The name comes from the option, or else from the page's file."""
    target = out.with_name("inference.yaml")
    code, _, _ = cli("import", PAGE, "--skill", "Inference & Co", "--out", target, "--version", "7")
    assert code == 0
    matrix = load_matrix(out.parent.parent)
    assert matrix.skills["inference-co"].name.texts["en"] == "Inference & Co"
    assert {cell.source.version for cell in matrix.cells.values()} == {"7"}
    code, _, said = cli("import", PAGE, "--skill", "inference & co", "--out", out)
    assert code == 1
    assert "The framework already has “inference & co” in another file than model-serving.yaml." in said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("framework.yaml", None),
        ("broken.yaml", "cells: ["),
        ("other.yaml", "skills:\n  x: {name: X, domain: D, group: G}\n"),
    ],
)
def test_a_file_of_something_else_is_not_overwritten(name: str, text: str | None, out: Path) -> None:
    """An import writes only over an earlier import of the same skill that it can read."""
    target = out.with_name(name)
    if text:
        target.write_text(text, encoding="utf-8")
    before = target.read_bytes()
    code, _, _ = cli("import", PAGE, "--out", target)
    assert (code, target.read_bytes()) == (1, before)


def test_a_missing_page_or_folder_is_told(tmp_path: Path) -> None:
    """A path that is not there is said to be so."""
    assert "There is no such file." in cli("import", tmp_path / "none.txt")[2]
    assert "cannot be read" in cli("import", tmp_path)[2]
    assert "does not exist" in cli("import", PAGE, "--out", tmp_path / "no" / "x.yaml")[2]


def test_check_counts_or_tells(out: Path, tmp_path: Path) -> None:
    """The check prints one line of counts, or every fault, and exits accordingly."""
    cli("import", PAGE, "--out", out)
    code, said, _ = cli("check", "--folder", tmp_path)
    assert (code, said.count("\n")) == (0, 1)
    assert said.startswith("All is well: skills 1, roles 7, levels 5, cells 35, clauses 115, languages 2.")
    out.unlink()
    (tmp_path / "framework" / "a.yaml").write_text("rolls: {}\n", encoding="utf-8")
    code, said, told = cli("check", "--folder", tmp_path)
    assert (code, said) == (1, "")
    assert "a.yaml:1: `rolls` is not known at the top of a file; did you mean `roles`?" in told


def test_slips_are_told(out: Path) -> None:
    """Text in another language than it says, left-overs and HTML load, but are no good content."""
    cli("import", PAGE, "--out", out)
    german = "Entwirft die Architektur und das Konzept für den Betrieb."
    text = out.read_text(encoding="utf-8")
    for before, after in (
        ("Designs model serving architecture.", german),
        ("Designs unified serving layer.", "TODO"),
        ("Optimizes serving costs.", "Optimizes <b>costs</b>."),
        (
            "Evaluates serving technologies.",
            "{en: Evaluates  it., de: 'Defines the strategy of the team for the platform.'}",
        ),
    ):
        text = text.replace(f": {before}", f": {after}")
    out.write_text(text, encoding="utf-8")
    said = [fault.sentence for fault in check(out.parent.parent).faults]
    assert [sentence.partition("` ")[2] for sentence in said] == [
        "stands for `en`, but it reads like `de`.",
        "is not written yet.",
        "holds HTML; write plain text.",
        "stands for `de`, but it reads like `en`.",
        "has two spaces in a row.",
    ]


def test_show_prints_cells_with_clause_ids(out: Path, tmp_path: Path) -> None:
    """Roles, levels and skills are found by name or nickname, in any order and number."""
    cli("import", PAGE, "--out", out)
    code, said, _ = cli("show", "senior", "ml", "engineer")
    assert code == 0
    assert "Model Serving · ML Engineer · Senior (required)" in said
    assert "  model-serving/ml-engineer/senior/optimizes-throughput\n    Optimizes throughput (batching," in said
    assert cli("show", "Model Serving", "--folder", tmp_path)[1].count("Skill profile") == 35
    assert cli("show", "mle")[1].count("Skill profile") == 5
    code, said, told = cli("show", "frontend", "sr")
    assert (code, said) == (1, "")
    assert "The framework knows no “frontend”." in told


def test_schema_prints_json() -> None:
    """The schema on the screen is the committed file."""
    code, said, _ = cli("schema")
    assert (code, said) == (0, (HERE / "schema" / "framework.schema.json").read_text(encoding="utf-8"))


@given(st.text())
def test_any_name_makes_an_id(name: str) -> None:
    """Whatever a skill is called, its id is one."""
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", identifier(name))


def test_a_file_of_another_layout_is_told_so_once(out: Path, tmp_path: Path) -> None:
    """What is no exported page at all gets one sentence that says where to go, not a list of what it lacks."""
    code, _, said = cli(
        "import", page(tmp_path, "# Skills\n\n| Role | Level |\n|---|---|\n| Chef | 1 |\n"), "--out", out
    )
    assert code == 1
    assert said.count("\n") == 2
    assert "written as YAML" in said
    assert not out.exists()
