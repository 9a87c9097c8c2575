"""Weekly nudges: when they are offered, chosen and sent, what they say, and what a sign of life changes."""

from __future__ import annotations

import datetime
from dataclasses import replace
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from handlers.answer import answer, deliver
from handlers.errors import Unavailable
from handlers.intent import (
    AddEvidence,
    AskNudges,
    AskPrivacy,
    FindLevel,
    Intent,
    ListRoles,
    MakePlan,
    MarkDone,
    PickMilestone,
    PutBackNudges,
    ReceiveNudge,
    ReviewPlan,
    SetProfile,
    ShowEvidence,
    ShowExpectations,
    ShowPacket,
    ShowProfile,
    pack,
)
from handlers.nudge_pages import slot
from handlers.records import AddressSet, Known, MilestoneSet, Nudging, NudgingSet, Outcome, Plan, State
from handlers.reply import Audience, Buttons, Form, Reply
from handlers.rhythm import MOST_WEEKS, Rhythm
from handlers.turn import Person, Turn
from tests.door import HERE, ME, ROLE, clauses, desk_over
from tests.talk import START, Clock, Talk, buttons, content, text
from tests.test_store_schema import statements

MOST_BUTTONS = 6
MOST_STATEMENTS = 4
DAY = datetime.timedelta(days=1)
MONDAYS = Rhythm(0, 540, "Europe/Berlin", START.date())
LANGUAGES = ("en", "de")
OWN = ShowExpectations(role=ROLE, level="middle")
OFFER = {"en": "Would you like one short message a week?", "de": "Möchtest du einmal pro Woche"}


async def begun(**settings: Any) -> Talk:
    """Somebody with a profile."""
    talk = Talk(**({"lang": "en", "zone": "Europe/Berlin"} | settings))
    await talk.asks(SetProfile(role=ROLE, level="middle"))
    return talk


async def known(talk: Talk) -> Known:
    """What the store knows."""
    found = await talk.desk.store.recall(Person("test", "acme", "sam"), HERE, talk.clock.now)
    assert found
    return found


async def nudging(talk: Talk) -> Nudging:
    """Where the nudge stands."""
    return (await known(talk)).nudging


def every_clause(talk: Talk) -> list[str]:
    """The clauses of the role at every level."""
    levels = talk.desk.matrix.roles[ROLE].ladder
    return [one.id for level in levels for cell in talk.desk.matrix.column(ROLE, level) for one in cell.clauses]


async def put(talk: Talk, **fields: Any) -> None:
    """Set fields of the nudge."""
    fact = NudgingSet(Nudging(**fields), only=frozenset(fields))
    await talk.desk.store.record(Person("test", "acme", "sam"), [fact], talk.clock.now)


def sent(talk: Talk, day: datetime.date) -> Turn:
    """The turn of a letter."""
    return Turn(Person("test", "acme", "sam"), replace(HERE, id="direct-sam"), intent=ReceiveNudge(day=day))


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_the_offer_is_made_once(lang: str) -> None:
    """A nudge is offered under the look-up of one's own level, in private, and not again; nothing is switched on."""
    talk = await begun(lang=lang)
    assert OFFER[lang] not in text(await talk.asks(ShowExpectations(role=ROLE, level="senior")))
    assert OFFER[lang] not in text(await talk.asks(OWN, channel=True))
    assert OFFER[lang] in text(await talk.asks(OWN))
    assert OFFER[lang] not in text(await talk.asks(OWN))
    assert (await nudging(talk)).rhythm is None


async def test_the_offer_at_the_end_of_the_walk() -> None:
    """Whoever has walked to a level is asked there, on a page that every platform can show."""
    talk = Talk(lang="en")
    reply = await talk.asks(SetProfile(role=ROLE, level="middle", how="walk"))
    assert OFFER["en"] in text(reply)
    assert len(buttons(reply)) <= MOST_BUTTONS


@pytest.mark.parametrize("settings", [{"works_council": True}, {"reachable": False}])
async def test_nothing_is_offered_that_cannot_be(settings: dict[str, Any]) -> None:
    """In works-council mode, and where nobody can be written to, there is no offer."""
    talk = await begun(**settings)
    assert OFFER["en"] not in text(await talk.asks(OWN))


