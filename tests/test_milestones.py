"""Milestones: what comes next, what is asked about again, and that every undo puts back what was there."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import groupby, islice

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from content.difference import difference
from content.matrix import Requirement
from content.search import Index
from handlers import milestones
from handlers.answer import answer
from handlers.evidence import fault_in_link, written
from handlers.intent import (
    MOST_WRITTEN,
    AddEvidence,
    AskPrivacy,
    CompareLevels,
    ConfirmMilestone,
    CorrectEvidence,
    FindLevel,
    Intent,
    ListMilestones,
    MarkDone,
    PickMilestone,
    PutBack,
    SetProfile,
    ShowEvidence,
    ShowPacket,
    Stood,
    SuggestNext,
    pack,
)
from handlers.ports import Desk
from handlers.records import Evidence, EvidenceAdded, Known, Milestone, MilestoneSet, State
from handlers.reply import Bullets, Button, Entry, Form, Heading, Menu, Progress, Reply, Text
from handlers.turn import Person, Place, Turn
from handlers.understand import Parser
from tests.matrices import matrix as make_matrix
from tests.talk import START, Clock, Talk, buttons, content, make_desk, text

ROLE, LEVEL = "ml-engineer", "middle"
SAM, PLACE = Person("test", "acme", "sam"), Place("direct-sam")
WEEK = datetime.timedelta(weeks=1)

moments = st.integers(0, 200 * 24).map(lambda hours: START - datetime.timedelta(hours=hours))
states = st.sampled_from(State)


def said(clauses: list[str]) -> st.SearchStrategy[dict[str, Milestone]]:
    """What a person may have said of some of these clauses."""
    one = st.builds(Milestone, st.just(""), states, moments, st.none() | moments)
    found = st.dictionaries(st.sampled_from(clauses), one)
    return found.map(lambda rows: {clause: replace(row, clause=clause) for clause, row in rows.items()})


@cache
def large(skills: int = 60) -> Desk:
    """A desk over a generated framework; its first role is the one to ask about."""
    shipped, matrix = content(), make_matrix(skills, 2, 4)
    index = Index(matrix, shipped.glossary)
    return replace(
        make_desk(Clock()), matrix=matrix, index=lambda: index, understand=Parser(matrix, shipped.words, index.lexicon)
    )


def of_role(desk: Desk) -> tuple[str, str, str, list[str]]:
    """The first role, its second and third level, and the ids of all clauses up to there."""
    role = next(iter(desk.matrix.roles.values()))
    clauses = [
        clause.id for at in role.ladder[:3] for cell in desk.matrix.column(role.id, at) for clause in cell.clauses
    ]
    return role.id, role.ladder[1], role.ladder[2], clauses


@given(data=st.data())
@settings(deadline=None)
def test_next_steps_are_all_that_is_open(data: st.DataObject) -> None:
    """What is in work comes first and newest first, then every open clause of the level and the next, each once,
    of its level what is so in part first, then what is required; nothing that is done or that the level below says."""
    desk = large()
    role, level, above, clauses = of_role(desk)
    known = Known(milestones=data.draw(said(clauses)))
    steps = list(milestones.next_steps(desk, role, level, known))
    ids = [step.clause.id for step in steps]
    assert len(set(ids)) == len(ids)
    assert not known.done.intersection(ids)
    working = known.in_state(State.WORKING)
    first = ids[: len(working)]
    assert set(first) == working
    assert [known.milestones[one].since for one in first] == sorted(
        (known.milestones[one].since for one in first), reverse=True
    )
    fresh = steps[len(working) :]
    here = {clause.id for cell in desk.matrix.column(role, level) for clause in cell.clauses}
    assert {step.clause.id for step in fresh if step.cell.level == level} == here - working - known.done
    assert {step.cell.level for step in fresh} <= {level, above}
    for _, group in groupby(fresh, key=lambda step: step.cell.level):
        at_level = list(group)
        partly = [step.clause.id in known.in_state(State.PARTLY) for step in at_level]
        assert partly == sorted(partly, reverse=True)
        for some in (at_level[: sum(partly)], at_level[sum(partly) :]):
            required = [step.cell.requirement is Requirement.REQUIRED for step in islice(some, 40 - sum(partly))]
            assert required == sorted(required, reverse=True)
    for step in fresh:
        assert (step.change is None) == (step.cell.level == level)
        if step.change:
            assert step.change.kind in ("new", "deeper")


@given(data=st.data())
@settings(deadline=None)
def test_what_builds_on_something_done_comes_first(data: st.DataObject) -> None:
    """Of the required clauses of the next level, those whose neighbours below are done stand before those whose
    neighbours are known to be open."""
    desk = make_desk(Clock())
    below, above = (desk.matrix.column(ROLE, at)[0] for at in (LEVEL, "senior"))
    known = Known(milestones=data.draw(said([clause.id for clause in below.clauses])))
    before = {
        change.after.id: known.milestones.get(change.before.id)
        for change in difference(below, above, desk.scales)
        if change.before and change.after
    }
    steps = [step.clause.id for step in milestones.open_steps(desk, ROLE, LEVEL, known) if step.cell is above]
    held = [
        steps.index(one) for one, stands in before.items() if stands and stands.state is State.DONE and one in steps
    ]
    open_below = [
        steps.index(one) for one, stands in before.items() if stands and stands.state is not State.DONE and one in steps
    ]
    assert not (held and open_below) or max(held) < min(open_below)


@given(data=st.data())
@settings(deadline=None)
def test_every_milestone_of_a_level_is_counted_once(data: st.DataObject) -> None:
    """In work, open and done are all milestones of a level, and required and optional ones add up to them."""
    desk = large()
    role, level, _, clauses = of_role(desk)
    known = Known(milestones=data.draw(said(clauses)))
    found = milestones.by_state(desk.matrix, role, level, known)
    done, total = len(found.done), len(list(found))
    assert total == len({step.clause.id for step in found}) == 180
    assert {step.clause.id for step in found.working} <= known.in_state(State.WORKING)
    counts = milestones.counts_by_requirement(desk.matrix, role, level, known.done)
    assert (sum(some for some, _ in counts.values()), sum(of for _, of in counts.values())) == (done, total)


@given(st.lists(st.builds(Milestone, st.text("abc", min_size=1), states, moments, st.none() | moments, st.booleans())))
def test_checks_are_due_after_one_four_and_twelve_weeks(found: list[Milestone]) -> None:
    """What is done is asked about once behind each of the three points, oldest first; nothing else ever is."""
    due = milestones.due_checks(found, START)
    assert [one.since for one in due] == sorted(one.since for one in due)
    for one in found:
        points = [one.since + weeks * WEEK for weeks in (1, 4, 12)]
        asked = any(point <= START and (one.checked is None or one.checked < point) for point in points)
        assert (one in due) == (asked and one.state is State.DONE and not one.archived)
    assert not milestones.due_checks((replace(one, checked=START) for one in due), START)


async def stored(talk: Talk) -> Mapping[str, Milestone]:
    """What the store knows of milestones."""
    known = await talk.desk.store.recall(SAM, PLACE, talk.clock.now)
    return known.milestones if known else {}


async def talk_with(rows: Mapping[str, Milestone]) -> Talk:
    """A person of whom this is known."""
    talk = Talk(lang="en")
    await talk.asks(SetProfile(role=ROLE, level=LEVEL))
    facts = [MilestoneSet(one.clause, one.state, one.since, one.checked) for one in rows.values()]
    await talk.desk.store.record(SAM, facts, START)
    return talk


CLAUSES = [
    clause.id for at in (LEVEL, "senior") for cell in content().matrix.column(ROLE, at) for clause in cell.clauses
]


@given(data=st.data())
@settings(deadline=None, max_examples=200)
async def test_undo_puts_back_exactly_what_was_there(data: st.DataObject) -> None:
    """Whatever was said of milestones and is undone with the button leaves them and the evidence as they were, with
    their dates, also when it is pressed twice."""
    talk = await talk_with(data.draw(said(CLAUSES)))
    talk.clock.wait(1)
    clause = st.sampled_from(CLAUSES)
    asked: Intent = data.draw(
        st.builds(MarkDone, clause=clause, done=st.booleans(), text=st.sampled_from(["", "some words"]))
        | st.builds(PickMilestone, clause=clause, working=st.booleans())
        | st.builds(ConfirmMilestone, clause=clause, still=st.just(False))
        | st.builds(MarkDone, every=st.just(True))
    )
    if isinstance(asked, MarkDone) and asked.every:
        await talk.asks(data.draw(st.sampled_from([SuggestNext(), ListMilestones()])))
    before = await stored(talk)
    reply = await talk.asks(asked)
    changed = await stored(talk) != before
    undo = [button for button in buttons(reply) if isinstance(button.intent, PutBack)]
    assert bool(undo) >= changed
    for _ in range(2):
        for button in undo:
            talk.clock.wait(1)
            await talk.asks(button.intent)
            assert await stored(talk) == before
            assert await talk.desk.store.evidence(SAM) == ()


changes: st.SearchStrategy[Intent] = (
    st.builds(MarkDone, clause=st.sampled_from(CLAUSES), done=st.booleans(), text=st.sampled_from(["", "some words"]))
    | st.builds(PickMilestone, clause=st.sampled_from(CLAUSES), working=st.booleans())
    | st.builds(ConfirmMilestone, clause=st.sampled_from(CLAUSES), still=st.booleans())
    | st.builds(AddEvidence, clause=st.sampled_from(CLAUSES), text=st.sampled_from(["some words", "other words"]))
    | st.builds(SetProfile, level=st.sampled_from(["junior", "senior"]))
)
"""What puts something on record, or turns out to change nothing."""


def takes_back(intent: Intent) -> bool:
    """Whether it is the way back of a page."""
    return isinstance(intent, PutBack) or (isinstance(intent, AddEvidence) and intent.remove is not None)


async def kept(talk: Talk) -> tuple[object, ...]:
    """All that is on record of sam, but for what was last spoken of."""
    known = await talk.desk.store.recall(SAM, PLACE, talk.clock.now)
    return (known and known.profile, await stored(talk), await noted(talk))


@given(rows=said(CLAUSES), asked=st.lists(changes, min_size=1, max_size=3))
@example(rows={}, asked=[MarkDone(clause=CLAUSES[0]), ConfirmMilestone(clause=CLAUSES[0], still=True)])
@settings(deadline=None, max_examples=150)
async def test_a_typed_undo_is_the_last_button(rows: Mapping[str, Milestone], asked: list[Intent]) -> None:
    """Typed, "undo" does what the way back on the page of the last change does; where that has none, nothing at all."""
    pressed, typed = await talk_with(rows), await talk_with(rows)
    back: Intent | None = None
    for one in asked:
        before = await kept(pressed)
        reply = await pressed.asks(one)
        await typed.asks(one)
        found = next((button.intent for button in buttons(reply) if takes_back(button.intent)), None)
        back = found if found or await kept(pressed) != before else back
        for talk in (pressed, typed):
            talk.clock.wait(1)
    if back:
        await pressed.asks(back)
    await typed.says("undo")
    assert await kept(typed) == await kept(pressed)


@pytest.mark.parametrize("year", [1, 1999, 2999])
@pytest.mark.parametrize("states", [("working", None), ("done", None), ("not-yet", "skipped")])
async def test_a_forged_undo_changes_nothing_else(states: tuple[str | None, ...], year: int) -> None:
    """An undo with foreign clauses and times that cannot have been touches only what the framework has, from now."""
    talk = await talk_with({})
    naive = datetime.datetime(year, 1, 1)
    stood = [
        Stood(clause=one, state=state, since=naive, left="nothing")  # type: ignore[arg-type]
        for one, state in zip(CLAUSES, states, strict=False)
    ]
    gone = Stood(clause="gone/a/b/c", state="done")
    reply = await talk.asks(PutBack(stood=(*stood, gone), evidence=("not-there",), at=START))
    assert text(reply)
    found = await stored(talk)
    assert {clause: one.state for clause, one in found.items()} == {one.clause: one.state for one in stood if one.state}
    assert all(one.since == START for one in found.values())
    assert "not in the framework" in text(await talk.asks(PutBack(stood=(Stood(clause="gone"),))))


ways = st.sampled_from(CLAUSES[:2])
before_forgetting: st.SearchStrategy[Intent] = (
    st.builds(MarkDone, clause=ways, done=st.booleans(), text=st.sampled_from(["", "some words"]))
    | st.builds(PickMilestone, clause=ways, working=st.booleans())
    | st.builds(ConfirmMilestone, clause=ways, still=st.just(False))
    | st.builds(FindLevel, clause=ways, answer=st.sampled_from(["yes", "partly", "not-yet", "skip"]))
)


@given(rows=said(CLAUSES[:2]), asked=before_forgetting, again=st.lists(before_forgetting, max_size=2))
@settings(deadline=None, max_examples=100)
async def test_no_undo_brings_back_what_was_erased(
    rows: Mapping[str, Milestone], asked: Intent, again: list[Intent]
) -> None:
    """The way back of a change from before everything was forgotten changes nothing, whatever was said afterwards."""
    talk = await talk_with(rows)
    back = next((one.intent for one in buttons(await talk.asks(asked)) if isinstance(one.intent, PutBack)), None)
    if back is None:
        return
    await talk.asks(AskPrivacy(forget=True, sure=True))
    talk.clock.wait(1)
    for one in again:
        await talk.asks(one)
    before = await stored(talk), await noted(talk)
    older = back.model_copy(update={"at": None, "stood": _untold(back)})
    for undo in (back,) if again else (back, older):
        assert "came with it" not in text(await talk.asks(undo))
        assert (await stored(talk), await noted(talk)) == before


def _untold(undo: PutBack) -> tuple[Stood, ...]:
    """What stood, as an older button has it."""
    return tuple(one.model_copy(update={"left": None}) for one in undo.stood)


async def test_an_older_undo_overwrites_nothing_newer() -> None:
    """The way back of a change is closed once the milestone has moved on, also to the same state anew."""
    talk = await talk_with({})
    first = buttons(await talk.asks(PickMilestone(clause=CLAUSES[0])))[2].intent
    assert isinstance(first, PutBack)
    talk.clock.wait(1)
    await talk.asks(MarkDone(clause=CLAUSES[0]))
    before = await kept(talk)
    assert "cannot take that back any more" in text(await talk.asks(first))
    assert await kept(talk) == before
    await talk.asks(MarkDone(clause=CLAUSES[0], done=False))
    talk.clock.wait(1)
    await talk.asks(PickMilestone(clause=CLAUSES[0]))
    before = await kept(talk)
    assert "cannot take that back any more" in text(await talk.asks(first))
    assert await kept(talk) == before


async def test_an_undo_does_not_claim_that_absent_evidence_is_gone() -> None:
    """When it is pressed again, an undo speaks of the milestone only."""
    talk = await talk_with({})
    undo = buttons(await talk.asks(MarkDone(clause=CLAUSES[0], text="some words")))[0].intent
    assert "came with it" in text(await talk.asks(undo))
    assert "came with it" not in text(await talk.asks(undo))
    assert await stored(talk) == {}


async def test_a_long_list_is_ticked_off_and_opened_again() -> None:
    """Everything on a list can be ticked off at once, however long, and opened again."""
    talk = Talk(lang="en")
    talk.desk = large()
    role, level, *_ = of_role(talk.desk)
    await talk.asks(SetProfile(role=role, level=level), "kim")
    await talk.asks(ListMilestones(level=level), "kim")
    reply = await talk.asks(MarkDone(every=True), "kim")
    assert text(reply).count("Done: ") == 20
    assert len(pack(buttons(reply)[0].intent).encode()) < 2000
    assert text(await talk.presses("Undo", "kim")).count("Open again") == 20


@pytest.mark.parametrize("since", [False, True])
async def test_the_way_back_of_a_long_list(since: bool) -> None:
    """What does not fit into a button is undone by it exactly, and not at all once something else was done."""
    talk = Talk(lang="en")
    talk.desk = replace(large(), store=talk.desk.store)
    role, level, _, ids = of_role(talk.desk)
    await talk.asks(SetProfile(role=role, level=level))
    await talk.desk.store.record(SAM, [MilestoneSet(one, State.WORKING, START - WEEK) for one in ids], START)
    await talk.asks(ListMilestones(level=level))
    before = await stored(talk)
    undo = buttons(await talk.asks(MarkDone(every=True)))[0].intent
    assert isinstance(undo, PutBack)
    assert undo.change
    assert not undo.stood
    if since:
        await talk.asks(PickMilestone(clause=ids[-1], working=False))
        before = await stored(talk)
        assert "cannot take that back any more" in text(await talk.asks(undo))
    else:
        await talk.asks(undo)
    assert await stored(talk) == before


async def test_the_list_of_a_large_framework_is_short() -> None:
    """However many milestones there are, a page names twenty, says how many more there are, and counts through."""
    talk = Talk(lang="en")
    talk.desk = large()
    role, level, above, _ = of_role(talk.desk)
    await talk.asks(SetProfile(role=role, level=level), "ann")
    for intent, parts in ((ListMilestones(), 2), (ListMilestones(level=above), 1)):
        reply = await talk.asks(intent, "ann")
        lists = [block for block in reply.blocks if isinstance(block, Bullets)]
        assert [len(block.items) for block in lists] == [20 // parts] * parts
        assert [block.first for block in lists] == [1, 11][:parts]
        assert f"And {180 - 20 // parts} more." in text(reply)
        assert len([block for block in reply.blocks if isinstance(block, Progress)]) == 2 * parts
        assert len(buttons(reply)) <= 6
    reply = await talk.asks(ListMilestones(), "ann")
    twelfth = next(block for block in reversed(reply.blocks) if isinstance(block, Bullets)).items[1]
    assert f"Done: “{twelfth.text}”" in text(await talk.says("done with number 12", "ann"))


async def test_every_milestone_of_a_large_level_is_in_reach() -> None:
    """Page after page shows each milestone of a level once, and the last page leads no further; numbers name what is
    on the page."""
    desk = large()
    role, level, _, _ = of_role(desk)
    talk = Talk(lang="en")
    talk.desk = desk
    await talk.asks(SetProfile(role=role, level=level))
    reply = await talk.asks(ListMilestones(level=level))
    seen = [*await last_list(talk)]
    while "More" in labels(reply):
        reply = await talk.presses("More")
        assert len(buttons(reply)) <= 6
        seen += await last_list(talk)
    assert len(seen) == len(set(seen)) == sum(len(cell.clauses) for cell in desk.matrix.column(role, level))
    shown = await last_list(talk)
    await talk.says("done with the second one")
    assert (await stored(talk)).keys() == {shown[1]}


async def last_list(talk: Talk) -> tuple[str, ...]:
    """The ids of what was listed last."""
    known = await talk.desk.store.recall(SAM, PLACE, talk.clock())
    assert known
    assert known.subject
    return known.subject.milestones


async def test_all_evidence_is_in_reach() -> None:
    """Page after page shows each piece of evidence once, and offers what is on the page to be corrected."""
    talk = await talk_with({})
    facts = [EvidenceAdded(f"Note {number}.", CLAUSES[number % 3]) for number in range(45)]
    await talk.desk.store.record(SAM, facts, START)
    reply = await talk.asks(ShowEvidence())
    seen: list[str] = []
    while True:
        here = [item.text for one in reply.blocks if isinstance(one, Bullets) for item in one.items]
        menu = next(one for one in reply.blocks if isinstance(one, Menu))
        assert [one.label for one in menu.picker.choices] == [
            f"{place}. {words}" for place, words in enumerate(here, start=len(seen) + 1)
        ]
        seen += here
        if "More" not in labels(reply):
            break
        reply = await talk.presses("More")
    assert sorted(seen) == sorted(one.text for one in facts)


async def test_the_form_for_evidence_offers_what_is_open() -> None:
    """With more milestones done than a menu holds, what is in work stands first, then what is open, then what is done,
    the newest first."""
    desk = large()
    role, level, _, clauses = of_role(desk)
    talk = Talk(lang="en")
    talk.desk = desk
    await talk.asks(SetProfile(role=role, level=level))
    done = [MilestoneSet(one, State.DONE, START - WEEK * place) for place, one in enumerate(clauses[1:61])]
    await desk.store.record(SAM, [MilestoneSet(clauses[0], State.WORKING), *done], START)
    form = (await talk.asks(AddEvidence(sure=False))).form
    assert form
    offered = [one.value for one in form.fields[0].choices]
    assert offered[0] == clauses[0]
    at = offered.index(clauses[1])
    assert 5 < at < 45
    assert not set(offered[1:at]) & set(clauses[1:61])
    assert offered[at:] == clauses[1:61][: len(offered) - at]


async def test_of_a_long_list_one_is_chosen_in_a_menu() -> None:
    """To tick one off a long list there is a menu of all that is not done, and places in the list still count."""
    talk = await talk_with({CLAUSES[0]: Milestone(CLAUSES[0], State.DONE, START - WEEK)})
    await talk.asks(ListMilestones())
    (menu,) = (block for block in (await talk.presses("One is done")).blocks if isinstance(block, Menu))
    assert {choice.value for choice in menu.picker.choices} == set(CLAUSES[1:])
    first = menu.picker.choices[0]
    await talk.chooses({menu.picker.label: first.label})
    assert (await stored(talk))[first.value].state is State.DONE
    await talk.asks(ListMilestones())
    await talk.asks(MarkDone(sure=False))
    await talk.says("done with number 8")
    assert len(await stored(talk)) == 3


async def test_others_leads_through_everything_and_starts_over() -> None:
    """Who skips suggestions sees every milestone once before the first ones come again."""
    talk = await talk_with({})
    reply = await talk.asks(SuggestNext())
    seen: list[str] = []
    while "from the start" not in text(reply):
        (block,) = (block for block in reply.blocks if isinstance(block, Bullets))
        seen += [item.text for item in block.items]
        assert len(buttons(reply)) <= 6
        reply = await talk.presses("Others")
    assert sorted(seen) == sorted(set(seen))
    assert len(seen) == len(CLAUSES)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("canary deployments", "canary deployment"),
        ("cannary deployment", "canary deployment"),
        ("the canary thing", "canary deployment"),
        ("Durchsatz", "throughput"),
        ("ab testing", "A/B testing"),
        ("optimizes throughput (batching gpu scheduling)", "throughput"),
        ("model", None),
        ("batching", None),
        ("kubernetes", None),
        ("configures", None),
    ],
)
async def test_a_milestone_is_named_in_ones_own_words(words: str, meant: str | None) -> None:
    """Plural or singular, with a typo or in German: what only one clause speaks of is that one, all else is asked."""
    for kind in (MarkDone, PickMilestone, AddEvidence):
        talk = await talk_with({})
        reply = await talk.asks(kind.model_validate({"words": words, "text": "proof"}))
        found = {*await stored(talk), *(one.clause for one in await noted(talk))}
        assert len(found) == bool(meant)
        assert (meant or "Which milestone") in text(reply)


@given(link=st.text(max_size=30) | st.sampled_from(["http://", "https:// x", "javascript:alert(1)", "https://a\nb"]))
def test_a_link_is_an_address(link: str) -> None:
    """What is taken for a link begins with http:// or https://, names a place and has no spaces in it."""
    voice = content().texts.voice("en")
    address = link.lower().startswith(("http://", "https://")) and not any(one.isspace() for one in link)
    if link and fault_in_link(link, voice) is None:
        assert address
    if link and not address:
        assert fault_in_link(link, voice)
    assert fault_in_link("https://git.example/a_(b)?c=d#e", voice) is None
    assert fault_in_link("HTTP://x", voice) is None


