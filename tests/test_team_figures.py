"""What may be shown of a team: steps that leave enough untold, and stand until enough people have changed."""

from __future__ import annotations

import csv
import io
import itertools
import json
import random
from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.team_figures import Shown, Steps, Why, coarser, figures, read
from handlers.team_records import Figures, Reading, Rung, Tally
from handlers.team_views import csv_text, heat, lines, moved, topics
from tests.team_world import CLAUSES, MATRIX, NOW, RUNGS, World, tally

SECRET = b"a secret of a team"
HERE = RUNGS[0]
FIRST, SECOND = CLAUSES[HERE]
groups = st.sampled_from((3, 4, 5, 7))


def alike_people(count: int, done: int = 0, work: int = 0, *, changed: int = 0) -> Tally:
    """So many people of one rung; so many of them have done the first clause, or have it in work."""
    return Tally({HERE: count}, {(HERE, FIRST): (done, work)}, changed)


def reading(seen: Figures) -> Reading:
    """The figures as somebody saw them."""
    return Reading(1, NOW, seen, "U1", "C1", "posted")


def numbers(found: Figures) -> list[int]:
    """Every number of figures."""
    return [found.size, *found.rungs.values(), *itertools.chain.from_iterable(found.clauses.values())]


worlds = st.builds(
    lambda seed, size, least: World(random.Random(seed), size, least, seed.to_bytes(4, "big")),
    st.integers(0, 2**31),
    st.integers(4, 40),
    groups,
)


@given(worlds, st.integers(1, 6))
def test_a_number_is_a_step_and_always_true(world: World, weeks: int) -> None:
    """On the day it is taken a number is a multiple of the minimum group, and at least so many people are there."""
    for _ in range(weeks):
        counted, shown = world.post()
        if shown.why is Why.FRESH and shown.figures:
            found = shown.figures
            assert all(number % world.least == 0 and number >= 0 for number in numbers(found))
            assert found.size <= counted.total
            assert all(number <= counted.people[rung] for rung, number in found.rungs.items())
            for (rung, clause), parts in found.clauses.items():
                done, work = counted.clauses.get((rung, clause), (0, 0))
                real = (done, work, counted.people[rung] - done - work)
                assert all(number <= count for number, count in zip(parts, real, strict=True))
        world.week()


@given(worlds, st.integers(1, 6))
def test_the_numbers_of_a_whole_leave_some_of_it_untold(world: World, weeks: int) -> None:
    """Whoever knows exactly how many people there are cannot take the numbers off them and be left with one or two."""
    margin = world.least // 2
    for _ in range(weeks):
        counted, shown = world.post()
        if shown.why is Why.FRESH and shown.figures:
            assert sum(shown.figures.rungs.values()) <= max(0, counted.total - margin)
            for (rung, _), parts in shown.figures.clauses.items():
                assert sum(parts) <= counted.people[rung] - margin
        world.week()


