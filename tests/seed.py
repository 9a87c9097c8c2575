"""The page that the framework was imported from, read by simpler means than the importer's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parent / "data" / "model-serving.txt"
LEVELS = ("Junior", "Middle", "Senior", "Lead", "Principal")
"""The five tables of the page, in this order; their headings are lost."""


@dataclass(frozen=True)
class Row:
    """One cell of the page."""

    role: str
    level: str
    required: bool
    text: str

    def __str__(self) -> str:
        return f"{self.role} {self.level}"


def rows() -> list[Row]:
    """All 35 cells. In optional rows the description stands in the column of the requirement."""
    found: list[Row] = []
    table = -1
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| Rolle"):
            table += 1
        elif line.startswith("| ") and table >= 0:
            role, second, third = (part.strip() for part in line.split("|")[1:4])
            required = second == "Pflicht"
            found.append(Row(role, LEVELS[table], required, third if required else second))
    return found
