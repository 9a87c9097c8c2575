"""The Microsoft 365 Agents Playground, which draws cards as Teams does, and a person at its page.

`python -m tests.foreign.agents_playground` opens it for a look by hand. With `FOLDER STEP …` it takes the steps itself
and keeps a picture of each: words to say, or `press:LABEL`, `choose:LABEL=OPTION`, `fill:LABEL=WORDS`, `go:CHAT`,
`mention:WORDS`, `activity:JSON`.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import signal
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, Route, ViewportSize, expect

from tests.browser import launched
from tests.clients import FOREIGN, MODULES
from tests.foreign.processes import a_bot, answers, running
from tests.ports import free_port

COMMAND = ["node", str(MODULES / "@microsoft" / "m365agentsplayground" / "cli.js"), "start", "--dt", "-c", "msteams"]
PERSONAL, GROUP, CHANNEL = "Personal Chat", "Career group", "ML Platform - Team summaries"
SIZE: ViewportSize = {"width": 1400, "height": 1100}
HERE = ("127.0.0.1", "localhost")


@contextlib.contextmanager
def playground(bot: str, folder: Path) -> Iterator[str]:
    """The address of a playground that talks to this bot."""
    home = folder / "playground"
    home.mkdir()
    shutil.copy(FOREIGN / "m365agentsplayground.yml", home / ".m365agentsplayground.yml")
    command = [*COMMAND, "-e", f"{bot}/api/messages", "-p", str(free_port())]
    with running(command, home, folder / "playground.log") as process:
        # Where a port is taken it goes to another one.
        port = process.until(lambda: re.search(r"Listening on (\d+)", process.said))[1]
        process.until(lambda: answers(f"http://localhost:{port}/_debug/ping"))
        yield f"http://localhost:{port}"


class Teams:
    """Somebody at the page of the playground, who goes by what is written on things."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        page.route("**/*", _stay_here)
        page.goto(address)
        expect(self._box).to_be_visible()
        with urllib.request.urlopen(f"{address}/_internal/v1/config") as answer:
            self.world: dict[str, Any] = json.load(answer)["config"]

    @property
    def cards(self) -> Locator:
        """All cards in the chat that is open."""
        return self.page.locator(".ac-adaptiveCard")

    @property
    def _box(self) -> Locator:
        """Where to write; fields of cards are text boxes, too."""
        return self.page.locator("div[role=textbox][contenteditable=true]").last

    def go(self, chat: str) -> None:
        """Open a chat or a channel."""
        self.page.get_by_role("treeitem", name=chat, exact=True).click()

    def say(self, words: str) -> None:
        """Write something."""
        self._box.click()
        self.page.keyboard.type(words)
        self.page.keyboard.press("Enter")

    def mention(self, words: str) -> None:
        """Write something to the bot where others read along."""
        self._box.click()
        self.page.keyboard.type("@Ru")
        self.page.get_by_role("menuitem", name="Rung").or_(self.page.get_by_role("option", name="Rung")).first.click()
        self.page.keyboard.type(f" {words}")
        self.page.keyboard.press("Enter")

    def press(self, label: str) -> None:
        """Press the latest button of that label."""
        self.page.get_by_role("button", name=label, exact=True).last.click()

    def choose(self, label: str, option: str) -> None:
        """Choose something in the latest menu of that label."""
        self.page.get_by_role("combobox", name=label).last.click()
        self.page.get_by_role("option", name=option, exact=True).last.click()

    def fill(self, label: str, words: str) -> None:
        """Write into the latest field of that label."""
        self.page.get_by_role("textbox", name=label).last.fill(words)

    def shows(self, words: str | re.Pattern[str]) -> Locator:
        """The latest card that says this, once there is one."""
        card = self.cards.filter(has_text=words).last
        expect(card).to_be_visible()
        return card

    def activity(self, **changes: Any) -> None:
        """Hand the bot an activity that the page itself cannot make, in the personal chat unless it says otherwise."""
        tenant, me = self.world["tenantId"], self.world["currentUser"]
        usual = {
            "type": "message",
            "id": str(time.monotonic_ns()),
            "channelId": "msteams",
            "serviceUrl": f"{self.address}/_connector",
            "recipient": self.world["bot"],
            "from": {name: me[name] for name in ("id", "name", "aadObjectId")},
            "conversation": {
                "id": self.world["personalChat"]["id"],
                "conversationType": "personal",
                "tenantId": tenant,
            },
            "channelData": {"tenant": {"id": tenant}},
        }
        body = json.dumps({**usual, **changes}).encode()
        request = urllib.request.Request(
            f"{self.address}/_internal/v1/customActivities", body, {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request).close()

    def picture(self, path: Path) -> None:
        """Keep how the page looks now, and the latest card by itself."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
        if self.cards.count():
            # Cards that are taller than the page would have its head laid over them.
            self.page.set_viewport_size({**SIZE, "height": 3_000})
            self.cards.last.screenshot(path=path.with_stem(f"{path.stem}-card"))
            self.page.set_viewport_size(SIZE)


def _stay_here(route: Route) -> None:
    """The page asks a distant host for fonts; nothing of these tests leaves the machine."""
    if urllib.parse.urlsplit(route.request.url).hostname in HERE:
        route.continue_()
    else:
        route.abort()


@contextlib.contextmanager
def at_the_page(browser: Browser, address: str, **context: Any) -> Iterator[Teams]:
    """Somebody at a page of their own."""
    held = browser.new_context(**{"viewport": SIZE, **context})
    try:
        yield Teams(held.new_page(), address)
    finally:
        held.close()


@contextlib.contextmanager
def in_front_of_rung(folder: Path) -> Iterator[str]:
    """The address of a playground with Rung behind it."""
    with a_bot(folder, RUNG_DEV="1") as bot, playground(bot, folder) as address:
        yield address


def main(out: str = "", *steps: str) -> None:
    """Open it, or take the steps."""
    with tempfile.TemporaryDirectory() as folder, in_front_of_rung(Path(folder)) as address:
        if not out:
            print(f"The Microsoft 365 Agents Playground is at {address}; Ctrl-C ends it.")
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
            return
        with launched() as browser, at_the_page(browser, address) as teams:
            for number, step in enumerate(steps, 1):
                _take(teams, step)
                # What comes of it is not known here: the page has come to rest when nothing on it changes any more.
                _rest(teams.page)
                teams.picture(Path(out, f"{number:02}.png"))


def _take(teams: Teams, step: str) -> None:
    known = re.fullmatch(r"(press|choose|fill|go|mention|activity):(.+)", step, re.DOTALL)
    match known.groups() if known else ("say", step):
        case ("choose" | "fill") as do, given:
            label, _, value = given.partition("=")
            getattr(teams, do)(label, value)
        case "activity", given:
            teams.activity(**json.loads(given))
        case do, given:
            getattr(teams, do)(given)


def _rest(page: Page, quiet_ms: int = 1_000) -> None:
    before = ""
    while (now := page.locator("#root").inner_html()) != before:
        before = now
        page.wait_for_timeout(quiet_ms)


if __name__ == "__main__":
    main(*sys.argv[1:])
