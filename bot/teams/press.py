"""What a pressed button, menu or form asks: read back from the data its action carried."""

from __future__ import annotations

from typing import Any

from bot.press import Press
from bot.teams.elements import DATA
from handlers.intent import fill, unpack


def read_press(data: Any) -> Press | None:
    """The press in an action's data, or None when the data is not ours. ValueError when it cannot be understood."""
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
        chosen = [(field, data[name]) for name, field in ask.get("fill", {}).items() if data.get(name)]
        return Press(fill(intent, chosen) if chosen else intent, ask.get("share") is True, asker)
    except (AttributeError, LookupError, OverflowError, RecursionError, TypeError) as error:
        raise ValueError("not an action of ours") from error
