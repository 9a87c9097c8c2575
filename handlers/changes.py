"""Shows how one cell differs from another, clause by clause, and a set of cells side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from content.difference import Change, difference, headline_verb
from content.matrix import Cell, Requirement
from content.texts import Voice
from handlers.phrase import fragment, quote, skill_name, some
from handlers.ports import Desk
from handlers.reply import Block, Bullets, Heading, Item, Text

KINDS = ("new", "deeper", "unchanged", "dropped")
"""The groups of a difference, in the order they are shown."""

MOST_NAMES = 8
"""Skills named in one sentence."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the things compared: what it is called here, and its cells by skill."""

    name: str
    cells: dict[str, Cell]


def pair(desk: Desk, voice: Voice, lower: tuple[str, Cell], upper: tuple[str, Cell], *, move: bool) -> list[Block]:
    """Two cells: the requirement first, then the clauses by what became of them. `move` is between roles."""
    (below, before), (above, after) = lower, upper
    step = before.requirement is not after.requirement
    blocks: list[Block] = [Text(_requirement_step(voice, lower, upper, move=move), strong=step)]
    changes = difference(before, after, desk.scales)
    if all(change.kind == "unchanged" for change in changes):
        blocks.append(Text(voice("compare.nothing", lower=below, upper=above)))
    else:
        verbs = {headline_verb(cell, desk.scales, desk.matrix.language) for cell in (before, after)}
        verb = verbs.pop()
        if not move and verb and not verbs:
            blocks.append(Text(voice("compare.same-verb", verb=verb)))
    for kind in KINDS:
        group = [change for change in changes if change.kind == kind]
        if group:
            title = voice(f"compare.{'move-' if move else ''}{kind}", **_name(kind, below, above, move=move))
            blocks += [Heading(title), Bullets(tuple(_item(voice, change, below) for change in group))]
    return blocks


def _name(kind: str, below: str, above: str, *, move: bool) -> dict[str, str]:
    return {"role" if move else "level": below if kind == "dropped" else above}


def _item(voice: Voice, change: Change, below: str) -> Item:
    clause = change.after or change.before
    assert clause
    text = fragment(clause, voice)
    before = fragment(change.before, voice) if change.after and change.before else text
    steps = [
        voice("compare.step", before=step.before, after=step.after) for step in (change.verb, change.scope) if step
    ]
    detail = voice("compare.before", level=below, text=before) if before != text else ""
    return Item(text, " · ".join(steps), detail)


def _requirement_step(voice: Voice, lower: tuple[str, Cell], upper: tuple[str, Cell], *, move: bool) -> str:
    (below, before), (above, after) = lower, upper
    if before.requirement is after.requirement:
        return voice(f"compare.{'move-same' if move else 'same'}.{after.requirement}")
    return voice(
        "compare.move-changes" if move else "compare.changes",
        before=voice(f"compare.standing.{before.requirement}"),
        lower=below,
        after=voice(f"compare.standing.{after.requirement}"),
        upper=above,
    )


def side_by_side(desk: Desk, voice: Voice, cells: Sequence[tuple[str, Cell]], *, move: bool) -> list[Block]:
    """Three cells and more: each word for word under its name, and how the verbs climb."""
    blocks: list[Block] = []
    standings = {cell.requirement for _, cell in cells}
    if len(standings) == 1 and len(cells) > 1:
        blocks.append(Text(voice(f"compare.{'move-same' if move else 'same'}.{standings.pop()}")))
    verbs = [headline_verb(cell, desk.scales, desk.matrix.language) for _, cell in cells]
    named = [verb for verb in verbs if verb]
    if not move and len(named) == len(verbs) and len(set(named)) > 1:
        blocks.append(Text(voice("compare.verbs", steps=voice("compare.arrow").join(named))))
    for label, cell in cells:
        standing = voice(f"compare.standing.{cell.requirement}")
        blocks += [Heading(voice("compare.label", name=label, standing=standing)), quote(cell, voice)]
    return blocks


def skills_step(desk: Desk, voice: Voice, lower: Side, upper: Side) -> Iterator[Block]:
    """Many skills: which are new, become required, or are no longer asked for."""
    new = [skill for skill in upper.cells if skill not in lower.cells]
    gone = [skill for skill in lower.cells if skill not in upper.cells]
    required = [
        skill
        for skill, cell in upper.cells.items()
        if cell.requirement is Requirement.REQUIRED
        and skill in lower.cells
        and lower.cells[skill].requirement is not Requirement.REQUIRED
    ]
    for key, skills in (("required", required), ("new", new), ("gone", gone)):
        if skills:
            names = some(voice, (skill_name(desk, voice, skill) for skill in skills), MOST_NAMES)
            yield Text(voice(f"compare.skills-{key}", skills=names))
    if not (new or gone or required):
        yield Text(voice("compare.skills-same"))