@given(st.text())
def test_what_is_kept_of_a_text_can_be_stored(words: str) -> None:
    """Of what a person wrote only characters that a database refuses or nobody sees are left out."""
    kept = written(words)
    assert "\x00" not in kept
    kept.encode()
    assert [one for one in kept if one.isalnum()] == [one for one in words if one.isalnum()]


async def noted(talk: Talk) -> tuple[Evidence, ...]:
    """The evidence of sam."""
    return await talk.desk.store.evidence(SAM)


async def test_the_same_evidence_twice_is_one() -> None:
    """A form that is sent twice leaves one piece of evidence; other words leave another one."""
    talk = await talk_with({})
    for words in ("one", "one", "two"):
        await talk.asks(AddEvidence(clause=CLAUSES[0], text=words))
    assert sorted(one.text for one in await noted(talk)) == ["one", "two"]


@pytest.mark.parametrize("ticked_before", [False, True])
async def test_undoing_a_tick_leaves_what_was_noted_before(ticked_before: bool) -> None:
    """Evidence that was there before a milestone was ticked off with the same link is there after Undo, too."""
    talk = await talk_with({})
    told = {"clause": CLAUSES[0], "link": "https://git.example/pr/12"}
    await talk.asks(MarkDone(**told) if ticked_before else AddEvidence(**told))
    before = await noted(talk)
    reply = await talk.asks(MarkDone(**told))
    assert len(before) == 1
    if "Undo" in labels(reply):
        await talk.presses("Undo")
    assert await noted(talk) == before


