"""The app's two icons, drawn: a ladder, leaning to the right, whose uppermost rung is golden. Pure.

The same bytes on every machine: the pixels are stored in the PNG without compression, which libraries do differently.
"""

from __future__ import annotations

import struct
import zlib
from itertools import product
from typing import Final

Point = tuple[float, float]
Colour = tuple[int, int, int, int]
Line = tuple[Point, Point, Colour]

BLUE: Final = (15, 84, 140, 255)
WHITE: Final = (255, 255, 255, 255)
GOLD: Final = (255, 196, 61, 255)
NOTHING: Final = (255, 255, 255, 0)

ACCENT: Final = "#0F548C"
"""The colour behind the ladder, as the manifest names it."""

COLOUR_SIZE: Final = 192
OUTLINE_SIZE: Final = 32
"""Pixels of the icons' edges (https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package)."""

SAMPLES: Final = 4
"""Points looked at along each edge of a pixel, so that slanting lines are smooth."""

_RAILS: Final = (((0.34, 0.80), (0.42, 0.20)), ((0.58, 0.80), (0.66, 0.20)))
_RUNGS: Final = (0.70, 0.57, 0.44, 0.31)
"""Heights, from the lowest."""


def draw_colour() -> bytes:
    """The icon in colours, with the ladder in the middle, where no shape of a frame cuts it."""
    return _png(COLOUR_SIZE, 1.0, 0.030, BLUE, GOLD)


def draw_outline() -> bytes:
    """The icon in white on nothing, which fills its square."""
    return _png(OUTLINE_SIZE, 1.45, 0.032, NOTHING, WHITE)


def _png(size: int, zoom: float, radius: float, ground: Colour, top: Colour) -> bytes:
    """A square picture, `zoom` times as large as the ladder is by itself, with lines of a radius."""
    lines = [(*rail, WHITE) for rail in _RAILS]
    lines += [(*_rung(height), top if height == min(_RUNGS) else WHITE) for height in _RUNGS]
    grid = [((place + 0.5) / (size * SAMPLES) - 0.5) / zoom + 0.5 for place in range(size * SAMPLES)]
    parts = [grid[place : place + SAMPLES] for place in range(0, len(grid), SAMPLES)]
    rows = bytearray()
    for ys in parts:
        rows.append(0)  # no filter
        beside = [line for line in lines if _is_within(ys, (line[0][1], line[1][1]), radius)]
        for xs in parts:
            near = [line for line in beside if _is_within(xs, (line[0][0], line[1][0]), radius)]
            rows += bytes(_mean([_seen(x, y, near, radius, ground) for y, x in product(ys, xs)]) if near else ground)
    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", _stored(bytes(rows))) + _chunk(b"IEND", b"")


def _rung(height: float) -> tuple[Point, Point]:
    """A rung from rail to rail."""
    (left, low), (to_left, high) = _RAILS[0]
    along = (low - height) / (low - high)
    start = left + along * (to_left - left)
    return (start, height), (start + _RAILS[1][0][0] - left, height)


def _is_within(points: list[float], ends: tuple[float, float], radius: float) -> bool:
    """Whether a line may be seen at some of these points, as far as one direction tells."""
    return points[-1] >= min(ends) - radius and points[0] <= max(ends) + radius


def _seen(x: float, y: float, lines: list[Line], radius: float, ground: Colour) -> Colour:
    """The colour of a point: of the last line that is drawn over it."""
    return next((colour for start, end, colour in reversed(lines) if _is_on((x, y), start, end, radius)), ground)


def _mean(seen: list[Colour]) -> Colour:
    """One colour for several; what is see-through has no say in it."""
    alpha = sum(colour[3] for colour in seen)
    if not alpha:
        return NOTHING
    red, green, blue = (sum(colour[part] * colour[3] for colour in seen) // alpha for part in range(3))
    return red, green, blue, alpha // len(seen)


def _is_on(point: Point, start: Point, end: Point, radius: float) -> bool:
    """Whether a point is on a line with round ends."""
    (x, y), (x0, y0), (x1, y1) = point, start, end
    dx, dy = x1 - x0, y1 - y0
    along = min(max(((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy), 0.0), 1.0)
    return (x - x0 - along * dx) ** 2 + (y - y0 - along * dy) ** 2 <= radius * radius


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _stored(content: bytes) -> bytes:
    """A zlib stream whose blocks are stored as they are."""
    most = 0xFFFF
    blocks = [content[start : start + most] for start in range(0, len(content), most)]
    stream = b"".join(
        struct.pack("<BHH", block is blocks[-1], len(block), len(block) ^ most) + block for block in blocks
    )
    return b"\x78\x01" + stream + struct.pack(">I", zlib.adler32(content))
