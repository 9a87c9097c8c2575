"""A large workspace on a Monday morning."""

from __future__ import annotations

from tests.simulation import PER_MINUTE, simulate


def test_a_large_workspace_takes_what_the_limit_takes():
    """Ten thousand people in one workspace are written to at its limit, in little more time, and never above it."""
    morning = simulate(10_000)
    assert morning.sent == 10_000
    assert morning.ratio <= 1.05
    assert not morning.refused
    assert not morning.doubled
    assert morning.in_a_second <= PER_MINUTE // 60
    assert morning.in_a_minute <= PER_MINUTE
