"""The picture in the README: one look-up in Teams and in Slack. `python -m tests.pictures.readme OUT.png`.

Teams is photographed in the Microsoft 365 Agents Playground (`make clients`), which talks to a bot started here. Run it
in a folder that holds the libraries named in `slack.mjs`; it also needs node and chromium.
"""

from __future__ import annotations

import base64
import html
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser import launched
from tests.foreign.agents_playground import at_the_page, in_front_of_rung
from tests.pictures import slack

SLACK_WIDTH = 470

PAGE = """<!doctype html><meta charset="utf-8"><style>
  body { margin: 0; font-family: Lato, Arial, sans-serif; color: #1d1c1d }
  main { display: flex; width: 1000px; align-items: stretch }
  section { flex: 1; padding: 14px 18px 18px; background: #f5f5f5 }
  section + section { background: #fff; border-left: 1px solid #ddd; flex: 0 0 500px; padding: 14px 0 0 }
  h2 { font-size: 13px; font-weight: 700; margin: 0 0 10px; color: #616061 }
  h2 code { font: inherit; font-weight: 400 } section + section h2 { margin: 0 16px }
  .card { display: block; width: 446px; border-radius: 4px; box-shadow: 0 1px 4px #0003 }
  iframe { border: 0; width: 500px; display: block }
</style><main>
  <section><h2>Microsoft Teams · <code>senior ML engineer</code></h2>
    <img class="card" src="data:image/png;base64,CARD"></section>
  <section><h2>Slack · <code>/skill ML Engineer senior</code></h2><iframe srcdoc="SLACK"
    onload="this.style.height = `${this.contentDocument.body.scrollHeight + 24}px`"></iframe></section>
</main>"""


def main(picture: Path) -> None:
    """Ask on both platforms, and lay the two answers side by side."""
    message = html.escape(slack.page("ML Engineer senior", width=SLACK_WIDTH))
    with launched() as browser:
        card = base64.b64encode(_teams(browser, "senior ML engineer")).decode()
        page = browser.new_page(viewport={"width": 1000, "height": 600}, device_scale_factor=1.4)
        page.set_content(PAGE.replace("CARD", card).replace("SLACK", message))
        page.locator("main").screenshot(path=picture)


def _teams(browser: Browser, words: str) -> bytes:
    """The card that a bot answers with, as the client draws it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        in_front_of_rung(Path(folder)) as address,
        at_the_page(browser, address, device_scale_factor=2) as teams,
    ):
        teams.say(words)
        return teams.shows("Senior ML Engineer").screenshot()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
