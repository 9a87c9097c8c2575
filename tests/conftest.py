"""Fixtures that every test may ask for, and how properties are tried."""

import pytest
from hypothesis import settings

from tests.clients import NO_BROWSER, NO_FOREIGN
from tests.databases import database, postgresql_database, postgresql_server, sql_store, sqlite_database, store, teams

__all__ = ["database", "postgresql_database", "postgresql_server", "sql_store", "sqlite_database", "store", "teams"]

# No deadline: machines are shared, and speed is the benchmark's business. The same examples in every run, so that
# a change is judged by what it changed; `--hypothesis-profile=explore` looks for new ones.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("steady")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it where nobody overlooks it when a client was not there to test with."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    missing = [reason for reason in (NO_BROWSER, NO_FOREIGN) if any(reason in each for each in skipped)]
    if missing:
        terminalreporter.section("NOT TESTED IN EVERY CLIENT", yellow=True, bold=True)
    for reason in missing:
        terminalreporter.line(f"There is {reason}.")
