"""Conversations with the coach, written down in `dialogs/*.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from content.load import read_yaml
from handlers.reply import Audience, Form, Reply
from tests.talk import Talk, buttons, text

DIALOGS = Path(__file__).parent / "dialogs"
KEYS = {"says", "presses", "chooses", "who", "place", "command", "waits", "shows", "hides", "buttons", "seen by"}
SEEN_BY = {"everyone": Audience.ROOM, "only me": Audience.ASKER}


def _dialogs() -> list[Any]:
    return [
        pytest.param(dialog, id=f"{path.stem}: {name}")
        for path in sorted(DIALOGS.glob("*.yaml"))
        for name, dialog in read_yaml(path).data.items()
    ]


@pytest.mark.parametrize("dialog", _dialogs())
async def test_dialog(dialog: dict[str, Any]):
    """The coach answers every turn of the conversation as written down."""
    talk = Talk(lang=dialog.get("lang"))
    for turn in dialog["turns"]:
        assert turn.keys() <= KEYS, f"not known in a turn: {sorted(turn.keys() - KEYS)}"
        talk.clock.wait(float(turn.get("waits", 0)))
        reply = await _take(talk, turn)
        _compare(turn, reply)


async def _take(talk: Talk, turn: dict[str, Any]) -> Reply:
    who, channel = turn.get("who", "sam"), turn.get("place") == "channel"
    if "says" in turn:
        return await talk.says(turn["says"], who, channel=channel, command="command" in turn)
    if "chooses" in turn:
        forms = [block.submit for block in talk.last[who].blocks if isinstance(block, Form)]
        assert turn.get("presses") in {None, *forms}
        return await talk.chooses(turn["chooses"], who, channel=channel)
    return await talk.presses(turn["presses"], who, channel=channel)


def _compare(turn: dict[str, Any], reply: Reply) -> None:
    said, labels = text(reply), {button.label for button in buttons(reply)}
    for passage in turn.get("shows", ()):
        assert passage in said
    for passage in turn.get("hides", ()):
        assert passage not in said
    assert labels >= set(turn.get("buttons", ())), said
    if "seen by" in turn:
        assert reply.audience is SEEN_BY[turn["seen by"]]