@pytest.mark.parametrize("clause", [True, False])
async def test_a_blank_correction_takes_nothing_away(clause: bool) -> None:
    """A form for correcting evidence that is sent without words, link and day comes back; the evidence is as it was."""
    talk = await talk_with({})
    await talk.desk.store.record(SAM, [EvidenceAdded("Tripled it.", CLAUSES[0] if clause else None)], START)
    before = await noted(talk)
    await talk.asks(ShowEvidence())
    await talk.chooses({"Correct one, or move it to another milestone": "1. Tripled it."})
    reply = await talk.chooses({"What you did": " ", "Link": "", "Date": ""})
    assert "There is nothing left in it" in text(reply)
    assert "What you did: Tripled it." in text(reply)
    assert await noted(talk) == before


async def test_evidence_of_a_link_alone_is_corrected() -> None:
    """A link without words can be given another day: no words are asked for."""
    talk = await talk_with({})
    link = "https://git.example/pr/12"
    await talk.asks(AddEvidence(clause=CLAUSES[0], link=link))
    await talk.asks(ShowEvidence())
    asked = await talk.chooses({"Correct one, or move it to another milestone": f"1. {link}"})
    assert asked.form
    assert not any(one.needed for one in asked.form.fields if isinstance(one, Entry))
    await talk.chooses({"Date": "2026-03-17"})
    (one,) = await noted(talk)
    assert (one.clause, one.text, one.link, one.day) == (CLAUSES[0], "", link, datetime.date(2026, 3, 17))


