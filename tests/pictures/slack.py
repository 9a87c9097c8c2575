"""A picture of an answer as Slack shows it: `python -m tests.pictures.slack "senior mle" answer.png [lang]`.

Run it in a folder that holds the libraries named in `slack.mjs`; it also needs node and chromium.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bot.app import make_answer, make_desk
from bot.slack.render import render
from handlers.turn import Person, Place, Turn

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def page(words: str, lang: str = "en", width: int = 680) -> str:
    """The answer to a command as a page of HTML that looks like Slack."""
    turn = Turn(Person("slack", "T", "U1"), Place("C1", shared=True), words=words, lang=lang, how="command")
    messages = render(asyncio.run(make_answer(make_desk())(turn)))
    blocks = json.dumps([message.blocks for message in messages])
    script = Path(__file__).with_name("slack.mjs")
    command = ["node", str(script), str(width)]
    return subprocess.run(command, input=blocks, capture_output=True, text=True, check=True).stdout


def main(words: str, picture: Path, lang: str = "en") -> None:
    """Answer the words, and photograph the answer."""
    with tempfile.NamedTemporaryFile("w", suffix=".html", encoding="utf-8") as file:
        file.write(page(words, lang))
        file.flush()
        size = ["--hide-scrollbars", "--window-size=720,480", "--force-device-scale-factor=2"]
        subprocess.run(
            ["chromium", *FLAGS, *size, f"--screenshot={picture.resolve()}", f"file://{file.name}"],
            check=True,
            stderr=subprocess.DEVNULL,
        )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
