"""The best one-to-one pairing of two rows of things."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf


def pair(worth: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """The pairs (row, column) whose worths add up to the most; pairs worth nothing are left apart.

    The Hungarian method with potentials, O(n³); the same input always gives the same pairs.
    """
    rows, columns = len(worth), len(worth[0]) if worth else 0
    size = max(rows, columns)
    cost = [[-worth[r][c] if r < rows and c < columns else 0.0 for c in range(size)] for r in range(size)]
    # Row and column 0 are the method's starting point; the real ones count from 1.
    of_row, of_column, partner = [0.0] * (size + 1), [0.0] * (size + 1), [0] * (size + 1)
    for row in range(1, size + 1):
        partner[0], column = row, 0
        slack, came_from, seen = [inf] * (size + 1), [0] * (size + 1), [False] * (size + 1)
        while partner[column]:
            seen[column] = True
            here, step, nearest = partner[column], inf, 0
            for other in range(1, size + 1):
                if seen[other]:
                    continue
                reduced = cost[here - 1][other - 1] - of_row[here] - of_column[other]
                if reduced < slack[other]:
                    slack[other], came_from[other] = reduced, column
                if slack[other] < step:
                    step, nearest = slack[other], other
            for other in range(size + 1):
                if seen[other]:
                    of_row[partner[other]] += step
                    of_column[other] -= step
                else:
                    slack[other] -= step
            column = nearest
        while column:
            partner[column] = partner[came_from[column]]
            column = came_from[column]
    found = ((partner[column] - 1, column - 1) for column in range(1, size + 1))
    return sorted((r, c) for r, c in found if r < rows and c < columns and worth[r][c] > 0)