async def test_evidence_stays_with_a_milestone_that_is_gone() -> None:
    """Correcting the words of evidence does not tear it from a milestone that the framework has dropped."""
    talk = await talk_with({})
    await talk.desk.store.record(SAM, [EvidenceAdded("Tripled it.", "gone/x/y/z")], START)
    await talk.asks(ShowEvidence())
    await talk.chooses({"Correct one, or move it to another milestone": "1. Tripled it."})
    await talk.chooses({"What you did": "Doubled it."})
    assert [(one.clause, one.text) for one in await noted(talk)] == [("gone/x/y/z", "Doubled it.")]


async def test_a_correction_of_evidence_that_is_gone_changes_nothing() -> None:
    """A form that is sent after its evidence was taken back, or sent twice, keeps nothing and gives the words back."""
    talk = await talk_with({})
    await talk.asks(AddEvidence(clause=CLAUSES[0], text="Tripled it."))
    (one,) = await noted(talk)
    sent = CorrectEvidence(id=one.id, clause=CLAUSES[0], text="Doubled it.", link="https://a.example/b", sent=True)
    await talk.asks(sent)
    assert [one.text for one in await noted(talk)] == ["Doubled it."]
    again = text(await talk.asks(sent.model_copy(update={"text": "Halved it."})))
    assert "not there any more" in again
    assert "Halved it." in again
    assert "https://a.example/b" in again
    assert [one.text for one in await noted(talk)] == ["Doubled it."]