@pytest.mark.parametrize(("group", "most"), [(3, 14), (5, 17)])
def test_no_part_can_be_worked_out_from_a_whole(group: int, most: int) -> None:
    """For each way to show the parts of a clause, each of them may be as many as half a group more or less."""
    steps = Steps(SECRET, group)
    names = {
        tuple(steps.offset(str(name), part) for part in ("open", "done", "work")): str(name) for name in range(3000)
    }
    assert len(names) == group**3
    for people in range(most + 1) if group == 3 else (most,):
        for number in range(group, people - group // 2, group):
            fits: dict[tuple[int, ...], list[set[int]]] = defaultdict(lambda: [set(), set(), set()])
            for done, work in itertools.product(range(people + 1), repeat=2):
                if done + work > people:
                    continue
                for name in names.values():
                    shown = tuple(one for one, _ in steps.parts(name, (done, work), number))
                    for part, count in zip(fits[shown], (done, work, people - done - work), strict=True):
                        part.add(count)
            assert all(len(part) > group // 2 for parts in fits.values() for part in parts)


def test_clauses_that_nobody_touched_do_not_tell_how_many_all_are() -> None:
    """Each clause says the same of all counts behind the number of its rung, so that many tell no more than one."""
    for people in range(40):
        found = figures(alike_people(people), SECRET, MATRIX, 5)
        number = found.rungs.get(HERE, 0)
        rest = Steps(SECRET, 5)
        expected = [part for part, _ in rest.parts(FIRST, (0, 0), number)] if number else [0, 0, 0]
        assert list(found.clauses.get((HERE, FIRST), (0, 0, 0))) == expected


@given(worlds, st.integers(0, 5), st.data())
def test_one_person_alone_never_moves_a_number(world: World, weeks: int, data: st.DataObject) -> None:
    """Whoever comes, goes, rises or ticks something off after a first post, every number stays as it was."""
    for _ in range(weeks):
        world.week()
    before = figures(tally(world.people, {}), world.secret, MATRIX, world.least)
    after = dict(world.people)
    one = data.draw(st.sampled_from(sorted(after)))
    answer = st.tuples(st.sampled_from(RUNGS), st.tuples(*[st.sampled_from(("done", "work", "open"))] * 2))
    change = data.draw(st.none() | answer)
    if change is None:
        del after[one]
    else:
        after[one] = change
    later = figures(tally(after, {}), world.secret, MATRIX, world.least, before)
    assert moved(before, later) == ()


@given(worlds, st.integers(2, 8))
def test_two_posts_are_the_same_or_enough_people_lie_between(world: World, weeks: int) -> None:
    """A number that moved from one post to the next stands for people, at least the minimum group, who changed."""
    seen: Figures | None = None
    for _ in range(weeks):
        between = tally(world.people, world.seen).changed
        _, shown = world.post()
        if shown.figures is None:
            continue
        if seen is not None and moved(seen, shown.figures):
            assert between >= world.least
            assert shown.why in (Why.FRESH, Why.NOTHING)
        seen = shown.figures
        world.week(0.3)


@pytest.mark.parametrize(
    ("people", "changed", "alike", "why"),
    [
        (4, 9, False, Why.SMALL),
        (20, 9, True, Why.ALIKE),
        (20, 4, False, Why.REPEATED),
        (20, 5, False, Why.FRESH),
        (5, 5, False, Why.NOTHING),
    ],
)
def test_it_is_said_why_there_are_these_numbers(people: int, changed: int, alike: bool, why: Why) -> None:
    """Too small, too like another team, repeated, fresh, or nothing to show."""
    latest = reading(figures(alike_people(14), SECRET, MATRIX, 5))
    now = replace(alike_people(people, changed=changed), alike=alike)
    shown = read(now, latest if people == 20 else None, SECRET, MATRIX, 5)
    assert shown.why is why
    assert (shown.figures is None) == (why in (Why.SMALL, Why.ALIKE))
    if why is Why.REPEATED:
        assert shown.figures == latest.figures


def test_nothing_shown_is_a_reading_as_well() -> None:
    """That no number could be shown has told something; the next reading counts from there."""
    first = read(alike_people(6), None, SECRET, MATRIX, 5)
    assert first.why is Why.NOTHING
    assert first.figures is not None
    assert read(alike_people(40, changed=4), reading(first.figures), SECRET, MATRIX, 5) == first


def test_a_minimum_group_is_never_under_three() -> None:
    """Whatever is set, two people are no group."""
    assert read(alike_people(2), None, SECRET, MATRIX, 1) == Shown(Why.SMALL)
    assert all(number % 3 == 0 for number in numbers(figures(alike_people(20, 7), SECRET, MATRIX, 1)))


def test_a_higher_minimum_makes_numbers_coarser_at_once() -> None:
    """Numbers that stand from before are shown in the new steps, without being counted anew."""
    first = figures(alike_people(17, 6), SECRET, MATRIX, 3)
    shown = read(alike_people(17, 6), reading(first), SECRET, MATRIX, 5)
    assert shown.why is Why.REPEATED
    assert shown.figures == coarser(first, 5)
    assert all(number % 5 == 0 for number in numbers(coarser(first, 5)))


@given(worlds, st.integers(0, 4))
def test_figures_survive_json(world: World, weeks: int) -> None:
    """Figures are the same after they were written down."""
    last = None
    for _ in range(weeks + 1):
        last = figures(tally(world.people, {}), world.secret, MATRIX, world.least, last)
        world.week()
    assert last
    assert Figures.from_json(json.loads(json.dumps(last.to_json()))) == last


def test_figures_taken_anew_are_never_those_before() -> None:
    """Who changed is counted from the latest time the figures were taken, also when no number moved."""
    first = figures(alike_people(20), SECRET, MATRIX, 5)
    again = figures(alike_people(20), SECRET, MATRIX, 5, first)
    assert moved(first, again) == ()
    assert again != first


def test_no_exact_count_is_printed() -> None:
    """Neither counts nor what numbers moved at stand in what a log may print."""
    assert "people" not in repr(alike_people(23))
    assert "basis" not in repr(figures(alike_people(23), SECRET, MATRIX, 5))


def test_a_level_the_framework_does_not_know_counts_for_the_team_alone() -> None:
    """People whose level was dropped add to the size and to nothing else."""
    found = figures(Tally({Rung("cook", "chef"): 20}, {}), SECRET, MATRIX, 5)
    assert found.size >= 10
    assert not found.rungs
    assert not found.clauses


@pytest.mark.parametrize(("people", "least"), [(7, 0.0), (8, 0.05), (10, 0.3), (12, 0.5)])
def test_a_small_team_sees_something(people: int, least: float) -> None:
    """Of a clause that all people of a level have open, so many teams are shown a number."""
    counted = Tally({HERE: people, RUNGS[1]: 2}, {})
    drawn = [figures(counted, bytes([one]), MATRIX, 5) for one in range(200)]
    share = sum((HERE, FIRST) in found.clauses for found in drawn) / len(drawn)
    assert share >= least
    assert share == 0 or people > 7


def test_topics_stand_in_the_order_of_their_step_then_of_the_framework() -> None:
    """Two milestones of the same step tell nothing about which has more people behind it."""
    figures = Figures(10, {}, {(HERE, SECOND): (0, 0, 10), (HERE, FIRST): (0, 0, 10), (RUNGS[1], "x"): (0, 0, 15)})
    assert [topic.clause.id for topic in topics(figures, MATRIX)] == [FIRST, SECOND]
    higher = replace(figures, clauses={**figures.clauses, (HERE, SECOND): (0, 0, 15)})
    assert [topic.clause.id for topic in topics(higher, MATRIX)] == [SECOND, FIRST]
    assert [topic.open for topic in topics(higher, MATRIX, 1)] == [15]


def test_what_moved_names_the_number_and_both_its_steps() -> None:
    """A number that came up from nothing rose, and what stayed is left out."""
    before = Figures(10, {HERE: 5}, {(HERE, FIRST): (0, 0, 5)})
    after = Figures(10, {HERE: 10}, {(HERE, FIRST): (5, 0, 0)})
    told = [(one.rung, one.clause, one.part, one.before, one.after) for one in moved(before, after)]
    assert told == [(HERE, None, None, 5, 10), (HERE, FIRST, "done", 0, 5), (HERE, FIRST, "open", 5, 0)]


def test_the_heat_map_has_skills_and_rungs_of_which_something_is_shown() -> None:
    """A field says how many people have something of the skill open; 0 is a field without a number."""
    figures = Figures(10, {}, {(HERE, FIRST): (5, 0, 0), (HERE, SECOND): (0, 0, 10)})
    skill = next(iter(MATRIX.skills))
    assert heat(figures, MATRIX).rungs == (HERE,)
    assert heat(figures, MATRIX).rows == ((skill, (10,)),)
    assert [(line.clause.id, line.done, line.open) for line in lines(figures, MATRIX)] == [
        (FIRST, 5, 0),
        (SECOND, 0, 10),
    ]
    assert heat(Figures(), MATRIX).rows == ()


@given(
    st.lists(st.lists(st.text("=+-@' \t\r\n,\"a", max_size=5) | st.integers(0, 50), min_size=1, max_size=4), max_size=3)
)
def test_no_field_of_a_file_is_a_formula(rows: list[list[str | int]]) -> None:
    """A spreadsheet that opens the file computes nothing, whatever the framework's wording begins with."""
    for row in csv.reader(io.StringIO(csv_text(rows), newline="")):
        assert not any(field.lstrip().startswith(("=", "+", "-", "@")) for field in row)


def test_a_file_leaves_hidden_numbers_empty() -> None:
    """Zero and few look the same: an empty field."""
    assert csv_text([["=1+1", 5, 0], ["Knows, and says", 0, 10]]) == '\'=1+1,5,\r\n"Knows, and says",,10\r\n'
