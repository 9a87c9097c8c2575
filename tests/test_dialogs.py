"""Conversations with the coach, written down in `dialogs/*.yaml`."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.strict import yaml_files
from handlers.reply import Reply
from tests.dialog import DIALOGS, SEEN_BY, Dialog, Turn, hold, read, read_folder
from tests.talk import buttons, text


@pytest.mark.parametrize("path", yaml_files(DIALOGS), ids=lambda path: path.name)
def test_the_file_is_written_as_the_readme_says(path: Path):
    """A file that is written differently is told with line and sentence."""
    _, faults = read(path)
    if faults:
        said = "\n".join(map(str, sorted(faults)))
        pytest.fail(f"{said}\ntests/dialogs/README.md shows how dialogs are written.", pytrace=False)


@pytest.mark.parametrize("dialog", [pytest.param(one, id=name) for name, one in read_folder().items()])
async def test_dialog(dialog: Dialog):
    """The coach answers every turn of the conversation as written down."""
    async for turn, reply in hold(dialog):
        _compare(turn, reply)


def _compare(turn: Turn, reply: Reply) -> None:
    said, labels = text(reply), {button.label for button in buttons(reply)}
    for passage in turn.get("shows", ()):
        assert passage in said
    for passage in turn.get("hides", ()):
        assert passage not in said
    assert labels >= set(turn.get("buttons", ())), said
    if "seen by" in turn:
        assert reply.audience is SEEN_BY[turn["seen by"]]


BAD = {
    "- dialog: x\n  turns:\n    - say: hi\n": [
        "1: A file of dialogs is no list: each conversation stands under its name, like `a cell:`."
    ],
    "greeting:\n  - says: hi\n": ["1: “greeting” needs `turns:`, and under it a list that begins with `- says:`."],
    "greeting:\n  turns:\n    - says: hi\n      sees: [Hello]\n": [
        "4: `sees` is not known in a turn; there are `buttons`, `chooses`, `command`, `hides`, `meanwhile`, `place`, "
        "`presses`, `receives`, `says`, `seen by`, `shows`, `waits`, `who`."
    ],
    "greeting:\n  turns:\n    - shows: [Hello]\n": [
        "3: A turn either says something, or presses or chooses something, or receives a nudge."
    ],
    "greeting:\n  language: en\n  turns:\n    - hi\n    - says: hi\n      shows: Hello\n      seen by: all\n": [
        "2: `language` is not known in a conversation; there are `framework`, `lang`, `turns`, `zone`.",
        "4: A turn begins with `- says:`, and then the words.",
        "6: `shows` is a list of texts: [one, another]; quote a text with a colon.",
        "7: `seen by` can be `everyone`, `only me`.",
    ],
    "": ["1: The file is empty."],
}


@pytest.mark.parametrize("written", BAD, ids=range(len(BAD)))
def test_a_dialog_written_differently_is_told(written: str, tmp_path: Path):
    """Everything that is wrong with a file of dialogs is told at once, in sentences."""
    path = tmp_path / "dialog.yaml"
    path.write_text(written, encoding="utf-8")
    dialogs, faults = read(path)
    assert not dialogs
    assert [f"{fault.line}: {fault.sentence}" for fault in sorted(faults)] == BAD[written]