async def test_where_nobody_can_be_written_to() -> None:
    """In a terminal the choice is kept, nothing is planned, and the page says why; a place to write to changes that."""
    talk = await begun(reachable=False)
    assert "Here I can only answer, not write first." in text(await talk.asks(AskNudges(wish="on")))
    kept = await nudging(talk)
    assert kept.rhythm
    assert kept.due is None
    talk.reachable = True
    await talk.asks(ListRoles())
    assert (await nudging(talk)).due
    assert (await known(talk)).address == {"chat": "sam"}


async def test_the_address_is_kept_fresh() -> None:
    """Who is met elsewhere is written to there from then on; whoever chose no nudges leaves no address."""
    talk = await begun()
    assert (await known(talk)).address is None
    await talk.asks(AskNudges(wish="on"))
    old = {"chat": "old"}
    await talk.desk.store.record(Person("test", "acme", "sam"), [AddressSet(old)], talk.clock.now)
    await talk.asks(ListRoles())
    assert (await known(talk)).address == {"chat": "sam"}


async def test_the_wish_waits_for_the_profile() -> None:
    """Who has no role and level yet is asked for them, and the day and hour that were wished for are not lost."""
    talk = Talk(lang="en", zone="Europe/Berlin")
    await talk.says("remind me on fridays at 10")
    reply = await talk.chooses({"Role": "MLOps Engineer", "Level": "Middle"})
    assert "every Friday at 10:00 AM" in text(reply)
    assert (await known(talk)).profile.role == ROLE


async def test_a_zone_is_asked_for() -> None:
    """Without a zone nothing is guessed; with one it is used, and kept."""
    talk = await begun(zone=None)
    reply = await talk.asks(AskNudges(wish="on"))
    assert "In which time zone are you?" in text(reply)
    assert (await nudging(talk)).rhythm is None
    await talk.chooses({"Time zone, or a big city near you": "kathmandu"})
    rhythm = (await nudging(talk)).rhythm
    assert rhythm
    assert rhythm.zone == (await known(talk)).profile.zone == "Asia/Kathmandu"


@pytest.mark.parametrize("change", [{"rhythm": None}, {"rhythm": replace(MONDAYS, paused=True)}])
async def test_nothing_to_say(change: dict[str, Any]) -> None:
    """A letter that was planned before nudges were switched off or paused says nothing."""
    talk = await begun()
    await talk.asks(AskNudges(wish="on"))
    day = (await nudging(talk)).due_day
    assert day
    assert await deliver(sent(talk, day), talk.desk)
    await put(talk, **change)
    assert await deliver(sent(talk, day), talk.desk) is None


@pytest.mark.parametrize("wish", ["snooze", "set", "away"])
async def test_a_letter_that_waited_is_put_off_with_the_nudge(wish: Any) -> None:
    """A letter that was due before the person chose another time is not sent any more, one after it is."""
    talk = await begun()
    await talk.asks(AskNudges(wish="on"))
    due = (await nudging(talk)).due
    assert due
    talk.clock.now = due + 5 * datetime.timedelta(minutes=1)
    letter = replace(sent(talk, due.date()), intent=ReceiveNudge(day=due.date(), due=due))
    assert await deliver(letter, talk.desk)
    later = {"weekday": 4} if wish == "set" else {"first": due.date() + 8 * DAY, "until": due.date() + 9 * DAY}
    await talk.asks(AskNudges.model_validate({"wish": wish} | (later if wish != "snooze" else {})))
    assert await deliver(letter, talk.desk) is None
    following = (await nudging(talk)).due
    assert following
    talk.clock.now = following
    assert await deliver(replace(letter, intent=ReceiveNudge(day=following.date(), due=following)), talk.desk)


