"""Where the walk to one's level ends: the range, the clauses that decided it, and what comes after choosing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from content.difference import Change
from content.matrix import Cell
from content.texts import Voice
from handlers import milestones, pick
from handlers.intent import ListMilestones, SetProfile, ShowProfile, SuggestNext
from handlers.level_pages import Page, Pages
from handlers.milestones import Step
from handlers.phrase import citation, fragment, level_name, rung, skill_label
from handlers.ports import Desk
from handlers.records import State
from handlers.reply import Block, Bullets, Button, Buttons, Heading, Item, Menu, Note, Picker, Text
from handlers.walk import Verdict

MOST_REASONS = 5
"""Clauses named for a level, and as many against a higher one."""

MOST_OFFERED = 3
"""Levels of a range that get a button each; of a longer one the lowest and the highest do."""

MOST_ADDED = 5
"""Clauses named of what the next level adds."""


def result(pages: Pages, told: Iterable[Block], before: Step | None) -> Page:
    """Where the level may lie, with the clauses that decided it; the person chooses. `before` was answered last."""
    voice, walk = pages.voice, pages.walk
    likely = walk.likely()
    picker = pick.level_picker(pages.desk, voice, role=walk.role)
    other = Menu(Picker("level", voice("level.other"), picker.choices), SetProfile(role=walk.role, how="walk"))
    answers = [Button(voice("level.answers"), pages.go(step="review"))]
    if before:
        answers.insert(0, Button(voice("level.change-last"), pages.about(before)))
    if not likely:
        elsewhere = Button(voice("level.elsewhere"), pages.go(step="begin"))
        title = Heading(voice("level.title", of=pages.role))
        return (title, *told, Text(voice("level.nothing")), Buttons((elsewhere, *answers)), other)
    names = [level_name(pages.desk, voice, level) for level in likely]
    page: list[Block] = [
        Heading(voice("level.result", rung=voice("name.rung", level=voice.list(*names, style="or"), role=pages.role))),
        *told,
    ]
    reasons = _reasons(pages, likely)
    # A clause of a level within the range says nothing of a higher one than that.
    against = "level.within" if any(step.cell.level in likely for step in reasons[1]) else "level.against"
    for key, steps in zip(("level.for", against), reasons, strict=True):
        if steps:
            page += [Heading(voice(key)), *_list(pages, steps)]
    if not reasons[0] and likely[0] == walk.ladder[0]:
        page.append(Text(_level(pages, "first", likely[0])))
    unasked = [level for level in likely if walk.open(level)]
    if unasked:
        named = voice.list(*(level_name(pages.desk, voice, level) for level in unasked))
        page.append(Text(voice("level.unasked", levels=named)))
    cells = dict.fromkeys(step.cell for steps in reasons for step in steps)
    offered = likely if len(likely) <= MOST_OFFERED else (likely[0], likely[-1])
    keep = [Button(_level(pages, "choose", one), SetProfile(role=walk.role, level=one, how="walk")) for one in offered]
    look = [Button(_level(pages, "look", one), pages.go(level=one)) for one in unasked[-1:]]
    room = pick.MOST_BUTTONS - len(keep) - len(look) - 1  # the menu counts as a button, too
    return (
        *page,
        Text(voice("level.your-choice")),
        Note(voice("level.how")),
        *((citation(pages.desk, voice, *cells),) if cells else ()),
        Buttons((*keep, *look, *answers[-room:])),
        other,
    )


def _level(pages: Pages, key: str, level: str) -> str:
    return pages.voice(f"level.{key}", level=level_name(pages.desk, pages.voice, level))


def _reasons(pages: Pages, likely: Sequence[str]) -> tuple[list[Step], list[Step]]:
    """The clauses that speak for the likely levels, and those that speak against a higher one."""
    walk = pages.walk
    above = walk.ladder[walk.ladder.index(likely[-1]) + 1 :][:1]
    speaks_for = [step for level in reversed(likely) for step in _in_state(pages, level, State.DONE)]
    speaks_against = [
        step
        for level in (*likely, *above)
        if walk.verdict(level) in (Verdict.BETWEEN, Verdict.LACKS)
        for state in (State.NOT_YET, State.PARTLY, State.WORKING)
        for step in _in_state(pages, level, state)
    ]
    return speaks_for, speaks_against


def _in_state(pages: Pages, level: str, state: State) -> list[Step]:
    return [step for step in pages.walk.questions[level] if pages.walk.state(step) is state]


def _list(pages: Pages, steps: list[Step]) -> Page:
    items = tuple(
        Item(
            fragment(step.clause, pages.voice),
            pages.level(step),
            pages.said(step) if pages.walk.state(step) in (State.PARTLY, State.WORKING) else "",
        )
        for step in steps[:MOST_REASONS]
    )
    more = len(steps) - len(items)
    return (Bullets(items), *((Text(pages.voice("level.more", count=more)),) if more else ()))


def chosen_level(desk: Desk, voice: Voice, role: str, level: str, done: frozenset[str]) -> Page:
    """After a level was chosen at the end of a walk: what the next level adds, and where to go from there."""
    buttons = (
        Button(voice("button.next"), SuggestNext()),
        Button(voice("level.milestones"), ListMilestones()),
        Button(voice("button.profile"), ShowProfile()),
    )
    return (*next_level_adds(desk, voice, role, level, done), Buttons(buttons))


def next_level_adds(desk: Desk, voice: Voice, role: str, level: str, done: frozenset[str]) -> Page:
    """What the level above asks beyond this one, new or deeper, but for what is done already."""
    above = desk.matrix.roles[role].above(level)
    if above is None:
        return (Text(voice("level.adds-top", rung=rung(desk, voice, role, level))),)
    upper = rung(desk, voice, role, above)
    rises = milestones.rises(desk, role, above)
    added = [(step.cell, change) for step, change in rises if change.kind in ("new", "deeper")]
    still = [(cell, change) for cell, change in added if change.after and change.after.id not in done]
    if not still:
        return (Text(voice("level.adds-done" if added else "level.adds-nothing", rung=upper)),)
    shown = still[:MOST_ADDED]
    items = tuple(_item(desk, voice, cell, change, level) for cell, change in shown)
    more = (
        (Text(voice("level.adds-more", rung=upper)),)
        if len(still) > len(shown) or len(desk.matrix.column(role, above)) > milestones.AT_ONCE
        else ()
    )
    cited = citation(desk, voice, *dict.fromkeys(cell for cell, _ in shown))
    return (Heading(voice("level.adds", rung=upper)), Bullets(items), *more, cited)


def _item(desk: Desk, voice: Voice, cell: Cell, change: Change, level: str) -> Item:
    assert change.after
    skill = skill_label(desk, voice, cell.skill)
    step = change.verb or change.scope
    if change.kind == "new":
        detail = voice("level.adds-new")
    elif step:
        detail = voice("level.adds-step", before=step.before, after=step.after)
    else:
        detail = voice("level.adds-deeper", level=level_name(desk, voice, level))
    return Item(fragment(change.after, voice), skill, detail)
