"""The README's picture of the playground. `python -m tests.pictures.playground OUT.png [light | dark]`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

from tests.browser import launched, player, playing

SIZE = {"width": 1280, "height": 780}


def main(picture: Path, scheme: Literal["light", "dark"] = "light") -> None:
    """Ask on both platforms, and photograph the page with the answers."""
    size = {"viewport": SIZE, "color_scheme": scheme, "device_scale_factor": 1.25}
    with launched() as browser, playing() as address, player(browser, address, **size) as play:
        play.slack.go("# ml-guild")
        play.slack.say("/skill ML Engineer senior")
        play.slack.answered("Required at this level")
        play.teams.answered("Hello, I am Rung")
        play.teams.say("Difference between middle and senior ML engineer")
        play.teams.answered("New at Senior")
        play.page.mouse.move(0, 0)
        play.page.screenshot(path=picture)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])  # type: ignore[arg-type]