async def test_nothing_to_say_to_others() -> None:
    """Nothing is said on a day away, in works-council mode, or to who was forgotten."""
    talk = await begun()
    await talk.asks(AskNudges(wish="on"))
    letter = sent(talk, datetime.date(2026, 4, 6))
    assert await deliver(letter, talk.desk)
    assert await deliver(letter, replace(talk.desk, works_council=True)) is None
    await talk.asks(AskNudges(wish="pause", until=datetime.date(2026, 4, 6)))
    assert await deliver(letter, talk.desk) is None
    await talk.asks(AskNudges(wish="resume"))
    assert await deliver(letter, talk.desk)
    await talk.desk.store.forget(letter.person, talk.clock.now)
    assert await deliver(letter, talk.desk) is None


async def test_the_end_of_a_pause_leaves_an_absence_to_come() -> None:
    """Who is back from a pause is not written to in the vacation they announced; asked again, that ends, too."""
    talk = await begun()
    await talk.asks(AskNudges(wish="on"))
    await talk.says("I'm on vacation from 13 April to 24 April")
    await talk.asks(AskNudges(wish="pause"))
    await talk.asks(AskNudges(wish="resume"))
    rhythm = (await nudging(talk)).rhythm
    assert rhythm
    assert (rhythm.paused, rhythm.away_from, rhythm.away_until) == (
        False,
        datetime.date(2026, 4, 13),
        datetime.date(2026, 4, 24),
    )
    await talk.asks(AskNudges(wish="resume"))
    rhythm = (await nudging(talk)).rhythm
    assert rhythm
    assert rhythm.away_until is None


async def test_the_last_one_says_that_it_pauses() -> None:
    """The fourth that goes by ends with a pause; who comes back later stays paused until they say so."""
    talk = await begun()
    await talk.asks(AskNudges(wish="on"))
    for _ in range(4):
        day, reply = await talk.receives()
    assert reply
    assert "I pause here" in text(reply)
    await talk.asks(ListRoles())
    kept = await nudging(talk)
    assert (kept.rhythm and kept.rhythm.paused, kept.due, kept.ignored) == (True, None, 0)
    assert await deliver(sent(talk, day), talk.desk) is None
    reply = await talk.asks(AskNudges(wish="resume"))
    assert "every Monday" in text(reply)
    assert (await nudging(talk)).due


async def test_a_sign_of_life_brings_the_usual_pace_back() -> None:
    """After two that went by the third comes two weeks later, unless the person does anything at all here."""
    talk = await begun()
    await talk.asks(AskNudges(wish="on"))
    await talk.receives()
    day, reply = await talk.receives()
    assert reply
    assert "every other Monday" in text(reply)
    assert (await nudging(talk)).due_day == day + 14 * DAY
    await talk.asks(ListRoles())
    kept = await nudging(talk)
    assert (kept.due_day, kept.ignored) == (day + 7 * DAY, 0)


async def test_being_written_to_is_no_sign_of_life() -> None:
    """A letter leaves the count of those that went by as it is."""
    talk = await begun()
    await talk.asks(AskNudges(wish="on"))
    await talk.receives()
    assert (await nudging(talk)).ignored == 1


async def test_a_nudge_lists_what_one_can_speak_of() -> None:
    """What is typed after a nudge is about the milestones in it."""
    talk = await begun()
    await talk.asks(AskNudges(wish="on"))
    await talk.receives()
    await talk.says("done with the second one")
    (done,) = (await known(talk)).done
    assert done == clauses(talk.desk)[1]


async def test_a_nudge_speaks_the_language_of_the_person() -> None:
    """A letter has no words to tell a language by, so it goes by what the person spoke."""
    talk = await begun(lang="de")
    await talk.asks(AskNudges(wish="on"))
    _, reply = await talk.receives()
    assert reply
    assert reply.lang == "de"
    assert reply.private
    assert reply.audience is Audience.ASKER


async def test_a_nudge_does_not_interrupt() -> None:
    """Who was asked something else in the meantime answers that, not the nudge."""
    talk = await begun()
    await talk.asks(AskNudges(wish="on"))
    await talk.asks(MakePlan(clause=clauses(talk.desk)[0], when="it rains", then="write tests"))
    day = (await nudging(talk)).due_day
    assert day
    talk.clock.now = datetime.datetime.combine(day, datetime.time(6, 50), datetime.UTC)
    await talk.says("forget me")
    await talk.receives()
    await talk.says("no")
    plan = (await nudging(talk)).plan
    assert plan
    assert plan.outcome is None


