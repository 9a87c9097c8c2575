"""The terminal: a person types, presses numbers, fills in forms, and leaves."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.chart import share
from bot.console.files import save
from handlers.reply import File

CHAT = [sys.executable, "-m", "bot", "chat"]
ROOT = Path(__file__).parent.parent


def _say(folder: Path, *lines: str, lang: str = "en", **more: str) -> str:
    """What the terminal shows when these lines are typed, one after the other."""
    environment = os.environ | {"COLUMNS": "100", "PYTHONPATH": str(ROOT), **more}
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
    with _terminal(tmp_path) as (process, controller):
        _read_until(controller, b"> ")
        _interrupt(process, controller)
        assert b"Traceback" not in _read_until(controller, b"See you!")


@contextlib.contextmanager
def _terminal(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A conversation in a terminal, which ends well, and the other end of the terminal."""
    controller, terminal = pty.openpty()
    # A test that runs in the background of a shell would hand on that Ctrl-C is to be ignored.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen(
        CHAT, stdin=terminal, stdout=terminal, stderr=terminal, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    signal.signal(signal.SIGINT, before)
    os.close(terminal)
    try:
        yield process, controller
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
        os.close(controller)


def test_a_form_is_written_line_by_line(tmp_path: Path):
    """What stands in a form is shown and kept by an empty line; the rest is asked for one after the other."""
    kept = _say(
        tmp_path, "I am a middle MLOps engineer", "add evidence", "1", "2", "Pinned a version", "", "", "my evidence"
    )
    assert re.search(r"Date \[\d{4}-\d{2}-\d{2}\]: ", kept)
    assert "What you did: " in kept
    assert kept.rindex("Pinned a version") > kept.rindex("What you did: ")


def test_what_does_not_fit_is_asked_again(tmp_path: Path):
    """A line that is too long for its field is asked for once more; what was given before stays."""
    form = ("add evidence", "1", "2", "x" * 2001, "Pinned a version", "", "")
    shown = _say(tmp_path, "I am a middle MLOps engineer", *form, "my evidence")
    assert shown.count("What you did: ") == 2
    assert "That does not fit here." in shown
    assert shown.rindex("Pinned a version") > shown.rindex("What you did: ")


def test_the_overview_is_drawn(tmp_path: Path):
    """The ladder has a bar a level, in cells, with its numbers."""
    shown = _say(tmp_path, "I am a middle MLOps engineer", "my profile")
    assert re.search(r"Middle \(yours\)  [█▓░]{24}  \d+ open", shown)


def test_files_are_written_for_their_owner(tmp_path: Path):
    """A packet lies in the folder afterwards, readable by its owner alone; a second one does not replace the first."""
    shown = _say(tmp_path, "I am a middle MLOps engineer", "my packet", "my packet")
    files = sorted(path for path in tmp_path.iterdir() if path.suffix in (".md", ".html"))
    assert len(files) == 4
    assert sum(path.stem.endswith("-2") for path in files) == 2
    for path in files:
        assert path.stat().st_mode & 0o777 == 0o600
        assert f"Saved: {path}" in shown
        assert shown.count(path.name) == 1


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a folder in which not even root can write")
def test_a_folder_that_takes_no_files(tmp_path: Path):
    """Where no file can be written, that is said, and the talk goes on."""
    database = f"sqlite:///{tmp_path}/rung.db"
    shown = _say(Path("/proc"), "I am a middle MLOps engineer", "my packet", "help", DATABASE_URL=database)
    assert shown.count("into this folder") == 2
    assert "What you can ask" in shown


NAMES = st.text(max_size=150) | st.sampled_from(
    ("../../etc/passwd", "/etc/passwd", ".bashrc", "..", "", "a\x00b", "-rf", "con.md", "x" * 150 + ".md", "C:\\x")
)


@given(NAMES, st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=50))
def test_no_name_leads_out_of_the_folder(name: str, words: str):
    """Whatever a file is called, it is a visible file of the folder, and nothing is overwritten."""
    with tempfile.TemporaryDirectory() as folder:
        file = File(name, "label", "text/plain", words)
        paths = [save(file, Path(folder)) for _ in range(3)]
        assert len(set(paths)) == 3
        assert {path.name for path in Path(folder).iterdir()} == {path.name for path in paths}
        for path in paths:
            assert path.parent == Path(folder)
            assert not path.name.startswith((".", "-"))
            assert path.read_bytes() == words.encode()


def test_a_link_is_not_followed(tmp_path: Path):
    """A link of the file's name in the folder is left as it is, and so is what it points to."""
    (tmp_path / "other").write_text("mine")
    (tmp_path / "a.md").symlink_to("other")
    assert save(File("a.md", "label", "text/plain", "new"), tmp_path).name == "a-2.md"
    assert (tmp_path / "other").read_text() == "mine"


@given(st.lists(st.integers(0, 600), max_size=6), st.integers(6, 40))
def test_a_bar_is_as_wide_as_the_others(counts: list[int], width: int):
    """Something has a cell at least, nothing has none, and more never has fewer; together they fill the bar."""
    cells = share(counts, width)
    assert sum(cells) == (width if any(counts) else 0)
    assert [cell > 0 for cell in cells] == [count > 0 for count in counts]
    assert all(cells[i] <= cells[j] for i in range(len(counts)) for j in range(len(counts)) if counts[i] < counts[j])


def test_ctrl_c_leaves_a_form(tmp_path: Path):
    """Ctrl-C in the middle of a form leads back to the prompt; nothing of it is sent."""
    with _terminal(tmp_path) as (process, controller):
        _read_until(controller, b"> ")
        os.write(controller, b"1\n")
        _read_until(controller, b"Role: ")
        _interrupt(process, controller)
        shown = _read_until(controller, b"> ")
        assert b"You have left the form" in shown
        os.write(controller, b"help\n")
        assert b"What you can ask" in _read_until(controller, b"> ")
        _interrupt(process, controller)
        _read_until(controller, b"See you!")


def _interrupt(process: subprocess.Popen[bytes], terminal: int) -> None:
    """Press Ctrl-C until something comes of it: a prompt does not notice one that comes just before it waits."""
    for _ in range(10):
        process.send_signal(signal.SIGINT)
        if select.select([terminal], [], [], 2)[0]:
            return


def _read_until(terminal: int, end: bytes) -> bytes:
    shown = b""
    while not re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", shown).rstrip(b"\r\n").endswith(end):
        assert select.select([terminal], [], [], 20)[0], shown
        shown += os.read(terminal, 4096)
    return shown
