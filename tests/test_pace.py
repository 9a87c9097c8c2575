"""The pace: at the limit, never above it in any second, each workspace for itself."""

from __future__ import annotations

import asyncio
import datetime

from hypothesis import given
from hypothesis import strategies as st

from scheduler.letters import Workspace
from scheduler.pace import Pace
from tests.stub_platform import most_within
from tests.virtual import Time, VirtualLoop, run, true_time

SECOND = datetime.timedelta(seconds=1)
ACME, BETA = Workspace("stub", "acme"), Workspace("stub", "beta")


@given(
    limit=st.sampled_from((0.5, 1.0, 5.0, 30.0, 50.0)),
    stalls=st.lists(st.tuples(st.integers(0, 100), st.floats(0.001, 3)), max_size=5),
    delays=st.lists(st.floats(0, 0.02), min_size=101, max_size=101),
)
def test_no_second_is_above_the_limit(limit: float, stalls: list[tuple[int, float]], delays: list[float]):
    """However the process stalls, and though the line delays each letter a little, no second sees too many."""

    async def work() -> None:
        gate = Pace({"stub": limit}, Time().watch).gate(ACME)
        times = []
        stalled = dict(stalls)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)

        async def pass_by(number: int) -> None:
            await gate.passing()
            times.append(true_time() + datetime.timedelta(seconds=delays[number]))
            loop.elapsed += stalled.get(number, 0.0)

        await asyncio.gather(*map(pass_by, range(101)))
        assert most_within(times, SECOND) <= max(limit, 1)
        assert max(times) - min(times) <= 1.05 * datetime.timedelta(seconds=100 / limit + sum(stalled.values()))

    run(work)


def test_one_workspace_does_not_wait_for_another():
    """Two workspaces take no longer than one."""

    async def work() -> float:
        pace = Pace({"stub": 5.0}, Time().watch)
        await asyncio.gather(*(pace.gate(where).passing() for where in (ACME, BETA) for _ in range(50)))
        return asyncio.get_running_loop().time()

    assert 10 < run(work) < 10.5


def test_the_first_letter_waits_as_if_another_had_just_gone():
    """Another process may have sent a moment before, so a new gate opens a step later; then it is the same gate."""

    async def work() -> None:
        pace = Pace({"stub": 5.0}, Time().watch)
        assert pace.gate(ACME).closed_for() > 1 / 5
        await asyncio.sleep(1)
        assert pace.gate(ACME).closed_for() == 0

    run(work)


def test_a_platform_without_a_limit_is_not_held_up():
    """Where no limit is given no letter waits."""

    async def work() -> float:
        gate = Pace({}, Time().watch).gate(ACME)
        await asyncio.gather(*(gate.passing() for _ in range(1000)))
        return asyncio.get_running_loop().time()

    assert run(work) == 0
