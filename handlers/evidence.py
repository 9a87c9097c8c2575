"""Evidence: what a person notes as proof of a milestone."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from itertools import chain, groupby

from content.texts import Voice
from handlers import milestones, which
from handlers.day import day_of
from handlers.intent import AddEvidence, ListMilestones, MarkDone, ShowEvidence
from handlers.milestones import Step
from handlers.phrase import bare, fragment, rung, said
from handlers.ports import Desk
from handlers.progress import ask_rung
from handlers.records import Evidence, EvidenceAdded, EvidenceRemoved, State
from handlers.reply import (
    Block,
    Bullets,
    Button,
    Buttons,
    Choice,
    Entry,
    Facts,
    Form,
    Heading,
    Item,
    Menu,
    Note,
    Picker,
    Quote,
    Reply,
    Text,
)
from handlers.turn import Turn

MOST_SHOWN = 20
"""Pieces of evidence on one page."""

_LINK = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)


async def add_evidence(intent: AddEvidence, turn: Turn, desk: Desk) -> Reply:
    """Keeps a note or a link as evidence for a milestone, or asks for what is missing in a form; or takes it back."""
    if intent.remove and not (intent.text or intent.link):
        return await _take_back(intent.remove, turn, desk) if intent.sure else await _correct(intent, turn, desk)
    voice = desk.voice(turn.lang)
    text, link = written(intent.text), intent.link.strip()
    meant = which.meant(intent, which.last_listed(turn, desk), lambda: _offered(turn, desk), desk, voice)
    nowhere = not meant and not next(iter(_offered(turn, desk)), None)
    if nowhere and not (text or link):
        return _begin(turn, desk)
    fault = fault_in_link(link, voice) or _fault_in_day(intent.day, turn, desk)
    if intent.clause and not meant:
        fault = voice("evidence.clause-gone")
    if fault or not (text or link) or not intent.sure or not (meant or nowhere):
        ask = fault or voice("evidence.which" if (text or link) and not meant else "evidence.ask")
        return ask_for_evidence(intent, meant, ask, turn, desk)
    day = intent.day if isinstance(intent.day, datetime.date) else day_of(desk.now(), turn)
    fact = EvidenceAdded(text, meant[0].clause.id if meant else None, link or None, day)
    old = (EvidenceRemoved(intent.remove),) if intent.remove else ()
    return Reply(_kept(fact, meant, turn, desk), facts=(*old, fact))


def _kept(fact: EvidenceAdded, meant: tuple[Step, ...], turn: Turn, desk: Desk) -> tuple[Block, ...]:
    voice = desk.voice(turn.lang)
    rows = [(voice("evidence.milestone"), fragment(step.clause, voice)) for step in meant[:1]]
    rows += [(voice("evidence.text"), fact.text)] if fact.text else []
    rows += [(voice("evidence.link"), fact.link)] if fact.link else []
    rows += [(voice("evidence.day"), voice.date(fact.day))] if fact.day else []
    buttons = [Button(voice("evidence.take-back"), AddEvidence(remove=fact.id))]
    buttons += (
        Button(voice("evidence.done-too"), MarkDone(clause=step.clause.id))
        for step in meant[:1]
        if step.clause.id not in turn.known.done
    )
    buttons.append(Button(voice("evidence.all"), ShowEvidence()))
    page: tuple[Block, ...] = (Text(voice("evidence.kept")), Facts(tuple(rows)), Buttons(tuple(buttons)))
    role, level = milestones.own_rung(desk.matrix, turn.known.profile)
    if meant or (role and level):
        return page
    return (*page, Note(voice("evidence.unassigned-why")), *ask_rung(desk, voice, role, level).blocks[1:])


def _begin(turn: Turn, desk: Desk) -> Reply:
    """There is no milestone yet that evidence could be for."""
    voice = desk.voice(turn.lang)
    role, level = milestones.own_rung(desk.matrix, turn.known.profile)
    if role and level:
        return Reply((Text(voice("milestones.empty", rung=rung(desk, voice, role, level))),))
    return Reply((Text(voice("evidence.first")), *ask_rung(desk, voice, role, level).blocks[1:]))


def ask_for_evidence(
    intent: AddEvidence | MarkDone, meant: tuple[Step, ...], ask: str, turn: Turn, desk: Desk
) -> Reply:
    """The form, with all that was said or written already standing in it."""
    voice = desk.voice(turn.lang)
    fields: list[Picker | Entry] = []
    chosen = meant[0].clause.id if len(meant) == 1 else None
    milestone = which.picker(chain(meant, _offered(turn, desk)), turn, desk, chosen)
    if milestone.choices:
        fields.append(milestone)
    adding = isinstance(intent, AddEvidence)
    fields.append(Entry("text", voice("evidence.text"), "text", intent.text, needed=adding))
    fields.append(Entry("link", voice("evidence.link"), "link", intent.link.strip()))
    if isinstance(intent, AddEvidence):
        day = intent.day if isinstance(intent.day, datetime.date) else day_of(desk.now(), turn)
        fields.append(Entry("day", voice("evidence.day"), "day", day.isoformat()))
        submit, sent = voice("evidence.keep"), AddEvidence(remove=intent.remove)
        form = Form(tuple(fields), submit, sent, voice("evidence.form"))
    else:
        form = Form(tuple(fields), voice("done.yes"), MarkDone(done=intent.done), voice("evidence.form-done"))
    return Reply((Text(ask), form))


def _offered(turn: Turn, desk: Desk) -> Iterable[Step]:
    """What evidence can be for: what is in work, done, and open at the own level and the next."""
    matrix, known = desk.matrix, turn.known
    yield from milestones.in_state(matrix, known, State.WORKING)
    yield from milestones.in_state(matrix, known, State.DONE)
    role, level = milestones.own_rung(matrix, known.profile)
    if role and level:
        yield from milestones.open_steps(desk, role, level, known)


def written(text: str) -> str:
    """What a person wrote, without the characters that only machines write."""
    return "".join(one for one in text if one.isprintable() or one in "\n\t").strip()


def fault_in_link(link: str, voice: Voice) -> str | None:
    """What is wrong with a link, in a sentence; None when there is none or it is well."""
    if not link or (link.isprintable() and _LINK.fullmatch(link)):
        return None
    return voice("evidence.bad-link", link=said(link) or "?")


def _fault_in_day(day: datetime.date | str | None, turn: Turn, desk: Desk) -> str | None:
    voice = desk.voice(turn.lang)
    if isinstance(day, str) and day.strip():
        return voice("evidence.bad-day", day=said(day) or "?")
    if isinstance(day, datetime.date) and day > day_of(desk.now(), turn):
        return voice("evidence.future", day=voice.date(day))
    return None


async def _take_back(name: str, turn: Turn, desk: Desk) -> Reply:
    """Forgets a piece of evidence and shows it once more; one of somebody else is none."""
    voice = desk.voice(turn.lang)
    found = next((one for one in await desk.store.evidence(turn.person) if one.id == name), None)
    buttons = Buttons((Button(voice("evidence.all"), ShowEvidence()),))
    if found is None:
        return Reply((Text(voice("evidence.gone")), buttons))
    words = "\n".join(filter(None, (found.text, found.link)))
    return Reply((Text(voice("evidence.removed")), Quote(words, voice.lang), buttons), facts=(EvidenceRemoved(name),))


async def _correct(intent: AddEvidence, turn: Turn, desk: Desk) -> Reply:
    """The form with a piece of evidence in it; what is sent takes its place."""
    voice = desk.voice(turn.lang)
    found = next((one for one in await desk.store.evidence(turn.person) if one.id == intent.remove), None)
    if found is None:
        return Reply((Text(voice("evidence.gone")), Buttons((Button(voice("evidence.all"), ShowEvidence()),))))
    noted = {"text": found.text, "link": found.link or "", "day": found.day}
    step = milestones.find(desk.matrix, found.clause) if found.clause else None
    return ask_for_evidence(intent.model_copy(update=noted), (step,) if step else (), voice("evidence.ask"), turn, desk)


async def show_evidence(intent: ShowEvidence, turn: Turn, desk: Desk) -> Reply:
    """What was noted, by milestone, the newest first, and a way to correct it or take it back."""
    voice = desk.voice(turn.lang)
    noted = await desk.store.evidence(turn.person, intent.clause)
    add = Button(voice("evidence.add"), AddEvidence(clause=intent.clause, sure=False))
    if not noted:
        return Reply((Text(voice("evidence.none")), Buttons((add, Button(voice("next.all"), ListMilestones())))))
    newest = {one.clause: place for place, one in reversed(list(enumerate(noted)))}
    shown = sorted(noted, key=lambda one: newest[one.clause])[:MOST_SHOWN]
    blocks: list[Block] = [Heading(voice("evidence.title"))]
    number = 1
    for clause, group in groupby(shown, key=lambda one: one.clause):
        items = tuple(_item(one, turn, desk) for one in group)
        blocks += (Text(_about(clause, desk, voice), strong=True), Bullets(items, numbered=True, first=number))
        number += len(items)
    if left := len(noted) - len(shown):
        blocks.append(Note(voice("evidence.more", count=left)))
    choices = tuple(
        Choice(which.short(f"{place}. {one.text or one.link or ''}"), one.id)
        for place, one in enumerate(shown, start=1)
    )
    return Reply(
        (
            *blocks,
            Menu(Picker("remove", voice("evidence.correct-one"), choices), AddEvidence(sure=False)),
            Menu(Picker("remove", voice("evidence.take-one-back"), choices), AddEvidence()),
            Buttons((add, Button(voice("next.all"), ListMilestones()))),
        )
    )


def _item(one: Evidence, turn: Turn, desk: Desk) -> Item:
    voice = desk.voice(turn.lang)
    day = voice.date(one.day or day_of(one.at, turn))
    return Item(one.text or one.link or "…", detail=" · ".join(filter(None, (day, one.text and one.link))))


def _about(clause: str | None, desk: Desk, voice: Voice) -> str:
    """What evidence is for: the words of the milestone, or that there is none (any more)."""
    if clause is None:
        return voice("evidence.unassigned")
    if step := milestones.find(desk.matrix, clause):
        return fragment(step.clause, voice)
    return voice("evidence.archived", text=bare(clause.rpartition("/")[2].replace("-", " ")))
