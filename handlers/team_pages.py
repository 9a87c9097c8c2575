"""A team's summary as a page, the same in the preview and in the channel, and its numbers as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from content.matrix import Cell, Requirement
from content.texts import Voice
from handlers.milestones import rises
from handlers.phrase import citation, fragment, role_name, rung, skill_name
from handlers.ports import Desk
from handlers.reply import Block, Bullets, File, Heading, Item, Note, Table, Text
from handlers.team_records import Figures, Reading, Rung, Team
from handlers.team_views import Line, Moved, csv_text, heat, lines, moved, topics

MOST_POINTS = 10
"""Required clauses on the page; the file has all."""

MOST_MOVED = 6
"""Numbers that moved, on the page."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a page shows: the figures, if there are any, and the reading that was posted before.

    `role` is what a page without numbers tells of.
    """

    team: Team
    figures: Figures | None
    last: Reading | None
    role: str

    @property
    def has_numbers(self) -> bool:
        """Whether there is a number on the page."""
        return self.figures is not None and not self.figures.is_empty

    @property
    def has_rungs(self) -> bool:
        """Whether there is a number of a level or a point: without any the page tells of a role."""
        return self.figures is not None and bool(self.figures.rungs or self.figures.clauses)


def summary(look: Look, by: str, desk: Desk, lang: str, *, scheduled: bool = False) -> tuple[Block, ...]:
    """The page; `by` is who posts it, or set up that it is posted."""
    voice = desk.voice(lang)
    shown = _numbers(look, desk, voice) if look.has_numbers else _framework(look, desk, voice)
    steps = (Note(voice("team.page.steps", step=desk.minimum_group)),) if look.has_numbers else ()
    return (
        Heading(voice("team.page.title", team=look.team.name)),
        *shown,
        *steps,
        Note(voice("team.page.leave", team=look.team.name)),
        Note(voice("team.page.scheduled-by" if scheduled else "team.page.posted-by"), by=by),
    )


def _numbers(look: Look, desk: Desk, voice: Voice) -> Iterator[Block]:
    figures = look.figures
    assert figures
    size = voice("team.page.size", count=figures.size) if figures.size else voice("team.page.size-hidden")
    yield Text(size, strong=True)
    if not look.has_rungs:
        yield Text(voice("team.page.only-size"))
        yield from _asked(look, desk, voice)
        yield from _movement(look, figures, desk, voice)
        return
    found = topics(figures, desk.matrix)
    yield Heading(voice("team.page.topics"))
    if found:
        items = (
            Item(
                fragment(one.clause, voice),
                detail=voice("team.page.topic", rung=_name(one.rung, desk, voice), count=one.open),
            )
            for one in found
        )
        yield Bullets(tuple(items), numbered=True)
    else:
        yield Text(voice("team.page.topics-none"))
    yield Heading(voice("team.page.people"))
    ordered = [one for one in _ladder(desk) if one in figures.rungs]
    if ordered:
        rows = (
            voice("team.page.people-row", rung=_name(one, desk, voice), count=figures.rungs[one]) for one in ordered
        )
        yield Bullets(tuple(map(Item, rows)))
    else:
        yield Text(voice("team.page.people-none"))
    yield from _required(figures, desk, voice)
    yield from _movement(look, figures, desk, voice)
    warmth = heat(figures, desk.matrix)
    if warmth.rows:
        header = (voice("team.page.heat-skill"), *(_name(one, desk, voice) for one in warmth.rungs))
        rows_ = tuple(
            (skill_name(desk, voice, skill), *(_least(number, voice) for number in numbers))
            for skill, numbers in warmth.rows
        )
        yield Table(voice("team.page.heat"), header, rows_)
    told = [one.cell for one in found] + [one.cell for one in lines(figures, desk.matrix)]
    if told:
        yield _cited(told, desk, voice)


def _required(figures: Figures, desk: Desk, voice: Voice) -> Iterator[Block]:
    """How it stands with the required clauses: those that most have open first, of the same number as in the
    framework."""
    points = [one for one in lines(figures, desk.matrix) if one.cell.requirement is Requirement.REQUIRED]
    yield Heading(voice("team.page.required"))
    if not points:
        yield Text(voice("team.page.required-none"))
        return
    shown = sorted(points, key=lambda one: -one.open)[:MOST_POINTS]
    yield Bullets(tuple(Item(fragment(one.clause, voice), detail=_standing(one, desk, voice)) for one in shown))
    if more := len(points) - len(shown):
        yield Note(voice("team.page.more", count=more))


def _standing(one: Line, desk: Desk, voice: Voice) -> str:
    numbers = {part: _least(getattr(one, part), voice) for part in ("done", "work", "open")}
    return voice("team.page.standing", rung=_name(Rung(one.cell.role, one.cell.level), desk, voice), **numbers)


def _movement(look: Look, figures: Figures, desk: Desk, voice: Voice) -> Iterator[Block]:
    """What moved since the last post."""
    if look.last is None or look.last.figures.is_empty:
        return
    yield Heading(voice("team.page.moved"))
    date = voice.date(look.last.at.date())
    found = moved(look.last.figures, figures)
    if not found:
        yield Text(voice("team.page.moved-none", date=date, step=desk.minimum_group))
        return
    yield Text(voice("team.page.moved-since", date=date))
    yield Bullets(tuple(Item(_move(one, desk, voice)) for one in found[:MOST_MOVED]))
    if (more := len(found) - MOST_MOVED) > 0:
        yield Note(voice("team.page.moved-more", count=more))


def _move(one: Moved, desk: Desk, voice: Voice) -> str:
    numbers = {"before": _least(one.before, voice), "after": _least(one.after, voice)}
    if one.rung is None:
        return voice("team.page.moved-size", **numbers)
    name = _name(one.rung, desk, voice)
    if one.clause is None:
        return voice("team.page.moved-rung", rung=name, **numbers)
    cell = desk.matrix.column(one.rung.role, one.rung.level)
    clause = next((each for here in cell for each in here.clauses if each.id == one.clause), None)
    told = fragment(clause, voice) if clause else one.clause
    return voice(f"team.page.moved-part.{one.part}", rung=name, clause=told, **numbers)


def _framework(look: Look, desk: Desk, voice: Voice) -> Iterator[Block]:
    """Why there are no numbers, and what the framework asks of a role from level to level."""
    # One sentence, whatever the reason: two would tell a manager when exactly the last one said yes.
    yield Text(voice("team.page.no-numbers"))
    yield from _asked(look, desk, voice)


def _asked(look: Look, desk: Desk, voice: Voice) -> Iterator[Block]:
    """What the framework asks of a role from level to level."""
    yield Heading(voice("team.page.ladder", role=role_name(desk, voice, look.role)))
    items = []
    ladder = desk.matrix.roles[look.role].ladder
    for lower, upper in pairwise(ladder):
        step = next((one for one, change in rises(desk, look.role, upper) if change.kind != "unchanged"), None)
        if step:
            names = {"lower": _level(lower, desk, voice), "upper": _level(upper, desk, voice)}
            items.append(Item(fragment(step.clause, voice), label=voice("team.page.ladder-item", **names)))
    if items:
        yield Bullets(tuple(items))
        yield _cited([cell for level in ladder for cell in desk.matrix.column(look.role, level)], desk, voice)


def _cited(cells: Iterable[Cell], desk: Desk, voice: Voice) -> Note:
    """Where the framework's words come from: its source, and in which language they are."""
    return citation(desk, voice, *(cell for cell in {cell.id: cell for cell in cells}.values()))


