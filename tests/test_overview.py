"""A person's overview: the chart says what is kept, and the page never grows beyond what a platform can show."""

from __future__ import annotations

import datetime
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.intent import (
    AddEvidence,
    AskNudges,
    AskPrivacy,
    ConfirmMilestone,
    FindLevel,
    Intent,
    ListMilestones,
    SetLanguage,
    SetProfile,
    ShowPacket,
    ShowProfile,
    SuggestNext,
)
from handlers.records import EvidenceAdded, Fact, MilestoneSet, Profile, ProfileSet, State
from handlers.reply import Chart, Reply
from handlers.turn import Person
from tests.talk import FRAMEWORKS, START, Talk, buttons, content, text

SAM = Person("test", "acme", "sam")
DAY = datetime.timedelta(days=1)
CLAUSES = [clause.id for _, clause in content().matrix.clauses()]
ROLES = sorted(content().matrix.roles)

MOST_BUTTONS = 6
"""What a card can hold without hiding any."""


async def overview(facts: list[Fact], lang: str = "en") -> Reply:
    """The overview of somebody with these facts."""
    talk = Talk(lang=lang)
    await talk.desk.store.record(SAM, facts, START - 10 * DAY)
    return await talk.asks(ShowProfile())


def chart(reply: Reply) -> Chart | None:
    """The chart of a page."""
    return next((block for block in reply.blocks if isinstance(block, Chart)), None)


@given(
    said=st.dictionaries(st.sampled_from(CLAUSES), st.sampled_from(State)),
    gone=st.sets(st.sampled_from(CLAUSES), max_size=3),
    role=st.sampled_from(ROLES),
    level=st.sampled_from((None, *content().matrix.levels)),
)
async def test_the_chart_counts_what_was_said(
    said: dict[str, State], gone: set[str], role: str, level: str | None
) -> None:
    """Each bar counts the clauses of its level that are done, begun and open; all of them, and no archived ones."""
    facts: list[Fact] = [MilestoneSet(clause, state) for clause, state in said.items()]
    facts += [MilestoneSet(f"{clause}-gone", State.DONE, archived=True) for clause in gone]
    facts.append(ProfileSet(Profile(role, level), only=frozenset({"role", "level"})))
    reply = await overview(facts)
    drawn = chart(reply)
    assert drawn
    matrix = content().matrix
    for bar, at in zip(drawn.bars, matrix.roles[role].ladder, strict=True):
        ids = [clause.id for cell in matrix.column(role, at) for clause in cell.clauses]
        counts = Counter(said[one] for one in ids if one in said)
        done, begun = counts[State.DONE], counts[State.WORKING] + counts[State.PARTLY]
        assert bar.counts == (done, begun, len(ids) - done - begun)
        assert ("(yours)" in bar.label) == (at == level)
    assert drawn.caption.startswith(matrix.roles[role].name.best("en")[0])
    assert len(buttons(reply)) <= MOST_BUTTONS


@pytest.mark.parametrize("lang", ["en", "de"])
async def test_everything_on_one_page(lang: str) -> None:
    """What is in work, what could come next, what is to be confirmed, the last evidence and the settings are there."""
    (cell,) = content().matrix.column("ml-engineer", "senior")
    first, second, *_ = cell.clauses
    facts: list[Fact] = [
        ProfileSet(Profile("ml-engineer", "middle", lang=lang, zone="Europe/Berlin")),
        MilestoneSet(first.id, State.DONE, START - 20 * DAY),
        MilestoneSet(second.id, State.WORKING, START - 3 * DAY),
        EvidenceAdded("Measured  it\ntwice", first.id, None, (START - 21 * DAY).date()),
    ]
    reply = await overview(facts, lang)
    said = text(reply)
    for passage in {
        "en": ("In work", "What could come next", "One milestone has been done for a while", "since March 29, 2026"),
        "de": (
            "In Arbeit",
            "Was als Nächstes kommen könnte",
            "Ein Meilenstein ist schon länger erledigt",
            "seit 29. März 2026",
        ),
    }[lang]:
        assert passage in said
    assert "Measured it twice" in said
    assert "Europe/Berlin" in said
    offered = {type(button.intent) for button in buttons(reply)}
    assert offered == {ConfirmMilestone, SuggestNext, AskNudges, AddEvidence, SetProfile, AskPrivacy}
    assert reply.private


