"""The README tells the truth: its examples run, and it leaves nothing out."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bot.settings import Settings
from scheduler.letters import State

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"python -m bot ask (\".+\")", README)


def test_every_setting_is_explained():
    """Each variable that the process reads has a row in the README, and no row is left over."""
    rows = set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE))
    assert rows == {name.upper() for name in Settings.model_fields}


def test_every_state_of_a_letter_is_explained():
    """Each state that an operator is shown has a row in the README, in the same order."""
    rows = re.findall(r"^\| `([a-z]+)` \|", README, re.MULTILINE)
    assert rows == [state.value for state in State]


def test_every_target_that_is_mentioned_exists():
    """`make` targets named in the README are in the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", README)) - {"an", "a"} <= targets


def test_pictures_are_there():
    """Every picture that the README shows is in the repository."""
    pictures = re.findall(r"!\[.*?\]\((.+?)\)", README)
    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_run(example: str):
    """Every question shown in the README gets an answer that cites its source."""
    command = [sys.executable, "-m", "bot", "ask", *shlex.split(example)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "2026.3" in done.stdout
