"""The first hour of someone new goes as CONTRIBUTING says."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STEPS = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Your first hour")[2].partition("\n## ")[0]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [shlex.split(command) for command in re.findall(r"`\.venv/bin/python (.+?)`", STEPS)]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the project."""
    for folder in ("bot", "content", "handlers", "scheduler", "tests"):
        left = shutil.ignore_patterns("__pycache__", "node_modules", "pictures")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=left)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _run(checkout: Path, *words: str) -> str:
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_new_role_and_its_dialog_pass(checkout: Path):
    """The README's role and the sample dialog, copied as they are, pass every command on the way."""
    example = re.search(r"```yaml\n(roles:.+?)```", README, re.DOTALL)
    role = re.search(r"Make `(content/framework/.+?)`", STEPS)
    dialog = re.search(r"```yaml\n( *# (tests/dialogs/.+?\.yaml)\n.+?)```", STEPS, re.DOTALL)
    assert example
    assert role
    assert dialog
    (checkout / role[1]).write_text(example[1], encoding="utf-8")
    (checkout / dialog[2]).write_text(textwrap.dedent(dialog[1]), encoding="utf-8")
    check, ask, test = COMMANDS
    assert "All is well" in _run(checkout, *check)
    assert "Knows how a ranking model is served." in _run(checkout, *ask)
    assert "passed" in _run(checkout, *test)
