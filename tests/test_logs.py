"""Logs hold ids and counts only."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

SCRIPT = """
import logging
from bot.logs import set_up_logs

set_up_logs()
logging.getLogger("slack_bolt").warning("Unhandled request %s", {"text": "wombat"})
try:
    raise ValueError("wombat")
except ValueError:
    logging.getLogger("another.package").exception("wombat")
"""


def test_of_a_librarys_complaint_only_the_place_is_logged():
    """A library that puts a request into its message does not bring the words into our log."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=30, check=True)
    assert "wombat" not in done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["library"] for line in lines] == ["slack_bolt", "another.package"]
    assert lines[1]["error"] == "ValueError"
    assert logging.getLevelName(logging.ERROR).lower() == lines[1]["severity"]
