"""What a pressed button, menu or form asks: read back from the data its action carried."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from bot.press import Press
from bot.teams.elements import DATA
from bot.text import clean
from handlers.intent import fill, unpack


class Misfit(ValueError):  # noqa: N818
    """Something in a form does not fit its field; `most` is how many characters a text may have that has more."""

    def __init__(self, most: int | None) -> None:
        super().__init__("an entry does not fit")
        self.most = most


def read_press(data: Any) -> Press | None:
    """The press in an action's data, or None when the data is not ours.

    Misfit when only what was written does not fit, ValueError when nothing can be understood.
    """
    if not isinstance(data, dict) or DATA not in data:
        return None
    try:
        ask = data[DATA]
        asker = str(ask.get("for", ""))
        if isinstance(picked := ask.get("pick"), str):
            # Many buttons folded into a picker: the choice is the number of the button.
            number = int(data[picked])
            ask = ask["asks"][max(number, 0)]
        intent = unpack(ask["intent"])
        written = [(field, _written(data[name])) for name, field in ask.get("fill", {}).items() if data.get(name)]
        given = [(field, text) for field, text in written if text]
        share = ask.get("share") is True
    except (AttributeError, LookupError, OverflowError, RecursionError, TypeError) as error:
        raise ValueError("not an action of ours") from error
    try:
        return Press(fill(intent, given) if given else intent, share, asker)
    except ValidationError as error:
        limits = [fault["ctx"]["max_length"] for fault in error.errors() if fault["type"] == "string_too_long"]
        raise Misfit(min(limits, default=None)) from error


def _written(value: str) -> str:
    """What stands in an input, without what cannot be seen. TypeError when it is no text."""
    if not isinstance(value, str):
        raise TypeError
    return clean(value.replace("\r\n", "\n").replace("\r", "\n")).strip()
