"""The playground in a real browser: what a newcomer does in both clients, with pictures in `build/playground`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import NARROW, Player, launched, player, playing
from tests.clients import needs_browser

pytestmark = needs_browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests here."""
    with launched() as started:
        yield started


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A playground for tests that leave nothing behind which another one would see."""
    with playing() as found:
        yield found


@pytest.fixture
def play(browser: Browser, address: str) -> Iterator[Player]:
    """A wide page at it."""
    with player(browser, address) as one:
        yield one


@pytest.fixture
def fresh(browser: Browser) -> Iterator[Player]:
    """A wide page at a playground that nobody has played with."""
    with playing() as found, player(browser, found) as one:
        yield one


def test_slack_messages_and_buttons(play: Player) -> None:
    """A direct message is answered in its thread, and a button's answer takes the place of the message."""
    slack = play.slack
    slack.say("senior mle")
    slack.answered("Required at this level")
    slack.press("Compare with Middle")
    slack.answered("New at Senior")
    play.picture("slack-direct")


def test_slack_commands_and_mentions(play: Player) -> None:
    """In a channel a command is answered to one person alone until it is shared, a mention to everybody."""
    slack = play.slack
    slack.go("# ml-guild")
    slack.say("/skill ML Engineer senior")
    expect(slack.answered("Senior ML Engineer")).to_contain_text("Only visible to you")
    slack.press(re.compile("Share"))
    expect(slack.answered("Senior ML Engineer")).not_to_contain_text("Only visible to you")
    slack.say("@Rung who needs TensorRT?")
    slack.answered("TensorRT")
    play.picture("slack-channel")
    play.be("Ben Falk")
    slack.go("# ml-guild")
    expect(slack.messages.filter(has_text="Only visible to you")).to_have_count(0)
    expect(slack.messages.filter(has_text="Shared")).not_to_have_count(0)


def test_slack_menus_and_home(fresh: Player) -> None:
    """The Home tab shows a person's own overview once they said who they are, and goes where its buttons lead."""
    slack = fresh.slack
    slack.say("I am a middle ML engineer")
    slack.answered("Middle")
    slack.press("Home")
    home = slack.pane.get_by_test_id("slack-home")
    expect(home).to_contain_text("Middle ML Engineer")
    fresh.picture("slack-home")
    buttons = home.get_by_role("button")
    expect(buttons).not_to_have_count(0)


def test_slack_window(fresh: Player) -> None:
    """The shortcut of a message opens a window that insists on what it needs, and keeps what is written there."""
    slack = fresh.slack
    slack.say("I am a middle ML engineer")
    slack.answered("Middle")
    slack.go("# ml-guild")
    slack.say("I rolled out canary deployments for ranking.")
    slack.last.get_by_role("button", name="Save as evidence").click()
    window = fresh.page.get_by_role("dialog")
    expect(window).to_contain_text("canary deployments")
    fresh.picture("slack-window")
    send = window.locator("button[type=submit]")
    send.click()
    expect(window).to_contain_text("required field")
    window.get_by_label("Milestone").select_option(index=1)
    send.click()
    expect(window).to_have_count(0)
    expect(slack.answered("canary deployments")).to_contain_text("Only visible to you")
    fresh.picture("slack-evidence")


def test_slack_files(fresh: Player) -> None:
    """A promotion packet arrives as files that can be downloaded."""
    slack = fresh.slack
    slack.say("I am a middle ML engineer")
    slack.answered("Middle")
    slack.say("my promotion packet")
    link = slack.pane.get_by_role("link").first
    expect(link).to_be_visible()
    with fresh.page.expect_download() as downloading:
        link.click()
    assert downloading.value.path().stat().st_size > 500
    fresh.picture("slack-files")


def test_teams_cards(fresh: Player) -> None:
    """Teams says hello with a form; sent, it turns into the answer, and its buttons lead on in the same card."""
    teams = fresh.teams
    hello = teams.answered("Hello, I am Rung")
    fresh.picture("teams-hello")
    hello.get_by_label("Role", exact=True).select_option(label="ML Engineer")
    hello.get_by_label("Level", exact=True).select_option(label="Senior")
    hello.get_by_role("button", name="Show").click()
    teams.answered("Required at this level")
    expect(teams.messages).to_have_count(1)
    teams.press("Compare with Middle")
    teams.answered("New at Senior")
    fresh.picture("teams-card")