async def test_telling_where_one_is_switches_nothing_on() -> None:
    """A zone or a country alone is no wish for nudges, nor does it end a pause."""
    assert "Weekly nudges are off" in text(await Talk(lang="en").says("my time zone is Tokyo"))
    talk = await begun(zone=None)
    for words in ("my time zone is Tokyo", "holidays in Germany", "my time zone is Atlantis"):
        assert "Weekly nudges are off" in text(await talk.says(words))
        assert (await nudging(talk)).rhythm is None
    assert (await known(talk)).profile.zone == "Asia/Tokyo"
    await talk.asks(AskNudges(wish="on"))
    await talk.asks(AskNudges(wish="pause"))
    assert "nudges are paused" in text(await talk.says("my time zone is Europe/Paris"))
    assert (await nudging(talk)).due is None
    assert "every Friday" in text(await talk.says("fridays at 9"))
    assert (await nudging(talk)).due


async def test_who_has_moved_may_take_the_nudge_along() -> None:
    """When the platform tells another zone the hour stays where it was chosen, until the person says otherwise."""
    talk = await begun()
    await talk.asks(AskNudges(wish="on"))
    talk.zone = "Asia/Tokyo"
    reply = await talk.asks(AskNudges())
    assert "between 9:00 AM and 9:05 AM" in text(reply)
    assert "nudges go by Europe/Berlin" in text(reply)
    await talk.presses("Go by Asia/Tokyo")
    rhythm = (await nudging(talk)).rhythm
    assert rhythm
    assert rhythm.zone == "Asia/Tokyo"
    assert "nudges go by" not in text(await talk.asks(AskNudges()))


@pytest.mark.parametrize(
    ("wish", "days", "day"), [("snooze", None, 20), ("snooze", 14, 27), ("snooze", 2, 8), ("pause", 3, 13)]
)
async def test_a_rest(wish: Any, days: int | None, day: int) -> None:
    """A snooze leaves one out, or so many weeks; one of a few days brings the nudge then, at the usual hour."""
    talk = await begun()
    await talk.asks(AskNudges(wish="on"))
    await talk.receives()
    reply = await talk.asks(AskNudges(wish=wish, days=days))
    assert f"April {day}, 2026" in text(reply)
    assert (await nudging(talk)).due_day == datetime.date(2026, 4, day)


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_why_a_nudge_comes(lang: str) -> None:
    """What comes less often than was asked for does not say that it was asked for like that."""
    talk = await begun(lang=lang)
    await talk.asks(AskNudges(wish="on"))
    voice = talk.desk.voice(lang)
    asked = voice("nudge.why", slot="").split(":")[0]
    _, first = await talk.receives()
    _, second = await talk.receives()
    assert first
    assert second
    assert asked in text(first)
    assert asked not in text(second)
    halved = Rhythm(0, 540, "Europe/Berlin", START.date(), every=2)
    assert slot(halved, voice).replace("\u202f", " ") in text(second)
    assert voice("nudge.why-less", slot="").split(";")[0] in text(second)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("every", [1, 2, 3, 4, 8])
async def test_no_two_greetings_in_a_row_are_the_same(lang: str, every: int) -> None:
    """However often nudges come, each begins otherwise than the one before, with a plan and without."""
    talk = await begun(lang=lang)
    await talk.asks(AskNudges(wish="set", weekday=4, minute=540, every=every))
    greetings = []
    for number in range(8):
        if number == 4:
            await talk.asks(MakePlan(clause=clauses(talk.desk)[0], when="it rains", then="write tests"))
        _, reply = await talk.receives()
        assert reply
        greetings.append(text(reply).splitlines()[0])
        if number != 1:  # two that went by halve the pace, and the greeting still is another one
            await talk.asks(ListRoles())
    assert all(one != other for one, other in pairwise(greetings))


