"""Content that loads, and content that does not: every fault with its file, its line and one sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.assemble import fold
from content.form import schema
from content.load import HERE, Faults, load, load_matrix, read_yaml
from content.matrix import Requirement
from content.strict import read_all
from tests.matrices import matrix as make_matrix

BASE = """\
framework: {name: Test, language: en}
levels:
  junior: {name: Junior, nicknames: {en: [jr]}}
  senior: {name: Senior}
  fellow: {name: Fellow, nicknames: {en: [jr]}}
ladders:
  short: [junior, senior]
  other: [senior, fellow]
roles:
  dev: {name: Developer, ladder: short, nicknames: {en: [coder], de: [Entwicklerin]}}
skills:
  go: {name: Go, domain: Code, group: Languages}
"""
CELLS = """\
source: {title: Test, version: "1.10", date: 2026-03-17}
cells:
  go:
    dev:
"""
GOOD_CELL = "      junior: {clauses: {writes-go: Writes Go.}}\n"

BAD: dict[str, tuple[str, list[str]]] = {
    "unclosed": ("roles: {a: [", ["1: This is not proper YAML: did not find expected node content."]),
    "empty file": ("# nothing\n", ["1: The file is empty."]),
    "a list": ("- a\n", ["1: The file should hold sections such as `roles:` or `cells:`."]),
    "two documents": ("roles: {}\n---\nroles: {}\n", ["2: This is not proper YAML: but found another document."]),
    "control character": ("roles:\n  a: \0\n", ["2: This is not proper YAML: control characters are not allowed."]),
    "doubled key": (
        "skills:\n  x: {name: X, domain: D, group: G}\n  x: {name: Y, domain: D, group: G}\n",
        ["3: `x` stands here twice; the first is on line 2."],
    ),
    "key that is a list": ("skills:\n  ? [a]\n  : b\n", ["2: A key must be a word, not a list or a mapping."]),
    "tag": (
        "skills:\n  x: !thing {name: X, domain: D, group: G}\n",
        ["2: The tag `!thing` means nothing here; leave it out."],
    ),
    "self": (
        "skills: &all\n  x: *all\n",
        [
            "1: This part refers to itself (`*alias` inside its own `&anchor`).",
            "2: `skills.x` should hold `key: value` lines, not nothing.",
        ],
    ),
    "unknown section": ("role: {}\n", ["1: `role` is not known at the top of a file; did you mean `roles`?"]),
    "unknown key": (
        "skills:\n  x:\n    name: X\n    domain: D\n    group: G\n    abuot: Y\n",
        ["6: `abuot` is not known in `skills.x`; did you mean `about`?"],
    ),
    "far-off key": (
        "skills:\n  x: {name: X, domain: D, group: G, colour: red}\n",
        ["2: `colour` is not known in `skills.x`; known are name, nicknames, domain, group, about."],
    ),
    "missing keys": ("skills:\n  x:\n    name: X\n", ["2: `skills.x` needs `domain`.", "2: `skills.x` needs `group`."]),
    "wrong types": (
        "skills:\n  x: {name: [X], domain: {a: b}, group: G}\n  y: Y\nroles: []\n",
        [
            "2: `skills.x.domain` should be a text, not a mapping.",
            "2: `skills.x.name` should be a text, not a list.",
            "3: `skills.y` should hold `key: value` lines, not the text “Y”.",
            "4: `roles` should hold `key: value` lines, not a list.",
        ],
    ),
    "nicknames without a language": (
        "skills:\n  x:\n    name: X\n    domain: D\n    group: G\n    nicknames: [y]\n",
        ["6: `skills.x.nicknames` should hold `key: value` lines, not a list."],
    ),
    "slips deep down": (
        f"{CELLS.replace('title', 'titel')}      junior: {{clauses: {{a: A.}}, requirment: optional}}\n",
        [
            "1: `source` needs `title`.",
            "1: `titel` is not known in `source`; did you mean `title`?",
            "5: `requirment` is not known in `cells.go.dev.junior`; did you mean `requirement`?",
        ],
    ),
    "empty texts": (
        "skills:\n  x:\n    name:\n    domain: '  '\n    group: G\n    about: {en: ''}\n",
        [
            "3: `skills.x.name` is empty; write a text, or leave the key out.",
            "4: `skills.x.domain` is empty; write a text, or leave the key out.",
            "6: `skills.x.about.en` is empty; write a text, or leave the key out.",
        ],
    ),
    "line break": (
        "skills:\n  x:\n    name: X\n    domain: D\n    group: |\n      two\n      lines\n",
        ["5: `skills.x.group` has a line break, or spaces at its ends; `>-` folds a long text into one line."],
    ),
    "bad ids": (
        f"skills:\n  Big Name: {{name: X, domain: D, group: G}}\n  {'x' * 41}: {{name: Y, domain: D, group: G}}\n",
        [
            "2: “Big Name” is no id: ids are made of a–z, 0–9 and hyphens, such as `ml-engineer`.",
            f"3: “{'x' * 41}” is too long for an id: 40 letters at most.",
        ],
    ),
    "bad language": (
        "skills:\n  x: {name: {english: X}, domain: D, group: G}\n",
        ["2: “english” is no language: write two small letters, such as `en` or `de`."],
    ),
    "second framework": ("framework: {name: T, language: en}\n", ["1: `framework` is already in base.yaml, line 1."]),
    "defined twice": (
        "roles:\n  dev: {name: Other, ladder: short}\n",
        ["2: `roles.dev` is already in base.yaml, line 10."],
    ),
    "unknown references": (
        "ladders:\n  new: [junior, chief, junior]\nroles:\n  x: {name: X, ladder: long}\n"
        "source: {title: T, version: a, date: 2026-01-01}\n"
        "cells:\n  rust:\n    dev:\n      chief: {clauses: {a: A.}}\n    boss:\n      junior: {clauses: {a: A.}}\n",
        [
            "2: The level `chief` is not defined.",
            "2: The level `junior` is on this ladder twice.",
            "4: The ladder `long` is not defined.",
            "7: The skill `rust` is not defined.",
            "9: The level `chief` is not defined.",
            "10: The role `boss` is not defined.",
        ],
    ),
    "empty ladder": ("ladders:\n  new: []\n", ["2: `ladders.new` is empty; it needs at least 1."]),
    "level off the ladder": (
        f"{CELLS}      fellow: {{clauses: {{a: A.}}}}\n",
        ["5: The level `fellow` is not on the ladder of `dev`."],
    ),
    "cell without clauses": (
        f"{CELLS}      junior: {{requirement: maybe, clauses: {{}}}}\n      senior: {{}}\n",
        [
            "5: `cells.go.dev.junior.clauses` is empty; it needs at least 1.",
            "5: `cells.go.dev.junior.requirement` should be 'required', 'optional' or 'unstated', not “maybe”.",
            "6: `cells.go.dev.senior` needs `clauses`.",
        ],
    ),
    "doubled clause": (
        f"{CELLS}      junior:\n        clauses:\n          a: Writes Go.\n          b: writes go\n",
        ["8: `b` says the same as `a` in this cell."],
    ),
    "no source": (
        "cells:\n  go:\n    dev:\n      junior: {clauses: {a: A.}}\n",
        ["1: The cells of this file need a `source` with title, version and date."],
    ),
    "bad date": (
        CELLS.replace("2026-03-17", "17.3.2026") + GOOD_CELL,
        ["1: `source.date` should be a date such as 2026-03-17, not “17.3.2026”."],
    ),
    "names that collide": (
        "roles:\n  x: {name: DEVELOPER, ladder: short, nicknames: {en: [senior], de: [Coder, coder]}}\n"
        "skills:\n  y: {name: Jr, domain: D, group: G}\n",
        [
            "2: “Coder” already calls the role `dev` (base.yaml, line 10).",
            "2: “DEVELOPER” already calls the role `dev` (base.yaml, line 10).",
            "2: “senior” already calls the level `senior` (base.yaml, line 4).",
            "4: “Jr” already calls the level `fellow` (base.yaml, line 5).",
            "4: “Jr” already calls the level `junior` (base.yaml, line 3).",
        ],
    ),
    "levels on one ladder": (
        "levels:\n  expert: {name: Expert, nicknames: {en: [jr]}}\nladders:\n  long: [junior, expert]\n",
        ["2: “jr” already calls the level `junior` (base.yaml, line 3)."],
    ),
}


def framework(folder: Path, **files: str) -> Path:
    """A content folder with these framework files."""
    (folder / "framework").mkdir()
    for name, text in files.items():
        (folder / "framework" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def told(folder: Path) -> list[str]:
    """What is said about a folder's framework."""
    with pytest.raises(Faults) as caught:
        load_matrix(folder)
    return [f"{fault.path.stem}:{fault.line}: {fault.sentence}" for fault in caught.value.faults]


