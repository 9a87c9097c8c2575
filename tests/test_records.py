"""Milestones out of JSON are the milestones that went in."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from handlers.records import Known, Milestone, Milestones, State

clauses = st.text(max_size=20)
offsets = st.integers(-12, 14).map(lambda hours: datetime.timezone(datetime.timedelta(hours=hours)))
moments = st.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2050, 1, 1), timezones=offsets)
said = st.builds(Milestone, clauses, st.sampled_from(State), moments, st.none() | moments, st.booleans())
people = st.lists(said, max_size=12, unique_by=lambda one: one.clause).map(
    lambda some: {one.clause: one for one in some}
)


def row(one: Milestone, *, lite: bool) -> list[Any]:
    """A milestone as a database writes it into JSON; SQLite has numbers for booleans, and all its times in UTC."""

    def written(moment: datetime.datetime) -> str:
        return str(moment.astimezone(datetime.UTC)) if lite else moment.isoformat()

    archived: Any = int(one.archived) if lite else one.archived
    return [one.clause, one.state.value, written(one.since), one.checked and written(one.checked), archived]


@given(people, st.booleans())
def test_out_of_rows(eager: dict[str, Milestone], lite: bool) -> None:
    """What is made when it is looked at is what would have been made at once, for every way of looking."""
    lazy = Milestones([row(one, lite=lite) for one in eager.values()])
    assert list(lazy) == list(eager)
    assert len(lazy) == len(eager)
    for clause in [*eager, "no such"]:
        assert (clause in lazy) == (clause in eager)
        assert lazy.get(clause) == eager.get(clause)
    assert lazy == eager
    assert {**lazy} == eager
    assert all(one.since.tzinfo is datetime.UTC for one in lazy.values())


@given(people)
def test_states(eager: dict[str, Milestone]) -> None:
    """Which clauses are done, in work, not yet or skipped is the same before and after they were looked at."""
    lazy = Milestones([row(one, lite=True) for one in eager.values()])
    for _ in range(2):
        for state in State:
            expected = {one.clause for one in eager.values() if one.state is state and not one.archived}
            assert Known(milestones=lazy).in_state(state) == Known(milestones=eager).in_state(state) == expected
        assert Known(milestones=lazy).done == replace(Known(), milestones=eager).done
        assert dict(lazy) == eager
