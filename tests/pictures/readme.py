"""The picture in the README: one look-up in Teams and in Slack. `python -m tests.pictures.readme OUT.png`.

Teams is photographed in the Microsoft 365 Agents Playground (`tests/teams_client`), which talks to a bot started
here. Run it in a folder that holds the libraries named in `slack.mjs`; it also needs node and chromium.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.pictures import slack

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30.0
SLACK_WIDTH = 470


def main(picture: Path) -> None:
    """Ask on both platforms, and lay the two answers side by side."""
    with tempfile.TemporaryDirectory() as folder:
        card = _teams("senior ML engineer", Path(folder))
        html = Path(folder, "slack.html")
        html.write_text(slack.page("ML Engineer senior", width=SLACK_WIDTH), encoding="utf-8")
        script = Path(__file__).with_name("readme.mjs")
        subprocess.run(["node", str(script), _modules(), str(card), str(html), str(picture.resolve())], check=True)


def _teams(words: str, folder: Path) -> Path:
    """The card that a bot answers with, as the client draws it."""
    bot, client = _free_port(), _free_port()
    env = os.environ | {"RUNG_DEV": "1", "PORT": str(bot), "TEAMS_PLAYGROUND_PORT": str(client)}
    process = subprocess.Popen([sys.executable, "-m", "bot", "web"], cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{bot}/healthz")
        drive = [str(ROOT / "tests/teams_client/playground.sh"), "drive", f"http://127.0.0.1:{bot}/api/messages"]
        subprocess.run([*drive, str(folder), "--scale", "2", words], env=env, check=True, stdout=subprocess.DEVNULL)
    finally:
        process.terminate()
        process.wait()
    return folder / "01-card.png"


def _modules() -> str:
    home = os.environ.get("TEAMS_PLAYGROUND_HOME") or Path(os.environ.get("TMPDIR", "/tmp"), "teams-playground")
    return str(Path(home, "node_modules"))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait(address: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            urllib.request.urlopen(address, timeout=1).close()
        except (urllib.error.URLError, OSError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