@pytest.mark.parametrize("case", BAD)
def test_every_fault_is_told_with_its_line(case: str, tmp_path: Path) -> None:
    """A bad file beside a good one is told with every line that is wrong in it, and no other."""
    text, expected = BAD[case]
    assert told(framework(tmp_path, base=BASE, wrong=text)) == [f"wrong:{sentence}" for sentence in expected]


def test_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    """Three bad files are told in one go, in the order of their names."""
    folder = framework(tmp_path, base=BASE, b="rolls: {}\n", c="{", a=f"{CELLS}      chief: {{clauses: {{a: A.}}}}\n")
    assert [line.partition(":")[0] for line in told(folder)] == ["a", "b", "c"]


def test_one_fault_is_not_told_as_many(tmp_path: Path) -> None:
    """A role with a slip in it is still a role to the cells that use it."""
    slip = "roles:\n  ops: {name: Operator, ladder: short, nick: o}\n"
    cells = CELLS.replace("dev:", "ops:") + GOOD_CELL
    assert told(framework(tmp_path, base=BASE, ops=slip, use=cells)) == [
        "ops:2: `nick` is not known in `roles.ops`; did you mean `nicknames`?"
    ]


def test_a_cell_in_two_files_names_both(tmp_path: Path) -> None:
    """The second place is told, and where the first one is."""
    folder = framework(tmp_path, base=BASE, one=CELLS + GOOD_CELL, two=CELLS + GOOD_CELL)
    assert told(folder) == ["two:5: `cells.go.dev.junior` is already in one.yaml, line 5."]