def test_teams_channel(fresh: Player) -> None:
    """In a channel a mention is answered in its thread, and a slash command to one person alone."""
    teams = fresh.teams
    teams.go("ML guild")
    teams.say("@Rung senior ML engineer")
    teams.answered("Required at this level")
    teams.say("/skill ML Engineer lead")
    expect(teams.answered("Lead / Staff ML Engineer")).to_contain_text("Only you can see this message")
    fresh.picture("teams-channel")
    fresh.be("Mia Reyes")
    teams.go("ML guild")
    expect(teams.messages.filter(has_text="Only you can see")).to_have_count(0)
    expect(teams.messages).to_have_count(2)


def test_teams_search(fresh: Player) -> None:
    """The search begins with something, finds what is typed, and puts it where the person is, without an answer."""
    teams = fresh.teams
    teams.answered("Hello, I am Rung")
    for room, words, found in (("ML guild", "tenso", "Computer Vision"), ("Rung", "senior mle", "Senior ML Engineer")):
        teams.go(room)
        count = teams.messages.count()
        teams.pane.get_by_role("button", name="Search the framework").click()
        results = teams.pane.get_by_test_id("teams-result")
        expect(results).to_have_count(25)
        teams.pane.get_by_role("searchbox").fill("xyzzy")
        expect(teams.pane.get_by_text("Nothing in")).to_be_visible()
        teams.pane.get_by_role("searchbox").fill(words)
        expect(results.first).to_contain_text(found)
        fresh.picture(f"teams-search-{count}")
        results.first.click()
        expect(teams.messages).to_have_count(count + 1)
        expect(teams.last).to_contain_text("at this level")
        expect(teams.last.get_by_role("button", name="Compare")).to_have_count(0)
        fresh.picture(f"teams-search-card-{count}")


def test_teams_thumbs(fresh: Player) -> None:
    """A thumb under an answer stays pressed, and no message comes of it; other messages have none."""
    teams = fresh.teams
    expect(teams.answered("Hello, I am Rung").get_by_role("button", name="Good answer")).to_have_count(0)
    teams.say("who needs tensorrt?")
    thumb = teams.answered("TensorRT").get_by_role("button", name="Good answer")
    count = teams.messages.count()
    thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "true")
    expect(teams.messages).to_have_count(count)
    fresh.picture("teams-thumbs")


def test_teams_files_and_charts(fresh: Player) -> None:
    """A file is offered, and lies in the person's OneDrive once they agree; progress is drawn as Teams draws it."""
    teams = fresh.teams
    teams.answered("Hello, I am Rung")
    teams.say("I am a middle ML engineer")
    teams.answered("Middle")
    teams.say("my overview")
    teams.answered("Your profile")
    fresh.picture("teams-overview")
    teams.say("my promotion packet")
    expect(teams.pane.get_by_role("button", name="Allow")).not_to_have_count(0)
    teams.pane.get_by_role("button", name="Decline").last.click()
    expect(teams.pane.get_by_role("button", name="Allow")).to_have_count(1)
    teams.pane.get_by_role("button", name="Allow").click()
    link = teams.pane.get_by_role("link")
    expect(link).to_contain_text("OneDrive")
    with fresh.page.expect_download() as downloading:
        link.click()
    assert downloading.value.path().stat().st_size > 500
    fresh.picture("teams-files")


def test_nudges_arrive_when_the_clock_moves(fresh: Player) -> None:
    """The clock goes to a Monday, and the nudges of both clients are there."""
    for client in (fresh.slack, fresh.teams):
        client.say("I am a middle ML engineer")
        client.answered("Middle")
        client.say("Remind me on Mondays at 9")
        client.answered("Monday")
    counts = [client.messages.count() for client in (fresh.slack, fresh.teams)]
    fresh.move_clock("Next Monday 09:05")
    # Each of them comes within a few minutes of nine, so that not all come at once.
    fresh.move_clock("Tomorrow 09:00")
    for client, count in zip((fresh.slack, fresh.teams), counts, strict=True):
        expect(client.messages).to_have_count(count + 1)
        expect(client.last).to_contain_text("Rung")
    fresh.picture("nudges")


