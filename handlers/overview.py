"""What the coach knows of a person on one page: the ladder, what is in work and next, the last evidence, settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from content.matrix import Matrix
from content.texts import Voice
from handlers import milestones, pick
from handlers.day import day_of
from handlers.help import examples
from handlers.intent import (
    AddEvidence,
    AskNudges,
    AskPrivacy,
    ConfirmMilestone,
    FindLevel,
    ListMilestones,
    SetProfile,
    ShowPacket,
    ShowProfile,
    SuggestNext,
)
from handlers.milestones import Step
from handlers.nudge_pages import capital, date, slot
from handlers.nudging import is_on
from handlers.phrase import fragment, level_name, role_name, rung, skill_label
from handlers.ports import Desk
from handlers.profile import facts_of, told_gone
from handlers.records import Known, State
from handlers.reply import Bar, Block, Bullets, Button, Buttons, Chart, Facts, Heading, Item, Note, Reply, Text
from handlers.turn import Turn

MOST_WORKING = 5
"""Milestones in work that are named; the newest come first."""

MOST_NEXT = 3
"""Milestones named that could come next."""

MOST_SHOWN = 120
"""Characters of evidence shown in its one line."""


@dataclass(frozen=True, slots=True)
class _Ladder:
    """A role's clauses: the level of each by its id, and how many each level has, lowest level first."""

    levels: Mapping[str, str]
    totals: Mapping[str, int]


async def show_profile(_intent: ShowProfile, turn: Turn, desk: Desk) -> Reply:
    """Everything a person comes back for, on one page; to a stranger, a way to begin."""
    voice, known = desk.voice(turn.lang), turn.known
    if not (known.profile.role or known.profile.level or known.milestones):
        return _begin(desk, voice)
    role, level = milestones.own_rung(desk.matrix, known.profile)
    ready = bool(role and level)
    due = milestones.due_checks((known.milestones[clause] for clause in known.done), desk.now())
    page: list[Block] = [Heading(_title(desk, voice, role, level))]
    if due:
        ask = Button(voice("profile.due-button"), ConfirmMilestone())
        page += [Text(voice("profile.due", count=len(due))), Buttons((ask,))]
    if role:
        page.append(_chart(desk, voice, role, level, known))
    if not ready:
        page += (*told_gone(desk, voice, known.profile), *_ask_rest(desk, voice, role, level))
    page += _working(desk, voice, turn)
    if role and level:
        page += _next(desk, voice, role, level, known)
    page.append(Buttons(tuple(_steps(voice, ready=ready, nudges=ready and not desk.works_council))))
    page.append(Facts(await _so_far(desk, voice, turn)))
    page += [Heading(voice("profile.settings")), Facts(tuple(_settings(desk, voice, turn)))]
    # Six buttons are the most that one page can hold everywhere.
    page += [Note(voice("profile.kept")), Buttons(tuple(_rest(voice, packet=ready and not due)))]
    return Reply(tuple(page))


def _title(desk: Desk, voice: Voice, role: str | None, level: str | None) -> str:
    if role and level:
        return voice("profile.title-who", who=rung(desk, voice, role, level))
    return voice("profile.title-who", who=role_name(desk, voice, role)) if role else voice("profile.title")


def _begin(desk: Desk, voice: Voice) -> Reply:
    """For whom nothing is known: find the level together, or choose it."""
    form = pick.both_form(desk, voice, SetProfile(), voice("profile.save"), (None, None))
    find = Button(voice("profile.find"), FindLevel(), "primary")
    ask = Text(voice("profile.start", example=examples(desk, voice)["profile"]))
    return Reply((Heading(voice("profile.title")), ask, Buttons((find,)), form))


def _ask_rest(desk: Desk, voice: Voice, role: str | None, level: str | None) -> tuple[Block, ...]:
    """Asks for the half of the profile that is open; in menus, because the page has enough buttons."""
    if role:
        return Text(voice("profile.need-level")), pick.level_menu(desk, voice, SetProfile(role=role), role=role)
    return Text(voice("profile.need-role")), *pick.role_menu(desk, voice, SetProfile(level=level), level=level)


def _steps(voice: Voice, *, ready: bool, nudges: bool) -> Iterator[Button]:
    """What one does next; who has no level yet is helped to find it."""
    if ready:
        yield Button(voice("button.next"), SuggestNext(), "primary")
    else:
        yield Button(voice("profile.find"), FindLevel(), "primary")
    # All milestones are one press behind the next step, too.
    if nudges:
        yield Button(voice("profile.nudges-button"), AskNudges())
    else:
        yield Button(voice("profile.milestones"), ListMilestones())
    yield Button(voice("profile.add-evidence"), AddEvidence())


