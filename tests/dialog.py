"""Conversations written down in YAML: read, held against their form, and had."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from content.faults import Fault
from content.strict import Document, read_all, yaml_files
from handlers.reply import Audience, Form, Reply
from tests.talk import FRAMEWORKS, Talk, buttons

DIALOGS = Path(__file__).parent / "dialogs"
SEEN_BY = {"everyone": Audience.ROOM, "only me": Audience.ASKER}

_DOES = ("says", "presses", "chooses", "receives")
_LISTS = ("shows", "hides", "buttons")
_WORDS = ("says", "presses", "receives", "who", "place", "command", "waits", "seen by")
_TURN = {*_DOES, *_LISTS, *_WORDS, "meanwhile"}
_DIALOG = {"turns", "lang", "framework", "zone"}
_ONE_OF = {"place": {"channel"}, "seen by": set(SEEN_BY), "command": {"yes"}}

LETTER, POST = "a letter", "the post in "
"""What may be received beside a nudge of a day."""

Dialog = dict[str, Any]
Turn = dict[str, Any]


def read(path: Path) -> tuple[dict[str, Dialog], list[Fault]]:
    """The conversations of a file by name, and all that is wrong with the file."""
    document, faults = read_all(path)
    found = faults or list(_faults(document))
    return ({} if found else document.data), found


def read_folder(folder: Path = DIALOGS) -> dict[str, Dialog]:
    """Every conversation that is written down properly, by file and name."""
    return {f"{path.stem}: {name}": one for path in yaml_files(folder) for name, one in read(path)[0].items()}


async def hold(dialog: Dialog) -> AsyncIterator[tuple[Turn, Reply]]:
    """Have a conversation; every turn with the coach's reply to it."""
    talk = Talk(lang=dialog.get("lang"), framework=dialog.get("framework", "shipped"), zone=dialog.get("zone"))
    for turn in dialog["turns"]:
        talk.clock.wait(float(turn.get("waits", 0)))
        if "meanwhile" in turn:
            await talk.rewrite(turn["meanwhile"])
        yield turn, await _take(talk, turn)


async def _take(talk: Talk, turn: Turn) -> Reply:
    who, channel = turn.get("who", "sam"), turn.get("place") == "channel"
    if turn.get("receives") == LETTER:
        letter = await talk.opens(who)
        assert letter, "there is nothing to say"
        return letter
    if turn.get("receives", "").startswith(POST):
        return talk.rooms.posts[turn["receives"].removeprefix(POST)][-1]
    if "receives" in turn:
        day, reply = await talk.receives(who)
        assert day.isoformat() == turn["receives"]
        assert reply, "there is nothing to say"
        return reply
    if "says" in turn:
        return await talk.says(turn["says"], who, channel=channel, command="command" in turn)
    assert who in talk.last, f"{who} has no reply yet to press or choose on"
    if "chooses" in turn:
        forms = [block.submit for block in talk.last[who].blocks if isinstance(block, Form)]
        assert turn.get("presses") in {None, *forms}
        return await talk.chooses(turn["chooses"], who, channel=channel)
    labels = [button.label for button in buttons(talk.last[who])]
    assert turn["presses"] in labels, f"there is no button “{turn['presses']}”, only {labels}"
    return await talk.presses(turn["presses"], who, channel=channel)


def _faults(document: Document) -> Iterator[Fault]:
    if not isinstance(document.data, dict):
        yield document.fault("A file of dialogs is no list: each conversation stands under its name, like `a cell:`.")
        return
    for name, dialog in document.data.items():
        if not isinstance(dialog, dict) or not isinstance(dialog.get("turns"), list) or not dialog["turns"]:
            yield document.fault(f"“{name}” needs `turns:`, and under it a list that begins with `- says:`.", name)
            continue
        yield from _unknown(document, dialog, _DIALOG, "a conversation", name)
        if dialog.get("framework", "shipped") not in FRAMEWORKS:
            yield document.fault(f"`framework` is one of {_list(FRAMEWORKS)}.", name, "framework")
        for number, turn in enumerate(dialog["turns"]):
            yield from _turn_faults(document, turn, name, number)


def _turn_faults(document: Document, turn: Any, name: str, number: int) -> Iterator[Fault]:
    place = (name, "turns", number)
    if not isinstance(turn, dict):
        yield document.fault("A turn begins with `- says:`, and then the words.", *place)
        return
    yield from _unknown(document, turn, _TURN, "a turn", *place)
    does = turn.keys() & set(_DOES)
    if not does or {"says"} < does or {"receives"} < does:
        yield document.fault(
            "A turn either says something, or presses or chooses something, or receives a nudge.", *place
        )
    for key, value in turn.items():
        if key in _LISTS and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            yield document.fault(f"`{key}` is a list of texts: [one, another]; quote a text with a colon.", *place, key)
        if key in _WORDS and not isinstance(value, str):
            yield document.fault(f"`{key}` is one text.", *place, key)
        elif key in _ONE_OF and value not in _ONE_OF[key]:
            yield document.fault(f"`{key}` can be {_list(_ONE_OF[key])}.", *place, key)
    if "chooses" in turn and not isinstance(turn["chooses"], dict):
        yield document.fault("`chooses` is like {Role: ML Engineer}.", *place, "chooses")
    if "meanwhile" in turn and not isinstance(turn["meanwhile"], dict):
        yield document.fault("`meanwhile` is like {a clause's id: its new words}.", *place, "meanwhile")
    if not str(turn.get("waits", "0")).isdecimal():
        yield document.fault("`waits` is a number of minutes.", *place, "waits")


def _unknown(
    document: Document, found: dict[str, Any], known: set[str], where: str, *place: str | int
) -> Iterator[Fault]:
    for key in found.keys() - known:
        yield document.fault(f"`{key}` is not known in {where}; there are {_list(known)}.", *place, key)


def _list(words: Any) -> str:
    return ", ".join(f"`{word}`" for word in sorted(words))
