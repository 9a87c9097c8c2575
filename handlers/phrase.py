"""Names, citations and quotations: how the framework is spoken of, the same in every reply."""

from __future__ import annotations

import re
from collections.abc import Iterable

from content.matrix import Cell, Clause, Named, Requirement
from content.texts import Voice
from handlers.ports import Desk
from handlers.reply import Note, Quote

_GLUE = re.compile(r"^(?:and|und)\s+")

MOST_SAID = 60
"""Characters of a person's own words that are shown back."""


def name(thing: Named, voice: Voice) -> str:
    """A role's, level's or skill's name in the person's language."""
    return thing.name.best(voice.lang)[0]


def role_name(desk: Desk, voice: Voice, role: str) -> str:
    """A role's name by its id."""
    return name(desk.matrix.roles[role], voice)


def level_name(desk: Desk, voice: Voice, level: str) -> str:
    """A level's name by its id."""
    return name(desk.matrix.levels[level], voice)


def skill_name(desk: Desk, voice: Voice, skill: str) -> str:
    """A skill's name by its id."""
    return name(desk.matrix.skills[skill], voice)


def skill_label(desk: Desk, voice: Voice, skill: str) -> str:
    """A skill's name where the framework has several; one that it has dropped is named by its id."""
    if desk.matrix.only_skill:
        return ""
    return skill_name(desk, voice, skill) if skill in desk.matrix.skills else skill


def rung(desk: Desk, voice: Voice, role: str, level: str) -> str:
    """A role at a level, such as "Senior ML Engineer"."""
    return voice("name.rung", level=level_name(desk, voice, level), role=role_name(desk, voice, role))


def quote(cell: Cell, voice: Voice) -> Quote:
    """The whole text of a cell, word for word."""
    return Quote(*cell.text(voice.lang))


def citation(desk: Desk, voice: Voice, *cells: Cell, quoted: bool = True) -> Note:
    """Where an answer comes from: the cell, its requirement and its source; several cells share one note.

    `quoted` is true where the page shows the framework's own words, whose language is then named.
    """
    sources = dict.fromkeys({id(cell.source): cell.source for cell in cells}.values())
    parts = [
        voice("cite.source", title=source.title, version=source.version, date=voice.date(source.date))
        for source in sources
    ]
    if len(cells) == 1:
        cell = cells[0]
        parts.insert(
            0,
            voice(
                f"cite.cell.{cell.requirement}",
                skill=skill_name(desk, voice, cell.skill),
                rung=rung(desk, voice, cell.role, cell.level),
            ),
        )
    foreign = {cell.clauses[0].text.language for cell in cells if _is_foreign(cell, voice.lang)}
    if foreign and quoted:
        parts.append(voice("cite.foreign", language=voice.list(*(voice.language(code) for code in sorted(foreign)))))
    return Note(" ".join(parts), cites=True)


def _is_foreign(cell: Cell, lang: str) -> bool:
    return any(lang != clause.text.language and lang not in clause.text.texts for clause in cell.clauses)


def fragment(clause: Clause, voice: Voice) -> str:
    """A clause standing by itself."""
    return bare(clause.text.best(voice.lang)[0])


def bare(text: str) -> str:
    """The text of a clause as a sentence, without the comma and the "and" that tie it to its neighbours."""
    text = _GLUE.sub("", text.rstrip(",; "))
    if text.partition(" ")[0].isalpha() and text.partition(" ")[0].islower():
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…", ":")) else f"{text}."


def required_from(desk: Desk, skill: str, role: str) -> str | None:
    """The lowest level from which the skill is required of a role, or None when it never is."""
    for cell in desk.matrix.ladder(skill, role):
        if cell.requirement is Requirement.REQUIRED:
            return cell.level
    return None


def said(words: str) -> str:
    """A person's own words, short and without anything a platform could take for mark-up."""
    kept = " ".join(re.sub(r"[^\w\s.,:;/+#&'’()-]|_", " ", words).split())
    return kept if len(kept) <= MOST_SAID else kept[: MOST_SAID - 1].rstrip() + "…"


def some(voice: Voice, names: Iterable[str], most: int) -> str:
    """Names as a sentence part; beyond `most` only how many more there are."""
    names = list(names)
    if len(names) > most:
        names = [*names[:most], voice("name.more", count=len(names) - most)]
    return voice.list(*names)