async def test_the_numbers_of_a_list_of_evidence_name_no_milestones() -> None:
    """After a list of evidence, "done with the first one" means no milestone of a list shown before."""
    talk = await talk_with({})
    await talk.asks(AddEvidence(clause=CLAUSES[0], text="Tripled it."))
    await talk.asks(SuggestNext())
    await talk.asks(ShowEvidence())
    await talk.says("done with the first one")
    assert await stored(talk) == {}


async def test_evidence_of_a_day_that_has_not_come_everywhere() -> None:
    """What was noted today in Auckland can be corrected in Honolulu, where it is yesterday, and is no day to come."""
    talk = await talk_with({})
    talk.zone = "Pacific/Auckland"
    await talk.asks(AddEvidence(clause=CLAUSES[0], text="Tripled it."))
    talk.zone = "Pacific/Honolulu"
    await talk.asks(MarkDone(clause=CLAUSES[0]))
    assert "in 1 day" not in text(await talk.asks(ShowPacket(level=LEVEL)))
    await talk.asks(ShowEvidence())
    await talk.chooses({"Correct one, or move it to another milestone": "1. Tripled it."})
    await talk.chooses({"What you did": "Doubled it."})
    (one,) = await noted(talk)
    assert (one.text, one.day) == ("Doubled it.", datetime.date(2026, 4, 2))