@pytest.mark.parametrize(("lang", "nothing"), [("en", "nothing to plan"), ("de", "nichts zu planen")])
async def test_a_nudge_with_nothing_to_plan(lang: str, nothing: str) -> None:
    """Who has done all there is gets no greeting that asks for a step, nor a fresh start in a new month."""
    talk = await begun(lang=lang)
    await talk.asks(SetProfile(role=ROLE, level="principal"))
    await talk.asks(AskNudges(wish="on"))
    facts = [MilestoneSet(one, State.DONE) for one in every_clause(talk)]
    await talk.desk.store.record(Person("test", "acme", "sam"), facts, talk.clock.now)
    for _ in range(6):
        _, reply = await talk.receives()
        assert reply
        assert nothing in text(reply).splitlines()[0]
        assert talk.desk.voice(lang)("nudge.month") not in text(reply)
        await talk.asks(ListRoles())


async def test_off_leaves_nothing_behind() -> None:
    """Off erases the hour and the plan, and offers the way back; the same week brings no second nudge."""
    talk = await begun()
    await talk.asks(AskNudges(wish="set", weekday=2, minute=600, every=2, country="DE"))
    await talk.receives()
    chosen = (await nudging(talk)).rhythm
    clause = clauses(talk.desk)[0]
    await talk.asks(MakePlan(clause=clause, when="it rains", then="write tests"))
    plan = (await nudging(talk)).plan
    assert plan
    await talk.asks(AskNudges(wish="off"))
    kept = await nudging(talk)
    assert (kept.rhythm, kept.due, kept.due_day, kept.plan, kept.ignored) == (None, None, None, None, 0)
    await talk.presses("Undo")
    kept = await nudging(talk)
    assert kept.rhythm == chosen
    assert kept.plan == plan
    assert kept.due_day
    assert kept.last
    assert kept.due_day.isocalendar()[:2] != kept.last.isocalendar()[:2]


async def test_a_preview_changes_nothing() -> None:
    """A look at a nudge is marked as one and puts nothing on record."""
    talk = await begun()
    for wish in ("preview", "info"):
        before = await talk.desk.store.export(Person("test", "acme", "sam"))
        reply = await talk.asks(AskNudges(wish=wish))
        assert await talk.desk.store.export(Person("test", "acme", "sam")) == before
        assert ("Preview" in text(reply)) == (wish == "preview")


@pytest.mark.parametrize("outcome", get_args(Outcome))
async def test_an_old_button_is_about_its_own_plan(outcome: Outcome) -> None:
    """A button under an older nudge says nothing of a newer plan."""
    talk = await begun()
    first, second = clauses(talk.desk)[:2]
    await talk.asks(MakePlan(clause=first, when="it rains", then="write tests"))
    old = START.date()
    talk.clock.wait(8 * 24 * 60)
    await talk.asks(MakePlan(clause=second, when="it snows", then="read"))
    reply = await talk.asks(ReviewPlan(outcome=outcome, day=old))
    assert "You have made another plan since then" in text(reply)
    plan = (await nudging(talk)).plan
    assert plan
    assert plan.outcome is None
    await talk.asks(ReviewPlan(outcome=outcome, day=plan.day))
    plan = (await nudging(talk)).plan
    assert plan
    assert plan.outcome == outcome


async def test_a_plan_takes_its_milestone_on() -> None:
    """A plan puts an open milestone in work; one that is done stays done."""
    talk = await begun()
    first, second = clauses(talk.desk)[:2]
    await talk.asks(MarkDone(clause=second))
    for clause in (first, second):
        await talk.asks(MakePlan(clause=clause, when="it rains", then="write tests"))
    found = await known(talk)
    assert found.in_state(State.WORKING) == {first}
    assert found.done == {second}


@given(when=st.text(min_size=1, max_size=200), then=st.text(min_size=1, max_size=200))
async def test_a_plan_in_any_words(when: str, then: str) -> None:
    """Whatever is written is kept or asked for again, and what is kept is shown back."""
    talk = await begun()
    reply = await talk.asks(MakePlan(clause=clauses(talk.desk)[0], when=when, then=then))
    plan = (await nudging(talk)).plan
    assert (plan is None) == (reply.form is not None)
    if plan:
        assert plan.when
        assert plan.then