def test_the_wire(play: Player) -> None:
    """The drawer shows what was said to the bot and by it, and closes again."""
    play.slack.say("senior mle")
    play.slack.answered("Required at this level")
    play.page.get_by_role("button", name="Wire", exact=True).click()
    wire = play.page.get_by_role("complementary", name="What went over the wire")
    post = wire.get_by_role("listitem").filter(has_text="chat.postMessage").first
    post.locator("summary").click()
    expect(post).to_contain_text('"blocks"')
    play.picture("wire")
    wire.get_by_role("button", name="Close the wire").click()
    expect(wire).to_have_count(0)


def test_another_tenant(play: Player) -> None:
    """A person of the other company talks to the same bot in Teams, and sees nothing of the first one."""
    play.teams.go("ML guild")
    play.teams.say("@Rung senior ML engineer")
    play.teams.answered("Required at this level")
    play.be("Noor Haddad")
    expect(play.slack.pane).to_contain_text("has no Slack here")
    play.teams.answered("Hello, I am Rung")
    play.teams.go("ML guild")
    expect(play.teams.messages).to_have_count(0)


def test_keyboard_alone(fresh: Player) -> None:
    """Words are sent, and a button of the answer is reached and pressed, without a mouse."""
    page = fresh.page
    page.get_by_role("textbox", name="Message Rung").first.focus()
    page.keyboard.type("senior mle")
    page.keyboard.press("Enter")
    fresh.slack.answered("Required at this level")
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.textContent") == "Compare with Middle":
            break
    page.keyboard.press("Enter")
    fresh.slack.answered("New at Senior")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_narrow(browser: Browser, address: str, scheme: str) -> None:
    """On a phone one client is shown at a time, and nothing sticks out."""
    with player(browser, address, viewport=NARROW, color_scheme=scheme) as play:
        play.slack.say("difference between middle and senior LLM engineer")
        play.slack.answered("New at Senior")
        play.picture(f"narrow-slack-{scheme}")
        expect(play.teams.pane).not_to_be_visible()
        play.page.get_by_role("group", name="Client").get_by_role("button", name="Teams").click()
        play.teams.answered("Hello, I am Rung")
        play.picture(f"narrow-teams-{scheme}")
        assert play.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_feedback_on_an_answer(fresh: Player) -> None:
    """A thumb under an answer is thanked for in its thread, and the answer stays."""
    slack = fresh.slack
    slack.say("senior mle")
    answer = slack.answered("Required at this level")
    answer.get_by_role("button", name="It did not help").click()
    thanks = slack.answered("only counted")
    expect(thanks).to_contain_text("often other words find more")
    rated = slack.messages.filter(has_text="Required at this level")
    expect(rated).to_have_count(1)
    expect(rated.get_by_role("button", name="It did not help")).to_have_attribute("aria-pressed", "true")
    fresh.picture("slack-feedback")
    slack.go("# ml-guild")
    slack.say("@Rung senior mle")
    expect(slack.answered("Required at this level").get_by_role("button", name="It helped")).to_have_count(0)


def test_prompts_to_begin_with(fresh: Player) -> None:
    """What Rung suggests stands over the field to write in, in the person's language; pressed, it is sent."""
    hints = fresh.slack.pane.get_by_role("group", name="Things to try")
    hints.get_by_role("button", name="What can I ask?").click()
    fresh.slack.answered("rule-based")
    fresh.be("Ben Falk")
    hints.get_by_role("button", name="Mein nächster Schritt").click()
    fresh.slack.answered("Rolle")