def test_a_framework_must_be_there(tmp_path: Path) -> None:
    """A folder without files, or files without the framework's name, are told as such."""
    assert "There is no framework here" in told(tmp_path)[0]
    folder = framework(tmp_path, base=BASE.partition("\n")[2])
    assert told(folder) == ["framework:1: No file here has a `framework:` section; one must name it."]


def test_a_file_that_is_not_text_is_told(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are a fault, not a crash."""
    folder = framework(tmp_path, base=BASE)
    (folder / "framework" / "raw.yaml").write_bytes(b"skills:\n  x: \xff\xfe\n")
    assert "raw:" in told(folder)[0]


def test_aliases_spare_typing_and_nothing_more(tmp_path: Path) -> None:
    """A shared part may be referred to; a few lines that unfold to millions are refused, quickly."""
    alias = f"{CELLS}      junior: &cell {{clauses: {{a: Writes Go.}}}}\n      senior: *cell\n"
    found = load_matrix(framework(tmp_path, base=BASE, cells=alias))
    assert found.cells["go", "dev", "senior"].text("en") == ("Writes Go.", "en")
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    (tmp_path / "framework" / "cells.yaml").write_text("\n".join(lines), encoding="utf-8")
    assert "multiply beyond measure" in " ".join(told(tmp_path))


def test_a_deep_file_is_told(tmp_path: Path) -> None:
    """Nesting without end is a fault, not a crash."""
    assert told(framework(tmp_path, base=BASE, deep="a: " + "[" * 5000 + "]" * 5000))[0].startswith("deep:1: ")


def test_scalars_stay_as_written(tmp_path: Path) -> None:
    """`no` is a word, 1.10 is not 1.1, and an empty value is an empty text."""
    path = tmp_path / "words.yaml"
    path.write_text("a: [no, 1.10, 0x10, ~, 2026-03-17, yes]\nb:\n", encoding="utf-8")
    document = read_yaml(path)
    assert document.data == {"a": ["no", "1.10", "0x10", "~", "2026-03-17", "yes"], "b": ""}
    assert document.line("b") == 2


def test_a_good_framework_loads_whole(tmp_path: Path) -> None:
    """Ids, ladders, nicknames, requirements, sources and languages arrive as they were written."""
    cells = CELLS + (
        "      senior: {requirement: required, clauses: {a: {en: Teaches Go., de: Lehrt Go.}, b: And more.}}\n"
        + GOOD_CELL
    )
    found = load_matrix(framework(tmp_path, base=BASE, cells=cells))
    assert [(cell.level, cell.requirement) for cell in found.ladder("go", "dev")] == [
        ("junior", Requirement.UNSTATED),
        ("senior", Requirement.REQUIRED),
    ]
    senior = found.cells["go", "dev", "senior"]
    assert senior.clauses[0].text.best("de") == ("Lehrt Go.", "de")
    assert senior.text("de") == ("Teaches Go. And more.", "en")
    assert senior.source.version == "1.10"
    assert found.roles["dev"].nicknames == {"en": ("coder",), "de": ("Entwicklerin",)}
    assert [cell.level for cell in found.cells.values()] == ["junior", "senior"]


def test_the_shipped_content_is_sound() -> None:
    """Everything that is shipped loads: the matrix, and sentences and cue words in the same languages."""
    content = load()
    assert content.matrix.cells
    assert content.texts.languages[0] == "en"
    assert list(content.words) == list(content.texts.languages) == ["en", "de"]


BAD_CONTENT = {
    "texts/en.yaml": (
        "a:\n  b: Hello {name}.\n  c: {one: '{count} x', many: y}\n  d: ''\n"
        "  e: '{'\n  f: '{0}'\n  g: [x]\na.b: again\n",
        [
            "en:4: `a.d` is empty; write a sentence, or leave the key out.",
            "en:5: `a.e` has a brace that is not closed; write {{ and }} for braces that are meant.",
            "en:6: `a.f` has a placeholder without a plain name; write it like {role}.",
            "en:7: `a.g` should be a sentence, not a list.",
            "en:8: `a.b` stands here twice, once with dots.",
        ],
    ),
    "texts/xx.yaml": ("a: b\n", ["xx:1: `xx` is no language that dates and plurals know."]),
    "knowledge/glossary.yaml": ("nonsense: {}\n", ["`nonsense` is not known at the top of a file"]),
    "knowledge/scales.yaml": ("nonsense: {}\n", ["`nonsense` is not known at the top of a file"]),
    "words/en.yaml": ("nonsense: {}\n", ["`nonsense` is not known at the top of a file"]),
}


@pytest.mark.parametrize("name", BAD_CONTENT)
def test_faults_beyond_the_framework_are_told(name: str, tmp_path: Path) -> None:
    """Sentences, cue words, scales and the glossary are held against their form as well."""
    text, expected = BAD_CONTENT[name]
    framework(tmp_path, base=BASE)
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(Faults) as caught:
        load(tmp_path)
    said = "\n".join(f"{fault.path.stem}:{fault.line}: {fault.sentence}" for fault in caught.value.faults)
    assert all(sentence in said for sentence in expected)


def test_languages_must_say_the_same(tmp_path: Path) -> None:
    """A missing sentence, another placeholder and a missing plural form are told where they stand."""
    framework(tmp_path, base=BASE)
    (tmp_path / "texts").mkdir()
    english = "a: Hi {name}\nb: x\nc: {one: '{count} day', other: '{count} days'}\n"
    (tmp_path / "texts" / "en.yaml").write_text(english, encoding="utf-8")
    (tmp_path / "texts" / "de.yaml").write_text("a: Hallo {wer}\nc: {other: '{count} Tage'}\n", encoding="utf-8")
    with pytest.raises(Faults) as caught:
        load(tmp_path)
    assert [f"{fault.path.stem}:{fault.line}: {fault.sentence}" for fault in caught.value.faults] == [
        "de:1: a: placeholders differ: ['name'] in en, ['wer'] in de.",
        "de:2: c: de needs the plural forms ['one', 'other'].",
        "en:2: b: missing in de.",
    ]


def test_a_language_needs_its_sentences_and_its_cue_words(tmp_path: Path) -> None:
    """A language that the coach would speak and not understand is told."""
    framework(tmp_path, base=BASE)
    shutil.copytree(HERE / "texts", tmp_path / "texts")
    shutil.copy(tmp_path / "texts" / "de.yaml", tmp_path / "texts" / "nl.yaml")
    with pytest.raises(Faults, match=r"There is texts/nl\.yaml, but no words/nl\.yaml\."):
        load(tmp_path)


def test_the_committed_schema_is_the_generated_one() -> None:
    """Editors complete by the form that the loader enforces."""
    committed = json.loads((HERE / "schema" / "framework.schema.json").read_text(encoding="utf-8"))
    assert committed == schema(), "run: python -m content schema > content/schema/framework.schema.json"


@pytest.mark.parametrize("name", ["framework.yaml", "model-serving.yaml"])
def test_editors_find_the_schema_of_the_first_files(name: str) -> None:
    """The files that others are copied from name the schema in their first line."""
    first = (HERE / "framework" / name).read_text(encoding="utf-8").partition("\n")[0]
    assert first == "# yaml-language-server: $schema=../schema/framework.schema.json"


@pytest.mark.parametrize("path", sorted((HERE / "framework").glob("*.yaml")), ids=lambda path: path.name)
def test_shipped_files_fit_the_schema(path: Path) -> None:
    """Every framework file is one that an editor does not mark."""
    jsonschema.Draft202012Validator(schema()).validate(read_yaml(path).data)


SEEN_BY_EDITORS = ["unknown section", "unknown key", "missing keys", "wrong types", "bad ids", "empty ladder"]


@pytest.mark.parametrize("case", SEEN_BY_EDITORS)
def test_the_schema_refuses_what_the_loader_refuses(case: str, tmp_path: Path) -> None:
    """An editor marks the same slips, before anything is loaded."""
    path = tmp_path / "wrong.yaml"
    path.write_text(BAD[case][0], encoding="utf-8")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(read_yaml(path).data)


@given(st.text())
def test_folding_a_name_twice_changes_nothing(name: str) -> None:
    """Names are compared by a form that is its own form."""
    assert fold(fold(name)) == fold(name)


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    """Whatever is in a file, it is read or told as a fault."""
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(raw)
    document, faults = read_all(path)
    assert faults or document.root is not None


def test_a_generated_matrix_is_whole() -> None:
    """The generator gives every cell, with ids that are unique, and the same matrix again for the same numbers."""
    made = make_matrix(12, 7, 6, clauses=4)
    ids = [clause.id for _, clause in made.clauses()]
    assert len(made.cells) == 12 * 7 * 6
    assert len(set(ids)) == len(ids) == 4 * len(made.cells)
    assert made == make_matrix(12, 7, 6, clauses=4)
