"""What is remembered of deliveries, and for how long."""

from __future__ import annotations

from bot.recent import Recent


def test_a_value_is_kept_until_its_time_is_over() -> None:
    """What was put is there, until so much time has passed."""
    time = 0.0
    seen = Recent[str, int](10, seconds=60, now=lambda: time)
    assert seen.put("a", 1) is None
    time = 59
    assert seen.get("a") == 1
    time = 60
    assert seen.get("a") is None
    assert seen.put("a", 2) is None


def test_what_was_there_is_told() -> None:
    """Putting again returns the value before, and a dropped one is gone."""
    seen = Recent[str, int](10)
    seen.put("a", 1)
    assert seen.put("a", 2) == 1
    seen.drop("a")
    seen.drop("never there")
    assert seen.get("a") is None


def test_the_oldest_are_forgotten() -> None:
    """A flood drops what was put first, and what was put again counts as new."""
    seen = Recent[int, bool](3)
    for number in (0, 1, 2, 0, 3):
        seen.put(number, True)
    assert [seen.get(number) for number in range(4)] == [True, None, True, True]
