"""Who knows the rules, all posts and everybody's whole history but one person's does not learn that one's.

What a minimum group of k allows, and no more:

- An outsider, who knows how many people there are, is left with more than k / 2 possible counts for each number.
- Whoever knows everybody else learns from one reading which side the last one is on for at most one in k secrets,
  for no more than the counts at the very beginning or end of a step.
- Over many weeks of posts, of joins, leaves, levels and answers, they know of at most one week in 2 k whether the last
  one has done a milestone, and of at most one in k whether that one is in the team: a handful of numbers, each with its
  own secret. That a post repeats the numbers before, as few have changed something, is part of what they know.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.team_figures import figures
from handlers.team_records import Tally
from tests.team_world import CLAUSES, MATRIX, RUNGS, Week, World, histories, watch

HERE = RUNGS[0]
CLAUSE = CLAUSES[HERE][0]


def watched(seed: int, group: int, people: tuple[int, int], weeks: int) -> tuple[World, list[Week], list[str]]:
    """A team of chance with one person in it whom the attacker lacks, and what is seen of it."""
    chance = random.Random(seed)
    world = World(chance, chance.randint(*people), group, seed.to_bytes(16, "big"))
    world.people[0] = (HERE, (chance.choice(("open", "done", "work")), "open"))
    return world, *watch(world, weeks)


@pytest.mark.parametrize("group", [3, 5, 7])
def test_one_reading_leaves_both_answers_possible(group: int) -> None:
    """For every count of the others, at most one secret in k tells whether one more is with them."""
    for others in range(40):
        for more in (0, 1):
            told = 0
            for offset in range(1, group + 1):
                number = max(0, (others + more - offset) // group * group)
                told += not any(
                    max(0, (others + 1 - more - each) // group * group) == number for each in range(1, group + 1)
                )
            assert told <= 1
            assert told == 0 or (others + more) % group in (1, group - 1)


@given(st.integers(0, 2**31), st.sampled_from((3, 5)), st.integers(2, 4))
@settings(max_examples=60)
def test_the_attacker_knows_the_rules(seed: int, group: int, weeks: int) -> None:
    """What is true always is among the histories that fit, so that nothing is left out that could be learned."""
    _, seen, truth = watched(seed, group, (group + 1, 40), weeks)
    if seen:
        assert tuple(truth) in set(histories(seen, group, HERE, CLAUSE))


def learned(
    group: int, people: tuple[int, int], weeks: int, teams: int, *, stolen: bool = False
) -> tuple[float, float]:
    """The share of weeks of which the attacker knows whether the one has done it, and whether they are in the team."""
    told_done = told_there = of = 0
    for seed in range(teams):
        world, seen, _ = watched(seed, group, people, weeks)
        fit = list(histories(seen, group, HERE, CLAUSE, world.secret if stolen else None)) if seen else []
        for week in range(len(seen)):
            possible = {history[week] for history in fit}
            told_done += len({state == "done" for state in possible}) == 1
            told_there += len({state == "away" for state in possible}) == 1
            of += 1
    return told_done / of, told_there / of


@pytest.mark.parametrize(
    ("group", "people", "weeks", "teams"),
    [(3, (4, 12), 4, 120), (3, (8, 40), 4, 60), (5, (6, 14), 4, 120), (5, (15, 40), 4, 60), (7, (10, 40), 4, 60)],
)
def test_many_posts_do_not_tell_about_the_one_missing(
    group: int, people: tuple[int, int], weeks: int, teams: int
) -> None:
    """Of few weeks only does the attacker know the one's answer, or that they are in the team."""
    done, there = learned(group, people, weeks, teams)
    assert done <= 1 / (2 * group)
    assert there <= 1 / group


def test_a_long_run_of_posts_tells_hardly_more() -> None:
    """Six posts do not wear the secret out."""
    done, there = learned(5, (12, 24), 6, 12)
    assert done <= 1 / 10
    assert there <= 1 / 5


def test_it_is_the_secret_that_keeps_people_safe() -> None:
    """The same attacker learns a good deal more with the secret in hand: the attack has teeth."""
    blind = learned(5, (12, 40), 1, 200)
    seeing = learned(5, (12, 40), 1, 200, stolen=True)
    assert all(much > 2 * little for much, little in zip(seeing, blind, strict=True))


@pytest.mark.parametrize("secret", range(20))
def test_four_who_know_all_of_each_other_do_not_find_out_the_fifth(secret: int) -> None:
    """In a team that is just the minimum group, nothing but that there is such a team is ever said."""
    for done in range(6):
        counted = Tally({HERE: 5}, {(HERE, CLAUSE): (done, 5 - done)})
        assert figures(counted, bytes([secret]), MATRIX, 5).is_empty


@given(st.integers(0, 10**6), st.sampled_from((3, 5, 7)), st.integers(0, 40))
def test_everybody_the_same_is_never_said(secret: int, group: int, people: int) -> None:
    """Where all people of a team have the same answer, the numbers leave room for some who have another."""
    for answers in ((people, 0), (0, people), (0, 0)):
        found = figures(Tally({HERE: people}, {(HERE, CLAUSE): answers}), secret.to_bytes(4, "big"), MATRIX, group)
        most = max(0, people - group // 2)
        assert sum(found.rungs.values()) <= most
        assert all(sum(parts) <= most for parts in found.clauses.values())
