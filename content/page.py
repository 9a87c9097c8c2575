"""Reads a page of a skills catalogue: a few labelled lines, then one table per level, lowest first."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from content.faults import Fault
from content.matrix import Requirement

_HEADING = ("Rolle", "Pflicht", "Beschreibung")
_FOREIGN = (
    "This is no exported page: it has neither the line “Domäne” nor a table “| Rolle | Pflicht | Beschreibung |”. "
    "A framework of any other layout is written as YAML (README, “Write content”)."
)
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_MARKUP = re.compile(r"</?[a-z][^>]*>|&(?:[a-z]+|#\d+);", re.I)
_BAR = re.compile(r"(?<!\\)\|")
_REQUIREMENTS = {"pflicht": Requirement.REQUIRED, "optional": Requirement.OPTIONAL}


@dataclass(frozen=True, slots=True)
class Row:
    """One role in one table."""

    line: int
    role: str
    requirement: Requirement
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says; one table per level, lowest first."""

    domain: str
    group: str
    about: str
    date: datetime.date
    tables: tuple[tuple[Row, ...], ...]


def read_page(path: Path) -> tuple[Page | None, list[Fault]]:
    """The page, and everything that is wrong with it; the page is None when there is anything."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except FileNotFoundError:
        return None, [Fault(path, 1, "There is no such file.")]
    except OSError as error:
        return None, [Fault(path, 1, f"The page cannot be read: {error.strerror}.")]
    except UnicodeDecodeError:
        return None, [Fault(path, 1, "The page is not UTF-8 text; save it as that first.")]
    reader = _Reader(path, lines)
    page = reader.page()
    return (None if reader.faults else page), reader.faults


class _Reader:
    def __init__(self, path: Path, lines: list[str]) -> None:
        self.path = path
        self.lines = lines
        self.faults: list[Fault] = []
        self._told: set[tuple[int, str]] = set()  # table and role of the rows that are already told as faulty

    def page(self) -> Page | None:
        for number, line in enumerate(self.lines, start=1):
            if found := _MARKUP.search(line):
                self._fault(number, f"“{found[0]}” is HTML; save the page as plain text first.")
        if not any(line == "Domäne" or (line.startswith("|") and _HEADING[0] in line) for line in self.lines):
            self._fault(1, _FOREIGN)
            return None
        tables = self._tables()
        domain, about = self._after("Domäne"), self._after("Skill-Profil")
        group, date = self._group_and_date(domain)
        self._check_roles(tables)
        self._check_counts(tables)
        if not (domain and about and group and date and tables):
            return None
        return Page(domain[0], group, about[0], date, tables)

    def _fault(self, line: int, sentence: str) -> None:
        self.faults.append(Fault(self.path, line, sentence))

    def _after(self, label: str) -> tuple[str, int] | None:
        """The value under a label, with its line."""
        if label not in self.lines:
            self._fault(1, f"The page has no line “{label}”.")
            return None
        number = self.lines.index(label) + 2
        value = self.lines[number - 1] if number <= len(self.lines) else ""
        if not value or value.startswith("|"):
            self._fault(number - 1, f"Nothing stands under “{label}”.")
            return None
        return value, number

    def _group_and_date(self, domain: tuple[str, int] | None) -> tuple[str, datetime.date | None]:
        """The date, and the two lines above it: the domain once more, then the group."""
        for number, line in enumerate(self.lines, start=1):
            if not (found := _DATE.fullmatch(line)):
                continue
            day, month, year = map(int, found.groups())
            try:
                date = datetime.date(year, month, day)
            except ValueError:
                self._fault(number, f"“{line}” is no day of the calendar.")
                return "", None
            above, group = self.lines[max(0, number - 3) : number - 1] if number > 2 else ("", "")
            if domain and above != domain[0]:
                self._fault(number, f"Above the date should stand “{domain[0]}” and the group, not “{above}”.")
            return group, date
        self._fault(1, "The page has no date such as 17.3.2026.")
        return "", None

    def _tables(self) -> tuple[tuple[Row, ...], ...]:
        tables: list[list[Row]] = []
        for number, line in enumerate(self.lines, start=1):
            if not line.startswith("|"):
                continue
            parts = [part.strip().replace("\\|", "|") for part in _BAR.split(line)[1:]]
            if parts and not parts[-1]:
                parts.pop()
            parts += [""] * (len(_HEADING) - len(parts))
            if tuple(parts) == _HEADING:
                tables.append([])
            elif set("".join(parts)) <= set("-: "):
                continue
            elif not tables:
                self._fault(number, "This row stands above the first heading “| Rolle | Pflicht | Beschreibung |”.")
            elif row := self._row(number, parts):
                tables[-1].append(row)
            else:
                self._told.add((len(tables), parts[0]))
        if not tables:
            self._fault(1, "The page has no table “| Rolle | Pflicht | Beschreibung |”.")
        return tuple(map(tuple, tables))

    def _row(self, number: int, parts: list[str]) -> Row | None:
        """A row; where the requirement is empty, the page lets the description slip into its column."""
        role, mark, text, *more = (" ".join(part.split()) for part in parts)
        if more:
            self._fault(number, f"This row has {len(parts)} columns; there should be three.")
        elif not role:
            self._fault(number, "This row names no role.")
        elif mark.lower() in _REQUIREMENTS and text:
            return Row(number, role, _REQUIREMENTS[mark.lower()], text)
        elif mark and text:
            self._fault(number, f"“{mark}” stands under Pflicht; it should be “Pflicht” or nothing.")
        elif not (mark or text) or mark.lower() in _REQUIREMENTS:
            self._fault(number, f"The cell of {role} is empty.")
        else:
            return Row(number, role, Requirement.OPTIONAL, mark or text)
        return None

    def _check_roles(self, tables: tuple[tuple[Row, ...], ...]) -> None:
        """Every table should have every role once."""
        every = list(dict.fromkeys(row.role for table in tables for row in table))
        for place, table in enumerate(tables, start=1):
            found = Counter(row.role for row in table)
            for row in table:
                if found[row.role] > 1 and row is not next(one for one in table if one.role == row.role):
                    self._fault(row.line, f"{row.role} is in table {place} twice.")
            for role in every:
                if role not in found and (place, role) not in self._told:
                    self._fault(table[0].line if table else 1, f"{role} is missing in table {place}.")

    def _check_counts(self, tables: tuple[tuple[Row, ...], ...]) -> None:
        """The numbers of the header against the tables."""
        if self._told:
            return
        rows = [row for table in tables for row in table]
        required = sum(row.requirement is Requirement.REQUIRED for row in rows)
        counts = {
            "Rollen": (len({row.role for row in rows}), "roles"),
            "Stufen": (len(tables), "tables, one per level"),
            "Pflichtanforderungen": (required, "required cells"),
        }
        for label, (count, what) in counts.items():
            said = self._after(label)
            if said and not said[0].isdecimal():
                self._fault(said[1], f"Under “{label}” should stand a number, not “{said[0]}”.")
            elif said and tables and int(said[0]) != count:
                self._fault(said[1], f"The header says {label}: {said[0]}, but the page has {count} {what}.")
        for number, line in enumerate(self.lines, start=1):
            found = re.fullmatch(r"die anderen (\d+) optional", line)
            if found and tables and int(found[1]) != len(rows) - required:
                self._fault(
                    number,
                    f"The header says that {found[1]} are optional, but the page has {len(rows) - required}.",
                )
