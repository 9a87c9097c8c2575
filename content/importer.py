"""Turns a page into the framework's YAML; an earlier import keeps the keys of its clauses."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import fuzz

from content import clauses
from content.assemble import File, assemble, fold
from content.faults import Fault, Faults
from content.form import CellForm, FileForm, SkillForm
from content.matrix import Matrix, Role
from content.page import Page, Row, read_page
from content.strict import read_all, yaml_files
from content.validate import salvage

SCHEMA_LINE = "# yaml-language-server: $schema=../schema/framework.schema.json\n"
FRAMEWORK = Path(__file__).parent / "framework"
SIMILAR = 60.0
"""From this likeness on (0 to 100, by letters), a fragment is the earlier clause, changed."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What a re-import did to one clause; `before` is None when it is new, `after` when it is gone."""

    clause: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Import:
    """A page as YAML, and what changed against the file that was there (None when there was none)."""

    yaml: str
    cells: int
    clauses: int
    edits: tuple[Edit, ...] | None


@dataclass(frozen=True)
class _Earlier:
    """What an earlier import left: the skill as it was edited by hand, and the clauses of each cell."""

    skill: SkillForm | None = None
    cells: Mapping[tuple[str, str], CellForm] = field(default_factory=dict)


def import_page(page_path: Path, out: Path, *, skill: str | None = None, version: str | None = None) -> Import:
    """The YAML for a page that is to stand in `out`, a file among a framework's files. Raises `Faults`.

    The skill's name is the file's unless given; the version is the page's year and month unless given.
    """
    name = skill or name_of(page_path)
    skill_id = identifier(name)
    if not out.parent.is_dir():
        raise Faults([Fault(out, 1, "The folder of this file does not exist.")])
    page, faults = read_page(page_path)
    matrix, unsound = _framework(out)
    earlier, unreadable = _read_earlier(out, skill_id)
    faults += unsound + unreadable
    if page and matrix:
        faults += _faults_against(matrix, page, page_path)
        if fold(name) in (fold(text) for other in matrix.skills.values() for text in other.name.texts.values()):
            faults.append(Fault(page_path, 1, f"The framework already has “{name}” in another file than {out.name}."))
    if faults or not page or not matrix:
        raise Faults(faults)
    data, edits = _data(page, name, version, matrix, earlier or _Earlier())
    text = SCHEMA_LINE + dump(data)
    count = sum(len(cell["clauses"]) for role in data["cells"][skill_id].values() for cell in role.values())
    return Import(text, sum(map(len, page.tables)), count, edits if earlier else None)


def name_of(page: Path) -> str:
    """The skill's name as the page's file says it: `model-serving.txt` is *Model Serving*."""
    return re.sub(r"[-_ ]+", " ", page.stem).strip().title()


def identifier(name: str) -> str:
    """A name as an id: `ML Engineer` is `ml-engineer`."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:40].strip("-") or "skill"


def write(path: Path, text: str) -> None:
    """Write a file so that it is never there by half."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:  # on the same disk, so that moving is one step
        part = Path(folder) / path.name
        part.write_text(text, encoding="utf-8")
        part.replace(path)


def _framework(out: Path) -> tuple[Matrix | None, list[Fault]]:
    """The framework around `out`, without `out` itself; the shipped one where there is none."""
    around = [path for path in yaml_files(out.parent) if path.resolve() != out.resolve()]
    read = [_read(path) for path in around or yaml_files(FRAMEWORK)]
    files = [file for file, _ in read if around or not file.form.cells]
    return assemble(files, [fault for _, faults in read for fault in faults])


def _read(path: Path) -> tuple[File, list[Fault]]:
    document, unread = read_all(path)
    form, unfit = salvage(FileForm, document)
    return File(document, form), unread + unfit


def _read_earlier(out: Path, skill_id: str) -> tuple[_Earlier | None, list[Fault]]:
    if not out.exists():
        return None, []
    file, faults = _read(out)
    form = file.form
    others = [one for one in {*form.skills, *form.cells} if one != skill_id]
    if others or form.framework or form.levels or form.ladders or form.roles:
        faults.append(Fault(out, 1, f"This file holds more than `{skill_id}`; import into a file of its own."))
    by_role = form.cells.get(skill_id, {})
    cells = {(role, level): cell for role, levels in by_role.items() for level, cell in levels.items()}
    return _Earlier(form.skills.get(skill_id), cells), faults


