"""A client of Teams that Microsoft wrote, in front of Rung's real process; pictures are kept in `build/teams`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import ROOT, launched
from tests.clients import needs_browser, needs_foreign
from tests.foreign.agents_playground import CHANNEL, GROUP, PERSONAL, Teams, at_the_page, in_front_of_rung

pytestmark = [needs_browser, needs_foreign]

PICTURES = ROOT / "build" / "teams"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests here."""
    with launched() as started:
        yield started


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One playground, and one Rung behind it, for all tests here."""
    with in_front_of_rung(tmp_path_factory.mktemp("teams")) as found:
        yield found


@pytest.fixture(scope="module")
def teams(browser: Browser, address: str) -> Iterator[Teams]:
    with at_the_page(browser, address) as one:
        yield one


def test_it_says_hello(teams: Teams) -> None:
    """Whoever installs the app is welcomed with a form."""
    hello = teams.shows("Hello, I am Rung")
    expect(hello.get_by_role("combobox", name="Role")).to_be_visible()
    teams.picture(PICTURES / "hello.png")
