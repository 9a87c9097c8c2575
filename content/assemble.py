"""Merges the framework's files into one matrix and checks what no single file can know."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from content.faults import Fault
from content.form import CellForm, FileForm, NamedForm
from content.matrix import Cell, Clause, Level, Localized, Matrix, Role, Skill, Source
from content.strict import Data, Document


@dataclass(frozen=True, eq=False)
class File:
    """One file of the framework: what is sound of it, and the document behind it."""

    document: Document
    form: FileForm

    def ids(self, section: str) -> set[str]:
        """The ids a section defines, faulty entries included, so that one fault is not told as many."""
        found = self.section(section)
        return set(found) if isinstance(found, dict) else set()

    def section(self, name: str) -> Data:
        """A section as it is written, or None."""
        return self.document.data.get(name) if isinstance(self.document.data, dict) else None

    def fault(self, sentence: str, *place: str | int) -> Fault:
        """A fault at a place in this file."""
        return self.document.fault(sentence, *place)


def assemble(files: Sequence[File], unsound: Sequence[Fault] = ()) -> tuple[Matrix | None, list[Fault]]:
    """The matrix, and every fault: the `unsound` ones found while reading, and those between the files.

    The matrix is None when there are any.
    """
    faults = [*unsound, *_frameworks(files), *_doubled(files), *_references(files), *_cells(files), *_collisions(files)]
    framework = next((file.form.framework for file in files if file.form.framework), None)
    if faults or not framework:
        return None, faults
    return _matrix(files, framework.name, framework.language), []


def fold(name: str) -> str:
    """A name as it is compared: no capitals, accents or punctuation."""
    plain = name
    for _ in range(2):  # taking letters apart may bring new capitals, and small letters new accents
        plain = unicodedata.normalize("NFKD", plain).casefold()
    plain = unicodedata.normalize("NFKD", plain)
    letters = (char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return " ".join("".join(letters).split())


def _frameworks(files: Sequence[File]) -> Iterator[Fault]:
    holders = [file for file in files if file.section("framework") is not None]
    if not holders and files:
        yield Fault(files[0].document.path.parent, 1, "No file here has a `framework:` section; one must name it.")
    for file in holders[1:]:
        first = holders[0].document
        yield file.fault(f"`framework` is already in {first.path.name}, line {first.line('framework')}.", "framework")


def _doubled(files: Sequence[File]) -> Iterator[Fault]:
    """Things defined in two files; inside one file the reader has already told."""
    seen: dict[tuple[str, ...], Document] = {}
    for file in files:
        places: list[tuple[str, ...]] = [
            (section, one) for section in ("levels", "ladders", "roles", "skills") for one in file.ids(section)
        ]
        for skill, roles in file.form.cells.items():
            places += [("cells", skill, role, level) for role, levels in roles.items() for level in levels]
        for place in places:
            first = seen.setdefault(place, file.document)
            if first is not file.document:
                name = ".".join(place)
                yield file.fault(f"`{name}` is already in {first.path.name}, line {first.line(*place)}.", *place)


def _references(files: Sequence[File]) -> Iterator[Fault]:
    """Ids that are used and not defined, and levels off their role's ladder."""
    known = {section: _ids(files, section) for section in ("levels", "ladders", "roles", "skills")}
    ladders = {name: rungs for file in files for name, rungs in file.form.ladders.items()}
    climbs = {role: ladders.get(form.ladder) for file in files for role, form in file.form.roles.items()}
    for file in files:
        for ladder, rungs in file.form.ladders.items():
            for place, level in enumerate(rungs):
                if level not in known["levels"]:
                    yield file.fault(f"The level `{level}` is not defined.", "ladders", ladder, place)
                if level in rungs[:place]:
                    yield file.fault(f"The level `{level}` is on this ladder twice.", "ladders", ladder, place)
        for role, form in file.form.roles.items():
            if form.ladder not in known["ladders"]:
                yield file.fault(f"The ladder `{form.ladder}` is not defined.", "roles", role, "ladder")
        for skill, roles in file.form.cells.items():
            if skill not in known["skills"]:
                yield file.fault(f"The skill `{skill}` is not defined.", "cells", skill)
            for role, levels in roles.items():
                if role not in known["roles"]:
                    yield file.fault(f"The role `{role}` is not defined.", "cells", skill, role)
                for level in levels:
                    place_of = ("cells", skill, role, level)
                    rungs_of = climbs.get(role)
                    if level not in known["levels"]:
                        yield file.fault(f"The level `{level}` is not defined.", *place_of)
                    elif rungs_of is not None and level not in rungs_of:
                        yield file.fault(f"The level `{level}` is not on the ladder of `{role}`.", *place_of)


