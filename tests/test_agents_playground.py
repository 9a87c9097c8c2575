"""A client of Teams that Microsoft wrote, in front of Rung's real process; pictures are kept in `build/teams`."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
def page(browser: Browser, address: str) -> Iterator[Teams]:
    """Somebody at its page, who has the app just installed."""
    with at_the_page(browser, address) as one:
        one.shows("Hello, I am Rung")
        yield one


@pytest.fixture
def teams(page: Teams) -> Teams:
    """The same, in the chat with the bot."""
    page.go(PERSONAL)
    return page


def test_it_says_hello(teams: Teams) -> None:
    """Whoever installs the app is welcomed with a form; sent, it turns into the answer."""
    teams.picture(PICTURES / "hello.png")
    before = teams.cards.count()
    teams.choose("Role", "ML Engineer")
    teams.choose("Level", "Senior")
    teams.press("Show")
    teams.shows("Designs model serving architecture")
    expect(teams.cards).to_have_count(before)
    teams.picture(PICTURES / "form.png")


def test_an_answer_changes_in_place(teams: Teams) -> None:
    """Words are answered with a card, and its button changes that same card."""
    before = teams.cards.count()
    teams.say("principal mle")
    teams.shows(re.compile("^Principal ML Engineer"))
    teams.picture(PICTURES / "answer.png")
    teams.press("Compare with Lead / Staff")
    teams.shows("New at Principal")
    expect(teams.cards).to_have_count(before + 1)
    teams.picture(PICTURES / "compared.png")


def test_evidence_is_written_into_a_card(teams: Teams) -> None:
    """A form insists on what it needs, keeps what is written, and the overview draws how far somebody is."""
    teams.say("I am a middle ML engineer")
    teams.shows("saved: Middle ML Engineer")
    teams.say("add evidence")
    form = teams.shows("What would you like to note?")
    teams.press("Keep it")
    expect(form).to_contain_text("Please write something here.")
    teams.choose("Milestone", "Configures autoscaling for ML serving.")
    teams.fill("What you did", "Rolled out canary deployments for ranking.")
    teams.picture(PICTURES / "evidence.png")
    teams.press("Keep it")
    teams.shows("Rolled out canary deployments for ranking.")
    teams.say("my overview")
    overview = teams.shows("Your profile: Middle ML Engineer")
    expect(overview).to_contain_text("how many clauses of each level are done")
    teams.picture(PICTURES / "overview.png")


@pytest.mark.parametrize("chat", [CHANNEL, GROUP])
def test_a_mention_is_answered_where_others_read_along(teams: Teams, chat: str) -> None:
    """In a channel and a group chat a mention is answered there, after a word of welcome."""
    teams.go(chat)
    teams.shows("Mention me with a question")
    teams.mention("who needs TensorRT?")
    expect(teams.shows("TensorRT")).to_contain_text("LLM Engineer")
    teams.picture(PICTURES / f"{chat.rsplit(' ', 1)[-1]}.png")


def test_a_team_is_asked_in_private(teams: Teams) -> None:
    """Who asks a group chat into a team is answered alone, and each there is asked alone, as far as the client can."""
    teams.say("make a team Data Platform")
    teams.shows("“Data Platform” is there")
    teams.go(GROUP)
    teams.shows("Mention me with a question")
    teams.mention("invite everybody here to Data Platform")
    expect(teams.page.get_by_text("I have answered you in our personal chat.").last).to_be_visible()
    teams.go(PERSONAL)
    teams.shows("Shall I ask everybody")
    teams.press("Ask everybody")
    # There are no chats with the others in this client.
    teams.shows("may the team “Data Platform” count you?")
    teams.picture(PICTURES / "asked.png")
    teams.press("Yes, count me")
    teams.shows("counts you from now on")
    teams.say("team summary")
    teams.shows("too few people have said yes")
    teams.picture(PICTURES / "team.png")


def test_it_answers_in_german(teams: Teams) -> None:
    """A client set to German gets German cards."""
    teams.activity(text="mein Überblick", locale="de-DE")
    expect(teams.shows("Dein Profil")).to_contain_text("Einstellungen")
    teams.picture(PICTURES / "german.png")


def test_another_company_sees_nothing(teams: Teams) -> None:
    """Somebody with the same id in another tenant is somebody else, of whom nothing is known."""
    elsewhere = "00000000-0000-0000-0000-000000000002"
    teams.say("I am a lead ML engineer")
    teams.shows("saved: Lead / Staff ML Engineer")
    before = teams.cards.count()
    here = teams.world["personalChat"]["id"]
    teams.activity(
        text="my overview",
        conversation={"id": here, "conversationType": "personal", "tenantId": elsewhere},
        channelData={"tenant": {"id": elsewhere}},
    )
    expect(teams.cards).to_have_count(before + 1)
    expect(teams.cards.last).not_to_contain_text("Lead / Staff")
    expect(teams.cards.last).to_contain_text("role")
    teams.picture(PICTURES / "elsewhere.png")
