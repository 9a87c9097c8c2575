"""`make bench`: prints a table of goals and exits 1 when one is missed."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from tests.bench import answering, process, slack, storing, teams

RUNS = 5
"""Runs of each pair; their median counts, because machines are shared."""


@dataclass(frozen=True)
class Row:
    """One goal and what was measured for it."""

    what: str
    goal: str
    measured: str
    met: bool


def main() -> None:
    """Measure everything and print it."""
    table = Table("What", "Goal", "Measured", "")
    rows = list(_rows())
    for row in rows:
        table.add_row(row.what, row.goal, row.measured, "✓" if row.met else "missed")
    Console().print(table)
    sys.exit(0 if all(row.met for row in rows) else 1)


def _rows() -> Iterator[Row]:
    ratio, ours, floor = _ratio(slack.ours, slack.floor)
    yield Row(
        "Slack /skill, signed, answered and rendered; floor: Bolt only acknowledges",
        "≥ 60 %",
        f"{ratio:.0%} ({ours:,.0f}/s of {floor:,.0f}/s)",
        ratio >= 0.6,
    )
    ratio, ours, floor = _ratio(teams.ours, teams.floor)
    yield Row(
        "Teams message, answered with a card; floor: a stock CloudAdapter echoes",
        "≥ 5 ×",
        f"{ratio:.1f} × ({ours:,.0f}/s over {floor:,.0f}/s)",
        ratio >= 5,
    )
    small, large = answering.shipped(), answering.large()
    for name, half, most, factor in (
        ("p50", 0.3, small.p50, large.p50 / small.p50),
        ("p99", 2.0, small.p99, large.p99 / small.p99),
    ):
        yield Row(f"Parse and answer, {name}", f"< {half} ms", f"{most:.3f} ms", most < half)
        shape = " × ".join(map(str, answering.SHAPE))
        yield Row(f"the same on {shape}, {name}", "≤ 2 ×", f"{factor:.2f} ×", factor <= 2)
    yield from _storing()
    footprints = [process.measure() for _ in range(RUNS)]
    seconds = statistics.median(footprint.seconds for footprint in footprints)
    mebibytes = statistics.median(footprint.mebibytes for footprint in footprints)
    yield Row("Start to ready, both platforms", "< 2 s", f"{seconds:.2f} s", seconds < 2)
    yield Row("Resident memory, both platforms", "< 150 MB", f"{mebibytes:.0f} MiB", mebibytes * 1.048576 < 150)


def _storing() -> Iterator[Row]:
    many, few = storing.MANY, storing.FEW
    with storing.databases() as databases:
        for name, url in databases.items():
            for what, measure, goal in (
                (f"“I am a …” on {name}; floor: its statements", storing.set_profile, 1.5),
                (f"“Done” on {name}; floor: its statements", storing.mark_done, 1.5),
                (f"Overview with {many} milestones on {name}; floor: with {few}", storing.overview, 3),
            ):
                pair = measure(url)
                measured = f"{pair.ratio:.2f} × ({pair.ours:.2f} ms over {pair.floor:.2f} ms)"
                yield Row(what, f"≤ {goal} ×", measured, pair.ratio <= goal)


def _ratio(ours: Callable[[], float], floor: Callable[[], float]) -> tuple[float, float, float]:
    """The median of ours ÷ floor over alternating runs, and the median rates."""
    pairs = [(ours(), floor()) for _ in range(RUNS)]
    return (
        statistics.median(mine / bare for mine, bare in pairs),
        statistics.median(mine for mine, _ in pairs),
        statistics.median(bare for _, bare in pairs),
    )


if __name__ == "__main__":
    main()