async def test_evidence_of_somebody_else_cannot_be_taken_back() -> None:
    """The id of a piece of evidence helps nobody but its owner."""
    talk = await talk_with({})
    await talk.asks(AddEvidence(clause=CLAUSES[0], text="mine"))
    (mine,) = await noted(talk)
    for forged in (AddEvidence(remove=mine.id), CorrectEvidence(id=mine.id)):
        reply = await talk.asks(forged, "eve")
        assert "not there any more" in text(reply)
        assert "mine" not in text(reply)
    await talk.asks(PutBack(evidence=(mine.id,)), "eve")
    assert await noted(talk) == (mine,)
    assert "Taken back" in text(await talk.asks(AddEvidence(remove=mine.id)))
    assert await noted(talk) == ()


@pytest.mark.parametrize(
    "intent",
    [
        AddEvidence(text="x" * MOST_WRITTEN),
        AddEvidence(clause=CLAUSES[0], text="x" * MOST_WRITTEN, link="no link"),
        AddEvidence(clause="gone/a/b/c", text="x" * MOST_WRITTEN),
        AddEvidence(clause=CLAUSES[0], text="x" * MOST_WRITTEN, sure=False),
        MarkDone(words="serving", text="x" * MOST_WRITTEN),
        MarkDone(clause=CLAUSES[0], text="x" * MOST_WRITTEN, link="no link"),
    ],
    ids=lambda intent: f"{intent.kind} {pack(intent)[:60]}",
)
async def test_nothing_written_is_lost(intent: AddEvidence | MarkDone) -> None:
    """Where something is missing or wrong the form comes with all that was written, and carries none of it itself."""
    reply = await (await talk_with({})).asks(intent)
    assert reply.form
    assert len(pack(reply.form.intent)) < 200
    assert len(reply.form.title) <= 24
    assert {field.text for field in reply.form.fields if hasattr(field, "text")} > {"x" * MOST_WRITTEN}


