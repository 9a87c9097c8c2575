"""`make bench`: prints a table of goals and exits 1 when one is missed.

`python -m tests.bench --large` takes the million people in the worker's table that the goal speaks of: minutes more.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import answering, counting, letters, naive, process, slack, storing, teams
from tests.simulation import PER_MINUTE, simulate

RUNS = 5
"""Runs of each pair; their median counts, because machines are shared."""


LETTER_RUNS = 3

PEOPLE = 100_000
"""How many people there are; a hundredth of them is due."""

MANY_PEOPLE, MILLION = 100_000, 1_000_000
"""People in the table of the worker."""


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
    yield from _counting()
    yield from _letters(large="--large" in sys.argv)
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


def _counting() -> Iterator[Row]:
    people, clauses = counting.PEOPLE, counting.CLAUSES
    with storing.databases() as databases:
        for name, url in databases.items():
            summary = counting.summary(url)
            for what, seconds, taken in (
                ("A team's summary with new numbers, shown", summary.shown, summary.statements),
                ("The same, posted", summary.posted, summary.posting),
            ):
                measured = f"{seconds:.2f} s (statements: {taken}, as with {counting.FEW} people)"
                yield Row(f"{what}, {people:,} × {clauses} on {name}", "< 1 s", measured, seconds < 1)


def _letters(*, large: bool) -> Iterator[Row]:
    with storing.databases() as databases:
        for (name, url), least, share_goal in zip(databases.items(), (20_000, 10_000), (0.85, 0.7), strict=True):
            share = statistics.median(letters.send_slowly(url) for _ in range(LETTER_RUNS))
            what = f"A sender of 50 ms, {letters.SLOTS} slots on {name}: of slots ÷ latency"
            yield Row(what, f"≥ {share_goal:.0%}", f"{share:.0%}", share >= share_goal)
            pairs = [(letters.plan_all(url), letters.plan_floor(url)) for _ in range(LETTER_RUNS)]
            ours, floor = (statistics.median(rates) for rates in zip(*pairs, strict=True))
            measured = f"{ours:,.0f}/s ({ours / floor:.0%} of {floor:,.0f}/s)"
            yield Row(f"Planning on {name}; floor: its rows by the driver", f"≥ {least:,}/s", measured, ours >= least)
        bursts = [letters.burst(databases["SQLite"], PEOPLE) for _ in range(LETTER_RUNS)]
    last = statistics.median(burst.settled for burst in bursts)
    idle = statistics.median(burst.idle for burst in bursts)
    with tempfile.TemporaryDirectory() as folder:
        bare, bytes_each = naive.measure(Path(folder), PEOPLE), naive.our_bytes_each(Path(folder), PEOPLE)
    yield Row(
        f"{letters.DUE:,} due of {PEOPLE:,}, sent and settled; a job per person",
        "≥ 30 ×",
        f"{bare.last / last:.0f} × ({1000 * last:.0f} ms, {bare.last:.1f} s)",
        bare.last >= 30 * last,
    )
    yield Row(
        "Disk a person, when they are due; a job per person",
        "≤ 10 %",
        f"{bytes_each / bare.bytes_each:.0%} ({bytes_each:.0f} of {bare.bytes_each:,.0f} bytes)",
        10 * bytes_each <= bare.bytes_each,
    )
    yield Row("A round with nothing to do, SQLite", "< 1 ms", f"{idle:.2f} ms", idle < 1)
    people = MILLION if large else MANY_PEOPLE
    peak = process.worker_with_people(people)
    yield Row(f"Memory of the worker at most, {people:,} people", "< 120 MB", f"{peak:.0f} MiB", peak * 1.048576 < 120)
    morning = simulate(PEOPLE)
    held = not morning.refused and morning.in_a_second <= PER_MINUTE // 60 and morning.in_a_minute <= PER_MINUTE
    yield Row(
        f"{PEOPLE:,} people in one Slack workspace, against what its limit takes",
        "≤ 1.05 ×",
        f"{morning.ratio:.3f} × ({morning.took}; {morning.in_a_second} in a second at most)",
        held and morning.ratio <= 1.05,
    )


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