async def test_what_is_in_work_is_not_offered_again() -> None:
    """What somebody works on stands under that alone; with all in work nothing else of the level is next."""
    (cell,) = content().matrix.column("ml-engineer", "senior")
    facts: list[Fact] = [ProfileSet(Profile("ml-engineer", "middle"))]
    facts += [MilestoneSet(clause.id, State.WORKING) for clause in cell.clauses]
    said = text(await overview(facts))
    for clause in cell.clauses:
        assert said.count(clause.wording.rstrip(".,; ")) == 1


async def test_much_in_work_is_cut() -> None:
    """Of many milestones in work the newest are named, and of the rest how many there are."""
    mine = [one for one in CLAUSES if "/ml-engineer/" in one][:9]
    facts: list[Fact] = [
        ProfileSet(Profile("ml-engineer", "middle")),
        *(MilestoneSet(one, State.WORKING) for one in mine),
    ]
    assert "4 more" in text(await overview(facts))


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("lang", ["en", "de"])
async def test_half_a_profile_and_old_names(lang: str, framework: str) -> None:
    """With only a role, only a level, or names the framework has dropped, the page asks for what is open."""
    talk = Talk(lang=lang, framework=framework)
    role = next(iter(talk.desk.matrix.roles.values()))
    for chosen in (
        (role.id, None),
        (None, role.ladder[0]),
        ("gardener", role.ladder[0]),
        (role.id, "chief"),
        ("a", "b"),
    ):
        fact = ProfileSet(Profile(chosen[0], chosen[1], lang=lang))
        await talk.desk.store.record(SAM, [fact], START)
        reply = await talk.asks(ShowProfile())
        assert len(buttons(reply)) <= MOST_BUTTONS
        assert FindLevel in {type(button.intent) for button in buttons(reply)}
        assert bool(chart(reply)) == (chosen[0] == role.id)


@pytest.mark.parametrize(
    "intent", [ShowProfile(), SuggestNext(), ListMilestones(), ShowPacket(), SetProfile()], ids=lambda one: one.kind
)
async def test_a_role_that_was_dropped_is_told(intent: Intent) -> None:
    """Whose role the framework has dropped is told so wherever a role is asked for, and never by its id."""
    talk = Talk(lang="en")
    await talk.desk.store.record(SAM, [ProfileSet(Profile("data-gardener", "middle", lang="en"))], START)
    said = text(await talk.asks(intent))
    assert "The framework no longer has “data gardener”, which you had chosen." in said
    assert "data-gardener" not in said


async def test_a_long_evidence_is_one_line() -> None:
    """However much was noted, the overview shows the beginning of it."""
    facts: list[Fact] = [ProfileSet(Profile("ml-engineer", "middle")), EvidenceAdded("long " * 300)]
    (line,) = [one for one in text(await overview(facts)).splitlines() if "Last evidence" in one]
    assert len(line) < 200
    assert "… (" in line


async def test_a_language_the_coach_does_not_speak() -> None:
    """An unknown language changes nothing; those that there are are offered."""
    talk = Talk(lang="en")
    reply = await talk.asks(SetLanguage(lang="xx"))
    assert "I do not speak that language yet, only English and German." in text(reply)
    assert not await talk.desk.store.export(SAM) or (await talk.desk.store.export(SAM))["person"][0]["lang"] is None


async def test_the_language_is_kept_for_other_places_and_days() -> None:
    """A chosen language holds where and when nothing else was written, although a profile is told in another one."""
    talk = Talk(lang="en")
    assert (await talk.asks(SetLanguage(lang="de"))).lang == "de"
    assert (await talk.asks(ShowProfile(), channel=True)).lang == "de"
    assert (await talk.says("I am a senior ML engineer")).lang == "en"
    talk.clock.wait(31)
    assert (await talk.asks(ShowProfile())).lang == "de"