def _ladder(desk: Desk) -> Iterator[Rung]:
    for role in desk.matrix.roles.values():
        yield from (Rung(role.id, level) for level in role.ladder)


def _level(level: str, desk: Desk, voice: Voice) -> str:
    return desk.matrix.levels[level].name.best(voice.lang)[0]


def _name(one: Rung, desk: Desk, voice: Voice) -> str:
    """A rung's name; its ids where the framework has it no more."""
    if one.role in desk.matrix.roles and one.level in desk.matrix.levels:
        return rung(desk, voice, one.role, one.level)
    return f"{one.role} {one.level}"


def _least(number: int, voice: Voice) -> str:
    return voice("team.page.least", count=number) if number else voice("team.page.nothing")


def numbers_file(look: Look, desk: Desk, lang: str) -> File:
    """The numbers of the page, and no others, as CSV."""
    voice = desk.voice(lang)
    names = ("role", "level", "skill", "clause", "requirement", "people", "done", "work", "open")
    rows: list[tuple[str | int, ...]] = [tuple(voice(f"team.preview.columns.{name}") for name in names)]
    figures = look.figures or Figures()
    rows.append((voice("team.preview.columns.all"), "", "", "", "", figures.size, 0, 0, 0))
    for one in _ladder(desk):
        if one in figures.rungs:
            rows.append((*_places(one, desk, voice), "", "", "", figures.rungs[one], 0, 0, 0))
    for line in lines(figures, desk.matrix):
        where = _places(Rung(line.cell.role, line.cell.level), desk, voice)
        about = (skill_name(desk, voice, line.cell.skill), fragment(line.clause, voice))
        standing = voice(f"requirement.{line.cell.requirement}")
        rows.append((*where, *about, standing, 0, line.done, line.work, line.open))
    return File(f"team-{look.team.id}.csv", voice("team.preview.file-name"), "text/csv", csv_text(rows))


def _places(one: Rung, desk: Desk, voice: Voice) -> tuple[str, str]:
    return role_name(desk, voice, one.role), _level(one.level, desk, voice)
