"""What buttons, menus and forms carry, and reading it back.

A button's value holds the whole intent. A menu's options have room for the chosen value only, so its template
travels in the action id. A form's submit button holds the template and the form's number; what was chosen
stands in the state of the message.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.press import Press
from bot.slack import limits
from handlers.intent import Intent, fill, pack, unpack


def button_id(number: int) -> str:
    """The action id of a button; the number is unique in its reply."""
    return f"do:{number}"


def button_value(intent: Intent, *, share: bool = False, form: int | None = None) -> str:
    """A button's value."""
    extras = (',"share":true' if share else "") + ("" if form is None else f',"form":{form}')
    return f'{{"ask":{pack(intent)}{extras}}}'


def menu_id(number: int, field: str, intent: Intent) -> str | None:
    """The action id of a menu that fills `field` of `intent`, or None when the intent is too long for one."""
    action_id = f"pick:{number}:{field}:{pack(intent)}"
    return action_id if len(action_id) <= limits.ACTION_ID else None


def chosen_id(number: int) -> str:
    """The action id of a form's picker."""
    return f"chosen:{number}"


def is_choice(action: Mapping[str, Any]) -> bool:
    """Whether an action only chooses something in a form, which is read when the form is sent."""
    return str(action["action_id"]).startswith("chosen:")


def picker_id(form: int, number: int, field: str, iteration: int) -> str:
    """The block id of a form's picker. Slack keeps what was chosen by block id, so a changed form needs new ones."""
    return f"form:{form}:{number}:{field}:{iteration:x}"


def read_press(action: Mapping[str, Any], state: Mapping[str, Any]) -> Press:
    """What an action of a block_actions payload asks. ValueError when it carries nothing that can be understood."""
    try:
        if action["action_id"].startswith("pick:"):
            _, _, field, template = action["action_id"].split(":", 3)
            return Press(fill(unpack(template), [(field, action["selected_option"]["value"])]))
        carried = json.loads(action["value"])
        intent = unpack(carried["ask"])
        if "form" in carried:
            intent = fill(intent, _chosen(state, int(carried["form"])))
        return Press(intent, share=carried.get("share") is True)
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError) as error:
        raise ValueError("not an action of ours") from error


def _chosen(state: Mapping[str, Any], form: int) -> Iterator[tuple[str, str]]:
    """The fields of a form in which something was chosen, with their values, in the order of its pickers."""
    for block_id, elements in state["values"].items():
        match block_id.split(":"):
            case ["form", number, _, field, _] if number == str(form):
                for element in elements.values():
                    if option := element.get("selected_option"):
                        yield field, option["value"]
