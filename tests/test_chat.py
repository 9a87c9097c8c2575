"""The terminal: a person types, presses numbers, fills in forms, and leaves."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

CHAT = [sys.executable, "-m", "bot", "chat"]
ROOT = Path(__file__).parent.parent


def _say(folder: Path, *lines: str, lang: str = "en") -> str:
    """What the terminal shows when these lines are typed, one after the other."""
    environment = os.environ | {"COLUMNS": "100", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*CHAT, "--lang", lang],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=folder,
        env=environment,
    )
    assert done.stderr == ""
    return done.stdout


def test_words_are_answered(tmp_path: Path):
    """What is typed is answered, and the end of the input says good-bye."""
    shown = _say(tmp_path, "senior mle")
    assert "Optimizes throughput" in shown
    assert "See you!" in shown


def test_a_number_presses_a_button(tmp_path: Path):
    """The number of a button does what the button says."""
    assert "ML Engineer: Middle → Senior" in _say(tmp_path, "senior mle", "1")


def test_a_form_is_filled_in_question_by_question(tmp_path: Path):
    """The start form asks for role and level, by number or by the beginning of the name."""
    assert "Senior Data Scientist · Model Serving" in _say(tmp_path, "1", "3", "sen")


def test_a_menu_that_adds_to_a_list_goes_on(tmp_path: Path):
    """Choosing the second role of a comparison asks for the level next."""
    shown = _say(tmp_path, "compare ML engineer with another role", "1")
    assert "not in" not in shown
    assert "AI Product Engineer and ML Engineer" in shown or "ML Engineer and AI Product Engineer" in shown


def test_it_speaks_german(tmp_path: Path):
    """With German chosen, the first page is German."""
    assert "Hallo" in _say(tmp_path, lang="de")


def test_ctrl_c_leaves_at_once(tmp_path: Path):
    """Ctrl-C at the prompt ends the conversation without an error."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        CHAT, stdin=terminal, stdout=terminal, stderr=terminal, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    os.close(terminal)
    shown = _read_until(controller, b"> ")
    process.send_signal(signal.SIGINT)
    shown = _read_until(controller, b"See you!")
    os.close(controller)
    assert process.wait(10) == 0
    assert b"Traceback" not in shown


def _read_until(terminal: int, end: bytes) -> bytes:
    shown = b""
    while not re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", shown).rstrip(b"\r\n").endswith(end):
        assert select.select([terminal], [], [], 20)[0], shown
        shown += os.read(terminal, 4096)
    return shown
