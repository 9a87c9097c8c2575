"""Evidence: what a person notes as proof of a milestone."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, groupby, islice

from content.texts import Voice
from handlers import milestones, which
from handlers.day import day_of
from handlers.heard import UNDO
from handlers.intent import (
    MOST_WRITTEN,
    AddEvidence,
    CorrectEvidence,
    Intent,
    ListMilestones,
    MarkDone,
    ShowEvidence,
)
from handlers.milestones import Step
from handlers.phrase import bare, fragment, rung, said
from handlers.ports import Desk
from handlers.progress import ask_rung
from handlers.records import Evidence, EvidenceAdded, EvidenceRemoved, State, SubjectSet
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

MOST_OPEN = which.MOST_OFFERED // 2
"""Open milestones that a menu offers before those that are done."""

_KEPT = "\n\t\u200c\u200d"
"""Line breaks, and the joiners of scripts such as Persian and of emoji."""

_LINK = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)


async def add_evidence(intent: AddEvidence, turn: Turn, desk: Desk) -> Reply:
    """Keeps a note or a link as evidence for a milestone, or asks for what is missing in a form; or takes it back."""
    if intent.remove:
        return await _take_back(intent.remove, turn, desk)
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
        asked = "later" if nowhere else "which" if (text or link) and not meant else "ask"
        ask = fault or voice(f"evidence.{asked}")
        return ask_for_evidence(intent, meant, ask, turn, desk)
    day = intent.day if isinstance(intent.day, datetime.date) else day_of(desk.now(), turn)
    fact = EvidenceAdded(text, meant[0].clause.id if meant else None, link or None, day)
    return Reply(_kept(fact, meant, turn, desk), facts=(fact,), answers={UNDO: AddEvidence(remove=fact.id)})


async def correct_evidence(intent: CorrectEvidence, turn: Turn, desk: Desk) -> Reply:
    """The form with a piece of evidence in it; what is sent takes its place, and an empty form is asked about."""
    voice = desk.voice(turn.lang)
    text, link = written(intent.text), intent.link.strip()
    step = milestones.find(desk.matrix, intent.clause) if intent.clause else None
    meant = (step,) if step else ()
    found = next((one for one in await desk.store.evidence(turn.person) if one.id == intent.id), None)
    if found is None:
        back: list[Block] = [Quote(one, voice.lang) for one in (text, link) if one]
        if back:
            back.insert(0, Text(voice("error.given-back")))
        buttons = Buttons((Button(voice("evidence.all"), ShowEvidence()),))
        return Reply((Text(voice("evidence.gone")), *back, buttons))
    if not (intent.sent and (text or link)):
        return _ask_correction(intent, found, step, turn, desk)
    if intent.clause and not step:
        # It stays with a milestone that the framework has dropped, unless another one was chosen.
        intent = intent.model_copy(update={"clause": found.clause})
    # A day that has come somewhere else already stays as it was noted.
    odd_day = None if intent.day == found.day else _fault_in_day(intent.day, turn, desk)
    if fault := fault_in_link(link, voice) or odd_day:
        return ask_for_evidence(intent, meant, fault, turn, desk)
    day = intent.day if isinstance(intent.day, datetime.date) else None
    fact = EvidenceAdded(text, intent.clause, link or None, day)
    return Reply(_kept(fact, meant, turn, desk), facts=(EvidenceRemoved(intent.id), fact))


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
    page: tuple[Block, ...] = (Text(voice("evidence.kept")), Facts(tuple(rows)))
    if is_cut(fact.text):
        page = (*page, Note(voice("evidence.shortened", most=MOST_WRITTEN)))
    page = (*page, Buttons(tuple(buttons)))
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
    ask = ask_rung(desk, voice, role, level)
    return replace(ask, blocks=(Text(voice("evidence.first")), *ask.blocks[1:]))


def ask_for_evidence(
    intent: AddEvidence | CorrectEvidence | MarkDone, meant: tuple[Step, ...], ask: str, turn: Turn, desk: Desk
) -> Reply:
    """The form, with all that was said or written already standing in it."""
    voice = desk.voice(turn.lang)
    fields: list[Picker | Entry] = []
    chosen = meant[0].clause.id if len(meant) == 1 else None
    milestone = which.picker(chain(meant, _offered(turn, desk)), turn, desk, chosen)
    if milestone.choices:
        fields.append(milestone)
    done = isinstance(intent, MarkDone)
    fields.append(Entry("text", voice("evidence.text"), "text", intent.text, needed=not (done or intent.link.strip())))
    fields.append(Entry("link", voice("evidence.link"), "link", intent.link.strip()))
    if isinstance(intent, MarkDone):
        return _form(ask, fields, voice("done.yes"), MarkDone(done=intent.done), voice("evidence.form-done"))
    day = intent.day if isinstance(intent.day, datetime.date) else None
    if isinstance(intent, CorrectEvidence):
        fields.append(Entry("day", voice("evidence.day"), "day", day.isoformat() if day else ""))
        sent = CorrectEvidence(id=intent.id, clause=intent.clause, sent=True)
        return _form(ask, fields, voice("evidence.keep"), sent, voice("evidence.form-correct"))
    fields.append(Entry("day", voice("evidence.day"), "day", (day or day_of(desk.now(), turn)).isoformat()))
    return _form(ask, fields, voice("evidence.keep"), AddEvidence(), voice("evidence.form"))


def _form(ask: str, fields: list[Picker | Entry], submit: str, sent: Intent, title: str) -> Reply:
    return Reply((Text(ask), Form(tuple(fields), submit, sent, title)))


def _offered(turn: Turn, desk: Desk) -> Iterable[Step]:
    """What evidence can be for: what is in work, open at the own level and the next, and done.

    Of what is open the first come before what is done, so that a menu, which holds some of it, has both.
    """
    matrix, known = desk.matrix, turn.known
    yield from milestones.in_state(matrix, known, State.WORKING)
    role, level = milestones.own_rung(matrix, known.profile)
    still_open = milestones.open_steps(desk, role, level, known) if role and level else iter(())
    yield from islice(still_open, MOST_OPEN)
    yield from milestones.in_state(matrix, known, State.DONE)
    yield from still_open


def written(text: str) -> str:
    """What a person wrote, without the characters that only machines write."""
    return "".join(map(_legible, text)).strip()


def _legible(one: str) -> str:
    """A character as it is kept: a strange space is one, a strange line end one, and what joins letters stays."""
    if one.isprintable() or one in _KEPT:
        return one
    match unicodedata.category(one):
        case "Zs":
            return " "
        case "Zl" | "Zp":
            return "\n"
    return ""


def is_cut(text: str) -> bool:
    """Whether there was no room for all of a text that somebody typed."""
    return len(text) == MOST_WRITTEN and text.endswith("…")


def fault_in_link(link: str, voice: Voice) -> str | None:
    """What is wrong with a link, in a sentence; None when there is none or it is well."""
    if not link or (link.isprintable() and _LINK.fullmatch(link) and not is_cut(link)):
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


def _ask_correction(intent: CorrectEvidence, found: Evidence, chosen: Step | None, turn: Turn, desk: Desk) -> Reply:
    """The form with the evidence as it was noted."""
    noted = {"text": found.text, "link": found.link or "", "day": found.day, "clause": found.clause}
    step = chosen or (milestones.find(desk.matrix, found.clause) if found.clause else None)
    ask = desk.voice(turn.lang)("evidence.blank" if intent.sent else "evidence.ask")
    return ask_for_evidence(intent.model_copy(update=noted), (step,) if step else (), ask, turn, desk)


async def show_evidence(intent: ShowEvidence, turn: Turn, desk: Desk) -> Reply:
    """What was noted, by milestone, the newest first, and a way to correct it or take it back."""
    voice = desk.voice(turn.lang)
    noted = await desk.store.evidence(turn.person, intent.clause)
    add = Button(voice("evidence.add"), AddEvidence(clause=intent.clause, sure=False))
    if not noted:
        return Reply((Text(voice("evidence.none")), Buttons((add, Button(voice("next.all"), ListMilestones())))))
    hidden = turn.known.subject
    unlist = (SubjectSet(turn.place, replace(hidden, milestones=())),) if hidden and hidden.milestones else ()
    newest = {one.clause: place for place, one in reversed(list(enumerate(noted)))}
    past = intent.past if intent.past < len(noted) else 0
    shown = sorted(noted, key=lambda one: newest[one.clause])[past : past + MOST_SHOWN]
    blocks: list[Block] = [Heading(voice("evidence.title"))]
    number = past + 1
    for clause, group in groupby(shown, key=lambda one: one.clause):
        items = tuple(_item(one, turn, desk) for one in group)
        blocks += (Text(_about(clause, desk, voice), strong=True), Bullets(items, numbered=True, first=number))
        number += len(items)
    further: tuple[Button, ...] = ()
    if left := len(noted) - past - len(shown):
        blocks.append(Note(voice("evidence.more", count=left)))
        further = (Button(voice("name.further"), intent.model_copy(update={"past": past + len(shown)})),)
    choices = tuple(
        Choice(which.short(f"{place}. {one.text or one.link or ''}"), one.id)
        for place, one in enumerate(shown, start=past + 1)
    )
    return Reply(
        (
            *blocks,
            Menu(Picker("id", voice("evidence.correct-one"), choices), CorrectEvidence()),
            Menu(Picker("remove", voice("evidence.take-one-back"), choices), AddEvidence()),
            Buttons((*further, add, Button(voice("next.all"), ListMilestones()))),
        ),
        facts=unlist,
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
