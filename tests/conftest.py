"""Fixtures that every test may ask for, and how properties are tried."""

import pytest
from hypothesis import settings

from tests.chromium import MISSING
from tests.databases import database, postgresql_database, postgresql_server, sql_store, sqlite_database, store, teams

__all__ = ["database", "postgresql_database", "postgresql_server", "sql_store", "sqlite_database", "store", "teams"]

# No deadline: machines are shared, and speed is the benchmark's business. The same examples in every run, so that
# a change is judged by what it changed; `--hypothesis-profile=explore` looks for new ones.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile("steady")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say it where nobody overlooks it when the playground was not tried in a browser."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING in str(report.longrepr) for report in skipped):
        terminalreporter.section("THE PLAYGROUND WAS NOT TESTED IN A BROWSER", yellow=True, bold=True)
        terminalreporter.line(f"There is {MISSING}.")
