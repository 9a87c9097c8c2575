"""The walk to one's level: its rules, and that it ends well whatever is pressed."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import product

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.store.sql import SqlStore
from content.matrix import Requirement
from handlers.answer import answer
from handlers.intent import (
    FindLevel,
    Intent,
    ListMilestones,
    PickMilestone,
    SetProfile,
    ShowPacket,
    ShowProfile,
    SuggestNext,
)
from handlers.milestones import Step
from handlers.phrase import fragment
from handlers.records import Milestone, MilestoneSet, State
from handlers.reply import Buttons, Entry, Form, Menu, Picker, Reply
from handlers.turn import Person, Place, Turn
from handlers.walk import MOST_ASKED, Questions, Verdict, Walk, questions
from tests import matrices
from tests.talk import FRAMEWORKS, START, Clock, Talk, buttons, content, make_desk, text
from tests.test_store_schema import statements

ROLE = "ml-engineer"
SAM, PLACE = Person("test", "acme", "sam"), Place("direct-sam")
BETTER = (State.NOT_YET, State.PARTLY, State.DONE)
"""Answers, each better than the one before."""


@cache
def made(skills: int, levels: int, clauses: int, seed: int) -> Questions:
    """The questions of a role of a generated framework."""
    matrix = matrices.matrix(skills, 1, levels, clauses=clauses, seed=seed)
    return questions(matrix, next(iter(matrix.roles)))


@st.composite
def walks(draw: st.DrawFn) -> Walk:
    """A walk not yet begun; now and then the framework says nothing about a level."""
    asked = made(*(draw(st.integers(1, most)) for most in (3, 7, 3)), seed=draw(st.integers(0, 5)))
    gaps = draw(st.sets(st.sampled_from(list(asked)), max_size=len(asked) - 1))
    return Walk("role", {level: () if level in gaps else steps for level, steps in asked.items()}, {})


def say(walk: Walk, step: Step, state: State, minutes: int = 0) -> Walk:
    """The walk with one more answer."""
    said = Milestone(step.clause.id, state, START + datetime.timedelta(minutes=minutes))
    return replace(walk, said={**walk.said, step.clause.id: said})


def take(walk: Walk, level: str, state_of: Callable[[Step], State]) -> tuple[Walk, list[Step]]:
    """Take a walk to its end; the clauses in the order in which they were asked."""
    asked: list[Step] = []
    while following := walk.next_level(level):
        level, step = following, walk.open(following)[0]
        asked.append(step)
        walk = say(walk, step, state_of(step), len(asked))
        assert len(asked) <= MOST_ASKED * len(walk.ladder), "the walk does not end"
    return walk, asked


def ends(walk: Walk) -> tuple[int, int]:
    """The places of the lowest and the highest likely level."""
    likely = walk.likely()
    return walk.ladder.index(likely[0]), walk.ladder.index(likely[-1])


@given(walks(), st.data())
def test_a_walk_ends_within_the_ladder(walk: Walk, data: st.DataObject) -> None:
    """Wherever it begins and whatever is answered, a walk ends, asks nothing twice, and ends with levels in a row."""
    start = data.draw(st.sampled_from(walk.ladder))
    walk, asked = take(walk, start, lambda _: data.draw(st.sampled_from(list(State))))
    ids = [step.clause.id for step in asked]
    assert len(ids) == len(set(ids))
    likely = walk.likely()
    if not any(walk.said[one].state is not State.SKIPPED for one in ids):
        assert likely == ()
    else:
        place = walk.ladder.index(likely[0])
        assert likely == walk.ladder[place : place + len(likely)]


@given(walks(), st.data())
def test_a_walk_goes_on_where_it_stopped(walk: Walk, data: st.DataObject) -> None:
    """Whoever stops after any answer and comes back is asked at the same level as if they had not."""
    level: str | None = data.draw(st.sampled_from(walk.asked))
    minutes = 0
    while level and (level := walk.next_level(level)):
        minutes += 1
        walk = say(walk, walk.open(level)[0], data.draw(st.sampled_from(list(State))), minutes)
        back = walk.begun() or walk.latest()
        assert back
        assert walk.next_level(back) == walk.next_level(level)


@given(walks(), st.data())
def test_a_better_answer_never_lowers_the_range(walk: Walk, data: st.DataObject) -> None:
    """With a better answer to one clause, neither the lowest nor the highest likely level is lower."""
    for level in data.draw(st.sets(st.sampled_from(walk.asked), min_size=1)):
        for step in walk.questions[level]:
            walk = say(walk, step, data.draw(st.sampled_from(list(State))))
    answered = [step for level in walk.asked for step in walk.answered(level)]
    step = data.draw(st.sampled_from(answered))
    state = walk.state(step)
    better = BETTER[BETTER.index(state) + 1 :] if state in BETTER else (State.DONE,)
    if better and walk.likely():
        low, high = ends(walk)
        lower, higher = ends(say(walk, step, data.draw(st.sampled_from(better))))
        assert low <= lower
        assert high <= higher


@given(walks(), st.sampled_from([State.DONE, State.NOT_YET]), st.data())
def test_the_same_answer_to_everything(walk: Walk, state: State, data: st.DataObject) -> None:
    """Who does everything ends at the highest level asked about, who does nothing yet at the lowest or below."""
    walk, _ = take(walk, data.draw(st.sampled_from(walk.ladder)), lambda _: state)
    low, high = ends(walk)
    assert low == high
    if state is State.DONE:
        assert walk.ladder[high] == walk.asked[-1]
    else:
        assert low == max(walk.ladder.index(walk.asked[0]) - 1, 0)


@pytest.mark.parametrize(
    ("states", "verdict"),
    [
        ("yyyy", Verdict.HOLDS),
        ("yyyn", Verdict.HOLDS),
        ("yypp", Verdict.HOLDS),
        ("yywp", Verdict.HOLDS),
        ("yyns", Verdict.BETWEEN),
        ("pppp", Verdict.BETWEEN),
        ("yynn", Verdict.BETWEEN),
        ("yypn", Verdict.BETWEEN),
        ("ypnn", Verdict.LACKS),
        ("ynnn", Verdict.LACKS),
        ("nsss", Verdict.LACKS),
        ("ysss", Verdict.HOLDS),
        ("ssss", None),
        ("yyy", None),
    ],
)
def test_verdict(states: str, verdict: Verdict | None) -> None:
    """A level of four required clauses holds when most of them are a yes; what was skipped does not count."""
    matrix = content().matrix
    walk = Walk(ROLE, questions(matrix, ROLE), {})
    short = {"y": State.DONE, "p": State.PARTLY, "w": State.WORKING, "n": State.NOT_YET, "s": State.SKIPPED}
    for step, state in zip(walk.questions["middle"], states, strict=False):
        walk = say(walk, step, short[state])
    assert walk.verdict("middle") is verdict


@pytest.mark.parametrize("role", content().matrix.roles)
def test_contradictions_are_settled_one_by_one(role: str) -> None:
    """Each is a "not yet" below a "yes" in the same skill, is asked about once, and then no more."""
    walk = Walk(role, questions(content().matrix, role), {})
    for place, level in enumerate(walk.ladder):
        for step in walk.questions[level]:
            walk = say(walk, step, State.DONE if place % 2 else State.NOT_YET)
    settled = set()
    while found := walk.contradiction(content().scales):
        lower, upper = found
        assert lower.cell.skill == upper.cell.skill
        assert (walk.state(lower), walk.state(upper)) == (State.NOT_YET, State.DONE)
        assert walk.ladder.index(upper.cell.level) == walk.ladder.index(lower.cell.level) + 1
        assert lower.clause.id not in settled
        settled.add(lower.clause.id)
        right = replace(walk.said[lower.clause.id], checked=START)
        walk = replace(walk, said={**walk.said, lower.clause.id: right})
    assert settled


@pytest.mark.parametrize("skills", [1, 7, 300])
def test_what_is_asked_of_many_clauses(skills: int) -> None:
    """Of a level with hundreds of clauses eight are asked about: required cells first, each of another skill."""
    matrix = matrices.matrix(skills, 1, 5)
    role = next(iter(matrix.roles))
    for level, steps in questions(matrix, role).items():
        column = matrix.column(role, level)
        assert len(steps) == min(MOST_ASKED, 3 * len(column))
        required = [cell for cell in column if cell.requirement is Requirement.REQUIRED]
        asked = [step for step in steps if step.cell in required]
        assert len(asked) == min(MOST_ASKED, 3 * len(required))
        assert len({step.cell.skill for step in asked}) == min(MOST_ASKED, len(required))
        assert steps == questions(matrix, role)[level]
    groups, known = (
        {matrix.skills[step.cell.skill].group for step in steps},
        {one.group for one in matrix.skills.values()},
    )
    assert 2 * len(groups) > min(len(known), MOST_ASKED)


@pytest.mark.parametrize("lang", ["en", "de"])
@pytest.mark.parametrize("framework", FRAMEWORKS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
async def test_a_whole_walk_by_pressing(framework: str, lang: str, data: st.DataObject) -> None:
    """Whatever is pressed on the pages of a walk, in whatever order, none breaks, and none has too many buttons."""
    talk = Talk(lang=lang, framework=framework)
    with structlog.testing.capture_logs() as events:
        reply = await talk.asks(FindLevel(role=data.draw(st.sampled_from(list(talk.desk.matrix.roles)))))
        for _ in range(30):
            sent = [one for one in _reached(reply) if isinstance(one, FindLevel)]
            if not sent:
                break
            reply = await talk.asks(data.draw(st.sampled_from(sent)))
            assert reply.private
            assert len(buttons(reply)) + sum(isinstance(one, Menu | Form) for one in reply.blocks) <= 6
            assert all(str(state) not in text(reply) for state in ("None", "{", "not-yet"))
    assert not [event for event in events if event["log_level"] == "error"]


def _reached(reply: Reply) -> list[Intent]:
    menus = [block for block in reply.blocks if isinstance(block, Menu)]
    chosen = [
        menu.intent.model_copy(update={menu.picker.field: one.value}) for menu in menus for one in menu.picker.choices
    ]
    return [*(button.intent for button in buttons(reply)), *chosen]


@pytest.mark.parametrize("framework", FRAMEWORKS)
async def test_every_role_can_be_walked(framework: str) -> None:
    """A walk with the same answer throughout ends with levels to choose from, for every role and every beginning."""
    matrix = content(framework).matrix
    for role, label in product(matrix.roles.values(), ("Yes", "Partly", "Not yet")):
        for level in role.ladder:
            talk = Talk(lang="en", framework=framework)
            reply = await talk.asks(FindLevel(role=role.id, level=level))
            while label in {button.label for button in buttons(reply)}:
                reply = await talk.presses(label)
            keep = [button.intent for button in buttons(reply) if isinstance(button.intent, SetProfile)]
            assert keep
            assert all(one.role == role.id and one.level in role.ladder for one in keep)


async def test_a_double_press_leaves_one_fact() -> None:
    """Pressed twice, an answer is kept once, and both presses lead to the same next question."""
    talk = Talk(lang="en")
    await talk.asks(FindLevel(role=ROLE, level="middle"))
    press = next(button.intent for button in buttons(talk.last["sam"]) if button.label == "Yes")
    first = await talk.asks(press)
    assert await talk.asks(press) == first
    kept = await talk.desk.store.export(Person("test", "acme", "sam"))
    assert [row["state"] for row in kept["milestone"]] == ["done"]


@pytest.mark.parametrize(
    "intent",
    [
        FindLevel(role=ROLE, clause="gone", answer="yes"),
        FindLevel(clause="model-serving/ml-engineer/middle/gone", answer="yes", text="proof"),
        FindLevel(role="data-scientist", clause="model-serving/ml-engineer/middle/uses-frameworks", answer="yes"),
        FindLevel(level="senior", clause="model-serving/ml-engineer/middle/uses-frameworks", answer="partly"),
        FindLevel(role="gone", answer="yes"),
        FindLevel(role=ROLE, level="gone", answer="yes"),
        FindLevel(role=ROLE, level="middle", answer="yes"),
        FindLevel(sure=True, text="proof", answer="yes"),
    ],
)
async def test_what_does_not_fit_changes_nothing(intent: FindLevel) -> None:
    """A clause that is gone, or of another role or level, gets a kind answer, and nothing is kept of it."""
    talk = Talk(lang="en")
    with structlog.testing.capture_logs() as events:
        reply = await talk.asks(intent)
    assert reply.blocks
    assert not events
    kept = await talk.desk.store.export(Person("test", "acme", "sam"))
    assert not {"milestone", "evidence"} & kept.keys()


async def test_the_example_is_kept_as_evidence() -> None:
    """The form for an example has a short title; what is sent is kept with the answer that was chosen."""
    talk = Talk(lang="en")
    await talk.asks(FindLevel(role=ROLE, level="middle"))
    reply = await talk.presses("With an example")
    assert reply.form
    assert len(reply.form.title) <= 24
    assert [one.needed for one in reply.form.fields if isinstance(one, Entry)] == [True, False]
    said = {"Your answer": "Partly", "The example, in a sentence or two": "Triton, for search"}
    reply = await talk.chooses(said)
    assert "Noted, with your example: Partly" in text(reply)
    assert "Clause 2 of 4" in text(reply)
    kept = await talk.desk.store.export(Person("test", "acme", "sam"))
    (milestone,), (evidence,) = kept["milestone"], kept["evidence"]
    assert milestone["state"] == "partly"
    assert evidence["text"] == "Triton, for search"
    assert (evidence["clause"], evidence["link"]) == (milestone["clause"], None)


async def test_a_link_that_is_none_is_asked_for_again() -> None:
    """An example with something else in place of a link is not kept; the form comes back with what was written."""
    talk = Talk(lang="en")
    await talk.asks(FindLevel(role=ROLE, level="middle"))
    await talk.presses("With an example")
    said = {"Your answer": "Partly", "The example, in a sentence or two": "Triton", "A link to it": "on my desk"}
    reply = await talk.chooses(said)
    assert "“on my desk” does not look like a link" in text(reply)
    assert reply.form
    picker, *entries = reply.form.fields
    assert isinstance(picker, Picker)
    assert picker.chosen == "partly"
    assert [one.text for one in entries if isinstance(one, Entry)] == ["Triton", "on my desk"]
    assert "milestone" not in await talk.desk.store.export(Person("test", "acme", "sam"))
    assert "Clause 1 of 4" in text(await talk.presses("Without an example"))


async def test_ticked_off_before() -> None:
    """What was ticked off before the walk is not asked about again."""
    talk = Talk(lang="en")
    await talk.says("I am a middle ML engineer")
    await talk.says("what should I learn next?")
    await talk.says("done with the first one")
    reply = await talk.asks(FindLevel(level="senior"))
    assert "Clause 2 of 4" in text(reply)
    assert "one clause of this level is answered already" in text(reply)


@pytest.mark.parametrize("state", State)
async def test_skip_leaves_an_answer_as_it_is(state: State) -> None:
    """Skipping a clause that something was said of goes on and leaves all of that; no button offers it."""
    talk = Talk(lang="en")
    step = questions(talk.desk.matrix, "ml-engineer")["senior"][0]
    about = {"role": "ml-engineer", "level": "senior", "clause": step.clause.id}
    ago = START - datetime.timedelta(days=30)
    await talk.desk.store.record(SAM, [MilestoneSet(step.clause.id, state, ago, ago)], ago)
    asked = await talk.asks(FindLevel(**about))
    assert "Skip" not in {button.label for button in buttons(asked)}
    reply = await talk.asks(FindLevel(**about, answer="skip"))
    assert fragment(step.clause, talk.desk.voice("en")) not in text(reply)
    kept = await talk.desk.store.recall(SAM, PLACE, START)
    assert kept
    assert kept.milestones[step.clause.id] == Milestone(step.clause.id, state, ago, ago)


async def test_the_good_bye_does_not_offer_to_stop() -> None:
    """Who has stopped reads that only they see the answers, and is not told once more that they may stop."""
    talk = Talk(lang="en")
    await talk.asks(FindLevel(role=ROLE, level="middle"))
    said = text(await talk.presses("Stop for now"))
    assert "Only you see this." in said
    assert "Stop whenever" not in said


async def test_a_level_of_another_ladder_is_left_out() -> None:
    """Who names a level that the role they said something of does not have is asked where to begin."""
    talk = Talk(lang="en", framework="varied")
    await talk.asks(PickMilestone(clause="planing/joiner/apprentice/knows"))
    assert "trainee" not in talk.desk.matrix.roles["joiner"].ladder
    assert "run me: " not in text(await talk.asks(FindLevel(level="trainee")))


async def test_partly_is_not_in_work() -> None:
    """What was answered with "partly" is no milestone that was picked: it is open, and comes first of what is next."""
    talk = Talk(lang="en")
    await talk.asks(SetProfile(role=ROLE, level="middle"))
    *_, last = talk.desk.matrix.column(ROLE, "senior")[0].clauses
    await talk.asks(FindLevel(role=ROLE, level="senior", clause=last.id, answer="partly"))
    words = fragment(last, talk.desk.voice("en"))
    nothing = await talk.asks(PickMilestone(working=False))
    assert "Nothing is in work right now." in text(nothing)
    steps = text(await talk.asks(SuggestNext()))
    assert "In work since" not in steps
    assert f"1. {words}" in steps
    assert "◔ Partly since April 1, 2026" in text(await talk.asks(ListMilestones(level="senior")))
    assert f"{words}" in text(await talk.asks(ShowPacket())).partition("Required, partly there")[2]
    overview = text(await talk.asks(ShowProfile()))
    assert "1 begun" in overview
    assert "Senior ML Engineer, partly there already" in overview


async def test_partly_leaves_what_was_picked_in_work() -> None:
    """Answering "partly" to a clause that is in work leaves it in work, since the same day."""
    talk = Talk(lang="en")
    clause = talk.desk.matrix.column(ROLE, "senior")[0].clauses[0].id
    await talk.asks(PickMilestone(clause=clause))
    talk.clock.wait(24 * 60)
    await talk.asks(FindLevel(role=ROLE, level="senior", clause=clause, answer="partly"))
    kept = await talk.desk.store.recall(SAM, PLACE, talk.clock.now)
    assert kept
    assert (kept.milestones[clause].state, kept.milestones[clause].since) == (State.WORKING, START)


async def test_a_follow_up_in_a_room_does_not_give_the_walk_away() -> None:
    """After a question of the walk where others read along, a follow-up knows nothing of its role and level."""
    talk = Talk(lang="en")
    await talk.asks(FindLevel(role="nlp-engineer", level="lead"), channel=True)
    reply = await talk.says("and principal?", channel=True)
    assert reply.private or "Which role is it about?" in text(reply)


async def test_statements_of_an_answer(sql_store: SqlStore) -> None:
    """An answer with an example takes no more than four statements, even at the first contact of a day."""
    desk = replace(make_desk(Clock()), store=sql_store)
    person, place = Person("slack", "T1", "U1"), Place("D1")

    async def press(intent: FindLevel, days: int) -> Reply:
        later = replace(desk, now=lambda: START + datetime.timedelta(days=days))
        return await answer(Turn(person, place, intent=intent, pressed=True), later)

    first = await press(FindLevel(role=ROLE, level="middle"), 0)
    asked = next(one.intent for block in first.blocks if isinstance(block, Buttons) for one in block.buttons)
    assert isinstance(asked, FindLevel)
    with statements(sql_store) as seen:
        await press(asked.model_copy(update={"text": "proof", "link": "https://example.com"}), 3)
    assert len([one for one in seen if not one.startswith("PRAGMA")]) <= 4, seen


@pytest.mark.parametrize("answer", ["yes", "partly", "not-yet", "skip"])
async def test_again_gives_no_answer(answer: str) -> None:
    """A button that asks again about what is open and answers a clause as well only asks again."""
    talk = Talk(lang="en")
    await talk.asks(SetProfile(role=ROLE, level="middle"))
    clause = questions(talk.desk.matrix, ROLE)["middle"][0].clause.id
    for before in ("not-yet", "yes"):
        await talk.asks(FindLevel.model_validate({"clause": clause, "answer": before}))
        again = {"clause": clause, "answer": answer, "step": "again"}
        assert "went wrong" not in text(await talk.asks(FindLevel.model_validate(again)))
        known = await talk.desk.store.recall(SAM, PLACE, talk.clock.now)
        assert known
        assert len(known.milestones) == (before == "yes")


async def test_another_language_leaves_the_question() -> None:
    """Whoever asks for another language amid the walk answers the same question in it."""
    talk = Talk(lang="en")
    await talk.asks(SetProfile(role=ROLE, level="middle"))
    await talk.says("help me find my level")
    await talk.says("auf Deutsch bitte")
    await talk.says("ja")
    known = await talk.desk.store.recall(SAM, PLACE, talk.clock.now)
    assert known
    assert known.profile.lang == "de"
    assert [one.state for one in known.milestones.values()] == [State.DONE]