@st.composite
def standings(draw: st.DrawFn) -> tuple[dict[str, State], Nudging, datetime.date]:
    """What was said of milestones, where a nudge stands, and the day of a letter."""
    ids = [clause.id for cell, clause in content().matrix.clauses() if cell.role == ROLE]
    states = draw(st.dictionaries(st.sampled_from(ids), st.sampled_from(State)))
    day = START.date() + draw(st.integers(0, 200)) * DAY
    plan = draw(
        st.none()
        | st.builds(
            Plan,
            st.sampled_from([*ids, "gone/x/y/z"]),
            st.just("it rains"),
            st.just("write tests"),
            st.just(START.date()),
            st.none() | st.sampled_from(get_args(Outcome)),
        )
    )
    rhythm = draw(
        st.none()
        | st.builds(
            replace,
            st.just(MONDAYS),
            weekday=st.integers(0, 6),
            every=st.integers(1, MOST_WEEKS),
            paused=st.booleans(),
        )
    )
    return states, Nudging(rhythm, last=day, ignored=draw(st.integers(0, 9)), plan=plan), day


@settings(max_examples=150, deadline=None)
@given(standings(), st.sampled_from(LANGUAGES), st.sampled_from(["junior", "middle", "principal"]))
async def test_every_nudge(standing: tuple[dict[str, State], Nudging, datetime.date], lang: str, level: str) -> None:
    """Wherever one stands, a nudge is short, has its end and its reason on it, and six buttons at the most."""
    states, kept, day = standing
    talk = Talk(lang=lang)
    person = Person("test", "acme", "sam")
    await talk.asks(SetProfile(role=ROLE, level=level))
    facts = [MilestoneSet(clause, state) for clause, state in states.items()]
    await talk.desk.store.record(person, [*facts, NudgingSet(kept)], START)
    talk.clock.now = datetime.datetime.combine(day, datetime.time(9), datetime.UTC)
    reply = await deliver(sent(talk, day), talk.desk)
    gone = kept.rhythm is None or (kept.rhythm.paused and kept.ignored < 4)
    assert (reply is None) == gone
    if reply:
        _is_sound(reply, talk, kept)


def _is_sound(reply: Reply, talk: Talk, kept: Nudging) -> None:
    said = text(reply)
    offered = [one.intent for one in buttons(reply)]
    assert AskNudges(wish="off") in offered
    assert len(offered) <= MOST_BUTTONS
    assert len({one.label for one in buttons(reply)}) == len(offered)
    assert len(said) < 1_600
    assert not any(isinstance(block, Form) for block in reply.blocks)
    assert sum(isinstance(block, Buttons) for block in reply.blocks) == 1
    assert "None" not in said
    going_on = kept.rhythm
    if going_on and kept.ignored < 2 and not going_on.paused:
        assert slot(going_on, talk.desk.voice(reply.lang)).replace("\u202f", " ") in said


@pytest.mark.parametrize("lang", LANGUAGES)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
async def test_any_wish(lang: str, data: st.DataObject) -> None:
    """Whatever is wished is done or asked back; a nudge that is on has its next time, or the page says why not."""
    talk = await begun(lang=lang, zone=data.draw(st.sampled_from([None, "Europe/Berlin", "Mars/Base"])))
    wishes = st.builds(
        AskNudges,
        wish=st.sampled_from(get_args(AskNudges.model_fields["wish"].annotation)),
        weekday=st.none() | st.integers(0, 6),
        minute=st.none() | st.integers(0, 1439),
        every=st.none() | st.integers(0, 999),
        zone=st.none() | st.sampled_from(["Europe/Berlin", "berlin", "", "x" * 60, "*b* <!here>"]),
        country=st.none() | st.sampled_from(["", "DE", "germany", "Deutschland", "Nowhere"]),
        days=st.none() | st.integers(1, 365),
        until=st.none() | st.dates(),
        odd=st.none() | st.sampled_from(["time", "often", "day", "country"]),
    )
    for wish in data.draw(st.lists(wishes, min_size=1, max_size=5)):
        reply = await talk.asks(wish)
        assert "run me" not in text(reply)
        assert "betreiben" not in text(reply)
        assert len(buttons(reply)) <= MOST_BUTTONS
        kept = await nudging(talk)
        assert (kept.due is None) == (kept.due_day is None)
        if kept.due:
            assert kept.rhythm
            assert not kept.rhythm.paused
            assert kept.due > talk.clock.now


