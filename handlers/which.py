"""Which milestone is meant: by its id, by its place in the last list, or in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice

from rapidfuzz import fuzz, process

from content.texts import Voice
from content.tokens import stem, tokens
from handlers import milestones
from handlers.intent import AddEvidence, ConfirmMilestone, MarkDone, PickMilestone
from handlers.milestones import Step
from handlers.phrase import fragment, skill_label
from handlers.ports import Desk
from handlers.records import Fact, State, Subject, SubjectSet
from handlers.reply import Bullets, Button, Buttons, Choice, Item, Menu, Picker, Reply, Text
from handlers.turn import Turn

MOST_ASKED = 5
"""Milestones offered when it is unclear which one is meant."""

ALIKE, AHEAD = 65, 6
"""How alike (0–100) words and a clause must be, and how far ahead of the second best."""

TELLING = 0.6
"""What share of the words a clause must hold when no other one holds as many of them."""

MOST_OFFERED = 50
"""Milestones in one menu."""

MOST_SHOWN = 75
"""Characters of one choice in a menu: the smallest limit among the platforms."""

SIGNS = {State.DONE: "✓ ", State.WORKING: "◐ ", State.PARTLY: "◔ "}
"""What stands before a milestone in a menu, by its state."""

Takes = MarkDone | PickMilestone | ConfirmMilestone
Naming = MarkDone | PickMilestone | AddEvidence | ConfirmMilestone


def last_listed(turn: Turn, desk: Desk) -> tuple[Step, ...]:
    """The milestones of the last list, as far as the framework still has them."""
    last = turn.known.subject.milestones if turn.known.subject else ()
    return tuple(step for one in last if (step := milestones.find(desk.matrix, one)))


def listed(steps: Iterable[Step], turn: Turn) -> Fact:
    """So that "the second one" finds its clause."""
    subject = turn.known.subject or Subject()
    return SubjectSet(turn.place, replace(subject, milestones=tuple(step.clause.id for step in steps)))


def meant(
    intent: Naming, last: Sequence[Step], pool: Callable[[], Iterable[Step]], desk: Desk, voice: Voice
) -> tuple[Step, ...]:
    """The milestones that are meant; none where one of them cannot be told. Words are looked for in `pool`."""
    if intent.clause:
        step = milestones.find(desk.matrix, intent.clause)
        return (step,) if step else ()
    number = None if isinstance(intent, ConfirmMilestone) else intent.number
    numbers: tuple[int, ...] = (number,) if number else ()
    if isinstance(intent, MarkDone):
        if intent.every:
            return tuple(last) if intent.number in (None, len(last)) else ()
        numbers = intent.numbers or numbers
    if numbers:
        return tuple(last[number - 1] for number in dict.fromkeys(numbers)) if max(numbers) <= len(last) else ()
    found = {step.clause.id: step for step in (*pool(), *last)} if intent.words else {}
    return _held(intent.words, found, desk) or _named(intent.words, found, desk.matrix.language, voice)


def _held(words: str, pool: dict[str, Step], desk: Desk) -> tuple[Step, ...]:
    """The one that holds more of the words than any other, in either language."""
    shares = desk.index().shares(words)
    best = speaking_of(words, pool.values(), desk)
    return best if len(best) == 1 and shares[best[0].clause.id] >= TELLING else ()


def speaking_of(words: str, pool: Iterable[Step], desk: Desk) -> tuple[Step, ...]:
    """Those that hold most of the words; none where none holds any."""
    shares = desk.index().shares(words)
    held = [step for step in pool if step.clause.id in shares]
    most = max((shares[step.clause.id] for step in held), default=0)
    return tuple(step for step in held if shares[step.clause.id] == most)


def _named(words: str, pool: dict[str, Step], language: str, voice: Voice) -> tuple[Step, ...]:
    """The one whose wording is most like the words."""
    texts = {one: _stems(fragment(step.clause, voice), language) for one, step in pool.items()}
    alike = process.extract(_stems(words, language), texts, scorer=fuzz.token_set_ratio, limit=2)
    if alike and alike[0][1] >= ALIKE and (len(alike) == 1 or alike[0][1] - alike[1][1] >= AHEAD):
        return (pool[alike[0][2]],)
    return ()


def _stems(text: str, language: str) -> str:
    """The stems of the words, so that one deployment is as good as several."""
    return " ".join(stem(word, language) for word, _, _ in tokens(text))


def to_do(turn: Turn, desk: Desk) -> Iterable[Step]:
    """What is in work, and all that is open at the own level and the next."""
    role, level = milestones.own_rung(desk.matrix, turn.known.profile)
    if role and level:
        yield from milestones.next_steps(desk, role, level, turn.known)
    else:
        yield from milestones.in_state(desk.matrix, turn.known, State.WORKING)


def choose(ask: str, label: str, choices: Sequence[Step], intent: Takes, turn: Turn, desk: Desk) -> Reply:
    """Which of these does `intent` mean? A button each, labelled with the sentence `label`, or one menu of many."""
    voice = desk.voice(turn.lang)
    if len(choices) > MOST_ASKED:
        return Reply((Text(voice(ask)), Menu(picker(choices, turn, desk), intent)))
    items = tuple(Item(fragment(one.clause, voice), skill_label(desk, voice, one.cell.skill)) for one in choices)
    buttons = tuple(
        Button(voice(label, number=number), intent.model_copy(update={"clause": one.clause.id}))
        for number, one in enumerate(choices, start=1)
    )
    return Reply((Text(voice(ask)), Bullets(items, numbered=True), Buttons(buttons)), facts=(listed(choices, turn),))


def picker(steps: Iterable[Step], turn: Turn, desk: Desk, chosen: str | None = None) -> Picker:
    """A choice of milestones, each with a sign of its state."""
    voice = desk.voice(turn.lang)
    offered = {step.clause.id: step for step in islice(steps, MOST_OFFERED)}
    choices = tuple(Choice(_label(step, turn, desk), one) for one, step in offered.items())
    return Picker("clause", voice("evidence.milestone"), choices, chosen)


def _label(step: Step, turn: Turn, desk: Desk) -> str:
    voice, stands = desk.voice(turn.lang), turn.known.milestones.get(step.clause.id)
    skill = skill_label(desk, voice, step.cell.skill)
    sign = SIGNS.get(stands.state, "") if stands else ""
    return short(f"{sign}{skill}: {fragment(step.clause, voice)}" if skill else f"{sign}{fragment(step.clause, voice)}")


def short(text: str) -> str:
    """A text on one line that a menu shows whole on every platform."""
    text = " ".join(text.split())
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 1].rstrip()}…"