def _ids(files: Sequence[File], section: str) -> set[str]:
    return set().union(*(file.ids(section) for file in files))


def _cells(files: Sequence[File]) -> Iterator[Fault]:
    """Cells without a source, and fragments that say the same twice."""
    for file in files:
        if file.form.cells and file.section("source") is None:
            yield file.fault("The cells of this file need a `source` with title, version and date.", "cells")
        for skill, roles in file.form.cells.items():
            for role, levels in roles.items():
                for level, cell in levels.items():
                    yield from _doubled_clauses(file, cell, ("cells", skill, role, level, "clauses"))


def _doubled_clauses(file: File, cell: CellForm, place: tuple[str, ...]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for key, text in cell.clauses.items():
        for words in [text] if isinstance(text, str) else text.values():
            first = seen.setdefault(fold(words), key)
            if first != key:
                yield file.fault(f"`{key}` says the same as `{first}` in this cell.", *place, key)


@dataclass(frozen=True, slots=True)
class _Call:
    """A word by which something is called, and where that is written."""

    section: str
    id: str
    word: str
    file: File
    place: tuple[str | int, ...]


def _collisions(files: Sequence[File]) -> Iterator[Fault]:
    """Words that would call two things; levels that share no ladder may share a word."""
    ladders = [set(rungs) for file in files for rungs in file.form.ladders.values()]
    called: dict[str, dict[tuple[str, str], _Call]] = {}
    for file in files:
        for section in ("levels", "roles", "skills"):
            named: dict[str, NamedForm] = getattr(file.form, section)
            for one, form in named.items():
                for call in _calls(section, one, form, file):
                    called.setdefault(fold(call.word), {}).setdefault((section, one), call)
    for calls in called.values():
        for first, second in combinations(calls.values(), 2):
            levels = first.section == second.section == "levels"
            if levels and not any({first.id, second.id} <= rungs for rungs in ladders):
                continue
            kind = first.section.removesuffix("s")
            document = first.file.document
            there = f"{document.path.name}, line {document.line(*first.place)}"
            yield second.file.fault(f"“{second.word}” already calls the {kind} `{first.id}` ({there}).", *second.place)


def _calls(section: str, one: str, form: NamedForm, file: File) -> Iterator[_Call]:
    names = [form.name] if isinstance(form.name, str) else form.name.values()
    for name in names:
        yield _Call(section, one, name, file, (section, one, "name"))
    for language, words in form.nicknames.items():
        for index, word in enumerate(words):
            yield _Call(section, one, word, file, (section, one, "nicknames", language, index))


def _matrix(files: Sequence[File], name: str, language: str) -> Matrix:
    def localized(text: str | dict[str, str]) -> Localized:
        if isinstance(text, str):
            return Localized(language, {language: text})
        return Localized(language if language in text else next(iter(text)), text)

    def named(one: str, form: NamedForm) -> dict[str, Any]:
        nicknames = {tag: tuple(words) for tag, words in form.nicknames.items()}
        return {"id": one, "name": localized(form.name), "nicknames": nicknames}

    ladders = {one: tuple(rungs) for file in files for one, rungs in file.form.ladders.items()}
    levels = {one: Level(**named(one, form)) for file in files for one, form in file.form.levels.items()}
    roles = {
        one: Role(**named(one, form), ladder=ladders[form.ladder])
        for file in files
        for one, form in file.form.roles.items()
    }
    skills = {
        one: Skill(
            **named(one, form),
            domain=form.domain,
            group=form.group,
            about=localized(form.about) if form.about else None,
        )
        for file in files
        for one, form in file.form.skills.items()
    }
    cells: dict[tuple[str, str, str], Cell] = {}
    for file in files:
        source = Source(**file.form.source.model_dump()) if file.form.source else None
        for skill, by_role in file.form.cells.items():
            for role, by_level in by_role.items():
                for level, form in sorted(by_level.items(), key=lambda pair: roles[role].rank(pair[0])):
                    assert source
                    clauses = tuple(
                        Clause(f"{skill}/{role}/{level}/{key}", localized(text)) for key, text in form.clauses.items()
                    )
                    cells[skill, role, level] = Cell(skill, role, level, form.requirement, clauses, source)
    return Matrix(name, language, levels, roles, skills, cells)