async def test_a_day_is_the_day_where_the_person_lives() -> None:
    """Evidence noted in the first hours of a day in Auckland is of that day, and tomorrow is still to come there."""
    talk = await talk_with({})
    turn = Turn(SAM, PLACE, lang="en", zone="Pacific/Auckland")
    form = (await answer(replace(turn, intent=AddEvidence(clause=CLAUSES[0])), talk.desk)).form
    assert form
    assert "2026-04-02" in [getattr(field, "text", "") for field in form.fields]
    late = AddEvidence(clause=CLAUSES[0], text="x", day=datetime.date(2026, 4, 3))
    assert "still to come" in text(await answer(replace(turn, intent=late), talk.desk))


async def test_a_comparison_shows_the_day_where_the_person_lives() -> None:
    """What was done around noon in UTC was done on the next day in Auckland, in a comparison with one's level, too."""
    talk = await talk_with({})
    (cell,) = talk.desk.matrix.column(ROLE, "senior")
    await talk.desk.store.record(SAM, [MilestoneSet(cell.clauses[0].id, State.DONE)], START)
    compare = CompareLevels(role=ROLE, levels=(LEVEL, "senior"))
    turn = Turn(SAM, PLACE, lang="en", zone="Pacific/Auckland", intent=compare)
    assert "Done since April 2, 2026." in text(await answer(turn, talk.desk))