HEARD: tuple[Intent | str, ...] = (
    AskNudges(),
    AskNudges(wish="on"),
    AskNudges(wish="set", weekday=4, minute=600, zone="Europe/Paris"),
    AskNudges(wish="set", weekday=4, role=ROLE, level="middle"),
    AskNudges(wish="off"),
    AskNudges(wish="snooze"),
    AskNudges(wish="pause"),
    AskNudges(wish="resume"),
    AskNudges(wish="preview"),
    MakePlan(),
    ReviewPlan(outcome="partly"),
    ReceiveNudge(),
    OWN,
    SetProfile(role=ROLE, level="middle", how="walk"),
    ShowProfile(),
    ShowEvidence(),
    ShowPacket(),
    "my profile",
    "erledigt mit dem zweiten",
    "done with the second one, see https://example.com/proof",
    "undo",
    "remind me on fridays at 9",
    "forget me",
)


@pytest.mark.parametrize("ignored", [0, 1, 2, 4])
async def test_statements(sql_store: SqlStore, ignored: int) -> None:
    """A sign of life on top of any answer, at the first contact of a day, from a new address, takes no statement more
    than an answer may."""
    clock = Clock()
    desk = desk_over(sql_store, clock)
    clause = clauses(desk)[0]
    proof = {"text": "Rolled it out.", "link": "https://example.com/proof"}
    more: tuple[Intent | str, ...] = (
        MakePlan(clause=clause, when="it rains", then="write tests"),
        MarkDone(clause=clause),
        MarkDone.model_validate({"clause": clause} | proof),
        AddEvidence.model_validate({"clause": clause} | proof),
        AddEvidence(remove="0123456789abcdef"),
        PickMilestone(clause=clause),
        FindLevel.model_validate({"role": ROLE, "level": "senior", "clause": clause, "answer": "yes"} | proof),
    )
    for number, asked in enumerate((*HEARD, *more)):
        person = replace(ME, user=f"U{number}")
        turn = Turn(person, HERE, zone="Europe/Berlin", lang="en", address={"chat": "old"})
        await answer(replace(turn, intent=SetProfile(role=ROLE, level="middle")), desk)
        await answer(replace(turn, intent=AskNudges(wish="on")), desk)
        await answer(replace(turn, intent=MakePlan(clause=clause, when="it rains", then="write tests")), desk)
        kept = await sql_store.recall(person, HERE, clock.now)
        assert kept
        counted = replace(kept.nudging, ignored=ignored)
        await sql_store.record(person, [NudgingSet(counted)], clock.now)
        clock.wait(24 * 60)
        turn = replace(turn, address={"chat": "new"}) if number % 2 else turn
        with statements(sql_store) as seen:
            reply = await answer(
                replace(turn, words=asked, lang="de") if isinstance(asked, str) else replace(turn, intent=asked), desk
            )
        assert "run me: " not in text(reply), asked
        # Who chooses a time is told the window of everybody there who chose it, which has to be asked for.
        most = MOST_STATEMENTS + (asked in ("remind me on fridays at 9", AskNudges(wish="set", weekday=2)))
        assert len([one for one in seen if not one.startswith("PRAGMA")]) <= most, (asked, seen)


async def test_statements_of_a_letter(sql_store: SqlStore) -> None:
    """What a letter says takes few statements."""
    desk = desk_over(sql_store)
    turn = Turn(ME, HERE, zone="Europe/Berlin", lang="en", address={"chat": "me"})
    await answer(replace(turn, intent=SetProfile(role=ROLE, level="middle")), desk)
    await answer(replace(turn, intent=AskNudges(wish="on")), desk)
    with statements(sql_store) as seen:
        assert await deliver(Turn(ME, HERE, intent=ReceiveNudge(day=START.date())), desk)
    assert len(seen) <= MOST_STATEMENTS


class Away(MemoryStore):
    """A store that cannot be reached."""

    async def recall(self, *_: object) -> Known | None:
        """Nothing can be read."""
        raise Unavailable("away")


