"""What buttons, menus and forms carry, and reading it back.

A button's value holds the whole intent. A menu's options have room for the chosen value only, so its template
travels in the action id. A form's submit button holds the template and the form's number; what was chosen or
written stands in the state of the message or the window.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bot.press import Press
from bot.slack import limits
from bot.text import clean, dump
from handlers.intent import Intent, fill, pack, unpack
from handlers.reply import Entry, Form


def button_id(number: int) -> str:
    """The action id of a button; the number is unique in its reply."""
    return f"do:{number}"


def button_value(intent: Intent, *, share: bool = False) -> str:
    """A button's value."""
    shared = ',"share":true' if share else ""
    return f'{{"ask":{pack(intent)}{shared}}}'


def form_value(form: Form, number: int) -> str:
    """What the button carries that sends the form of this number."""
    return dump({"ask": template(form), "form": number})


def template(form: Form) -> dict[str, Any]:
    """The packed intent of a form without what is written into it, which may be long."""
    written = {field.field for field in form.fields if isinstance(field, Entry)}
    return {name: value for name, value in json.loads(pack(form.intent)).items() if name not in written}


def menu_id(number: int, field: str, intent: Intent) -> str | None:
    """The action id of a menu that fills `field` of `intent`, or None when the intent is too long for one."""
    action_id = f"pick:{number}:{field}:{pack(intent)}"
    return action_id if len(action_id) <= limits.ACTION_ID else None


def chosen_id(number: int) -> str:
    """The action id of a form's field."""
    return f"chosen:{number}"


def is_choice(action: Mapping[str, Any]) -> bool:
    """Whether an action only chooses something in a form, which is read when the form is sent."""
    return str(action["action_id"]).startswith("chosen:")


def picker_id(form: int, number: int, field: str, iteration: int) -> str:
    """The block id of a form's field. Slack keeps what is filled in by block id, so a changed form needs new ones."""
    return f"form:{form}:{number}:{field}:{iteration:x}"


def read_press(action: Mapping[str, Any], state: Mapping[str, Any]) -> Press:
    """What an action of a block_actions payload asks. ValueError when it carries nothing that can be understood."""
    try:
        if action["action_id"].startswith("pick:"):
            _, _, field, template = action["action_id"].split(":", 3)
            return Press(fill(unpack(template), [(field, action["selected_option"]["value"])]))
        carried = json.loads(action["value"])
        if "form" in carried:
            return Press(read_form(carried["ask"], state, int(carried["form"])))
        return Press(unpack(carried["ask"]), share=carried.get("share") is True)
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError) as error:
        raise ValueError("not an action of ours") from error


def read_form(template: Mapping[str, Any], state: Mapping[str, Any], form: int) -> Intent:
    """The intent of a sent form. ValueError, or what a malformed template or state provokes, when it is none."""
    written: dict[str, str] = {}
    chosen: list[tuple[str, str]] = []
    for field, element in _filled(state, form):
        match element:
            case {"selected_option": {"value": str(value)}}:
                chosen.append((field, value))
            case {"value": str(value)} | {"selected_date": str(value)} | {"selected_conversation": str(value)}:
                written[field] = clean(value).strip()
    return fill(unpack({**template, **written}), chosen)


def _filled(state: Mapping[str, Any], form: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The fields of a form and what became of their elements, in their order."""
    for block_id, elements in state["values"].items():
        match block_id.split(":"):
            case ["form", number, _, field, _] if number == str(form):
                yield from ((field, element) for element in elements.values())