def _faults_against(matrix: Matrix, page: Page, path: Path) -> Iterator[Fault]:
    """Roles that the framework does not know, ladders without a rung for each table, and doubled sentences."""
    lengths = {len(page.tables)}
    for row in page.tables[0]:
        role = _role(matrix, row)
        if role is None:
            yield Fault(path, row.line, f"The framework has no role “{row.role}”; define it, or correct the name.")
        elif (rungs := len(role.ladder)) not in lengths:
            lengths.add(rungs)
            yield Fault(path, row.line, f"{row.role} has {rungs} levels, but the page has {len(page.tables)} tables.")
    for row in (row for table in page.tables for row in table):
        told = Counter(map(fold, clauses.split(row.text)))
        if max(told.values()) > 1:
            yield Fault(path, row.line, f"The cell of {row.role} says the same thing twice.")


def _role(matrix: Matrix, row: Row) -> Role | None:
    return next((role for role in matrix.roles.values() if fold(row.role) in map(fold, role.name.texts.values())), None)


def _data(
    page: Page, name: str, version: str | None, matrix: Matrix, earlier: _Earlier
) -> tuple[dict[str, Any], tuple[Edit, ...]]:
    skill_id = identifier(name)
    edits: list[Edit] = []
    cells: dict[str, dict[str, Any]] = {}
    for place, table in enumerate(page.tables):
        for row in table:
            role = _role(matrix, row)
            assert role
            level = role.ladder[place]
            before = earlier.cells.get((role.id, level))
            texts, changed = _clauses(row.text, name, before, matrix.language)
            if before and before.requirement != row.requirement:
                edits.append(Edit(f"{skill_id}/{role.id}/{level}", before.requirement, row.requirement))
            edits += [Edit(f"{skill_id}/{role.id}/{level}/{key}", *both) for key, both in changed.items()]
            cells.setdefault(role.id, {})[level] = {"requirement": row.requirement.value, "clauses": texts}
    for role_id, level in earlier.cells.keys() - {(role, level) for role, levels in cells.items() for level in levels}:
        gone = earlier.cells[role_id, level].clauses.items()
        edits += [Edit(f"{skill_id}/{role_id}/{level}/{key}", _own(text, matrix.language), None) for key, text in gone]
    skill: dict[str, Any] = {"name": name, "domain": page.domain, "group": page.group, "about": page.about}
    if earlier.skill:
        skill |= {"name": earlier.skill.name} | ({"nicknames": known} if (known := earlier.skill.nicknames) else {})
    source = {
        "title": f"Skill profile: {name}",
        "version": version or f"{page.date.year}.{page.date.month}",
        "date": page.date,
    }
    order = {role: cells[role] for role in matrix.roles if role in cells}
    return {"skills": {skill_id: skill}, "source": source, "cells": {skill_id: order}}, tuple(edits)


def _clauses(
    text: str, skill: str, before: CellForm | None, language: str
) -> tuple[dict[str, Any], dict[str, tuple[str | None, str | None]]]:
    """The cell's clauses by key, and what changed by key (before, after)."""
    fragments = clauses.split(text)
    old = dict(before.clauses) if before else {}
    kept = _match(fragments, {key: _own(text, language) for key, text in old.items()})
    found: dict[str, Any] = {}
    changed: dict[str, tuple[str | None, str | None]] = {}
    for place, fragment in enumerate(fragments):
        key = kept.get(place) or clauses.key(fragment, skill, {*old, *found})
        was = old.get(key)
        same = was is not None and _own(was, language) == fragment
        found[key] = was if same else fragment
        if not same:
            changed[key] = (None if was is None else _own(was, language), fragment)
    for key in old.keys() - found.keys():
        changed[key] = (_own(old[key], language), None)
    return found, changed


def _match(fragments: list[str], old: Mapping[str, str]) -> dict[int, str]:
    """Which fragment is which earlier clause: the same words first, then the most alike, one to one."""
    pairs = [
        (fuzz.ratio(fragment, text), -place, key)
        for place, fragment in enumerate(fragments)
        for key, text in old.items()
    ]
    found: dict[int, str] = {}
    for likeness, place, key in sorted(pairs, reverse=True):
        if likeness >= SIMILAR and -place not in found and key not in found.values():
            found[-place] = key
    return found


def _own(text: str | dict[str, str], language: str) -> str:
    """The text in the framework's language."""
    return text if isinstance(text, str) else text.get(language, next(iter(text.values())))


class _Dumper(yaml.SafeDumper):
    """Writes lists of words in one line and repeats a text rather than referring to it."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's hook
        return True


_Dumper.add_representer(list, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, True))


def dump(data: object) -> str:
    """Data as YAML, in its order."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=116)
