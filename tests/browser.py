"""A real browser at the playground, for the tests and the pictures of it."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.clients import find_chromium
from tests.ports import free_port

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "build" / "playground"
START_SECONDS = 60.0
PATIENCE_MS = 20_000

WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 390, "height": 844}


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """The browser."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def playing(*options: str) -> Iterator[str]:
    """The address of a playground of its own, started as a person starts it."""
    port = free_port()
    command = [sys.executable, "-m", "bot", "playground", *options]
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {"PORT": str(port)}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(address, timeout=1).close()
        except (urllib.error.URLError, OSError):
            if time.monotonic() > end or process.poll() is not None:
                raise
            time.sleep(0.1)
        else:
            return


class Client:
    """One of the two clients on the page, used as a person uses it: by what is written on things."""

    def __init__(self, page: Page, name: Literal["Slack", "Teams"]) -> None:
        self.page = page
        self.name = name
        self.pane = page.get_by_role("region", name=name, exact=True)

    @property
    def messages(self) -> Locator:
        """All messages in the room that is open."""
        return self.pane.get_by_test_id(f"{self.name.lower()}-message")

    @property
    def last(self) -> Locator:
        """The latest message."""
        return self.messages.last

    def go(self, room: str) -> None:
        """Open a room."""
        self.pane.get_by_role("group", name=f"Rooms in {self.name}").get_by_role("button", name=room).click()

    def say(self, words: str) -> None:
        """Type something and send it with the keyboard."""
        box = self.pane.get_by_role("textbox", name=re.compile("^Message "))
        box.fill(words)
        box.press("Enter")

    def answered(self, words: str | re.Pattern[str]) -> Locator:
        """The latest message of the bot, once it says this."""
        answer = self.messages.filter(has=self.page.get_by_text("Rung", exact=True)).last
        expect(answer).to_contain_text(words)
        return answer

    def press(self, label: str | re.Pattern[str]) -> None:
        """Press the latest button of that label."""
        self.pane.get_by_role("button", name=label).last.click()


class Player:
    """A page at the playground, with both its clients."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on(
            "console", lambda line: self.complaints.append(line.text) if line.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(address)
        self.slack, self.teams = Client(page, "Slack"), Client(page, "Teams")
        expect(page.get_by_label("You are")).to_be_visible()

    def be(self, name: str) -> None:
        """Become another person."""
        chooser = self.page.get_by_label("You are")
        chooser.select_option(label=next(each for each in chooser.locator("option").all_inner_texts() if name in each))
        expect(self.page.get_by_role("main")).to_have_attribute("aria-busy", "false")

    def move_clock(self, to: str | re.Pattern[str]) -> None:
        """Press one of the buttons under "Move the clock", and wait until it stands there."""
        self.page.get_by_text("Move the clock").click()
        self.page.get_by_role("button", name=to).click()
        expect(self.page.get_by_role("status", name="Notice")).to_contain_text("due on the way", timeout=60_000)
        self.page.get_by_text("Move the clock").click()

    def picture(self, name: str) -> Path:
        """Keep how the page looks now among what is built."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.page.screenshot(path=path)
        return path


@contextlib.contextmanager
def player(browser: Browser, address: str, **context: Any) -> Iterator[Player]:
    """A page of its own; what the browser complains of while it is used is an error."""
    held = browser.new_context(**{"viewport": WIDE, **context})
    try:
        one = Player(held.new_page(), address)
        yield one
        assert not one.complaints, one.complaints
    finally:
        held.close()