async def test_errors_of_a_letter_are_not_for_the_person() -> None:
    """When the store is away a letter is no page of regret: whoever sends it decides."""
    desk = desk_over(Away())
    with pytest.raises(Unavailable):
        await deliver(Turn(ME, HERE, intent=ReceiveNudge(day=START.date())), desk)


@pytest.mark.parametrize(
    ("words", "channel", "lang"),
    [
        (["Was soll ich als Nächstes lernen?", "Was habe ich schon geschafft?"], False, "de"),
        (["Was soll ich als Nächstes lernen?", "Was habe ich schon geschafft?"], True, "en"),
        (["Was soll ich als Nächstes lernen?"], False, "en"),
        (["erledigt", "Übersicht"], False, "en"),
        (["Sprich bitte Deutsch"], False, "de"),
        (["Sprich bitte Deutsch", "what does a senior ML engineer need?"], False, "de"),
    ],
)
async def test_what_is_unasked_follows_what_a_person_goes_on_writing(
    words: list[str], channel: bool, lang: str
) -> None:
    """It comes in the language of their own conversation: not by single words, one sentence, or what a room reads."""
    talk = await begun(lang="en")
    await talk.says("Remind me on Mondays at 9")
    for sentence in words:
        await talk.says(sentence, channel=channel)
    talk.clock.wait(24 * 60)
    await talk.asks(AskNudges(wish="info"))
    _, reply = await talk.receives()
    assert reply
    assert reply.lang == lang


async def test_an_undo_of_stop_overwrites_nothing_newer() -> None:
    """A nudge that was chosen since stays; after "forget me" only the time may come back, and is asked about."""
    talk = await begun()
    await talk.asks(AskNudges(wish="set", weekday=2, minute=600))
    await talk.asks(MakePlan(clause=clauses(talk.desk)[0], when="it rains", then="write tests"))
    stopped = await talk.asks(AskNudges(wish="off"))
    back = next(one.intent for one in buttons(stopped) if isinstance(one.intent, PutBackNudges))
    await talk.asks(AskNudges(wish="set", weekday=4, minute=480))
    await talk.asks(back)
    newer = await nudging(talk)
    assert newer.rhythm
    assert (newer.rhythm.weekday, newer.plan) == (4, None)
    await talk.asks(AskPrivacy(forget=True, sure=True))
    assert "I need your role and level" in text(await talk.asks(back)) or "role and level first" in text(
        talk.last["sam"]
    )
    talk.clock.wait(1)
    await talk.asks(SetProfile(role=ROLE, level="middle"))
    await talk.asks(back)
    assert (await nudging(talk)).plan is None


async def test_a_nudge_that_was_put_off_stays_so_through_stop_and_undo() -> None:
    """The day to which the next one was put off comes back with all else; one that has passed meanwhile does not."""
    talk = await begun()
    await talk.asks(AskNudges(wish="set", weekday=2, minute=600))
    await talk.asks(AskNudges(wish="snooze", days=21))
    before = await nudging(talk)
    back = next(
        one.intent for one in buttons(await talk.asks(AskNudges(wish="off"))) if isinstance(one.intent, PutBackNudges)
    )
    await talk.asks(back)
    assert ((await nudging(talk)).due, (await nudging(talk)).due_day) == (before.due, before.due_day)
    await talk.asks(AskNudges(wish="off"))
    talk.clock.wait(60 * 24 * 60)
    await talk.asks(back)
    due = (await nudging(talk)).due
    assert due
    assert due > talk.clock.now


async def test_a_long_plan_comes_back_by_a_typed_undo() -> None:
    """What is too long for a button stays out of it, and a typed "undo" has it all."""
    talk = await begun()
    await talk.asks(AskNudges(wish="set", weekday=2, minute=600))
    await talk.asks(MakePlan(clause=clauses(talk.desk)[0], when="🌧" * 200, then="🧪" * 200))
    plan = (await nudging(talk)).plan
    stopped = await talk.asks(AskNudges(wish="off"))
    assert all(len(pack(one.intent).encode()) < 1_900 for one in buttons(stopped))
    await talk.says("undo")
    assert (await nudging(talk)).plan == plan
