"""Logs: one line an event, ids and counts only.

Libraries put whole requests into their messages (Bolt prints the body of a request it does not know), so of
their records only the place in the code is kept.
"""

from __future__ import annotations

import logging
import re
import sys

import structlog

_CODE = re.compile(r"[A-Za-z0-9_.]{1,60}")


def as_code(said: object) -> str:
    """A code or an id from elsewhere; "other" for what has not the form of one, because it may quote anything."""
    return said if isinstance(said, str) and _CODE.fullmatch(said) else "other"


_ID = re.compile(r"(?=.*\d)[A-Za-z0-9_-]{1,64}")


def as_id(said: str) -> str:
    """An id that a platform gives, such as a workspace's; "other" for what has not the form of one."""
    return said if _ID.fullmatch(said) else "other"


_QUIET = ("procrastinate", "psycopg.pool")
"""Libraries whose complaints, many while the database is away, `scheduler.fleet` sums up in one line."""


class _Discreet(logging.Handler):
    """Says that a library complained, and where, but not its words."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        structlog.get_logger().warning(
            "library_complaint",
            library=record.name,
            severity=record.levelname.lower(),
            at=f"{record.module}:{record.lineno}",
            error=error,
        )


def set_up_logs() -> None:
    """Log to stderr: readable in a terminal, JSON elsewhere."""
    last = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            last,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_Discreet()], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.captureWarnings(capture=True)
