"""The one door: a turn comes in, a reply goes out. It never raises."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog

from content.texts import Voice
from handlers import (
    compare,
    evidence,
    expectations,
    find,
    help,
    language,
    level,
    lists,
    nudge,
    nudge_back,
    nudges,
    overview,
    packet,
    plans,
    privacy,
    profile,
    progress,
    rating,
    requirement,
    search,
    smalltalk,
    still,
    taking,
    team_letters,
    ticking,
    undo,
)
from handlers.again import words_for
from handlers.errors import Barred, Erased, TryLater, Unavailable, places
from handlers.gaps import assume, vet
from handlers.heard import UNDO, carry
from handlers.intent import (
    AddEvidence,
    AskNudges,
    AskPrivacy,
    AskRequirement,
    CompareLevels,
    CompareRoles,
    ConfirmMilestone,
    CorrectEvidence,
    FindCells,
    FindLevel,
    Intent,
    ListLevels,
    ListMilestones,
    ListRoles,
    ListSkills,
    MakePlan,
    MarkDone,
    OutOfScope,
    PickMilestone,
    PutBack,
    PutBackNudges,
    RateAnswer,
    ReceiveNudge,
    ReviewPlan,
    Search,
    SetLanguage,
    SetProfile,
    ShowEvidence,
    ShowExpectations,
    ShowHelp,
    ShowPacket,
    ShowProfile,
    SmallTalk,
    StartHere,
    SuggestNext,
    Unclear,
    UnknownName,
)
from handlers.news import look_for_news
from handlers.nudging import met_again, news_of
from handlers.ports import Desk
from handlers.records import STRANGER, EvidenceRemoved, Fact, MilestoneDropped, ProfileSet, Subject, settle
from handlers.reply import Audience, Block, Buttons, Form, Menu, Note, Quote, Reply, Text
from handlers.spoken import current_of, own_up, put_on_record, remember, spoken_of
from handlers.tongue import understand, voice_of, went_over
from handlers.turn import Turn

Handler = Callable[[Any, Turn, Desk], Awaitable[Reply]]

HANDLERS: Mapping[type[Intent], Handler] = {
    ShowExpectations: expectations.show_expectations,
    CompareLevels: compare.compare_levels,
    CompareRoles: compare.compare_roles,
    Search: search.search,
    FindCells: find.find_cells,
    AskRequirement: requirement.ask_requirement,
    ListRoles: lists.list_roles,
    ListLevels: lists.list_levels,
    ListSkills: lists.list_skills,
    UnknownName: lists.unknown_name,
    SetProfile: profile.set_profile,
    ShowProfile: overview.show_profile,
    SetLanguage: language.set_language,
    FindLevel: level.find_level,
    SuggestNext: progress.suggest_next,
    ListMilestones: progress.list_milestones,
    PickMilestone: taking.pick_milestone,
    PutBack: undo.put_back,
    MarkDone: ticking.mark_done,
    ConfirmMilestone: still.confirm_milestone,
    AddEvidence: evidence.add_evidence,
    CorrectEvidence: evidence.correct_evidence,
    ShowEvidence: evidence.show_evidence,
    ShowPacket: packet.show_packet,
    AskNudges: nudges.ask_nudges,
    ReceiveNudge: nudge.receive_nudge,
    PutBackNudges: nudge_back.put_back_nudges,
    MakePlan: plans.make_plan,
    ReviewPlan: plans.review_plan,
    **team_letters.ASKED,
    AskPrivacy: privacy.ask_privacy,
    ShowHelp: help.show_help,
    StartHere: help.start_here,
    SmallTalk: smalltalk.small_talk,
    OutOfScope: smalltalk.out_of_scope,
    RateAnswer: rating.rate_answer,
    Unclear: smalltalk.unclear,
}

_log = structlog.get_logger()


async def answer(turn: Turn, desk: Desk) -> Reply:
    """The reply to whatever a person said or pressed; an error is a reply too."""
    try:
        try:
            try:
                return await _answer(turn, desk)
            except Erased:
                return await _answer(turn, desk)  # as a stranger's
        except (TryLater, Barred) as refusal:  # the platform tells nothing of people or channels now
            voice = voice_of(turn, desk)
            told = "team.busy" if isinstance(refusal, TryLater) else f"team.barred.{refusal.why}"
            return Reply((Text(voice(told)),), lang=voice.lang, failed=True)
        except Unavailable as away:
            reference = secrets.token_hex(4)
            _log.error("store_unavailable", reference=reference, why=str(away))
            voice = voice_of(turn, desk)
            blocks = (Text(voice("error.store", reference=reference)), *_given_back(turn, voice))
            return Reply(blocks, lang=voice.lang, private=len(blocks) > 1, failed=True)
    except Exception as error:
        reference = secrets.token_hex(4)
        _log.error("answer_failed", reference=reference, error=type(error).__name__, at=places(error))
        voice = desk.voice(turn.lang)
        blocks = (Text(voice("error.bug", reference=reference)), *_given_back(turn, voice))
        return Reply(blocks, lang=voice.lang, private=len(blocks) > 1, failed=True)


def put_off(turn: Turn, why: str, desk: Desk) -> Reply:
    """The reply to a turn that is not dealt with; `why` is the key of the sentence that says so."""
    voice = desk.voice(turn.lang)
    return Reply((Text(voice(why)), *_given_back(turn, voice)), lang=voice.lang, private=True, failed=True)


WRITTEN = ("text", "link")
"""The fields of intents that people write themselves."""


def _given_back(turn: Turn, voice: Voice) -> tuple[Block, ...]:
    """What somebody wrote into a form that is gone from the screen, so that it is not lost with the answer."""
    written = [said for name in WRITTEN if (said := getattr(turn.intent, name, ""))]
    return (Text(voice("error.given-back")), *(Quote(said, voice.lang) for said in written)) if written else ()


async def deliver(turn: Turn, desk: Desk) -> Reply | None:
    """What a letter says now, or None when there is nothing to say any more. Unavailable; a bug is raised, too.

    Nobody has asked, so this is no sign of life, and an error is no message to the person.
    """
    now, intent = desk.now(), turn.intent
    known = await desk.store.recall(turn.person, turn.place, now)
    if known is None or intent is None:
        return None
    voice = desk.voice((known.subject and known.subject.lang) or known.profile.lang or turn.lang)
    turn = replace(turn, lang=voice.lang, known=known)
    if not isinstance(intent, ReceiveNudge):
        reply = await team_letters.read_letter(intent, turn, desk)
    elif nudge.has_something_to_say(intent, known, desk):
        reply = await nudge.receive_nudge(intent, turn, desk)
    else:
        reply = None
    if reply is None:
        return None
    before = known.subject or Subject()
    if not before.answers.keys() - {UNDO}:  # a question that waits for an answer goes on waiting
        subject = replace(before, answers=carry(reply, intent, before.answers))
        facts = remember(reply, intent, before, subject, turn, frugal=False)
        try:
            await desk.store.record(turn.person, facts, now, known, unasked=True)
        except Erased:
            return None
    return Reply(reply.blocks, lang=voice.lang, private=True, asked=intent)


async def _answer(turn: Turn, desk: Desk) -> Reply:
    now, client = desk.now(), turn.lang
    recalled = await desk.store.recall(turn.person, turn.place, now)
    known = recalled or STRANGER
    asked, voice, told_plainly = understand(turn, known, desk)
    if isinstance(asked, FindCells):
        # Asked with every letter that is typed: no sign of life, nothing is put on record, and no news is told here.
        turn = replace(turn, lang=voice.lang, known=STRANGER if turn.share else known)
        reply = await find.find_cells(asked, turn, desk)
        addressed = _address(reply, turn, voice, private=reply.private)
        return replace(addressed, asked=asked, pages=reply.pages)
    if isinstance(asked, SetLanguage) and asked.lang in desk.texts.languages:
        voice = desk.voice(asked.lang)
    sound = vet(asked, desk.matrix)
    current = current_of(known.profile, desk)
    intent = sound if turn.share else vet(assume(sound, current, desk.matrix), desk.matrix)
    before = known.subject or Subject()
    # Without what the profile filled in: a follow-up in a room would give it away.
    subject = spoken_of(sound, before, turn, voice)
    stirred = met_again(replace(turn, known=known), now)
    news = await look_for_news(known, desk, voice)
    # What a room is shown is made without what a person told.
    told = STRANGER if turn.share and not asked.private else replace(news.known, nudging=stirred)
    turn = replace(turn, lang=voice.lang, known=replace(told, subject=subject))
    reply = await HANDLERS[type(intent)](intent, turn, desk)
    if intent is not sound:
        reply = own_up(reply, current, voice, desk)
    private = asked.private or reply.private
    if isinstance(intent, AskPrivacy) and intent.sure:
        # Whoever was just forgotten stays so.
        return replace(_address(reply, turn, voice, private=private), asked=intent)
    if private and turn.elsewhere and not intent.beside:
        # What is not seen here can be neither answered nor counted through here.
        reply = replace(reply, facts=(*put_on_record(reply),), answers={})
        remembered = replace(subject, milestones=(), answers={})
    else:
        remembered = subject if turn.share else replace(subject, answers=carry(reply, intent, before.answers))
    facts = (*put_on_record(reply),)
    # To a stranger's first milestone and its evidence it adds nothing: there is enough to write.
    if recalled or len({type(one) for one in facts}) < 2:
        facts = (*remember(reply, intent, before, remembered, turn, frugal=bool(news.facts)), *facts)
    # News is personal: where others read along it waits, where there is enough to put on record without it, and where
    # it would stand in the way of a word in passing.
    busy = intent.beside or remembered.answers != before.answers or any(put_on_record(reply))
    waits = busy and not any(isinstance(one, ProfileSet) for one in reply.facts)
    if not (turn.share or waits) and (private or not turn.place.shared or not news.blocks):
        reply = replace(reply, blocks=(*news.blocks, *reply.blocks))
        private = private or bool(news.blocks)
        facts = (*news.facts, *facts)
    if _has_room(facts, news.facts):
        facts = (*news_of(known, stirred, turn, much=subject != before), *facts)
        went_on = told_plainly and before.lang == voice.lang and not isinstance(asked, SetLanguage)
        if recalled and went_on and not turn.place.shared:
            facts = (*facts, *went_over(known.profile.lang or client, voice, desk))
    if facts or recalled:
        await desk.store.record(turn.person, facts, now, recalled)
    passed_on = _passed_on(intent, turn, desk, voice)
    return replace(_address(reply, turn, voice, passed_on, private=private), asked=intent)


def _has_room(facts: Sequence[Fact], news: Sequence[Fact]) -> bool:
    """Whether a sign of life is put on record with this turn; where much is written or read already the next tells."""
    settled = settle(facts)
    undoes = any(isinstance(one, EvidenceRemoved | MilestoneDropped) for one in facts)
    return not (news or undoes or (settled.milestones and settled.evidence))


def _passed_on(intent: Intent, turn: Turn, desk: Desk, voice: Voice) -> tuple[Note, ...]:
    """How whoever reads a shared page asks for it themselves."""
    words = words_for(intent, desk, voice) if turn.share else None
    return (Note(voice("share.ask", words=words)),) if words else ()


def _address(reply: Reply, turn: Turn, voice: Voice, notes: tuple[Note, ...] = (), *, private: bool) -> Reply:
    """To whom the reply goes, without the facts, which are on record now.

    A room gets the page without its controls: they belong to the one who asked.
    """
    if turn.share and not private:
        page = tuple(block for block in reply.blocks if not isinstance(block, Buttons | Menu | Form))
        shared = Note(voice("share.by"), by=turn.person.user)
        return Reply((*page, *notes, shared), Audience.ROOM, lang=voice.lang)
    beside = turn.intent is not None and turn.intent.beside
    in_place = turn.pressed and not (turn.share or beside)
    return Reply(reply.blocks, in_place=in_place, lang=voice.lang, private=private)
