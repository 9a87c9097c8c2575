"""Somebody who installs Rung in the emulated workspace: by OAuth, on the emulator's own page."""

from __future__ import annotations

import contextlib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from email.message import Message
from html.parser import HTMLParser
from pathlib import Path

from bot.slack.path import INSTALL, REDIRECT
from bot.store.seal import make_key
from tests.foreign.emulate import APP, CLIENT_SECRET, Workspace, emulator, seed
from tests.foreign.processes import a_bot
from tests.slack import SECRET

PUBLIC = "https://rung.example.com"
"""Where Rung is for the world; what is meant for it goes to the process itself, as a proxy would pass it on."""


@contextlib.contextmanager
def by_oauth(folder: Path) -> Iterator[Workspace]:
    """A workspace with Rung in it, because somebody has installed it there."""
    with emulator(folder, seed([f"{PUBLIC}{REDIRECT}"])) as workspace:
        given = {
            "SLACK_CLIENT_ID": APP["client_id"],
            "SLACK_CLIENT_SECRET": CLIENT_SECRET,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": f"{workspace.wire}/api/",
            "ENCRYPTION_KEYS": make_key(),
            "PUBLIC_URL": PUBLIC,
        }
        with a_bot(folder, **given) as bot:
            workspace.bot, workspace.secret = bot, SECRET
            workspace.landing = install(workspace)
            yield workspace


def install(workspace: Workspace, name: str = "sam") -> str:
    """Go through all pages, and choose this person on the emulator's; the last page."""
    _, headers, _ = ask(f"{workspace.bot}{INSTALL}")
    picker, cookie = headers["Location"], headers["Set-Cookie"].split(";")[0]
    forms = _Forms()
    forms.feed(ask(picker)[2])
    person = workspace.client(f"xoxp-{name}").auth_test()["user_id"]
    (chosen,) = [form for form in forms.found if form["user_id"] == person]
    _, headers, _ = ask(urllib.parse.urljoin(picker, chosen.pop("action")), urllib.parse.urlencode(chosen).encode())
    status, _, page = ask(headers["Location"].replace(PUBLIC, workspace.bot), cookie=cookie)
    assert status == 200, page
    return page


class _Forms(HTMLParser):
    """The forms of a page: what each sends, and where to, as `action`."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append({"action": about["action"]})
        if tag == "input" and self.found:
            self.found[-1][about["name"]] = about["value"]


class _Stay(urllib.request.HTTPRedirectHandler):
    """Looks where a redirect leads instead of going there."""

    def redirect_request(self, *about: object) -> None:
        return None


def ask(address: str, body: bytes | None = None, cookie: str = "") -> tuple[int, Message, str]:
    """The status, the headers and the page of an address."""
    request = urllib.request.Request(address, body, {"Cookie": cookie} if cookie else {})
    try:
        answer = urllib.request.build_opener(_Stay).open(request, timeout=30)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers, answer.read().decode()
