"""Pictures of the coach in Slack.

`python -m tests.pictures.slack "senior mle" answer.png` answers words; `… home home.png` shows the Home tab of someone
on their way, `… window window.png` the window for an example, `… ladder ladder.png` the chart in a message. After the
picture may stand a language, `dark` or `light`, and a width in pixels.

Run it in a folder that holds the libraries named in `slack.mjs`; it also needs node and chromium.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bot.app import make_desk
from bot.slack.render import render
from bot.slack.reply_to import ReplyTo
from bot.slack.views import render_home, render_modal
from handlers.answer import answer
from handlers.intent import AddEvidence, Intent, MarkDone, PickMilestone, SetProfile, ShowProfile
from handlers.ports import Desk
from handlers.reply import Reply
from handlers.turn import Person, Place, Turn

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
HERE = ReplyTo("D1", alone=True, replaces=True)
NOTED = "Moved the ranking models to Triton; batch and real-time traffic share one deployment now."


async def pages(what: str, lang: str = "en") -> list[Any]:
    """What Slack gets: a view, or the messages of an answer."""
    desk = make_desk()
    voice = desk.voice(lang)
    if what not in ("home", "window", "ladder"):
        return [{"blocks": each.blocks} for each in render(await _ask(desk, lang, words=what))]
    clauses = [clause.id for cell in desk.matrix.column("ml-engineer", "middle") for clause in cell.clauses]
    known = SetProfile(role="ml-engineer", level="middle")
    began = [MarkDone(clause=one) for one in clauses[:2]] + [PickMilestone(clause=clauses[2])]
    kept = AddEvidence(clause=clauses[0], text=NOTED, link="https://example.com/ranking")
    for intent in (known, *began, kept):
        await _ask(desk, lang, intent)
    if what == "window":
        return [render_modal(await _ask(desk, lang, AddEvidence(text=NOTED, sure=False)), voice, HERE)]
    overview = await _ask(desk, lang, ShowProfile())
    if what == "ladder":
        return [{"blocks": each.blocks} for each in render(overview)]
    return [render_home(overview, voice, HERE, overview=True)]


async def _ask(desk: Desk, lang: str, intent: Intent | None = None, words: str = "") -> Reply:
    place = Place("D1") if intent else Place("C1", shared=True)
    return await answer(Turn(Person("slack", "T", "U1"), place, words, intent, lang, how="command"), desk)


def page(what: str, lang: str = "en", width: int = 680, theme: str = "light") -> str:
    """What Slack gets as a page of HTML that looks like Slack."""
    script = Path(__file__).with_name("slack.mjs")
    command = ["node", str(script), str(width), theme]
    shown = json.dumps(asyncio.run(pages(what, lang)))
    return subprocess.run(command, input=shown, capture_output=True, text=True, check=True).stdout


def main(what: str, picture: Path, lang: str = "en", theme: str = "light", width: str = "680") -> None:
    """Photograph what Slack shows."""
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as file:
        file.write(page(what, lang, int(width), theme))
        file.flush()
        height = 480 if what not in ("home", "window", "ladder") else 1_200
        size = ["--hide-scrollbars", f"--window-size={int(width) + 40},{height}", "--force-device-scale-factor=2"]
        subprocess.run(
            ["chromium", *FLAGS, *size, f"--screenshot={picture.resolve()}", f"file://{file.name}"],
            check=True,
            stderr=subprocess.DEVNULL,
        )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