async def test_what_is_archived_counts_nowhere() -> None:
    """A clause the framework has dropped is neither suggested, listed, offered nor asked about; its evidence stays."""
    clause = CLAUSES[0]
    talk = await talk_with({clause: Milestone(clause, State.DONE, START - 2 * WEEK)})
    await talk.asks(AddEvidence(clause=clause, text="proof"))
    await talk.rewrite({clause: ""})
    for intent in (SuggestNext(), ListMilestones(), ConfirmMilestone(), AddEvidence()):
        await talk.asks(intent)
        assert "Uses model serving frameworks" not in text(await talk.asks(intent))
    assert "proof" in text(await talk.asks(ShowEvidence()))
    for asked in (PickMilestone(clause=clause), MarkDone(clause=clause), ConfirmMilestone(clause=clause, still=True)):
        assert "not in the framework any more" in text(await talk.asks(asked))


def labels(reply: Reply) -> list[str]:
    """What the buttons say."""
    return [button.label for button in buttons(reply) if isinstance(button, Button)]


async def test_a_page_is_never_crowded() -> None:
    """No page about milestones has more than six buttons, and every one begins with words of its own."""
    talk = await talk_with({one: Milestone(one, State.WORKING, START) for one in CLAUSES[:2]})
    intents = [SuggestNext(), ListMilestones(), PickMilestone(clause=CLAUSES[3]), MarkDone(clause=CLAUSES[3])]
    intents += [MarkDone(sure=False), PickMilestone(), PickMilestone(working=False), MarkDone(done=False, words="x")]
    for intent in intents:
        reply = await talk.asks(intent)
        assert len(labels(reply)) <= 6
        assert labels(reply) or isinstance(reply.blocks[-1], Menu)
        assert len(set(labels(reply))) == len(labels(reply))
        assert isinstance(reply.blocks[0], Heading | Text | Form)