def test_a_level_is_found_in_a_window(fresh: Player) -> None:
    """The shortcut opens the walk in a window, page after page, with what is written in a window above it."""
    slack, window = fresh.slack, fresh.page.get_by_role("dialog")
    slack.go("# ml-guild")
    slack.pane.get_by_label("Shortcuts").click()
    fresh.picture("slack-shortcuts")
    slack.pane.get_by_role("button", name="Find my level").last.click()
    window.get_by_role("combobox").select_option(label="ML Engineer")
    window.get_by_role("button", name="Middle").first.click()
    window.get_by_role("button", name="Yes", exact=True).click()
    window.get_by_role("button", name=re.compile("example", re.IGNORECASE)).click()
    example = window.locator("textarea")
    example.fill("Served two models.")
    fresh.picture("slack-walk-example")
    window.locator("button[type=submit]").click()
    expect(window.get_by_role("button", name="Yes", exact=True)).to_be_visible()
    fresh.picture("slack-walk")
    for _ in range(40):
        if window.get_by_text("The answers point to").count():
            break
        page = window.inner_text()
        window.get_by_role("button", name="Yes", exact=True).click()
        expect(window).not_to_have_text(page)
        fresh.page.wait_for_timeout(100)
    expect(window).to_contain_text("The answers point to")
    window.get_by_role("button", name=re.compile("Principal")).first.click()
    expect(window).to_contain_text("Principal ML Engineer")
    fresh.picture("slack-walk-end")
    window.get_by_role("button", name="Close", exact=True).click()
    expect(window).to_have_count(0)
    expect(slack.messages).to_have_count(0)


def test_a_team_summary_is_planned(fresh: Player) -> None:
    """A manager asks a channel, colleagues agree, and a summary with numbers is planned in a window and posted."""
    slack = fresh.slack
    fresh.be("Mia Reyes")
    slack.say("make a team ML guild")
    slack.answered("you manage it")
    slack.say("invite everybody in #ml-guild to ML guild")
    slack.answered("Shall I ask everybody")
    slack.press("Ask everybody")
    notice = fresh.page.get_by_role("status", name="Notice")
    colleagues = fresh.page.get_by_role("button", name="Colleagues answer")
    for _ in range(40):
        colleagues.click()
        expect(colleagues).to_be_enabled()
        if "agreed" in notice.inner_text():
            break
        fresh.page.wait_for_timeout(1000)
    expect(notice).to_contain_text("agreed to be counted")
    slack.say("team summary")
    summary = slack.messages.filter(has_text="people are counted")
    expect(summary).to_contain_text("Middle ML Engineer: at least")
    summary.scroll_into_view_if_needed()
    fresh.picture("slack-team-summary")
    slack.press("Schedule")
    window = fresh.page.get_by_role("dialog")
    channel = window.get_by_role("combobox", name=re.compile("channel", re.IGNORECASE))
    expect(channel).to_be_visible()
    fresh.picture("slack-team-plan")
    window.locator("button[type=submit]").click()
    expect(window).to_contain_text("required field")
    channel.select_option(label="# ml-guild")
    window.locator("button[type=submit]").click()
    expect(window).to_have_count(0)
    expect(slack.messages.filter(has_text="Planned: every Monday at 9:00")).to_have_count(1)
    fresh.picture("slack-team-planned")
    fresh.move_clock("Next Monday 09:05")
    slack.go("# ml-guild")
    expect(slack.messages.filter(has_text="ML guild: what to work on next")).to_have_count(1, timeout=60_000)
    fresh.picture("slack-team-posted")


@pytest.mark.parametrize("client", ["slack", "teams"])
def test_letters_to_others_are_there(fresh: Player, client: str) -> None:
    """Who becomes a person whom Rung has written to finds the letter, in whichever client it was sent."""
    fresh.be("Mia Reyes")
    mine = getattr(fresh, client)
    mine.say("make a team Search")
    mine.answered("you manage it")
    if client == "slack":
        mine.say("invite @Ben Falk to Search")
    else:
        mine.go("ML guild")
        mine.say("@Rung invite everybody here to Search")
        mine.answered("personal chat")
        mine.go("Rung")
        mine.press("Ask everybody")
    fresh.be("Ben Falk")
    expect(mine.messages.filter(has_text="Mia Reyes")).to_have_count(1, timeout=60_000)
    fresh.picture(f"{client}-letter")
