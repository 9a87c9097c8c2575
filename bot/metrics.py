"""The figures of this process, as Prometheus reads them: counts and times, never whose. The one home of its library.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, exposition

CONTENT_TYPE: Final = exposition.CONTENT_TYPE_LATEST

_REGISTRY: Final = CollectorRegistry()
ProcessCollector(registry=_REGISTRY)

TURNS: Final = Counter(
    "rung_turns", "What people said or pressed", ("platform", "intent", "outcome"), registry=_REGISTRY
)
TURN_SECONDS: Final = Histogram(
    "rung_turn_seconds",
    "From a turn to its reply, without the way to the platform",
    ("platform",),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_REGISTRY,
)
FEEDBACK: Final = Counter(
    "rung_feedback",
    "Verdicts on answers, by the kind of what was asked",
    ("platform", "intent", "verdict"),
    registry=_REGISTRY,
)
CALLS: Final = Counter(
    "rung_calls", "Calls to a platform, by the class of their status", ("platform", "status"), registry=_REGISTRY
)
RATE_LIMITED: Final = Counter(
    "rung_rate_limited",
    "Calls that a platform put off (by=platform), and requests of people that Rung did (by=rung)",
    ("platform", "by"),
    registry=_REGISTRY,
)
LETTERS: Final = Gauge(
    "rung_letters", "Letters that are open, or were settled in the last day", ("platform", "state"), registry=_REGISTRY
)
LETTER_LAG: Final = Gauge(
    "rung_letter_lag_seconds", "For how long the letter that waits longest could have been sent", registry=_REGISTRY
)
CLOCK_LAG: Final = Gauge(
    "rung_clock_lag_seconds", "For how long the person who waits longest has been due for a letter", registry=_REGISTRY
)
DATABASE_UP: Final = Gauge("rung_database_up", "Whether the database answered just now", registry=_REGISTRY)


def expose() -> bytes:
    """All figures as text."""
    return exposition.generate_latest(_REGISTRY)