def _rest(voice: Voice, *, packet: bool) -> Iterator[Button]:
    """What one comes for now and then."""
    if packet:
        yield Button(voice("profile.packet"), ShowPacket())
    yield Button(voice("profile.change"), SetProfile())
    yield Button(voice("profile.data"), AskPrivacy())


def _chart(desk: Desk, voice: Voice, role: str, own: str | None, known: Known) -> Chart:
    """The role's ladder: of each level, how many clauses are done, begun (in work or partly so) and open."""
    ladder = desk.once(("ladder", role), lambda: _ladder(desk.matrix, role))
    done, working, partly = (
        Counter(ladder.levels.get(clause) for clause in known.in_state(state))
        for state in (State.DONE, State.WORKING, State.PARTLY)
    )
    begun = working + partly
    bars = []
    for level, total in ladder.totals.items():
        name = level_name(desk, voice, level)
        label = voice("profile.own", level=name) if level == own else name
        bars.append(Bar(label, (done[level], begun[level], total - done[level] - begun[level])))
    parts = tuple(voice(f"profile.parts.{part}") for part in ("done", "begun", "open"))
    return Chart(voice("profile.chart", role=role_name(desk, voice, role)), parts, tuple(bars))


def _ladder(matrix: Matrix, role: str) -> _Ladder:
    ladder = matrix.roles[role].ladder
    levels = {clause.id: level for level in ladder for cell in matrix.column(role, level) for clause in cell.clauses}
    counts = Counter(levels.values())
    return _Ladder(levels, {level: counts[level] for level in ladder})


def _working(desk: Desk, voice: Voice, turn: Turn) -> tuple[Block, ...]:
    """What the person works on, newest first."""
    steps = milestones.in_state(desk.matrix, turn.known, State.WORKING)
    if not steps:
        return ()
    items = []
    for step in steps[:MOST_WORKING]:
        date = voice.date(day_of(turn.known.milestones[step.clause.id].since, turn))
        items.append(_item(desk, voice, step, voice("profile.since", rung=_rung(desk, voice, step), date=date)))
    left = len(steps) - len(items)
    more = (Text(voice("name.more", count=left)),) if left else ()
    return Heading(voice("profile.working")), Bullets(tuple(items)), *more


def _next(desk: Desk, voice: Voice, role: str, level: str, known: Known) -> tuple[Block, ...]:
    """What could come after what is in work."""
    steps = milestones.open_steps(desk, role, level, known)
    partly = known.in_state(State.PARTLY)
    items = []
    for step in islice(steps, MOST_NEXT):
        at = _rung(desk, voice, step)
        items.append(_item(desk, voice, step, voice("profile.partly", rung=at) if step.clause.id in partly else at))
    return (Heading(voice("profile.next")), Bullets(tuple(items))) if items else ()


def _item(desk: Desk, voice: Voice, step: Step, detail: str) -> Item:
    return Item(fragment(step.clause, voice), skill_label(desk, voice, step.cell.skill), detail)


def _rung(desk: Desk, voice: Voice, step: Step) -> str:
    return rung(desk, voice, step.cell.role, step.cell.level)


async def _so_far(desk: Desk, voice: Voice, turn: Turn) -> tuple[tuple[str, str], ...]:
    """How many milestones are done, and the last evidence in one line."""
    rows = [(voice("profile.done"), str(len(turn.known.done)))]
    if noted := await desk.store.evidence(turn.person):
        said = " ".join((noted[0].text or noted[0].link or "").split())
        said = said if len(said) <= MOST_SHOWN else said[: MOST_SHOWN - 1].rstrip() + "…"
        date = voice.date(noted[0].day or day_of(noted[0].at, turn))
        rows.append((voice("profile.evidence"), voice("profile.evidence-line", text=said, date=date)))
    return tuple(rows)


def _settings(desk: Desk, voice: Voice, turn: Turn) -> Iterator[tuple[str, str]]:
    yield from facts_of(desk, voice, turn.known.profile)
    yield voice("profile.language"), voice.language(voice.lang)
    if zone := turn.zone or turn.known.profile.zone:
        yield voice("profile.zone"), zone
    yield voice("profile.nudges"), _nudges(desk, voice, turn)


def _nudges(desk: Desk, voice: Voice, turn: Turn) -> str:
    """When weekly nudges come, or that there are none."""
    kept = turn.known.nudging
    if desk.works_council or kept.rhythm is None:
        return voice("profile.nudges-council" if desk.works_council else "profile.nudges-off")
    if not is_on(kept):
        return voice("profile.nudges-paused")
    told = capital(slot(kept.rhythm, voice))
    return voice("profile.nudges-on", slot=told, date=date(kept.due_day, voice)) if kept.due_day else told
